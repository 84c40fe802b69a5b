"""What becomes of some of the entities, told apart from the others; and of all, put together again.

As no entity has to do with another, where none goes under another's name, they may be replayed by several processes or
machines. What they say together is to the letter what one says that has replayed all.
"""

import marshal
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from operator import attrgetter
from typing import NamedTuple

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Moment, Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey_log import ReplayedJourney, Summary, Tally
from choreography_insights.replay.report import Case, Consequences, Told, may_be_followed

Lines = Callable[[Case], Iterable[str]]
"""How a journey, or a deviation that met none, is written down, with what followed from it."""


class Entry(NamedTuple):
    """What was told of an entity at a moment: its lines; or what it was, if something may follow from it.

    A journey's lines settle what was told of the *entity* before. A name that another has settles nobody's: it is "".
    """

    moment: Moment
    entity: str
    lines: tuple[str, ...]
    told: Told | None = None


@dataclass(slots=True)
class Share:
    """What was told of some of the entities, in order, and its sum. It can be pickled."""

    tally: Tally = field(default_factory=Tally)
    entries: list[Entry] = field(default_factory=list)


class Standing(NamedTuple):
    """How far a replay has come: what is told from then on happens at *now* or later.

    *events* have been taken and so many journeys have *begun*; of so many entities something is *open*.
    """

    now: float
    events: int
    begun: int
    open: int


class ShareReplay:
    """Replays the events of some entities as they come; *lines* writes down what nothing can follow from."""

    def __init__(self, choreography: Automaton, lines: Lines) -> None:
        self._share, self._lines = Share(), lines
        self._replay = Replay(choreography, self._tell)

    def take(self, event: Event) -> None:
        """*event* happens; it must not be older than the one before."""
        self._share.tally.events += 1
        self._replay.take(event)

    def wait_until(self, moment: float) -> None:
        """Nothing happens to any of these entities until *moment*, which must not be over."""
        self._replay.wait_until(moment)

    @property
    def told(self) -> int:
        """How much was told since it was asked for last."""
        return len(self._share.entries)

    @property
    def standing(self) -> Standing:
        """How far it has come."""
        replay = self._replay
        return Standing(replay.now, self._share.tally.events, replay.begun, replay.open)

    def so_far(self) -> list[Entry]:
        """Return what was told since this was asked last."""
        entries, self._share.entries = self._share.entries, []
        return entries

    def finish(self, last: float) -> Share:
        """No more events come: the last of all entities' events happened at *last*. Return the rest, and the sum."""
        self._replay.wait_until(last)
        self._replay.finish()
        self._share.tally.repeated += self._replay.repeated
        return self._share

    def _tell(self, told: Told) -> None:
        self._share.tally.add(told)
        entity = told.entity if isinstance(told, ReplayedJourney) else told.event.entity
        held = may_be_followed(told)
        settled = entity if held or isinstance(told, ReplayedJourney) else ""
        lines = () if held else tuple(self._lines(Case(told)))
        self._share.entries.append(Entry(self._replay.moment, settled, lines, told if held else None))


def share_of(choreography: Automaton, events: Iterable[Event], last: float, lines: Lines) -> Share:
    """Replay the *events* of some entities, in whatever order they are given.

    The *last* of all entities' events happened then. Positions say which of the events of one time comes first; no two
    have the same.
    """
    replay, in_order = ShareReplay(choreography, lines), InOrder(float("inf"))
    for event in in_order(sorted(events, key=lambda event: event.position)):
        replay.take(event)
    share = replay.finish(last)
    share.tally.repeated += in_order.repeated
    return share


class Together:
    """Puts shares together: *write* gets the lines about journeys, in order; *summary* counts everything."""

    def __init__(self, summary: Summary, lines: Lines, write: Callable[[Iterable[str]], object]) -> None:
        self._summary, self._lines, self._write = summary, lines, write
        self._cases = Consequences(self._case, summary.follows)
        self._ready: list[str] = []

    def take(self, shares: Sequence[Share]) -> None:
        """Of each of the entities that there are, what was told in some time is in one of *shares*."""
        for share in shares:
            self._summary.merge(share.tally)
        self.tell(share.entries for share in shares)

    def tell(self, told: Iterable[Iterable[Entry]]) -> None:
        """Tell what was *told* in each share; the sums come otherwise."""
        for entry in sorted(chain.from_iterable(told), key=attrgetter("moment")):
            if entry.told is None:
                self._cases.settle(entry.entity)
                self._ready += entry.lines
            else:
                self._cases.take(entry.told)
        self._write_ready()

    def finish(self) -> None:
        """Nothing more is told."""
        self._cases.finish()
        self._write_ready()

    def _case(self, case: Case) -> None:
        self._ready += self._lines(case)

    def _write_ready(self) -> None:
        if self._ready:
            self._write(self._ready)
            self._ready = []


def packed(entries: Sequence[Entry]) -> bytes:
    """Return *entries* in the form that takes least time to pass on to another process, for `unpacked`."""
    moments, entities, lines, told = zip(*entries, strict=True) if entries else ((), (), (), ())
    held = pickle.dumps({number: one for number, one in enumerate(told) if one is not None})
    return marshal.dumps((moments, entities, lines, held))


def unpacked(entries: bytes) -> Iterator[Entry]:
    """Yield the entries that were `packed`."""
    moments, entities, lines, held = marshal.loads(entries)  # noqa: S302  # it is our own
    return map(Entry, moments, entities, lines, map(pickle.loads(held).get, count()))  # noqa: S301  # likewise
