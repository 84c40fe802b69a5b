"""SQS in memory: delay, visibility, tries, dead-letter queue."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_aws.clock import Clock
from fake_aws.errors import client_error

_LIMIT_BYTES = 1_048_576
#: What SQS replaces, as SendMessage's reference says (an older one says that it refuses the message).
_NOT_KEPT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_DELAY = 900
_LONGEST_VISIBILITY = 43_200
_MOST_ENTRIES = 10


@dataclass(eq=False)
class Message:
    """A message on a queue. *visible_at*: from when on it may be received; *returns_at*: the same if it fails now.

    *returns_at* is None where nobody has changed it: then its visibility timeout has to pass.
    """

    id: str
    body: str
    sent_at: float
    visible_at: float
    receive_count: int = 0
    in_flight: bool = False
    returns_at: float | None = None

    @property
    def receipt_handle(self) -> str:
        """What whoever has received it last knows it by."""
        return f"handle-{self.id}-{self.receive_count}"


@dataclass
class Queue:
    """A queue. What was received *max_receives* times in vain is moved to *dead_letters*."""

    name: str
    clock: Clock
    visibility_timeout: float
    max_receives: int
    messages: list[Message] = field(default_factory=list)
    dead_letters: list[Message] = field(default_factory=list)
    sent: int = 0

    @property
    def url(self) -> str:
        """The address by which the queue is known."""
        return f"https://sqs.eu-west-1.amazonaws.com/111122223333/{self.name}"

    def send(self, body: str, delay: float = 0.0) -> Message:
        """Put a message on the queue."""
        self.sent += 1
        now = self.clock.now
        message = Message(f"{self.name}-{self.sent}", body, now, now + delay)
        self.messages.append(message)
        return message

    def visible(self) -> list[Message]:
        """What may be received now: the message that became visible first comes first, but nobody must keep to that."""
        now = self.clock.now
        there = [one for one in self.messages if not one.in_flight and one.visible_at <= now]
        return sorted(there, key=lambda one: one.visible_at)

    def receive(self, message: Message) -> dict[str, Any] | None:
        """Take *message* as Lambda does; None if it has had its tries and is a dead letter now."""
        if message.receive_count >= self.max_receives:
            self.messages.remove(message)
            self.dead_letters.append(message)
            return None
        message.receive_count += 1
        message.in_flight, message.returns_at = True, None
        return self.as_record(message)

    def as_record(self, message: Message) -> dict[str, Any]:
        """The message as a function sees it."""
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.receive_count),
                "SentTimestamp": str(int(message.sent_at * 1000)),
                "SenderId": "AIDA",
                "ApproximateFirstReceiveTimestamp": str(int(self.clock.now * 1000)),
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:eu-west-1:111122223333:{self.name}",
            "awsRegion": "eu-west-1",
        }

    def done(self, message: Message) -> None:
        """The message was processed."""
        self.messages.remove(message)

    def failed(self, message: Message) -> None:
        """It was not: it shows up again when its visibility timeout has passed, or when somebody said."""
        message.in_flight = False
        usual = self.clock.now + self.visibility_timeout
        message.visible_at = usual if message.returns_at is None else message.returns_at

    def change_visibility(self, receipt_handle: str, seconds: int) -> bool:
        """Have a message that is in flight show up again so long from now; whether there is such a message."""
        message = next((one for one in self.messages if one.receipt_handle == receipt_handle), None)
        if message is None or not message.in_flight:
            return False
        message.returns_at = self.clock.now + seconds
        return True

    def redrive(self) -> None:
        """Put the dead letters back, as StartMessageMoveTask does."""
        back, self.dead_letters = self.dead_letters, []
        for message in back:
            message.receive_count, message.in_flight, message.visible_at = 0, False, self.clock.now
            self.messages.append(message)

    def due_times(self) -> Iterator[float]:
        """When a message will be visible."""
        yield from (one.visible_at for one in self.messages if not one.in_flight)


class SqsClient:
    """The calls, as botocore's client has it."""

    def __init__(self, *queues: Queue) -> None:
        self.queues = {queue.url: queue for queue in queues}

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, Any]:
        """Send a message, delayed by 15 minutes at most."""
        queue = self.queues.get(QueueUrl)
        if queue is None:
            raise client_error("AWS.SimpleQueueService.NonExistentQueue", QueueUrl, "SendMessage")
        if type(DelaySeconds) is not int or not 0 <= DelaySeconds <= _LONGEST_DELAY:
            text = f"Value {DelaySeconds} for parameter DelaySeconds is invalid"
            raise client_error("InvalidParameterValue", text, "SendMessage")
        if len(MessageBody.encode()) > _LIMIT_BYTES:
            raise client_error("InvalidParameterValue", "the message is too long", "SendMessage")
        return {"MessageId": queue.send(_NOT_KEPT.sub("\N{REPLACEMENT CHARACTER}", MessageBody), DelaySeconds).id}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Change when messages in flight show up again."""
        queue = self.queues.get(QueueUrl)
        if queue is None:
            raise client_error("AWS.SimpleQueueService.NonExistentQueue", QueueUrl, "ChangeMessageVisibilityBatch")
        if not 1 <= len(Entries) <= _MOST_ENTRIES or len({entry["Id"] for entry in Entries}) < len(Entries):
            code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
            raise client_error(code, "one to ten entries of different ids", "ChangeMessageVisibilityBatch")
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in Entries:
            seconds = entry["VisibilityTimeout"]
            valid = type(seconds) is int and 0 <= seconds <= _LONGEST_VISIBILITY
            if valid and queue.change_visibility(entry["ReceiptHandle"], seconds):
                answer["Successful"].append({"Id": entry["Id"]})
            else:
                answer["Failed"].append({"Id": entry["Id"], "SenderFault": True, "Code": "ReceiptHandleIsInvalid"})
        return answer
