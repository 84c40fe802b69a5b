"""How many recorded events `choreography replay` takes in a second, and how long the command line needs for a word."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.sample_values import envelope
from choreography_insights.cli.replaying import run
from choreography_insights.replay.event_files import Recording
from devtools.places import ROOT
from documents.markdown import figures

DEFINITION = ROOT / "examples" / "order" / "order"
_NAMES = ("Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered")
_JOURNEYS = 25_000
EVENTS = len(_NAMES) * _JOURNEYS
_ROUNDS = 5
_HELP = (sys.executable, "-m", "choreography_insights", "--help")


def measure() -> str:
    """CPU time of this process, and of processes of their own."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "events.jsonl")
        file.write_text("".join(recorded()), encoding="utf-8")
        rate = max(EVENTS / _replaying(file) for _ in range(_ROUNDS))
    return figures(
        ("", "measured", "promised"),
        [
            (f"`choreography replay`, events a second (best of {_ROUNDS})", f"{rate:,.0f}", "50,000"),
            ("`choreography --help`, seconds (median)", f"{median(_helping() for _ in range(15)):.2f}", "0.50"),
        ],
    )


def recorded() -> Iterator[str]:
    """Yield the events in order of time: each journey takes half an hour, and every two seconds one begins."""
    begun = 1_767_225_600
    steps = sorted(
        (journey * 2 + step * 600, journey, name) for journey in range(_JOURNEYS) for step, name in enumerate(_NAMES)
    )
    for number, (at, journey, name) in enumerate(steps):
        detail = {"id": f"order-{journey}", "amount": 12.5, "customer": {"name": "Somebody"}}
        event_id = f"{number:08x}-0000-4000-8000-{number:012x}"
        yield f"{json.dumps(envelope(event_id, 'order', name, begun + at, detail))}\n"


def _replaying(file: Path) -> float:
    out, began = StringIO(), time.process_time()
    if run(DEFINITION, Recording(str(file)), form="table", sort=False, out=out, complain=lambda _: None) != 0:
        raise AssertionError(out.getvalue()[-1_000:])
    return time.process_time() - began


def _helping() -> float:
    before = os.times()
    subprocess.run(_HELP, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
