"""What is remembered of a journey while it is replayed, and what many come to in sum."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import (
    Began,
    Counted,
    Cut,
    Deviation,
    Ended,
    Lapsed,
    LineEnded,
    Moved,
    Noted,
    Passed,
    Record,
    Repeated,
    Running,
)
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT
from choreography_insights.views.trace import Transition


@dataclass(slots=True)
class Stay:
    """How often a state was left, after how many seconds in all, and after how many at most."""

    visits: int = 0
    seconds: float = 0.0
    longest: float = 0.0


@dataclass(slots=True)
class ReplayedJourney:
    """One journey; *state* is where it ended or waits. *running* is None once it has ended.

    *stays* are those in the states that it, or a line of it, has left. *cut*: how often one in a state ended with what
    is around it, or in it. *ends*: how often a line of it ended well in a state. *overdue*: how often a stay took
    longer than the *expected* seconds, or has by now. *repeated*: how often its start event was published again.
    *answered*: of its transitions, those by events of an `all` that left others open, and so did not lead on yet.
    *noted*: how often which event was only noted, in which state.
    """

    entity: str
    started_by: Event
    started_at: float
    state: str
    entered_at: float
    status: str = "RUNNING"
    error: str | None = None
    ended_at: float | None = None
    running: Running | None = None
    events: int = 1
    stays: dict[str, Stay] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    transitions: dict[Transition, int] = field(default_factory=dict)
    deviations: list[Deviation] = field(default_factory=list)
    expected: Mapping[str, float] = field(default_factory=dict)
    overdue: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    answered: dict[Transition, int] = field(default_factory=dict)
    noted: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def begun(cls, began: Began, expected: Mapping[str, float]) -> "ReplayedJourney":
        """A journey that has just begun; of some states it is *expected* how many seconds a stay takes at most."""
        event, now = began.event, began.at
        journey = cls(event.entity, event, now, began.state, now, expected=expected)
        journey.transitions[BEGIN, event.name, began.state] = 1
        return journey

    @property
    def conforms(self) -> bool:
        """Whether it went as the choreography says: nothing unexpected, and not out of time."""
        return not self.deviations and self.status != "TIMED_OUT"

    def note(self, record: Record) -> None:
        """Remember what has happened to it."""
        if isinstance(record, Moved):  # as it mostly is
            self._move(record)
        elif isinstance(record, Counted):
            self.events += 1
        elif isinstance(record, Noted):
            self.events += 1
            where = record.state, record.event.name
            self.noted[where] = self.noted.get(where, 0) + 1
        elif isinstance(record, Ended):
            if record.state == self.state:
                self._judge(self.state, record.at - self.entered_at)
            self.ended_at, self.status, self.state, self.error = record
        elif isinstance(record, Passed | Lapsed):
            at, state, following, stayed, whole = record
            self._count((state, TIMEOUT if isinstance(record, Lapsed) else ONWARD, following))
            self._leave(state, stayed)
            if whole:
                self.state, self.entered_at = following, at
        elif isinstance(record, Cut):
            self.cut[record.state] = self.cut.get(record.state, 0) + 1
            self._judge(record.state, record.stayed)
        elif isinstance(record, LineEnded):
            self.ends[record.state] = self.ends.get(record.state, 0) + 1
        elif isinstance(record, Deviation):
            self.deviations.append(record)
        elif isinstance(record, Repeated):
            self.repeated += 1
        else:
            raise TypeError(f"{record} happens to no journey that runs")

    def stop(self, running: Running | None, now: float) -> None:
        """No more is heard of it: it is *running* now, if it is."""
        self.running = running
        if running is not None:
            for line in (running.line, *running.line.inner()):
                self._judge(line.place.name, now - line.entered_at)

    def _judge(self, state: str, seconds: float) -> None:
        """Count a stay of so many *seconds* if that is longer than expected."""
        if seconds > self.expected.get(state, math.inf):
            self.overdue[state] = self.overdue.get(state, 0) + 1

    def _move(self, record: Moved) -> None:
        at, event, state, _, following, stayed, whole = record
        self.events += 1
        transition = state, event.name, following
        self._count(transition)
        if stayed is None:
            self.answered[transition] = self.answered.get(transition, 0) + 1
            return
        self._leave(state, stayed)
        if whole:
            self.state, self.entered_at = following, at

    def _count(self, transition: Transition) -> None:
        self.transitions[transition] = self.transitions.get(transition, 0) + 1

    def _leave(self, state: str, seconds: float) -> None:
        stay = self.stays.get(state)
        if stay is None:
            stay = self.stays[state] = Stay()
        stay.visits += 1
        stay.seconds += seconds
        stay.longest = max(stay.longest, seconds)
        if self.expected:
            self._judge(state, seconds)


def in_one_place(deviations: Iterable[Deviation]) -> Iterator[tuple[Deviation, Sequence[Deviation]]]:
    """Yield each of a journey's *deviations* with those that followed it while the same was awaited."""
    for _, group in groupby(deviations, key=lambda one: one.states):
        first, *following = group
        yield first, following


_TICKS = 2**30
"""Parts of a second, in which stays are added up: a sum of whole numbers is the same in whatever order."""


@dataclass(slots=True)
class Stays:
    """How often a state was left by all journeys, after how long in sum, and after how many seconds at most."""

    visits: int = 0
    ticks: int = 0
    longest: float = 0.0

    @property
    def seconds(self) -> float:
        """How long all of them were."""
        return self.ticks / _TICKS

    def add(self, stay: Stay) -> None:
        """Count those of one journey in."""
        self.visits += stay.visits
        self.ticks += int(stay.seconds * _TICKS)
        self.longest = max(self.longest, stay.longest)

    def merge(self, other: "Stays") -> None:
        """Count all of *other* in."""
        self.visits += other.visits
        self.ticks += other.ticks
        self.longest = max(self.longest, other.longest)


@dataclass(slots=True)
class StateSummary:
    """What happened in a state: how many journeys, or lines, entered it, left it and when, ended in it, wait in it.

    *overdue*: how many stays took longer than *expected*, or have by now.
    """

    entered: int = 0
    stay: Stays = field(default_factory=Stays)
    ended: int = 0
    waiting: int = 0
    expected: float | None = None
    overdue: int = 0

    def merge(self, other: "StateSummary") -> None:
        """Count all of *other* in."""
        self.entered += other.entered
        self.stay.merge(other.stay)
        self.ended += other.ended
        self.waiting += other.waiting
        self.overdue += other.overdue

    @property
    def mean(self) -> float:
        """Seconds from entering the state to leaving it."""
        return self.stay.seconds / self.stay.visits if self.stay.visits else 0.0


@dataclass(slots=True)
class Tally:
    """The sum of what was replayed, or of a part of it.

    *events* are those that the choreography heard of, repeated ones aside. *complete*: journeys that have ended, and
    went as the choreography says; *deviating*: those that did not, ended or not. *never_begun* and *after_end* are the
    entities (hashed) that events came to before any journey, and after one. *followed*: of the *deviations*, those that
    followed from others. *answered*: of the *transitions*, those by events of an `all` that left others open.
    """

    events: int = 0
    repeated: int = 0
    unheard: int = 0
    retired: int = 0
    unusable: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    conforming: int = 0
    complete: int = 0
    never_begun: set[int] = field(default_factory=set)
    after_end: set[int] = field(default_factory=set)
    deviations: Counter[str] = field(default_factory=Counter)
    states: dict[str, StateSummary] = field(default_factory=dict)
    transitions: Counter[Transition] = field(default_factory=Counter)
    followed: Counter[str] = field(default_factory=Counter)
    answered: Counter[Transition] = field(default_factory=Counter)
    noted: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def journeys(self) -> int:
        """How many there were."""
        return self.statuses.total()

    @property
    def cases(self) -> int:
        """How many journeys there were, and entities to which events came without any."""
        return self.journeys + len(self.never_begun)

    @property
    def deviating(self) -> int:
        """How many journeys did not go as the choreography says."""
        return self.journeys - self.conforming

    @property
    def running(self) -> int:
        """How many journeys have not ended, and went as the choreography says until now."""
        return self.conforming - self.complete

    @property
    def conformance(self) -> float | None:
        """Which part of the cases that are decided is complete; None where there is none."""
        decided = self.cases - self.running
        return self.complete / decided if decided else None

    @property
    def all_conform(self) -> bool:
        """Whether nothing departed from the choreography."""
        return self.conforming == self.journeys and not self.deviations and not self.unusable

    def add(self, told: ReplayedJourney | Deviation) -> None:
        """Count a journey, or a deviation that met none."""
        if isinstance(told, Deviation):
            self.deviations[told.reason] += 1
            met = {"NoJourney": self.never_begun, "JourneyEnded": self.after_end}.get(told.reason)
            if met is not None:
                met.add(hash(told.event.entity))
            return
        self.statuses[told.status] += 1
        self.conforming += told.conforms
        self.complete += told.conforms and told.ended_at is not None
        self.events -= told.repeated
        self.repeated += told.repeated
        for deviation in told.deviations:
            self.deviations[deviation.reason] += 1
        for _, following in in_one_place(told.deviations):
            for deviation in following:
                self.follows(deviation)
        for transition, times in told.transitions.items():
            self.transitions[transition] += times
        for transition, times in told.answered.items():
            self.answered[transition] += times
        self.noted.update(told.noted)
        for name, stay in told.stays.items():
            state = self.states.setdefault(name, StateSummary())
            state.entered += stay.visits
            state.stay.add(stay)
        for name, times in told.cut.items():
            self.states.setdefault(name, StateSummary()).entered += times
        for name, times in told.ends.items():
            state = self.states.setdefault(name, StateSummary())
            state.entered += times
            state.ended += times
        for name, times in told.overdue.items():
            self.states.setdefault(name, StateSummary()).overdue += times
        last = self.states.setdefault(told.state, StateSummary())  # some ends are made by the compiler
        last.entered += 1
        if told.running is None:
            last.ended += 1
        else:
            last.waiting += 1
            for line in told.running.line.inner():
                inside = self.states.setdefault(line.place.name, StateSummary())
                inside.entered += 1
                inside.waiting += 1

    def merge(self, other: "Tally") -> None:
        """Count all of *other* in, which is of other entities."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for name, state in other.states.items():
            self.states.setdefault(name, StateSummary()).merge(state)

    def follows(self, deviation: Deviation) -> None:
        """Count *deviation*, which has been added, as one that followed from another."""
        self.followed[deviation.reason] += 1

    @property
    def steps(self) -> Counter[Transition]:
        """How often journeys went from state to state; by an event of an `all` that left others open, to itself."""
        found = self.transitions - self.answered
        for (state, event, _), times in self.answered.items():
            found[state, event, state] += times
        return found

    @property
    def overdue(self) -> dict[str, int]:
        """How many stays were overdue, by the states that say what is expected."""
        return {name: state.overdue for name, state in self.states.items() if state.expected is not None}


_NUMBERS = ("events", "repeated", "unheard", "retired", "unusable", "conforming", "complete")
_COUNTERS = (
    "statuses",
    "never_begun",
    "after_end",
    "deviations",
    "transitions",
    "followed",
    "answered",
    "noted",
)


class Summary(Tally):
    """The sum of everything that was replayed of a *choreography*, each of its states in it."""

    def __init__(self, choreography: Automaton, events: int = 0) -> None:
        states = {name: StateSummary(expected=choreography.expected.get(name)) for name in choreography.places}
        super().__init__(events=events, states=states)
        self.choreography = choreography

    def in_order(self) -> Iterator[tuple[str, StateSummary]]:
        """Yield the states as the definition has them, and then the ends that the compiler makes."""
        made = sorted(self.states.keys() - self.choreography.places.keys())
        yield from ((name, self.states[name]) for name in (*self.choreography.places, *made))

    def slowest(self, count: int = 3) -> Iterator[tuple[str, StateSummary]]:
        """Yield the states that journeys took longest to leave, the slowest first."""
        left = [(name, state) for name, state in self.in_order() if state.mean > 0]
        yield from sorted(left, key=lambda one: one[1].mean, reverse=True)[:count]
