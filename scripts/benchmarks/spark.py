"""What a billion events cost on AWS Glue and EMR Serverless, by what a core does of the job."""

import pickle
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import prices
from benchmarks.command_line import DEFINITION, EVENTS, recorded
from choreography_insights.cli.replaying import Written
from choreography_insights.replay.event import Event
from choreography_insights.replay.event_files import Recording
from choreography_insights.replay.journey_log import Summary
from choreography_insights.replay.report import Form
from choreography_insights.replay.shares import Entry, Share, Together, share_of
from choreography_insights.spark.reading import Definition, FileRead, read
from documents.markdown import figures

_BILLION = 1_000_000_000
_ROUNDS = 3
_AT_ONCE = 10_000
_SECONDS_AN_HOUR = 3_600
_GIGABYTES_A_VCPU = 4


def measure() -> str:
    """CPU time of all that a core does of the job in Python, what is passed on between tasks included."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "events.jsonl")
        file.write_text("".join(recorded()), encoding="utf-8")
        rate = max(EVENTS / _working(file) for _ in range(_ROUNDS))
    hours = _BILLION / rate / _SECONDS_AN_HOUR
    glue = hours / prices.GLUE_VCPUS_A_DPU * prices.GLUE_DPU_HOUR
    emr = hours * (prices.EMR_VCPU_HOUR + _GIGABYTES_A_VCPU * prices.EMR_GIGABYTE_HOUR)
    return figures(
        ("", "measured"),
        [
            (f"events a second of a core (best of {_ROUNDS})", f"{rate:,.0f}"),
            ("hours of a vCPU for a billion events", f"{hours:,.1f}"),
            ("a billion events on AWS Glue, $", f"{glue:,.2f}"),
            ("a billion events on EMR Serverless, $", f"{emr:,.2f}"),
        ],
    )


def _working(file: Path) -> float:
    written = Written.of(DEFINITION)
    definition = Definition(written.text, str(written.file))
    choreography = definition.choreography
    began = time.process_time()
    events: list[Event] = []
    last = float("-inf")
    for one in _passed_on(read(definition, 0, Recording(str(file)))):
        if isinstance(one, FileRead):
            last = one.last
        else:
            events.append(one)
    events.sort(key=lambda event: (event.entity, event.position))
    form, summary = Form.of("json", choreography), Summary(choreography)
    parts = range(0, len(events), _AT_ONCE)
    shares = [*_passed_on(share_of(choreography, events[at : at + _AT_ONCE], last, form.case) for at in parts)]
    entries: list[Entry] = [*_passed_on(entry for share in shares for entry in share.entries)]
    entries.sort(key=lambda entry: entry.moment)
    lines: list[str] = []
    together = Together(summary, form.case, lines.extend)
    together.take([*(Share(share.tally) for share in shares), Share(entries=entries)])
    together.finish()
    took = time.process_time() - began
    if summary.complete * 4 != EVENTS:
        raise AssertionError(f"{summary.complete} journeys are complete")
    return took


def _passed_on(told: Iterable[Any]) -> Iterator[Any]:
    """Yield what is *told* as another task gets it: Spark's Python pickles it in batches."""
    told = iter(told)
    while batch := list(islice(told, 1_000)):
        yield from pickle.loads(pickle.dumps(batch))  # noqa: S301 # it is our own
