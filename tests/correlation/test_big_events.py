"""Events up to EventBridge's megabyte move their journeys, cut down to what the choreography reads."""

import pytest

from correlation.definitions import CAR, ONE, REMEMBERING, REMEMBERING_OWN
from correlation.playing import nothing_is_left
from fake_aws import Deployed, FakeAws

MUCH = "x" * 900_000


@pytest.mark.parametrize("early", [False, True])
def test_a_big_event_moves_its_journey_with_only_what_is_read(early: bool) -> None:
    aws = FakeAws(CAR)
    aws.publish("Car Announced", "1", {"photo": MUCH}, delay=5.0 if early else 0.0)
    event_id = aws.publish("Inspection Completed", "1", {"result": "Success", "report": MUCH}, delay=1.0)
    aws.run(seconds=20)
    assert aws.journeys("1") == [("RUNNING", "InPreparation")]
    assert aws.executions[0].input["event"]["detail"] == {}
    assert aws.executions[0].input["event"]["detailOmitted"] is True
    data = aws.executions[0].root.data["event"]
    assert data["eventId"] == event_id
    assert (data["detail"], data["detailOmitted"]) == ({"result": "Success"}, True)


@pytest.mark.parametrize("size", [100, 200_000, 245_000, 253_000, 255_000, 262_000, 400_000, 900_000])
@pytest.mark.parametrize("letter", ["x", "é", "\\", "\u0007"], ids=["ascii", "two bytes", "escaped", "control"])
def test_an_event_of_any_size_moves_its_journey(size: int, letter: str) -> None:
    aws = FakeAws(ONE)
    aws.publish("S", "ü" * 256, {"text": letter * (size // len(letter.encode()))})
    aws.publish("a", "ü" * 256, {"text": letter * (size // len(letter.encode()))}, delay=2.0)
    aws.run()
    assert aws.journeys("ü" * 256) == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_the_end_of_a_journey_whose_input_is_too_big_for_a_status_event_closes_it_all_the_same() -> None:
    aws = FakeAws(ONE, watching=True)
    entity = "ü" * 256
    aws.publish("S", entity, {"text": "x" * 252_600})
    aws.publish("a", entity, delay=2.0)
    aws.run()
    (journey,) = [one["detail"] for one in aws.reports if one["detail-type"] == "Journey Ended"]
    assert (journey["entityId"], journey["status"], journey["durationSeconds"]) == (entity, "SUCCEEDED", 2.0)
    assert "Executions.completed" in {call.site for call in aws.keeper.calls}
    assert aws.table.partitions[f"one#{entity}"]["JOURNEY"]["status"] == {"S": "SUCCEEDED"}
    assert nothing_is_left(aws)


def test_a_start_event_with_too_much_to_remember_claims_nothing() -> None:
    aws = FakeAws(REMEMBERING)
    aws.publish("S", "1", {"big": "x" * 135_000})
    aws.run()
    assert aws.journeys("1") == []
    assert len(aws.outcome().dead_letters) == 1
    for delay, name in enumerate(["S", "a", "b"]):
        aws.publish(name, "1", {"big": "x"}, delay=delay)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]


def test_an_event_with_too_much_to_remember_leaves_its_wait_open() -> None:
    aws = FakeAws(REMEMBERING)
    aws.publish("S", "1", {"big": "x" * 110_000})
    aws.publish("a", "1", {"more": "y" * 80_000}, delay=1)
    aws.run()
    assert aws.journeys("1") == [("RUNNING", "A")]
    assert len(aws.outcome().dead_letters) == 1
    aws.publish("a", "1", {"more": "y"})
    aws.publish("b", "1", delay=1)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]


@pytest.mark.parametrize("definition", [REMEMBERING, REMEMBERING_OWN], ids=["EventBridge's ids", "own ids"])
@pytest.mark.parametrize("early", [True, False])
def test_a_big_event_moves_a_journey_that_remembers_much(definition: Deployed, early: bool) -> None:
    """Its row has 400 KB for both: the event, where that is kept or has an own id, and what is remembered."""
    aws = FakeAws(definition)
    aws.publish("S", "1", {"big": "x" * 110_000, "message": "1"})
    aws.publish("a", "1", {"more": "y" * 60_000, "message": "2"}, delay=5)
    aws.publish("b", "1", {"text": "z" * 250_000, "message": "3"}, delay=1 if early else 9)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)
