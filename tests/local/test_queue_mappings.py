"""Event source mappings of queues: polled as Lambda polls them."""

import hashlib
import json
import time
from typing import Any

from local.stack import Stack, eventually

# Hands each batch on to the queue in the environment, and then does what its messages' bodies say.
REPORTER = """
    import boto3, json, os, time
    sqs = boto3.client("sqs")

    def handler(event, context):
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event["Records"]))
        bodies = [record["body"] for record in event["Records"]]
        if "raise" in bodies:
            raise ValueError("asked to")
        if "sleep" in bodies:
            time.sleep(60)
        failures = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failures]}
"""


def reporter(stack: Stack, **configuration: Any) -> tuple[str, str]:
    """Deploy the reporter; return its name and the queue of what it has seen."""
    seen = stack.queue()
    return stack.function(REPORTER, Environment={"Variables": {"SEEN": seen}}, **configuration), seen


def bodies_seen(stack: Stack, seen: str, *, batches: int, seconds: float = 15) -> list[list[str]]:
    found = stack.received(seen, count=batches, seconds=seconds)
    return [[record["body"] for record in json.loads(batch)] for batch in found]


def test_a_record_has_the_form_that_lambda_gives_it(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function)
    sent = stack.client("sqs").send_message(
        QueueUrl=queue,
        MessageBody="héllo",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "greeting"}},
    )

    [[record]] = [json.loads(batch) for batch in stack.received(seen)]
    attributes = record.pop("attributes")
    assert record.pop("receiptHandle")
    assert record.pop("md5OfMessageAttributes") == sent["MD5OfMessageAttributes"]
    assert record == {
        "messageId": sent["MessageId"],
        "body": "héllo",
        "messageAttributes": {
            "kind": {
                "stringValue": "greeting",
                "binaryValue": None,
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfBody": hashlib.md5("héllo".encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": stack.queue_arn(queue),
        "awsRegion": "eu-west-1",
    }
    assert attributes["ApproximateReceiveCount"] == "1"
    assert abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    assert abs(int(attributes["ApproximateFirstReceiveTimestamp"]) / 1000 - time.time()) < 60
    assert attributes["SenderId"]


def test_messages_that_were_processed_are_gone(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function, BatchSize=1)
    stack.send(queue, "one", "two")
    assert sorted(body for batch in bodies_seen(stack, seen, batches=2) for body in batch) == ["one", "two"]
    eventually(lambda: stack.is_empty(queue))


def test_a_batching_window_gathers_messages_into_one_batch(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function, BatchSize=3, MaximumBatchingWindowInSeconds=60)
    stack.send(queue, "one", "two", "three")
    [batch] = bodies_seen(stack, seen, batches=1)  # as soon as it is full, not when the window is over
    assert sorted(batch) == ["one", "three", "two"]


def test_a_batch_is_no_larger_than_the_mapping_says(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    uuid = stack.map(stack.queue_arn(queue), function, BatchSize=2, Enabled=False)
    stack.send(queue, *"12345")
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert sorted(len(batch) for batch in bodies_seen(stack, seen, batches=3)) == [1, 2, 2]


def test_only_the_failures_that_are_reported_come_again_once_they_are_visible(stack: Stack) -> None:
    function, seen = reporter(stack, Timeout=3)
    stack.invoke(function, {"Records": []})  # a cold start may take longer than the messages are hidden
    assert stack.received(seen) == ["[]"]
    queue, dead = stack.redriven_queue(tries=2, VisibilityTimeout=3)
    uuid = stack.map(
        stack.queue_arn(queue),
        function,
        BatchSize=3,
        Enabled=False,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    stack.send(queue, "good 1", "bad", "good 2")
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert bodies_seen(stack, seen, batches=2) == [["good 1", "bad", "good 2"], ["bad"]]
    assert stack.received(dead) == ["bad"]
    assert stack.is_empty(queue)


def test_an_exception_brings_the_whole_batch_back_and_then_to_the_dead_letter_queue(stack: Stack) -> None:
    function, seen = reporter(stack, Timeout=1)
    queue, dead = stack.redriven_queue(tries=1, VisibilityTimeout=1)
    uuid = stack.map(stack.queue_arn(queue), function, Enabled=False)
    stack.send(queue, "raise", "neighbour")
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert bodies_seen(stack, seen, batches=1) == [["raise", "neighbour"]]
    assert sorted(stack.received(dead, count=2)) == ["neighbour", "raise"]


def test_a_function_that_runs_out_of_time_fails_its_batch_and_works_again(stack: Stack) -> None:
    function, seen = reporter(stack, Timeout=1)
    queue, dead = stack.redriven_queue(tries=1, VisibilityTimeout=2)
    stack.map(stack.queue_arn(queue), function, BatchSize=1)
    stack.send(queue, "sleep")
    assert stack.received(dead) == ["sleep"]
    stack.send(queue, "fine")
    assert bodies_seen(stack, seen, batches=2) == [["sleep"], ["fine"]]


def test_a_delayed_message_arrives_when_its_delay_is_over(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function)
    sent = time.monotonic()
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=2)
    assert bodies_seen(stack, seen, batches=1) == [["late"]]
    assert time.monotonic() - sent > 1.9


def test_a_disabled_mapping_takes_no_messages_and_a_deleted_one_neither(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    uuid = stack.map(stack.queue_arn(queue), function)
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    stack.send(queue, "kept")
    time.sleep(1.2)
    assert stack.is_empty(seen)
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert bodies_seen(stack, seen, batches=1) == [["kept"]]
    stack.client("lambda").delete_event_source_mapping(UUID=uuid)
    stack.send(queue, "nobody's")
    time.sleep(1.2)
    assert stack.received(queue) == ["nobody's"]


def test_maximum_concurrency_bounds_the_invocations_at_a_time(stack: Stack) -> None:
    function = stack.function("""
        import boto3, json, os, time

        def handler(event, context):
            began = time.time()
            time.sleep(0.5)
            message = json.dumps([began, time.time()])
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=message)
    """)
    seen = stack.queue()
    queue = stack.queue()
    stack.client("lambda").update_function_configuration(
        FunctionName=function, Environment={"Variables": {"SEEN": seen}}
    )
    stack.map(stack.queue_arn(queue), function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    stack.send(queue, *"123456")
    spans = [json.loads(span) for span in stack.received(seen, count=6)]
    at_a_time = [sum(began <= moment < ended for began, ended in spans) for moment, _ in spans]
    assert max(at_a_time) == 2


def test_a_filter_lets_only_matching_messages_through_and_drops_the_rest(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    pattern = json.dumps({"body": {"kind": ["wanted"]}})
    stack.map(stack.queue_arn(queue), function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    stack.send(queue, json.dumps({"kind": "other"}), "no json", json.dumps({"kind": "wanted"}))
    assert bodies_seen(stack, seen, batches=1) == [['{"kind": "wanted"}']]
    eventually(lambda: stack.is_empty(queue))


def test_a_function_that_is_updated_while_it_runs_takes_the_next_message_with_its_new_code(stack: Stack) -> None:
    function, seen = reporter(stack)
    queue = stack.queue()
    stack.map(stack.queue_arn(queue), function)
    stack.send(queue, "before")
    assert bodies_seen(stack, seen, batches=1) == [["before"]]

    other = stack.queue()
    stack.client("lambda").update_function_configuration(
        FunctionName=function, Environment={"Variables": {"SEEN": other}}
    )
    stack.send(queue, "after")
    assert bodies_seen(stack, other, batches=1) == [["after"]]


# Makes a message that it fails on visible again after the seconds that the message says.
HASTENER = """
    import boto3, json, os, time
    sqs = boto3.client("sqs")

    def handler(event, context):
        failures = []
        for record in event["Records"]:
            seen = json.dumps([record["body"], record["attributes"]["ApproximateReceiveCount"], time.time()])
            sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=seen)
            if record["attributes"]["ApproximateReceiveCount"] == "1" and record["body"] != "good":
                sqs.change_message_visibility(
                    QueueUrl=os.environ["OWN"],
                    ReceiptHandle=record["receiptHandle"],
                    VisibilityTimeout=int(record["body"]),
                )
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}
"""


def test_a_failed_message_comes_again_when_the_function_has_said(stack: Stack) -> None:
    own, seen = stack.queue(VisibilityTimeout=600), stack.queue()
    function = stack.function(HASTENER, Environment={"Variables": {"OWN": own, "SEEN": seen}})
    uuid = stack.map(
        stack.queue_arn(own),
        function,
        BatchSize=3,
        Enabled=False,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    stack.send(own, "2", "good", "0")
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    found = [json.loads(body) for body in stack.received(seen, count=5)]
    tries = {body: [at for one, _, at in found if one == body] for body in ("0", "2", "good")}
    assert {body: len(times) for body, times in tries.items()} == {"0": 2, "2": 2, "good": 1}
    pauses = {body: times[-1] - times[0] for body, times in tries.items()}
    assert max(pauses.values()) < 300  # however slow the machine is: the queue's own visibility timeout is twice that
    assert pauses["2"] > 1.9
    eventually(lambda: stack.is_empty(own))
