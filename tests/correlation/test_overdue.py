"""Journeys that take longer than expected are told, as long as they do; nothing else is."""

import io
import json
from typing import Any, Literal

import pytest

from correlation.definitions import HASTY, ONE
from fake_aws import FakeAws


def told(log: io.StringIO, since: int = 0) -> list[tuple[str, str, int]]:
    """Choreography, entity and overrun of each line about an overdue journey."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.getvalue().splitlines()[since:]]
    return [
        (line["choreography"], line["entity_id"], line["overdue_seconds"])
        for line in lines
        if line["message"] == "journey overdue"
    ]


def watch(aws: FakeAws) -> None:
    aws.watch()
    aws.run(seconds=1)


def test_a_journey_is_told_while_it_takes_longer_than_expected(log: io.StringIO) -> None:
    aws = FakeAws(HASTY, ONE)
    aws.publish("S", "1/#ü")
    aws.run(seconds=59)
    watch(aws)
    assert told(log) == []
    aws.run(seconds=30)
    watch(aws)
    aws.run(seconds=299)
    watch(aws)
    assert told(log) == [("hasty", "1/#ü", 30), ("hasty", "1/#ü", 330)]
    aws.publish("a", "1/#ü")
    aws.run(seconds=1)
    watch(aws)
    assert len(told(log)) == 2


def test_a_choreography_that_expects_nothing_is_never_overdue(log: io.StringIO) -> None:
    aws = FakeAws(ONE)
    aws.publish("S", "1")
    aws.run(seconds=80 * 86_400.0)
    watch(aws)
    assert told(log) == []


@pytest.mark.parametrize(("status_events", "reports"), [("sent", 1), ("dropped", 1)])
def test_an_end_that_step_functions_did_not_tell_is_found_and_told_once(
    status_events: Literal["sent", "dropped"], reports: int, log: io.StringIO
) -> None:
    aws = FakeAws(HASTY, status_events=status_events)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=5.0)
    aws.run(seconds=90)
    watch(aws)
    watch(aws)
    assert told(log) == []
    ended = [one["detail"] for one in aws.reports if one["detail-type"] == "Journey Ended"]
    assert [(one["entityId"], one["status"]) for one in ended] == [("1", "SUCCEEDED")] * reports
    assert aws.table.partitions["hasty#1"]["JOURNEY"]["status"] == {"S": "SUCCEEDED"}
    assert "dueAt" not in aws.table.partitions["hasty#1"]["JOURNEY"]


def test_how_many_are_overdue_is_counted_also_when_none_is(
    capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    aws = FakeAws(HASTY, quiet=False)
    for entity in ("1", "2"):
        aws.publish("S", entity)
    aws.run(seconds=20)
    capsys.readouterr()
    watch(aws)
    assert levels(capsys) == [("", [0])]
    aws.run(seconds=90)
    capsys.readouterr()
    watch(aws)
    assert levels(capsys) == [("", [2]), ("hasty", [2])]


def levels(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, list[float]]]:
    sheets = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return sorted(
        (sheet.get("choreography", ""), sheet["JourneysOverdue"]) for sheet in sheets if "JourneysOverdue" in sheet
    )


def test_an_end_that_is_told_while_it_is_found_is_told_once() -> None:
    aws = FakeAws(HASTY, status_events="dropped")
    aws.publish("S", "1")
    aws.publish("a", "1", delay=5.0)
    aws.run(seconds=90)

    def told_meanwhile() -> None:
        aws.status_events = "sent"
        aws._on_end(aws.executions[0])
        queue = aws.queues["event"]
        aws.deliver(queue, *queue.visible())

    aws.keeper.interludes["describe_execution"] = told_meanwhile
    watch(aws)
    assert [one["detail-type"] for one in aws.reports] == ["Journey Ended"]


def test_one_that_cannot_be_looked_at_keeps_no_other_from_being_told(
    capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    aws = FakeAws(HASTY, quiet=False)
    for entity in ("1", "2"):
        aws.publish("S", entity, delay=float(entity))
    aws.run(seconds=90)
    aws.stepfunctions.denied.add(aws.executions[0].arn)
    capsys.readouterr()
    watch(aws)
    assert levels(capsys) == [("", [2]), ("hasty", [2])]
    assert "overdue journey could not be looked at" in log.getvalue()
    assert aws.outcome().dead_letters == []
