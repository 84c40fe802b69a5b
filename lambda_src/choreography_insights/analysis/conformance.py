"""Which entities fit the choreography, and where the others depart from it."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation, Reason
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.names import Names
from choreography_insights.trace.scopes import Scopes


class Place(NamedTuple):
    """Where entities first depart: by which event, in which state (empty: in no journey), and why that is one."""

    event: str
    state: str
    reason: Reason


@dataclass(slots=True)
class Departures:
    """Who departs first at a place, and how many deviations there are in all."""

    entities: set[str] = field(default_factory=set)
    deviations: int = 0


class Conformance:
    """Takes what a replay tells, and says of each entity whether anything unexpected met it, and where first."""

    def __init__(self, choreography: Automaton, scopes: Scopes) -> None:
        self.summary = Summary(choreography)
        self.entities: set[str] = set()
        self.unfit: set[str] = set()
        self._scopes = scopes
        self._first: dict[str, tuple[float, int, Place]] = {}
        self._deviations: Counter[Place] = Counter()

    def take(self, told: ReplayedJourney | Deviation) -> None:
        """A journey has ended, or an event has met none."""
        self.summary.add(told)
        if isinstance(told, ReplayedJourney):
            self.entities.add(told.entity)
            if not told.conforms:
                self.unfit.add(told.entity)
            for deviation in told.deviations:
                self._departs(told.entity, deviation)
        else:
            entity = told.event.entity
            self.entities.add(entity)
            self.unfit.add(entity)
            self._departs(entity, told)

    def _departs(self, entity: str, deviation: Deviation) -> None:
        place = Place(deviation.event.name, self._scopes.met(deviation.states), deviation.reason)
        self._deviations[place] += 1
        item = (deviation.at, deviation.event.position, place)
        if entity not in self._first or item[:2] < self._first[entity][:2]:
            self._first[entity] = item

    @property
    def fitting(self) -> int:
        """How many entities nothing unexpected met."""
        return len(self.entities) - len(self.unfit)

    @property
    def share(self) -> float:
        """Which part of all entities these are."""
        return self.fitting / len(self.entities) if self.entities else 1.0

    def places(self) -> list[tuple[Place, Departures]]:
        """Return where entities first depart, the place where most do first."""
        found: defaultdict[Place, Departures] = defaultdict(Departures)
        for entity, (*_, place) in self._first.items():
            found[place].entities.add(entity)
        for place, departures in found.items():
            departures.deviations = self._deviations[place]
        return sorted(found.items(), key=lambda one: (-len(one[1].entities), one[0]))


class Recorded:
    """Events that are held, to be replayed again by changed definitions.

    *early*: how long one that comes under another name of its entity waits until somebody teaches that.
    """

    def __init__(self, early: float = math.inf) -> None:
        self._events: list[Event] = []
        self._by_entity: defaultdict[str, list[Event]] = defaultdict(list)
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._is_one = True
        self._early = early
        self._owners = Names()
        self._waiting: dict[int, Event] = {}
        self._taken: defaultdict[str, list[Event]] = defaultdict(list)

    def take(self, event: Event) -> None:
        """An event has come; they come in order of time."""
        self._events.append(event)
        if event.under is None:
            self._belongs(event, event.entity)
        else:
            self._lapse(event.time)
            owned = self._owners.owned(event)
            if owned is None:
                self._waiting[event.position] = event
                self._owners.wait(event, event.under, event.arrival + self._early)
            else:
                self._belongs(event, owned.entity)
        self._names[event.name].add(event.entity)
        self._is_one = self._is_one and event.under is None

    def _belongs(self, event: Event, entity: str) -> None:
        """*event* is one of *entity*, and so is what has waited for the names that it teaches."""
        self._by_entity[entity].append(event)
        for name in event.teaches:
            self._lapse(event.time)
            waited = self._owners.teach(replace(event, entity=entity, under=None), name)
            if waited is None:
                self._taken[entity].append(event)
            for one in waited or ():
                self._belongs(self._waiting.pop(one.position), entity)

    def _lapse(self, before: float) -> None:
        """What has waited long enough *before* then is nobody's, and stands under the name that it has."""
        while self._owners.next_end < before:
            for event in self._owners.overdue():
                self._by_entity[event.entity].append(self._waiting.pop(event.position))

    @property
    def stand_alone(self) -> bool:
        """Whether each entity can be replayed without the others: where no event comes under another name."""
        return self._is_one

    @property
    def last(self) -> float:
        """When the last event happened."""
        return self._events[-1].time

    def of(self, entity: str) -> Sequence[Event]:
        """Return the events of *entity*, in order; under what names they came, too, and those that have no entity."""
        for position in sorted(self._waiting):
            event = self._waiting.pop(position)
            self._by_entity[event.entity].append(event)
        return sorted(self._by_entity[entity], key=lambda event: (event.time, event.position))

    def taken(self, entity: str) -> Sequence[Event]:
        """Return those of its events that have told a name which is another entity's."""
        return self._taken[entity]

    def with_event(self, name: str) -> set[str]:
        """Return the entities of events of that *name*."""
        return self._names[name]

    def replayed(self, choreography: Automaton, scopes: Scopes, entities: Iterable[str] | None = None) -> Conformance:
        """Return what *choreography* says of the events; of those of some *entities*, as if all were there."""
        found = Conformance(choreography, scopes)
        replay = Replay(choreography, found.take)
        for event in self._of(entities):
            if not choreography.is_retired(event):
                replay.take(event)
        last = next((event.time for event in reversed(self._events) if not choreography.is_retired(event)), None)
        if last is not None:
            replay.wait_until(last)
        replay.finish()
        return found

    def _of(self, entities: Iterable[str] | None) -> Sequence[Event]:
        if entities is None or not self._is_one:
            return self._events
        some = (event for entity in entities for event in self._by_entity[entity])
        return sorted(some, key=lambda event: (event.time, event.position))
