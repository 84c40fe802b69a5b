"""Rows read, and memory taken, where an entity has many events: counts, in the AWS in memory."""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.metering import Meter
from benchmarks.sample_values import DETAIL, ENTITY, event_id
from benchmarks.workloads import ROUNDS
from documents.markdown import figures
from fake_aws import FakeAws

EARLY = 400
DONE = 3_000
KEPT, KEPT_BYTES = 1_000, 250_000
#: Stands in a kept event for so many bytes, which are there only while somebody reads the row.
_MARK = "a-lot-of-text"
#: DynamoDB's pages have 1 MB.
_PAGE_ITEMS = 1_000_000 // KEPT_BYTES


def measure() -> str:
    """Read as the functions do, and count."""
    drained = {number: drain(number) for number in (EARLY // 4, EARLY)}
    less, more = drained.values()
    contested, recheck = after_many_done("q", DONE), done_before_its_deadline(DONE)
    rows = [
        (f"{EARLY // 4} early events of one entity take their turns", less.turns),
        (f"{EARLY} of them", more.turns),
        (f"their deadlines pass, of {EARLY // 4}", less.deadlines),
        (f"of {EARLY}", more.deadlines),
        (f"a contested event comes after {DONE:,} that are done", contested),
        (f"an event that was kept is looked at again when it is done, among {DONE:,}", recheck),
    ]
    return figures(
        ("", "rows read"),
        [*((name, f"{number:,}") for name, number in rows), ("memory", f"{memory_peak() / 1e6:,.0f} MB")],
    )


@dataclass(frozen=True, slots=True)
class Drained:
    """Rows read while early events take their turns, and when their deadlines have come."""

    turns: int
    deadlines: int


def drain(events: int) -> Drained:
    """So many early events of one entity come before the start event, each accepted one after the other."""
    aws, meter = _metered()
    for number in range(events):
        _publish(aws, "n", number)
    aws.settle()
    _publish(aws, "S", 0)
    before = meter.rows_read
    aws.run(seconds=30.0)
    turns = meter.rows_read - before
    aws.run(seconds=600.0)
    _expect(aws, moved=events + 1)
    return Drained(turns, meter.rows_read - before - turns)


def after_many_done(name: str, done: int) -> int:
    """Rows read because of one more event, after so many are done."""
    aws, meter = _metered()
    _play_done(aws, done)
    before = meter.rows_read
    _publish(aws, name, 0)
    aws.run(seconds=600.0)
    _expect(aws, moved=done + 2)
    return meter.rows_read - before


def done_before_its_deadline(done: int) -> int:
    """Rows read when the deadline comes of an event that was early and is done, among so many that are."""
    aws, meter = _metered()
    _publish(aws, "n", done)
    aws.settle()
    _play_done(aws, done)
    before = meter.rows_read
    aws.run(seconds=600.0)
    _expect(aws, moved=done + 2)
    return meter.rows_read - before


def memory_peak(kept: int = KEPT, size: int = KEPT_BYTES) -> int:
    """Bytes at most while a journey begins whose entity has so many kept events of this *size*."""
    aws = FakeAws(ROUNDS)
    aws.dynamodb.page_items = _PAGE_ITEMS
    for number in range(kept):
        _publish(aws, "n", number, blob=_MARK)
    aws.settle()
    aws.clients["dynamodb"] = _Heavy(aws.dynamodb, size)
    aws._idle = {"start": [], "resume": []}  # noqa: SLF001 - environments with the new client
    _publish(aws, "S", 0)
    tracemalloc.start()
    try:
        for _ in range(10):  # the journey begins, its wait is stored, its first kept event takes its turn
            next(iter(aws.actions())).do()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if len(aws.moved()) < 2:
        raise RuntimeError("no kept event took its turn")
    return peak


class _Heavy:
    """A client whose rows are as heavy as they say, for as long as somebody holds them."""

    def __init__(self, client: Any, size: int) -> None:
        self._client, self._size = client, size

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)
        return lambda **parameters: self._filled(method(**parameters))

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if isinstance(value, str) and _MARK in value:
            return value.replace(_MARK, "x" * self._size)
        return value


def _metered() -> tuple[FakeAws, Meter]:
    aws = FakeAws(ROUNDS)
    return aws, Meter.put_into(aws)


def _play_done(aws: FakeAws, events: int) -> None:
    _publish(aws, "S", 0)
    aws.settle()
    for number in range(events):
        _publish(aws, "n", number)
        aws.settle()


def _publish(aws: FakeAws, name: str, number: int, **detail: str) -> None:
    aws.publish(name, ENTITY, {**DETAIL, **detail}, event_id=event_id(name, number))


def _expect(aws: FakeAws, *, moved: int) -> None:
    """Each of the events moved the journey once."""
    if (counts := list(aws.moved().values())) != [1] * moved:
        raise RuntimeError(f"{sum(counts)} moves of {len(counts)} events, not {moved}")
