"""The same message under two of EventBridge's ids counts once, as the one that was recorded first."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from correlation.interleaving import Meeting, deliveries, schedules
from correlation.playing import nothing_is_left
from fake_aws import FakeAws, deployable
from fake_aws.gates import Fault, FaultKind, differs

#: What is remembered of an event, and the way it takes, must come of one and the same message.
CHOREOGRAPHY = deployable(
    """
choreography: own-ids
source: s
capture: all
unexpected: fail
id: $.detail.message
start: {S: {remember: {began: detail.k}}}
events: {b: {id: $.id}}
states:
  Early: {await: {w: A}}
  A:
    await:
      a: [{when: {k: [1]}, remember: {m: detail.k}, next: One}, {when: {k: [2]}, remember: {m: detail.k}, next: Two}]
  One: {await: {b: DoneOne}}
  Two: {await: {b: DoneTwo}}
  DoneOne: succeed
  DoneTwo: succeed
"""
)

KINDS: tuple[FaultKind, ...] = ("die before", "die after", "fail before", "fail after", "conflict")


def _fake_aws(fault: Fault | None = None) -> FakeAws:
    return FakeAws(CHOREOGRAPHY, visibility_timeout=1.0, max_receives=20, watching=True, fault=fault)


def _twice(aws: FakeAws, name: str, *, time: float = 0.0, apart: float = 0.0) -> None:
    """The message is published twice, with another detail the second time."""
    for number in (1, 2):
        at = time + (number - 1) * apart
        aws.publish(name, "1", {"k": number, "message": f"{name}#1"}, event_id=f"{name}-{number}", time=at, delay=at)


def _published(aws: FakeAws, name: str, time: float) -> None:
    aws.publish(name, "1", {}, time=time, delay=time)


def _awaited(aws: FakeAws, apart: float = 0.0) -> None:
    for position, name in enumerate("Sw"):
        _published(aws, name, position * 5.0)
    _twice(aws, "a", time=10, apart=apart)
    _published(aws, "b", 40)


def _early(aws: FakeAws, apart: float = 0.0) -> None:
    _published(aws, "S", 0)
    _twice(aws, "a", time=5, apart=apart)
    _published(aws, "w", 20)
    _published(aws, "b", 40)


def _starting(aws: FakeAws, apart: float = 0.0) -> None:
    _twice(aws, "S", apart=apart)
    _published(aws, "w", 30)
    aws.publish("a", "1", {"k": 1}, time=35, delay=35)
    _published(aws, "b", 40)


def _is_of_one_message(aws: FakeAws) -> bool:
    """One journey, moved once by each message; the way, the memory and the detail are those of one of the two."""
    (execution,) = aws.executions
    answers = execution.history.answers()
    start, moves = execution.input["event"], {one["eventName"]: one for one in answers}
    taken = moves["a"]["detail"]["k"]
    assert start["remembered"] == ({"began": start["detail"]["k"]} if "k" in start["detail"] else {})
    assert [one["eventName"] for one in answers] == ["w", "a", "b"]
    assert moves["a"]["remembered"]["m"] == taken
    assert aws.journeys("1") == [("SUCCEEDED", {1: "DoneOne", 2: "DoneTwo"}[taken])]
    assert aws.deviations() == []
    return nothing_is_left(aws)


SCENES = [_awaited, _early, _starting]


@pytest.mark.parametrize("publish", SCENES)
@pytest.mark.parametrize("apart", [0.0, 1.0, 12.0, 50.0, 3_000.0])
def test_a_message_counts_once_however_late_it_is_published_again(publish: Callable[..., None], apart: float) -> None:
    aws = _fake_aws()
    publish(aws, apart)
    aws.run(seconds=7_200)
    assert _is_of_one_message(aws)
    assert ("SUCCEEDED", "DoneOne") in aws.journeys("1")


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("publish", SCENES)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_goes_wrong_with_the_first_it_counts_as_one_of_the_two(
    publish: Callable[..., None], kind: FaultKind
) -> None:
    undisturbed = _fake_aws()
    publish(undisturbed)
    undisturbed.run()
    for call in undisturbed.keeper.calls:
        if differs(kind, call):
            aws = _fake_aws(Fault(call.number, kind))
            publish(aws)
            aws.run()
            assert _is_of_one_message(aws), f"{kind} at {call}"


def _both_awaited() -> Meeting:
    aws = _fake_aws()
    for name in "Sw":
        aws.publish(name, "1", {})
        aws.run(seconds=10)
    _twice(aws, "a")
    _published(aws, "b", 40)
    return aws, deliveries(aws)


def _both_early() -> Meeting:
    aws = _fake_aws()
    aws.publish("S", "1", {})
    aws.run(seconds=10)
    _twice(aws, "a")
    _published(aws, "w", 20)
    _published(aws, "b", 40)
    return aws, deliveries(aws)


def _both_starting() -> Meeting:
    aws = _fake_aws()
    _starting(aws)
    return aws, deliveries(aws)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("meet", [_both_awaited, _both_early, _both_starting])
def test_two_messages_at_a_time_count_as_one_of_the_two(meet: Callable[[], Meeting]) -> None:
    for aws, schedule in schedules(meet):
        aws.run()
        assert _is_of_one_message(aws), schedule.went


def test_a_claim_that_was_never_sent_is_finished_with_its_own_payload_by_the_other_message() -> None:
    undisturbed = _fake_aws()
    _awaited(undisturbed)
    undisturbed.run()
    sends = [call for call in undisturbed.keeper.calls if call.operation == "send_task_success"]
    claimed = sends[1]
    aws = FakeAws(CHOREOGRAPHY, visibility_timeout=500.0, watching=True, fault=Fault(claimed.number, "die before"))
    _awaited(aws, apart=1.0)
    aws.run(seconds=20)
    moved = [one for one in aws.executions[0].history.answers() if one["eventName"] == "a"]
    assert [(one["detail"]["k"], one["eventBridgeId"]) for one in moved] == [(1, "a-1")]


def test_an_event_without_an_id_of_its_own_has_eventbridges() -> None:
    aws = _fake_aws()
    values: list[Any] = [None, "", True, [1], {}]
    for message in values:
        aws.publish("x", "1", {"message": message})
    aws.run()
    assert [one["event"]["eventId"] for one in aws.deviations()] == [f"{number:08}-x" for number in range(1, 6)]


def test_the_same_id_of_another_source_or_another_entity_is_another_event() -> None:
    settings = "choreography: o\nsource: [s, t]\ncapture: all\nid: $.detail.n\nstart: S"
    aws = FakeAws(deployable(f"{settings}\nstates: {{A: succeed}}"))
    published: list[tuple[str, dict[str, Any]]] = [("1", {"source": "s"}), ("1", {"source": "t"}), ("2", {})]
    for entity, more in published:
        aws.publish("x", entity, {"n": 7}, **more)
    aws.run()
    ids = sorted((one["entityId"], one["event"]["eventId"]) for one in aws.deviations())
    assert ids == [("1", "own:s|7"), ("1", "own:t|7"), ("2", "own:s|7")]


def test_a_report_says_both_ids() -> None:
    aws = _fake_aws()
    _twice(aws, "x")
    aws.run()
    (deviation,) = aws.deviations()
    assert deviation["event"] | {"time": ""} == {
        "eventName": "x",
        "eventId": "own:s|x%231",
        "eventBridgeId": "x-1",
        "time": "",
        "known": False,
    }
    assert "(id own:s|x%231, EventBridge's x-1, time " in deviation["cause"]
    assert nothing_is_left(aws)


def test_a_journey_that_fails_by_such_an_event_is_found_by_it_in_the_history() -> None:
    aws = _fake_aws()
    _published(aws, "S", 0)
    _twice(aws, "x", time=5)
    aws.run(seconds=600)
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert len(aws.deviations()) == 1
    assert nothing_is_left(aws)


def test_rules_say_where_the_id_is_and_of_which_events_it_is_not_asked() -> None:
    asked = {
        name: settings.get("id")
        for rule in CHOREOGRAPHY.rules
        for settings in [json.loads(rule.settings)]
        for name in settings["events"]
    }
    assert asked == {"S": "$.detail.message", "w": "$.detail.message", "a": "$.detail.message", "b": None}


def test_a_log_line_has_both_ids_of_an_event_and_no_second_one_where_there_is_none(log: io.StringIO) -> None:
    aws = _fake_aws()
    _awaited(aws)
    aws.run(seconds=60)
    told = [
        line for line in map(json.loads, log.getvalue().splitlines()) if line.get("message", "").endswith("journey")
    ]
    ids = {line["event_name"]: {key: line[key] for key in line if key.endswith("_id")} for line in told}
    assert ids["a"] == {"entity_id": "1", "event_id": "own:s|a%231", "eventbridge_id": "a-1"}
    assert ids["w"].keys() == {"entity_id", "event_id"}
