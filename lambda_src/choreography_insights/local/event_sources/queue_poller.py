"""Polls one queue for one function."""

import base64
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.core.exceptions import ServiceException
from moto.sqs.models import Message, SQSBackend, sqs_backends

from choreography_insights.local.clock import clock
from choreography_insights.local.event_sources.batches import REPORTS_ITEMS, failed_items
from choreography_insights.local.event_sources.filters import passes, with_body_as_data
from choreography_insights.local.functions.pool import PoolEndedError
from choreography_insights.local.functions.process import Outcome
from choreography_insights.local.patches.queue_receives import seconds_until_visible
from choreography_insights.local.patches.trace_headers import trace_header

log = logging.getLogger(__name__)

# Takes the event, and the trace headers of what is in it.
Invoke = Callable[[str, Sequence[str]], Outcome]

LONG_POLL_SECONDS = 20.0
# Lambda invokes a function with at most 6 MB.
PAYLOAD_LIMIT = 6_000_000


class QueuePoller:
    """Takes batches from the mapping's queue and has them processed, several at a time, until it is stopped.

    As on AWS, a message whose processing failed stays invisible until its visibility timeout has passed, or until the
    time that the function itself has set; with *retry_after_seconds* it comes back after that many seconds at the
    latest.
    """

    def __init__(
        self, mapping: EventSourceMapping, invoke: Invoke, *, concurrency: int, retry_after_seconds: float | None = None
    ) -> None:
        self._mapping = mapping
        self._invoke = invoke
        self._retry_after_seconds = retry_after_seconds
        self._concurrency = concurrency
        self._running = 0
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        _, _, _, self._region, self._account, self._queue_name = mapping.event_source_arn.split(":")
        self._thread = threading.Thread(target=self._poll, daemon=True, name=f"poll {self._queue_name}")

    def start(self) -> None:
        """Begin to poll."""
        clock.watch(self)
        self._thread.start()

    def stop(self) -> None:
        """Take no more messages; batches that are being processed come to their end."""
        self._stopped.set()
        clock.unwatch(self)
        with self._changed:
            self._changed.notify_all()
        queue = self._backend.queues.get(self._queue_name)
        if queue:
            with queue._messages_lock:  # noqa: SLF001  # moto has no other way to end a long poll
                queue._messages_lock.notify_all()  # noqa: SLF001

    def is_pending(self) -> bool:
        """Whether there are messages to take."""
        queue = self._backend.queues.get(self._queue_name)
        if not queue:
            return False
        with queue._messages_lock:  # noqa: SLF001  # see patches.queue_receives
            return bool(queue.messages)

    def seconds_until_due(self) -> float | None:
        """Return in how many seconds the next message comes into sight; None if there is none."""
        queue = self._backend.queues.get(self._queue_name)
        if not queue:
            return None
        with queue._messages_lock:  # noqa: SLF001  # likewise
            seconds = seconds_until_visible(queue)
        return seconds if seconds < math.inf else None

    @property
    def _backend(self) -> SQSBackend:
        return sqs_backends[self._account][self._region]

    def _poll(self) -> None:
        while not self._stopped.is_set():
            # A slot first: what nobody can process yet must stay visible.
            if not self._wait_for_slot():
                return
            try:
                messages = self._receive()
            except ServiceException:  # the queue is not there (any more): Lambda keeps looking for it too
                self._stopped.wait(1)
                messages = []
            if not messages:
                self._free_slot()
                continue
            threading.Thread(target=self._process, args=[messages], daemon=True).start()

    def _wait_for_slot(self) -> bool:
        with self._changed:
            while self._running >= self._limit and not self._stopped.is_set():
                self._changed.wait()
            if self._stopped.is_set():
                return False
            self._running += 1
            return True

    def _free_slot(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    @property
    def _limit(self) -> int:
        wanted = (self._mapping.scaling_config or {}).get("MaximumConcurrency")
        return min(int(wanted), self._concurrency) if wanted else self._concurrency

    def _receive(self) -> list[Message]:
        """Return a batch: what is there, or, with a batching window, what has come when it is over.

        Work has begun with what is returned, from the first message on.
        """
        messages = self._take(self._mapping.batch_size, LONG_POLL_SECONDS, taking=clock.begin_work)
        window = float(self._mapping.max_batch_window or 0)
        if messages and window:
            try:
                self._fill(messages, time.monotonic() + window)
            except ServiceException:
                clock.end_work()
                raise
        return messages

    def _fill(self, messages: list[Message], until: float) -> None:
        while (missing := self._mapping.batch_size - len(messages)) > 0 and (left := until - time.monotonic()) > 0:
            if self._stopped.is_set() or sum(len(message.body) for message in messages) > PAYLOAD_LIMIT:
                break
            messages += self._take(missing, left)

    def _take(self, count: int, wait_seconds: float, *, taking: Callable[[], None] | None = None) -> list[Message]:
        timeout: int = self._backend.get_queue(self._queue_name).visibility_timeout  # type: ignore[attr-defined]
        messages: list[Message] = self._backend.receive_message(
            self._queue_name,
            count,
            wait_seconds,  # type: ignore[arg-type]  # patches.queue_receives takes parts of seconds, and more
            timeout,
            ["All"],
            unless=self._stopped,  # type: ignore[call-arg]
            taking=taking,
        )
        return messages

    def _process(self, messages: list[Message]) -> None:
        try:
            self._process_batch(messages)
        except PoolEndedError:
            pass
        except Exception:
            log.exception("queue %s: a batch of %d could not be processed", self._queue_name, len(messages))
        finally:
            clock.end_work()
            self._free_slot()

    def _process_batch(self, messages: list[Message]) -> None:
        records = {message.id: self._record(message) for message in messages}
        wanted = {
            identity: record
            for identity, record in records.items()
            if passes(with_body_as_data(record), self._mapping.filter_criteria)
        }
        failed: list[str] = []
        if wanted:
            headers = [header for message in messages if message.id in wanted if (header := trace_header(message))]
            outcome = self._invoke(json.dumps({"Records": list(wanted.values())}), headers)
            reports = REPORTS_ITEMS in (self._mapping.function_response_types or [])
            failed = failed_items(outcome, list(wanted), reports_items=reports)
        for message in messages:
            if message.id not in failed:
                self._backend.delete_message(self._queue_name, message.receipt_handle)  # type: ignore[arg-type]
            elif self._retry_after_seconds is not None:
                self._hasten(message, self._retry_after_seconds)

    def _hasten(self, message: Message, seconds: float) -> None:
        queue = self._backend.get_queue(self._queue_name)
        with queue._messages_lock:  # noqa: SLF001
            kept = next((one for one in queue._messages if one.id == message.id), None)  # noqa: SLF001
            # The function may have made it visible sooner itself.
            if kept is not None and kept.visible_at / 1000 > clock.time() + seconds:
                self._backend.change_message_visibility(self._queue_name, message.receipt_handle, int(seconds))  # type: ignore[arg-type]

    def _record(self, message: Message) -> dict[str, Any]:
        attributes = {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        }
        if header := trace_header(message):
            attributes["AWSTraceHeader"] = header
        if message.group_id is not None:
            attributes["MessageGroupId"] = message.group_id
        if message.deduplication_id is not None:
            attributes["MessageDeduplicationId"] = message.deduplication_id
        if message.sequence_number is not None:
            attributes["SequenceNumber"] = message.sequence_number
        record = {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {
                name: _message_attribute(value) for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.event_source_arn,
            "awsRegion": self._region,
        }
        if message.message_attributes:
            record["md5OfMessageAttributes"] = message.attribute_md5
        return record


def _message_attribute(value: dict[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    return {
        "stringValue": value.get("StringValue"),
        "binaryValue": base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
