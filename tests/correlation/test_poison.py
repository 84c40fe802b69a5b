"""What cannot be processed ends on a dead-letter queue with its reason in the log, and disturbs nothing else."""

import io
import json

import pytest

from correlation.definitions import CAR, ONE, REMEMBERING, small
from correlation.playing import nothing_is_left, play
from fake_aws import FakeAws
from fake_aws.gates import Fault, FaultKind, differs

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
    aws = FakeAws(ONE, max_receives=3)
    aws.queues[queue].send(body)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=1.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.outcome().dead_letters == [body]
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
    aws = FakeAws(ONE)
    settings = ONE.rules[1].settings
    event = {"id": "e", "source": "s", "detail-type": "a", "time": "2026-01-01T00:00:00Z", "detail": detail}
    aws.queues["event"].send(f'{{"choreography":{settings},"event":{json.dumps(event)}}}')
    aws.run()
    assert len(aws.outcome().dead_letters) == 1
    assert reason in log.getvalue()


def test_one_bad_message_does_not_delay_its_neighbours_of_the_same_batch() -> None:
    aws = FakeAws(ONE)
    for entity in ("1", "2"):
        aws.publish("S", entity)
    aws.settle()
    queue = aws.queues["event"]
    before = queue.send("not JSON")
    for entity in ("1", "2"):
        aws.publish("a", entity)
    after = queue.send("[]")
    aws.deliver(queue, *queue.visible())
    aws.settle()
    assert aws.journeys("1") == aws.journeys("2") == [("SUCCEEDED", "Done")]
    assert [message.receive_count for message in queue.messages if message in (before, after)] == [1, 1]
    aws.run()
    assert aws.deviations() == []
    assert aws.outcome().dead_letters == ["not JSON", "[]"]


def test_dead_letters_put_back_are_processed_once_their_cause_is_mended() -> None:
    aws = FakeAws(CAR, max_receives=2)
    taken = aws.stepfunctions.machines.pop(CAR.machine_arn)
    aws.publish("Car Announced", "1")
    aws.run(seconds=1000)
    assert len(aws.queues["start"].dead_letters) == 1
    assert aws.executions == []
    aws.stepfunctions.machines[CAR.machine_arn] = taken
    aws.queues["start"].redrive()
    aws.run()
    assert aws.journeys("1") == [("RUNNING", "Announced")]
    assert nothing_is_left(aws)


def test_a_stream_record_that_fails_does_not_block_its_shard_and_nothing_is_lost() -> None:
    aws = FakeAws(ONE)
    aws.publish("a", "1")
    aws.settle()
    aws.publish("S", "1")
    aws.keeper.broken.add("batch_get_item")
    aws.run(seconds=30)
    aws.keeper.broken.clear()
    assert aws.table.stream == []
    assert len(aws.stream_dead_letters) > 0
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert aws.outcome().kept == {}


def test_an_error_that_nobody_foresaw_is_logged_and_the_message_comes_again(log: io.StringIO) -> None:
    aws = FakeAws(ONE, fault=Fault(0, "fail before"), visibility_timeout=5.0)
    play(ONE, ["S", "a"], aws=aws)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert "message failed" in log.getvalue()
    assert "InternalServerError" in log.getvalue()
    assert nothing_is_left(aws)


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
    aws = FakeAws(ONE)
    for entity in ("1", "2"):
        aws.publish("S", entity)
    aws.settle()
    queue = aws.queues["event"]
    queue.send(body)
    for entity in ("1", "2"):
        aws.publish("a", entity)
    aws.deliver(queue, *queue.visible())
    aws.settle()
    assert aws.journeys("1") == aws.journeys("2") == [("SUCCEEDED", "Done")]
    aws.run()
    assert aws.outcome().dead_letters == [body]
    assert aws.deviations() == []
    assert reason in log.getvalue()


PARCELS = small(
    "parcels",
    "  E:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {d: Z}}, Z: succeed}}\n"
    "    next: Done\n  Done: succeed",
)


@pytest.mark.parametrize("key", [10**400, {"no": "key"}, None, True, 1.5e300])
def test_an_event_with_an_odd_key_of_an_item_disturbs_no_other_item(key: object) -> None:
    aws = FakeAws(PARCELS)
    aws.publish("d", "1", {"p": key})
    aws.publish("S", "1", {"ps": ["p1", "p2"]}, delay=2)
    aws.publish("d", "1", {"p": "p1"}, delay=4)
    aws.publish("d", "1", {"p": "p2"}, delay=6)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [one["event"]["eventId"] for one in aws.deviations()] == ["00000001-d"]
    assert aws.outcome().dead_letters == []


def test_what_is_no_key_is_not_that_of_the_item_without_letters() -> None:
    aws = FakeAws(PARCELS)
    aws.publish("S", "1", {"ps": ["", "p2"]})
    aws.publish("d", "1", {"p": {"no": "key"}}, delay=1)
    aws.publish("d", "1", {"p": "p2"}, delay=2)
    aws.run(seconds=50)
    assert aws.journeys("1") == [("RUNNING", "E")]
    aws.publish("d", "1", {"p": ""})
    aws.run(seconds=5)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]


#: With what the journey remembers already, and twice over, it is more than Step Functions takes.
TOO_MUCH = {"more": "y" * 80_000}


def test_a_kept_event_too_big_to_be_remembered_is_set_aside_and_the_next_goes_its_way() -> None:
    aws = FakeAws(REMEMBERING)
    big = aws.publish("a", "1", TOO_MUCH)
    aws.publish("S", "1", {"big": "x" * 110_000}, delay=5)
    aws.publish("a", "1", {"more": "z"}, time=20, delay=20)
    aws.publish("b", "1", time=40, delay=40)
    aws.run(seconds=60)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    (deviation,) = aws.deviations()
    assert (deviation["event"]["eventId"], deviation["reason"]) == (big, "TooBigToRemember")
    assert "Step Functions takes" in deviation["cause"]
    assert "yyy" not in json.dumps(aws.reports)
    aws.run()
    assert nothing_is_left(aws)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("kind", ["die before", "die after", "fail before", "fail after"])
def test_whatever_call_goes_wrong_on_the_way_it_is_set_aside_once_one_way_or_the_other(kind: FaultKind) -> None:
    def played(fault: Fault | None) -> FakeAws:
        aws = FakeAws(REMEMBERING, fault=fault, watching=fault is None)
        aws.publish("a", "1", TOO_MUCH)
        aws.publish("S", "1", {"big": "x" * 110_000}, delay=5)
        aws.publish("a", "1", {"more": "z"}, time=400, delay=400)
        aws.run()
        return aws

    undisturbed = played(None)
    for call in (call for call in undisturbed.keeper.calls if differs(kind, call)):
        aws = played(Fault(call.number, kind))
        assert aws.journeys("1") == undisturbed.journeys("1"), f"{kind} at {call}"
        assert aws.outcome().kept == {}
        assert aws.stream_dead_letters == []
        # Where it was not kept before the journey waited for it, it has its message still.
        assert len(aws.outcome().deviations) + len(aws.outcome().dead_letters) == 1


def test_one_that_is_awaited_when_it_comes_ends_on_the_dead_letter_queue_with_its_reason(log: io.StringIO) -> None:
    aws = FakeAws(REMEMBERING)
    aws.publish("S", "1", {"big": "x" * 110_000})
    aws.publish("a", "1", TOO_MUCH, delay=5)
    aws.publish("a", "1", {"more": "z"}, time=20, delay=20)
    aws.run(seconds=30)
    assert aws.journeys("1") == [("RUNNING", "B")]
    aws.run()
    (dead,) = aws.outcome().dead_letters
    assert '"more":"yyy' in dead
    assert "Step Functions takes" in log.getvalue()
    assert "yyy" not in log.getvalue()
