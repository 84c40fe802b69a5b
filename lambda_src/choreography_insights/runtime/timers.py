"""Delayed messages: how something happens within the next quarter of an hour (later: the sweep of what is due)."""

import math
from collections.abc import Iterable
from typing import Any, Literal

from .event import compact_json
from .settings import ChoreographySettings
from .steps import Kind

#: SQS delays a message by 15 minutes at most.
LONGEST_DELAY_SECONDS = 900

#: SQS refuses these two, or puts U+FFFD in their place: an id would be another. In JSON they may be written so.
_NOT_TAKEN = {ord(one): f"\\u{ord(one):04x}" for one in "\ufffe\uffff"}


class Timers:
    """The rim towards SQS. What concerns starting a journey goes to the start queue, all else to the event queue."""

    def __init__(self, client: Any, event_queue_url: str, start_queue_url: str) -> None:
        self.client = client
        self.event_queue_url = event_queue_url
        self.start_queue_url = start_queue_url

    def send(
        self,
        kind: Kind,
        choreography: ChoreographySettings,
        entity_id: str,
        event_id: str,
        seconds: float,
        to: Literal["event", "start"] = "event",
        *,
        known_as: str | None = None,
    ) -> None:
        """Have the event looked at again in about *seconds* (rounded up, at most 15 minutes at a time).

        *known_as*: the kind of name that the id is, of an event whose entity is not known.
        """
        again = {"kind": kind, "entityId": entity_id, "eventId": event_id}
        again |= {} if known_as is None else {"as": known_as}
        self.client.send_message(
            QueueUrl=self.event_queue_url if to == "event" else self.start_queue_url,
            MessageBody=_as_sqs_takes(compact_json({"choreography": choreography.to_message(), "again": again})),
            DelaySeconds=min(LONGEST_DELAY_SECONDS, max(0, math.ceil(seconds))),
        )

    def hand_out(self, messages: Iterable[str], to: Literal["event", "start"]) -> None:
        """Send *messages*, each as it is."""
        for message in messages:
            self.client.send_message(
                QueueUrl=self.event_queue_url if to == "event" else self.start_queue_url,
                MessageBody=_as_sqs_takes(message),
                DelaySeconds=0,
            )

    def sweep_again(self) -> None:
        """Have what is due swept up again at once."""
        self.client.send_message(QueueUrl=self.event_queue_url, MessageBody='{"sweep":"due"}', DelaySeconds=0)


def _as_sqs_takes(body: str) -> str:
    """The same JSON without characters that SQS does not take."""
    return body.translate(_NOT_TAKEN)
