"""Thousands of kept events of one entity: its journey's row stays small, and its next wait always fits."""

from random import Random
from uuid import UUID

import pytest

from choreography_insights.runtime import decision
from correlation.definitions import small
from correlation.playing import nothing_is_left
from fake_aws import FakeAws
from fake_aws.attribute_values import ITEM_LIMIT_BYTES, item_size

pytestmark = pytest.mark.usefixtures("no_log")

#: As long as EventBridge lets a name be.
LONG = "r" * 128
STATES = f"  A: {{await: {{a: B}}}}\n  B: {{await: {{b: C}}}}\n  C: {{await: {{{LONG}: C, c: Done}}}}\n  Done: succeed"
SETTINGS = "early: 1h\nunexpected: report"
MANY = small("many", STATES, SETTINGS)


def ids() -> list[str]:
    """Ids as EventBridge gives them, the same in every run."""
    lot = Random(1)  # noqa: S311 - to be repeated, not to be secret
    return [str(UUID(int=lot.getrandbits(128))) for _ in range(1_200)]


def begun() -> FakeAws:
    aws = FakeAws(MANY)
    aws.publish("S", "1")
    aws.settle()
    return aws


def row_size(aws: FakeAws) -> int:
    return item_size(aws.table.partitions["many#1"]["JOURNEY"])


def test_events_that_the_choreography_does_not_know_leave_the_row_alone() -> None:
    aws = begun()
    before = row_size(aws)
    for event_id in ids():
        aws.publish("Telemetry Reading", "1", event_id=event_id)
    aws.settle()
    assert len(aws.table.partitions["many#1"]) == 1_202
    assert row_size(aws) == before
    aws.publish("a", "1")
    aws.settle()
    assert aws.journeys("1") == [("RUNNING", "B")]
    aws.run(seconds=2 * 3_600)
    assert {one["reason"] for one in aws.deviations()} == {"UnexpectedEvent"}
    assert len(aws.deviations()) == 1_200
    assert nothing_is_left(aws)


def test_of_those_it_knows_a_thousand_are_kept_and_the_next_wait_fits_beside_them() -> None:
    aws = begun()
    for event_id in ids()[:1_020]:
        aws.publish(LONG, "1", event_id=event_id)
    aws.settle()
    row = aws.table.partitions["many#1"]["JOURNEY"]
    assert len(row["kept"]["SS"]) == decision.MOST_KEPT == 1_000
    assert row_size(aws) < ITEM_LIMIT_BYTES * 2 / 3
    assert [one["reason"] for one in aws.deviations()] == ["TooManyKept"] * 20
    # What is awaited moves the journey all the same.
    aws.publish("a", "1", time=1, delay=1)
    aws.publish("b", "1", time=2, delay=2)
    aws.run(seconds=3)
    assert aws.journeys("1") == [("RUNNING", "C")]
    assert "C" in aws.table.partitions["many#1"]["JOURNEY"]["waits"]["M"]


def test_all_that_was_kept_takes_its_turn_and_then_there_is_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "MOST_KEPT", 100)
    aws = begun()
    for event_id in ids()[:101]:
        aws.publish(LONG, "1", event_id=event_id)
    aws.publish("a", "1", time=1, delay=1)
    aws.publish("b", "1", time=2, delay=2)
    aws.run(seconds=600)
    assert sum(aws.moved().values()) == 103
    assert len(aws.deviations()) == 1
    aws.publish(LONG, "1", time=4, delay=4)
    aws.publish("c", "1", time=5, delay=5)
    aws.run(seconds=600)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert len(aws.deviations()) == 1
    aws.run(seconds=2 * 3_600)
    assert nothing_is_left(aws)
