"""An execution that was redriven goes on as if it had never ended."""

import pytest

from correlation.definitions import SEQUENCE, small
from world import World

PAUSED = small("paused", "  A: {wait: 1h, next: B}\n  B: {await: {b: Done}}\n  Done: succeed")


def aborted(world: World, seconds: float = 5.0) -> str:
    """Abort the journey of entity 1 and let the functions hear of it; return its execution."""
    world.publish("S", "1")
    world.run(seconds=seconds)
    arn = world.executions[0].arn
    world.clients["stepfunctions"].stop_execution(executionArn=arn)
    return arn


def redrive(world: World, arn: str) -> None:
    world.run(seconds=5)
    world.clients["stepfunctions"].redrive_execution(executionArn=arn)


def test_late_word_of_the_end_before_does_not_close_it() -> None:
    world = World(SEQUENCE)
    arn = aborted(world)
    word = world.queues["event"].visible()[-1].body
    redrive(world, arn)
    world.run(seconds=5)
    world.queues["event"].send(word)
    world.run(seconds=5)
    assert world.table.partitions["sequence#1"]["JOURNEY"]["status"] == {"S": "RUNNING"}
    assert [one["detail-type"] for one in world.reports] == ["Journey Ended"]
    world.publish("S", "1", delay=1)
    world.publish("a", "1", delay=2)
    world.publish("b", "1", delay=3)
    world.run(seconds=200)
    assert world.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    assert world.deviations() == []


@pytest.mark.parametrize(("minutes", "status", "questions"), [(4, "ABORTED", 0), (6, "RUNNING", 1)])
def test_word_of_an_end_that_is_minutes_old_is_doubted(minutes: int, status: str, questions: int) -> None:
    world = World(PAUSED, watching=True)
    arn = aborted(world)
    word = world.queues["event"].visible()[-1]
    world.queues["event"].messages.remove(word)
    redrive(world, arn)
    world.run(seconds=minutes * 60)
    world.queues["event"].send(word.body)
    world.run(seconds=5)
    assert world.table.partitions["paused#1"]["JOURNEY"]["status"] == {"S": status}
    assert [call.site for call in world.keeper.calls].count("Executions.was_redriven") == questions
    world.publish("b", "1", delay=3_600)
    world.run(seconds=2 * 3_600)
    assert world.journeys("1")[0][0] == "SUCCEEDED"


def test_word_of_an_end_counts_where_step_functions_lags_behind_it() -> None:
    world = World(SEQUENCE)
    world.publish("S", "1")
    world.run(seconds=5)
    execution = world.executions[0]
    world.clients["stepfunctions"].stop_execution(executionArn=execution.arn)
    execution.status = "RUNNING"
    world.run(seconds=1)
    execution.status = "ABORTED"
    assert [one["detail"]["status"] for one in world.reports] == ["ABORTED"]


def test_no_second_journey_begins_while_it_pauses_and_the_table_knows_only_its_end() -> None:
    world = World(PAUSED)
    redrive(world, aborted(world))
    world.publish("S", "1", delay=1)
    world.run(seconds=30)
    assert world.journeys("1") == [("RUNNING", "A")]
    world.publish("b", "1", delay=3_600)
    world.run(seconds=2 * 3_600)
    assert world.journeys("1")[0][0] == "SUCCEEDED"


def test_a_failed_journey_makes_room_for_the_next() -> None:
    world = World(SEQUENCE)
    aborted(world)
    world.run(seconds=5)
    world.publish("S", "1")
    world.run(seconds=5)
    assert [status for status, _ in world.journeys("1")] == ["ABORTED", "RUNNING"]


@pytest.mark.parametrize("before_submitted", ["refused", "taken"])
def test_an_event_that_comes_as_its_task_is_scheduled_again_moves_it(before_submitted: str) -> None:
    world = World(SEQUENCE)
    arn = aborted(world)
    world.run(seconds=5)
    world.stepfunctions.before_submitted = before_submitted  # type: ignore[assignment]
    world.clients["stepfunctions"].redrive_execution(executionArn=arn)
    (stored,) = [action for action in world.actions() if "stored" in action.label]
    stored.do()
    world.publish("a", "1")
    (delivered,) = [action for action in world.actions() if "deliver" in action.label]
    delivered.do()
    world.publish("b", "1", delay=30)
    world.run(seconds=3_600)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.outcome().dead_letters == []
