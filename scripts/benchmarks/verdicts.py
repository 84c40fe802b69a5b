"""Disturbed journeys of both examples in the AWS in memory: do they end as they would undisturbed."""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

from benchmarks.disturbances import APART_SECONDS, DISTURBANCES, Disturbance
from benchmarks.example_journeys import Series, any_series
from benchmarks.transitions import EXAMPLES
from documents.markdown import figures
from fake_aws import FakeAws, Randomly

_JOURNEYS = 1_000
_TOGETHER = 10
_SEED = 2026

#: The original sample's own handlers, unchanged, on this project's embedded AWS with Lambda's retries.
_SAMPLE = {
    "in order, spaced": "100 / 0 / 0",
    "in order, all at once": "0 / 16 / 84",
    "one event delivered twice at the same instant": "64 / 36 / 0",
    "one event delivered again later": "24 / 76 / 0, at any later time 52 / 48 / 0",
    "one neighbouring pair swapped": "20 / 80 / 0",
    "the start event swapped with the next": "(in any pair) 24 / 76 / 0",
    "duplicates and swap together": "3 / 97 / 0",
}


def measure() -> str:
    """A thousand journeys of each kind, ten at a time, everything that can happen next in random order."""
    # A seed is to be repeated, not to be secret.
    return verdict_table(lambda name: verdicts(DISTURBANCES[name], _JOURNEYS, Random(_SEED)))  # noqa: S311


def verdict_table(judge: Callable[[str], Counter[str]]) -> str:
    """A row for each disturbance, with the verdicts that *judge* gives."""
    found = {name: judge(name) for name in DISTURBANCES}
    return figures(
        ("delivery", "right", "wrong end", "stuck", "the original sample, of 100: right / wrong / stuck"),
        [(name, one["right"], one["wrong"], one["stuck"], _SAMPLE[name]) for name, one in found.items()],
    )


def verdicts(disturb: Disturbance, journeys: int, random: Random) -> Counter[str]:
    """How so many journeys end."""
    found: Counter[str] = Counter()
    for _ in range(0, journeys, _TOGETHER):
        aws = FakeAws(*EXAMPLES)
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
