"""Disturbed journeys of both examples in the AWS in memory: do they end as they would undisturbed."""

from collections import Counter
from collections.abc import Mapping
from random import Random

from benchmarks.disturbances import APART_SECONDS, DISTURBANCES, Disturbance
from benchmarks.example_journeys import Series, any_series
from benchmarks.sheet import Sheet
from fake_aws import FakeAws, Randomly, example

_JOURNEYS = 1_000
_TOGETHER = 10
_SEED = 2026
_EXAMPLES = {"order": example("order/order"), "car-dealer": example("car-dealer/car-dealer")}

#: The original sample's own handlers, unchanged, on this project's embedded AWS with Lambda's retries.
SAMPLE = {
    "in order, spaced": "100 / 0 / 0",
    "in order, all at once": "0 / 16 / 84",
    "one event delivered twice at the same instant": "64 / 36 / 0",
    "one event delivered again later": "24 / 76 / 0, at any later time 52 / 48 / 0",
    "one neighbouring pair swapped": "20 / 80 / 0",
    "the start event swapped with the next": "(in any pair) 24 / 76 / 0",
    "duplicates and swap together": "3 / 97 / 0",
}


def measure() -> Sheet:
    """A thousand journeys of each kind, ten at a time, everything that can happen next in random order."""
    rows = []
    for name, disturb in DISTURBANCES.items():
        found = verdicts(disturb, _JOURNEYS, Random(_SEED))  # noqa: S311 - to be repeated, not to be secret
        rows.append((name, found["right"], found["wrong"], found["stuck"], SAMPLE[name]))
    return Sheet(
        "Verdicts in memory",
        f"{_JOURNEYS:,} journeys of each kind, orders and cars with loops, {APART_SECONDS:g} s between events: the "
        "real handlers over an AWS in memory that does what can be done next in random order. Right: the journey ended "
        "where it should, and each of its events moved it once.",
        ("delivery", "right", "wrong end", "stuck", "the original sample, of 100: right / wrong / stuck"),
        rows,
    )


def verdicts(disturb: Disturbance, journeys: int, random: Random) -> Counter[str]:
    """How so many journeys end."""
    found: Counter[str] = Counter()
    for _ in range(0, journeys, _TOGETHER):
        aws = FakeAws(*_EXAMPLES.values())
        played = {str(entity): any_series(random) for entity in range(_TOGETHER)}
        for entity, series in played.items():
            for one in disturb(len(series.events), random):
                name, detail = series.events[one.position]
                aws.publish(
                    name,
                    entity,
                    detail,
                    source=series.source,
                    event_id=f"{entity}-{one.position}",
                    time=one.position * APART_SECONDS,
                    delay=one.at,
                )
        aws.run(Randomly(random.randrange(1_000_000)), seconds=600.0)
        moved = aws.moved()
        found.update(_verdict(aws, entity, series, moved) for entity, series in played.items())
    return found


def _verdict(aws: FakeAws, entity: str, series: Series, moved: Mapping[tuple[str, str], int]) -> str:
    ends = aws.journeys(entity)
    if any(status == "RUNNING" for status, _ in ends) or not ends:
        return "stuck"
    journey = f"{series.choreography}#{entity}"
    moves = [moved.get((journey, f"{entity}-{position}"), 0) for position in range(len(series.events))]
    return "right" if ends == [("SUCCEEDED", series.end)] and set(moves) == {1} else "wrong"
