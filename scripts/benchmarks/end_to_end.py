"""Disturbed journeys on a deployed example: played in real time, followed to their ends, judged."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import build_lambda
from benchmarks.delivery import Bus, Event
from benchmarks.disturbances import APART_SECONDS, DISTURBANCES, Delivery
from benchmarks.example_journeys import Series, any_series
from benchmarks.verdicts import verdict_table
from choreography_insights.local.embedded import embedded_aws
from demonstration.deployment import Stage, Workspace
from devtools.places import ROOT

_JOURNEYS = 100
_SEED = 2026
_LOOK_EVERY_SECONDS = 1.0
_PATIENCE_SECONDS = 900.0
#: The events have happened this long ago when the first of them arrives.
_AGE_SECONDS = 30.0


@dataclass(slots=True)
class Disturbed:
    """One journey, what is done to its events, and the ids that EventBridge gave them, by position."""

    entity_id: str
    disturbance: str
    series: Series
    deliveries: list[Delivery]
    ids: dict[int, str] = field(default_factory=dict)

    def event(self, position: int, began: float) -> Event:
        """The event at *position*, as a service publishes it."""
        name, detail = self.series.events[position]
        return Event(self.series.source, name, {"id": self.entity_id, **detail}, began + position * APART_SECONDS)


def measure() -> str:
    """Apply the complete example to an embedded AWS and play a hundred journeys of a kind, kind after kind."""
    build_lambda.build(build_lambda.TARGET)
    journeys = disturbed_journeys(_JOURNEYS, Random(_SEED))  # noqa: S311 - to be repeated, not to be secret
    return verdict_table(lambda name: _verdicts([one for one in journeys if one.disturbance == name]))


def _verdicts(journeys: Sequence[Disturbed]) -> Counter[str]:
    """Play *journeys* on an embedded AWS that has seen no others, and is not slowed down by what they left."""
    with embedded_aws() as aws, tempfile.TemporaryDirectory() as folder:
        stage = Stage.of(aws, Workspace(ROOT / "examples" / "complete", Path(folder), aws).apply())
        play(stage, journeys)
        wait_for_ends(stage, journeys, _PATIENCE_SECONDS)
        return Counter(verdict(stage, journey) for journey in journeys)


def disturbed_journeys(of_each: int, random: Random) -> list[Disturbed]:
    """So many journeys under each kind of disturbance."""
    return [
        Disturbed(f"{name}, {number}", name, series := any_series(random), disturb(len(series.events), random))
        for name, disturb in DISTURBANCES.items()
        for number in range(of_each)
    ]


def play(stage: Stage, journeys: Sequence[Disturbed]) -> None:
    """Deliver every event when its time has come, by the clock of the stage's AWS."""
    bus, began = Bus(stage), stage.aws.time()
    for at, due in _timetable(journeys):
        time.sleep(max(0.0, began + at - stage.aws.time()))
        _deliver(bus, due, began - _AGE_SECONDS)


def _timetable(journeys: Sequence[Disturbed]) -> Iterator[tuple[float, list[tuple[Disturbed, int]]]]:
    for at in sorted({one.at for journey in journeys for one in journey.deliveries}):
        yield at, [(journey, one.position) for journey in journeys for one in journey.deliveries if one.at == at]


def _deliver(bus: Bus, due: Sequence[tuple[Disturbed, int]], began: float) -> None:
    """By the bus, and what has been there already by its queue."""
    new: list[tuple[Disturbed, int]] = []
    again: list[tuple[Disturbed, int]] = []
    for journey, position in due:
        (again if position in journey.ids else new).append((journey, position))
        journey.ids.setdefault(position, "is being published")
    event_ids = bus.publish([journey.event(position, began) for journey, position in new])
    for (journey, position), event_id in zip(new, event_ids, strict=True):
        journey.ids[position] = event_id
    bus.deliver_again([(journey.ids[position], journey.event(position, began)) for journey, position in again])


def wait_for_ends(stage: Stage, journeys: Sequence[Disturbed], patience_seconds: float) -> None:
    """Return when all *journeys* have ended, or have had their time."""
    keys = {key_of(journey) for journey in journeys}
    until = time.monotonic() + patience_seconds
    while time.monotonic() < until and not keys <= ended(stage):
        time.sleep(_LOOK_EVERY_SECONDS)


def key_of(journey: Disturbed) -> str:
    """The key of its rows."""
    return f"{journey.series.choreography}#{journey.entity_id}"


def ended(stage: Stage) -> set[str]:
    """The keys of all journeys that have ended, as the table says."""
    journeys = [row for row in stage.rows() if row["item"]["S"] == "JOURNEY" and "status" in row]
    return {row["journey"]["S"] for row in journeys if row["status"]["S"] != "RUNNING"}


def verdict(stage: Stage, journey: Disturbed) -> str:
    """Right, wrong or stuck: right is a journey that ended where it should, moved by each of its events once."""
    seen = stage.journey(journey.series.choreography, journey.entity_id)
    if not seen.has_ended:
        return "stuck"
    moves = sum(stay.kind == "Task" for stay in seen.stays)
    right = ("SUCCEEDED", journey.series.end, len(journey.series.events) - 1)
    return "right" if (seen.status, seen.last_state, moves) == right else "wrong"
