"""``choreography replay --workers``: several processes, each of which replays a share of the entities.

This one cuts the recording into parts, and deals them out: who has time reads the next one. What was read goes to
those whose entities it is about, in the order of the file; what they tell is put together here, in order of time.
"""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import Any

from choreography_insights.cli.worker import Answer, Brought, Read, Sent, Task, Trouble, Work, first_position, work_at
from choreography_insights.replay.envelopes import Say, heard
from choreography_insights.replay.event_files import Recording, UnreadableError
from choreography_insights.replay.journey_log import Summary, Tally
from choreography_insights.replay.kin import Kin, Node
from choreography_insights.replay.parts import Dealing, Part, PartReading
from choreography_insights.replay.shares import Entry, Lines, Standing, Together, unpacked

Look = Callable[[int, int, int], None]
"""Hears how many events were taken, and journeys begun, and how many entities are open."""

_AHEAD = 2
"""So many tasks a worker has at once, lest it wait for the next."""

_PARTS = 4
"""So many parts for each worker are on their way at most: what is held of a recording does not grow with it."""


def replay_together(
    work: Work,
    events: Recording,
    summary: Summary,
    lines: Lines,
    write: Callable[[Iterable[str]], object],
    say: Say,
    look: Look,
) -> None:
    """Let workers do the *work*, and *write* the *lines* about what they have told; *summary* counts it.

    Raises what is wrong with the events. *say* is told what one process is told of, *look* how far the workers are.
    """
    together, of_files = Together(summary, lines, write), list[str]()
    with _crew(work) as crew:
        if summary.choreography.has_names:
            crew.send_all(_kin(work, crew, events))
        _Replay(crew, Dealing(events, of_files.append), together, summary, say, look).run()
    for said in of_files:  # of their events it is said first
        say(said)
    together.finish()


# ---- workers --------


class Crew:
    """The workers, as processes. *owed*: how many answers of each are still to come."""

    def __init__(self, workers: int) -> None:
        self.owed = [0] * workers
        self.processes: list[Process] = []
        self.ends: list[Connection] = []
        self._sent: list[SimpleQueue[Any]] = []

    def begin(self, work: Work) -> None:
        """Start them."""
        for worker in range(work.workers):
            ours, theirs = Pipe()
            process = Process(target=work_at, args=(work, worker, theirs), daemon=True)
            process.start()
            theirs.close()
            self.processes.append(process)
            self.ends.append(ours)
            self._sent.append(SimpleQueue())
        for ours, sent in zip(self.ends, self._sent, strict=True):  # not before: nobody forks where there are threads
            Thread(target=_send_all, args=(ours, sent), daemon=True).start()

    def send(self, worker: int, message: object, answers: int = 1) -> None:
        """Send *message* to one, as soon as it listens; it will give so many *answers*."""
        self.owed[worker] += answers
        self._sent[worker].put(message)

    def send_all(self, message: object, answers: int = 0) -> None:
        """Send *message* to every one."""
        for worker in range(len(self.owed)):
            self.send(worker, message, answers)

    def with_time(self) -> Iterator[int]:
        """Yield who can do with one more task, again and again, until nobody can."""
        for most in range(1, _AHEAD + 1):
            for worker, owed in enumerate(self.owed):
                if owed < most:
                    yield worker

    def messages(self) -> Iterator[tuple[int, Any]]:
        """Yield what has come from those who owe an answer, and who it is from; wait for some."""
        owing = [worker for worker, owed in enumerate(self.owed) if owed]
        come = wait([self.ends[worker] for worker in owing])
        for worker in owing:
            if self.ends[worker] in come:
                try:
                    yield worker, self.ends[worker].recv()
                except (EOFError, ConnectionResetError) as error:  # the other, where it left tasks unread
                    raise UnreadableError(
                        "a worker ended before it had told of all its entities; if for want of memory, take fewer "
                        "--workers"
                    ) from error

    def end(self) -> None:
        """Stop them, wherever they are."""
        for sent, process in zip(self._sent, self.processes, strict=True):
            sent.put(_NO_MORE)
            process.kill()  # it has nothing to put in order, and might deal with a SIGTERM as this process does
            process.join()


_NO_MORE, _THIS_PROCESS = object(), -1


@contextmanager
def _crew(work: Work) -> Iterator[Crew]:
    crew = Crew(work.workers)
    try:
        crew.begin(work)
        yield crew
    finally:
        crew.end()


def _send_all(end: Connection, messages: "SimpleQueue[Any]") -> None:
    """Send what comes in *messages* until there is no more, or nobody to hear it: that is told where one listens."""
    with suppress(OSError):
        while (message := messages.get()) is not _NO_MORE:
            end.send(message)


# ---- parts --------


class _Parts:
    """The parts that are on their way, from being dealt to having been read."""

    def __init__(self, dealing: Dealing) -> None:
        self._dealing = dealing
        self.next_number = 0
        self._dealt: dict[int, Part] = {}
        self._read: dict[int, Read] = {}

    def __len__(self) -> int:
        return len(self._dealt)

    def deal(self) -> tuple[int, Part] | None:
        """Return the next part and its number; None if there is none."""
        part = self._dealing.next()
        if part is None:
            return None
        self.next_number += 1
        self._dealt[self.next_number - 1] = part
        return self.next_number - 1, part

    def add(self, read: Read) -> None:
        """A part has been read; it may be one of those that were taken back meanwhile."""
        if read.number in self._dealt:
            self._read[read.number] = read

    def in_order(self) -> Iterator[tuple[Part, Read]]:
        """Yield each part that has been read, and all before it."""
        while self._dealt:
            read = self._read.pop(next(iter(self._dealt)), None)
            if read is None:
                return
            if not read.is_whole:
                self._dealing.take_back(list(self._dealt.values()))
                self._dealt.clear()
                self._read.clear()
                return
            yield self._dealt.pop(read.number), read


def _kin(work: Work, crew: Crew, events: Recording) -> Mapping[Node, int]:
    """Read all *events* for whose names go together; return who has whose share that would have another one."""
    kin, parts = Kin(), _Parts(Dealing(events, lambda _: None))
    while True:
        for worker in crew.with_time():
            dealt = parts.deal()
            if dealt is None:
                break
            crew.send(worker, Task((), *dealt))
        if not any(crew.owed):
            return kin.shares(work.share_of)
        for worker, answer in crew.messages():
            if isinstance(answer, Trouble):
                raise answer.error
            crew.owed[worker] -= 1
            parts.add(answer.read)
        for _, read in parts.in_order():
            kin.link(read.linked)


# ---- replaying --------


class _Replay:
    """Deals out parts until all are read, and the events in them taken; puts together what is told.

    *ready* are parts that have been read, and not taken by all; *gone*: how many were before them.
    """

    def __init__(
        self, crew: Crew, dealing: Dealing, together: Together, summary: Summary, say: Say, look: Look
    ) -> None:
        workers = len(crew.owed)
        self._crew, self._together, self._summary, self._say = crew, together, summary, say
        self._parts, self._most = _Parts(dealing), _PARTS * workers
        self._ready: deque[tuple[int, float, Sequence[Sent | None]]] = deque()
        self._gone = self._recorded = 0
        self._newest = -math.inf
        self._taken = [0] * workers
        self._standing = [Standing(-math.inf, 0, 0, 0)] * workers
        self._told: list[list[Entry]] = [[] for _ in range(workers)]
        self._troubles: dict[int, Trouble] = {}
        self._complains = True
        self._look = look

    def run(self) -> None:
        """Do all that is to be done. Raises what is wrong with the events: of several faults the first in the file."""
        crew = self._crew
        while self._hand_out():
            for worker, message in crew.messages():
                self._hear(worker, message)
            for part, read in self._parts.in_order():
                self._take(part, read)
            self._tell()
        if self._troubles:
            raise min(self._troubles.values(), key=lambda one: one.position).error
        crew.send_all(None, answers=1)
        crew.send_all(self._last(), answers=1)
        for worker, share in self._until_all_have_answered():
            self._summary.merge(share.tally)
            self._told[worker] += share.entries
        self._together.tell(self._told)

    def _hand_out(self) -> bool:
        """Give tasks to those with time; return whether some are being done."""
        for worker in self._crew.with_time():
            if worker in self._troubles:
                continue
            brought, dealt = self._brought_to(worker), self._deal()
            if dealt is not None:
                self._crew.send(worker, Task(brought, *dealt))
            elif brought:
                self._crew.send(worker, Task(brought))
        return any(self._crew.owed)

    def _deal(self) -> tuple[int, Part] | None:
        if self._troubles or len(self._parts) + len(self._ready) >= self._most:
            return None
        try:
            return self._parts.deal()
        except (UnreadableError, UnicodeDecodeError, OSError) as error:  # what comes before it may be at fault, too
            self._troubles[_THIS_PROCESS] = Trouble(first_position(self._parts.next_number), error)
            return None

    def _brought_to(self, worker: int) -> list[Brought]:
        """Return what is ready for a worker; what all have taken is ready no more."""
        new = islice(self._ready, self._taken[worker] - self._gone, None)
        brought = [Brought(number, newest, shares[worker]) for number, newest, shares in new]
        self._taken[worker] += len(brought)
        gone = min(taken for one, taken in enumerate(self._taken) if one not in self._troubles)
        while self._gone < gone:
            self._ready.popleft()
            self._gone += 1
        return brought

    def _hear(self, worker: int, message: Answer | Trouble) -> None:
        if isinstance(message, Trouble):
            self._troubles[worker] = message
            self._crew.owed[worker] = 0
            return
        self._crew.owed[worker] -= 1
        if message.read is not None:
            self._parts.add(message.read)
        self._hear_told(worker, message)

    def _hear_told(self, worker: int, answer: Answer) -> None:
        self._told[worker] += unpacked(answer.told)
        self._standing[worker] = answer.standing
        _, *numbers = map(sum, zip(*self._standing, strict=True))
        self._look(*numbers)

    def _take(self, part: Part, read: Read) -> None:
        """Make ready the events of a part: all before it are."""
        self._ready.append((read.number, self._newest, read.shares))
        self._newest = max(self._newest, read.newest)
        if read.tally.unusable and self._complains:
            self._complain(part)
        self._summary.merge(read.tally)
        self._recorded += read.recorded

    def _complain(self, part: Part) -> None:
        """Say what is of no use in *part*, as long as that is said: which number it has is known here."""
        said: list[str] = []
        choreography, so_far = self._summary.choreography, Tally(unusable=self._summary.unusable)
        for _ in heard(choreography, PartReading(part), so_far, said.append, part.place, self._recorded):
            pass
        for one in said:
            self._say(one)
        self._complains = bool(said)

    def _tell(self) -> None:
        """Tell what happened before the time that all have come to."""
        now = min(standing.now for standing in self._standing)
        ready = []
        for told in self._told:
            end = bisect_left(told, now, key=lambda entry: entry.moment[0])
            ready.append(told[:end])
            del told[:end]
        self._together.tell(ready)

    def _last(self) -> float:
        """Return when the last event of all happened."""
        lasts: Iterator[tuple[int, float]] = self._until_all_have_answered()
        return max(last for _, last in lasts)

    def _until_all_have_answered(self) -> Iterator[tuple[int, Any]]:
        """Yield what each worker answers in the end, and tell what is told before."""
        while any(self._crew.owed):
            for worker, message in self._crew.messages():
                if isinstance(message, Trouble):
                    raise message.error
                if isinstance(message, Answer):
                    self._hear_told(worker, message)
                else:
                    self._crew.owed[worker] -= 1
                    yield worker, message
            self._tell()
