"""What arrives on the queues (docs/reference/interfaces.md, section 4), read and checked."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from .errors import InvalidMessage, kind_of
from .event import Event, event_from
from .patterns import matches
from .settings import ChoreographySettings
from .steps import Kind

#: The source of this project's own events. They can never start or move a journey.
OWN_SOURCE = "choreography.insights"
_KINDS = ("deadline", "settle", "finish")
_ENDS = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


class EventMessage(NamedTuple):
    """An event, wrapped by its rule. *receive_count*: how often its message was received, this time included."""

    choreography: ChoreographySettings
    event: Event
    receive_count: int = 1

    @property
    def journey_key(self) -> str:
        """The journey it is about."""
        return self.choreography.journey_key(self.event.entity_id)

    @property
    def order(self) -> float:
        """Its place among the messages of its journey."""
        return self.event.time


class RecheckMessage(NamedTuple):
    """Word to look at a kept event again."""

    choreography: ChoreographySettings
    kind: Kind
    entity_id: str
    event_id: str
    receive_count: int = 1

    @property
    def journey_key(self) -> str:
        """The journey it is about."""
        return self.choreography.journey_key(self.entity_id)

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


class NotMeant(NamedTuple):
    """Nothing to do: one of this project's own events, or an event that is for the other function."""

    journey_key: str = ""
    order: float = 0.0


Message = EventMessage | RecheckMessage | ExecutionEnded | ScanOverdue | SweepDue | NotMeant


def parse(body: str, receive_count: int = 1) -> Message:
    """Read a message's body; raise `InvalidMessage` in words if it is none of the forms."""
    try:
        content = json.loads(body)
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
    choreography = ChoreographySettings.from_message(settings)
    if "again" in content:
        return _again(content["again"], choreography, receive_count)
    if not isinstance(content.get("event"), Mapping):
        raise InvalidMessage(f"the message for choreography {choreography.name!r} has neither 'event' nor 'again'")
    if content["event"].get("source") == OWN_SOURCE or not _is_meant(content["event"], settings):
        return NotMeant()
    return EventMessage(choreography, event_from(content["event"], choreography), receive_count)


def _is_meant(envelope: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether the event is for this queue: of some names the rules of both queues catch all (`when`, `unless`)."""
    if "when" in settings and not matches(settings["when"], envelope.get("detail")):
        return False
    return "unless" not in settings or not matches(settings["unless"], envelope.get("detail"))


def _again(again: Any, choreography: ChoreographySettings, receive_count: int) -> RecheckMessage:
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
    if kind not in _KINDS:
        raise InvalidMessage(f"the kind of 'again' is {kind_of(kind)}; it must be one of {', '.join(_KINDS)}")
    return RecheckMessage(choreography, cast("Kind", kind), entity_id, event_id, receive_count)


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
