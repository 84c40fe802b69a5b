"""A journey as the table holds it: its open waits, and what became of its events."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from .events import Event
from .patterns import matches


class Status(StrEnum):
    """What became of an event: KEPT or CLAIMED → DONE; KEPT → FAILING or REPORTING → REPORTED; STARTING → DONE."""

    KEPT = "KEPT"
    CLAIMED = "CLAIMED"
    DONE = "DONE"
    FAILING = "FAILING"
    REPORTING = "REPORTING"
    REPORTED = "REPORTED"
    STARTING = "STARTING"


class Variant(NamedTuple):
    """One kind of event a wait accepts: a name, perhaps with a pattern on the detail.

    *contested_by*: positions (in the wait's ``accepts``) of the variants after which this one could still come.
    """

    event: str
    when: Mapping[str, Any] | None = None
    contested_by: tuple[int, ...] = ()


class Wait(NamedTuple):
    """A wait state that holds a task token. *entered_at*: epoch seconds."""

    state: str
    token: str
    accepts: tuple[Variant, ...]
    execution: str
    entered_at: float

    def variant_of(self, event: Event) -> int | None:
        """The position of the first variant that *event* is, None if this wait does not accept it."""
        for position, variant in enumerate(self.accepts):
            if variant.event == event.name and (variant.when is None or matches(variant.when, event.detail)):
                return position
        return None

    def names(self, name: str) -> bool:
        """Whether some variant has this event name."""
        return any(variant.event == name for variant in self.accepts)


class EventRow(NamedTuple):
    """What the table remembers of one event. Times in epoch seconds; *payload* only while it is needed."""

    event_id: str
    status: Status
    name: str
    time: float
    arrived_at: float = 0.0
    deadline: float = 0.0
    is_start: bool = False
    token: str | None = None
    wait: str | None = None
    execution: str | None = None
    payload: Mapping[str, Any] | None = None
    choreography: Mapping[str, Any] | None = None
    deviation: Mapping[str, Any] | None = None

    @property
    def in_flight(self) -> bool:
        """Claimed for a wait, success or failure, and not yet recorded."""
        return self.status in (Status.CLAIMED, Status.FAILING)


class Journey(NamedTuple):
    """The JOURNEY row."""

    key: str
    execution_arn: str | None = None
    status: str | None = None
    waits: tuple[Wait, ...] = ()
    kept: frozenset[str] = frozenset()
    expires_at: int = 0

    @property
    def open_waits(self) -> tuple[Wait, ...]:
        """Waits of the journey's own execution; those of an earlier one are stale and ignored."""
        return tuple(wait for wait in self.waits if wait.execution == self.execution_arn)

    @property
    def is_over(self) -> bool:
        """There was no execution yet, or the table knows that it ended."""
        return self.execution_arn is None or self.status != RUNNING


RUNNING = "RUNNING"


class Snapshot(NamedTuple):
    """What one read of the table saw. *rows* is None when only the JOURNEY row was read."""

    journey: Journey
    rows: Mapping[str, EventRow] | None = None

    def row(self, event_id: str) -> EventRow | None:
        """The row of one event, None if it has none or was not read."""
        return (self.rows or {}).get(event_id)

    @property
    def kept_rows(self) -> Iterable[EventRow]:
        """Early events whose turn has not come, start events aside."""
        return [row for row in (self.rows or {}).values() if row.status is Status.KEPT and not row.is_start]
