"""The choreography as a table: where a journey can be as a whole, and what an event leads to there.

The steps of `journey` say it, once, of a journey of which no more is known than where it is. When its lines came
there, and what is known in each, is left open: marks stand for it, and show where it belongs in what comes out. Where
the steps ask for what is known, it is not always the same, and they are asked each time.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, NoReturn

from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton, AutomatonState, AwaitingState, Context, Transition
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import (
    Ended,
    EndlessError,
    EntityState,
    Lapsed,
    Line,
    Moved,
    Passed,
    Record,
    Running,
    Status,
)
from choreography_insights.views.picture import ONWARD, TIMEOUT
from choreography_insights.views.trace import Transition as Way

Remembered = tuple[Any, ...]
"""What is remembered of the event at hand, one after the other."""

Source = tuple[int, Remembered]
"""From which line it comes what is known in one, and what is learned on the way."""

_NOW = -1
"""In place of a line: the event at hand."""


@dataclass(slots=True, eq=False)
class Row:
    """Where a whole journey waits: its *line* and those inside it, with marks for when they came there.

    *waits*: all that are open. *limits*: how many seconds which line may stay. *lasts*: nothing happens there without
    an event. *judges*: events may be unexpected there. *early*: how long each of its states keeps an event.

    *always*: what events of a name lead to, whatever they say; *moves*: the same, of those that are accepted. *others*:
    what those do that take such ways.
    """

    line: Line
    waits: tuple[AwaitingState, ...]
    limits: tuple[tuple[int, float], ...]
    lasts: bool
    judges: bool
    early: tuple[float | None, ...]
    always: dict[str, "Move | None"] = field(default_factory=dict)
    moves: dict[str, "Move"] = field(default_factory=dict)
    others: dict[tuple[Transition | None, ...], "Move | None"] = field(default_factory=dict)

    def running(self, started: tuple[float, Event], since: Sequence[float], known: Sequence[Context]) -> Running:
        """Return where a journey is whose lines are here *since* then, and in which that is *known*."""
        line = _filled(self.line, since, known)
        return Running(line.place.name, self.waits, line.entered_at, started[0], line, started[1])


@dataclass(slots=True, eq=False)
class Move:
    """What it leads to that an event is used, or that it begins a journey: that is *told*, with marks for times.

    The journey comes to *row*, or ends. *since*: when each of its lines inside came to where it is. *known*: what is
    known in each line. *entered*: the state that it comes to as a whole, if it leaves the one before.

    The same as what is told: it *passes* ways, by so many *events*, after stays since lines came where they were (None:
    it does not lead on); the *end*, its status, state and error; and the *rest*. *only*: the way of a move that is
    nothing but one event which leads all of the journey on, perhaps to its end.
    """

    told: tuple[Record, ...]
    row: Row | None
    since: tuple[int, ...]
    known: tuple[Source, ...]
    entered: str
    events: int = 0
    passes: tuple[tuple[Way, int | None], ...] = ()
    end: tuple[Status, str, str | None] | None = None
    rest: tuple[Record, ...] = ()
    only: Way | None = None

    def __post_init__(self) -> None:
        passes = [one for one in self.told if isinstance(one, Moved | Passed | Lapsed)]
        self.passes = tuple([(way_of(one), None if one.stayed is None else _line_of(one.stayed)) for one in passes])
        self.events = sum(isinstance(one, Moved) for one in passes)
        self.end = next(((one.status, one.state, one.error) for one in self.told if isinstance(one, Ended)), None)
        self.rest = tuple([one for one in self.told if not isinstance(one, Moved | Passed | Lapsed | Ended)])
        if len(passes) == self.events == 1 and self.entered and self.passes[0][1] == 0 and not self.rest:
            self.only = self.passes[0][0]

    def passed(self, now: float, since: Sequence[float]) -> Iterator[Any]:
        """Yield in turns each way that it passes, and how long the stay was before."""
        for way, line in self.passes:
            yield way
            yield None if line is None else 0.0 if line < 0 else now - since[line]

    def happens(self, event: Event, now: float, since: Sequence[float]) -> Iterator[Record]:
        """Yield what is told of a journey whose lines are where they were *since* then."""
        yield from (told_of(one, event, now, since) for one in self.told)


NOTHING = Move((), None, (), (), "")
"""What an event leads to that is not accepted."""


def way_of(record: Moved | Passed | Lapsed) -> Way:
    """Return the way that a journey went."""
    by = record.event.name if isinstance(record, Moved) else TIMEOUT if isinstance(record, Lapsed) else ONWARD
    return record.state, by, record.next


def told_of(record: Record, event: Event, now: float, since: Sequence[float]) -> Record:
    """Return *record*, which was worked out once, of what happens *now* by *event*."""
    changes: dict[str, Any] = {"at": now}
    if "event" in record._fields:
        changes["event"] = event
    stayed = getattr(record, "stayed", None)
    if stayed:
        changes["stayed"] = now - since[_line_of(stayed)]
    return record._replace(**changes)


# ---- marks --------


def _mark(line: int) -> float:
    """Return the moment that stands for when a *line* came where it is; it is 0 now."""
    return -(2.0**line)


def _line_of(stayed: float) -> int:
    """Return the line that has *stayed* for so long; `_NOW`, if it was not at all."""
    return int(math.log2(stayed)) if stayed else _NOW


class _Asked(Exception):
    """Somebody asked what is known of a journey."""


class _Unknown(Context):
    """What is known in a *line* of a journey of which nothing is, after more is *learned*."""

    def __init__(self, line: int = 0, learned: Remembered = ()) -> None:
        self.line, self.learned, self.keys = line, learned, ()

    def after(self, event: Event, remember: Any) -> "_Unknown":  # noqa: ARG002  # there is but one
        return _Unknown(self.line, (*self.learned, remember))

    def at(self, data: Any) -> NoReturn:
        raise _Asked(data)

    def __getattr__(self, name: str) -> NoReturn:
        raise _Asked(name)


def _marked(line: Line) -> Line:
    """Return *line* with marks of its own, and in all inside it."""
    number = -1

    def mark(one: Line) -> Line:
        nonlocal number
        number += 1
        own = number
        lines = tuple([inner and mark(inner) for inner in one.lines])
        return replace(one, entered_at=_mark(own), context=_Unknown(own), lines=lines)

    return mark(line)


def _filled(line: Line, since: Sequence[float], known: Sequence[Context]) -> Line:
    """Return a marked *line* with what stands in place of the marks."""
    own = _line_of(-line.entered_at)
    lines = tuple([inner and _filled(inner, since, known) for inner in line.lines])
    return Line(line.place, since[own], known[own], line.waits, lines, None, line.counted, line.watch, line.ended)


def _sources(line: Line) -> Iterator[tuple[int, Source]]:
    """Yield of which marks are in *line*, and in all inside it."""
    for one in (line, *line.inner()):
        context = one.context
        if not isinstance(context, _Unknown):
            raise _Asked(context)
        yield _line_of(-one.entered_at), (context.line, context.learned)


# ---- the table --------


class Table:
    """The table of a *choreography*. Its rows are worked out when a journey first comes there."""

    def __init__(self, choreography: Automaton) -> None:
        self._choreography = choreography
        self._rows: dict[Any, Row | None] = {}
        self._openings: dict[str, Move | None] = {}
        self.asks = any(place.asks or self._asks_at(name) for name, place in choreography.places.items())
        """Whether anything hangs on what is known of a journey."""

    def row(self, running: Running) -> Row | None:
        """Return where a journey is *running*; None if it is in none where all hangs on its events' ways."""
        shape = _shape(running.line)
        if shape not in self._rows:
            self._rows[shape] = self._made(running.line)
        return self._rows[shape]

    def move(self, row: Row, event: Event) -> Move | None:
        """Return what *event* leads to there; `NOTHING`, if it is not accepted; None if it is not always the same."""
        name = event.name
        if name in row.always:
            return row.always[name]
        ways = tuple([wait.way_of(event) for wait in row.waits])
        if ways not in row.others:
            row.others[ways] = self._moved(row, event) if any(ways) else NOTHING
        move = row.others[ways]
        if name in self._choreography.known and all(map(_is_always_so, row.waits, ways, repeat(name))):
            row.always[name] = move
            if move is not None and move is not NOTHING:
                row.moves[name] = move
        return move

    def opening(self, event: Event) -> Move | None:
        """Return what it leads to that *event* begins a journey; None if that is not always the same."""
        if event.name not in self._openings:
            self._openings[event.name] = self._opened(event)
        return self._openings[event.name]

    def _made(self, line: Line) -> Row | None:
        lines = (line, *line.inner())
        if not all(map(_is_plain, lines)):
            return None
        limits = tuple([(at, one.place.timeout[0]) for at, one in enumerate(lines) if one.place.timeout])
        running = journey.running_in(_marked(line), 0.0, _NOBODY)
        lasts = not limits and self._choreography.timeout == math.inf
        return Row(running.line, running.waits, limits, lasts, running.judges, journey.early_in(running))

    def _moved(self, row: Row, event: Event) -> Move | None:
        running = journey.running_in(row.line, 0.0, event)
        try:
            step = journey.next_step(self._choreography, EntityState(running, (event,), 1), running, (event,), 0.0)
            return None if step is None else self._move_to(*step)
        except _Asked:
            return None

    def _opened(self, event: Event) -> Move | None:
        try:
            standing, told = journey.begin(self._choreography, EntityState(None, (event,)), event, 0.0, _Unknown(_NOW))
            return self._move_to(standing, told[1:])
        except _Asked:
            return None

    def _move_to(self, standing: EntityState, told: Sequence[Record]) -> Move | None:
        """Return what it leads to that a journey comes to *standing*; None if that has no row."""
        entered = [
            one.next
            for one in told
            if isinstance(one, Moved | Passed | Lapsed) and one.whole and one.stayed is not None
        ]
        running, row, since, known = standing.running, None, (), ()
        if running is not None:
            row = self.row(running)
            if row is None:
                return None
            since, known = zip(*_sources(running.line), strict=True)
        return Move(tuple(told), row, since[1:], known if self.asks else (), entered[-1] if entered else "")

    def _asks_at(self, name: str) -> bool:
        try:
            journey.arrive(self._choreography, name, _Unknown(), 0.0, [], top=True)
        except _Asked:
            return True
        except EndlessError:
            return False
        return False


_NOBODY = Event("", "", "", 0.0, 0.0)


def _is_always_so(wait: AwaitingState, way: Transition | None, name: str) -> bool:
    """Whether every event of that *name* takes the *way* from *wait*, whatever it says; None: it is not accepted."""
    return name not in wait.ways or (way is not None and wait.always_takes(way))


def _shape(line: Line) -> Any:
    """Return what tells *line* apart from those in other places, whenever they came there."""
    return (
        line.place.name,
        tuple([wait.name for wait in line.waits]),
        tuple([(way, len(events)) for way, events in line.counted.items()]),
        line.watch and (line.watch is line.place.watch),
        tuple([inner and _shape(inner) for inner in line.lines]),
    )


def _is_plain(line: Line) -> bool:
    """Whether it hangs on the ways of events alone, and on when *line* came there, what happens to it."""
    place: AutomatonState = line.place
    if place.asks or place.lessons or line.until is not None or line.context.keys:
        return False
    return not any(way.distinct for wait in line.open_waits for ways in wait.ways.values() for way in ways)
