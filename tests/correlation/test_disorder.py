"""Random choreographies, series and deliveries, through the compiled state machine and the functions.

What becomes of each entity must be one of the outcomes that the promises allow (`allowed`), whatever is delivered when.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.allowed import Allowed, Told, Verdict
from correlation.disorder import SOURCE, Chosen, Delivered, Lateness, choreographies, series
from correlation.playing import nothing_is_left
from world import Randomly, World
from world.clock import EPOCH
from world.executions import Execution

pytestmark = pytest.mark.usefixtures("no_log")

StatusEvents = Literal["sent", "dropped"]


def delivered(chosen: Chosen, events: Sequence[Delivered], seed: int, status_events: StatusEvents) -> World:
    """Deliver *events* and let time pass until the last has been judged."""
    world = World(chosen.deployed, status_events=status_events)
    for event in events:
        for arrival in event.arrivals:
            world.publish(
                event.name,
                event.entity,
                event.detail,
                source=SOURCE,
                event_id=event.id,
                time=event.happens,
                delay=arrival,
            )
    world.run(Randomly(seed), seconds=horizon(chosen, events))
    return world


def horizon(chosen: Chosen, events: Sequence[Delivered]) -> float:
    """When the last of *events* has been judged, and every message about it has come."""
    return math.ceil(max((max(event.arrivals) for event in events), default=0.0)) + 2 * chosen.read.early + 60.5


def verdict(chosen: Chosen, world: World, entity: str) -> Verdict:
    """What became of *entity*."""
    executions = [one for one in world.executions if one.input["entityId"] == entity]
    deviations = [one for one in world.deviations() if one["entityId"] == entity]
    return Verdict(
        tuple(_told(chosen, one) for one in executions),
        tuple(
            sorted(
                (one["event"]["eventId"], one["reason"], tuple(sorted(met["state"] for met in one["states"])))
                for one in deviations
            )
        ),
    )


def _told(chosen: Chosen, execution: Execution) -> Told:
    happenings = execution.history.happenings
    return Told(
        started_by=execution.input["event"]["eventId"],
        path=tuple(name for name in execution.path() if name in chosen.read.places),
        used=frozenset(one.details["output"]["eventId"] for one in happenings if one.type == "TaskSucceeded"),
        status=execution.status,
        error=execution.error if execution.status == "FAILED" else None,
    )


def allowed(chosen: Chosen, events: Sequence[Delivered], entity: str, until: float) -> frozenset[Verdict]:
    """What may become of *entity*."""
    heard = [
        event.as_event(position)
        for position, event in enumerate(events)
        if event.entity == entity and chosen.read.catches(SOURCE, event.name)
    ]
    return Allowed(chosen.read, heard, EPOCH + until).verdicts()


@st.composite
def deliveries(draw: Any, lateness: Lateness) -> tuple[Chosen, list[Delivered]]:
    """A choreography, and the events of two entities."""
    chosen = draw(choreographies())
    return chosen, [event for entity in ("1", "2") for event in draw(series(chosen, entity, lateness))]


@pytest.mark.parametrize("lateness", ["punctual", "settles", "within grace", "any"])
@settings(max_examples=300)
@given(data=st.data(), seed=st.integers(0, 2**32), status_events=st.sampled_from(["sent", "dropped"]))
def test_what_becomes_of_an_entity_is_what_the_promises_allow(
    lateness: Lateness, data: st.DataObject, seed: int, status_events: StatusEvents
) -> None:
    chosen, events = data.draw(deliveries(lateness))
    world = delivered(chosen, events, seed, status_events)
    for entity in ("1", "2"):
        assert verdict(chosen, world, entity) in allowed(chosen, events, entity, horizon(chosen, events))
    assert nothing_is_left(world)
