"""A journey outlives an hour in which DynamoDB takes no wait; what no repeat mends is not repeated."""

import pytest

from correlation.definitions import ALL, ORDER, SEQUENCE
from correlation.playing import nothing_is_left
from correlation.storing import refuse_writes
from world import World

HOUR = 3_600.0
PASSING = ["ThrottlingException", "ServiceUnavailable", "InternalServerError", "TransactionConflictException"]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("code", [*PASSING, "RequestLimitExceeded", "SdkClientException"])
def test_a_journey_that_enters_a_state_outlives_an_hour_without_dynamodb(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(ORDER)
    back_at = world.clock.now + HOUR
    refused = refuse_writes(monkeypatch, world, code, until=lambda now: now >= back_at)
    for name, at in {
        "Order Placed": 0,
        "Order Confirmed": 5,
        "Order Accepted": HOUR + 5,
        "Order Delivered": HOUR + 9,
    }.items():
        world.publish(name, "1", source="order", time=at, delay=at)
    world.run(seconds=HOUR - 1)
    assert world.journeys("1") == [("RUNNING", "WaitForConfirmation")]
    assert refused[-1] > back_at - 61
    world.run()
    # An event came, and its grace passed, while no wait could be stored: it is used all the same.
    assert world.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert world.deviations() == []
    assert nothing_is_left(world)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("code", PASSING)
def test_lines_beside_one_another_outlive_it_each_for_itself(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(ALL)
    back_at = world.clock.now + HOUR
    refuse_writes(monkeypatch, world, code, of="P.y", until=lambda now: now >= back_at)
    world.publish("S", "1")
    world.publish("b", "1", delay=1)
    world.publish("a", "1", delay=2 * HOUR)
    world.publish("c", "1", delay=2 * HOUR + 5)
    world.run(seconds=3 * HOUR)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(world)


def test_a_permission_that_is_put_right_after_fifty_minutes_ends_no_journey(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(SEQUENCE)
    right_at = world.clock.now + 50 * 60
    refused = refuse_writes(monkeypatch, world, "AccessDeniedException", until=lambda now: now >= right_at)
    world.publish("S", "1")
    world.publish("a", "1", delay=HOUR)
    world.publish("b", "1", delay=HOUR + 5)
    world.run(seconds=2 * HOUR)
    assert len(refused) > 40
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(world)


def test_an_event_that_is_unexpected_still_fails_the_journey_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(SEQUENCE)
    back_at = world.clock.now + HOUR
    refuse_writes(monkeypatch, world, "ThrottlingException", until=lambda now: now >= back_at)
    world.publish("S", "1")
    world.publish("b", "1", delay=10)
    world.run(seconds=HOUR)
    assert world.journeys("1") == [("RUNNING", "A")]
    world.run()
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert [one["reason"] for one in world.deviations()] == ["UnexpectedEvent"]
    # The failure is no error of the write: no other try of the task begins.
    assert [one.type for one in world.executions[0].history.happenings].count("TaskFailed") == 1
    assert nothing_is_left(world)


def test_the_wait_of_an_execution_whose_row_is_another_ones_is_refused_once_and_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(SEQUENCE)
    refused = refuse_writes(monkeypatch, world, "ThrottlingException", times=3)
    world.publish("S", "1")
    world.run(seconds=1)
    row = world.table.partitions["sequence#1"]["JOURNEY"]
    world.table.partitions["sequence#1"]["JOURNEY"] = {**row, "execution": {"S": "another"}}
    world.run(seconds=60)
    assert len(refused) == 3
    assert world.executions[0].error == "DynamoDb.ConditionalCheckFailedException"
    assert [one.type for one in world.executions[0].history.happenings].count("TaskSubmitFailed") == 4
