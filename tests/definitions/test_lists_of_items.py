"""Which lists an `each` takes, and how a journey with another ends: by replay, in memory, and on moto."""

from typing import Any

import pytest

from choreography_insights.replay.automaton import MOST_ITEMS
from choreography_insights.testing.aws import Aws
from choreography_insights.testing.event_series import Published
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from replay.played import played, read
from support.definitions import workflow_of

STATES = {
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
    "as many items as can be": ({"parcels": [{"number": number} for number in range(MOST_ITEMS)]}, None),
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


@pytest.mark.parametrize("case", ["texts and numbers", "whole numbers with a fraction", "very long numbers"])
def test_moto_goes_through_the_others(case: str, aws: Aws) -> None:
    detail, _ = LISTS[case]
    series = [
        Published("Begun", "test", {"id": case, **detail}, 0.0),
        *(Published("Parcel Delivered", "test", {"id": case, **one}, 1.0) for one in _delivered(detail)),
    ]
    assert aws(workflow_of(STATES), series, case, 0).status == "SUCCEEDED"


def test_the_cause_says_how_many_items_are_too_many() -> None:
    fake = FakeAws(compiled(workflow_of(STATES)))
    fake.publish("Begun", "1", {"parcels": [{"number": number} for number in range(57)]}, source="test")
    fake.run()
    (execution,) = fake.executions
    assert execution.cause == "Delivering needs a list of at most 40 items at $.detail.parcels; it has 57"
