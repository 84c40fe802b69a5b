"""The sweep of what is due: each kept event is taken once, and its message comes when it is due, on its queue."""

import json
from typing import Any

import pytest

from choreography_insights.runtime import due_index, due_sweep
from choreography_insights.runtime.correlation import Correlation
from choreography_insights.runtime.due_sweep import DueSweep
from choreography_insights.runtime.journey import Journey, KeptEvent
from choreography_insights.runtime.messages import RecheckMessage, SweepDue, parse
from choreography_insights.runtime.ports import Ports, ports_from
from choreography_insights.runtime.table import JourneyTable

from .samples import NOW, ORDER, event, write_wait


class Sqs:
    """The messages that were sent, as queue, delay and body."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int, str]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:
        self.sent.append((QueueUrl, DelaySeconds, MessageBody))

    def told(self) -> list[tuple[str, int, str, str]]:
        """Queue, delay, kind and event of each since it was last asked."""
        read = [(queue, delay, parse(body)) for queue, delay, body in self.sent]
        self.sent.clear()
        return sorted((q, d, one.kind, one.event_id) for q, d, one in read if isinstance(one, RecheckMessage))


class Waiting:
    """Step Functions, where the journey's execution runs and every task is open."""

    def describe_execution(self, **_: Any) -> dict[str, Any]:
        return {"status": "RUNNING"}


class Swept:
    """A sweep over *table*, at *now*."""

    def __init__(self, table: JourneyTable) -> None:
        self.table, self.sqs, self.now = table, Sqs(), NOW
        clients = {"dynamodb": table.client, "sqs": self.sqs, "stepfunctions": Waiting(), "events": None}
        environment = {
            "JOURNEYS_TABLE": table.name,
            "START_QUEUE_URL": "start",
            "EVENT_QUEUE_URL": "event",
            "EVENT_BUS_NAME": "bus",
        }
        self.ports: Ports = ports_from(environment, clients.__getitem__, clock=lambda: self.now)
        self.sweeping = DueSweep(self.ports)

    def keep(self, event_id: str, due_at: float, *, entity: str = "o-1", deadline: float | None = None) -> None:
        """An event that is kept, and due; with a *deadline* it is a start event."""
        name = "Order Confirmed" if deadline is None else "Order Placed"
        one = event(name, event_id, detail={"id": entity})
        kept = KeptEvent(event_id, one.time, NOW - 5000, deadline or due_at, one.name)
        journey = self.table.read_journey(f"order#{entity}").journey
        is_start = deadline is not None
        assert self.table.keep(journey, one, ORDER, kept, due_at=due_at, is_start=is_start)

    def sweep(self, now: float) -> list[tuple[str, int, str, str]]:
        """The messages that a sweep sends."""
        self.now = now
        self.sweeping.on_sweep_due(SweepDue())
        return self.sqs.told()


@pytest.fixture
def swept(table: JourneyTable) -> Swept:
    return Swept(table)


def test_what_is_due_within_the_next_minute_is_told_of_at_its_time_and_nothing_else_is(swept: Swept) -> None:
    for event_id, at, entity in (("e-1", -5.0, "1"), ("e-2", 0.5, "2"), ("e-3", 60.0, "3"), ("e-4", 60.5, "4")):
        swept.keep(event_id, NOW + at, entity=entity)
    assert swept.sweep(NOW) == [
        ("event", 0, "deadline", "e-1"),
        ("event", 1, "deadline", "e-2"),
        ("event", 60, "deadline", "e-3"),
    ]
    assert swept.sweep(NOW) == []
    assert swept.sweep(NOW + 1) == [("event", 60, "deadline", "e-4")]


def test_the_message_is_that_of_the_events_own_choreography_and_entity(swept: Swept) -> None:
    swept.keep("e-1", NOW, entity="a#b")
    swept.sweeping.on_sweep_due(SweepDue())
    ((queue, delay, body),) = swept.sqs.sent
    assert (queue, delay) == ("event", 0)
    again = {"kind": "deadline", "entityId": "a#b", "eventId": "e-1"}
    assert json.loads(body) == {"choreography": ORDER.to_message(), "again": again}


def test_a_message_that_gets_lost_is_sent_again_when_its_lease_is_over(swept: Swept) -> None:
    swept.keep("e-1", NOW)
    assert len(swept.sweep(NOW)) == 1
    assert swept.sweep(NOW + 839) == []
    assert swept.sweep(NOW + 840) == [("event", 60, "deadline", "e-1")]


def test_two_sweeps_at_the_same_time_tell_of_an_event_once(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    swept.keep("e-1", NOW)
    lease = JourneyTable.lease

    def after_another(table: JourneyTable, due: due_index.Due, until: float) -> Any:
        lease(table, due, until)
        return lease(table, due, until)

    monkeypatch.setattr(JourneyTable, "lease", after_another)
    assert swept.sweep(NOW) == []


def test_a_start_event_is_looked_at_by_the_start_function_until_its_deadline(swept: Swept) -> None:
    swept.keep("e-9", NOW, deadline=NOW + 2000)
    assert swept.sweep(NOW) == [("start", 0, "settle", "e-9")]
    assert swept.sweep(NOW + 2000) == [("event", 0, "deadline", "e-9")]


def test_where_a_shard_had_more_than_could_be_taken_word_to_sweep_is_sent_again(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_index, "MOST_DUE", 3)
    monkeypatch.setattr(due_sweep, "MOST_DUE", 3)
    for number in range(4):
        swept.keep(f"e-{number}", NOW - number)
    swept.sweeping.on_sweep_due(SweepDue())
    assert swept.sqs.sent.pop() == ("event", 0, '{"sweep":"due"}')
    assert [event_id for *_, event_id in swept.sqs.told()] == ["e-1", "e-2", "e-3"]
    swept.sweeping.on_sweep_due(SweepDue())
    assert [event_id for *_, event_id in swept.sqs.told()] == ["e-0"]
    assert swept.sqs.sent == []


def test_what_comes_back_later_than_its_lease_is_moved_on_to_then(swept: Swept) -> None:
    """Else it would be looked at every quarter of an hour for as long as its journey runs."""
    swept.keep("e-1", NOW)
    journey = Journey("order#o-1")
    assert swept.table.claim_start(
        journey, event("Order Placed", "e-0"), "o-1-x", ORDER, NOW - 6000, now=NOW, was_kept=False
    )
    assert swept.sweep(NOW) == [("event", 0, "deadline", "e-1")]
    again = RecheckMessage(ORDER, "deadline", "o-1", "e-1")
    swept.now = NOW + 3600  # no wait is open, and the execution runs
    assert swept.table.lease(due_index.Due("order#o-1", "e-1", NOW + 900), NOW + 3600 + 900) is not None
    Correlation(swept.ports).on_recheck(again)
    assert swept.sqs.sent == []
    assert due(swept) == NOW + 3600 + 1800
    swept.now = NOW + 3600 + 10
    Correlation(swept.ports).on_recheck(again)  # a message that came twice
    assert due(swept) == NOW + 3600 + 1800


def due(swept: Swept) -> float | None:
    row = swept.table.read_with("order#o-1", ["e-1"]).row("e-1")
    assert row is not None
    return row.due_at


def test_what_is_claimed_meanwhile_is_due_no_more(swept: Swept) -> None:
    started = Journey("order#o-1")
    assert swept.table.claim_start(
        started, event("Order Placed", "e-0"), "o-1-x", ORDER, NOW - 6000, now=NOW, was_kept=False
    )
    write_wait(swept.table, execution="o-1-x")
    swept.keep("e-1", NOW)
    journey = swept.table.read_journey("order#o-1").journey
    assert swept.table.claim(journey, event(), journey.waits[0], journey.kept["e-1"], now=NOW, variant=0, was_kept=True)
    assert swept.sweep(NOW) == []
