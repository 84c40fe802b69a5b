"""Events as EventBridge wraps them, read for one choreography."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from choreography_insights.model.paths import FieldPath, written
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import Event

_LONGEST_ID = 256
_MILLISECONDS_FROM = 1e11
"""Seconds since 1970 reach this in the year 5138; a larger number counts milliseconds."""


_EARLIEST, _LATEST = (datetime(year, 1, 2, tzinfo=UTC).timestamp() for year in (1, 9999))
"""Between these, moments can be written down."""


class UnusableEventError(Exception):
    """The event cannot be used; the message says what it lacks."""


def event_of(envelope: Any, choreography: Automaton, position: int) -> Event | None:
    """Return the event in *envelope*; None if the choreography does not hear of it. Raises `UnusableEventError`."""
    if not isinstance(envelope, dict):
        raise UnusableEventError(f"it is a JSON {_kind(envelope)}; an event is an object")
    name, source = _text(envelope, "detail-type"), _text(envelope, "source")
    detail = envelope.get("detail")
    reading = choreography.reading(source, name, detail)
    if reading is None:
        return None
    time = _epoch(_time(envelope, reading.time))
    entity, known = entity_of(envelope, reading.entity), detail if isinstance(detail, dict) else {}
    return Event(_text(envelope, "id"), name, entity, time, time, known, position, source)


def _text(envelope: Mapping[str, Any], key: str) -> str:
    value = envelope.get(key)
    if isinstance(value, str) and value:
        return value
    raise UnusableEventError(f"its {key!r} is {value!r}; an event of EventBridge has a text there")


def _at(path: FieldPath, value: Any) -> Any:
    try:
        for name in path:
            value = value[name]
    except (KeyError, TypeError):  # something is missing on the way, or is no object
        return None
    return value


def entity_of(envelope: Mapping[str, Any], path: FieldPath) -> str:
    """Return the entity's id at *path*, as text; raises `UnusableEventError`."""
    value = _at(path, envelope)
    if value is None and path[:1] == ("detail",) and not isinstance(envelope.get("detail"), dict):
        raise UnusableEventError(f"its 'detail' is {_kind(envelope.get('detail'))}; it must be an object")
    if isinstance(value, str) and 1 <= len(value) <= _LONGEST_ID:
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or len(str(value)) > _LONGEST_ID:
        raise UnusableEventError(
            f"its entity id at {written(path)} is {_kind(value)}; it must be a number, or text of 1 to {_LONGEST_ID} "
            "characters"
        )
    return str(value)


def _time(envelope: Mapping[str, Any], path: FieldPath) -> Any:
    value = _at(path, envelope)
    return envelope.get("time") if value is None else value


def _epoch(time: Any) -> float:
    try:
        moment = datetime.fromisoformat(time)
        epoch = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError):
        is_number = isinstance(time, int | float) and not isinstance(time, bool)
        epoch = (time / 1000 if time > _MILLISECONDS_FROM else float(time)) if is_number else math.nan
    if not _EARLIEST < epoch < _LATEST:
        raise UnusableEventError(f"its time is {time!r}; it must be ISO 8601, or seconds since 1970")
    return epoch


def _kind(value: Any) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "true or false"
        case list():
            return "a list"
        case dict():
            return "an object"
        case str():
            return f"a text of {len(value)} characters"
        case _:
            return "a number"
