"""From lines of recorded events, as EventBridge wraps them, to those that one choreography hears of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, field

from choreography_insights.core.fields import (
    ABSENT,
    EACH,
    Absent,
    EntityId,
    EventPath,
    NoEntityIdError,
    at_element,
    clock_seconds,
    epoch_seconds,
    own_event_id,
    read_id,
    value_at,
    written,
)
from choreography_insights.core.patterns import Test
from choreography_insights.replay.automaton import Automaton, EventRule
from choreography_insights.replay.event import Event, OtherName
from choreography_insights.replay.event_files import Reading, Recorded, plainly, recorded
from choreography_insights.replay.journey_log import Tally

_LONGEST_ID = 256
_MOST_ENTITIES, _TOO_MANY = 100, -1
_MOST_KINDS = 10_000
_ENVELOPES_CLOCK: EventPath = ("time",)
_ENVELOPES_ID: EventPath = ("id",)


class UnusableEventError(Exception):
    """The event cannot be used; the message says what it lacks."""


def events_of(envelope: Any, choreography: Automaton, position: int) -> Iterator[Event | UnusableEventError]:
    """Yield what *envelope* is to each entity that it is about, once, or why it cannot be that."""
    try:
        reading = _reading(envelope, choreography)
    except UnusableEventError as error:
        yield error
        return
    if reading is None:
        return
    seen: set[str] = set()
    for element in _elements(envelope, reading):
        try:
            event = event_of(envelope, choreography, position, element, reading)
        except UnusableEventError as error:
            yield error
            continue
        if event is not None and event.entity not in seen:
            seen.add(event.entity)
            yield event


def _reading(envelope: Any, choreography: Automaton) -> EventRule | None:
    """Return how *envelope* is read; None if the choreography does not hear of it. Raises `UnusableEventError`."""
    if not isinstance(envelope, dict):
        raise UnusableEventError(f"it is a JSON {_kind(envelope)}; an event is an object")
    name, source = _text(envelope, "detail-type"), _text(envelope, "source")
    return choreography.reading(source, name, envelope.get("detail"))


def _elements(envelope: Mapping[str, Any], reading: EventRule) -> Sequence[int | None]:
    """Return which elements of its list the event is about; None for one that goes through no list."""
    for entity in reading.entity_in(envelope.get("detail")):
        found = value_at(entity.path[: entity.path.index(EACH)], envelope) if EACH in entity.path else None
        if isinstance(found, list):
            return (_TOO_MANY,) if len(found) > _MOST_ENTITIES else range(len(found))
    return (None,)


def event_of(
    envelope: Any, choreography: Automaton, position: int, element: int | None = None, reading: EventRule | None = None
) -> Event | None:
    """Return the event in *envelope*; None if the choreography does not hear of it. Raises `UnusableEventError`.

    *element*: the one of a list whose entity it is about. *reading*: how it is read, where that is known.
    """
    reading = reading or _reading(envelope, choreography)
    if reading is None:
        return None
    name, source, detail = envelope["detail-type"], envelope["source"], envelope.get("detail")
    time = _time(envelope, reading.time)
    id_in, known = reading.entity_in(detail), detail if isinstance(detail, dict) else {}
    if element == _TOO_MANY:
        raise UnusableEventError(f"it is about more than {_MOST_ENTITIES} entities")
    entity = entity_of(envelope, id_in if element is None else at_element(id_in, element))
    if entity is None:
        return None
    under = None if reading.known_as is None else (reading.known_as, entity)
    teaches = tuple(_other_names(envelope, reading))
    own_id = id_of(envelope, reading.id, source)
    return Event(own_id, name, entity, time, time, known, position, source, under=under, teaches=teaches)


def id_of(envelope: Mapping[str, Any], path: EventPath, source: str) -> str:
    """Return what tells the event apart: its own id, if it has one where the definition looks, else EventBridge's."""
    given = _text(envelope, "id")
    return given if path == _ENVELOPES_ID else own_event_id(value_at(path, envelope), source) or given


def _other_names(envelope: Mapping[str, Any], reading: EventRule) -> Iterator[OtherName]:
    """Yield the names that an event carries beside the entity's id; one that is not there (yet) it does not teach."""
    for kind, at in reading.also:
        try:
            name = read_id(at, envelope)
        except NoEntityIdError as missing:
            if missing.value is ABSENT or missing.value is None or missing.value == "":
                continue
            raise _without_id(missing.path, missing.value) from None
        if name is not None and len(name) > _LONGEST_ID:
            raise _without_id(" and ".join(written(field.path) for field in at), name)
        if name is not None:
            yield kind, name


def _text(envelope: Mapping[str, Any], key: str) -> str:
    value = envelope.get(key)
    if isinstance(value, str) and value:
        return value
    raise UnusableEventError(f"its {key!r} is {value!r}; an event of EventBridge has a text there")


def entity_of(envelope: Mapping[str, Any], entity: EntityId) -> str | None:
    """Return the entity's id, None if the event is about something else; raises `UnusableEventError`."""
    try:
        entity_id = read_id(entity, envelope)
    except NoEntityIdError as missing:
        is_empty = missing.value is None or missing.value is ABSENT
        if is_empty and missing.path.startswith("$.detail") and not isinstance(envelope.get("detail"), dict):
            raise UnusableEventError(f"its 'detail' is {_kind(envelope.get('detail'))}; it must be an object") from None
        raise _without_id(missing.path, missing.value) from None
    if entity_id is not None and len(entity_id) > _LONGEST_ID:
        raise _without_id(" and ".join(written(field.path) for field in entity), entity_id)
    return entity_id


def _without_id(where: str, value: Any) -> UnusableEventError:
    return UnusableEventError(
        f"its entity id at {where} is {_kind(value)}; it must be a number, or text of 1 to {_LONGEST_ID} characters"
    )


def _time(envelope: Mapping[str, Any], path: EventPath) -> float:
    own = value_at(path, envelope)
    time = envelope.get("time", own)
    try:
        published = epoch_seconds(time)
        if path == _ENVELOPES_CLOCK:
            return published
        time = own
        return clock_seconds(own, published)
    except ValueError:
        said = None if time is ABSENT else time
        raise UnusableEventError(f"its time is {said!r}; it must be ISO 8601, or seconds since 1970") from None


def _kind(value: Any) -> str:
    match value:
        case None | Absent():
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


Say = Callable[[str], None]

_UNUSABLE_SHOWN = 10


def usable(choreography: Automaton, lines: Iterable[str], summary: Tally, complain: Say) -> Iterator[Event]:
    """Yield the events in *lines* that the choreography hears of; see `heard`."""
    return heard(choreography, recorded(lines), summary, complain)


def heard(
    choreography: Automaton,
    recording: Iterable[Recorded],
    summary: Tally,
    complain: Say,
    where: Callable[[int], str] = "line {}".format,
    before: int = 0,
) -> Iterator[Event]:
    """Yield the events of a *recording* that the choreography hears of; *summary* counts the others.

    *complain* is told of the first of those that cannot be used, and *where* that is; so many were recorded *before*.
    Each event has a position of its own.
    """
    count = 0
    reader, some_are_retired = EnvelopeReader(choreography), bool(choreography.retired)
    if isinstance(recording, Reading):
        recording.decode = reader.decode
    for place, (line, envelope) in enumerate(recording, before):
        if type(envelope) is Event and not some_are_retired:  # as it mostly is
            envelope.position = count
            count += 1
            yield envelope
            continue
        found = reader.events(envelope, count)
        if not found:
            summary.unheard += 1
        for event in found:
            if type(event) is not Event:
                summary.unusable += 1
                if summary.unusable <= _UNUSABLE_SHOWN:
                    complain(f"{where(line)}: event {place + 1} is left out: {event}")
            elif some_are_retired and choreography.is_retired(event):
                summary.retired += 1
            else:
                event.position = count
                count += 1
                yield event


class _Envelope(Struct, gc=False):
    """As much of an envelope as is read of most."""

    id: str
    source: str
    time: str
    detail: dict[str, Any]
    name: str = field(name="detail-type")


Found = Sequence[Event | UnusableEventError]
"""What an envelope is to each entity that it is about."""

UNHEARD: tuple[()] = ()
"""In place of an event of which the choreography does not hear."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the events of a *name* from a *source* are read, if they all are as events mostly are.

    The entity's id is the text of the *field* of their detail; they are told apart and put in order of time by
    EventBridge's id and clock. *test*: which of them are heard of. No *field*: they are read in other ways.
    """

    name: str
    source: str
    field: str
    test: Test | None = None

    def usual(self, detail: dict[str, Any], event_id: str, time: str) -> Event | tuple[()] | None:
        """Return such an event, without its position; `UNHEARD`, or None if it is not as most are."""
        if self.test is not None and not self.test(detail):
            return UNHEARD
        entity = detail.get(self.field) if self.field else None
        if type(entity) is not str or not 0 < len(entity) <= _LONGEST_ID or not event_id:
            return None
        try:
            at = _published(time)
        except ValueError:
            return None  # it is said elsewhere what is wrong
        return Event(event_id, self.name, entity, at, at, detail, 0, self.source)


_UNUSUAL = _Kind("", "", "")


class EnvelopeReader:
    """Reads the envelopes of many events for a *choreography*, whose rules it looks up once for those of a kind."""

    def __init__(self, choreography: Automaton) -> None:
        self._choreography = choreography
        self._kinds: dict[tuple[str, str], _Kind | None] = {}
        self._decode = msgspec.json.Decoder(_Envelope).decode

    def decode(self, lines: Sequence[str]) -> list[Any] | None:
        """Return the event in each of *lines*, without its position, if its envelope is as most are; else the JSON.

        One that is not heard of is `UNHEARD`. None, if not each is an object by itself.
        """
        decode, kinds, found = self._decode, self._kinds, list[Any]()
        event: Any
        try:
            for line in lines:
                try:
                    envelope = decode(line)
                    kind = kinds.get((envelope.name, envelope.source), _UNUSUAL)
                    event = UNHEARD if kind is None else kind.usual(envelope.detail, envelope.id, envelope.time)
                except msgspec.ValidationError:
                    event = None
                if event is None:
                    event = plainly(line)
                    if type(event) is not dict:
                        return None
                found.append(event)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return None
        return found

    def events(self, envelope: Any, position: int) -> Found:
        """Return what *envelope* is to each entity that it is about, as `events_of` does."""
        if isinstance(envelope, Event):
            return (envelope,)
        if envelope is UNHEARD:
            return ()
        try:
            kind = self._kinds[envelope["detail-type"], envelope["source"]]
        except (KeyError, TypeError):
            kind = self._learn(envelope)
        if kind is None:
            return UNHEARD
        if kind.field:
            detail, event_id, time = envelope.get("detail"), envelope.get("id"), envelope.get("time")
            if type(detail) is dict and type(event_id) is type(time) is str:
                found = kind.usual(detail, event_id, time)
                if isinstance(found, Event):
                    found.position = position
                    return (found,)
        return tuple(events_of(envelope, self._choreography, position))

    def _learn(self, envelope: Any) -> _Kind | None:
        """Return how events like that are read, and remember it; None where none is heard of."""
        name, source = (envelope.get(key) if isinstance(envelope, dict) else None for key in ("detail-type", "source"))
        if not (name and source and isinstance(name, str) and isinstance(source, str)):
            return _UNUSUAL
        rule = self._choreography.rule(source, name)
        kind = None if rule is None else _Kind(name, source, rule.usual_field or "", rule.test_of(source))
        if len(self._kinds) < _MOST_KINDS:
            self._kinds[name, source] = kind
        return kind


@lru_cache(4_096)
def _published(text: str) -> float:
    """Return the moment in *text*, in epoch seconds: those of one second are many, and more those of a minute."""
    seconds = text[17:19]
    if len(text) == len(_AS_PUBLISHED) and text[16] == ":" and text[19] == "Z" and seconds in _SECONDS:
        return _minute(text[:16]) + _SECONDS[seconds]
    return epoch_seconds(text)


_AS_PUBLISHED = "2026-01-01T00:00:00Z"
_SECONDS = {f"{second:02}": second for second in range(60)}


@lru_cache(4_096)
def _minute(text: str) -> float:
    return epoch_seconds(f"{text}:00Z")
