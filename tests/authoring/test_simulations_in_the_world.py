"""Every simulation, played in the in-memory AWS on what is generated, ends where it says that it does."""

import json
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.authoring.replay.choreography import Choreography
from choreography_insights.authoring.replay.envelopes import event_of
from choreography_insights.authoring.replay.record import ReplayedJourney
from choreography_insights.authoring.replay.replaying import replay
from support.definitions import EXAMPLES, GOOD, read
from world import World, deployable

SIMULATIONS = [
    pytest.param(path, id=f"{path.parents[1].name}-{path.stem}")
    for folder in [*GOOD, *EXAMPLES]
    for path in sorted((folder / "simulations").glob("*.json"))
]


def played(path: Path) -> tuple[World, dict[str, Any]]:
    """Play the simulation at *path* and return the world, and what it says of its only journey."""
    choreography = deployable((path.parents[1] / "workflow.yaml").read_text(encoding="utf-8"))
    document = json.loads(path.read_text(encoding="utf-8"))
    ((_, expected),) = document["expect"].items()
    world = World(choreography)
    moment = 0.0
    for event in document["events"]:
        moment += float(event.get("wait", 0))
        world.publish_detail(event["detailType"], event["detail"], source=event["source"], time=moment, delay=moment)
    world.run(seconds=moment + 3 * 86_400)
    return world, expected


def replayed(path: Path) -> ReplayedJourney:
    """Return the only journey that replay sees in the simulation at *path*; none of its events is unexpected."""
    choreography = Choreography.of(read(path.parents[1]))
    document = json.loads(path.read_text(encoding="utf-8"))
    moment, events = 1_000_000.0, []
    for position, event in enumerate(document["events"]):
        moment += float(event.get("wait", 0))
        envelope = {
            "id": str(position),
            "detail-type": event["detailType"],
            "source": event["source"],
            "time": moment,
            "detail": {**event["detail"], "sentAt": moment},
        }
        heard = event_of(envelope, choreography, position)
        assert heard is not None
        events.append(heard)
    journeys, deviations = replay(choreography, events)
    assert deviations == []
    (journey,) = journeys
    return journey


@pytest.mark.parametrize("path", SIMULATIONS)
def test_a_simulation_ends_where_it_says_for_replay_too(path: Path) -> None:
    journey = replayed(path)
    ((_, expected),) = json.loads(path.read_text(encoding="utf-8"))["expect"].items()
    if journey.status == "RUNNING":  # a last pause, which no event ends
        assert journey.running is not None
        assert journey.running.waits == ()
    else:
        assert (journey.status, journey.state) == (expected["status"], expected["state"])
    assert journey.deviations == []


@pytest.mark.parametrize("path", SIMULATIONS)
def test_a_simulation_ends_where_it_says(path: Path) -> None:
    world, expected = played(path)
    (execution,) = world.executions
    assert (execution.status, execution.last_entered()) == (expected["status"], expected["state"])
    assert world.outcome().dead_letters == []
    assert world.deviations() == []
    assert set(world.outcome().events.values()) == {"DONE"}
