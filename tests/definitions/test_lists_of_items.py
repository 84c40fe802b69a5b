"""Which lists an `each` takes, and how a journey with another ends: by replay, in memory, and on moto."""

from collections.abc import Mapping
from typing import Any

import pytest

from choreography_insights.compile.asl import state_machine
from choreography_insights.model.lists import MOST_ITEMS, most_items
from choreography_insights.model.workflow import ITEMS_AT_ONCE, Each, nested
from choreography_insights.testing.aws import Aws
from choreography_insights.testing.event_series import Published
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from replay.played import played, read
from support.definitions import workflow_of

STATES: dict[str, Any] = {
    "Delivering": {
        "each": {
            "items": "$.detail.parcels",
            "key": "$.number",
            "item": "$.detail.parcel",
            "states": {"OnTheWay": {"await": {"Parcel Delivered": "Delivered"}}, "Delivered": "succeed"},
        },
        "next": "Done",
    },
    "Done": "succeed",
}
LISTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "no list at all": ({}, "NoItems"),
    "too many items": ({"parcels": [{"number": number} for number in range(MOST_ITEMS + 1)]}, "NoItems"),
    "no list but an object": ({"parcels": {"number": 1}}, "States.Runtime"),
    "no list but a text": ({"parcels": "1"}, "States.Runtime"),
    "an item without a key": ({"parcels": [{"number": 1}, {"weight": 2}]}, "States.Runtime"),
    "an item whose key is null": ({"parcels": [{"number": 1}, {"number": None}]}, "States.Runtime"),
    "an item whose key is true": ({"parcels": [{"number": "a"}, {"number": True}]}, "States.Runtime"),
    "an item whose key is a fraction": ({"parcels": [{"number": 1}, {"number": 1.5}]}, "States.Runtime"),
    "an item whose key is a number of another size": ({"parcels": [{"number": 1e300}]}, "States.Runtime"),
    "an item whose key is a list": ({"parcels": [{"number": [1]}]}, "States.Runtime"),
    "an item whose key is an object": ({"parcels": [{"number": {"a": 1}}]}, "States.Runtime"),
    "a number and the same as text": ({"parcels": [{"number": 1}, {"number": "1"}]}, "States.Runtime"),
    "a text and the same as a number": ({"parcels": [{"number": "1"}, {"number": 1}]}, "States.Runtime"),
    "a number written in two ways": ({"parcels": [{"number": 1}, {"number": 1.0}]}, "States.Runtime"),
    "two items with one key": ({"parcels": [{"number": 1}, {"number": 2}, {"number": 1}]}, "States.Runtime"),
    "two items with one text": ({"parcels": [{"number": "a"}, {"number": "a"}]}, "States.Runtime"),
    "no items": ({"parcels": []}, None),
    "texts and numbers": ({"parcels": [{"number": one} for one in (1, "2", "a", 30, "", "null", "it's {1}")]}, None),
    "whole numbers with a fraction": ({"parcels": [{"number": 1.0}, {"number": 2.0}]}, None),
    "very long numbers": ({"parcels": [{"number": 10**30}, {"number": -(10**30)}]}, None),
    "more items than run at once": ({"parcels": [{"number": number} for number in range(ITEMS_AT_ONCE + 2)]}, None),
}
lists = pytest.mark.parametrize(("detail", "error"), LISTS.values(), ids=LISTS)


def _delivered(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"parcel": item["number"]} for item in detail["parcels"]]


def _outcome(error: str | None) -> tuple[str, str | None]:
    return ("SUCCEEDED", None) if error is None else ("FAILED", error)


@lists
def test_replay_says_which_lists_a_journey_cannot_go_through(detail: dict[str, Any], error: str | None) -> None:
    events = [(0, "S", detail), *((1, "Parcel Delivered", one) for one in ([] if error else _delivered(detail)))]
    (journey,), _ = played(read(STATES), *events)
    assert (journey.status, journey.error) == _outcome(error)


@lists
def test_the_state_machine_ends_such_a_journey_at_once(detail: dict[str, Any], error: str | None) -> None:
    fake = FakeAws(compiled(workflow_of(STATES)))
    fake.publish("Begun", "1", detail, source="test")
    for one in [] if error else _delivered(detail):
        fake.publish("Parcel Delivered", "1", one, source="test", delay=1.0)
    fake.run()
    (execution,) = fake.executions
    assert (execution.status, execution.error) == _outcome(error)


@pytest.mark.parametrize("case", [case for case, (_, error) in LISTS.items() if error])
def test_so_does_moto(case: str, aws: Aws) -> None:
    detail, _ = LISTS[case]
    began = Published("Begun", "test", {"id": case, **detail}, 0.0)
    assert aws(workflow_of(STATES), [began], case, 0).status == "FAILED"


@pytest.mark.parametrize(
    "case", ["texts and numbers", "whole numbers with a fraction", "very long numbers", "more items than run at once"]
)
def test_moto_goes_through_the_others(case: str, aws: Aws) -> None:
    detail, _ = LISTS[case]
    series = [
        Published("Begun", "test", {"id": case, **detail}, 0.0),
        *(Published("Parcel Delivered", "test", {"id": case, **one}, 1.0) for one in _delivered(detail)),
    ]
    assert aws(workflow_of(STATES), series, case, 0).status == "SUCCEEDED"


def test_the_cause_says_how_many_items_are_too_many() -> None:
    fake = FakeAws(compiled(workflow_of(STATES)))
    fake.publish("Begun", "1", {"parcels": [{"number": number} for number in range(1_057)]}, source="test")
    fake.run()
    (execution,) = fake.executions
    assert execution.cause == "Delivering needs a list of at most 1,000 items at $.detail.parcels; it has 1057"


def test_a_list_may_have_a_thousand_items() -> None:
    detail = {"parcels": [{"number": number} for number in range(MOST_ITEMS)]}
    late = [(number, "Parcel Delivered", {"parcel": MOST_ITEMS - 1 - number}) for number in range(MOST_ITEMS)]
    (journey,), deviations = played(read(STATES), (0, "S", detail), *late)
    assert (journey.status, journey.deviations, deviations) == ("SUCCEEDED", (), [])


# ---- which may have how many --------


def _most(states: Mapping[str, Any], **settings: Any) -> list[int]:
    workflow = workflow_of(states, **settings)
    return [most_items(workflow, one) for one in nested(workflow.states) if isinstance(one, Each)]


def _changed(*, inside: Mapping[str, Any] | None = None, **beside: Any) -> dict[str, Any]:
    each = {**STATES["Delivering"]["each"], "states": {**STATES["Delivering"]["each"]["states"], **(inside or {})}}
    return {**STATES, "Delivering": {**STATES["Delivering"], "each": each, **beside}}


TWICE: dict[str, Any] = {
    "OnTheWay": {"await": {"Parcel Delivered": "Signing"}},
    "Signing": {"await": {"Parcel Signed": "Delivered"}},
}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (STATES, 1_000),
        (_changed(inside=TWICE), 520),
        (
            _changed(
                inside={"OnTheWay": {"all": {"A": "Parcel Delivered", "B": "Parcel Signed"}, "next": "Delivered"}}
            ),
            520,
        ),
        (
            _changed(inside={"OnTheWay": {"await": {"Parcel Scanned": {"times": 6, "next": "Delivered"}}}}),
            200,
        ),
        (
            _changed(inside={"OnTheWay": {"await": {"Lost": "Gone", "Parcel Delivered": "Delivered"}}, "Gone": "fail"}),
            892,
        ),
        (_changed(expected="2d"), 1_000),
        (_changed(timeout={"after": "30d", "next": "Done"}), 40),
        (_changed(anytime={"Order Canceled": "Done"}), 40),
        (_changed(anytime={"Order Rated": "stay"}), 40),
        (_changed(need=3), 40),
        (
            _changed(
                inside={
                    "OnTheWay": {
                        "await": {"Parcel Delivered": "Delivered"},
                        "timeout": {"after": "1d", "next": "Delivered"},
                    }
                }
            ),
            40,
        ),
        (_changed(inside={"OnTheWay": {"await": {"Parcel Delivered": "Delivered"}, "expected": "1d"}}), 1_000),
        (
            _changed(
                inside={
                    "OnTheWay": {"await": {"Parcel Delivered": "Resting"}},
                    "Resting": {"wait": "1d", "next": "Delivered"},
                }
            ),
            40,
        ),
        (
            {
                "Both": {
                    "parallel": {
                        "A": {"states": {"Delivering": {**STATES["Delivering"], "next": "AE"}, "AE": "succeed"}}
                    },
                    "next": "Done",
                },
                "Done": "succeed",
            },
            40,
        ),
    ],
    ids=[
        "one event an item",
        "two events an item",
        "an all",
        "an event that comes several times",
        "an item may fail",
        "expected of the whole",
        "a timeout of the whole",
        "what ends it at any time",
        "what is only noted",
        "not all are needed",
        "a timeout in an item",
        "what is expected in an item",
        "a pause in an item",
        "inside of another state",
    ],
)
def test_items_beyond_forty_begin_late_so_all_are_waited_for_and_nothing_takes_its_time(
    states: dict[str, Any], expected: int
) -> None:
    assert _most(states) == [expected]


def test_what_ends_the_journey_at_any_time_ends_its_lists_too() -> None:
    assert _most(STATES, anytime={"Order Canceled": "Done"}) == [40]


# What an execution's history has of a visit to a state of each kind, where nothing is tried again.
_HAPPENINGS = {"Task": 6, "Choice": 2, "Pass": 2, "Parallel": 4, "Fail": 1, "Succeed": 2}


def _happenings(states: Mapping[str, Any]) -> int:
    inside = [branch["States"] for one in states.values() for branch in one.get("Branches", ())]
    return sum(_HAPPENINGS[one["Type"]] for one in states.values()) + sum(map(_happenings, inside))


@pytest.mark.parametrize(
    "inside",
    [
        {},
        TWICE,
        {
            "OnTheWay": {"await": {"Parcel Delivered": "Checking"}},
            "Checking": {"choose": [{"when": {"weight": [1]}, "next": "Delivered"}, {"otherwise": "Delivered"}]},
        },
        {
            "OnTheWay": {
                "all": {"A": "Parcel Delivered", "B": "Parcel Signed", "C": "c"},
                "need": 2,
                "next": "Delivered",
            }
        },
        {
            "OnTheWay": {
                "parallel": {
                    name: {"states": {name: {"await": {event: f"{name}E"}}, f"{name}E": "succeed"}}
                    for name, event in (("A", "a"), ("B", "b"))
                },
                "anytime": {"Parcel Delivered": "Delivered", "Lost": "Gone"},
                "next": "Delivered",
            },
            "Gone": "fail",
        },
    ],
    ids=["one wait", "two", "a choice", "an all that needs two", "a parallel that may be left"],
)
def test_a_list_is_no_longer_than_a_history_can_tell_of(inside: dict[str, Any]) -> None:
    workflow = workflow_of(_changed(inside=inside))
    (each,) = [one for one in workflow.states if isinstance(one, Each)]
    lines = state_machine(workflow)["States"]["Delivering"]["ItemProcessor"]["States"]
    assert most_items(workflow, each) * (2 + _happenings(lines)) <= 12_500
