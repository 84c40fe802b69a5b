"""Patches moto's SQS where several receive from one queue at a time.

moto 5.2.5 looks at a queue's messages without a lock: two receivers can get one message, and a message that arrives
while another is deleted can be lost. A long poll looks again once a second instead of when a message comes into sight.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import patch

_NEVER = math.inf


def install() -> None:
    """Take the queue's lock for all that changes who may see a message, and wait for messages instead of looking.

    ``receive_message`` gets two arguments more: it gives up as soon as the event *unless* is set, and calls *taking*
    before anybody can see that messages have been taken.
    """
    _patch_receiving()
    _patch_changes()


def seconds_until_visible(queue: Queue) -> float:
    """Return after how many seconds the next message comes into sight that nobody may see yet."""
    now = clock.time() * 1000
    hidden = [message for message in queue._messages if message.delayed or not message.visible]  # noqa: SLF001
    due = min((max(message.visible_at, message.delayed_until) for message in hidden), default=None)
    return _NEVER if due is None else (due - now) / 1000 + 0.002


def _patch_receiving() -> None:
    @patch(SQSBackend, "receive_message", source_digest="065f3e5e7d21")
    def receive_message(
        original: Any,
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: float,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
        *,
        unless: threading.Event | None = None,
        taking: Callable[[], None] | None = None,
    ) -> list[Message]:
        queue = self.get_queue(queue_name)
        deadline = time.monotonic() + wait_seconds_timeout
        with queue._messages_lock:  # noqa: SLF001
            while not (unless and unless.is_set()):
                messages: list[Message] = original(
                    self, queue_name, count, 0, visibility_timeout, message_attribute_names
                )
                if messages and taking:
                    taking()
                left = deadline - time.monotonic()
                if messages or left <= 0:
                    return messages
                queue._messages_lock.wait(min(left, seconds_until_visible(queue)))  # noqa: SLF001
            return []

    # moto works out every attribute of the queue, its counts included, for each message.
    @patch(SQSBackend, "is_message_valid_based_on_retention_period", source_digest="cca23b94a5f3")
    def is_retained(_: Any, self: SQSBackend, queue_name: str, message: Message) -> bool:
        retention: int = self.get_queue(queue_name).message_retention_period  # type: ignore[attr-defined]
        return retention + (message.sent_timestamp or 0) / 1000 > clock.time()


def _patch_changes() -> None:
    @patch(Queue, "delete_message", source_digest="fa6fd5b9bd2c")
    def delete_message(original: Any, self: Queue, receipt_handle: str) -> None:
        with self._messages_lock:
            original(self, receipt_handle)

    @patch(SQSBackend, "change_message_visibility", source_digest="f0e9df5f6662")
    def change_message_visibility(original: Any, self: SQSBackend, queue_name: str, *rest: Any, **named: Any) -> None:
        queue = self.get_queue(queue_name)
        with queue._messages_lock:  # noqa: SLF001
            original(self, queue_name, *rest, **named)
            queue._messages_lock.notify_all()  # noqa: SLF001

    @patch(SQSBackend, "purge_queue", source_digest="443ea1ae7b15")
    def purge_queue(original: Any, self: SQSBackend, queue_name: str) -> None:
        with self.get_queue(queue_name)._messages_lock:  # noqa: SLF001
            original(self, queue_name)
