"""A journey outlives an hour in which DynamoDB takes no wait; what no repeat mends is not repeated."""

import pytest

from correlation.definitions import ALL, ORDER, SEQUENCE
from correlation.playing import nothing_is_left
from correlation.storing import refuse_writes
from fake_aws import FakeAws

HOUR = 3_600.0
PASSING = ["ThrottlingException", "ServiceUnavailable", "InternalServerError", "TransactionConflictException"]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("code", [*PASSING, "RequestLimitExceeded", "SdkClientException"])
def test_a_journey_that_enters_a_state_outlives_an_hour_without_dynamodb(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = FakeAws(ORDER)
    back_at = aws.clock.now + HOUR
    refused = refuse_writes(monkeypatch, aws, code, until=lambda now: now >= back_at)
    for name, at in {
        "Order Placed": 0,
        "Order Confirmed": 5,
        "Order Accepted": HOUR + 5,
        "Order Delivered": HOUR + 9,
    }.items():
        aws.publish(name, "1", source="order", time=at, delay=at)
    aws.run(seconds=HOUR - 1)
    assert aws.journeys("1") == [("RUNNING", "WaitForConfirmation")]
    assert refused[-1] > back_at - 61
    aws.run()
    # An event came, and its grace passed, while no wait could be stored: it is used all the same.
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("code", PASSING)
def test_lines_beside_one_another_outlive_it_each_for_itself(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(ALL)
    back_at = aws.clock.now + HOUR
    refuse_writes(monkeypatch, aws, code, of="P.y", until=lambda now: now >= back_at)
    aws.publish("S", "1")
    aws.publish("b", "1", delay=1)
    aws.publish("a", "1", delay=2 * HOUR)
    aws.publish("c", "1", delay=2 * HOUR + 5)
    aws.run(seconds=3 * HOUR)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_a_permission_that_is_put_right_after_fifty_minutes_ends_no_journey(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(SEQUENCE)
    right_at = aws.clock.now + 50 * 60
    refused = refuse_writes(monkeypatch, aws, "AccessDeniedException", until=lambda now: now >= right_at)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=HOUR)
    aws.publish("b", "1", delay=HOUR + 5)
    aws.run(seconds=2 * HOUR)
    assert len(refused) > 40
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_an_event_that_is_unexpected_still_fails_the_journey_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(SEQUENCE)
    back_at = aws.clock.now + HOUR
    refuse_writes(monkeypatch, aws, "ThrottlingException", until=lambda now: now >= back_at)
    aws.publish("S", "1")
    aws.publish("b", "1", delay=10)
    aws.run(seconds=HOUR)
    assert aws.journeys("1") == [("RUNNING", "A")]
    aws.run()
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert [one["reason"] for one in aws.deviations()] == ["UnexpectedEvent"]
    # The failure is no error of the write: no other try of the task begins.
    assert [one.type for one in aws.executions[0].history.happenings].count("TaskFailed") == 1
    assert nothing_is_left(aws)


def test_the_wait_of_an_execution_whose_row_is_another_ones_is_refused_once_and_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws = FakeAws(SEQUENCE)
    refused = refuse_writes(monkeypatch, aws, "ThrottlingException", times=3)
    aws.publish("S", "1")
    aws.run(seconds=1)
    row = aws.table.partitions["sequence#1"]["JOURNEY"]
    aws.table.partitions["sequence#1"]["JOURNEY"] = {**row, "execution": {"S": "another"}}
    aws.run(seconds=60)
    assert len(refused) == 3
    assert aws.executions[0].error == "DynamoDb.ConditionalCheckFailedException"
    assert [one.type for one in aws.executions[0].history.happenings].count("TaskSubmitFailed") == 4
