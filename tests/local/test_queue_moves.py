"""Redrive: messages are moved out of a dead-letter queue, back to where they came from."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack, eventually


def dead_lettered(stack: Stack, *bodies: str) -> tuple[str, str]:
    """A queue and its dead-letter queue, on which lie *bodies* after one try each."""
    queue, dead = stack.redriven_queue(tries=1, VisibilityTimeout=0)
    stack.send(queue, *bodies)
    give_up(stack, queue)
    return queue, dead


def give_up(stack: Stack, queue: str) -> None:
    """Receive until nothing is left to receive."""
    sqs = stack.client("sqs")
    while sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        pass


def move(stack: Stack, source: str, **how: Any) -> str:
    return str(stack.client("sqs").start_message_move_task(SourceArn=stack.queue_arn(source), **how)["TaskHandle"])


def tasks(stack: Stack, source: str, **how: Any) -> list[dict[str, Any]]:
    answer = stack.client("sqs").list_message_move_tasks(SourceArn=stack.queue_arn(source), **how)
    return list(answer.get("Results", []))


def ended(stack: Stack, source: str) -> dict[str, Any]:
    """The newest task once it has ended."""
    return eventually(lambda: next((one for one in tasks(stack, source) if one["Status"] != "RUNNING"), {}))


def refusal(stack: Stack, call: str, **how: Any) -> str:
    with pytest.raises(ClientError) as caught:
        getattr(stack.client("sqs"), call)(**how)
    return str(caught.value.response["Error"]["Code"])


def test_messages_go_back_to_the_queue_that_they_came_from(stack: Stack) -> None:
    queue, dead = dead_lettered(stack, "a", "b")
    other, _ = stack.redriven_queue(tries=1, VisibilityTimeout=0)
    policy = f'{{"deadLetterTargetArn":"{stack.queue_arn(dead)}","maxReceiveCount":1}}'
    stack.client("sqs").set_queue_attributes(QueueUrl=other, Attributes={"RedrivePolicy": policy})
    stack.send(other, "c")
    give_up(stack, other)

    move(stack, dead)
    done = ended(stack, dead)
    assert (done["Status"], done["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 3)
    assert done["ApproximateNumberOfMessagesToMove"] == 3
    assert "TaskHandle" not in done
    assert sorted(stack.received(queue, count=2)) == ["a", "b"]
    assert stack.received(other) == ["c"]
    assert stack.is_empty(dead)


def test_a_moved_message_is_a_new_one_and_keeps_its_attributes(stack: Stack) -> None:
    queue, dead = stack.redriven_queue(tries=1, VisibilityTimeout=0)
    attributes = {"kind": {"DataType": "String", "StringValue": "greeting"}}
    sent = stack.client("sqs").send_message(QueueUrl=queue, MessageBody="hello", MessageAttributes=attributes)
    give_up(stack, queue)
    move(stack, dead)
    ended(stack, dead)

    (message,) = stack.client("sqs").receive_message(
        QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["All"]
    )["Messages"]
    assert message["MessageId"] != sent["MessageId"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["MessageAttributes"]["kind"]["StringValue"] == "greeting"
    give_up(stack, queue)
    assert stack.received(dead) == ["hello"]  # and has its tries again


def test_messages_can_be_moved_to_another_queue(stack: Stack) -> None:
    queue, dead = dead_lettered(stack, "a")
    elsewhere = stack.queue()
    move(stack, dead, DestinationArn=stack.queue_arn(elsewhere))
    assert ended(stack, dead)["DestinationArn"] == stack.queue_arn(elsewhere)
    assert stack.received(elsewhere) == ["a"]
    assert stack.is_empty(queue)


def test_a_message_that_nobody_dead_lettered_has_nowhere_to_go(stack: Stack) -> None:
    _, dead = stack.redriven_queue(tries=1)
    stack.send(dead, "put here by hand")
    move(stack, dead)
    done = ended(stack, dead)
    assert (done["Status"], done["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert stack.received(dead) == ["put here by hand"]


def test_one_task_at_a_time_runs_and_it_can_be_cancelled(stack: Stack) -> None:
    bodies = [str(number) for number in range(40)]
    _, dead = dead_lettered(stack, *bodies)
    handle = move(stack, dead, MaxNumberOfMessagesPerSecond=1)
    assert tasks(stack, dead)[0]["TaskHandle"] == handle
    again = refusal(stack, "start_message_move_task", SourceArn=stack.queue_arn(dead))
    assert again == "AWS.SimpleQueueService.UnsupportedOperation"

    eventually(lambda: tasks(stack, dead)[0]["ApproximateNumberOfMessagesMoved"])
    stack.client("sqs").cancel_message_move_task(TaskHandle=handle)
    stopped = ended(stack, dead)
    assert stopped["Status"] == "CANCELLED"
    assert 1 <= stopped["ApproximateNumberOfMessagesMoved"] < 40
    left = stack.received(dead, count=40 - stopped["ApproximateNumberOfMessagesMoved"])
    assert set(left) <= set(bodies)

    move(stack, dead)
    ended(stack, dead)
    assert [task["Status"] for task in tasks(stack, dead, MaxResults=10)] == ["COMPLETED", "CANCELLED"]
    assert refusal(stack, "cancel_message_move_task", TaskHandle=handle) == "ResourceNotFoundException"


def test_what_is_no_dead_letter_queue_of_another_queue_is_refused(stack: Stack) -> None:
    plain = stack.queue_arn(stack.queue())
    assert refusal(stack, "start_message_move_task", SourceArn=plain) == "InvalidParameterValue"
    for call in ("start_message_move_task", "list_message_move_tasks"):
        missing = stack.queue_arn(f"/{uuid.uuid4()}")
        assert refusal(stack, call, SourceArn=missing) == "ResourceNotFoundException"
