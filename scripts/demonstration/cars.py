"""Made journeys of the car dealer, as EventBridge would have recorded them: most as they should be, some not."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""Nothing has happened after this."""

_DAYS = 45


def recorded(count: int, *, seed: int = 7, entities: Sequence[str] = ()) -> Iterator[str]:
    """Yield events in order of time, a line of JSON each: of *count* cars, and of *entities* that deviate at once."""
    random = Random(seed)  # noqa: S311  # the same cars every time
    events: list[tuple[datetime, str, dict[str, Any]]] = []
    for number in range(count):
        begun = NOW - timedelta(days=_DAYS * random.random() + 0.05)
        car = f"car-{number:04d}"
        events += ((at, name, {"id": car, **detail}) for at, name, detail in _journey(random, begun))
    for entity in entities:
        events.append((NOW - timedelta(days=9), "Car Announced", {"id": entity}))
        events.append((NOW - timedelta(days=8), "Car Sold", {"id": entity}))
    happened = sorted((event for event in events if event[0] <= NOW), key=lambda event: event[0])
    for position, (at, name, detail) in enumerate(happened):
        envelope = {
            "version": "0",
            "id": f"{position:08x}-0000-4000-8000-{position:012x}",
            "detail-type": name,
            "source": "car",
            "time": at.isoformat(),
            "detail": detail,
        }
        yield f"{json.dumps(envelope)}\n"


Step = tuple[datetime, str, dict[str, Any]]


def _journey(random: Random, begun: datetime) -> Iterator[Step]:
    at = begun
    yield at, "Car Announced", {}
    at += _some(random, 0.8)
    if random.random() < 0.08:
        yield at, "Inspection Completed", {"result": "Rejected"}
        return
    yield at, "Inspection Completed", {"result": "Success"}
    done = [at + _some(random, days) for days in (0.7, 2.5, 0.4)]
    yield from zip(done, ("Car Cleaned", "Car Repaired", "Car Priced"), ({}, {}, {}), strict=True)
    at = max(done) + _some(random, 0.5)
    if random.random() < 0.04:
        return
    yield at, "Car Published", {}
    yield from _offered(random, at)


def _offered(random: Random, at: datetime) -> Iterator[Step]:
    while True:
        at += _some(random, 3)
        chance = random.random()
        if chance < 0.15:
            yield at, "Car Unpublished", {}
            at += _some(random, 1)
            yield at, "Car Published", {}
            continue
        if chance < 0.17:
            yield at, "Car Sold", {}  # without a reservation
            return
        yield at, "Car Reserved", {}
        at += _some(random, 1.2)
        if random.random() < 0.7:
            break
        yield at, "Car Unreserved", {}
    yield at, "Car Sold", {}
    if random.random() < 0.02:
        yield at + timedelta(hours=1), "Car Solt", {}
    yield at + _some(random, 1), "Car Delivered", {}
    yield at + _some(random, 2.2), "Invoice Sent", {}


def _some(random: Random, days: float) -> timedelta:
    return timedelta(days=days * random.lognormvariate(0, 0.6))
