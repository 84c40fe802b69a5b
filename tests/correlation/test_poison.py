"""What cannot be processed ends on a dead-letter queue with its reason in the log, and disturbs nothing else."""

import io
import json

import pytest

from correlation.definitions import CAR, ONE, small
from correlation.playing import nothing_is_left, play
from world import World, deployable
from world.gates import Fault, FaultKind

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
    world.keeper.broken.add("batch_get_item")
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


def wrapped(event: str) -> str:
    return f'{{"choreography":{ONE.rules[1].settings},"event":{event}}}'


def told(detail: str) -> str:
    event = {"id": "e", "source": "s", "detail-type": "a", "time": "2026-01-01T00:00:00Z", "detail": "@"}
    return wrapped(json.dumps(event).replace('"@"', detail))


ODD = {
    "a number beyond all bounds": (told('{"id":"1","x":1e400}'), "no AWS service takes this JSON"),
    "half of a surrogate pair": (told(r'{"id":"1","x":"\ud800"}'), "no AWS service takes this JSON"),
    "half a pair as an id": (told(r'{"id":"\ud800"}'), "no AWS service takes this JSON"),
    "nested too deep": (told('{"id":"1","x":' + "[" * 3_000 + "]" * 3_000 + "}"), "nested too deep"),
    "a long number as an id": (told('{"id":1' + "0" * 400 + "}"), "its entity id has 401 characters"),
    "settings that nobody foresaw": (told('{"id":"1"}').replace('"$.detail.id"', '"detail.id"'), "begin with '$'"),
    "settings that nothing checks": (told('{"id":"1"}').replace('"$.time"', '"time"'), "begin with '$'"),
}


@pytest.mark.parametrize(("body", "reason"), ODD.values(), ids=ODD)
def test_an_odd_message_says_so_and_its_neighbours_of_the_same_batch_go_their_way(
    body: str, reason: str, log: io.StringIO
) -> None:
    world = World(ONE)
    for entity in ("1", "2"):
        world.publish("S", entity)
    world.settle()
    queue = world.queues["event"]
    queue.send(body)
    for entity in ("1", "2"):
        world.publish("a", entity)
    world.deliver(queue, *queue.visible())
    world.settle()
    assert world.journeys("1") == world.journeys("2") == [("SUCCEEDED", "Done")]
    world.run()
    assert world.outcome().dead_letters == [body]
    assert world.deviations() == []
    assert reason in log.getvalue()


PARCELS = small(
    "parcels",
    "  E:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {d: Z}}, Z: succeed}}\n"
    "    next: Done\n  Done: succeed",
)


@pytest.mark.parametrize("key", [10**400, {"no": "key"}, None, True, 1.5e300])
def test_an_event_with_an_odd_key_of_an_item_disturbs_no_other_item(key: object) -> None:
    world = World(PARCELS)
    world.publish("d", "1", {"p": key})
    world.publish("S", "1", {"ps": ["p1", "p2"]}, delay=2)
    world.publish("d", "1", {"p": "p1"}, delay=4)
    world.publish("d", "1", {"p": "p2"}, delay=6)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert [one["event"]["eventId"] for one in world.deviations()] == ["00000001-d"]
    assert world.outcome().dead_letters == []


def test_what_is_no_key_is_not_that_of_the_item_without_letters() -> None:
    world = World(PARCELS)
    world.publish("S", "1", {"ps": ["", "p2"]})
    world.publish("d", "1", {"p": {"no": "key"}}, delay=1)
    world.publish("d", "1", {"p": "p2"}, delay=2)
    world.run(seconds=50)
    assert world.journeys("1") == [("RUNNING", "E")]
    world.publish("d", "1", {"p": ""})
    world.run(seconds=5)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]


GREEDY = deployable(
    """
choreography: greedy
source: s
start: {S: {remember: {big: detail.big}}}
states:
  A: {await: {a: [{remember: {more: detail.more}, next: B}]}}
  B: {await: {b: [{remembered: {big: [x]}, next: Done}, {remembered: {more: [x]}, next: Done}, {otherwise: Done}]}}
  Done: succeed
"""
)
#: With what the journey remembers already, and twice over, it is more than Step Functions takes.
TOO_MUCH = {"more": "y" * 80_000}


def test_a_kept_event_too_big_to_be_remembered_is_set_aside_and_the_next_goes_its_way() -> None:
    world = World(GREEDY)
    big = world.publish("a", "1", TOO_MUCH)
    world.publish("S", "1", {"big": "x" * 110_000}, delay=5)
    world.publish("a", "1", {"more": "z"}, time=20, delay=20)
    world.publish("b", "1", time=40, delay=40)
    world.run(seconds=60)
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    (deviation,) = world.deviations()
    assert (deviation["event"]["eventId"], deviation["reason"]) == (big, "TooBigToRemember")
    assert "Step Functions takes" in deviation["cause"]
    assert "yyy" not in json.dumps(world.reports)
    world.run()
    assert nothing_is_left(world)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("kind", ["die before", "die after", "fail before", "fail after"])
def test_whatever_call_goes_wrong_on_the_way_it_is_set_aside_once_one_way_or_the_other(kind: FaultKind) -> None:
    def played(fault: Fault | None) -> World:
        world = World(GREEDY, fault=fault, watching=fault is None)
        world.publish("a", "1", TOO_MUCH)
        world.publish("S", "1", {"big": "x" * 110_000}, delay=5)
        world.publish("a", "1", {"more": "z"}, time=400, delay=400)
        world.run()
        return world

    undisturbed = played(None)
    for call in undisturbed.keeper.calls:
        world = played(Fault(call.number, kind))
        assert world.journeys("1") == undisturbed.journeys("1"), f"{kind} at {call}"
        assert world.outcome().kept == {}
        assert world.stream_dead_letters == []
        # Where it was not kept before the journey waited for it, it has its message still.
        assert len(world.outcome().deviations) + len(world.outcome().dead_letters) == 1


def test_one_that_is_awaited_when_it_comes_ends_on_the_dead_letter_queue_with_its_reason(log: io.StringIO) -> None:
    world = World(GREEDY)
    world.publish("S", "1", {"big": "x" * 110_000})
    world.publish("a", "1", TOO_MUCH, delay=5)
    world.publish("a", "1", {"more": "z"}, time=20, delay=20)
    world.run(seconds=30)
    assert world.journeys("1") == [("RUNNING", "B")]
    world.run()
    (dead,) = world.outcome().dead_letters
    assert '"more":"yyy' in dead
    assert "Step Functions takes" in log.getvalue()
    assert "yyy" not in log.getvalue()
