"""How well entities fit whose journeys go on after each deviation."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.logs import BEGINNING, Told, parcel, written
from choreography_insights.analysis.alignments import Aligner, Alignment, Move
from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.cli.main import main
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.trace.scopes import Scopes
from replay.test_names import NAMED, Short, happened
from support.definitions import workflow_of
from support.exploring import times

HEAD = "choreography: c\nsource: s\nstart: S\nunexpected: fail\ncapture: all\nearly: 2s\nstates:\n"
FOUR = f"""{HEAD}\
  A: {{await: {{a: B}}}}
  B: {{await: {{b: C}}}}
  C: {{await: {{c: D}}}}
  D: {{await: {{d: End}}}}
  End: succeed
"""
TOGETHER = f"""{HEAD}\
  P:
    parallel:
      one: {{states: {{A: {{await: {{a: B}}}}, B: {{await: {{b: E}}}}, E: succeed}}}}
      two: {{states: {{C: {{await: {{c: F}}}}, F: succeed}}}}
    next: Q
  Q: {{all: {{x: x, y: y, z: z}}, next: R}}
  R: {{await: {{d: End}}}}
  End: succeed
"""


def aligned(text: str, names: str, most: int = 200) -> Alignment:
    """Align S and then the events *names*, far from one another."""
    workflow = parcel(text)
    events = [
        Event(f"{at}", name, "1", BEGINNING + 100 * at, BEGINNING + 100 * at, {"at": at}, at, "s")
        for at, name in enumerate(f"S{names}")
    ]
    return Aligner(Automaton.of_recorded(workflow), Scopes.of(workflow), most).alignment(events, events[-1].time)


@pytest.mark.parametrize(
    ("names", "used", "moves"),
    [
        ("abcd", 5, []),
        ("bcd", 4, [Move("skipped", "A", to="B")]),
        ("d", 1, [Move("left out", "A", "d")]),
        ("aabcd", 5, [Move("left out", "B", "a")]),
        ("cabcd", 5, [Move("left out", "A", "c")]),
        ("cd", 3, [Move("skipped", "A", to="C")]),
        ("acxd", 4, [Move("skipped", "B", to="C"), Move("left out", "D", "x")]),
        ("abcdx", 5, [Move("left out", "", "x")]),
        ("abScd", 5, [Move("left out", "C", "S")]),
    ],
)
def test_one_slip_hides_nothing_that_comes_after_it(names: str, used: int, moves: list[Move]) -> None:
    found = aligned(FOUR, names)
    assert (found.used, list(found.moves)) == (used, moves)


def test_fitness_is_the_share_of_moves_that_are_of_both() -> None:
    assert aligned(FOUR, "abcd").fitness == 1
    assert aligned(FOUR, "cd").fitness == 3 / 5
    assert aligned(FOUR, "aabcd").fitness == 5 / 6


@pytest.mark.parametrize(
    ("names", "cost"),
    [("abcxyzd", 0), ("bcxyzd", 1), ("abcxyd", 1), ("abcd", 1), ("abxyzd", 1), ("acxyzd", 1), ("cxyzd", 1)],
)
def test_lines_and_parts_are_skipped_too(names: str, cost: int) -> None:
    assert aligned(TOGETHER, names).cost == cost


def test_a_start_that_was_published_again_costs_nothing() -> None:
    workflow = parcel(FOUR)
    events = [
        Event(f"{at}", name, "1", BEGINNING + at, BEGINNING + at, {}, at, "s")
        for at, name in [(0, "S"), (50, "S"), (90, "a")]
    ]
    found = Aligner(Automaton.of_recorded(workflow), Scopes.of(workflow)).alignment(events, events[-1].time)
    assert (found.used, found.cost) == (3, 0)


def test_where_too_much_is_to_be_tried_the_rest_is_left_out() -> None:
    assert aligned(FOUR, "cbcbcbcbcbcb", most=1).cost >= aligned(FOUR, "cbcbcbcbcbcb").cost
    assert aligned(FOUR, "bcd", most=0) == Alignment(1, 3, tuple(Move("left out", "A", name) for name in "bcd"))


Ways = dict[str, dict[str, str]]


@st.composite
def choreographies(draw: st.DrawFn) -> Ways:
    """Draw waiting states, each of which leads on to the next, and perhaps elsewhere."""
    states = "ABCD"[: draw(st.integers(2, 4))]
    found: Ways = {}
    for position, state in enumerate(states):
        following = states[position + 1] if position + 1 < len(states) else "End"
        events = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
        targets = [following, *(draw(st.sampled_from([*states, "End"])) for _ in events[1:])]
        found[state] = dict(zip(events, targets, strict=True))
    return found


def least_cost(ways: Ways, names: str) -> int:
    """Return what going on costs at least, by trying everything: each event that is accepted is used."""

    @cache
    def behind(state: str) -> tuple[tuple[str, int], ...]:
        found, open_ = {state: 0}, [state]
        for here in open_:
            for following in ways.get(here, {}).values():
                if following not in found:
                    found[following] = found[here] + 1
                    open_.append(following)
        return tuple(found.items())

    @cache
    def cost(position: int, state: str) -> int:
        if position == len(names):
            return 0
        name = names[position]
        if name in ways.get(state, {}):
            return cost(position + 1, ways[state][name])
        skipped = [
            far + cost(position + 1, ways[other][name])
            for other, far in behind(state)
            if far and name in ways.get(other, {})
        ]
        return min([1 + cost(position + 1, state), *skipped])

    return cost(0, "A")


@settings(max_examples=times(60), deadline=None)
@given(choreographies(), st.text("abcx", max_size=7))
def test_what_is_left_out_and_skipped_is_the_least_that_can_be(ways: Ways, names: str) -> None:
    states = "".join(f"  {state}: {{await: {json.dumps(leads)}}}\n" for state, leads in ways.items())
    found = aligned(f"{HEAD}{states}  End: succeed\n", names, most=5_000)
    assert found.cost == least_cost(ways, names)
    assert found.used == 1 + len(names) - found.left_out


@st.composite
def under_names(draw: st.DrawFn) -> list[Short]:
    """Draw events of two entities, some of which teach names, and some of which come under one."""
    found: list[Short] = []
    at = 0
    for _ in range(draw(st.integers(1, 8))):
        at += draw(st.sampled_from([0, 10, 50, 100]))
        detail = {"t": draw(st.sampled_from("TU")), "next": draw(st.sampled_from("TUV"))}
        found.append((float(at), draw(st.sampled_from("Sabc")), draw(st.sampled_from("12")), detail))
    return found


@settings(max_examples=times(100), deadline=None)
@given(under_names())
def test_of_entities_with_other_names_those_and_only_those_cost_something_that_do_not_fit(series: list[Short]) -> None:
    states = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "C"}}, "C": {"await": {"c": "Done"}}, "Done": "succeed"}
    scopes = Scopes.of(workflow_of(states, start="S"))
    recorded, found = Recorded(NAMED.early), Conformance(NAMED, scopes)
    replay = Replay(NAMED, found.take)
    for event in happened(*series):
        recorded.take(event)
        replay.take(event)
    replay.finish()
    aligner = Aligner(NAMED, scopes)
    for entity in found.entities:
        cost = aligner.alignment(recorded.of(entity), recorded.last).cost + len(recorded.taken(entity))
        assert bool(cost) == (entity in found.unfit), entity


def test_the_table_says_what_was_left_out_and_skipped_and_who_fits_least(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    events: list[Told] = [
        *((0, "Handed In", entity) for entity in "1234"),
        (100, "Delivered", "1"),
        (100, "Opened", "2"),
        (200, "Opened", "2"),
        (300, "Delivered", "2"),
        (100, "Handed Out", "3"),
        (500, "Delivered", "5"),
    ]
    written(tmp_path, events)
    assert main(["replay", ".", "events.jsonl", "--alignments"]) == 1
    assert capsys.readouterr().out.startswith(
        """\
fitness  0.633 on average; 2 of 5 entities fit as they are

times  entities  what      event      where
    2         1  left out  Opened     in OnTheWay
    1         1  left out  Delivered  with no journey
    1         1  skipped   -          from OnTheWay to Back

entity  fitness  used  left out  skipped
5         0.000     0         1        0
2         0.500     2         2        0
3         0.667     2         0        1

events  """
    )
    assert main(["replay", ".", "events.jsonl", "--alignments", "--format", "json", "--most", "1"]) == 1
    first, _ = map(json.loads, capsys.readouterr().out.splitlines())
    found = first["alignments"]
    assert (found["entities"], found["fitting"]) == (5, 2)
    assert found["fitness"] == pytest.approx((1 + 1 + 1 / 2 + 2 / 3 + 0) / 5)
    assert found["told"] == [
        {
            "entityId": "5",
            "fitness": 0.0,
            "used": 0,
            "cost": 1,
            "moves": [{"what": "left out", "event": "Delivered", "state": None, "to": None}],
        }
    ]
