"""What is remembered of a journey while it is replayed, and what many come to in sum."""

import marshal
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Any, ClassVar, TypeVar

from msgspec import Struct

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
from choreography_insights.replay.table import Move, told_of, way_of
from choreography_insights.views.picture import BEGIN
from choreography_insights.views.trace import Transition

_TICKS = 2**30
"""Parts of a second, in which stays are added up: a sum of whole numbers is the same in whatever order."""


class Stay(Struct):
    """How often a state was left, after how many seconds in all, and after how many at most."""

    visits: int = 0
    seconds: float = 0.0
    longest: float = 0.0


@dataclass(slots=True)
class Passage:
    """How often a way was taken, after stays of so many ticks in all, and of so many seconds at most.

    *open*: how often by an event of an `all` that left others open, and so did not lead on yet.
    """

    times: int = 0
    open: int = 0
    ticks: int = 0
    longest: float = 0.0

    def merge(self, other: "Passage") -> None:
        """Count all of *other* in."""
        self.times += other.times
        self.open += other.open
        self.ticks += other.ticks
        self.longest = max(self.longest, other.longest)


Passages = dict[Transition, Passage]


Ways = tuple[Transition, ...]
"""Those that a journey took, one after the other."""

Stayed = tuple[float | None, ...]
"""How long the stay was before each of them; None of one that did not lead on yet."""


def add_up(alike: Iterable[tuple[Ways, Sequence[Stayed]]], passages: Passages) -> None:
    """Count journeys into *passages*: those that took the same ways together."""
    stays: dict[Transition, list[float | None]] = {}
    for ways, stayed in alike:
        for way, those in zip(ways, zip(*stayed, strict=True), strict=True):
            stays.setdefault(way, []).extend(those)
    for way, some in stays.items():
        passage = passages.setdefault(way, Passage())
        seconds = [one for one in some if one is not None]
        passage.times += len(some)
        passage.open += len(some) - len(seconds)
        passage.ticks += sum([int(one * _TICKS) for one in seconds])
        passage.longest = max([passage.longest, *seconds])


def merged(passages: Passages, others: Passages) -> None:
    """Count all of *others* into *passages*."""
    for transition, passage in others.items():
        passages.setdefault(transition, Passage()).merge(passage)


def stays_of(passages: Passages) -> dict[str, Stay]:
    """Return the stays in the states that were left so."""
    stays: dict[str, Stay] = {}
    ticks: Counter[str] = Counter()
    for (state, _, _), passage in passages.items():
        if state == BEGIN or passage.times == passage.open:
            continue
        stay = stays.setdefault(state, Stay())
        stay.visits += passage.times - passage.open
        stay.longest = max(stay.longest, passage.longest)
        ticks[state] += passage.ticks
        stay.seconds = ticks[state] / _TICKS
    return stays


def _packed(event: Event) -> Event:
    """Return *event* in less memory: its detail is unpacked each time that somebody looks."""
    return Event(
        event.id,
        event.name,
        event.entity,
        event.time,
        event.arrival,
        _Packed(event.detail) if event.detail else event.detail,
        event.position,
        event.source,
        event.early,
        event.repeats,
        event.under,
        event.teaches,
    )


class _Packed(Mapping[str, Any]):
    """A detail in a fifth of the memory."""

    __slots__ = ("_text",)

    def __init__(self, detail: Mapping[str, Any]) -> None:
        self._text = marshal.dumps(detail if type(detail) is dict else dict(detail))

    def __getitem__(self, name: str) -> Any:
        return self._whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = marshal.loads(self._text)  # noqa: S302  # it is our own
        return found


_Key = TypeVar("_Key")
_MOST_PASSED, _MOST_HELD = 64, 1_000


class _None(dict[Any, int]):
    """The counts of what mostly does not happen: one object for all journeys, which nobody changes."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # else no field may have it as its default


_NONE = _None()


@dataclass(slots=True)
class ReplayedJourney:
    """One journey; *first* is where it began, *state* where it ended or waits. *running* is None once it has ended.

    *cut*: how often a stay in a state ended with what is around it, or in it. *ends*: how often a line of it ended well
    in a state. *overdue*: how often a stay took longer than the *expected* seconds, or has by now. *repeated*: how
    often its start event was published again. *noted*: how often which event was only noted, in which state.
    """

    keeps_events: ClassVar[bool] = False
    """Whether what events say is looked at once they are used."""

    entity: str
    started_by: Event
    started_at: float
    state: str
    entered_at: float
    first: str = ""
    status: str = "RUNNING"
    error: str | None = None
    ended_at: float | None = None
    running: Running | None = None
    events: int = 1
    cut: Mapping[str, int] = _NONE
    ends: Mapping[str, int] = _NONE
    deviations: Sequence[Deviation] = ()
    expected: Mapping[str, float] = _NONE
    overdue: Mapping[str, int] = _NONE
    repeated: int = 0
    noted: Mapping[tuple[str, str], int] = _NONE
    _passed: tuple[Any, ...] = ()
    """In turns the ways that it took, and how long the stays were before; None of one that did not lead on yet."""
    earlier: Passages | None = None
    """Those before them, added up."""

    @classmethod
    def begun(cls, began: Began, expected: Mapping[str, float]) -> "ReplayedJourney":
        """A journey that has just begun; of some states it is *expected* how many seconds a stay takes at most."""
        event, now = began.event if cls.keeps_events else _packed(began.event), began.at
        return cls(event.entity, event, now, began.state, now, began.state, expected=expected)

    @property
    def conforms(self) -> bool:
        """Whether it went as the choreography says: nothing unexpected, and not out of time."""
        return not self.deviations and self.status != "TIMED_OUT"

    @property
    def stays(self) -> dict[str, Stay]:
        """Those in the states that it, or a line of it, has left."""
        if self.earlier is not None:
            return stays_of(self.passages)
        stays: dict[str, Stay] = {}
        turns = iter(self._passed)
        for (state, _, _), stayed in zip(turns, turns, strict=True):
            if stayed is None:
                continue
            stay = stays.get(state)
            if stay is None:
                stays[state] = Stay(1, stayed, stayed)
            else:
                stay.visits += 1
                stay.seconds += stayed
                stay.longest = max(stay.longest, stayed)
        return stays

    @property
    def single_stays(self) -> list[tuple[str, float]] | None:
        """Those of *stays*, with their seconds, if no state was left twice; else None."""
        states, stayed = _states_of(self._passed[::2]), self._passed[1::2]
        if states is None or self.earlier is not None or None in stayed:
            return None
        return list(zip(states, stayed, strict=True))

    @property
    def transitions(self) -> dict[Transition, int]:
        """How often it went which way, from its beginning on."""
        return {transition: passage.times for transition, passage in self.passages.items()}

    @property
    def passages(self) -> Passages:
        """The ways that it took, and what they were, from its beginning on."""
        found: Passages = {(BEGIN, self.started_by.name, self.first): Passage(1)}
        merged(found, self.earlier or {})
        add_up([(self.ways, [self.stayed])], found)
        return found

    @property
    def ways(self) -> Ways:
        """The last of the ways that it took."""
        return self._passed[::2]

    @property
    def stayed(self) -> Stayed:
        """How long it stayed before each of its last ways."""
        return self._passed[1::2]

    def move(self, event: Event, now: float, move: Move, inside: Sequence[float]) -> None:
        """*event* makes the *move*: the lines inside it were where they are since the times *inside*."""
        if self.expected:
            for record in move.happens(event, now, (self.entered_at, *inside)):
                self.note(record)
            return
        since = self.entered_at
        if move.only is not None:  # as it mostly is
            self._passed += move.only, now - since
        else:
            self._passed += tuple(move.passed(now, (since, *inside)))
        if len(self._passed) > _MOST_PASSED:
            self._fold()
        self.events += move.events
        if move.entered:
            self.state, self.entered_at = move.entered, now
        if move.end is not None:
            self.ended_at, (self.status, self.state, self.error) = now, move.end
        for record in move.rest:
            self.note(told_of(record, event, now, (since, *inside)))

    def note(self, record: Record) -> None:
        """Remember what has happened to it."""
        if isinstance(record, Ended):
            if record.state == self.state:
                self._judge(self.state, record.at - self.entered_at)
            self.ended_at, self.status, self.state, self.error = record
        elif isinstance(record, Moved | Passed | Lapsed):
            self._go_on(record)
        elif isinstance(record, Counted):
            self.events += 1
        elif isinstance(record, Noted):
            self.events += 1
            self.noted = _once_more(self.noted, (record.state, record.event.name))
        elif isinstance(record, Cut):
            self.cut = _once_more(self.cut, record.state)
            self._judge(record.state, record.stayed)
        elif isinstance(record, LineEnded):
            self.ends = _once_more(self.ends, record.state)
        elif isinstance(record, Deviation):
            self._deviates(record)
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
            self.overdue = _once_more(self.overdue, state)

    def _go_on(self, record: Moved | Passed | Lapsed) -> None:
        if isinstance(record, Moved):
            self.events += 1
        self._pass(way_of(record), record.stayed)
        if record.whole and record.stayed is not None:
            self.state, self.entered_at = record.next, record.at

    def _deviates(self, deviation: Deviation) -> None:
        if isinstance(self.deviations, list):
            self.deviations.append(deviation)
        else:
            self.deviations = [deviation]

    def _pass(self, transition: Transition, stayed: float | None) -> None:
        self._passed = (*self._passed, transition, stayed)
        if self.expected and stayed is not None:
            self._judge(transition[0], stayed)
        if len(self._passed) > _MOST_PASSED:
            self._fold()

    def _fold(self) -> None:
        """Add up the ways that it took, which are many."""
        if self.earlier is None:
            self.earlier = {}
        add_up([(self.ways, [self.stayed])], self.earlier)
        self._passed = ()


@lru_cache(4_096)
def _states_of(ways: Ways) -> tuple[str, ...] | None:
    """Return the states that are left by *ways*; None if one is left twice."""
    states = tuple([state for state, _, _ in ways])
    return states if len(set(states)) == len(states) else None


def _once_more(counts: Mapping[_Key, int], key: _Key) -> Mapping[_Key, int]:
    return {**counts, key: counts.get(key, 0) + 1}


def in_one_place(deviations: Iterable[Deviation]) -> Iterator[tuple[Deviation, Sequence[Deviation]]]:
    """Yield each of a journey's *deviations* with those that followed it while the same was awaited."""
    for _, group in groupby(deviations, key=lambda one: one.states):
        first, *following = group
        yield first, following


@dataclass(slots=True)
class StateSummary:
    """What happened in a state: how many journeys, or lines, entered it, left it and when, ended in it, wait in it.

    *overdue*: how many stays took longer than *expected*, or have by now.
    """

    entered: int = 0
    stay: Stay = field(default_factory=Stay)
    ended: int = 0
    waiting: int = 0
    expected: float | None = None
    overdue: int = 0

    def merge(self, other: "StateSummary") -> None:
        """Count all of *other* in."""
        self.entered += other.entered
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
    followed from others.
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
    followed: Counter[str] = field(default_factory=Counter)
    noted: Counter[tuple[str, str]] = field(default_factory=Counter)
    unleft: dict[str, StateSummary] = field(default_factory=dict)
    """What happened in states beside that they were left, which the passages say."""
    _passages: Passages = field(default_factory=dict)
    _alike: dict[tuple[str, str, Ways], list[Stayed]] = field(default_factory=dict)
    """Of journeys that are not in the passages yet: by what began them, where, and their ways, how long they stayed."""
    _held: int = 0

    @property
    def passages(self) -> Passages:
        """The ways that were taken."""
        self._add_up()
        return self._passages

    @property
    def states(self) -> dict[str, StateSummary]:
        """What happened in each state."""
        stays = stays_of(self.passages)
        found = {}
        for name in dict.fromkeys((*self.unleft, *stays)):
            state, stay = self.unleft.get(name, StateSummary()), stays.get(name, Stay())
            found[name] = replace(state, entered=state.entered + stay.visits, stay=stay)
        return found

    @property
    def transitions(self) -> Counter[Transition]:
        """How often each was taken."""
        return Counter({transition: passage.times for transition, passage in self.passages.items()})

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
        conforms = told.conforms
        self.statuses[told.status] += 1
        self.conforming += conforms
        self.complete += conforms and told.ended_at is not None
        if told.repeated:
            self.events -= told.repeated
            self.repeated += told.repeated
        if told.deviations:
            self._add_deviations(told)
        self._add_ways(told)
        self._add_states(told)

    def _add_deviations(self, told: ReplayedJourney) -> None:
        for deviation in told.deviations:
            self.deviations[deviation.reason] += 1
        for _, following in in_one_place(told.deviations):
            for deviation in following:
                self.follows(deviation)

    def _add_ways(self, told: ReplayedJourney) -> None:
        """Hold the ways that it took, and how long that was, until there are many journeys that went alike."""
        if told.earlier:
            merged(self._passages, told.earlier)
        went = told.started_by.name, told.first, told.ways
        alike = self._alike.get(went)
        if alike is None:
            alike = self._alike[went] = []
        alike.append(told.stayed)
        self._held += 1
        if self._held == _MOST_HELD:
            self._add_up()

    def _add_up(self) -> None:
        """Count what is held."""
        for (event, first, _), stayed in self._alike.items():
            self._passages.setdefault((BEGIN, event, first), Passage()).times += len(stayed)
        add_up([(ways, stayed) for (_, _, ways), stayed in self._alike.items()], self._passages)
        self._alike.clear()
        self._held = 0

    def _add_states(self, told: ReplayedJourney) -> None:
        if told.noted:
            self.noted.update(told.noted)
        if told.cut or told.ends or told.overdue:
            self._add_inner(told)
        last = self._unleft(told.state)
        last.entered += 1
        if told.running is None:
            last.ended += 1
        else:
            last.waiting += 1
            for line in told.running.line.inner():
                if line.has_ended:  # as `ends` says
                    continue
                inside = self._unleft(line.place.name)
                inside.entered += 1
                inside.waiting += 1

    def _add_inner(self, told: ReplayedJourney) -> None:
        for name, times in told.cut.items():
            self._unleft(name).entered += times
        for name, times in told.ends.items():
            state = self._unleft(name)
            state.entered += times
            state.ended += times
        for name, times in told.overdue.items():
            self._unleft(name).overdue += times

    def _unleft(self, name: str) -> StateSummary:
        """Return what is counted of a state; some ends are made by the compiler."""
        state = self.unleft.get(name)
        if state is None:
            state = self.unleft[name] = StateSummary()
        return state

    def merge(self, other: "Tally") -> None:
        """Count all of *other* in, which is of other entities."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        merged(self.passages, other.passages)
        for name, state in other.unleft.items():
            self._unleft(name).merge(state)

    def follows(self, deviation: Deviation) -> None:
        """Count *deviation*, which has been added, as one that followed from another."""
        self.followed[deviation.reason] += 1

    @property
    def steps(self) -> Counter[Transition]:
        """How often journeys went from state to state; by an event of an `all` that left others open, to itself."""
        found: Counter[Transition] = Counter()
        for (state, event, following), passage in self.passages.items():
            found[state, event, following] += passage.times - passage.open
            found[state, event, state] += passage.open
        return +found

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
    "followed",
    "noted",
)


class Summary(Tally):
    """The sum of everything that was replayed of a *choreography*, each of its states in it."""

    def __init__(self, choreography: Automaton, events: int = 0) -> None:
        states = {name: StateSummary(expected=choreography.expected.get(name)) for name in choreography.places}
        super().__init__(events=events, unleft=states)
        self.choreography = choreography

    def in_order(self) -> Iterator[tuple[str, StateSummary]]:
        """Yield the states as the definition has them, and then the ends that the compiler makes."""
        states = self.states
        made = sorted(states.keys() - self.choreography.places.keys())
        yield from ((name, states[name]) for name in (*self.choreography.places, *made))

    def slowest(self, count: int = 3) -> Iterator[tuple[str, StateSummary]]:
        """Yield the states that journeys took longest to leave, the slowest first."""
        left = [(name, state) for name, state in self.in_order() if state.mean > 0]
        yield from sorted(left, key=lambda one: one[1].mean, reverse=True)[:count]
