"""One of the processes of ``choreography replay --workers``.

It reads parts of the recording, whoever they are about, passes on the events of entities that are others', and replays
those of its own.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple
from zlib import crc32

import msgspec

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import DisorderError, InOrder
from choreography_insights.replay.envelopes import heard
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import UnreadableError, garbage_left_lying
from choreography_insights.replay.journey_log import Tally
from choreography_insights.replay.kin import Node, links, node
from choreography_insights.replay.parts import Part, PartReading
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import ShareReplay, Standing, packed

_MOST_EVENTS = 1 << 32
"""More events than a part has: their positions are apart by so much."""

_NOTHING = Tally()

_AT_ONCE = 500
"""So much is told at once when there are no tasks any more."""


Sent = bytes | list[Event]
"""Events on their way to another process: as MessagePack, if that can say all that is in them."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the workers do: replay by a *workflow*, and write in a *form* what was told."""

    workflow: Workflow
    form: str
    sort: bool
    workers: int

    def share_of(self, one: Node) -> int:
        """Whose share an entity, or a name, is, of which no more is known."""
        return crc32("\0".join(one).encode("utf-8", "surrogatepass")) % self.workers


class Read(NamedTuple):
    """What there is to say of the part of that *number*: how much is *recorded* there, what of it is left out.

    It *is whole* if it could be read by itself. The *newest* of its events tells what time it is then. *shares*: the
    events of each worker's share; None of the worker that has read them. *linked*: which names go together, where that
    has to be known first.
    """

    number: int
    is_whole: bool = False
    recorded: int = 0
    tally: Tally = _NOTHING
    newest: float = -math.inf
    shares: Sequence[Sent | None] = ()
    linked: Sequence[tuple[Node, Node]] = ()


class Brought(NamedTuple):
    """The events of a worker's share in a part; and the time of the *newest* event before that part."""

    number: int
    newest: float
    events: Sent | None


class Task(NamedTuple):
    """Take the events of these parts, in order; then read another *part*, if there is one."""

    brought: Sequence[Brought]
    number: int = 0
    part: Part | None = None


class Answer(NamedTuple):
    """What was read, if anything was; what was told since the last one; how far the replay has come."""

    read: Read | None
    told: bytes
    standing: Standing


class Trouble(NamedTuple):
    """What is wrong with the events, as far as one knows who can go no further; it is the one of that *position*."""

    position: int
    error: Exception


def first_position(number: int) -> int:
    """Return the position of the first event of the part of that number."""
    return number * _MOST_EVENTS


def work_at(work: Work, worker: int, end: Connection) -> None:
    """Be the worker of that number, from 0 on. At the other *end* is who deals out parts, and puts together.

    It does each `Task` that comes, and gives an `Answer`; takes from a mapping which share names belong to; None ends
    the tasks. Then it gives the time of its last event, takes that of all, and gives the rest, as a `Share`.
    """
    working = _Worker(work, worker, end)
    try:
        working.run()
    except Exception as error:  # noqa: BLE001  # it is raised where somebody hears of it
        position = error.position if isinstance(error, DisorderError) else first_position(working.number)
        end.send(Trouble(position, error))


class _Worker:
    def __init__(self, work: Work, worker: int, end: Connection) -> None:
        self.number = 0
        self._work, self._worker, self._end = work, worker, end
        self._choreography = Automaton.of_recorded(work.workflow)
        self._replay = ShareReplay(self._choreography, Form.of(work.form, self._choreography).case)
        self._in_order = InOrder(math.inf if work.sort else self._choreography.early)
        self._has_names = self._choreography.has_names
        self._kin: Mapping[Node, int] | None = None if self._has_names else {}
        self._own: dict[int, list[Event]] = {}
        self._has_tasks = True

    def run(self) -> None:
        """Do all that is asked for."""
        replay, last = self._replay, -math.inf
        time_is_certain = not self._choreography.has_own_ids  # else what comes again later tells another time
        with garbage_left_lying():
            for event in self._in_order(self._arriving()):
                if event.entity:
                    last = event.time
                    replay.take(event)
                    if not self._has_tasks and replay.told >= _AT_ONCE:
                        self._answer(None)
                elif time_is_certain:
                    replay.wait_until(event.time)
            self._end.send(last)
            share = replay.finish(self._end.recv())
        share.tally.repeated += self._in_order.repeated
        self._end.send(share)

    def _arriving(self) -> Iterator[Event]:
        """Do tasks, and yield the events that they bring; one of nobody tells what time it is by those of others."""
        while (task := self._end.recv()) is not None:
            if not isinstance(task, Task):
                self._kin = task
                continue
            for self.number, newest, events in task.brought:
                yield _clock(newest, f"{self.number}")
                yield from self._own.pop(self.number) if events is None else _received(events)
            self._answer(None if task.part is None else self._read(task.number, task.part))
        self._has_tasks = False

    def _answer(self, read: Read | None) -> None:
        self._end.send(Answer(read, packed(self._replay.so_far()), self._replay.standing))

    def _read(self, number: int, part: Part) -> Read:
        reading, tally = PartReading(part), Tally()
        events = heard(self._choreography, reading, tally, lambda _: None)
        try:
            if self._kin is None:
                return Read(number, is_whole=True, linked=list({link for event in events for link in links(event)}))
            newest, shares = self._shared_out(events, number)
        except (UnreadableError, UnicodeDecodeError):
            return Read(number)
        self._own[number] = shares[self._worker]
        sent = [None if worker == self._worker else _sent(share) for worker, share in enumerate(shares)]
        return Read(number, is_whole=True, recorded=reading.count, tally=tally, newest=newest, shares=sent)

    def _shared_out(self, events: Iterable[Event], number: int) -> tuple[float, list[list[Event]]]:
        """Return the time of the newest of the *events* of a part, and those of each worker's share.

        Before one that is too late comes what says so: the newer ones may be others'.
        """
        first, workers, has_names = first_position(number), self._work.workers, self._has_names
        newest, window = -math.inf, self._in_order.window
        shares: list[list[Event]] = [[] for _ in range(workers)]
        for event in events:
            event.position += first
            owner = self._owner(event) if has_names else crc32(event.entity.encode("utf-8", "surrogatepass")) % workers
            if event.time >= newest:
                newest = event.time
            elif newest - event.time > window:
                shares[owner].append(_clock(newest, f"{event.position}"))
            shares[owner].append(event)
        return newest, shares

    def _owner(self, event: Event) -> int:
        one = node(event)
        known = None if self._kin is None else self._kin.get(one)
        return self._work.share_of(one) if known is None else known


_as_bytes, _of_bytes = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(list[Event]).decode


def _sent(events: list[Event]) -> Sent:
    try:
        return _as_bytes(events)
    except (OverflowError, UnicodeEncodeError):  # a number of more than 64 bit, half a surrogate pair
        return events


def _received(events: Sent) -> list[Event]:
    return _of_bytes(events) if isinstance(events, bytes) else events


def _clock(time: float, name: str) -> Event:
    return Event(name, "", "", time, time)
