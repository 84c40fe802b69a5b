"""When nothing moves on the embedded AWS, and what is due next: how tests turn its clock, on one that stands still."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from choreography_insights.local import EmbeddedAws, embedded_aws
from choreography_insights.local.clock import Alarm, Clock
from local.stack import Stack, make_role
from local.waiting import waiting

HOUR, DAY = 3_600, 86_400
PATIENCE = 60.0
A_TICK = 0.01


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws(clock_stands=True) as running:
        make_role(running)
        yield running


def due(aws: EmbeddedAws) -> float | None:
    """In how many seconds something is due, once nothing moves."""
    rest = aws.rest(PATIENCE)
    assert rest.rests
    return rest.due


def pause(seconds: int) -> dict[str, Any]:
    """States that wait for so long."""
    return {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def test_a_thread_is_at_work_unless_it_waits_for_an_alarm() -> None:
    clock, may_end = Clock(), threading.Event()
    alarm = Alarm(clock)

    def work() -> None:
        alarm.wait()
        may_end.wait()

    thread = clock.thread(target=work)
    thread.start()
    assert clock.rest(PATIENCE)
    alarm.set()
    assert not clock.rest(0.0)  # also before the other thread has woken
    may_end.set()
    assert clock.rest(PATIENCE)
    thread.join()


def test_who_sleeps_on_a_clock_is_at_work_as_soon_as_it_is_turned() -> None:
    clock, may_end = Clock(), threading.Event()
    clock.stop()

    def work() -> None:
        may_end.wait()

    clock.later(HOUR, work)
    assert clock.rest(PATIENCE)
    assert clock.seconds_until_due() == HOUR
    clock.turn(HOUR)
    assert not clock.rest(0.0)
    assert clock.seconds_until_due() is None
    may_end.set()
    assert clock.rest(PATIENCE)


def test_a_clock_that_stands_goes_where_it_is_turned() -> None:
    clock = Clock()
    clock.stop()
    before, began = clock.time(), clock.monotonic()
    assert before == int(before)
    clock.turn(90)
    assert (clock.time(), clock.monotonic()) == (before + 90, began + 90)


def test_functions_go_by_the_clock_that_stands(aws: EmbeddedAws, stack: Stack) -> None:
    function = stack.function("import time\n\ndef handler(event, context):\n    return [time.time(), time.time_ns()]")
    shown = aws.turn_clock(0.25)
    assert stack.invoke(function) == [shown, int(shown * 1_000_000_000)]
    assert aws.time() == shown


def test_an_execution_rests_where_all_its_branches_wait(aws: EmbeddedAws, stack: Stack) -> None:
    assert due(aws) is None
    states = {
        "Both": {"Type": "Parallel", "Branches": [pause(DAY), pause(3 * DAY)], "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": pause(HOUR), "End": True},
    }
    execution = stack.start(stack.machine({"StartAt": "Both", "States": states}))
    for seconds in (DAY, 2 * DAY, HOUR):
        assert due(aws) == seconds
        aws.turn_clock(seconds)
    assert due(aws) is None
    assert stack.client("stepfunctions").describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def test_a_task_that_waits_for_its_token_is_due_when_it_times_out(aws: EmbeddedAws, stack: Stack) -> None:
    table, _ = stack.table()
    states = {"Token": waiting(table, "token", TimeoutSeconds=7 * DAY, End=True)}
    execution = stack.start(stack.machine({"StartAt": "Token", "States": states}))
    assert due(aws) == 7 * DAY
    aws.turn_clock(7 * DAY)
    assert aws.rest(PATIENCE).rests
    assert stack.client("stepfunctions").describe_execution(executionArn=execution)["error"] == "States.Timeout"


def test_a_queue_rests_when_its_messages_are_processed_or_not_yet_visible(aws: EmbeddedAws, stack: Stack) -> None:
    seen = stack.queue()
    function = stack.function(
        """
        import boto3, os

        def handler(event, context):
            for record in event["Records"]:
                boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=record["body"])
        """,
        Environment={"Variables": {"SEEN": seen}},
    )
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function)
    stack.send(queue, "now")
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=600)
    assert due(aws) == pytest.approx(600, abs=A_TICK)
    assert stack.received(seen) == ["now"]
    aws.turn_clock(600 + A_TICK)
    assert due(aws) is None
    assert stack.received(seen) == ["late"]


def test_a_stream_rests_when_its_records_are_processed(aws: EmbeddedAws, stack: Stack) -> None:
    seen = stack.queue()
    function = stack.function(
        """
        import boto3, os

        def handler(event, context):
            for record in event["Records"]:
                boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=record["eventName"])
        """,
        Environment={"Variables": {"SEEN": seen}},
    )
    table, stream = stack.table()
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=1)
    for number in range(5):
        stack.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "one"}, "sk": {"S": f"{number}"}})
    assert due(aws) is None
    answer = stack.client("sqs").receive_message(QueueUrl=seen, MaxNumberOfMessages=10)
    assert [message["Body"] for message in answer["Messages"]] == 5 * ["INSERT"]


def test_what_is_at_work_for_too_long_does_not_rest(aws: EmbeddedAws, stack: Stack) -> None:
    stack.map(stack.queue_arn(queue := stack.queue()), stack.function("import time\n\ndef handler(*_): time.sleep(1)"))
    stack.send(queue, "work")
    assert not aws.rest(0.0).rests
    assert aws.rest(PATIENCE).rests
