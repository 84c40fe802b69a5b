"""A bad deploy ends very many journeys within minutes: Step Functions' quotas of questions cost time, and no message.

The quotas are those of AWS divided by a hundred (the bucket and what flows in), and so are the journeys: 500 of them
here are 50,000.
"""

import pytest

from correlation.definitions import small
from world import World
from world.executions import Execution
from world.stepfunctions import Quota

JOURNEYS = 500
PAYMENT = small(
    "payment", "  Charged: {await: {Refused: Failed, Paid: Done}}\n  Failed: {fail: {error: Refused}}\n  Done: succeed"
)


def quota_of_describe_execution() -> Quota:
    return Quota(bucket=3, a_second=0.15)


def failing(*, minutes_late: float = 0.0) -> World:
    """Within a minute all journeys fail; Step Functions' words of it arrive so much later."""
    world = World(PAYMENT, visibility_timeout=60.0, max_receives=12)
    for number in range(JOURNEYS):
        world.publish("S", str(number), delay=number * 0.1)
        world.publish("Refused", str(number), delay=60 + number * 60 / JOURNEYS)
    send, ended = world.stepfunctions.on_end, list[Execution]()
    if minutes_late:
        world.stepfunctions.on_end = ended.append
    world.run(seconds=130)
    world.stepfunctions.on_end = send
    if minutes_late:
        world.clock.advance_to(world.clock.now + minutes_late * 60)
        for execution in ended:
            send(execution)
    return world


def statuses(world: World) -> set[str]:
    return {items["JOURNEY"]["status"]["S"] for items in world.table.partitions.values()}


def all_is_well(world: World) -> bool:
    assert world.outcome().dead_letters == []
    assert statuses(world) == {"FAILED"}
    ended = [one["detail"]["entityId"] for one in world.reports if one["detail-type"] == "Journey Ended"]
    assert sorted(ended) == sorted(str(number) for number in range(JOURNEYS))
    return True


@pytest.mark.usefixtures("no_log")
def test_ends_that_are_heard_of_at_once_are_believed_without_a_question() -> None:
    world = failing()
    quota = world.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=0, a_second=0)
    world.run(seconds=60)
    assert all_is_well(world)
    assert quota.refused == 0


@pytest.mark.usefixtures("no_log")
def test_ends_that_are_heard_of_late_are_asked_about_as_fast_as_step_functions_answers() -> None:
    world = failing(minutes_late=10)
    quota = world.stepfunctions.quotas["DescribeExecution"] = quota_of_describe_execution()
    world.run(seconds=8 * 3600)
    assert all_is_well(world)
    assert quota.refused > JOURNEYS  # it was short: without patience these were dead letters


@pytest.mark.usefixtures("no_log")
def test_events_that_meet_the_ended_journeys_are_judged_as_fast_as_step_functions_answers() -> None:
    world = failing()
    world.stepfunctions.quotas["DescribeExecution"] = quota_of_describe_execution()
    for number in range(JOURNEYS):
        world.publish("Paid", str(number), delay=number * 0.1)
    world.run(seconds=8 * 3600)
    assert all_is_well(world)
    assert [one["reason"] for one in world.deviations()] == ["JourneyEnded"] * JOURNEYS
    assert not any(queue.messages for queue in world.queues.values())


@pytest.mark.usefixtures("no_log")
def test_the_watch_asks_no_more_once_step_functions_throttles_and_closes_all_in_the_end() -> None:
    journeys = 60
    world = World(
        small("overdue", "  A: {await: {a: Done}}\n  Done: succeed", "expected: 10s"), visibility_timeout=60.0
    )
    world.status_events = "dropped"
    for number in range(journeys):
        world.publish("S", str(number))
        world.publish("a", str(number), delay=2)
    world.run(seconds=20)
    quota = world.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=20, a_second=0.15)
    world.watch()
    world.run(seconds=300)
    assert quota.refused == 1
    for _ in range(3):
        world.watch()
        world.run(seconds=300)
    assert statuses(world) == {"SUCCEEDED"}
    assert world.outcome().dead_letters == []
