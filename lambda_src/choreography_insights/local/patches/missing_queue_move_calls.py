"""Adds what moves messages out of a dead-letter queue, which moto lacks: how a person on call puts them back.

As on AWS a moved message is a new one, with an id of its own and no receives; only messages that can be seen are moved,
one task at a time per queue; a message that nobody dead-lettered has no queue to go back to, and the task fails.
"""

import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import MotoChangedError, patch

_HOME = "_home_arn"
_ONE_IS_RUNNING = (
    "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
)


def install() -> None:
    """Add StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask; let messages know where they belong."""
    for call in (start_message_move_task, list_message_move_tasks, cancel_message_move_task):
        if hasattr(SQSResponse, call.__name__):
            raise MotoChangedError(f"moto has {call.__name__} of its own now: use that one, and drop this patch.")
        setattr(SQSResponse, call.__name__, call)

    @patch(Queue, "add_message", source_digest="f27c9231c1f2")
    def add_message(original: Any, self: Queue, message: Message) -> None:
        # The first queue that a message is on is where it was sent; a dead-letter queue is the second.
        message.__dict__.setdefault(_HOME, self.queue_arn)
        original(self, message)


@dataclass(eq=False)
class MoveTask:
    """Moves what can be seen on a queue to where it came from, or to a destination, in a thread of its own."""

    backend: SQSBackend
    source: Queue
    destination_arn: str | None
    per_second: int | None
    handle: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "RUNNING"
    failure: str | None = None
    moved: int = 0
    started_at: int = field(default_factory=lambda: int(clock.time() * 1000))
    cancelled: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.to_move = len(self.source.messages)

    def start(self) -> None:
        """Begin to move."""
        threading.Thread(target=self._run, name=f"move from {self.source.name}", daemon=True).start()

    def _run(self) -> None:
        while not self.cancelled.is_set() and self.failure is None and (message := self._take()) is not None:
            self._put(message)
            self.cancelled.wait(1 / self.per_second if self.per_second else 0)
        if self.failure is not None:
            self.status = "FAILED"
        else:
            self.status = "CANCELLED" if self.cancelled.is_set() else "COMPLETED"

    def _take(self) -> Message | None:
        with self.source._messages_lock:  # noqa: SLF001 - taken by all that changes a queue: see queue_receives
            message: Message | None = next(iter(self.source.messages), None)
            if message is None:
                return None
            if self.destination_arn is None and self._home(message) is None:
                self.failure = "CouldNotDetermineMessageSource"
                return None
            self.source._messages.remove(message)  # noqa: SLF001
            return message

    def _put(self, message: Message) -> None:
        self.backend.send_message(
            (self.destination_arn or self._home(message) or "").rsplit(":", 1)[1],
            message.body,
            message.message_attributes,
            delay_seconds=0,
            system_attributes=message.system_attributes,
        )
        self.moved += 1

    def _home(self, message: Message) -> str | None:
        arn: str | None = message.__dict__.get(_HOME)
        return None if arn == self.source.queue_arn else arn

    def told(self) -> dict[str, Any]:
        """What ListMessageMoveTasks says of it."""
        said = {
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source.queue_arn,
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.per_second,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure,
            "StartedTimestamp": self.started_at,
        }
        return {name: value for name, value in said.items() if value is not None}


def start_message_move_task(self: SQSResponse) -> ActionResult:
    """Begin to move the messages of a dead-letter queue."""
    source = _queue(self, "SourceArn")
    if not any(queue.dead_letter_queue is source for queue in self.sqs_backend.queues.values()):
        raise SQSException("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task.source is source and task.status == "RUNNING" for task in _tasks(self)):
        raise SQSException("AWS.SimpleQueueService.UnsupportedOperation", _ONE_IS_RUNNING)
    destination = _queue(self, "DestinationArn").queue_arn if self._get_param("DestinationArn") else None
    task = MoveTask(self.sqs_backend, source, destination, self._get_param("MaxNumberOfMessagesPerSecond"))
    _tasks(self).insert(0, task)
    task.start()
    return ActionResult({"TaskHandle": task.handle})


def list_message_move_tasks(self: SQSResponse) -> ActionResult:
    """Tell of a queue's tasks, the newest first."""
    source = _queue(self, "SourceArn")
    found = [task.told() for task in _tasks(self) if task.source is source]
    return ActionResult({"Results": found[: self._get_param("MaxResults") or 1]})


def cancel_message_move_task(self: SQSResponse) -> ActionResult:
    """Stop a task; what it has moved stays moved."""
    handle = self._get_param("TaskHandle")
    task = next((task for task in _tasks(self) if task.handle == handle and task.status == "RUNNING"), None)
    if task is None:
        raise _not_found("TaskHandle")
    task.cancelled.set()
    return ActionResult({"ApproximateNumberOfMessagesMoved": task.moved})


def _queue(self: SQSResponse, parameter: str) -> Queue:
    arn = self._get_param(parameter)
    queue = next((queue for queue in self.sqs_backend.queues.values() if queue.queue_arn == arn), None)
    if queue is None:
        raise _not_found(parameter)
    return queue


def _not_found(parameter: str) -> SQSException:
    return SQSException(
        "ResourceNotFoundException",
        f"The resource that you specified for the {parameter} parameter doesn't exist.",
    )


def _tasks(self: SQSResponse) -> list[MoveTask]:
    # On moto's own backend: one per account and Region, and emptied with everything else when moto is reset.
    tasks: list[MoveTask] = self.sqs_backend.__dict__.setdefault("move_tasks", [])
    return tasks
