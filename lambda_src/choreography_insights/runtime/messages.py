"""What arrives on the queues (docs/reference/interfaces.md, section 4), read and checked."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from choreography_insights.core.fields import (
    ABSENT,
    EVENT_ID_LIMIT,
    EntityId,
    InvalidPath,
    NoEntityIdError,
    clock_seconds,
    epoch_seconds,
    form_of_id,
    id_of_form,
    is_of_several,
    is_own,
    iso_text,
    name_of_form,
    number_of,
    of_each,
    own_event_id,
    read,
    read_id,
)
from choreography_insights.core.keys import journey_key, name_key, taken_key

from .errors import InvalidMessage, kind_of
from .event import PAYLOAD_LIMIT_BYTES, Event, compact_json, cut_down
from .patterns import matches
from .settings import ChoreographySettings
from .steps import Kind

#: The source of this project's own events. They can never start or move a journey.
OWN_SOURCE = "choreography.insights"
_KINDS = ("deadline", "settle", "finish")
ENTITY_ID_LIMIT = 256
#: An event about more entities is refused: it would be as many messages, each with all of it.
MOST_ENTITIES = 100
_ENDS = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


#: Kind and text of each other name that an event carries.
Names = tuple[tuple[str, str], ...]


class UnrelatedEvent(Exception):
    """The event's id does not fit the `like` of the choreography: it is about something else."""


class EventMessage(NamedTuple):
    """An event, wrapped by its rule. *receive_count*: how often its message was received, this time included.

    *arrived_at*: when it first came, if it waited until it was known whose it is.
    """

    choreography: ChoreographySettings
    event: Event
    journey_key: str
    receive_count: int = 1
    arrived_at: float | None = None

    @property
    def order(self) -> float:
        """Its place among the messages of its journey."""
        return self.event.time


class NamingMessage(NamedTuple):
    """An event that comes under another name of its entity, or teaches such names, or both.

    *known_as*: of which kind the name is that it comes under; the journey's key is that of the name then, until it is
    known whose it is. *teaches*: the other names that it carries.
    """

    about: EventMessage
    known_as: str | None = None
    teaches: Names = ()

    @property
    def journey_key(self) -> str:
        """The journey it is about, or the name."""
        return self.about.journey_key

    @property
    def order(self) -> float:
        """Its place among the messages of its journey."""
        return self.about.order


class RecheckMessage(NamedTuple):
    """Word to recheck a kept event."""

    choreography: ChoreographySettings
    kind: Kind
    entity_id: str
    event_id: str
    receive_count: int = 1

    @property
    def journey_key(self) -> str:
        """The journey it is about."""
        return journey_key(self.choreography.name, self.entity_id)

    @property
    def order(self) -> float:
        """After the events of the same batch: they may be what it waits for."""
        return float("inf")


class NameRecheck(NamedTuple):
    """Word to recheck an event that waits under a *name* of the kind *known_as*, or is being reported there."""

    choreography: ChoreographySettings
    kind: Kind
    name: str
    known_as: str
    event_id: str
    receive_count: int = 1

    @property
    def journey_key(self) -> str:
        """The name it is about."""
        if self.kind == "finish":
            return taken_key(self.choreography.name, self.known_as, self.name)
        return name_key(self.choreography.name, self.name)

    @property
    def order(self) -> float:
        """After the events of the same batch: they may be what it waits for."""
        return float("inf")


class ExecutionEnded(NamedTuple):
    """Step Functions' word that an execution has ended. Times in epoch seconds; *input_json* None if it was too big."""

    execution_arn: str
    status: str
    input_json: str | None
    started_at: float
    ended_at: float
    error: str | None
    cause: str | None

    @property
    def journey_key(self) -> str:
        """Alone: closing a journey depends on no other message."""
        return self.execution_arn

    @property
    def order(self) -> float:
        """Its place among the messages of its journey."""
        return self.ended_at


class ScanOverdue(NamedTuple):
    """Word to look for journeys that are overdue; it comes every few minutes."""

    journey_key: str = ""
    order: float = 0.0


class SweepDue(NamedTuple):
    """Word to look for kept events that are due; it comes every minute, and again at once where there were many."""

    journey_key: str = ""
    order: float = 0.0


class SeveralEntities(NamedTuple):
    """An event about several entities: a message about each, to be sent. So none of them waits for another.

    *journey_key*: those of one choreography are handed out one after the other.
    """

    messages: tuple[str, ...]
    journey_key: str
    order: float = 0.0


class NotMeant(NamedTuple):
    """Nothing to do: one of this project's own events, or an event that is for the other function.

    *unrelated_to*: the choreography that hears of it, where it is about none of its entities.
    """

    unrelated_to: str = ""
    journey_key: str = ""
    order: float = 0.0


Message = (
    EventMessage
    | NamingMessage
    | RecheckMessage
    | NameRecheck
    | ExecutionEnded
    | ScanOverdue
    | SweepDue
    | SeveralEntities
    | NotMeant
)


def parse(body: str, receive_count: int = 1) -> Message:
    """Read a message's body; raise `InvalidMessage` in words if it is none of the forms."""
    try:
        content = json.loads(body, parse_float=number_of)
    except json.JSONDecodeError as error:
        raise InvalidMessage(f"the message's body is not JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError:
        raise InvalidMessage("the message's body has a number that is too long to be read") from None
    except RecursionError:
        raise InvalidMessage("the message's body is nested too deep to be read") from None
    if not isinstance(content, Mapping):
        raise InvalidMessage(f"the message's body is {kind_of(content)}; it must be an object")
    if content.get("source") == "aws.states":
        return _execution_ended(content)
    if content.get("watch") == "overdue":
        return ScanOverdue()
    if content.get("sweep") == "due":
        return SweepDue()
    settings = content.get("choreography")
    if not isinstance(settings, Mapping):
        raise InvalidMessage(
            f"the message has no 'choreography' among its {len(content)} keys; "
            "only rules of this project's modules may send to this queue"
        )
    choreography = settings_from(settings)
    if "again" in content:
        return _recheck(content["again"], choreography, receive_count)
    if not isinstance(content.get("event"), Mapping):
        raise InvalidMessage(f"the message for choreography {choreography.name!r} has neither 'event' nor 'again'")
    if content["event"].get("source") == OWN_SOURCE or not _is_meant(content["event"], settings):
        return NotMeant()
    return _about_entities(content, choreography, receive_count)


def _about_entities(content: Mapping[str, Any], choreography: ChoreographySettings, receive_count: int) -> Message:
    """The message of an event that is meant, or one for each entity that it is about."""
    envelope, (known_as, form) = content["event"], name_of_form(choreography.entity)
    entity = _id_fields(form, "entity", envelope, choreography)
    if known_as is None and is_of_several(entity):
        settings, entities = content["choreography"], _entities(entity, envelope)
        if len(entities) > 1:
            about = [{**content, "choreography": {**settings, "entity": form_of_id(one)}} for one in entities]
            return SeveralEntities(tuple(map(_json_of, about)), choreography.name)
        if not entities:
            return NotMeant(unrelated_to=choreography.name)
        (entity,) = entities
        choreography = choreography._replace(entity=form_of_id(entity))
    try:
        event = event_from(envelope, choreography, entity)
    except UnrelatedEvent:
        return NotMeant(unrelated_to=choreography.name)
    if known_as is None and choreography.also is None:
        return EventMessage(choreography, event, journey_key(choreography.name, event.entity_id), receive_count)
    key = (journey_key if known_as is None else name_key)(choreography.name, event.entity_id)
    message = EventMessage(choreography, event, key, receive_count)
    return NamingMessage(message, known_as, other_names(envelope, choreography))


def _is_meant(envelope: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether the event is for this choreography (`where`) and this queue.

    Of some names the rules of both queues catch all (`when`, `unless`). A rule may catch a little more than `where`
    says.
    """
    detail = envelope.get("detail")
    if any(key in settings and not matches(settings[key], detail) for key in ("where", "when")):
        return False
    return "unless" not in settings or not matches(settings["unless"], detail)


def _id_fields(form: Any, setting: str, envelope: Mapping[str, Any], choreography: ChoreographySettings) -> EntityId:
    """Where the event carries an id, as the *setting* says: of entries, the first that fits its detail."""
    try:
        if isinstance(form, Mapping) and "entries" in form:
            detail = envelope.get("detail")
            form = next(one["entity"] for one in form["entries"] if "when" not in one or matches(one["when"], detail))
        return id_of_form(form)
    except InvalidPath as fault:
        raise InvalidMessage(f"choreography {choreography.name!r}: {setting}: {fault}") from fault
    except (TypeError, LookupError, AttributeError, StopIteration, InvalidMessage) as fault:
        raise InvalidMessage(
            f"choreography {choreography.name!r}: {setting} is {kind_of(form)} that says no field; "
            "is its rule made by this project?"
        ) from fault


def _entities(entity: EntityId, envelope: Mapping[str, Any]) -> list[EntityId]:
    """Where an event about several entities carries the id of each, once for each entity.

    An element that has no id is there, too: what is wrong with it is said of it alone.
    """
    each = of_each(entity, envelope)
    if len(each) > MOST_ENTITIES:
        raise InvalidMessage(
            f"event {kind_of(envelope.get('detail-type'))} is about {len(each)} entities; at most {MOST_ENTITIES} fit"
        )
    found: dict[Any, EntityId] = {}
    for position, one in enumerate(each):
        try:
            entity_id: Any = read_id(one, envelope)
        except NoEntityIdError:
            entity_id = position
        if entity_id is not None:
            found.setdefault(entity_id, one)
    return list(found.values())


def _json_of(content: Mapping[str, Any]) -> str:
    try:
        return compact_json(content)
    except ValueError:
        raise InvalidMessage("no AWS service takes this JSON: a number is beyond all bounds") from None


def _recheck(again: Any, choreography: ChoreographySettings, receive_count: int) -> RecheckMessage | NameRecheck:
    try:
        kind, entity_id, event_id = again["kind"], again["entityId"], again["eventId"]
    except (KeyError, TypeError):
        raise InvalidMessage(
            f"'again' must have kind, entityId and eventId (choreography {choreography.name!r})"
        ) from None
    if not isinstance(entity_id, str) or not isinstance(event_id, str):
        raise InvalidMessage(
            f"in 'again' entityId is {kind_of(entity_id)} and eventId {kind_of(event_id)}; both are texts"
        )
    known_as = again.get("as")
    if known_as is not None and not isinstance(known_as, str):
        raise InvalidMessage(f"in 'again' as is {kind_of(known_as)}; it is a text")
    if kind not in _KINDS:
        raise InvalidMessage(f"the kind of 'again' is {kind_of(kind)}; it must be one of {', '.join(_KINDS)}")
    if known_as is None:
        return RecheckMessage(choreography, cast("Kind", kind), entity_id, event_id, receive_count)
    return NameRecheck(choreography, cast("Kind", kind), entity_id, known_as, event_id, receive_count)


def _execution_ended(envelope: Mapping[str, Any]) -> ExecutionEnded:
    detail = envelope.get("detail") or {}
    try:
        end = ExecutionEnded(
            execution_arn=detail["executionArn"],
            status=detail["status"],
            input_json=detail.get("input"),
            started_at=detail["startDate"] / 1000,
            ended_at=detail["stopDate"] / 1000,
            error=detail.get("error"),
            cause=detail.get("cause"),
        )
    except (KeyError, TypeError, AttributeError):
        end = None
    if end is None or end.status not in _ENDS or not str(end.execution_arn).startswith("arn:"):
        raise InvalidMessage(
            "the Step Functions event cannot be read: "
            "executionArn, status, startDate or stopDate is missing or wrong in its detail"
        )
    return end


# ---- settings and events --------


def settings_from(settings: Mapping[str, Any]) -> ChoreographySettings:
    """Read a choreography's settings; raise `InvalidMessage` naming the field that is missing or wrong."""
    unexpected = settings.get("unexpected", "report")
    try:
        choreography = ChoreographySettings(
            name=settings["name"],
            state_machine_arn=settings["stateMachineArn"],
            entity=settings["entity"],
            time=settings.get("time", "$.time"),
            events=tuple(settings.get("events", ())),
            early_seconds=float(settings["earlySeconds"]),
            settle_seconds=float(settings["settleSeconds"]),
            unexpected="fail" if unexpected == "fail" else "report",
            timeout_seconds=float(settings["timeoutSeconds"]),
            reads=tuple(settings.get("reads", ())),
            remember=settings.get("remember"),
            expected_seconds=float(settings["expectedSeconds"]) if "expectedSeconds" in settings else None,
            retired=tuple(settings.get("retired", ())),
            id=settings.get("id"),
            also=settings.get("also"),
            moves=tuple(settings.get("moves", ())),
        )
    except KeyError as missing:
        raise InvalidMessage(
            f"the message's choreography has no {missing}; is its rule made by this project?"
        ) from None
    except (TypeError, ValueError, AttributeError) as wrong:
        raise InvalidMessage(
            "the message's choreography cannot be read: a setting is not of its kind, such as a text for a number"
        ) from wrong
    if not isinstance(choreography.name, str):
        raise InvalidMessage(f"the choreography's name is {kind_of(choreography.name)}; it must be a text")
    if unexpected not in ("report", "fail", "ignore"):  # rules that were made before say 'ignore' for 'report'
        raise InvalidMessage(f"unexpected is {kind_of(unexpected)}; it must be 'report' or 'fail'")
    return choreography


def event_from(envelope: Mapping[str, Any], choreography: ChoreographySettings, entity: EntityId) -> Event:
    """Read EventBridge's *envelope*, whose entity's id is where *entity* says.

    Raises `InvalidMessage` naming what is missing, and where, and `UnrelatedEvent` if it is about something else.
    """
    bridge_id, name = _text(envelope, "id"), _text(envelope, "detail-type")
    if len(bridge_id) > EVENT_ID_LIMIT:
        raise InvalidMessage(f"event {name!r} has an id of {len(bridge_id)} characters; at most {EVENT_ID_LIMIT} fit")
    if "#" in bridge_id:
        raise InvalidMessage(f"event {name!r} has a '#' in its id; EventBridge's ids have none")
    if is_own(bridge_id):
        raise InvalidMessage(f"event {name!r} has an id like one of its own as 'id'; EventBridge gives it another")
    where = f"event {name!r} ({bridge_id})"
    own_id = None
    if choreography.id is not None:
        own_id = own_event_id(_read(choreography.id, envelope, choreography, "id"), envelope.get("source"))
    entity_id = _entity_id(entity, envelope, choreography, where)
    time = _read(choreography.time, envelope, choreography, "time")
    published = _moment(epoch_seconds, envelope.get("time", time), where, "$.time")
    payload = {
        "eventName": name,
        "eventId": own_id or bridge_id,
        **({"eventBridgeId": bridge_id} if own_id else {}),
        "source": envelope.get("source"),
        "time": iso_text(published),
        "entityId": entity_id,
        "detail": envelope.get("detail"),
    }
    moment = _moment(lambda own: clock_seconds(own, published), time, where, choreography.time)
    try:
        size = len(compact_json(payload).encode())
    except ValueError:
        raise InvalidMessage(
            f"{where}: no AWS service takes this JSON: a number is beyond all bounds, or half of a surrogate pair"
        ) from None
    whole = payload if size <= PAYLOAD_LIMIT_BYTES else cut_down(payload, choreography)
    return Event(own_id or bridge_id, name, moment, entity_id, whole, published, bridge_id if own_id else None)


def _read(path: str, envelope: Mapping[str, Any], choreography: ChoreographySettings, setting: str) -> Any:
    try:
        return read(path, envelope)
    except InvalidPath as fault:
        raise InvalidMessage(f"choreography {choreography.name!r}: {setting}: {fault}") from fault


def _text(envelope: Mapping[str, Any], key: str) -> str:
    value = envelope.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidMessage(f"the event's {key!r} is {kind_of(value)}; EventBridge events have a name there")
    return value


def _entity_id(entity: EntityId, envelope: Mapping[str, Any], choreography: ChoreographySettings, where: str) -> str:
    try:
        entity_id = _id(entity, envelope, "entity id", where)
    except NoEntityIdError as fault:
        raise InvalidMessage(
            f"{where} carries no entity id at {fault.path!r} (choreography {choreography.name!r}); "
            f"let the service put it there, or name the right path as 'entity' in the choreography"
        ) from None
    if entity_id is None:
        raise UnrelatedEvent
    return entity_id


def other_names(envelope: Mapping[str, Any], choreography: ChoreographySettings) -> Names:
    """The names of the entity that an event carries beside its id (`also`): one that is not there is none."""
    where, found = f"event {envelope.get('detail-type')!r} ({envelope.get('id')})", []
    for kind, form in (choreography.also or {}).items():
        try:
            name = _id(_id_fields(form, "also", envelope, choreography), envelope, kind, where)
        except NoEntityIdError:
            continue
        if name is not None:
            found.append((kind, name))
    return tuple(found)


def _id(at: EntityId, envelope: Mapping[str, Any], kind: str, where: str) -> str | None:
    """The id, of this *kind*; None if it is about something else. Raises `NoEntityIdError` if none is there."""
    try:
        found = read_id(at, envelope)
    except NoEntityIdError as fault:
        if fault.value is ABSENT or fault.value is None or fault.value == "":
            raise
        raise InvalidMessage(
            f"{where}: the {kind} at {fault.path!r} is {kind_of(fault.value)}; use text or a number"
        ) from None
    if found is not None and len(found) > ENTITY_ID_LIMIT:
        raise InvalidMessage(f"{where}: its {kind} has {len(found)} characters; at most {ENTITY_ID_LIMIT} fit")
    return found


def _moment(seconds_of: Callable[[Any], float], time: Any, where: str, path: str) -> float:
    try:
        return seconds_of(time)
    except ValueError:
        raise InvalidMessage(
            f"{where}: its time at {path!r} is {kind_of(time)} that is no moment; use ISO 8601 or seconds since 1970"
        ) from None
