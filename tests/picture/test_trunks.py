"""Arrows that lead far to one box join on the way to it."""

import re
from typing import Any

import pytest

from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.views.layout import Layout, Line, carriers
from choreography_insights.views.picture import TIMEOUT, Arrow
from choreography_insights.views.svg import svg
from support.definitions import workflow_of


def states(count: int, **last: Any) -> dict[str, Any]:
    """Return *count* states in a row, each with ways to two common ends, and one back to the first."""
    row: dict[str, Any] = {}
    for number in range(count):
        events = {"Done": f"S{number + 1}", "Canceled": "Canceled", "Reworked": "S0"}
        row[f"S{number}"] = {"await": events, "timeout": {"after": "1d", "next": "Lapsed"}}
    return {**row, f"S{count}": "succeed", "Canceled": "succeed", "Lapsed": "fail", **last}


def laid_out(count: int) -> Layout:
    return layout(picture_of(workflow_of(states(count))))


def heads(placed: Layout, target: str) -> list[Line]:
    """Return the lines with a head that arrows to *target* end in."""
    those = carriers(placed.lines, lambda arrow: arrow.target == target)
    return [line for position, line in enumerate(placed.lines) if position in those and line.has_head]


@pytest.mark.parametrize(("target", "heads_of_its_own"), [("Canceled", 0), ("Lapsed", 0), ("S0", 3)])
def test_ways_from_many_states_arrive_as_one(target: str, heads_of_its_own: int) -> None:
    """Back to S0 there are short ways too: from itself, and from the state below it; and that of the start."""
    assert len(heads(laid_out(12), target)) == heads_of_its_own + 1


def test_many_ways_from_beside_one_another_arrive_as_one() -> None:
    row = {f"S{number}": {"await": {f"E{number}": "End"}} for number in range(5)}
    hub = {"await": {f"To{number}": f"S{number}" for number in range(5)}}
    assert len(heads(layout(picture_of(workflow_of({"Hub": hub, **row, "End": "succeed"}))), "End")) == 1


def test_a_timeout_is_an_arrow_of_its_own_where_an_event_leads_to_the_same_state() -> None:
    both = {"await": {"Done": "End"}, "timeout": {"after": "1d", "next": "End"}}
    picture = picture_of(workflow_of({"A": both, "End": "succeed"}))
    assert [[label.event for label in arrow.labels] for arrow in picture.arrows] == [["Begun"], ["Done"], [TIMEOUT]]
    assert svg(layout(picture), "it").count('class="line timeout"') == 2


@pytest.mark.parametrize("target", ["Canceled", "Lapsed"])
def test_a_trunk_stands_straight_but_for_its_end(target: str) -> None:
    placed = laid_out(12)
    those = carriers(placed.lines, lambda arrow: arrow.target == target)
    pieces = [placed.lines[position] for position in sorted(those) if placed.lines[position].arrow is None]
    assert len(pieces) == 11
    assert len({x for piece in pieces[:-2] for x, _ in piece.points}) == 1


@pytest.mark.parametrize("target", ["Canceled", "Lapsed", "S0"])
def test_a_stroke_ends_where_it_meets_the_trunk(target: str) -> None:
    placed = laid_out(12)
    joining = [line for line in placed.lines if line.arrow and line.arrow.target == target and line.into is not None]
    beside = [line for line in joining if line.points[-2][0] == line.points[-1][0]]
    assert len(joining) == (10 if target == "S0" else 12)
    assert len(beside) == 1  # the farthest, with which the trunk begins


def test_an_arrow_is_its_own_strokes_and_the_pieces_from_where_it_joins() -> None:
    placed = laid_out(12)

    def pieces(number: int, target: str) -> int:
        def of(arrow: Arrow) -> bool:
            return (arrow.origin, arrow.target) == (f"S{number}", target)

        return sum(placed.lines[position].arrow is None for position in carriers(placed.lines, of))

    assert [pieces(number, "Canceled") for number in range(12)] == [11, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [pieces(number, "S0") for number in range(12)] == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


def test_a_trunk_is_dashed_as_long_as_timeouts_alone_take_it() -> None:
    def dashed(**last: Any) -> int:
        return len(re.findall('class="line timeout"', svg(layout(picture_of(workflow_of(states(12, **last)))), "it")))

    withdrawn = {"await": {"Done": "S5", "Withdrawn": "Lapsed"}}
    all_dashed, some_dashed = dashed(), dashed(S4=withdrawn)
    assert all_dashed == 2 * 12 + 11
    # S4's own two strokes are solid, and so are the pieces from where it joins.
    assert some_dashed == all_dashed - 2 - 8


def test_a_long_choreography_stays_narrow_and_its_states_one_above_the_other() -> None:
    placed = laid_out(200)
    assert placed.width < 600
    assert (
        len({round(place.middle[0]) for box, place in placed.boxes if box.name in {f"S{i}" for i in range(200)}}) == 1
    )


def test_places_grow_with_the_states_and_not_with_their_square() -> None:
    few, many = (sum(len(line.points) for line in laid_out(count).lines) for count in (100, 200))
    assert many < 2.1 * few
