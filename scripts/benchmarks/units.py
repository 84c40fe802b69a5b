"""DynamoDB's read and write units per event: as AWS charges them, and as DynamoDB Local reports them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.metering import KINDS, WRITES, Meter
from benchmarks.table_schema import journeys_table
from benchmarks.workloads import AWAITED, COMPARISONS, JOURNEYS, Comparison, Workload
from documents.markdown import figures
from fake_aws import FakeAws
from support import dynamodb_local
from support.aws_client import aws_client

_TABLE = "journeys"
_REPORTED = ("reported reads", "reported writes")

NewClient = Callable[[], Any]


def measure() -> str:
    """Of the comparisons that the calls are counted in, and of whole journeys."""
    with dynamodb_local_tables() as new_client:
        units = {name: units_per_event(comparison, new_client) for name, comparison in COMPARISONS.items()}
        units |= {f"**{name}**": units_of(workload, new_client) for name, workload in JOURNEYS.items()}
    return figures(
        ("event", "read units", *_HEADINGS, "write units", "reported: read", "write"),
        [(name, *_row(count)) for name, count in units.items()],
    )


_HEADINGS = ("kept", "claimed", "recorded", "wait", "index")


def _row(count: Mapping[str, float]) -> tuple[str, ...]:
    numbers = (count["reads"], *(count[kind] for kind in WRITES), writes(count), *(count[kind] for kind in _REPORTED))
    return tuple(f"{round(number, 2):,g}" for number in numbers)


def writes(count: Mapping[str, float]) -> float:
    """All write units of a *count* by kind."""
    return sum(count[kind] for kind in WRITES)


def units_per_event(comparison: Comparison, new_client: NewClient | None = None) -> dict[str, float]:
    """By kind; those that DynamoDB Local reports are 0 without it."""
    more, less = units_of(comparison.workload, new_client), units_of(comparison.baseline, new_client)
    awaited = units_per_event(COMPARISONS[AWAITED], new_client) if comparison.baseline_awaits else {}
    kinds = (*KINDS, *_REPORTED)
    return {kind: (more[kind] - less[kind]) / comparison.events + awaited.get(kind, 0) for kind in kinds}


def units_of(workload: Workload, new_client: NewClient | None = None) -> dict[str, float]:
    """Of a whole workload, by kind."""
    aws = FakeAws(workload.choreography)
    meter = Meter.put_into(aws, new_client() if new_client else None)
    workload.run(aws)
    return meter.units


@contextmanager
def dynamodb_local_tables() -> Iterator[NewClient]:
    """Makes clients, each of which has a journeys table of its own."""
    if lack := dynamodb_local.lack():
        raise SystemExit(lack)
    with tempfile.TemporaryDirectory() as folder:
        url = dynamodb_local.endpoint(Path(folder))
        try:
            yield partial(_client_with_table, url, iter(range(1_000_000)))
        finally:
            dynamodb_local.end(Path(folder))


def _client_with_table(url: str, numbers: Iterator[int]) -> Any:
    client = aws_client("dynamodb", url, account=f"units{next(numbers)}")
    client.create_table(**journeys_table().creation(_TABLE))
    return client
