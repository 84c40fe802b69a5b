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
    "an item without a key": ({"parcels": [{"number": 1}, {"weight": 2}]}, "States.Runtime"),
    "two items with one key": ({"parcels": [{"number": 1}, {"number": 2}, {"number": 1}]}, "States.Runtime"),
    "two items with one text": ({"parcels": [{"number": "a"}, {"number": "a"}]}, "States.Runtime"),
    "no items": ({"parcels": []}, None),
    "as many items as can be": ({"parcels": [{"number": number} for number in range(MOST_ITEMS)]}, None),
}
lists = pytest.mark.parametrize(("detail", "error"), LISTS.values(), ids=LISTS)


def _delivered(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"parcel": item.get("number")} for item in detail.get("parcels", ())]


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


@pytest.mark.parametrize("case", ["too many items", "two items with one key", "an item without a key"])
def test_so_does_moto(case: str, aws: Aws) -> None:
    detail, _ = LISTS[case]
    began = Published("Begun", "test", {"id": case, **detail}, 0.0)
    assert aws(workflow_of(STATES), [began], case, 0).status == "FAILED"
