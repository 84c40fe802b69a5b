"""Events up to EventBridge's megabyte move their journeys, cut down to what the choreography reads."""

import pytest

from correlation.definitions import CAR, ONE, REMEMBERING
from correlation.playing import nothing_is_left
from world import World

MUCH = "x" * 900_000


@pytest.mark.parametrize("early", [False, True])
def test_a_big_event_moves_its_journey_with_only_what_is_read(early: bool) -> None:
    world = World(CAR)
    world.publish("Car Announced", "1", {"photo": MUCH}, delay=5.0 if early else 0.0)
    event_id = world.publish("Inspection Completed", "1", {"result": "Success", "report": MUCH}, delay=1.0)
    world.run(seconds=20)
    assert world.journeys("1") == [("RUNNING", "InPreparation")]
    assert world.executions[0].input["event"]["detail"] == {}
    assert world.executions[0].input["event"]["detailOmitted"] is True
    data = world.executions[0].root.data["event"]
    assert data["eventId"] == event_id
    assert (data["detail"], data["detailOmitted"]) == ({"result": "Success"}, True)


@pytest.mark.parametrize("size", [100, 200_000, 245_000, 253_000, 255_000, 262_000, 400_000, 900_000])
@pytest.mark.parametrize("letter", ["x", "é", "\\", "\u0007"], ids=["ascii", "two bytes", "escaped", "control"])
def test_an_event_of_any_size_moves_its_journey(size: int, letter: str) -> None:
    world = World(ONE)
    world.publish("S", "ü" * 256, {"text": letter * (size // len(letter.encode()))})
    world.publish("a", "ü" * 256, {"text": letter * (size // len(letter.encode()))}, delay=2.0)
    world.run()
    assert world.journeys("ü" * 256) == [("SUCCEEDED", "Done")]
    assert nothing_is_left(world)


def test_the_end_of_a_journey_whose_input_is_too_big_for_a_status_event_closes_it_all_the_same() -> None:
    world = World(ONE, watching=True)
    entity = "ü" * 256
    world.publish("S", entity, {"text": "x" * 252_600})
    world.publish("a", entity, delay=2.0)
    world.run()
    (journey,) = [one["detail"] for one in world.reports if one["detail-type"] == "Journey Ended"]
    assert (journey["entityId"], journey["status"], journey["durationSeconds"]) == (entity, "SUCCEEDED", 2.0)
    assert "Executions.input" in {call.site for call in world.keeper.calls}
    assert world.table.partitions[f"one#{entity}"]["JOURNEY"]["status"] == {"S": "SUCCEEDED"}
    assert nothing_is_left(world)


def test_a_start_event_with_too_much_to_remember_claims_nothing() -> None:
    world = World(REMEMBERING)
    world.publish("S", "1", {"big": "x" * 135_000})
    world.run()
    assert world.journeys("1") == []
    assert len(world.outcome().dead_letters) == 1
    for delay, name in enumerate(["S", "a", "b"]):
        world.publish(name, "1", {"big": "x"}, delay=delay)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]


def test_an_event_with_too_much_to_remember_leaves_its_wait_open() -> None:
    world = World(REMEMBERING)
    world.publish("S", "1", {"big": "x" * 110_000})
    world.publish("a", "1", {"more": "y" * 80_000}, delay=1)
    world.run()
    assert world.journeys("1") == [("RUNNING", "A")]
    assert len(world.outcome().dead_letters) == 1
    world.publish("a", "1", {"more": "y"})
    world.publish("b", "1", delay=1)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
