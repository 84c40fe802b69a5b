"""How many recorded events `choreography replay` takes in a second, and how long the command line needs for a word."""

import json
import os
import pickle
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import msgspec

from benchmarks import peer
from benchmarks.sample_values import envelope
from choreography_insights.cli.replaying import run
from choreography_insights.cli.sharing import Crew
from choreography_insights.cli.worker import Trouble, Work, work_at
from choreography_insights.project import definitions
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.envelopes import EnvelopeReader
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Recording
from devtools.places import ROOT
from documents.markdown import figures

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

DEFINITION = ROOT / "examples" / "order" / "order"
_NAMES = ("Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered")
_JOURNEYS = 25_000
EVENTS = len(_NAMES) * _JOURNEYS
_FOREIGN = "Order Archived"
_ROUNDS, _ROUNDS_OF_PEER = 5, 2
_HELP = (sys.executable, "-m", "choreography_insights", "--help")


def measure() -> str:
    """CPU time of this process, and of processes of their own; what is compared is measured in turns."""
    with TemporaryDirectory() as folder:
        file, deviating = Path(folder, "events.jsonl"), Path(folder, "deviating.jsonl")
        file.write_text("".join(recorded()), encoding="utf-8")
        lines = list(deviating_events())
        deviating.write_text("".join(lines), encoding="utf-8")
        rounds = [
            (_replaying(file), _reading(file), _sharing(file), _replaying(deviating, code=1), _reading(deviating))
            for _ in range(_ROUNDS)
        ]
        of_peer, of_peer_deviating = _peer(file, recorded()), _peer(deviating, lines)
    replaying, reading, sharing, departing, reading_those = (min(times) for times in zip(*rounds, strict=True))
    return figures(
        ("", "measured", "promised"),
        [
            (f"`choreography replay`, events a second (best of {_ROUNDS})", f"{EVENTS / replaying:,.0f}", "50,000"),
            ("reading the JSON and nothing else, events a second", f"{EVENTS / reading:,.0f}", ""),
            ("so many times as long takes `replay`", f"{replaying / reading:.1f}", ""),
            ("pm4py, reading and token replay, events a second", _a_second(EVENTS, of_peer), ""),
            ("with `--workers 2`, events a second by the one that takes longer", f"{EVENTS / sharing:,.0f}", ""),
            ("so many times as many as by one", f"{replaying / sharing:.2f}", "1.30"),
            (f"`replay` of {len(lines):,} events that deviate, events a second", f"{len(lines) / departing:,.0f}", ""),
            ("reading their JSON and nothing else, events a second", f"{len(lines) / reading_those:,.0f}", ""),
            ("pm4py of those that deviate, events a second", _a_second(len(lines), of_peer_deviating), ""),
            ("memory of an open journey, bytes", f"{_memory():,.0f}", "1,200"),
            ("`choreography --help`, seconds (median)", f"{median(_helping() for _ in range(15)):.2f}", "0.50"),
        ],
    )


def recorded(steps: int = len(_NAMES)) -> Iterator[str]:
    """Yield the first *steps* events of each journey, in order of time: every two seconds one begins."""
    happenings = sorted(
        (journey * 2 + step * 600, journey, step) for journey in range(_JOURNEYS) for step in range(steps)
    )
    return _written((at, journey, _NAMES[step]) for at, journey, step in happenings)


def deviating_events() -> Iterator[str]:
    """Yield some 20,000 events, some of which are swapped, left out, published twice, or none of an order's.

    So three journeys of ten deviate.
    """
    random, journeys = Random(20_000), _JOURNEYS // 5  # noqa: S311  # the same in each run
    happened: list[tuple[int, int, str]] = []
    for journey in range(journeys):
        names: list[str] = []
        for name in _NAMES:
            names += random.choices(([name], [], [name, name], [name, _FOREIGN]), (36, 1, 1, 1))[0]
        if random.random() < 4 / 39:
            at = random.randrange(max(1, len(names) - 1))
            names[at : at + 2] = reversed(names[at : at + 2])
        happened += ((journey * 2 + step * 600, journey, name) for step, name in enumerate(names))
    return _written(sorted(happened))


def _written(happenings: Iterable[tuple[int, int, str]]) -> Iterator[str]:
    """Yield the event of each name that happened at a second to a journey."""
    begun = 1_767_225_600
    for number, (at, journey, name) in enumerate(happenings):
        detail = {"id": f"order-{journey}", "amount": 12.5, "customer": {"name": "Somebody"}}
        event_id = f"{number:08x}-0000-4000-8000-{number:012x}"
        yield f"{json.dumps(envelope(event_id, 'order', name, begun + at, detail))}\n"


def _peer(file: Path, lines: Iterable[str]) -> float | None:
    cases = {json.loads(line)["detail"]["id"] for line in lines}
    times = [peer.seconds(file, definitions.load(DEFINITION), len(cases)) for _ in range(_ROUNDS_OF_PEER)]
    return min((one for one in times if one is not None), default=None)


def _a_second(events: int, seconds: float | None) -> str:
    return "-" if seconds is None else f"{events / seconds:,.0f}"


def _replaying(file: Path, workers: int = 1, code: int = 0) -> float:
    out, began, recording = StringIO(), time.process_time(), Recording(str(file))
    if run(DEFINITION, recording, form="table", sort=False, out=out, complain=lambda _: None, workers=workers) != code:
        raise AssertionError(out.getvalue()[-1_000:])
    return time.process_time() - began


def _reading(file: Path) -> float:
    decode, began = msgspec.json.Decoder().decode, time.process_time()
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            decode(line)
    return time.process_time() - began


def _sharing(file: Path) -> float:
    """Return the CPU time of the worker that takes longer, as if each had a core of its own; starting it is none.

    What two workers were sent is sent again to each of them here, one after the other.
    """
    work = Work(definitions.load(DEFINITION), "table", sort=False, workers=2)
    sent: tuple[list[bytes], ...] = [], []
    send = Crew.send

    def overheard(crew: Crew, worker: int, message: object, answers: int = 1) -> None:
        sent[worker].append(pickle.dumps(message))
        send(crew, worker, message, answers)

    with patch.object(Crew, "send", overheard):
        _replaying(file, workers=work.workers)
    return max(_working(work, worker, sent[worker]) for worker in range(work.workers))


def _working(work: Work, worker: int, sent: list[bytes]) -> float:
    began = time.process_time()
    work_at(work, worker, cast("Connection", _Sent(sent)))
    return time.process_time() - began


class _Sent:
    """What was *sent* comes once more; what is answered is packed as for another process, and goes nowhere."""

    def __init__(self, sent: list[bytes]) -> None:
        self._sent = iter(sent)

    def recv(self) -> object:
        return pickle.loads(next(self._sent))  # noqa: S301  # it is our own

    def send(self, message: object) -> None:
        if isinstance(message, Trouble):
            raise message.error
        pickle.dumps(message)


def _memory() -> float:
    """Return what a journey takes that is open, by what Python has allocated for many."""
    choreography = Automaton.of_recorded(definitions.load(DEFINITION))
    events = (json.loads(line) for line in recorded(steps=len(_NAMES) - 1))
    tracemalloc.start()
    replay = Replay(choreography, lambda _: None)
    before, _ = tracemalloc.get_traced_memory()
    reader = EnvelopeReader(choreography)
    for position, one in enumerate(events):
        for event in reader.events(one, position):
            if isinstance(event, Event):
                replay.take(event)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (taken - before) / replay.open


def _helping() -> float:
    before = os.times()
    subprocess.run(_HELP, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
