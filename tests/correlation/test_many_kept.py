"""Thousands of kept events of one entity: its journey's row stays small, and its next wait always fits."""

from random import Random
from uuid import UUID

import pytest

from choreography_insights.runtime import decision
from correlation.definitions import small
from correlation.playing import nothing_is_left
from world import World
from world.attribute_values import ITEM_LIMIT_BYTES, item_size

pytestmark = pytest.mark.usefixtures("no_log")

#: As long as EventBridge lets a name be.
LONG = "r" * 128
STATES = f"  A: {{await: {{a: B}}}}\n  B: {{await: {{b: C}}}}\n  C: {{await: {{{LONG}: C, c: Done}}}}\n  Done: succeed"
SETTINGS = "early: 1h\nunexpected: ignore"
MANY = small("many", STATES, SETTINGS)


def ids() -> list[str]:
    """Ids as EventBridge gives them, the same in every run."""
    lot = Random(1)  # noqa: S311 - to be repeated, not to be secret
    return [str(UUID(int=lot.getrandbits(128))) for _ in range(1_200)]


def begun() -> World:
    world = World(MANY)
    world.publish("S", "1")
    world.settle()
    return world


def row_size(world: World) -> int:
    return item_size(world.table.partitions["many#1"]["JOURNEY"])


def test_events_that_the_choreography_does_not_know_leave_the_row_alone() -> None:
    world = begun()
    before = row_size(world)
    for event_id in ids():
        world.publish("Telemetry Reading", "1", event_id=event_id)
    world.settle()
    assert len(world.table.partitions["many#1"]) == 1_202
    assert row_size(world) == before
    world.publish("a", "1")
    world.settle()
    assert world.journeys("1") == [("RUNNING", "B")]
    world.run(seconds=2 * 3_600)
    assert {one["reason"] for one in world.deviations()} == {"UnexpectedEvent"}
    assert len(world.deviations()) == 1_200
    assert nothing_is_left(world)


def test_of_those_it_knows_a_thousand_are_kept_and_the_next_wait_fits_beside_them() -> None:
    world = begun()
    for event_id in ids()[:1_020]:
        world.publish(LONG, "1", event_id=event_id)
    world.settle()
    row = world.table.partitions["many#1"]["JOURNEY"]
    assert len(row["kept"]["SS"]) == decision.MOST_KEPT == 1_000
    assert row_size(world) < ITEM_LIMIT_BYTES * 2 / 3
    assert [one["reason"] for one in world.deviations()] == ["TooManyKept"] * 20
    # What is awaited moves the journey all the same.
    world.publish("a", "1", time=1, delay=1)
    world.publish("b", "1", time=2, delay=2)
    world.run(seconds=3)
    assert world.journeys("1") == [("RUNNING", "C")]
    assert "C" in world.table.partitions["many#1"]["JOURNEY"]["waits"]["M"]


def test_all_that_was_kept_takes_its_turn_and_then_there_is_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "MOST_KEPT", 100)
    world = begun()
    for event_id in ids()[:101]:
        world.publish(LONG, "1", event_id=event_id)
    world.publish("a", "1", time=1, delay=1)
    world.publish("b", "1", time=2, delay=2)
    world.run(seconds=600)
    assert sum(world.moved().values()) == 103
    assert len(world.deviations()) == 1
    world.publish(LONG, "1", time=4, delay=4)
    world.publish("c", "1", time=5, delay=5)
    world.run(seconds=600)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert len(world.deviations()) == 1
    world.run(seconds=2 * 3_600)
    assert nothing_is_left(world)
