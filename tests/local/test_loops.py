"""Recursive loops: Lambda stops a function that one chain of requests invokes again and again."""

import json

import pytest

from choreography_insights.local import lineage
from local.stack import Stack, eventually

# Says which message it got with which lineage, and sends the next one until the last.
COUNTER = """
    import boto3, json, os
    sqs = boto3.client("sqs")

    def handler(event, context):
        for record in event["Records"]:
            number = int(record["body"])
            seen = json.dumps([number, os.environ["_X_AMZN_TRACE_ID"], record["attributes"].get("AWSTraceHeader")])
            sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=seen)
            if number < int(os.environ["LAST"]):
                sqs.send_message(QueueUrl=os.environ["OWN"], MessageBody=str(number + 1))
"""


class Chain:
    """A function that sends messages to the queue that invokes it."""

    def __init__(self, stack: Stack, *, last: int, batch: int = 1, tries: int = 1) -> None:
        self.stack = stack
        self.own, self.dead = stack.redriven_queue(tries=tries, VisibilityTimeout=5)
        self.seen = stack.queue()
        environment = {"SEEN": self.seen, "OWN": self.own, "LAST": str(last)}
        self.function = stack.function(COUNTER, Environment={"Variables": environment}, Timeout=5)
        stack.invoke(self.function, {"Records": []})  # a cold start may take longer than the messages are hidden
        stack.map(stack.queue_arn(self.own), self.function, BatchSize=batch)

    def passes(self, count: int) -> list[tuple[int, int]]:
        """Take *count* messages that the function has seen: their numbers, each with the count in its lineage."""
        found = [json.loads(body) for body in self.stack.received(self.seen, count=count)]
        return sorted((number, int(trace.rsplit(":", 1)[1])) for number, trace, _ in found)

    def dropped(self) -> float:
        """What the metric says of dropped invocations."""
        return self.stack.counted("AWS/Lambda", "RecursiveInvocationsDropped", FunctionName=self.function)


def test_a_chain_is_stopped_after_sixteen_invocations_and_ends_in_the_dead_letter_queue_uninvoked(
    stack: Stack,
) -> None:
    chain = Chain(stack, last=40, tries=2)
    stack.send(chain.own, "0")
    assert chain.passes(16) == [(number, number) for number in range(16)]
    assert stack.received(chain.dead) == ["16"]
    assert stack.is_empty(chain.seen)
    assert chain.dropped() == 2  # each time the message came again


def test_a_function_that_may_loop_goes_on(stack: Stack) -> None:
    chain = Chain(stack, last=20)
    functions = stack.client("lambda")
    assert functions.get_function_recursion_config(FunctionName=chain.function)["RecursiveLoop"] == "Terminate"
    functions.put_function_recursion_config(FunctionName=chain.function, RecursiveLoop="Allow")
    assert functions.get_function_recursion_config(FunctionName=chain.function)["RecursiveLoop"] == "Allow"
    stack.send(chain.own, "0")
    assert chain.passes(21) == [(number, number) for number in range(21)]
    eventually(lambda: stack.is_empty(chain.own))
    assert stack.is_empty(chain.dead)
    assert chain.dropped() == 0


def test_what_somebody_else_sends_begins_a_lineage_of_its_own(stack: Stack) -> None:
    chain = Chain(stack, last=3)
    stack.send(chain.own, "0")
    assert chain.passes(4) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    stack.send(chain.own, "2")
    assert chain.passes(2) == [(2, 0), (3, 1)]


def test_a_message_has_the_trace_of_the_call_that_sent_it(stack: Stack) -> None:
    chain = Chain(stack, last=1)
    stack.send(chain.own, "0")
    (_, _, none), (_, _, header) = sorted(json.loads(body) for body in stack.received(chain.seen, count=2))
    assert none is None
    assert header.startswith("Root=1-")
    assert ";Sampled=0;Lineage=" in header
    assert header.endswith(":0")


def test_the_messages_of_a_batch_share_the_highest_count_the_innocent_ones_too(stack: Stack) -> None:
    chain = Chain(stack, last=0, batch=2)
    [uuid] = [one["UUID"] for one in _mappings(chain)]
    stack.send(chain.own, "0")
    [(_, trace, _)] = [json.loads(body) for body in stack.received(chain.seen)]
    eventually(lambda: stack.is_empty(chain.own))
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    header = {"DataType": "String", "StringValue": trace.removesuffix(":0") + ":15"}
    stack.client("sqs").send_message(
        QueueUrl=chain.own, MessageBody="5", MessageSystemAttributes={"AWSTraceHeader": header}
    )
    stack.send(chain.own, "6")
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert sorted(stack.received(chain.dead, count=2)) == ["5", "6"]
    assert stack.is_empty(chain.seen)


def _mappings(chain: Chain) -> list[dict[str, str]]:
    found: list[dict[str, str]] = chain.stack.client("lambda").list_event_source_mappings(FunctionName=chain.function)[
        "EventSourceMappings"
    ]
    return found


def test_functions_that_invoke_themselves_are_stopped_too(stack: Stack) -> None:
    function = stack.function("""
        import boto3, json, os

        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=event["seen"], MessageBody=str(event["number"]))
            event["number"] += 1
            boto3.client("lambda").invoke(
                FunctionName=context.function_name, InvocationType="Event", Payload=json.dumps(event)
            )
    """)
    dead, seen = stack.queue(), stack.queue()
    stack.client("lambda").update_function_configuration(
        FunctionName=function, DeadLetterConfig={"TargetArn": stack.queue_arn(dead)}
    )
    payload = json.dumps({"seen": seen, "number": 0})
    stack.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    assert json.loads(stack.received(dead)[0])["number"] == 16
    assert len(stack.received(seen, count=16)) == 16


def test_each_function_of_a_chain_is_counted_for_itself() -> None:
    one = lineage.invocation("one", [], 0)
    two = lineage.invocation("two", [one.header], 0)
    again = lineage.invocation("one", [two.header], 0)
    assert [one.passes, two.passes, again.passes] == [0, 0, 1]
    assert again.header.split(";")[0] == one.header.split(";")[0]


@pytest.mark.parametrize("header", ["", "Root=1-2-3", "Root=1-2-3;Lineage=", "Lineage=one:x|:3|two", "=;;a=b"])
def test_a_header_without_a_count_begins_anew(header: str) -> None:
    assert lineage.invocation("one", [header], 0).passes == 0
