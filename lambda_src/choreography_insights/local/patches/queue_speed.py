"""Makes moto's queues fast enough for hundreds of messages.

moto 5.2.5 works out all attributes of a queue, its three counts of messages included, for every message that is sent,
and looks at the clock for each message by way of calendar dates: sending takes longer the more messages wait.
"""

import threading
from typing import Any

from moto.sqs import models
from moto.sqs.models import Queue, SQSBackend

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import patch

_COUNTS = (
    "approximate_number_of_messages",
    "approximate_number_of_messages_delayed",
    "approximate_number_of_messages_not_visible",
)

_here = threading.local()


def install() -> None:
    """Leave the counts out while a message is sent, and read the clock plainly."""
    for name in _COUNTS:
        setattr(Queue, name, _unless_sending(getattr(Queue, name)))

    @patch(SQSBackend, "send_message", source_digest="bf161af09a9e")
    def send_message(original: Any, self: SQSBackend, *arguments: Any, **named: Any) -> Any:
        _here.sends = True
        try:
            return original(self, *arguments, **named)
        finally:
            _here.sends = False

    models.unix_time_millis = _milliseconds  # type: ignore[assignment,attr-defined]


def _unless_sending(count: property) -> property:
    def counted(self: Queue) -> int:
        if getattr(_here, "sends", False):
            return 0  # nobody looks: only what the queue does with duplicates is asked for
        found: int = count.__get__(self)
        return found

    return property(counted)


def _milliseconds() -> float:
    return clock.time() * 1000
