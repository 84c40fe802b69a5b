"""A definition as replay reads it: what each state waits for, and where each event leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from choreography_insights.authoring.paths import FieldPath
from choreography_insights.authoring.replay.events import Event
from choreography_insights.authoring.replay.when import Test, test_of
from choreography_insights.authoring.workflow import All, Await, Fail, OnUnexpected, State, Succeed, Timeout, Workflow


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """An event, perhaps only with such a detail, leads to the state *next*."""

    event: str
    when: Test | None
    next: str


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """One place where an event is awaited, under the name that shows in Step Functions. The first way that fits counts.

    *accepts*: the names of the events, in the order of the definition.
    """

    name: str
    accepts: tuple[str, ...]
    ways: Mapping[str, Sequence[Way]]

    def way_of(self, event: Event) -> Way | None:
        """The way that *event* takes from here; None if it is not accepted."""
        for way in self.ways.get(event.name, ()):
            if way.when is None or way.when(event.detail):
                return way
        return None


@dataclass(frozen=True, slots=True)
class End:
    """How a journey ends in a state."""

    status: Literal["SUCCEEDED", "FAILED"]
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A state: its waits, all of which must be answered to go on; or an end, which has none."""

    name: str
    waits: tuple[Wait, ...] = ()
    timeout: tuple[float, str] | None = None
    end: End | None = None


@dataclass(slots=True, eq=False)
class Choreography:
    """The whole definition. Durations in seconds."""

    name: str
    entity: FieldPath
    time: FieldPath
    sources: frozenset[str]
    starts: frozenset[str]
    first: str
    places: Mapping[str, Place]
    timeout: float
    early: float
    settle: float
    unexpected: OnUnexpected
    catches_all: bool
    known: frozenset[str]
    _reach: dict[str, tuple[Wait, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, workflow: Workflow) -> "Choreography":
        """Read *workflow*."""
        places = {state.name.text: _place(state) for state in workflow.states}
        starts = frozenset(name.text for name in workflow.starts)
        awaited = (event for place in places.values() for wait in place.waits for event in wait.accepts)
        return cls(
            name=workflow.name.text,
            entity=workflow.entity,
            time=workflow.time,
            sources=frozenset(source.text for source in workflow.sources),
            starts=starts,
            first=workflow.states[0].name.text,
            places=places,
            timeout=workflow.timeout_seconds,
            early=workflow.early_seconds,
            settle=workflow.settle_seconds,
            unexpected=workflow.unexpected,
            catches_all=workflow.capture == "all",
            known=starts.union(awaited),
        )

    def catches(self, source: str, name: str) -> bool:
        """Whether the choreography hears of such an event at all."""
        return source in self.sources and (self.catches_all or name in self.known)

    def still_possible(self, event: Event, state: str) -> bool:
        """Whether *event* could be accepted in *state* or somewhere behind it."""
        return any(wait.way_of(event) for wait in self.waits_from(state))

    def waits_from(self, state: str) -> tuple[Wait, ...]:
        """Every wait in *state* and behind it."""
        if state not in self._reach:
            found, open_ends = {state}, [state]
            while open_ends:
                new = self._next_to(self.places[open_ends.pop()]) - found
                found |= new
                open_ends += new
            self._reach[state] = tuple(
                wait for name in self.places if name in found for wait in self.places[name].waits
            )
        return self._reach[state]

    @staticmethod
    def _next_to(place: Place) -> set[str]:
        by_event = {way.next for wait in place.waits for ways in wait.ways.values() for way in ways}
        return by_event | ({place.timeout[1]} if place.timeout else set())


def _place(state: State) -> Place:
    name = state.name.text
    match state:
        case Await(variants=variants):
            ways = [
                Way(one.event.text, None if one.when is None else test_of(one.when.source), one.next.text)
                for one in variants
            ]
            return Place(name, (_wait(name, ways),), _limit(state.timeout))
        case All(items=items, next=following):
            waits = [_wait(f"{name}.{item.name.text}", [Way(item.event.text, None, following.text)]) for item in items]
            return Place(name, tuple(waits), _limit(state.timeout))
        case Succeed():
            return Place(name, end=End("SUCCEEDED"))
        case Fail(error=error):
            return Place(name, end=End("FAILED", error))
        case _:
            assert_never(state)


def _wait(name: str, ways: Sequence[Way]) -> Wait:
    by_event: dict[str, list[Way]] = {}
    for way in ways:
        by_event.setdefault(way.event, []).append(way)
    return Wait(name, tuple(by_event), by_event)


def _limit(timeout: Timeout | None) -> tuple[float, str] | None:
    return None if timeout is None else (float(timeout.seconds), timeout.next.text)
