"""What the promises allow to become of one entity's events: every outcome that timing may choose, and no other.

The steps are those of `replay`. When each is taken is explored: whatever happens at the same instant happens in any
order; what may be delayed is delayed or not. So this is where the promises' "when" is written down:

- An event that an open wait accepts is used at once, oldest first. A contested one waits until it is `settle` old, and
  for up to `ROUNDING` longer, since SQS delays by whole seconds.
- What is left of a state's time once an event was counted is in whole seconds, so that it may be over up to `ROUNDING`
  later.
- An event that nothing accepts is judged at its deadline, or a little later where something was in the way then. Until
  it is judged it may be used.
- A start event that met a running journey begins the next one some time between its end and the start's own deadline.
  Of several the oldest goes first.
- While a start event waits, what is no older than it may be the next journey's. It waits until it is `settle` old, and
  for as long as it is the turn of an older event whose time is not over.
- What had its deadline before a journey began is not that journey's: it is reported, and neither moves nor fails it.
- What might end the lines beside its own waits for older events that go there, if their waits may not be stored yet.
- An event of `anytime` ends the lines beside it: it settles, and older events that those await go first. So do older
  events of `anytime` before what those lines await, if that could still come where they lead.
- The same holds of what ends a line after which others of its group are not needed.
- What a line awaits waits for neither if it cannot come behind the end: then its line uses it at once, though an older
  event is there that is to end the group and has to settle. `replay` lets that one go first.
- Neither goes while a line that has just moved may be about to end the group.
- An event that is only noted, of a name that nothing awaits, is noted at once, and holds nothing.
- What an event leaves possible decides whether it has to wait; what its name is does not. Where it only might (a
  rival's way leads to a state that asks for an event of this name, but not for this one; two ways lead to one state,
  and events fare alike behind it), both are allowed.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton, AwaitingState, Transition
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import (
    Began,
    Counted,
    Deviation,
    Ended,
    EntityState,
    Lapsed,
    Line,
    Moved,
    Noted,
    Passed,
    Running,
)

ROUNDING = 1.0
HISTORY_LAGS = 2.0
"""For so long after a branch has moved, a wait beside it may not be stored yet. Each event that waits may move one."""


@dataclass(frozen=True, slots=True)
class Told:
    """One journey: the start event's id, the states entered, the ids of the events used, and how it ended."""

    started_by: str
    path: tuple[str, ...]
    used: frozenset[str]
    status: str = "RUNNING"
    error: str | None = None

    def may_become(self, other: "Told") -> bool:
        """Whether *other* may be told of this journey later on: what has been told of it stays."""
        return (
            self.started_by == other.started_by
            and self.path == other.path[: len(self.path)]
            and self.used <= other.used
            and (self.status == "RUNNING" or (self.status, self.error) == (other.status, other.error))
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one entity. A deviation: the event's id, the reason, the waits it met."""

    journeys: tuple[Told, ...] = ()
    deviations: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def after(self, record: journey.Record) -> "Verdict":
        """The verdict when *record* has happened as well."""
        if isinstance(record, Began):
            return replace(self, journeys=(*self.journeys, Told(record.event.id, (record.state,), frozenset())))
        if isinstance(record, Deviation):
            met = tuple(sorted(state for state, _ in record.states))
            deviation = (record.event.id, record.reason, met)
            return replace(self, deviations=tuple(sorted((*self.deviations, deviation))))
        *before, last = self.journeys
        match record:
            case Moved(_, event, _, _, following, stayed, whole):
                path = (*last.path, following) if whole and stayed is not None else last.path
                last = replace(last, path=path, used=last.used | {event.id})
            case Counted(event=event) | Noted(event=event):
                last = replace(last, used=last.used | {event.id})
            case Lapsed(_, _, following, _, True) | Passed(_, _, following, _, True):
                last = replace(last, path=(*last.path, following))
            case Ended(_, status, _, error):
                last = replace(last, status=status, error=error)
        return replace(self, journeys=(*before, last))

    def may_become(self, other: "Verdict") -> bool:
        """Whether *other* may be the verdict later on: records only add to one."""
        return (
            len(self.journeys) <= len(other.journeys)
            and all(map(Told.may_become, self.journeys, other.journeys))
            and all(one in other.deviations for one in self.deviations)
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """An entity at an instant. *coming*: what arrives now and is not yet taken in; *next*: how many have arrived.

    *clear_since*: until when events were on their way, so that no deviation could be stated.
    *idle_since*: when the last journey ended. *ours_since*: since when what is kept is the newest journey's; what had
    its deadline before that is not. *moved_at*: when a line last moved that has others beside it.
    """

    now: float
    standing: EntityState
    verdict: Verdict
    next: int = 0
    coming: frozenset[Event] = frozenset()
    clear_since: float = -math.inf
    idle_since: float = -math.inf
    ours_since: float = -math.inf
    moved_at: float = -math.inf


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that can be taken now; *by*: until when it must have been."""

    after: Moment
    by: float


def _alike(moment: Moment) -> Hashable:
    """What moments have in common from which the same can become, however they came about."""
    standing, running = moment.standing, moment.standing.running
    where = None if running is None else (running.started_at, _place(running.line))
    return where, replace(moment, standing=EntityState(None, (), standing.begun)), frozenset(standing.kept)


def _place(line: Line) -> Hashable:
    known = id(line.context.detail), tuple(sorted(line.context.memory.items())), line.context.keys
    inner = tuple(None if one is None else _place(one) for one in line.lines)
    counted = frozenset((id(way), frozenset(event.id for event in events)) for way, events in line.counted.items())
    waits = tuple(wait.name for wait in line.open_waits)
    return line.place.name, line.entered_at, line.until, waits, inner, known, counted


def _lines(line: Line) -> Iterator[Line]:
    yield line
    yield from line.inner()


def _alike_ways(one: Transition | None, other: Transition | None) -> bool:
    """Whether it may be all the same which of the two is taken."""
    if one is None or other is None:
        return one is other
    if one.stays or other.stays:
        return one is other
    return (one.next, one.remember) == (other.next, other.remember)


def _ways(wait: AwaitingState) -> Iterator[Transition]:
    for ways in wait.ways.values():
        yield from ways


def _leading(wait: AwaitingState) -> Iterator[Transition]:
    return (way for way in _ways(wait) if not way.is_noted)


def _opened_at(line: Line, wait: AwaitingState) -> float:
    """When the open *wait*, somewhere in *line*, was entered."""
    if any(one is wait for one in line.open_waits):
        return line.entered_at
    return max((_opened_at(inner, wait) for inner in line.lines if inner is not None), default=-math.inf)


class Allowed:
    """The verdicts that are allowed for *events* of one entity until the time *until*."""

    def __init__(self, choreography: Automaton, events: Sequence[Event], until: float) -> None:
        self.choreography, self.until = choreography, until
        self.events = sorted(events, key=lambda event: event.arrival)
        self._holds: dict[tuple[AwaitingState, Event, bool], str] = {}

    def verdicts(self) -> frozenset[Verdict]:
        """All of them."""
        return frozenset(self._explored())

    def allows(self, verdict: Verdict) -> bool:
        """Whether *verdict* is one of them: only what may still become it is explored."""
        return verdict in self._explored(verdict)

    def _explored(self, only: Verdict | None = None) -> Iterator[Verdict]:
        """The verdicts at the end, some of them more than once; all, or those on the way to one."""
        first = Moment(-math.inf, EntityState(), Verdict())
        seen, open_ends = {_alike(first)}, [first]
        while open_ends:
            moment = open_ends.pop()
            choices = list(self._choices(moment))
            following = [choice.after for choice in choices]
            if not moment.coming and all(choice.by > moment.now for choice in choices):
                later = self._later(moment, choices)
                if later is None:
                    yield moment.verdict
                else:
                    following.append(later)
            for one in following:
                if only is not None and not one.verdict.may_become(only):
                    continue
                if (key := _alike(one)) not in seen:
                    seen.add(key)
                    open_ends.append(one)

    # ---- time --------

    def _later(self, moment: Moment, choices: Sequence[Choice]) -> Moment | None:
        """The same at the next instant at which something can happen; None if that is too late to matter."""
        now = min((at for at in self._instants(moment, choices) if at > moment.now), default=math.inf)
        if now > self.until:
            return None
        coming, following = set(), moment.next
        while following < len(self.events) and self.events[following].arrival <= now:
            coming.add(self.events[following])
            following += 1
        clear_since = now if self._is_busy(moment, moment.standing) else moment.clear_since
        return replace(moment, now=now, coming=frozenset(coming), next=following, clear_since=clear_since)

    def _instants(self, moment: Moment, choices: Sequence[Choice]) -> Iterator[float]:
        if moment.next < len(self.events):
            yield self.events[moment.next].arrival
        yield from (choice.by for choice in choices)
        standing = moment.standing
        for event in standing.kept:
            deadline = journey.deadline(self.choreography, event)
            yield deadline
            yield self._looked_at_by(deadline, moment.clear_since)
            if self.choreography.is_start(event):
                yield from self._polls(event, deadline)
            else:
                yield self._settled(event)
        if standing.running is not None:
            yield journey.time_limit(self.choreography, standing.running)

    def _polls(self, start: Event, deadline: float) -> Iterator[float]:
        waited = max(1.0, self.choreography.settle)
        while start.arrival + waited < deadline:
            yield start.arrival + waited
            waited *= 4

    @staticmethod
    def _looked_at_by(deadline: float, possible_since: float) -> float:
        """An event that is overdue is looked at again after three times as long as it is, and not at once."""
        since = max(deadline, possible_since)
        return since + max(1, math.ceil(3 * (since - deadline))) + ROUNDING

    # ---- steps --------

    def _choices(self, moment: Moment) -> Iterator[Choice]:
        for event in moment.coming:
            yield self._arrival(moment, event)
        standing, running = moment.standing, moment.standing.running
        if running is None:
            yield from self._beginnings(moment)
        else:
            yield from self._moves(moment, running)
            limit = journey.time_limit(self.choreography, running)
            if limit <= moment.now:
                by = limit + ROUNDING if any(line.counted for line in _lines(running.line)) else limit
                yield self._choice(moment, journey.time_out(self.choreography, standing, running, moment.now), by)
        yield from self._judgements(moment)

    def _choice(self, moment: Moment, step: journey.Step, by: float) -> Choice:
        standing, records = step
        verdict = moment.verdict
        for record in records:
            verdict = verdict.after(record)
        ended = any(isinstance(record, Ended) for record in records)
        idle_since = moment.now if ended else moment.idle_since
        before, running = moment.standing.running, standing.running
        moved_at = moment.moved_at
        if running is None or not running.line.lines:
            moved_at = -math.inf
        elif before is None or before.line is not running.line:
            moved_at = moment.now
        after = replace(moment, standing=standing, verdict=verdict, idle_since=idle_since, moved_at=moved_at)
        return Choice(after, by)

    def _arrival(self, moment: Moment, event: Event) -> Choice:
        running, kept, begun = moment.standing
        standing = EntityState(running, (*kept, journey.kept_in(running, event)), begun)
        after = replace(moment, coming=moment.coming - {event}, standing=standing)
        if moment.standing.running is None and self._next_start(after.standing) is event:
            return self._beginning(after, event, moment.now)
        return Choice(after, moment.now)

    def _beginnings(self, moment: Moment) -> Iterator[Choice]:
        start = self._next_start(moment.standing)
        if start is not None:
            looked_at_by = self._looked_at_by(journey.deadline(self.choreography, start), moment.idle_since)
            # Whichever start event comes, it has the oldest looked at.
            came = (one.arrival for one in moment.standing.kept if self.choreography.is_start(one))
            yield self._beginning(moment, start, min((looked_at_by, *(at for at in came if at > moment.idle_since))))

    def _beginning(self, moment: Moment, start: Event, by: float) -> Choice:
        ours = replace(moment, ours_since=max(start.arrival, moment.idle_since))
        return self._choice(ours, journey.begin(self.choreography, moment.standing, start, moment.now), by)

    def _next_start(self, standing: EntityState) -> Event | None:
        """The start event that goes first of those that wait."""
        starts = (event for event in standing.kept if self.choreography.is_start(event))
        return min(starts, key=lambda one: (one.time, one.arrival, one.id), default=None)

    def _is_ours(self, moment: Moment, event: Event) -> bool:
        """Whether *event* is the newest journey's, or a start event; else its time was over when that journey began."""
        return self.choreography.is_start(event) or moment.ours_since <= journey.deadline(self.choreography, event)

    def _in_play(self, moment: Moment) -> list[Event]:
        """What the newest journey may use: of awaited start events those whose time was not over when it began."""
        kept, deadline = moment.standing.kept, partial(journey.deadline, self.choreography)
        late = [one for one in kept if one.name in self.choreography.steps and deadline(one) < moment.ours_since]
        return [event for event in kept if event not in late and self._is_ours(moment, event)]

    def _moves(self, moment: Moment, running: Running) -> Iterator[Choice]:
        in_play = self._in_play(moment)
        for wait in running.waits:
            accepted = journey.accepted_by(wait, in_play)
            first = self._first(accepted) if accepted else []
            # Of those that may go first, one goes first: so the others wait as long as it is held.
            by = max((self._by(moment, running, wait, event, way) for event, way in first), default=moment.now)
            for event, way in first:
                after_start = self._is_after_start(moment, event)
                held = after_start or self._hold(running, wait, event, way) == "held"
                if held and moment.now < self._settled(event):
                    continue
                if self._is_overtaking(moment, running, wait, event, way):
                    continue
                if after_start and self._is_behind(moment, running, event):
                    continue
                step = journey.move(self.choreography, moment.standing, running, wait, event, way, moment.now)
                yield self._choice(moment, step, by)

    def _first(self, accepted: Sequence[tuple[Event, Transition]]) -> list[tuple[Event, Transition]]:
        """Which of *accepted* may go first: of the oldest, the one that came first and need not let another pass."""
        oldest = min(event.time for event, _ in accepted)
        tied = [one for one in accepted if one[0].time == oldest]
        need_not = [one for one in tied if not any(self._precedes(other, one) for other in tied)] or tied
        found = []
        for leaders in (journey.leaders(self.choreography, tied), need_not):
            first = min(event.arrival for event, _ in leaders)
            found += [one for one in leaders if one[0].arrival == first and one not in found]
        return found

    def _precedes(self, first: tuple[Event, Transition], second: tuple[Event, Transition]) -> bool:
        """Whether for certain *second* is still possible after *first*, but not the other way round."""
        if first[1].is_noted or second[1].is_noted:
            return False
        if first[1] is second[1] or not self.choreography.still_possible(second[0], first[1].surely):
            return False
        return not any(first[0].name in wait.accepts for wait in self.choreography.waits_from(second[1].surely))

    def _settled(self, event: Event) -> float:
        return event.arrival + self.choreography.settle

    def _by(self, moment: Moment, running: Running, wait: AwaitingState, event: Event, way: Transition) -> float:
        after_start = self._is_after_start(moment, event)
        contested = self._hold(running, wait, event, way) != "free"
        if not contested and not after_start:
            return moment.now
        met = max(event.arrival, _opened_at(running.line, wait))
        by = max(self._settled(event), met) + ROUNDING
        held_by, pause = [*self._before(moment, running.waits, event)] if after_start else [], 1.0
        if contested and len(running.waits) > 1:
            held_by += self._beside(moment, running, wait, event)
            pause = (HISTORY_LAGS + ROUNDING) * len(self._in_play(moment))
        for until in held_by:
            by = max(by, until + max(pause, until - met) + ROUNDING)
        return by

    def _beside(self, moment: Moment, running: Running, wait: AwaitingState, event: Event) -> Iterator[float]:
        """Until when *event*, which might end the lines beside its own, waits for older ones that go there."""
        older = [one for one in self._in_play(moment) if one is not event and one.time <= event.time]
        others = [other for other in running.waits if other is not wait]
        for one in older:
            if any(other.way_of(one) for other in others):
                yield math.inf if one.time < event.time else self._settled(one)
        yield moment.moved_at + HISTORY_LAGS

    def _is_after_start(self, moment: Moment, event: Event) -> bool:
        """Whether a start event waits that is no younger than *event*, which may be the next journey's."""
        return any(self.choreography.is_start(one) and one.time <= event.time for one in moment.standing.kept)

    def _is_behind(self, moment: Moment, running: Running, event: Event) -> bool:
        """Whether it is for certain the turn of an older event, which may end this journey before *event* comes."""
        stored = (wait for wait in running.waits if _opened_at(running.line, wait) != moment.now)
        return any(until > moment.now for until in self._before(moment, stored, event))

    def _before(self, moment: Moment, waits: Iterable[AwaitingState], event: Event) -> Iterator[float]:
        """Until when each event older than *event* goes before it whose turn it is at one of *waits*."""
        in_play = self._in_play(moment)
        for wait in waits:
            accepted = journey.accepted_by(wait, in_play)
            first = self._first(accepted) if accepted else []
            if any(older.time < event.time for older, _ in first):
                yield max(journey.deadline(self.choreography, older) for older, _ in first)

    def _hold(self, running: Running, wait: AwaitingState, event: Event, way: Transition) -> str:
        if way.is_noted:
            return "free"
        may_be_ended = self._may_be_ended(running, wait, event)
        if (wait, event, may_be_ended) not in self._holds:
            ends = may_be_ended or self._ends_others(running, wait, way)
            self._holds[wait, event, may_be_ended] = "held" if ends else self._is_held(wait, event, way)
        return self._holds[wait, event, may_be_ended]

    def _ends_others(self, running: Running, wait: AwaitingState, way: Transition) -> bool:
        """Whether an event of *wait* ends lines beside it, other than a pause, or may as it takes *way*."""
        if wait.watches:
            return running.line.until is None
        group = self._group_of(running.line, wait)
        if group is None:
            return False
        return wait in group.waits or self._may_end(way.next)

    def _group_of(self, line: Line, wait: AwaitingState) -> Line | None:
        """The line around *wait* of which not all lines, or waits, are needed."""
        found = next((found for inner in line.inner() if (found := self._group_of(inner, wait))), None)
        few = line.place.enough is not None or bool(line.place.watchers)
        inside = any(one is wait for one in (*line.waits, *(one for inner in line.inner() for one in inner.waits)))
        return found or (line if few and inside else None)

    def _may_end(self, name: str) -> bool:
        """Whether a line that comes to the state *name* may end with no other event, pauses left aside."""
        found, open_ends = {name}, [name]
        while open_ends:
            place = self.choreography.places[open_ends.pop()]
            if place.end is not None:
                return True
            if place.onward is not None or place.until is not None:
                new = {*place.inner} & self._inside(place.name) - found
                found |= new
                open_ends += new
        return False

    def _inside(self, name: str) -> set[str]:
        """The states of the branch of *name*, which are called alike but for a number."""
        return {one for one in self.choreography.places if one.rstrip("0123456789") == name.rstrip("0123456789")}

    def _may_be_ended(self, running: Running, wait: AwaitingState, event: Event) -> bool:
        """Whether *event*, which *wait* accepts, may also come after an event that ends all lines beside it."""
        others = (one for one in running.waits if one.watches and one is not wait)
        leads = [way.next for one in others for way in _leading(one)]
        group = self._group_of(running.line, wait)
        if group is not None:
            leads.append(group.place.next or group.waits[0].ways[group.waits[0].accepts[0]][0].next)
        return any(self.choreography.still_possible(event, lead) for lead in leads)

    def _is_overtaking(
        self, moment: Moment, running: Running, wait: AwaitingState, event: Event, way: Transition
    ) -> bool:
        """Whether an older event goes first at another wait, as one of the two ends the other's line."""
        if way.is_noted:
            return False
        ends = self._ends_others(running, wait, way)
        if not ends and not self._may_be_ended(running, wait, event):
            return False
        return any(
            self._goes_first(running, other, one, event, wait, ends=ends)
            for one in self._in_play(moment)
            if one is not event
            for other in running.waits
            if other is not wait
        )

    def _goes_first(
        self, running: Running, other: AwaitingState, one: Event, event: Event, wait: AwaitingState, *, ends: bool
    ) -> bool:
        way = other.way_of(one)
        if way is None or one.time > event.time:
            return False
        if one.time < event.time:
            return True
        return ends and ((wait.watches and not other.watches) or not self._ends_others(running, other, way))

    def _is_held(self, wait: AwaitingState, event: Event, way: Transition) -> str:
        rivals = [other for other in _leading(wait) if other is not way]
        if any(self.choreography.still_possible(event, one.surely) for one in rivals if not _alike_ways(one, way)):
            return "held"
        if way.distinct is not None:
            return "held"
        behind = self.choreography.waits_from(way.surely)
        for other in self.events:
            if other is event or not self._may_stand_before(other, event, wait, way):
                continue
            if not all(_alike_ways(one.way_of(event), one.way_of(other)) for one in behind):
                return "held"
        asked = {name for rival in rivals for one in self.choreography.waits_from(rival.surely) for name in one.accepts}
        if self.choreography.is_start(event) or event.name in asked:
            return "perhaps"
        return "perhaps" if any(event.name in one.accepts for one in behind) else "free"

    def _may_stand_before(self, other: Event, event: Event, wait: AwaitingState, way: Transition) -> bool:
        """Whether *other* may have come to *wait* before *event*, which takes *way*, and lead to the same state."""
        taken = wait.way_of(other)
        if taken is way:
            return other.time <= event.time
        return _alike_ways(taken, way) and self.choreography.still_possible(event, way.surely)

    def _is_busy(self, moment: Moment, standing: EntityState) -> bool:
        """Whether something is still about to happen of itself, so that nothing can be said to be unexpected."""
        if standing.running is None:
            return any(self.choreography.is_start(event) for event in standing.kept)
        return not standing.running.judging or any(
            wait.way_of(event) for event in self._in_play(moment) for wait in standing.running.waits
        )

    def _judgements(self, moment: Moment) -> Iterator[Choice]:
        overdue = [(event, journey.deadline(self.choreography, event)) for event in moment.standing.kept]
        overdue = [(event, deadline) for event, deadline in overdue if deadline <= moment.now]
        ours = [(event, deadline) for event, deadline in overdue if self._is_ours(moment, event)]
        for event, deadline in overdue:
            if (event, deadline) not in ours:
                yield self._choice(
                    moment, self._set_aside(moment, event), self._looked_at_by(deadline, moment.clear_since)
                )
        for seen in self._as_seen(moment) if ours else ():
            if self._is_busy(moment, seen):
                continue
            for event, deadline in ours:
                after, records = journey.deviate(self.choreography, seen, event, moment.now)
                if after.running is not None:
                    after = after._replace(running=moment.standing.running)
                by = self._looked_at_by(deadline, moment.clear_since)
                yield self._choice(moment, (after, records), by)

    def _set_aside(self, moment: Moment, event: Event) -> journey.Step:
        """The newest journey neither uses *event* nor fails by it."""
        running, kept, begun = moment.standing
        told = Deviation(moment.now, event, "JourneyEnded" if begun > 1 else "NoJourney")
        return EntityState(running, journey.without(kept, event), begun), (told,)

    def _as_seen(self, moment: Moment) -> Iterator[EntityState]:
        """The standing as whoever judges may see it: of the waits that open right now, perhaps only some are stored."""
        standing, running = moment.standing, moment.standing.running
        yield standing
        if running is not None:
            stored = [wait for wait in running.waits if _opened_at(running.line, wait) != moment.now]
            opening = [wait for wait in running.waits if wait not in stored]
            for count in range(0 if stored else 1, len(opening)):
                for waits in combinations(opening, count):
                    yield standing._replace(running=running._replace(waits=(*stored, *waits)))
