"""The clock of the embedded AWS, which tests can turn; these have an embedded AWS of their own to turn it."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from choreography_insights.local import EmbeddedAws, embedded_aws
from choreography_insights.local.clock import Alarm, Clock
from local.stack import Stack, eventually, make_role
from local.waiting import token, waiting

MINUTE, DAY = 60.0, 86_400.0


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        make_role(running)
        yield running


def scheduled(stack: Stack, expression: str, **target: Any) -> tuple[str, str]:
    """Make a rule with a schedule; return its name and the queue that it sends to."""
    queue, name = stack.open_queue(), stack.name("rule")
    stack.client("events").put_rule(Name=name, ScheduleExpression=expression)
    stack.client("events").put_targets(Rule=name, Targets=[{"Id": "it", "Arn": stack.queue_arn(queue), **target}])
    return name, queue


def stop(stack: Stack, rule: str) -> None:
    """Disable a rule, so that it does not fire in other tests."""
    stack.client("events").disable_rule(Name=rule)


def test_who_waits_on_a_clock_goes_on_when_it_is_turned_far_enough() -> None:
    clock, ended = Clock(), threading.Event()
    clock.later(3600, ended.set)
    clock.turn(1800)
    assert not ended.wait(0.2)
    clock.turn(1800)
    assert ended.wait(5)


def test_an_alarm_that_is_set_and_cleared_at_once_lets_go_who_waits() -> None:
    alarm, went_on = Alarm(Clock()), threading.Event()

    def wait() -> None:
        if alarm.wait(3600):
            went_on.set()

    threading.Thread(target=wait, daemon=True).start()
    while not went_on.wait(0.02):
        alarm.set()
        alarm.clear()
    assert not alarm.is_set()
    assert not alarm.wait(0.01)


def test_a_clock_goes_on_in_between() -> None:
    clock = Clock()
    before, began = clock.time(), clock.monotonic()
    clock.turn(60)
    assert clock.ahead == 60
    assert 60 <= clock.time() - before < 65
    assert 60 <= clock.monotonic() - began < 65
    assert abs(clock.now().timestamp() - clock.time()) < 5


def test_it_shows_the_machines_time_and_is_turned_forward_only(aws: EmbeddedAws) -> None:
    before = aws.time() - time.time()
    assert abs(aws.turn_clock(DAY) - time.time() - before - DAY) < 5
    assert abs(aws.time() - time.time() - before - DAY) < 5
    for body in ('{"turn": -1}', '{"turn": "x"}', "{}", "x", '{"turn": NaN}', '{"turn": 1, "wait": 1}'):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{aws.url}/embedded-aws/clock", body.encode())  # noqa: S310
        assert refused.value.code == 400
        refused.value.close()


def test_the_clock_is_not_turned_while_a_function_is_at_work(aws: EmbeddedAws, stack: Stack) -> None:
    seen = stack.queue()
    function = stack.function(
        """
        import boto3, os, time

        def handler(event, context):
            sqs = boto3.client("sqs")
            sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody="begun")
            time.sleep(0.5)
            sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody="ended")
        """,
        Environment={"Variables": {"SEEN": seen}},
    )
    queue, dead = stack.redriven_queue(tries=1, VisibilityTimeout=30)
    stack.map(stack.queue_arn(queue), function)
    stack.send(queue, "work")
    assert stack.received(seen) == ["begun"]
    aws.turn_clock(DAY)
    assert stack.received(seen) == ["ended"]
    eventually(lambda: stack.is_empty(queue))
    assert stack.is_empty(dead)


def test_a_schedule_fires_every_time_that_is_over(aws: EmbeddedAws, stack: Stack) -> None:
    rule, queue = scheduled(stack, "rate(5 minutes)", Input='{"sweep": "due"}')
    aws.turn_clock(4 * MINUTE)
    assert stack.is_empty(queue)
    for _ in range(3):
        aws.turn_clock(5 * MINUTE)
        assert stack.received(queue) == ['{"sweep": "due"}']
        assert stack.is_empty(queue)
    stop(stack, rule)
    aws.turn_clock(5 * MINUTE)
    assert stack.is_empty(queue)
    stack.client("events").enable_rule(Name=rule)
    aws.turn_clock(4 * MINUTE)
    assert stack.is_empty(queue)
    aws.turn_clock(MINUTE)
    assert stack.received(queue) == ['{"sweep": "due"}']
    stop(stack, rule)


def test_a_schedule_fires_once_where_the_clock_is_turned_over_several_of_its_times(
    aws: EmbeddedAws, stack: Stack
) -> None:
    rule, queue = scheduled(stack, "rate(1 minute)")
    shown = aws.turn_clock(30 * DAY)
    [event] = [json.loads(body) for body in stack.received(queue)]
    assert stack.is_empty(queue)
    stop(stack, rule)
    assert event.pop("id")
    assert event.pop("time") in {
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(shown + late)) for late in range(-1, 3)
    }
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "region": "eu-west-1",
        "resources": [f"arn:aws:events:eu-west-1:123456789012:rule/{rule}"],
        "detail": {},
    }


def test_a_schedule_is_no_pattern_that_matches_every_event(aws: EmbeddedAws, stack: Stack) -> None:
    rule, queue = scheduled(stack, "rate(1 hour)")
    stack.client("events").put_events(Entries=[{"Source": "any", "DetailType": "any", "Detail": "{}"}])
    assert stack.is_empty(queue)
    stop(stack, rule)


def test_a_cron_schedule_fires_on_its_day(aws: EmbeddedAws, stack: Stack) -> None:
    rule, queue = scheduled(stack, "cron(0 12 * * ? *)")
    aws.turn_clock(DAY)
    assert len(stack.received(queue)) == 1
    stop(stack, rule)


def test_what_a_schedule_sends_begins_a_lineage_of_its_own(aws: EmbeddedAws, stack: Stack) -> None:
    seen = stack.queue()
    function = stack.function(
        """
        import boto3, os

        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=os.environ["_X_AMZN_TRACE_ID"])
        """,
        Environment={"Variables": {"SEEN": seen}},
    )
    rule, queue = scheduled(stack, "rate(1 minute)")
    stack.map(stack.queue_arn(queue), function, BatchSize=1)
    for _ in range(18):
        aws.turn_clock(MINUTE)
    assert {trace.rsplit(":", 1)[1] for trace in stack.received(seen, count=18)} == {"0"}
    stop(stack, rule)


def test_a_delayed_message_comes_when_the_clock_says_so(aws: EmbeddedAws, stack: Stack) -> None:
    queue = stack.queue()
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=900)
    aws.turn_clock(890)
    assert "Messages" not in stack.client("sqs").receive_message(QueueUrl=queue)
    aws.turn_clock(10)
    assert stack.received(queue) == ["late"]


def test_a_message_that_failed_comes_again_when_the_clock_says_so(aws: EmbeddedAws, stack: Stack) -> None:
    queue = stack.queue(VisibilityTimeout=3600)
    stack.send(queue, "once more")
    assert len(stack.client("sqs").receive_message(QueueUrl=queue)["Messages"]) == 1
    assert "Messages" not in stack.client("sqs").receive_message(QueueUrl=queue)
    aws.turn_clock(3600)
    assert stack.received(queue) == ["once more"]


def test_who_waits_for_messages_sees_them_as_the_clock_is_turned(aws: EmbeddedAws, stack: Stack) -> None:
    seen = stack.queue()
    function = stack.function(
        """
        import boto3, os, time

        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=str(time.time()))
        """,
        Environment={"Variables": {"SEEN": seen}},
    )
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function)
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=600)
    aws.turn_clock(600)
    [told] = stack.received(seen)
    assert abs(float(told) - aws.time()) < 30  # functions go by the same clock


def test_an_execution_waits_and_times_out_by_the_clock(aws: EmbeddedAws, stack: Stack) -> None:
    table, _ = stack.table()
    wait = {"Type": "Wait", "Seconds": 30 * int(DAY), "Next": "Token"}
    states = {"Pause": wait, "Token": waiting(table, "token", TimeoutSeconds=7 * int(DAY), End=True)}
    execution = stack.start(stack.machine({"StartAt": "Pause", "States": states}))
    begun = stack.client("stepfunctions").describe_execution(executionArn=execution)["startDate"].timestamp()
    entered(stack, execution, "Pause")
    aws.turn_clock(29 * DAY)
    assert aws.rest(20).rests
    assert not entered(stack, execution, "Token", now=True)
    aws.turn_clock(DAY)
    token(stack, table, execution, "token")
    entered(stack, execution, "Token")
    aws.turn_clock(7 * DAY)
    ended = stack.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    assert abs(ended["stopDate"].timestamp() - begun - 37 * DAY) < 60


def test_a_state_that_is_tried_again_and_one_that_waits_until_go_by_the_clock(aws: EmbeddedAws, stack: Stack) -> None:
    table, _ = stack.table()
    again = {"ErrorEquals": ["Broken"], "IntervalSeconds": 3600, "MaxAttempts": 1}
    states = {
        "Until": {"Type": "Wait", "TimestampPath": "$.until", "Next": "Token"},
        "Token": waiting(table, "token", Retry=[again], End=True),
    }
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(aws.time() + DAY))
    execution = stack.start(stack.machine({"StartAt": "Until", "States": states}), {"until": until})
    entered(stack, execution, "Until")
    aws.turn_clock(DAY)
    first = token(stack, table, execution, "token")
    stack.client("stepfunctions").send_task_failure(taskToken=first, error="Broken")
    eventually(lambda: "TaskFailed" in kinds(stack, execution))
    aws.turn_clock(3600)
    second = token(stack, table, execution, "token", other_than=first)
    stack.client("stepfunctions").send_task_success(taskToken=second, output="1")
    assert stack.ended(execution)["status"] == "SUCCEEDED"


def test_a_machine_of_its_own_timeout_times_out_by_the_clock(aws: EmbeddedAws, stack: Stack) -> None:
    states = {"Pause": {"Type": "Wait", "Seconds": 99_999, "End": True}}
    execution = stack.start(stack.machine({"StartAt": "Pause", "States": states, "TimeoutSeconds": 3600}))
    entered(stack, execution, "Pause")
    aws.turn_clock(3600)
    assert stack.ended(execution)["status"] == "TIMED_OUT"


def kinds(stack: Stack, execution: str) -> list[str]:
    history = stack.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return [event["type"] for event in history]


def entered(stack: Stack, execution: str, state: str, *, now: bool = False) -> bool:
    """Whether an execution has come to a state; wait for it unless asked about *now*."""

    def look() -> bool:
        history = stack.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        return any(event.get("stateEnteredEventDetails", {}).get("name") == state for event in history)

    if now:
        return look()
    return eventually(look)


# Keeps what it is given in a table and looks again when a schedule says so, as long as it is not due.
KEEPER = """
    import boto3, json, os, time
    sqs = boto3.client("sqs")
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

    def handler(event, context):
        for record in event["Records"]:
            message = json.loads(record["body"])
            if "keep" in message:
                table.put_item(Item={"pk": message["keep"], "sk": "kept", "until": int(message["until"])})
            elif "sweep" in message:
                for row in table.scan(ConsistentRead=True)["Items"]:
                    sqs.send_message(QueueUrl=os.environ["OWN"], MessageBody=json.dumps({"look": row["pk"]}))
            else:
                key = {"pk": message["look"], "sk": "kept"}
                row = table.get_item(Key=key, ConsistentRead=True).get("Item")
                passes = int(os.environ["_X_AMZN_TRACE_ID"].rsplit(":", 1)[1])
                verdict = {"at": time.time(), "passes": passes, "due": row is None or time.time() >= row["until"]}
                sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(verdict))
                if verdict["due"]:
                    table.delete_item(Key=key)
"""


def test_what_is_kept_for_thirty_days_by_looks_at_a_table_is_judged_with_the_limit_on(
    aws: EmbeddedAws, stack: Stack
) -> None:
    seen, (table, _) = stack.queue(), stack.table()
    rule, own = scheduled(stack, "rate(1 minute)", Input='{"sweep": "due"}')
    environment = {"SEEN": seen, "TABLE": table, "OWN": own}
    stack.map(
        stack.queue_arn(own), stack.function(KEEPER, Environment={"Variables": environment}, Timeout=20), BatchSize=1
    )
    until = aws.time() + 30 * DAY
    stack.send(own, json.dumps({"keep": "event", "until": until}))
    key = {"pk": {"S": "event"}, "sk": {"S": "kept"}}
    eventually(lambda: stack.client("dynamodb").get_item(TableName=table, Key=key).get("Item"))
    for _ in range(29):
        aws.turn_clock(DAY)
        verdict = looked_at(stack, seen)
        assert not verdict["due"]
        assert verdict["passes"] == 1  # from the sweep to the look; never more
    aws.turn_clock(DAY)
    verdict = looked_at(stack, seen)
    assert verdict["due"]
    assert 0 <= verdict["at"] - until < 60
    stop(stack, rule)


def looked_at(stack: Stack, seen: str) -> dict[str, Any]:
    """Take the last verdict: on a slow machine the schedule may fire between two turns of the clock."""
    verdict: dict[str, Any] = json.loads(stack.received(seen)[-1])
    return verdict
