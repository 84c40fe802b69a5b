"""Which events are held back to settle, and which are not. `tests/correlation/test_contests.py` tries every order."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from choreography_insights.compile import event_classes as kinds
from choreography_insights.compile.ordering import OWN_KIND, Contests, contests
from choreography_insights.model import patterns
from choreography_insights.model.workflow import spread
from support.definitions import EXAMPLES, read, workflow_of


def contested(**states: Any) -> Contests:
    """What contests what in a choreography of *states*; those that are mentioned only are ends."""
    ends = {name: "succeed" for name in ("Done", "Other") if json.dumps(name) in json.dumps(states)}
    return contests(workflow_of({**states, **ends}))


def test_of_the_examples_only_the_loops_of_the_car_and_what_cancels_an_order_are_contested() -> None:
    found = {read(folder).name.text: contests(read(folder)) for folder in EXAMPLES}
    assert found == {
        "order": {
            "WaitForConfirmation": [()],
            "WaitForServiceProviderAccept": [(), ()],
            "WaitForServiceProviderDelivery": [(), ()],
            "WaitForCanceled": [()],
        },
        "car-dealer": {
            "Announced": [(), ()],
            "InPreparation": [(), (), ()],
            "ReadyForSale": [()],
            "OnSale": [(1,), (0,)],  # unpublished and reserved can each come after the other
            "Reserved": [(), (0,)],  # sold can come after unreserved, but nothing after sold
            "Sold": [(), ()],
        },
        "ingest": {"WaitForJob": [(), ()], "WaitForResult": [()]},
        "shop-order": {
            "Unpaid": [(), (0,)],  # an order that was paid can be canceled, and nothing comes after that
            "Paid": [(), ()],
            "Refunding": [()],
        },
    }


def test_in_branches_what_can_still_come_is_looked_for_on_all_ways_out_of_them() -> None:
    states = {
        "Both": {
            "parallel": {
                "One": {
                    "states": {
                        "A": {"await": {"E": "AEnd", "F": "AFail", "G": "AEnd"}},
                        "AEnd": "succeed",
                        "AFail": "fail",
                    }
                },
                "Two": {"states": {"B": {"await": {"H": "B", "I": "BEnd"}}, "BEnd": "succeed"}},
            },
            "next": "After",
            "timeout": {"after": "1d", "next": "Late"},
        },
        "After": {"await": {"E": "Done"}},
        "Late": {"await": {"F": "Done"}},
        "Done": "succeed",
    }
    # E can come again in After, once G or E has ended the branch; F in Late, for a timeout may come at any time. F ends
    # the other branch too.
    assert contests(workflow_of(states)) == {
        "A": [(2,), (0, 1, 2), ()],
        "B": [(), (0,)],
        "After": [()],
        "Late": [()],
    }


# ---- two events of one kind --------


def test_two_events_of_one_name_need_no_order_where_nothing_tells_them_apart() -> None:
    found = contested(A={"await": {"v": "B"}}, B={"await": {"v": "C"}}, C={"await": {"v": "Done", "w": "Done"}})
    assert found == {"A": [()], "B": [()], "C": [(), ()]}


def test_two_events_of_one_name_must_keep_their_order_if_their_detail_tells_them_apart_later() -> None:
    told_apart = [{"when": {"k": [1]}, "next": "Done"}, {"otherwise": "Other"}]
    assert contested(A={"await": {"v": "B"}}, B={"await": {"v": told_apart}}) == {"A": [(0,)], "B": [(), ()]}


def test_entries_below_one_that_memory_may_close_tell_events_apart_too() -> None:
    entries = [
        {"remembered": {"m": [1]}, "next": "Done"},
        {"when": {"k": [1]}, "next": "Done"},
        {"otherwise": "Other"},
    ]
    found = contested(
        A={"await": {"s": [{"remember": {"m": "detail.m"}, "next": "B"}]}},
        B={"await": {"v": "C"}},
        C={"await": {"v": entries}},
    )
    assert found == {"A": [()], "B": [(0,)], "C": [(), (), ()]}


def test_two_events_of_one_name_must_keep_their_order_if_one_is_held_for_another_later() -> None:
    found = contested(A={"await": {"v": "B"}}, B={"await": {"v": "Other", "w": "C"}}, C={"await": {"v": "Done"}})
    assert found == {"A": [(0,)], "B": [(1,), ()], "C": [()]}


def test_an_event_that_must_keep_its_order_must_keep_it_in_every_state_before() -> None:
    told_apart = [{"when": {"k": [1]}, "next": "C"}, {"when": {"k": [2]}, "next": "Done"}]
    found = contested(
        A={"await": {"v": [{"when": {"k": [1]}, "next": "B"}]}},
        B={"await": {"v": "C"}},
        C={"await": {"v": told_apart}},
    )
    # Of those with 1 none is told from another, but in B they must keep their order with those with 2.
    assert found["A"] == [(0,)]


REMEMBERED = {"remember": {"m": "detail.m"}}
LINES = {
    "items": "$.detail.items",
    "item": "$.detail.item",
    "states": {"I": {"await": {"i": "IEnd"}}, "IEnd": "succeed"},
}


@pytest.mark.parametrize(
    ("keeps", "looks"),
    [
        ({}, {"choose": [{"when": {"m": [1]}, "next": "B"}, {"otherwise": "B"}]}),
        ({}, {"wait": {"until": "$.detail.m"}, "next": "B"}),
        ({}, {"each": LINES, "next": "B"}),
        (REMEMBERED, {"choose": [{"remembered": {"m": [1]}, "next": "B"}, {"otherwise": "B"}]}),
        (REMEMBERED, {"wait": {"until": "$.remembered.m"}, "next": "B"}),
        (REMEMBERED, {"each": {**LINES, "items": "$.remembered.m"}, "next": "B"}),
        (REMEMBERED, {"await": {"w": [{"remembered": {"m": [1]}, "next": "B"}, {"otherwise": "B"}]}}),
    ],
    ids=" ".join,
)
def test_two_events_of_one_name_must_keep_their_order_if_something_looks_at_what_was_in_them(
    keeps: dict[str, Any], looks: dict[str, Any]
) -> None:
    found = contested(A={"await": {"v": [{**keeps, "next": "R"}]}}, R=looks, B={"await": {"v": "Done"}})
    assert (found["A"], found["B"]) == ([(0,)], [()])


@pytest.mark.parametrize(
    ("keeps", "looks_not"),
    [
        (REMEMBERED, {"pass": "B"}),
        (REMEMBERED, {"choose": [{"remembered": {"n": [1]}, "next": "B"}, {"otherwise": "B"}]}),
        ({}, {"wait": "5s", "next": "B"}),
        ({}, {"choose": [{"remembered": {"n": [1]}, "next": "B"}, {"otherwise": "B"}]}),
        ({}, {"await": {"w": [{"when": {"m": [1]}, "next": "B"}, {"otherwise": "B"}]}}),
    ],
    ids=" ".join,
)
def test_two_events_of_one_name_need_no_order_if_nothing_looks_at_what_was_in_them(
    keeps: dict[str, Any], looks_not: dict[str, Any]
) -> None:
    found = contested(
        A={"await": {"v": [{**keeps, "next": "R"}]}},
        R=looks_not,
        B={"await": {"v": [{"remember": {"n": "detail.n"}, "next": "Done"}]}},
    )
    assert (found["A"], found["B"]) == ([()], [()])


def test_the_newest_event_is_still_looked_at_after_events_in_any_order_and_after_a_timeout() -> None:
    looks = {"choose": [{"when": {"m": [1]}, "next": "B"}, {"otherwise": "B"}]}
    for between in (
        {"all": {"x": "x", "y": "y"}, "next": "R"},
        {"await": {"x": "B"}, "timeout": {"after": "5m", "next": "R"}},
    ):
        found = contested(A={"await": {"v": "P"}}, P=between, R=looks, B={"await": {"v": "Done"}})
        assert found["A"] == [(0,)], between


def test_the_newest_event_is_looked_at_inside_of_branches_too() -> None:
    looks = {"C": {"choose": [{"when": {"m": [1]}, "next": "D"}, {"otherwise": "D"}]}, "D": {"await": {"x": "CEnd"}}}
    branches = {"L": {"states": {**looks, "CEnd": "succeed"}}}
    found = contested(A={"await": {"v": "P"}}, P={"parallel": branches, "next": "B"}, B={"await": {"v": "Done"}})
    assert found["A"] == [(0,)]


def test_what_a_branch_remembers_makes_no_difference_behind_it() -> None:
    inside = {"I": {"await": {"v": [{**REMEMBERED, "next": "J"}]}}, "J": {"await": {"v": "JEnd"}}, "JEnd": "succeed"}
    looks = {"choose": [{"remembered": {"m": [1]}, "next": "Done"}, {"otherwise": "Other"}]}
    found = contested(P={"parallel": {"L": {"states": inside}}, "next": "R"}, R=looks)
    assert found == {"I": [()], "J": [()]}


def test_two_events_of_one_name_must_keep_their_order_if_what_a_branch_remembers_of_them_is_handed_out() -> None:
    inside = {"I": {"await": {"v": [{**REMEMBERED, "next": "J"}]}}, "J": {"await": {"v": "JEnd"}}, "JEnd": "succeed"}
    group = {"parallel": {"L": {"states": inside}}, "next": "R"}
    looks = {"choose": [{"remembered": {"found": [True]}, "next": "Done"}, {"otherwise": "Other"}]}
    found = contested(P={**group, "remember": {"found": {"any": "m"}}}, R=looks)
    assert found == {"I": [(0, OWN_KIND)], "J": [()]}


def test_an_event_that_ends_the_journey_badly_with_what_is_in_it_must_keep_its_order() -> None:
    broken = {"fail": {"error": "$.detail.code"}}
    assert contested(A={"await": {"v": "B"}}, B={"await": {"v": "F"}}, F=broken) == {"A": [(0,)], "B": [()]}


# ---- events of which it makes no difference which is first --------


def test_events_that_lead_to_the_same_state_again_and_again_are_not_held_but_the_one_that_ends_it_is() -> None:
    assert contested(A={"await": {"u": "A", "v": "A", "q": "Done"}}) == {"A": [(), (), (0, 1)]}


def test_entries_for_one_event_are_as_good_as_each_other_if_they_lead_to_the_same_state() -> None:
    entries = [{"when": {"k": [1]}, "next": "A"}, {"when": {"k": [2]}, "next": "A"}]
    assert contested(A={"await": {"v": entries, "q": "Done"}}) == {"A": [(), (), (0, 1)]}


def test_what_the_entries_before_it_take_is_left_out_of_an_entry() -> None:
    entries = [{"when": {"k": [1]}, "next": "Done"}, {"otherwise": "A"}]
    assert contested(A={"await": {"v": entries}}) == {"A": [(1,), ()]}


def test_events_that_fare_alike_later_do_not_contest_each_other_and_others_do() -> None:
    first = {"await": {"u": "B", "v": "B"}}
    assert contested(A=first, B={"await": {"u": "Done", "v": "Done", "q": "Other"}})["A"] == [(), ()]
    assert contested(A=first, B={"await": {"u": "Done", "v": "Other"}})["A"] == [(1,), (0,)]


def test_events_in_any_order_do_not_stand_in_for_each_other() -> None:
    found = contested(A={"await": {"u": "P", "v": "P"}}, P={"all": {"x": "u", "y": "v"}, "next": "Done"})
    assert found["A"] == [(1,), (0,)]


def test_entries_of_which_memory_opens_only_one_do_not_contest_each_other() -> None:
    found = contested(
        A={"await": {"s": [{"remember": {"m": "detail.m"}, "next": "B"}]}},
        B={
            "await": {
                "u": [{"remembered": {"m": [1]}, "next": "C"}],
                "v": [{"remembered": {"m": [2]}, "next": "B"}],
                "w": "Done",
            }
        },
        C={"await": {"v": "Done"}},
    )
    assert found["B"] == [(), (), (1,)]


def test_an_event_that_is_held_since_another_in_its_place_would_be_is_held_in_every_state_before() -> None:
    found = contested(
        X={"await": {"u": "H"}},
        H={"await": {"u": "G", "v": [{"when": {"k": [1]}, "next": "G"}]}},
        G={"await": {"u": "Done", "v": "Done", "q": "O"}},
        O={"await": {"v": [{"when": {"k": [2]}, "next": "Other"}]}},
    )
    assert found == {"X": [(0,)], "H": [(1,), (0,)], "G": [(), (2,), ()], "O": [()]}


# ---- events of the items of an `each` --------


def items(states: dict[str, Any], item: str = "$.detail.item") -> dict[str, Any]:
    """What an `each` says in which the lines have *states*, and an end, and events carry the key at *item*."""
    return {"items": "$.remembered.items", "item": item, "states": {**states, f"{next(iter(states))}End": "succeed"}}


BEGUN = {"Begun": {"remember": {"items": "detail.items"}}}


def contested_among_items(states: dict[str, Any], **settings: Any) -> Contests:
    """What contests what in a choreography whose start event has the items."""
    return contests(workflow_of({**states, "Done": "succeed"}, start=BEGUN, **settings))


def test_two_events_of_one_name_must_keep_their_order_if_they_may_be_about_different_items_later() -> None:
    each = {"each": items({"I": {"await": {"v": "IEnd"}}}), "next": "Done"}
    found = contested_among_items({"A": {"await": {"v": "E"}}, "E": each})
    assert found == {"A": [(0,)], "I": [()]}


def test_two_events_of_one_name_need_no_order_while_they_are_about_one_item() -> None:
    again = items({"I": {"await": {"v": "J"}}, "J": {"await": {"v": "IEnd"}}})
    more = items({"K": {"await": {"v": "KEnd"}}})
    found = contested_among_items({"E": {"each": again, "next": "F"}, "F": {"each": more, "next": "Done"}})
    assert found == {"I": [()], "J": [()], "K": [()]}


def test_two_events_about_one_item_must_keep_their_order_if_they_may_be_about_different_ones_by_another_key() -> None:
    by_place = {"each": items({"K": {"await": {"v": "KEnd"}}}, item="$.detail.place"), "next": "Done"}
    found = contested_among_items({"E": {"each": items({"I": {"await": {"v": "IEnd"}}}), "next": "F"}, "F": by_place})
    assert found == {"I": [(0, OWN_KIND)], "K": [()]}


def test_the_keys_of_all_items_around_a_state_count() -> None:
    within = items({"K": {"await": {"v": "KEnd"}}}, item="$.detail.part")
    outer = {
        "I": {"await": {"v": "F"}},
        "F": {"each": within, "next": "IEnd"},
    }
    found = contested_among_items({"E": {"each": items(outer), "next": "Done"}})
    assert found["I"] == [(0,)]  # two events about one item may be about different parts of it


def test_the_key_is_where_the_event_itself_has_it() -> None:
    first = items({"I": {"await": {"u": "J", "v": "J"}}, "J": {"await": {"u": "IEnd", "v": "IEnd"}}})
    second = items({"K": {"await": {"u": "KEnd", "v": "KEnd"}}})
    states: dict[str, Any] = {"E": {"each": first, "next": "F"}, "F": {"each": second, "next": "Done"}}
    told_by_place = {"v": {"item": "$.detail.place"}}
    assert contested_among_items(states)["I"] == [(), ()]
    assert contested_among_items(states, events=told_by_place)["I"] == [(), ()]  # in both states at its place
    states["F"]["each"]["item"] = "$.detail.place"
    assert contested_among_items(states)["I"] == [(1,), (0,)]
    # Of v all is about one item still; u may be about another, and so does not stand in for it.
    assert contested_among_items(states, events=told_by_place)["I"] == [(1,), (0,)]


# ---- events that end the lines beside their own --------


def beside(line: dict[str, Any], **settings: Any) -> list[tuple[int, ...]]:
    """What contests what in the state A of a line of *line*, with another beside it."""
    ends = {name: how for name, how in (("AEnd", "succeed"), ("Bad", "fail")) if f"'{name}'" in str(line)}
    lines = {"L": {"states": {**line, **ends}}, "R": {"states": {"B": {"await": {"b": "BEnd"}}, "BEnd": "succeed"}}}
    workflow = workflow_of({"P": {"parallel": lines, "next": "Done"}, "Done": "succeed"}, **settings)
    assert contests(workflow)["B"] == [()]
    return list(contests(workflow)["A"])


def test_what_ends_the_lines_beside_its_own_is_held_for_their_events_also_where_others_contest_it() -> None:
    assert beside({"A": {"await": {"again": "A", "bad": "Bad", "fine": "AEnd"}}}) == [(), (0, 1), (0,)]


_INNER = {"i": {"await": {"i": "iEnd"}}, "iEnd": "succeed"}
_AT_ONCE = {"p": {"pass": "pEnd"}, "pEnd": "succeed"}


@pytest.mark.parametrize(
    "line",
    [
        {"X": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}]}},
        {"X": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}, {"otherwise": "Y"}]}, "Y": {"pass": "Bad"}},
        {"X": {"each": {**LINES, "items": "$.detail.items"}, "next": "AEnd"}},
        {"X": {"wait": {"until": "$.detail.at"}, "next": "AEnd"}},
        {"X": {"wait": "5s", "next": "Y"}, "Y": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}]}},
        {
            "X": {
                "parallel": {
                    "M": {"states": {"m": {"choose": [{"when": {"k": [1]}, "next": "mEnd"}]}, "mEnd": "succeed"}},
                    "N": {"states": _INNER},
                },
                "next": "AEnd",
            }
        },
        {"X": {"parallel": {"M": {"states": _AT_ONCE}}, "next": "Y"}, "Y": {"pass": "Bad"}},
    ],
    ids=["no choice", "fail", "no list", "no moment", "pause", "branch", "past branches"],
)  # fmt: skip
def test_what_may_end_the_lines_beside_its_own_without_another_event_is_held_for_their_events(
    line: dict[str, Any],
) -> None:
    assert beside({"A": {"await": {"a": "X", "c": "AEnd"}}, **line}) == [(0,), ()]


@pytest.mark.parametrize(
    "line",
    [
        {"X": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}, {"otherwise": "AEnd"}]}},
        {"X": {"await": {"x": "Bad", "y": "AEnd"}}},
        {"X": {"await": {"x": "AEnd"}, "timeout": {"after": "3s", "next": "Bad"}}},
        {
            "X": {"parallel": {"M": {"states": _AT_ONCE}, "N": {"states": _INNER}}, "next": "Y"},
            "Y": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}]},
        },
    ],
    ids=["otherwise", "another event", "time that is over", "branch that waits"],
)
def test_what_ends_the_lines_beside_its_own_by_another_event_or_a_timeout_is_not_held(line: dict[str, Any]) -> None:
    assert beside({"A": {"await": {"a": "X", "c": "AEnd"}}, **line}) == [(), ()]


def test_each_event_of_an_all_is_held_if_the_last_of_them_may_end_the_lines_beside() -> None:
    strays = {"Y": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}]}}
    assert beside({"A": {"all": {"x": "x", "y": "y"}, "next": "Y"}, **strays}) == [(0,), (0,)]


def test_what_ends_a_branch_is_held_if_what_follows_on_the_branches_may_end_the_lines_beside_them() -> None:
    inner = {"M": {"states": {"A": {"await": {"a": "mEnd"}}, "mEnd": "succeed"}}, "N": {"states": _INNER}}
    strays = {"Y": {"choose": [{"when": {"k": [1]}, "next": "AEnd"}]}}
    assert beside({"X": {"parallel": inner, "next": "Y"}, **strays}) == [(0,)]


def test_what_ends_the_journey_once_all_lines_are_done_is_not_held() -> None:
    lines = {"L": {"states": {"A": {"await": {"a": "AEnd"}}, "AEnd": "succeed"}}, "R": {"states": _INNER}}
    found = contested(P={"parallel": lines, "next": "Y"}, Y={"choose": [{"when": {"k": [1]}, "next": "Done"}]})
    assert found == {"A": [()], "i": [()]}


def test_what_ends_the_lines_beside_its_own_is_held_for_their_events() -> None:
    line = {"A": {"await": {"a": "AEnd", "x": "Checked"}}, "Checked": {"pass": "Bad"}, "Bad": "fail", "AEnd": "succeed"}
    beside = {"B": {"await": {"b": "BEnd"}}, "BEnd": "succeed"}
    together = {"L": {"states": line}, "R": {"states": beside}}
    each = {"items": "$.detail.items", "item": "$.detail.item", "states": line}
    assert contested(P={"parallel": together, "next": "Done"}) == {"A": [(), (1,)], "B": [()]}
    assert contested(P={"each": each, "next": "Done"}) == {"A": [(), (1,)]}
    assert contested(P={"parallel": {"L": {"states": line}}, "next": "Done"}) == {"A": [(), ()]}


# ---- large definitions --------


def chain(count: int) -> dict[str, Any]:
    return {f"S{i}": {"await": {"Next": f"S{i + 1}"}} for i in range(count)} | {f"S{count}": "succeed"}


def status_chain(count: int) -> dict[str, Any]:
    """One event for everything, which says by its detail what has happened; and ways back."""
    states: dict[str, Any] = {}
    for i in range(count):
        onward = {"when": {"status": [f"v{i}"]}, "next": f"S{i + 1}"}
        back = {"when": {"status": [f"w{i}"]}, "next": f"S{max(i - 1, 0)}"}
        states[f"S{i}"] = {"await": {"Status": [onward, back]}}
    return states | {f"S{count}": "succeed"}


def ring(count: int) -> dict[str, Any]:
    """A loop through all states, in each of which something may be noted, and which may end everywhere."""
    ways = {f"S{i}": {f"E{i}": f"S{(i + 1) % count}", "Noted": f"S{i}", "Over": "End"} for i in range(count)}
    return {name: {"await": accepted} for name, accepted in ways.items()} | {"End": "succeed"}


def wide(count: int) -> dict[str, Any]:
    """One state with very many entries."""
    entries = [{"when": {"k": [i]}, "next": "S"} for i in range(count)]
    return {"S": {"await": {"Came": entries, "Over": "End"}}, "End": "succeed"}


@pytest.mark.parametrize("shape", [chain, status_chain, ring, wide])
def test_the_effort_grows_with_the_number_of_states_and_not_with_its_square(
    shape: Callable[[int], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = mock.Mock(side_effect=patterns.may_overlap)
    monkeypatch.setattr(kinds, "may_overlap", asked)
    efforts = []
    for count in (100, 200):
        asked.reset_mock()
        contests(workflow_of(shape(count)))
        efforts.append(asked.call_count)
    assert 0 < efforts[1] <= 2.1 * efforts[0]


def test_a_start_event_that_is_awaited_is_held_where_another_event_may_lead_to_the_end() -> None:
    states = {"A": {"await": {"Begun": "B", "q": "Done"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
    assert contests(workflow_of(states, start="Begun"))["A"] == [(1,), ()]
    assert contests(workflow_of(states, start="Other"))["A"] == [(), ()]


def test_a_start_event_that_is_only_noted_is_held_where_another_event_may_lead_to_the_end() -> None:
    states = {"A": {"await": {"q": "Done"}}, "Done": "succeed"}
    assert contests(spread(workflow_of(states, start="Begun", anytime={"Begun": "stay"})))["A"] == [(1,), (0,)]
