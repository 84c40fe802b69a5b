"""What cannot be processed ends on a dead-letter queue with its reason in the log, and disturbs nothing else."""

import io
import json

import pytest

from correlation.definitions import CAR, ONE
from correlation.playing import nothing_is_left, play
from world import World
from world.gates import Fault

POISON = {
    "no JSON": ("not JSON", "the message's body is not JSON"),
    "no object": ("[1]", "it must be an object"),
    "no choreography": ('{"event":{}}', "the message has no 'choreography'"),
    "no settings": ('{"choreography":{"name":"x"},"event":{}}', "no 'stateMachineArn'"),
}


@pytest.mark.parametrize(("body", "reason"), POISON.values(), ids=POISON)
@pytest.mark.parametrize("queue", ["start", "event"])
def test_a_message_that_can_never_be_read_reaches_the_dead_letter_queue_after_its_tries(
    body: str, reason: str, queue: str, log: io.StringIO
) -> None:
    world = World(ONE, max_receives=3)
    world.queues[queue].send(body)
    world.publish("S", "1")
    world.publish("a", "1", delay=1.0)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.outcome().dead_letters == [body]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    said = [line for line in lines if reason in str(line.get("reason"))]
    assert [line["receive_count"] for line in said] == ["1", "2", "3"]
    assert {line["level"] for line in said} == {"ERROR"}


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({}, "carries no entity id"),
        ({"id": None}, "carries no entity id"),
        ({"id": [1]}, "is a list"),
        ({"id": "x" * 257}, "257"),
    ],
)
def test_an_event_without_a_usable_entity_id_says_so(detail: dict[str, object], reason: str, log: io.StringIO) -> None:
    world = World(ONE)
    settings = ONE.rules[1].settings
    event = {"id": "e", "source": "s", "detail-type": "a", "time": "2026-01-01T00:00:00Z", "detail": detail}
    world.queues["event"].send(f'{{"choreography":{settings},"event":{json.dumps(event)}}}')
    world.run()
    assert len(world.outcome().dead_letters) == 1
    assert reason in log.getvalue()


def test_one_bad_message_does_not_delay_its_neighbours_of_the_same_batch() -> None:
    world = World(ONE)
    for entity in ("1", "2"):
        world.publish("S", entity)
    world.settle()
    queue = world.queues["event"]
    before = queue.send("not JSON")
    for entity in ("1", "2"):
        world.publish("a", entity)
    after = queue.send("[]")
    world.deliver(queue, *queue.visible())
    world.settle()
    assert world.journeys("1") == world.journeys("2") == [("SUCCEEDED", "Done")]
    assert [message.receive_count for message in queue.messages if message in (before, after)] == [1, 1]
    world.run()
    assert world.deviations() == []
    assert world.outcome().dead_letters == ["not JSON", "[]"]


def test_dead_letters_put_back_are_processed_once_their_cause_is_mended() -> None:
    world = World(CAR, max_receives=2)
    taken = world.stepfunctions.machines.pop(CAR.machine_arn)
    world.publish("Car Announced", "1")
    world.run(seconds=1000)
    assert len(world.queues["start"].dead_letters) == 1
    assert world.executions == []
    world.stepfunctions.machines[CAR.machine_arn] = taken
    world.queues["start"].redrive()
    world.run()
    assert world.journeys("1") == [("RUNNING", "Announced")]
    assert nothing_is_left(world)


def test_a_stream_record_that_fails_does_not_block_its_shard_and_nothing_is_lost() -> None:
    world = World(ONE)
    world.publish("a", "1")
    world.settle()
    world.publish("S", "1")
    world.keeper.broken.add("query")
    world.run(seconds=30)
    world.keeper.broken.clear()
    assert world.table.stream == []
    assert len(world.stream_dead_letters) > 0
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.deviations() == []
    assert world.outcome().kept == {}


def test_an_error_that_nobody_foresaw_is_logged_and_the_message_comes_again(log: io.StringIO) -> None:
    world = World(ONE, fault=Fault(0, "fail before"), visibility_timeout=5.0)
    play(ONE, ["S", "a"], world=world)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert "message failed" in log.getvalue()
    assert "InternalServerError" in log.getvalue()
    assert nothing_is_left(world)
