"""The states of a choreography as a table: what an event leads to, where that is always the same.

The steps of `journey` say it, once, of a journey of which nothing is known. Where they ask for what is known, or where
several things are waited for, it is not always the same, and they are asked each time.
"""

import math
from dataclasses import dataclass, field
from typing import NoReturn, cast

from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton, AutomatonState, AwaitingState, Context, Transition
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import EndlessError, EntityState, Line, Moved, Record, Running


@dataclass(slots=True, eq=False)
class Row:
    """A state in which a whole journey waits for one event of some. *limit*: how many seconds it may stay.

    *always*: what events of a name lead to, whatever they say. *others*: what those do that take such a way.
    """

    place: AutomatonState
    wait: AwaitingState
    limit: float
    always: dict[str, "Move"] = field(default_factory=dict)
    others: dict[Transition, "Move | None"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What it leads to that an event takes a *way*: then the *rest* is told; the journey comes to *row*, or ends."""

    way: Transition
    transition: tuple[str, str, str]
    wait: str
    row: Row | None
    rest: tuple[Record, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What it leads to that an event begins a journey: told is *first* and the *rest*; it comes to *row*, or ends."""

    first: str
    row: Row | None
    rest: tuple[Record, ...]


class _Asked(Exception):
    """Somebody asked what is known of a journey."""


class _Unknown:
    """What is known of a journey of which nothing is."""

    keys = ()

    def after(self, *_: object) -> "_Unknown":
        return self

    def __getattr__(self, name: str) -> NoReturn:
        raise _Asked(name)


_UNKNOWN = cast("Context", _Unknown())


class Table:
    """The table of a *choreography*. Its rows are worked out when a journey first comes there."""

    def __init__(self, choreography: Automaton) -> None:
        self._choreography = choreography
        self._rows: dict[str, Row | None] = {}
        self._openings: dict[str, Opening | None] = {}
        self.asks = any(place.asks or self._asks_at(name) for name, place in choreography.places.items())
        """Whether anything hangs on what is known of a journey."""

    def row(self, running: Running) -> Row | None:
        """Return where a journey is *running*; None if it is not in one such state as a whole."""
        line = running.line
        if line.waits is not line.place.waits or line.counted or len(line.waits) != 1:
            return None
        name = line.place.name
        if name not in self._rows:
            self._rows[name] = self._made(line.place)
        return self._rows[name]

    def move(self, row: Row, way: Transition) -> Move | None:
        """Return what it leads to that an event takes the *way* from there; None if that is not always the same."""
        if way not in row.others:
            move = row.others[way] = self._moved(row, way)
            if move is not None and row.wait.always_takes(way):
                row.always[way.event] = move
        return row.others[way]

    def opening(self, event: str) -> Opening | None:
        """Return what it leads to that an event of that name begins a journey; None if that is not always the same."""
        if event not in self._openings:
            self._openings[event] = self._opened(event)
        return self._openings[event]

    def _made(self, place: AutomatonState) -> Row | None:
        (wait,) = place.waits
        if place.asks or place.watch is not None or place.keeps or wait.policy.early_seconds is not None:
            return None
        return Row(place, wait, math.inf if place.timeout is None else place.timeout[0])

    def _moved(self, row: Row, way: Transition) -> Move | None:
        event = _any(way.event)
        line = Line(row.place, 0.0, _UNKNOWN, row.place.waits)
        running = Running(row.place.name, row.place.waits, 0.0, 0.0, line, event)
        try:
            standing, told = journey.move(
                self._choreography, EntityState(running, (event,), 1), running, row.wait, event, way, 0.0
            )
        except _Asked:
            return None
        came = self._came(standing)
        if came is None or not isinstance(told[0], Moved):
            return None
        return Move(way, (row.place.name, way.event, way.next), row.wait.name, came[0], tuple(told[1:]))

    def _opened(self, name: str) -> Opening | None:
        event = _any(name)
        try:
            standing, told = journey.begin(self._choreography, EntityState(None, (event,)), event, 0.0, _UNKNOWN)
        except _Asked:
            return None
        came = self._came(standing)
        return came and Opening(self._choreography.begun_in[name], came[0], tuple(told[1:]))

    def _came(self, standing: EntityState) -> tuple[Row | None] | None:
        """Return the row of a journey that came to *standing*, none if it has ended; None if it has none."""
        if standing.running is None:
            return (None,)
        row = self.row(standing.running)
        return None if row is None else (row,)

    def _asks_at(self, name: str) -> bool:
        try:
            journey.arrive(self._choreography, name, _UNKNOWN, 0.0, [], top=True)
        except _Asked:
            return True
        except EndlessError:
            return False
        return False


def _any(name: str) -> Event:
    """Return an event of that *name*, about nobody."""
    return Event("", name, "", 0.0, 0.0)


def now_told(record: Record, now: float) -> Record:
    """Return *record*, which was worked out once, of what happens *now*."""
    return type(record)(now, *record[1:])
