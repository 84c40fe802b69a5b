"""One event's name for everything that happens: where an event carries the id hangs on what is in it."""

from typing import Any

import pytest

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.envelopes import event_of
from correlation.playing import nothing_is_left
from fake_aws import FakeAws, deployable
from replay.played import envelope
from support.definitions import GOOD, read

_FOLDER = next(folder for folder in GOOD if folder.name == "ids-by-kind")

_PAID = ("webhook", {"topic": "checkouts/paid", "payload": {"id": 900, "order": {"id": 8209}}})
_IMPORTED = ("Order Imported", {"number": "8209", "payload": {"id": 901}})
_SHIPPED = ("webhook", {"topic": "fulfillments/create", "payload": {"id": 902, "order_id": 8209}})
_REFUNDED = ("webhook", {"topic": "refunds/create", "amount": 5, "payload": {"id": 903, "key": "refunds/8209/903"}})
_REFUNDED_FREE = ("webhook", {"topic": "refunds/create", "amount": 0, "payload": {"id": 904, "refunded": "8209"}})
_CANCELED = ("webhook", {"topic": "orders/cancelled", "payload": {"id": 8209, "order_id": 905}})

_Event = tuple[str, dict[str, Any]]

_SERIES = [
    ([_PAID, _SHIPPED, _REFUNDED], "Refunded"),
    ([_PAID, _SHIPPED, _REFUNDED_FREE], "Refunded"),
    ([_IMPORTED, _CANCELED], "Canceled"),
]


@pytest.mark.parametrize(("series", "end"), _SERIES)
def test_each_kind_of_event_carries_the_id_in_a_place_of_its_own(series: list[_Event], end: str) -> None:
    aws = FakeAws(deployable((_FOLDER / "workflow.yaml").read_text(encoding="utf-8")))
    for position, (name, detail) in enumerate(series):
        aws.publish_detail(name, detail, source="shop", time=position * 5.0, delay=position * 5.0)
    aws.run()
    assert aws.journeys("8209") == [("SUCCEEDED", end)]
    assert aws.outcome().deviations == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(("series", "end"), _SERIES)
def test_replay_finds_it_there_too(series: list[_Event], end: str) -> None:
    choreography = Automaton.of(read(_FOLDER))
    events = []
    for position, (name, detail) in enumerate(series):
        recorded = envelope(name, "", f"2026-01-01T00:00:0{position}Z", source="shop", detail=detail)
        events.append(event_of(recorded, choreography, position))
    journeys, alone = replay(choreography, [event for event in events if event])
    assert [(one.entity, one.status, one.state) for one in journeys] == [("8209", "SUCCEEDED", end)]
    assert alone == []


def test_an_event_that_fits_no_entry_carries_the_id_where_all_do() -> None:
    aws = FakeAws(deployable((_FOLDER / "workflow.yaml").read_text(encoding="utf-8")))
    aws.publish_detail("webhook", {"topic": "carts/update", "payload": {"id": 7, "order_id": 8209}}, source="shop")
    aws.run()
    assert [one[:2] for one in aws.outcome().deviations] == [("shop-order", "7")]
