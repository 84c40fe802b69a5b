"""What can happen to one entity, step by step: values in, values out.

An `EntityState` is all that is known of the entity at one moment; each step makes another of it and says what happened.
Which step is taken when is for others to say: `engine` lets every event happen at its own time.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

from msgspec import structs

from choreography_insights.core.fields import ABSENT, id_text, number_of, value_at
from choreography_insights.model.workflow import ITEMS_AT_ONCE, DataPath
from choreography_insights.replay.automaton import (
    NOTHING_KNOWN,
    Automaton,
    AutomatonState,
    AwaitingState,
    Context,
    End,
    Transition,
)
from choreography_insights.replay.event import Event

UNEXPECTED_EVENT = "UnexpectedEvent"

Reason = Literal["UnexpectedEvent", "SecondStart", "NoJourney", "JourneyEnded", "NameTaken"]
Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT"]
REASONS, STATUSES = get_args(Reason), (*get_args(Status), "RUNNING")


@dataclass(slots=True, eq=False)
class Line:
    """Where one line of a journey is. *waits* are those still open; *lines* those inside it, None where one is done.

    *counted*: the events that count of each way which needs several. *watch*: the wait for what ends it at any time.
    *ended*: what was known in each of *lines* that is done. *queue*: the lines that have yet to begin, each with its
    first state and what is known there: they begin as others are done.
    """

    place: AutomatonState
    entered_at: float
    context: Context
    waits: tuple[AwaitingState, ...] = ()
    lines: tuple["Line | None", ...] = ()
    until: float | None = None
    counted: Mapping[Transition, tuple[Event, ...]] = field(default_factory=dict)
    watch: AwaitingState | None = None
    ended: tuple[Context | None, ...] = ()
    queue: tuple[tuple[str, Context], ...] = ()

    @property
    def open_waits(self) -> tuple[AwaitingState, ...]:
        """Its own waits, that for what ends it at any time last."""
        return self.waits if self.watch is None or not self.watch.accepts else (*self.waits, self.watch)

    @property
    def has_ended(self) -> bool:
        """Whether it only lasts until something ends all lines beside it."""
        return self.place.done and not self.place.waits[0].accepts

    def inner(self) -> Iterator["Line"]:
        """Yield the lines inside it that are not done, each before those inside of it."""
        for line in self.lines:
            if line is not None:
                yield line
                yield from line.inner()


class Running(NamedTuple):
    """A journey on its way: the state it is in, all waits there that are still open, since when, and what began it."""

    state: str
    waits: tuple[AwaitingState, ...]
    entered_at: float
    started_at: float
    line: Line
    begun_by: Event

    @property
    def judging(self) -> list[AwaitingState]:
        """The open waits by which events are unexpected."""
        return [wait for wait in self.waits if not wait.watches]

    @property
    def judges(self) -> bool:
        """Whether a wait is open by which events are unexpected."""
        return bool(self.waits) and (not self.waits[0].watches or bool(self.judging))


class EntityState(NamedTuple):
    """An entity: its journey, if one runs; its events that wait for their turn; how many journeys it has begun."""

    running: Running | None = None
    kept: tuple[Event, ...] = ()
    begun: int = 0


class Began(NamedTuple):
    """A start event has begun a journey."""

    at: float
    event: Event
    state: str


class Moved(NamedTuple):
    """An event was used by *wait* and leads to *next*, after *stayed* seconds; None: other events are waited for too.

    *whole* says whether it was all of the journey that was in *state*, or a line.
    """

    at: float
    event: Event
    state: str
    wait: str
    next: str
    stayed: float | None
    whole: bool


class Counted(NamedTuple):
    """An event was used by *wait*, and the line stays in *state*: it is the one of *number* that count, of *times*.

    *again*: it does not count, as one like it does.
    """

    at: float
    event: Event
    state: str
    wait: str
    number: int
    times: int
    again: bool


class Noted(NamedTuple):
    """An event was noted by *wait*, while the journey or a line of it was in *state*, and stays there."""

    at: float
    event: Event
    state: str
    wait: str


class Passed(NamedTuple):
    """A journey, or a line of it, has gone on from *state* without an event."""

    at: float
    state: str
    next: str
    stayed: float
    whole: bool


class Lapsed(NamedTuple):
    """The time of *state* was over, and the journey, or a line of it, has gone on to *next*."""

    at: float
    state: str
    next: str
    stayed: float
    whole: bool


class Cut(NamedTuple):
    """A stay in *state* was cut off by an end around it, or in it; where the journey itself ended is no such."""

    at: float
    state: str
    stayed: float


class LineEnded(NamedTuple):
    """A line of a journey has ended well in *state*; the journey itself has not."""

    at: float
    state: str


class Ended(NamedTuple):
    """A journey has ended in *state*, or while it was there (`TIMED_OUT`, or failed by a deviation)."""

    at: float
    status: Status
    state: str
    error: str | None = None


class Deviation(NamedTuple):
    """An unexpected event. *states*: the open waits that it met, with what each accepts."""

    at: float
    event: Event
    reason: Reason
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Repeated(NamedTuple):
    """A start event was the one that began the journey that runs, published again."""

    at: float
    event: Event


class EndlessError(Exception):
    """A journey goes on and on without waiting for anything; the message says where. Such a definition is refused."""


Record = Began | Moved | Counted | Noted | Passed | Lapsed | Cut | LineEnded | Ended | Deviation | Repeated
Step = tuple[EntityState, Sequence[Record]]


def kept_in(running: Running | None, event: Event) -> Event:
    """*event* as it is kept until its turn comes, if only for a moment, or as long as the states say that it is in."""
    early = () if running is None else early_in(running)
    return structs.replace(event, early=early) if early else event


def early_in(running: Running) -> tuple[float | None, ...]:
    """How long the states that a journey is in keep an event, each; nothing, where none of them says it."""
    for wait in running.waits:
        if wait.policy.early_seconds is not None and not wait.watches:  # as is seldom
            return tuple([one.policy.early_seconds for one in running.judging])
    return ()


def without(kept: Sequence[Event], event: Event) -> tuple[Event, ...]:
    """*kept* less *event*, which is one of them."""
    return tuple([one for one in kept if one is not event]) if len(kept) > 1 else ()


# ---- beginning --------


def next_start(choreography: Automaton, kept: Iterable[Event]) -> Event | None:
    """The oldest start event among those *kept*."""
    starts = [event for event in kept if choreography.is_start(event)]
    return min(starts, key=_age, default=None)


def begin(
    choreography: Automaton, standing: EntityState, event: Event, now: float, known: Context = NOTHING_KNOWN
) -> Step:
    """The start event *event* begins a journey; none runs. *known*: what was before it came."""
    context = known.after(event, choreography.remember.get(event.name, ()))
    first = choreography.begun_in[event.name]
    told: list[Record] = [Began(now, event, first)]
    line = arrive(choreography, first, context, now, told, top=True)
    return _standing(without(standing.kept, event), standing.begun + 1, line, now, (now, event), told), told


def _standing(
    kept: tuple[Event, ...],
    begun: int,
    line: Line | End,
    now: float,
    started: tuple[float, Event],
    told: list[Record],
) -> EntityState:
    """Where an entity is whose journey, *started* then by that event, has come to *line*."""
    if isinstance(line, End):
        told.append(Ended(now, line.status, line.state, None if line.error is None else str(line.error)))
        return EntityState(None, kept, begun)
    return EntityState(running_in(line, *started), kept, begun)


def running_in(line: Line, started_at: float, begun_by: Event) -> Running:
    """Return a journey that is in *line*, and was begun then by that event."""
    return Running(line.place.name, _open_waits(line), line.entered_at, started_at, line, begun_by)


def _open_waits(line: Line) -> tuple[AwaitingState, ...]:
    if not line.lines:
        return line.open_waits
    return (*line.open_waits, *(wait for inner in line.inner() for wait in inner.open_waits))


def arrive(
    choreography: Automaton, name: str, context: Context, now: float, told: list[Record], *, top: bool
) -> Line | End:
    """Where a line comes to that goes to the state *name*: on through all that does not wait."""
    for _ in range(len(choreography.places) + 1):
        place = choreography.places[name]
        if place.end is not None:
            if not top and place.end.status == "SUCCEEDED":
                told.append(LineEnded(now, name))
            return _ended(place.end, context, top=top)
        if place.waits:
            asks = place.asks or context.keys
            waits = tuple(wait.within(context) for wait in place.waits) if asks else place.waits
            line = Line(place, now, context, waits, watch=_watch(place, context, waits=waits))
            if line.has_ended:
                told.append(LineEnded(now, name))
            return line
        following: str | None
        if place.until is not None:
            until = place.until(context, now)
            if until is None:
                return End("FAILED", "States.Runtime", name)
            if until > now:
                return Line(place, now, context, until=until, watch=_watch(place, context))
            following = place.next
        elif place.onward is not None:
            following = place.onward(context)
            if following is None:
                stray = "UnexpectedTransition" if top else "States.NoChoiceMatched"
                return End("FAILED", stray, stray if top else name)
        else:
            group = _arrive_in_lines(choreography, place, context, now, told)
            if not isinstance(group, Context):
                return group
            following, context = place.next, group
        told.append(Passed(now, name, following, 0.0, top))
        name = following
    raise EndlessError(
        f"a journey that comes to {name!r} goes round there for ever, since nothing on its way waits; let the way "
        "round lead through a state that waits"
    )


def _ended(end: End, context: Context, *, top: bool) -> End:
    if any(context.at(needed) is ABSENT for needed in end.needs):
        return replace(end, error="States.Runtime")
    if end.status == "SUCCEEDED":
        return end if top else replace(end, known=context)
    if not isinstance(end.error, DataPath):
        return end
    found = context.at(end.error)
    return replace(end, error=found if isinstance(found, str) else json.dumps(found))


def _arrive_in_lines(
    choreography: Automaton, place: AutomatonState, context: Context, now: float, told: list[Record]
) -> Line | End | Context:
    """Enter the lines of *place*; if there is nothing to wait for in them, what is known behind it."""
    begins = place.lines(context) if place.lines else ()
    if isinstance(begins, End):
        return begins
    line = _begun(choreography, Line(place, now, context, queue=tuple(begins)), now, told)
    if isinstance(line, End) or line.lines.count(None) < _needed(place, len(begins)):
        return line
    _cut(line.lines, now, told)
    return place.learns(context, [known for known in line.ended if known is not None])


def _begun(choreography: Automaton, group: Line, now: float, told: list[Record]) -> Line | End:
    """*group* with as many of its lines begun as run at once, if more are needed; or the end of one that fails."""
    place, lines, ended = group.place, [*group.lines], [*group.ended]
    needed = _needed(place, len(lines) + len(group.queue))
    at_once = ITEMS_AT_ONCE if place.queued else len(lines) + len(group.queue)
    over, begun = lines.count(None), 0
    for first, inner in group.queue:
        if over >= needed or len(lines) - over >= at_once:
            break
        line = arrive(choreography, first, inner, now, told, top=False)
        if isinstance(line, End) and line.status == "FAILED":
            _cut(lines, now, told)
            told.append(Cut(now, place.name, now - group.entered_at))
            return line
        lines.append(None if isinstance(line, End) else line)
        ended.append(line.known if isinstance(line, End) else None)
        begun, over = begun + 1, over + isinstance(line, End)
    watch = _watch(place, group.context, lines=lines)
    return replace(group, lines=tuple(lines), ended=tuple(ended), queue=group.queue[begun:], watch=watch)


def _needed(place: AutomatonState, lines: int) -> int:
    """How many of so many *lines* of *place* must be over before it is."""
    if place.goes_on:
        return lines + 1
    return lines - len(place.watchers) if place.enough is None else place.enough


def _watch(
    place: AutomatonState,
    context: Context,
    *,
    waits: Sequence[AwaitingState] = (),
    lines: Sequence[Line | None] = (),
) -> AwaitingState | None:
    """The wait for what ends *place* at any time, while these *waits* and *lines* of it are open."""
    watch = place.watch if place.shut is None or _is_open(place, waits, lines) else place.shut
    return None if watch is None else watch.within(context)


def _is_open(place: AutomatonState, waits: Sequence[AwaitingState], lines: Sequence[Line | None]) -> bool:
    """Whether the gate of *place* is: none of its events has come, or all of its lines are done that can be."""
    if place.untouched:
        return len(waits) == len(place.waits)
    needed = [line for position, line in enumerate(lines) if position not in place.watchers]
    return all(line is not None and line.place.done for line in needed)


# ---- going on by an event --------


def next_event(choreography: Automaton, wait: AwaitingState, kept: Sequence[Event]) -> tuple[Event, Transition] | None:
    """The event whose turn it is at *wait*, and the way that it takes: the oldest that is accepted.

    Of events of the same time it is one after which the others could still come, if there is one; then the one that
    came first.
    """
    if len(kept) == 1:  # as it mostly is
        way = wait.way_of(kept[0])
        return None if way is None else (kept[0], way)
    accepted = accepted_by(wait, kept)
    if len(accepted) <= 1:
        return accepted[0] if accepted else None
    return min(leaders(choreography, accepted), key=lambda one: _age(one[0]))


def accepted_by(wait: AwaitingState, events: Iterable[Event]) -> list[tuple[Event, Transition]]:
    """Each of *events* that *wait* accepts, with the way that it takes."""
    return [(event, way) for event in events if (way := wait.way_of(event)) is not None]


def leaders(choreography: Automaton, accepted: Sequence[tuple[Event, Transition]]) -> list[tuple[Event, Transition]]:
    """The oldest of *accepted*; of events of the same time those that need not let another go first."""
    first_time = min(event.time for event, _ in accepted)
    tied = [one for one in accepted if one[0].time == first_time]
    free = [one for one in tied if not any(_goes_before(choreography, other, one) for other in tied)]
    return free or tied


def _goes_before(choreography: Automaton, first: tuple[Event, Transition], second: tuple[Event, Transition]) -> bool:
    """Whether *second* could still be used after *first*, but not the other way round.

    What is only noted comes as it comes.
    """
    if first[1].is_noted or second[1].is_noted:
        return False
    return _lets_follow(choreography, first, second) and not _lets_follow(choreography, second, first)


def _lets_follow(choreography: Automaton, first: tuple[Event, Transition], second: tuple[Event, Transition]) -> bool:
    """Whether after *first* has been used, *second* could still be."""
    return first[1] is not second[1] and choreography.still_possible(second[0], first[1].surely)


def offered(running: Running, wait: AwaitingState, kept: Sequence[Event]) -> Sequence[Event]:
    """Those of the events *kept* that *wait* may have: what it only notes may lead on elsewhere, and does."""
    if len(running.waits) == 1 or not any(way.is_noted for ways in wait.ways.values() for way in ways):
        return kept
    return [one for one in kept if not (_is_noted(wait, one) and any(_leads_on(other, one) for other in running.waits))]


def _is_noted(wait: AwaitingState, event: Event) -> bool:
    way = wait.way_of(event)
    return way is not None and way.is_noted


def _leads_on(wait: AwaitingState, event: Event) -> bool:
    way = wait.way_of(event)
    return way is not None and not way.is_noted


def next_step(
    choreography: Automaton, standing: EntityState, running: Running, kept: Sequence[Event], now: float
) -> Step | None:
    """What comes of the event whose turn it is among those *kept*, where one of them is accepted."""
    uses = [
        (wait, *found)
        for wait in running.waits
        if (found := next_event(choreography, wait, offered(running, wait, kept))) is not None
    ]
    return use(choreography, standing, running, uses, now) if uses else None


Use = tuple[AwaitingState, Event, Transition]
"""An event that an open wait accepts, and the way that it takes."""


def use(choreography: Automaton, standing: EntityState, running: Running, uses: Sequence[Use], now: float) -> Step:
    """Take the oldest of *uses*, each of which is by another wait.

    Of those of the same time one goes first that does not end the lines beside its own, or the whole journey badly.
    """
    oldest = min(event.time for _, event, _ in uses)
    steps = [
        (wait, move(choreography, standing, running, wait, event, way, now))
        for wait, event, way in uses
        if event.time == oldest
    ]
    return next(
        (step for wait, step in steps if not wait.watches and not _ends_others(running, wait, step)), steps[0][1]
    )


def _ends_others(running: Running, wait: AwaitingState, step: Step) -> bool:
    """Whether by *step*, an event of *wait*, other lines end, perhaps with the whole journey."""
    standing, told = step
    left = standing.running.waits if standing.running else ()
    return any(isinstance(one, Cut) or (isinstance(one, Ended) and one.status == "FAILED") for one in told) or any(
        one is not wait and not one.watches and one not in left for one in running.waits
    )


def _age(event: Event) -> tuple[float, float, int]:
    return event.time, event.arrival, event.position


def move(
    choreography: Automaton,
    standing: EntityState,
    running: Running,
    wait: AwaitingState,
    event: Event,
    way: Transition,
    now: float,
) -> Step:
    """*event* is used by the open *wait* of *running*, from where it takes the *way*."""
    told: list[Record] = []
    line = _moved(choreography, running.line, wait, way, event, now, told, top=True)
    if line is None:
        raise ValueError(f"{wait.name} is not open")
    started = running.started_at, running.begun_by
    return _standing(without(standing.kept, event), standing.begun, line, now, started, told), told


def _moved(
    choreography: Automaton,
    line: Line,
    wait: AwaitingState,
    way: Transition,
    event: Event,
    now: float,
    told: list[Record],
    *,
    top: bool,
) -> Line | End | None:
    """Where *line* comes to by *event*; None if *wait* is not in it."""
    if way.is_noted and wait in line.open_waits:
        told.append(Noted(now, event, line.place.name, wait.name))
        return line
    if wait in line.waits:
        if way.times > 1 and (counted := _counted(line, wait, way, event, now, told)) is not None:
            return counted
        others = tuple([one for one in line.waits if one is not wait]) if len(line.waits) > 1 else ()
        if line.place.enough is not None and len(line.place.waits) - len(others) >= line.place.enough:
            others = ()
        stayed = None if others else now - line.entered_at
        told.append(Moved(now, event, line.place.name, wait.name, way.next, stayed, top))
        if others:
            return replace(line, waits=others, watch=_watch(line.place, line.context, waits=others))
        context = line.context if line.place.keeps else line.context.after(event, way.remember)
        return arrive(choreography, way.next, context, now, told, top=top)
    if wait is line.watch:
        _cut(line.lines, now, told)
        told.append(Moved(now, event, line.place.name, wait.name, way.next, now - line.entered_at, top))
        return arrive(choreography, way.next, line.context.after(event, way.remember), now, told, top=top)
    for position, inner in enumerate(line.lines):
        if inner is not None:
            found = _moved(choreography, inner, wait, way, event, now, told, top=False)
            if found is not None:
                return _with(choreography, line, position, found, now, told, top=top)
    return None


def _counted(
    line: Line, wait: AwaitingState, way: Transition, event: Event, now: float, told: list[Record]
) -> Line | None:
    """*line* once *event* has come, if it stays where it is: it takes more of them to take the *way*."""
    before = line.counted.get(way, ())
    counts = way.counts(event, before)
    own = (*before, event) if counts else before
    if len(own) >= way.times:
        return None
    told.append(Counted(now, event, line.place.name, wait.name, len(own), way.times, not counts))
    context = line.context.after(event, way.remember)
    waits = tuple(one.within(context) for one in line.place.waits) if line.place.asks else line.waits
    return replace(line, context=context, waits=waits, counted={**line.counted, way: own})


def _with(
    choreography: Automaton,
    line: Line,
    position: int,
    inner: Line | End,
    now: float,
    told: list[Record],
    *,
    top: bool,
) -> Line | End:
    """*line* with *inner* at that position: if it was the last to be done, on from there."""
    if isinstance(inner, End) and inner.status == "FAILED":
        _cut((*line.lines[:position], *line.lines[position + 1 :]), now, told)
        told.append(Cut(now, line.place.name, now - line.entered_at))
        return inner
    done = None if isinstance(inner, End) else inner
    lines = (*line.lines[:position], done, *line.lines[position + 1 :])
    known = inner.known if isinstance(inner, End) else None
    ended = (*line.ended[:position], known, *line.ended[position + 1 :])
    group = _begun(choreography, replace(line, lines=lines, ended=ended), now, told)
    if isinstance(group, End) or group.lines.count(None) < _needed(line.place, len(group.lines) + len(group.queue)):
        return group
    _cut(group.lines, now, told)
    told.append(Passed(now, line.place.name, line.place.next, now - line.entered_at, top))
    context = line.place.learns(line.context, [one for one in group.ended if one is not None])
    return arrive(choreography, line.place.next, context, now, told, top=top)


def _cut(lines: Iterable[Line | None], now: float, told: list[Record]) -> None:
    """Tell of *lines*, and those inside them, that end where they are."""
    for line in lines:
        if line is not None:
            stays = (one for one in (line, *line.inner()) if not one.has_ended)
            told += (Cut(now, one.place.name, now - one.entered_at) for one in stays)


# ---- going on without an event --------


def time_limit(choreography: Automaton, running: Running) -> float:
    """When the journey will not be where it is any more, whatever comes."""
    return min(running.started_at + choreography.timeout, _limit(running.line))


def _limit(line: Line) -> float:
    limit = math.inf if line.until is None else line.until
    if line.place.timeout is not None:
        limit = min(limit, line.entered_at + line.place.timeout[0])
    return min(limit, *(_limit(inner) for inner in line.lines if inner)) if line.lines else limit


def time_out(choreography: Automaton, standing: EntityState, running: Running, now: float) -> Step:
    """The time of the journey or of a state is over (`time_limit`)."""
    if running.started_at + choreography.timeout <= now:
        told: list[Record] = []
        _cut(running.line.lines, now, told)
        return EntityState(None, standing.kept, standing.begun), (*told, Ended(now, "TIMED_OUT", running.state))
    told = []
    line = _lapsed(choreography, running.line, now, told, top=True)
    return _standing(standing.kept, standing.begun, line, now, (running.started_at, running.begun_by), told), told


def _lapsed(choreography: Automaton, line: Line, now: float, told: list[Record], *, top: bool) -> Line | End:
    place = line.place
    if line.until is not None and line.until <= now:
        told.append(Passed(now, place.name, place.next, now - line.entered_at, top))
        return arrive(choreography, place.next, line.context, now, told, top=top)
    if place.timeout is not None and line.entered_at + place.timeout[0] <= now:
        _cut(line.lines, now, told)
        told.append(Lapsed(now, place.name, place.timeout[1], now - line.entered_at, top))
        return arrive(choreography, place.timeout[1], line.context, now, told, top=top)
    for position, inner in enumerate(line.lines):
        if inner is not None and _limit(inner) <= now:
            found = _lapsed(choreography, inner, now, told, top=False)
            return _with(choreography, line, position, found, now, told, top=top)
    raise ValueError(f"no time is over in {place.name}")


# ---- deviating --------


def of_begun_lines(running: Running, events: Sequence[Event]) -> Sequence[Event]:
    """*events* without those about items whose lines have yet to begin, and may await them then."""
    if not running.line.queue:
        return events
    queued, keys = running.line.place.queued, {context.keys[-1] for _, context in running.line.queue}
    return [
        one for one in events if one.name not in queued or id_text(value_at(queued[one.name], one.detail)) not in keys
    ]


def deadline(choreography: Automaton, event: Event) -> float:
    """Until when *event* may be used. No state says how long a start event is kept, which is none of its own."""
    if not event.early or choreography.is_start(event):
        return event.arrival + choreography.early
    said = [choreography.early if early is None else early for early in event.early]
    return event.arrival + max(said, default=choreography.early)


def deviate(choreography: Automaton, standing: EntityState, event: Event, now: float) -> Step:
    """No state has accepted the kept *event* in time."""
    running, kept = standing.running, without(standing.kept, event)
    if running is None:
        reason: Reason = "JourneyEnded" if standing.begun else "NoJourney"
        return EntityState(None, kept, standing.begun), (Deviation(now, event, reason),)
    if choreography.is_start(event) and _says_the_same(event, running.begun_by):
        return EntityState(running, kept, standing.begun), (Repeated(now, event),)
    states = tuple((wait.name, wait.accepts) for wait in running.waits if wait.accepts)
    deviation = Deviation(now, event, "SecondStart" if choreography.is_start(event) else "UnexpectedEvent", states)
    if all((wait.policy.unexpected or choreography.unexpected) == "report" for wait in running.judging):
        return EntityState(running, kept, standing.begun), (deviation,)
    told: list[Record] = [deviation]
    _cut(running.line.lines, now, told)
    told.append(Ended(now, "FAILED", running.state, UNEXPECTED_EVENT))
    return EntityState(None, kept, standing.begun), tuple(told)


def leave_out(standing: EntityState, event: Event, now: float) -> Step:
    """The journey goes on as if the kept *event*, which no state has accepted in time, had not come."""
    states = tuple((wait.name, wait.accepts) for wait in standing.running.waits) if standing.running else ()
    deviation = Deviation(now, event, "UnexpectedEvent", states)
    return EntityState(standing.running, without(standing.kept, event), standing.begun), (deviation,)


def skip(
    choreography: Automaton, standing: EntityState, running: Running, line: Line, state: str, now: float
) -> Step | None:
    """The *line* of *running* goes on to *state*, as if all had come that leads there; None if it is over."""
    told: list[Record] = []
    found = _skipped(choreography, running.line, line, state, now, told, top=True)
    if found is None:
        return None
    started = running.started_at, running.begun_by
    return _standing(standing.kept, standing.begun, found, now, started, told), told


def _skipped(
    choreography: Automaton, line: Line, skipped: Line, state: str, now: float, told: list[Record], *, top: bool
) -> Line | End | None:
    """Where *line* comes to once *skipped* goes on to *state*; None if that is not in it."""
    if line is skipped:
        _cut(line.lines, now, told)
        told.append(Passed(now, line.place.name, state, now - line.entered_at, top))
        return arrive(choreography, state, line.context, now, told, top=top)
    for position, inner in enumerate(line.lines):
        if inner is not None:
            found = _skipped(choreography, inner, skipped, state, now, told, top=False)
            if found is not None:
                return _with(choreography, line, position, found, now, told, top=top)
    return None


def _says_the_same(event: Event, other: Event) -> bool:
    """Whether all that *event* says is what *other* does, in the very same words."""
    return (event.name, event.source) == (other.name, other.source) and _words(event) == _words(other)


def _words(event: Event) -> str:
    return json.dumps(json.loads(json.dumps(dict(event.detail)), parse_float=number_of), sort_keys=True)
