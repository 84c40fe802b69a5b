"""Letting events happen in order of time, to as many entities as there are."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import islice
from operator import attrgetter

from msgspec.structs import replace

from choreography_insights.core.fields import is_own
from choreography_insights.replay import journey
from choreography_insights.replay.automaton import NOTHING_KNOWN, Automaton, Context
from choreography_insights.replay.event import Event, OtherName
from choreography_insights.replay.journey import Began, Deviation, EntityState, Record, Running, Step
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.names import Names
from choreography_insights.replay.table import NOTHING, Move, Row, Source, Table
from choreography_insights.views.words import span

MEMORY_SECONDS = 45 * 86_400
"""How long the journeys table remembers an event that is done, and an entity after its journey has ended."""


class DisorderError(Exception):
    """An event is older than what has been passed on already; the message says which, and by how much.

    *position*: the event's.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


_Key = tuple[OtherName | str, str] | tuple[OtherName | str, str, float]
"""What tells apart events that are held: an id of its own may come again after a long time."""


class _OwnIds:
    """The ids of their own that events came with, for as long as the journeys table remembers them.

    *forgets*: the others leave memory, too. They must not where events come in any order.
    """

    def __init__(self, *, forgets: bool = True) -> None:
        self._times: dict[int, float] = {}
        self._looked_at = 2 if forgets else 0

    def was_there(self, event: Event) -> bool:
        """Whether an event of that id came in the time for which it is remembered; from now on one did."""
        key, time = _hash(event), event.time
        before = self._times.get(key)
        if before is not None and abs(time - before) <= MEMORY_SECONDS:
            return True
        self._times.pop(key, None)
        self._times[key] = time
        # one comes, two go at most: so there are never many too many
        for oldest in tuple(islice(self._times, self._looked_at)):
            if self._times[oldest] < time - 2 * MEMORY_SECONDS:
                del self._times[oldest]
        return False

    def first(self, event: Event) -> float:
        """When the first event of that id came."""
        return self._times[_hash(event)]


def _hash(event: Event) -> int:
    return hash((event.under or event.entity, event.id))


class InOrder:
    """Passes events on in order of time, holding back those of the last *window* seconds (all, if that is infinite).

    EventBridge delivers at least once: of several events with the same id the first is passed on, the others are
    counted in *repeated*, and in its `repeats`; they tell what time it is, too. An id of an event's own is remembered
    for as long as in the journeys table.
    """

    def __init__(self, window: float) -> None:
        self.window, self.repeated = window, 0
        self._own = _OwnIds(forgets=math.isfinite(window))

    def __call__(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield *events* in order; raise `DisorderError` if one comes too late for that."""
        held: dict[_Key, Event] = {}
        window, newest, passed = self.window, -math.inf, -math.inf
        enough, are_sorted, late = 1, True, False
        for event in events:
            time, key = event.time, (event.under or event.entity, event.id)
            if time >= newest:  # as it mostly is
                newest, late = time, False
            else:
                are_sorted, late = False, time < newest - window
            if event.id >= "own" and is_own(event.id):  # EventBridge's are hexadecimal, and a call takes longer
                if self._own.was_there(event):
                    self._count_again(held.get((*key, self._own.first(event))))
                    continue
                held[(*key, time)] = event
            elif (first := held.setdefault(key, event)) is not event and not late:
                self._count_again(first)
                continue
            if late:
                raise DisorderError(
                    f"event {event.id!r} is {span(newest - time)} older than one before it, and only disorder "
                    f"of up to {window:g} s (the grace period) is put in order as events come; sort the file by time, "
                    "or add --sort, which holds all events in memory",
                    event.position,
                )
            if len(held) >= enough and newest - window > passed:
                passed = newest - window
                if not are_sorted:
                    held, are_sorted = dict(sorted(held.items(), key=lambda one: one[1].time)), True
                ready = list(held.values())
                del ready[bisect_left(ready, passed, key=_TIME) :]
                held = dict(islice(held.items(), len(ready), None))
                yield from ready
                enough = 2 * len(held) + 1
        yield from sorted(held.values(), key=_TIME)

    def _count_again(self, first: Event | None) -> None:
        self.repeated += 1
        if first is not None:
            first.repeats += 1


_TIME = attrgetter("time")


Tell = Callable[[ReplayedJourney | Deviation], None]
Judge = Callable[[EntityState, Event, float], Step]
"""What becomes of an entity's journey by an event that no state has accepted in time."""

Moment = tuple[float, float, float]
"""When something is told of an entity, and in which order beside what is told of others then: by this it is the same
whether they are replayed together or apart."""

Log = Callable[[Began, Mapping[str, float]], ReplayedJourney]
"""What makes the log of a journey that has begun; of some states it is expected how long a stay takes at most."""


@dataclass(slots=True, eq=False)
class _Entity:
    """An entity with a journey that runs, or with events that wait. *due*: when something happens without an event.

    A journey that is in a *row* of the table is there as its *log* says, and its lines *inside* since those times, with
    that *known* in all of them, if it matters; else it is *running*.
    *scheduled*: the number under which that is scheduled; what is under others is void. *fresh*: of the events *kept*
    those that nobody has looked at yet, where the journey, or that there is none, is what it was when the others were:
    it has not *moved* since. *deadlines*: a heap of until when each event is kept that was looked at, also of some that
    are not kept any more. *newest*: the position of the last event that has come.
    """

    id: str
    begun: int
    kept: tuple[Event, ...] = ()
    fresh: tuple[Event, ...] = ()
    row: Row | None = None
    inside: tuple[float, ...] = ()
    known: tuple[Context, ...] = ()
    running: Running | None = None
    log: ReplayedJourney | None = None
    due: float = math.inf
    scheduled: int = 0
    moved: bool = False
    deadlines: list[tuple[float, float, int, int, Event]] | None = None
    looked_at: int = 0
    newest: int = 0

    @property
    def standing(self) -> EntityState:
        """All that is known of it."""
        running = self.running
        if self.row is not None and self.log is not None:
            log, since = self.log, (self.log.entered_at, *self.inside)
            known = self.known or (NOTHING_KNOWN,) * len(since)
            running = self.row.running((log.started_at, log.started_by), since, known)
        return EntityState(running, self.kept, self.begun)

    def keep(self, event: Event) -> None:
        """*event* has come."""
        self.newest = event.position
        if self.running is not None:
            event = journey.kept_in(self.running, event)
        elif self.row is not None and self.row.early:
            event = replace(event, early=self.row.early)
        self.kept, self.fresh = (*self.kept, event), (*self.fresh, event)

    def unseen(self) -> Sequence[Event]:
        """Return the events that may matter: one that was refused once is refused until the journey goes on."""
        return self.kept if self.moved else self.fresh

    def leave_table(self) -> EntityState:
        """It is told from all others from now on; return where it stands."""
        standing = self.standing
        self.running, self.row = standing.running, None
        return standing

    def join_table(self, table: Table) -> None:
        """It is in a row of *table* from now on, if it is in a state that has one."""
        running = self.running
        if running is not None and (row := table.row(running)) is not None:
            lines = (running.line, *running.line.inner())
            self.inside = tuple([line.entered_at for line in lines[1:]])
            self.known = tuple([line.context for line in lines]) if table.asks else ()
            self.row, self.running = row, None

    def go(self, standing: EntityState) -> None:
        """The entity has come to *standing*, perhaps by one of the *fresh* events."""
        running, self.kept, self.begun = standing
        if running is not self.running:
            self.running, self.moved = running, True
        if self.fresh:
            self.fresh = tuple([event for event in self.fresh if self._keeps(event)]) if self.kept else ()

    def has_used(self, event: Event) -> None:
        """The journey has gone on by *event*, one of those kept, and is still in the table."""
        self.kept, self.moved = journey.without(self.kept, event), True
        self.fresh = tuple([one for one in self.fresh if one is not event])

    def has_looked(self, choreography: Automaton) -> None:
        """No event that waits matters now; each does when its time is over."""
        self.moved = False
        if not self.fresh:
            return
        if self.deadlines is None:
            self.deadlines = []
        for event in self.fresh:
            deadline = journey.deadline(choreography, event)
            heappush(self.deadlines, (deadline, event.arrival, event.position, self.looked_at, event))
            self.looked_at += 1
        self.fresh = ()

    def next_deadline(self, running: Running | None) -> tuple[float, Event] | None:
        """Return until when an event is kept, and which: the one that is next to be judged, where *running* is."""
        while self.deadlines and not self._keeps(self.deadlines[0][-1]):
            heappop(self.deadlines)
        if not self.deadlines:
            self.deadlines = None
            return None
        first: tuple[float, float, int, int, Event] | None = self.deadlines[0]
        if running is not None and running.line.queue:
            kept = {id(event) for event in journey.of_begun_lines(running, self.kept)}
            first = min((one for one in self.deadlines if id(one[-1]) in kept), default=None)
        return None if first is None else (first[0], first[-1])

    def _keeps(self, event: Event) -> bool:
        return any(one is event for one in self.kept)


@dataclass(slots=True, eq=False)
class _Come:
    """The *events* that have come to an entity now, the first of them at that *position*."""

    position: int
    events: list[Event]


class Replay:
    """A replay of events that come in order of time.

    *tell* is called with every journey that has ended, and with every deviation that met no journey, as soon as it is
    certain. What is remembered grows with the journeys that run, not with those that have ended.

    An event that comes under a name may be one that came under the entity's id, or another name: by their own id they
    are one, whichever is there first as the entity's. The others are counted in *repeated*.

    *moment* is when what *tell* is called with happened. Entities of which something is told at the same time are told
    of in the order of their events' positions.

    Events of the same time are all there before any is used. What happens to an entity at the same time goes in this
    order: events, the end of a state's or journey's time, the ends of grace periods.

    *judge* says what becomes of a journey that an unexpected event has met, where that is not what the choreography
    says.
    """

    def __init__(
        self, choreography: Automaton, tell: Tell, log: Log = ReplayedJourney.begun, judge: Judge | None = None
    ) -> None:
        self.now = -math.inf
        self.begun = 0
        self._turn: tuple[float, float] = 0, 0
        self._choreography, self._tell, self._log, self._judge = choreography, tell, log, judge
        self._entities: dict[str, _Entity] = {}
        self._come: dict[str, Event | _Come] = {}
        self._dues: list[tuple[float, int, int, _Entity]] = []
        self._scheduled = self._taken = 0
        self._remembered: dict[int, float] = {}
        self._ends: deque[tuple[float, int]] = deque()
        self.names = Names()
        self.repeated = 0
        self._own = _OwnIds() if choreography.knows_names else None
        self._table, self._has_table = Table(choreography), not choreography.steps
        self._has_names = choreography.has_names
        self._is_plain = not (self._has_names or choreography.retired)

    @property
    def moment(self) -> Moment:
        """When that happened which is being told of."""
        return self.now, *self._turn

    @property
    def open(self) -> int:
        """How many entities have a journey that runs, or events that wait."""
        return len(self._entities) + sum(entity not in self._entities for entity in self._come)

    def take(self, event: Event) -> None:
        """*event* happens. It must not be older than the one before. One that is retired only lets time pass."""
        if event.time != self.now:
            if event.time < self.now:
                raise ValueError(f"{event} is older than {self.now}; events must be taken in order of time")
            self._let_pass(event.time)
        if self._is_plain:
            if self._come.setdefault(event.entity, event) is not event:
                self._join(event)
            return
        self._taken = event.position
        if self._has_names:
            self.names.forget(self.now - MEMORY_SECONDS)
            self._turn = -1, self._taken
        owned = event if event.under is None else self.names.owned(event)
        if owned is not None:
            self._teach_and_keep(owned)
        elif event.under is not None and not self._choreography.is_retired(event):
            self.names.wait(event, event.under, event.arrival + self._choreography.early)

    def _teach_and_keep(self, event: Event) -> None:
        """*event* is there to be used, and with it those that have waited for the names that it teaches."""
        for name in event.teaches:
            waited = self.names.teach(event, name)
            if waited is None:
                self._tell(Deviation(self.now, event, "NameTaken"))
            for one in waited or ():
                self._teach_and_keep(one)
        if self._choreography.is_retired(event):
            return
        if self._own is not None and is_own(event.id) and self._own.was_there(event):
            self.repeated += 1
            return
        if self._has_names:
            self.names.came_back(event.entity)
        self._join(event)

    def _join(self, event: Event) -> None:
        """*event* is not the only one that has come to its entity now, or comes out of its turn."""
        come = self._come.get(event.entity)
        if come is None:
            self._come[event.entity] = _Come(self._taken, [event])
        elif isinstance(come, Event):
            self._come[event.entity] = _Come(come.position, [come, event])
        else:
            come.events.append(event)

    def wait_until(self, moment: float) -> None:
        """Nothing happens to anybody until *moment*, but what is due; it must not be over."""
        self._let_pass(moment)

    def finish(self) -> None:
        """No more events come: let the grace period of the last pass, then tell of the journeys that still run.

        What these wait for, they have waited for until the last event.
        """
        last = self.now
        if self.now > -math.inf:
            self._let_pass(self.now + self._choreography.early)
            self._let_pass(math.nextafter(self.now, math.inf))
        for log, entity in sorted(
            ((entity.log, entity) for entity in self._entities.values() if entity.log is not None),
            key=lambda one: (one[0].started_at, one[0].started_by.position),
        ):
            log.stop(entity.standing.running, last)
            self.now, self._turn = math.inf, (log.started_at, log.started_by.position)
            self._tell(log)

    # ---- time --------

    def _let_pass(self, moment: float) -> None:
        """Let everything happen that does before *moment*."""
        if moment == self.now:
            return
        self._let_come()
        while (self._dues and self._dues[0][0] < moment) or (self._has_names and self.names.next_end < moment):
            if self._has_names and self.names.next_end < self._next_due:
                self.now = self.names.next_end
                for event in self.names.overdue():
                    self._turn = 2, event.position
                    self._tell(Deviation(self.now, event, "NoJourney"))
                continue
            due, newest, number, entity = heappop(self._dues)
            if entity.scheduled == number:
                self.now, self._turn = due, (1, newest)
                entity.due, entity.scheduled = math.inf, 0
                self._elapse(entity)
        self.now = moment

    def _let_come(self) -> None:
        """What has come now is there to be used."""
        entities = self._entities
        for entity_id, come in self._come.items():
            entity = entities.get(entity_id)
            if entity is None:
                ended = self._remembered.get(hash(entity_id), -math.inf)
                entity = entities[entity_id] = _Entity(entity_id, int(ended >= self.now - MEMORY_SECONDS))
            self._turn, row = (0, come.position), entity.row
            if isinstance(come, _Come):
                for event in come.events:
                    entity.keep(event)
                self._go_on(entity)
            elif row is not None and not entity.kept and (move := row.moves.get(come.name)) is not None:
                entity.newest = come.position
                self._move(entity, come, move)
                if move.row is None or not move.row.lasts or entity.due < math.inf:
                    self._settle(entity)
            else:
                entity.keep(come)
                self._go_on(entity)
        self._come.clear()

    @property
    def _next_due(self) -> float:
        return self._dues[0][0] if self._dues else math.inf

    def _elapse(self, entity: _Entity) -> None:
        """Something is due for *entity* now, without an event."""
        row = entity.row
        standing = entity.leave_table()
        running = standing.running
        if running is not None and journey.time_limit(self._choreography, running) <= self.now:
            self._do(entity, journey.time_out(self._choreography, standing, running, self.now))
        elif (judged := entity.next_deadline(running)) is not None:
            if running is not None and self._judge is not None:
                self._do(entity, self._judge(standing, judged[1], self.now))
            else:
                self._do(entity, journey.deviate(self._choreography, standing, judged[1], self.now))
        if row is not None and running is entity.running:
            entity.row, entity.running = row, None  # it is where it was
        self._go_on(entity)

    def _schedule(self, entity: _Entity) -> None:
        running, row, log = entity.running, entity.row, entity.log
        judges = running is None or running.judges
        if row is not None and log is not None:
            judges, due = row.judges, log.started_at + self._choreography.timeout
            for line, limit in row.limits:
                due = min(due, limit + (entity.inside[line - 1] if line else log.entered_at))
        else:
            due = math.inf if running is None else journey.time_limit(self._choreography, running)
        if entity.deadlines and judges:
            judged = entity.next_deadline(running)  # where nobody judges, nobody waits who could refuse an event
            due = due if judged is None else min(due, max(self.now, judged[0]))
        if due == entity.due:
            return
        entity.due, entity.scheduled = due, 0
        if due < math.inf:
            self._scheduled += 1
            entity.scheduled = self._scheduled
            heappush(self._dues, (due, entity.newest, self._scheduled, entity))
            if len(self._dues) > 4 * len(self._entities) + 1_024:  # most are about what has changed since
                self._dues = [one for one in self._dues if one[3].scheduled == one[2]]
                heapify(self._dues)

    # ---- steps --------

    def _go_on(self, entity: _Entity) -> None:
        """Let *entity* take every step that its events allow."""
        if not self._goes_by_table(entity):
            if entity.kept:
                entity.leave_table()
                while entity.kept and (step := self._next_step(entity.standing, entity.unseen())) is not None:
                    self._do(entity, step)
            entity.has_looked(self._choreography)
            entity.join_table(self._table)
        self._settle(entity)

    def _settle(self, entity: _Entity) -> None:
        """Say when something happens to *entity* without an event; or nothing does any more."""
        row = entity.row
        if row is not None and row.lasts and entity.deadlines is None and entity.due == math.inf:
            return  # as it mostly is
        if row is not None or entity.kept or entity.running is not None:
            self._schedule(entity)
        else:
            self._depart(entity)

    def _depart(self, entity: _Entity) -> None:
        """Nothing runs or waits for *entity* any more."""
        entity.scheduled = 0
        del self._entities[entity.id]
        if self._has_names:
            self.names.left(entity.id, self.now)
        if entity.begun:
            self._remember(entity.id)

    def _goes_by_table(self, entity: _Entity) -> bool:
        """Let *entity* take every step that its events allow, if the table says of all of them what they lead to."""
        if not self._has_table:
            return False
        if len(entity.kept) == 1 and self._uses(entity, entity.kept[0]):
            entity.kept = entity.fresh = ()
            return True
        row = entity.row
        if row is None:
            return False
        while (unseen := entity.unseen()) and row is not None:
            accepted = []
            for event in unseen:
                move = self._table.move(row, event)
                if move is None:
                    return False
                if move is not NOTHING:
                    accepted.append((event, move))
            if len(accepted) > 1:
                return False
            if not accepted:
                break
            entity.has_used(accepted[0][0])
            self._move(entity, *accepted[0])
            row = entity.row
        if row is None and entity.kept:
            return False
        entity.has_looked(self._choreography)
        return True

    def _uses(self, entity: _Entity, event: Event) -> bool:
        """Let *entity* use *event*, of those that wait the only one, if the table says what it leads to."""
        row, move = entity.row, None
        if row is not None:
            move = self._table.move(row, event)
        elif entity.running is None and self._choreography.is_start(event):
            move = self._table.opening(event)
            if move is not None:
                self.begun += 1
                entity.begun += 1
                began = Began(self.now, event, self._choreography.begun_in[event.name])
                entity.log = self._log(began, self._choreography.expected)
        if move is None or move is NOTHING:
            return False
        self._move(entity, event, move)
        return True

    def _move(self, entity: _Entity, event: Event, move: Move) -> None:
        """*event* makes the *move* of *entity*, which keeps it no more."""
        log = entity.log
        if log is None:
            raise ValueError(f"{entity.id} has no journey")
        before, inside = log.entered_at, entity.inside
        if move.told:
            log.move(event, self.now, move, inside)
        entity.row = move.row
        if move.row is None:
            entity.log = None
            self._tell(log)
            return
        if inside or move.since:
            since = before, *inside
            entity.inside = tuple([self.now if line < 0 else since[line] for line in move.since])
        if move.known:
            entity.known = tuple([_known(entity.known, source, event) for source in move.known])

    def _next_step(self, standing: EntityState, unseen: Sequence[Event]) -> Step | None:
        """Return what *unseen* events of those that wait lead to, if to anything."""
        running = standing.running
        choreography = self._choreography
        if running is None:
            late = self._left_over(unseen)
            if late is not None:
                return journey.deviate(choreography, standing, late, self.now)
            start = journey.next_start(choreography, unseen)
            return None if start is None else journey.begin(choreography, standing, start, self.now)
        own = self._usable(running, unseen)
        return journey.next_step(choreography, standing, running, own, self.now)

    def _usable(self, running: journey.Running, kept: Sequence[Event]) -> Sequence[Event]:
        """The events *kept* that the journey may use: a start event whose time was over when it began is none."""
        kept = journey.of_begun_lines(running, kept)
        if not self._choreography.steps:
            return kept
        return [one for one in kept if running.started_at <= journey.deadline(self._choreography, one)]

    def _left_over(self, kept: Sequence[Event]) -> Event | None:
        """One of the events *kept* whose grace period passed while a journey that has ended now did not wait.

        The next journey has nothing to do with it.
        """
        choreography = self._choreography
        return next(
            (one for one in kept if journey.deadline(choreography, one) < self.now and not choreography.is_start(one)),
            None,
        )

    def _do(self, entity: _Entity, step: Step) -> None:
        standing, records = step
        entity.go(standing)
        for record in records:
            log = entity.log
            if log is None:
                self._note(entity, record)
                continue
            log.note(record)
            if log.ended_at is not None:
                self._tell(log)
                entity.log = None

    def _note(self, entity: _Entity, record: Record) -> None:
        """Something has happened to *entity* while it had no journey."""
        if isinstance(record, Began):
            self.begun += 1
            entity.log = self._log(record, self._choreography.expected)
        elif isinstance(record, Deviation):
            self._tell(record)

    def _remember(self, entity: str) -> None:
        """Remember that *entity* has had a journey, and forget whom the journeys table forgets."""
        key = hash(entity)
        self._remembered[key] = self.now
        self._ends.append((self.now, key))
        while self._ends[0][0] < self.now - MEMORY_SECONDS:
            ended, key = self._ends.popleft()
            if self._remembered.get(key) == ended:  # else it has had another journey since
                del self._remembered[key]


def _known(before: Sequence[Context], source: Source, event: Event) -> Context:
    """Return what is known in a line once *event* has come, that was somewhere *before*, or nowhere."""
    line, learned = source
    context = NOTHING_KNOWN if line < 0 else before[line]
    for remember in learned:
        context = context.after(event, remember)
    return context


def replay(choreography: Automaton, events: Iterable[Event]) -> tuple[list[ReplayedJourney], list[Deviation]]:
    """Replay *events*, in whatever order they are given; return all journeys, and the deviations that met none."""
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(choreography, told.append)
    for event in sorted(events, key=lambda event: (event.time, event.arrival, event.position)):
        replaying.take(event)
    replaying.finish()
    journeys = [one for one in told if isinstance(one, ReplayedJourney)]
    return journeys, [one for one in told if isinstance(one, Deviation)]
