"""An event as the correlation sees it: who it is about, when it was, and what Step Functions gets of it."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from choreography_insights.core.fields import ABSENT, cut, read

from .errors import InvalidMessage
from .settings import ChoreographySettings

#: Step Functions takes 262,144 bytes of data; the rest of an execution's data (names, journey) needs a little of it.
PAYLOAD_LIMIT_BYTES = 262_144 - 8_192

#: What a failure's cause may have; it carries the event that ends a group. Step Functions may write more signs than we.
CAUSE_LIMIT = 32_768 - 4_096

#: What a row may have of an event and of what its journey remembers: DynamoDB takes 400 KB, with names and settings.
ROW_LIMIT_BYTES = 370_000

_LIKENESS_DIGITS = 16

#: JSON without needless bytes. Raises `ValueError` for what Python reads as a number and JSON has not: 1e400.
compact_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
#: The same with only ASCII in it, as long as any writer makes it.
escaped_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class Event(NamedTuple):
    """One event about one entity. *time* orders it among its neighbours (epoch seconds).

    *published*: when EventBridge took it, which its deliveries count from, whatever clock orders it. *bridge_id*:
    EventBridge's id, where *event_id* is the event's own.
    """

    event_id: str
    name: str
    time: float
    entity_id: str
    payload: Mapping[str, Any]
    published: float
    bridge_id: str | None = None

    @property
    def detail(self) -> Any:
        """The event's detail, as far as it was kept."""
        return self.payload["detail"]

    @property
    def ids_in_words(self) -> str:
        """By which ids it is found, for a cause; `history` looks for what stands before the comma."""
        return self.event_id if self.bridge_id is None else f"{self.event_id}, EventBridge's {self.bridge_id}"

    @property
    def likeness(self) -> str:
        """What it has in common with the same event published again, under another id: a hash of all that it says.

        Empty if that is not known: not all of its detail was kept.
        """
        if "detailOmitted" in self.payload:
            return ""
        said = [self.name, self.payload.get("source"), self.detail]
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:_LIKENESS_DIGITS]

    @property
    def payload_json(self) -> str:
        """What a wait state outputs when this event moves it. The same event gives the same bytes."""
        return compact_json(self.payload)


def event_from_payload(payload: Mapping[str, Any], time: float) -> Event:
    """The event that `payload_json` was made of."""
    published = datetime.fromisoformat(payload["time"]).timestamp()
    bridge_id = payload.get("eventBridgeId")
    return Event(payload["eventId"], payload["eventName"], time, payload["entityId"], payload, published, bridge_id)


def event_under_id(event: Event, entity_id: str) -> Event:
    """The same, which came under another name, as one about the entity with this id."""
    return event._replace(entity_id=entity_id, payload={**event.payload, "entityId": entity_id})


def first_memory(event: Event, choreography: ChoreographySettings) -> Mapping[str, Any] | None:
    """What a journey remembers of its start event; None where the choreography remembers nothing."""
    if choreography.remember is None:
        return None
    found = {name: read(path, event.payload) for name, path in choreography.remember.items()}
    return {name: value for name, value in found.items() if value is not ABSENT}


def output(
    event: Event, more: Mapping[str, Any], choreography: ChoreographySettings, *, by_failure: bool = False
) -> Mapping[str, Any]:
    """What an execution gets of *event* when it moves the journey, with *more* that the journey knows from then on.

    *by_failure*: a failure's cause carries it on, which may be shorter than data.
    """
    if not more and not by_failure:
        return event.payload
    whole = {**event.payload, **more}
    return whole if _fits(whole, by_failure=by_failure) else cut_down(whole, choreography, by_failure=by_failure)


def fitting_row(event: Event, beside: Mapping[str, Any], choreography: ChoreographySettings) -> Event:
    """*event* as a row has room for it *beside* what the journey knows from then on.

    What does not fit there is more than an execution gets of it (`output`), which so stays the same.
    """
    if len(event.payload_json.encode()) + len(compact_json(beside).encode()) <= ROW_LIMIT_BYTES:
        return event
    return event._replace(payload=cut_down(event.payload, choreography))


def cut_down(
    payload: Mapping[str, Any], choreography: ChoreographySettings, *, by_failure: bool = False
) -> Mapping[str, Any]:
    """*payload* with no more of its detail than the choreography reads, as Step Functions would refuse the whole."""
    trimmed = {**payload, "detail": cut(payload, choreography.reads).get("detail", {}), "detailOmitted": True}
    if not _fits(trimmed, by_failure=by_failure):
        where = f"event {payload['eventName']!r} ({payload['eventId']})"
        size, limit = _size(trimmed, by_failure=by_failure), _limit(by_failure=by_failure)
        raise InvalidMessage(
            f"{where}: what the choreography reads of it and remembers has {size} bytes alone; "
            f"Step Functions takes {limit}"
        )
    return trimmed


def _fits(value: Mapping[str, Any], *, by_failure: bool) -> bool:
    return _size(value, by_failure=by_failure) <= _limit(by_failure=by_failure)


def _size(value: Mapping[str, Any], *, by_failure: bool) -> int:
    return len((escaped_json if by_failure else compact_json)(value).encode())


def _limit(*, by_failure: bool) -> int:
    return CAUSE_LIMIT if by_failure else PAYLOAD_LIMIT_BYTES
