"""A bad deploy ends very many journeys within minutes: Step Functions' quotas of questions cost time, and no message.

The quotas are those of AWS divided by a hundred (the bucket and what flows in), and so are the journeys: 500 of them
here are 50,000.
"""

import pytest

from correlation.definitions import small
from fake_aws import FakeAws
from fake_aws.executions import Execution
from fake_aws.stepfunctions import Quota

JOURNEYS = 500
PAYMENT = small(
    "payment", "  Charged: {await: {Refused: Failed, Paid: Done}}\n  Failed: {fail: {error: Refused}}\n  Done: succeed"
)


def quota_of_describe_execution() -> Quota:
    return Quota(bucket=3, a_second=0.15)


def failing(*, minutes_late: float = 0.0) -> FakeAws:
    """Within a minute all journeys fail; Step Functions' words of it arrive so much later."""
    aws = FakeAws(PAYMENT, visibility_timeout=60.0, max_receives=12)
    for number in range(JOURNEYS):
        aws.publish("S", str(number), delay=number * 0.1)
        aws.publish("Refused", str(number), delay=60 + number * 60 / JOURNEYS)
    send, ended = aws.stepfunctions.on_execution_ended, list[Execution]()
    if minutes_late:
        aws.stepfunctions.on_execution_ended = ended.append
    aws.run(seconds=130)
    aws.stepfunctions.on_execution_ended = send
    if minutes_late:
        aws.clock.advance_to(aws.clock.now + minutes_late * 60)
        for execution in ended:
            send(execution)
    return aws


def statuses(aws: FakeAws) -> set[str]:
    return {items["JOURNEY"]["status"]["S"] for items in aws.table.partitions.values()}


def all_is_well(aws: FakeAws) -> bool:
    assert aws.outcome().dead_letters == []
    assert statuses(aws) == {"FAILED"}
    ended = [one["detail"]["entityId"] for one in aws.reports if one["detail-type"] == "Journey Ended"]
    assert sorted(ended) == sorted(str(number) for number in range(JOURNEYS))
    return True


@pytest.mark.usefixtures("no_log")
def test_ends_that_are_heard_of_at_once_are_believed_without_a_question() -> None:
    aws = failing()
    quota = aws.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=0, a_second=0)
    aws.run(seconds=60)
    assert all_is_well(aws)
    assert quota.refused == 0


@pytest.mark.usefixtures("no_log")
def test_ends_that_are_heard_of_late_are_asked_about_as_fast_as_step_functions_answers() -> None:
    aws = failing(minutes_late=10)
    quota = aws.stepfunctions.quotas["DescribeExecution"] = quota_of_describe_execution()
    aws.run(seconds=8 * 3600)
    assert all_is_well(aws)
    assert quota.refused > JOURNEYS  # it was short: without patience these were dead letters


@pytest.mark.usefixtures("no_log")
def test_events_that_meet_the_ended_journeys_are_judged_as_fast_as_step_functions_answers() -> None:
    aws = failing()
    aws.stepfunctions.quotas["DescribeExecution"] = quota_of_describe_execution()
    for number in range(JOURNEYS):
        aws.publish("Paid", str(number), delay=number * 0.1)
    aws.run(seconds=8 * 3600)
    assert all_is_well(aws)
    assert [one["reason"] for one in aws.deviations()] == ["JourneyEnded"] * JOURNEYS
    assert not any(queue.messages for queue in aws.queues.values())


@pytest.mark.usefixtures("no_log")
def test_the_watch_asks_no_more_once_step_functions_throttles_and_closes_all_in_the_end() -> None:
    journeys = 60
    aws = FakeAws(
        small("overdue", "  A: {await: {a: Done}}\n  Done: succeed", "expected: 10s"), visibility_timeout=60.0
    )
    aws.status_events = "dropped"
    for number in range(journeys):
        aws.publish("S", str(number))
        aws.publish("a", str(number), delay=2)
    aws.run(seconds=20)
    quota = aws.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=20, a_second=0.15)
    aws.watch()
    aws.run(seconds=300)
    assert quota.refused == 1
    for _ in range(3):
        aws.watch()
        aws.run(seconds=300)
    assert statuses(aws) == {"SUCCEEDED"}
    assert aws.outcome().dead_letters == []
