"""An event as the correlation sees it: who it is about, when it was, and what Step Functions gets of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .errors import InvalidMessage, kind_of
from .paths import ABSENT, InvalidPath, cut, read
from .settings import ChoreographySettings

#: Step Functions takes 262,144 bytes of data; the rest of an execution's data (names, journey) needs a little of it.
PAYLOAD_LIMIT_BYTES = 262_144 - 8_192
#: DynamoDB's sort key takes 1,024 bytes; an id of EventBridge has 36 characters.
EVENT_ID_LIMIT = 256
ENTITY_ID_LIMIT = 256
#: Seconds since 1970 reach this in the year 5138: a larger number counts milliseconds.
_MILLISECONDS_FROM = 1e11
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Event(NamedTuple):
    """One event about one entity. *time* orders it among its neighbours (epoch seconds)."""

    event_id: str
    name: str
    time: float
    entity_id: str
    payload: Mapping[str, Any]

    @property
    def published(self) -> float:
        """When EventBridge took it (epoch seconds): what its deliveries count from, whatever clock orders it."""
        return datetime.fromisoformat(self.payload["time"]).timestamp()

    @property
    def detail(self) -> Any:
        """The event's detail, as far as it was kept."""
        return self.payload["detail"]

    @property
    def payload_json(self) -> str:
        """What a wait state outputs when this event moves it. The same event gives the same bytes."""
        return compact_json(self.payload)


def output(event: Event, memory: Mapping[str, Any] | None, choreography: ChoreographySettings) -> Mapping[str, Any]:
    """What an execution gets of *event* when it moves the journey, with what is remembered from then on."""
    if memory is None:
        return event.payload
    where = f"event {event.name!r} ({event.event_id})"
    return _fitting({**event.payload, "remembered": memory}, choreography, where)


def first_memory(event: Event, choreography: ChoreographySettings) -> Mapping[str, Any] | None:
    """What a journey remembers of its start event; None where the choreography remembers nothing."""
    if choreography.remember is None:
        return None
    found = {name: read(path, event.payload) for name, path in choreography.remember.items()}
    return {name: value for name, value in found.items() if value is not ABSENT}


def compact_json(value: Any) -> str:
    """JSON without needless bytes. Raises `ValueError` for what Python reads as a number and JSON has not: 1e400."""
    return _ENCODER.encode(value)


def event_from(envelope: Mapping[str, Any], choreography: ChoreographySettings) -> Event:
    """Read EventBridge's *envelope*; raise `InvalidMessage` naming what is missing, and where."""
    event_id, name = _text(envelope, "id"), _text(envelope, "detail-type")
    if len(event_id) > EVENT_ID_LIMIT:
        raise InvalidMessage(f"event {name!r} has an id of {len(event_id)} characters; at most {EVENT_ID_LIMIT} fit")
    if "#" in event_id:
        raise InvalidMessage(f"event {name!r} has a '#' in its id; EventBridge's ids have none")
    where = f"event {name!r} ({event_id})"
    entity_id = _entity_id(envelope, choreography, where)
    try:
        time = read(choreography.time, envelope)
    except InvalidPath as fault:
        raise InvalidMessage(f"choreography {choreography.name!r}: time: {fault}") from fault
    if time is ABSENT:
        time = envelope.get("time")
    payload = {
        "eventName": name,
        "eventId": event_id,
        "source": envelope.get("source"),
        "time": _iso(_epoch(envelope.get("time", time), where, "$.time")),
        "entityId": entity_id,
        "detail": envelope.get("detail"),
    }
    moment = _epoch(time, where, choreography.time)
    return Event(event_id, name, moment, entity_id, _fitting(payload, choreography, where))


def event_from_payload(payload: Mapping[str, Any], time: float) -> Event:
    """The event that `payload_json` was made of."""
    return Event(payload["eventId"], payload["eventName"], time, payload["entityId"], payload)


def _text(envelope: Mapping[str, Any], key: str) -> str:
    value = envelope.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidMessage(f"the event's {key!r} is {kind_of(value)}; EventBridge events have a name there")
    return value


def _entity_id(envelope: Mapping[str, Any], choreography: ChoreographySettings, where: str) -> str:
    try:
        value = read(choreography.entity, envelope)
    except InvalidPath as fault:
        raise InvalidMessage(f"choreography {choreography.name!r}: entity: {fault}") from fault
    if value is ABSENT or value is None or value == "":
        raise InvalidMessage(
            f"{where} carries no entity id at {choreography.entity!r} (choreography {choreography.name!r}); "
            f"let the service put it there, or name the right path as 'entity' in the choreography"
        )
    entity_id = id_text(value)
    if entity_id is None:
        raise InvalidMessage(
            f"{where}: the entity id at {choreography.entity!r} is {kind_of(value)}; use text or a number"
        )
    if len(entity_id) > ENTITY_ID_LIMIT:
        raise InvalidMessage(f"{where}: its entity id has {len(entity_id)} characters; at most {ENTITY_ID_LIMIT} fit")
    return entity_id


def id_text(value: Any) -> str | None:
    """An id as text; None for what is no id. The id 5 is the id 5.0: JSON does not tell them apart."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _epoch(time: Any, where: str, path: str) -> float:
    try:
        epoch = _seconds(time)
        datetime.fromtimestamp(epoch, UTC)  # there are numbers that are no moment
    except (TypeError, ValueError, OverflowError, OSError):
        raise InvalidMessage(
            f"{where}: its time at {path!r} is {kind_of(time)} that is no moment; use ISO 8601 or seconds since 1970"
        ) from None
    return epoch


def _seconds(time: Any) -> float:
    if isinstance(time, int | float) and not isinstance(time, bool):
        return time / 1000 if time > _MILLISECONDS_FROM else float(time)
    moment = datetime.fromisoformat(time)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _iso(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def _fitting(payload: dict[str, Any], choreography: ChoreographySettings, where: str) -> dict[str, Any]:
    """Cut the detail down to what the choreography reads if Step Functions would refuse the whole."""
    if _bytes(payload, where) <= PAYLOAD_LIMIT_BYTES:
        return payload
    trimmed = payload | {"detail": cut(payload, choreography.reads).get("detail", {}), "detailOmitted": True}
    if (size := _bytes(trimmed, where)) > PAYLOAD_LIMIT_BYTES:
        raise InvalidMessage(
            f"{where}: what the choreography reads of it and remembers has {size} bytes alone; "
            f"Step Functions takes {PAYLOAD_LIMIT_BYTES}"
        )
    return trimmed


def _bytes(value: Any, where: str) -> int:
    try:
        return len(compact_json(value).encode())
    except ValueError:
        raise InvalidMessage(
            f"{where}: no AWS service takes this JSON: a number is beyond all bounds, or half of a surrogate pair"
        ) from None
