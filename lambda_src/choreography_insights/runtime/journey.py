"""A journey as the table holds it: its open waits, and what became of its events."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from .events import Event, id_text
from .paths import ABSENT, read
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
    *sources*: where it may come from, empty if from anywhere. *items*: paths in the event, and the key that must be
    there. *remembered*: a pattern on what the journey remembers. *remember*: what it remembers from then on, path by
    name.
    """

    event: str
    when: Mapping[str, Any] | None = None
    contested_by: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    remembered: Mapping[str, Any] | None = None
    remember: Mapping[str, str] = MappingProxyType({})

    def is_kind_of(self, event: Event, memory: Mapping[str, Any]) -> bool:
        """Whether *event* is one of these, for a journey that remembers *memory*."""
        return (
            self.event == event.name
            and (not self.sources or event.payload.get("source") in self.sources)
            and all(id_text(read(path, event.payload)) == key for path, key in self.items)
            and (self.when is None or matches(self.when, event.detail))
            and (self.remembered is None or matches(self.remembered, memory))
        )


class Wait(NamedTuple):
    """A wait state that holds a task token. *entered_at*: epoch seconds.

    *state* is unique in the journey: for an item of an ``each`` it has the item's key behind the state's own name,
    *state_name*. *unexpected* and *early_seconds* are None where the choreography's hold; *memory* is None where the
    choreography remembers nothing.
    """

    state: str
    token: str
    accepts: tuple[Variant, ...]
    execution: str
    entered_at: float
    state_name: str = ""
    unexpected: str | None = None
    early_seconds: float | None = None
    memory: Mapping[str, Any] | None = None

    def variant_of(self, event: Event) -> int | None:
        """The position of the first variant that *event* is, None if this wait does not accept it."""
        for position, variant in enumerate(self.accepts):
            if variant.is_kind_of(event, self.memory or {}):
                return position
        return None

    def memory_after(self, event: Event) -> Mapping[str, Any] | None:
        """What the journey remembers once *event* has moved it on from here; a missing field changes nothing."""
        variant = self.variant_of(event)
        if self.memory is None or variant is None:
            return self.memory
        found = {name: read(path, event.payload) for name, path in self.accepts[variant].remember.items()}
        return {**self.memory, **{name: value for name, value in found.items() if value is not ABSENT}}

    def names(self, name: str) -> bool:
        """Whether some variant has this event name."""
        return any(variant.event == name for variant in self.accepts)


class EventRow(NamedTuple):
    """What the table remembers of one event. Times in epoch seconds; *payload* only while it is needed.

    *held_for*: the token of the wait for which it was kept because it was contested.
    """

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
    held_for: str | None = None
    memory: Mapping[str, Any] | None = None

    @property
    def in_flight(self) -> bool:
        """Claimed for a wait, success or failure, and not yet recorded."""
        return self.status in (Status.CLAIMED, Status.FAILING)


class Journey(NamedTuple):
    """The JOURNEY row. *kept*: the names of the events that are not done yet, by id."""

    key: str
    execution_arn: str | None = None
    status: str | None = None
    waits: tuple[Wait, ...] = ()
    kept: Mapping[str, str] = MappingProxyType({})
    expires_at: int = 0
    started_by: str | None = None

    @property
    def open_waits(self) -> tuple[Wait, ...]:
        """Waits of the journey's own execution; those of an earlier one are stale and ignored."""
        return tuple(wait for wait in self.waits if wait.execution == self.execution_arn)

    @property
    def may_accept_kept(self) -> bool:
        """Whether some open wait asks for events of the name of one that is kept: then the whole has to be read."""
        return any(self.keeps_for(wait) for wait in self.open_waits)

    def keeps_for(self, wait: Wait) -> bool:
        """Whether some kept event has a name that *wait* asks for."""
        return any(wait.names(name) for name in self.kept.values())

    @property
    def is_over(self) -> bool:
        """There was no execution yet, or the table knows that it ended."""
        return self.execution_arn is None or self.status != RUNNING

    @property
    def may_be_redriven(self) -> bool:
        """The table knows that it ended, but in a way from which Step Functions may have let it go on: nobody says."""
        return self.execution_arn is not None and self.status not in (RUNNING, SUCCEEDED)


RUNNING, SUCCEEDED = "RUNNING", "SUCCEEDED"


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
