"""``choreography replay --workers``: several processes, each of which replays a share of the entities.

Each reads all events and puts them in order, which is the smaller part of the work, and takes those of its own
entities. So all of them see the same file, and say the same of what is wrong with it.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Any
from zlib import crc32

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder
from choreography_insights.replay.envelopes import Say, heard
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Reading, Recording, UnreadableError, garbage_left_lying
from choreography_insights.replay.journey_log import Summary, Tally
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import Entry, Lines, Share, ShareReplay, Together

_AT_ONCE = 500
"""So many journeys go from one process to another at once."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the workers do: they replay *events*, and write in a *form* what was told."""

    workflow: Workflow
    events: Recording
    form: str
    sort: bool
    workers: int

    def is_of(self, worker: int, event: Event) -> bool:
        """Whether the entity of *event* is one of those of that worker."""
        return crc32(event.entity.encode("utf-8", "surrogatepass")) % self.workers == worker


def replay_together(
    work: Work, summary: Summary, lines: Lines, write: Callable[[Iterable[str]], object], complain: Say
) -> None:
    """Let workers do the *work*, and *write* the *lines* about what they have told; *summary* counts it.

    Raises what is wrong with the events.
    """
    processes: list[Process] = []
    ends: list[Connection] = []
    try:
        for worker in range(work.workers):
            ours, theirs = Pipe(duplex=False)
            process = Process(target=_work, args=(work, worker, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            ends.append(ours)
        together = Together(summary, lines, write)
        together.tell(_received(end, summary, complain) for end in ends)
        together.finish()
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _received(end: Connection, summary: Summary, complain: Say) -> Iterator[Entry]:
    """Yield what a worker tells at the other *end*; *summary* counts its sum."""
    while True:
        try:
            message = end.recv()
        except EOFError as error:
            raise UnreadableError(
                "a worker ended before it had told of all its entities; if for want of memory, take fewer --workers"
            ) from error
        if isinstance(message, Tally):
            summary.merge(message)
            return
        if isinstance(message, Exception):
            raise message
        if isinstance(message, str):
            complain(message)
        else:
            yield from message


def _work(work: Work, worker: int, end: Connection) -> None:
    try:
        end.send(tally_of(work, worker, end.send))
    except Exception as error:  # noqa: BLE001  # it is raised where somebody hears of it
        end.send(error)


def tally_of(work: Work, worker: int, send: Callable[[Any], None]) -> Tally:
    """Do what one *worker* does, the first also what is done once; return the sum of its share.

    *send* takes what is told, in lists, and texts to complain with.
    """
    choreography = Automaton.of_recorded(work.workflow)
    replay = ShareReplay(choreography, Form.of(work.form, choreography).case)
    in_order = InOrder(math.inf if work.sort else choreography.early)
    read, tally, last = Summary(choreography), Tally(), -math.inf

    def tell(share: Share) -> None:
        tally.merge(share.tally)
        send(share.entries)

    say = (lambda _: None) if worker else send
    reading = Reading(work.events, say)
    with garbage_left_lying():
        for event in in_order(heard(choreography, reading, read, say, reading.place)):
            last = event.time
            if work.is_of(worker, event):
                replay.take(event)
                if replay.told >= _AT_ONCE:
                    tell(replay.so_far())
        tell(replay.finish(last))
    if not worker:
        read.repeated = in_order.repeated
        tally.merge(read)
    return tally
