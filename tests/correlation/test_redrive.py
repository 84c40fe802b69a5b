"""An execution that was redriven goes on as if it had never ended."""

import pytest

from correlation.definitions import SEQUENCE, small
from fake_aws import FakeAws

PAUSED = small("paused", "  A: {wait: 1h, next: B}\n  B: {await: {b: Done}}\n  Done: succeed")


def aborted(aws: FakeAws, seconds: float = 5.0) -> str:
    """Abort the journey of entity 1 and let the functions hear of it; return its execution."""
    aws.publish("S", "1")
    aws.run(seconds=seconds)
    arn = aws.executions[0].arn
    aws.clients["stepfunctions"].stop_execution(executionArn=arn)
    return arn


def redrive(aws: FakeAws, arn: str) -> None:
    aws.run(seconds=5)
    aws.clients["stepfunctions"].redrive_execution(executionArn=arn)


def test_late_word_of_the_end_before_does_not_close_it() -> None:
    aws = FakeAws(SEQUENCE)
    arn = aborted(aws)
    word = aws.queues["event"].visible()[-1].body
    redrive(aws, arn)
    aws.run(seconds=5)
    aws.queues["event"].send(word)
    aws.run(seconds=5)
    assert aws.table.partitions["sequence#1"]["JOURNEY"]["status"] == {"S": "RUNNING"}
    assert [one["detail-type"] for one in aws.reports] == ["Journey Ended"]
    aws.publish("S", "1", delay=1)
    aws.publish("a", "1", delay=2)
    aws.publish("b", "1", delay=3)
    aws.run(seconds=200)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    assert aws.deviations() == []


@pytest.mark.parametrize(("minutes", "status", "questions"), [(4, "ABORTED", 0), (6, "RUNNING", 1)])
def test_word_of_an_end_that_is_minutes_old_is_doubted(minutes: int, status: str, questions: int) -> None:
    aws = FakeAws(PAUSED, watching=True)
    arn = aborted(aws)
    word = aws.queues["event"].visible()[-1]
    aws.queues["event"].messages.remove(word)
    redrive(aws, arn)
    aws.run(seconds=minutes * 60)
    aws.queues["event"].send(word.body)
    aws.run(seconds=5)
    assert aws.table.partitions["paused#1"]["JOURNEY"]["status"] == {"S": status}
    assert [call.site for call in aws.keeper.calls].count("Executions.was_redriven") == questions
    aws.publish("b", "1", delay=3_600)
    aws.run(seconds=2 * 3_600)
    assert aws.journeys("1")[0][0] == "SUCCEEDED"


def test_word_of_an_end_counts_where_step_functions_lags_behind_it() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("S", "1")
    aws.run(seconds=5)
    execution = aws.executions[0]
    aws.clients["stepfunctions"].stop_execution(executionArn=execution.arn)
    execution.status = "RUNNING"
    aws.run(seconds=1)
    execution.status = "ABORTED"
    assert [one["detail"]["status"] for one in aws.reports] == ["ABORTED"]


def test_no_second_journey_begins_while_it_pauses_and_the_table_knows_only_its_end() -> None:
    aws = FakeAws(PAUSED)
    redrive(aws, aborted(aws))
    aws.publish("S", "1", delay=1)
    aws.run(seconds=30)
    assert aws.journeys("1") == [("RUNNING", "A")]
    aws.publish("b", "1", delay=3_600)
    aws.run(seconds=2 * 3_600)
    assert aws.journeys("1")[0][0] == "SUCCEEDED"


def test_a_failed_journey_makes_room_for_the_next() -> None:
    aws = FakeAws(SEQUENCE)
    aborted(aws)
    aws.run(seconds=5)
    aws.publish("S", "1")
    aws.run(seconds=5)
    assert [status for status, _ in aws.journeys("1")] == ["ABORTED", "RUNNING"]


@pytest.mark.parametrize("before_submitted", ["refused", "taken"])
def test_an_event_that_comes_as_its_task_is_scheduled_again_moves_it(before_submitted: str) -> None:
    aws = FakeAws(SEQUENCE)
    arn = aborted(aws)
    aws.run(seconds=5)
    aws.stepfunctions.before_submitted = before_submitted  # type: ignore[assignment]
    aws.clients["stepfunctions"].redrive_execution(executionArn=arn)
    (stored,) = [action for action in aws.actions() if "stored" in action.label]
    stored.do()
    aws.publish("a", "1")
    (delivered,) = [action for action in aws.actions() if "deliver" in action.label]
    delivered.do()
    aws.publish("b", "1", delay=30)
    aws.run(seconds=3_600)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.outcome().dead_letters == []
