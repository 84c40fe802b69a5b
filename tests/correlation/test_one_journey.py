"""One running journey per entity and choreography; any id; choreographies never meet."""

import re
from itertools import permutations
from typing import Any

import pytest

from correlation.definitions import (
    APART,
    CHOICE,
    ONE,
    ONE_IGNORING,
    ONE_NAME,
    ORDER,
    SEQUENCE,
    STEP,
    STEP_FALLBACK,
    STEP_LOOP,
    STEP_REMEMBERING,
)
from correlation.playing import nothing_is_left, play
from correlation.scenes import SCENES
from fake_aws import Deployed, FakeAws, Randomly
from fake_aws.clock import EPOCH
from fake_aws.errors import client_error

#: A start event that says something else than the first.
ANOTHER = ("S", {"number": 2})


def test_a_second_start_while_a_journey_runs_is_a_deviation() -> None:
    aws = play(SEQUENCE, ["S", ANOTHER, "a"], times=[0, 1, 2])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (deviation,) = aws.deviations()
    assert deviation["reason"] == "SecondStart"
    assert deviation["states"] == [{"state": "B", "accepts": ["b"]}]
    assert nothing_is_left(aws)


def test_with_the_policy_report_a_second_start_is_reported_and_the_journey_goes_on() -> None:
    aws = play(ONE_IGNORING, ["S", ANOTHER, "a"], times=[0, 1, 200])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("choreography", [ONE, ONE_IGNORING], ids=["fail", "report"])
def test_a_start_that_is_published_again_while_its_journey_runs_is_a_duplicate(choreography: Deployed) -> None:
    begins = ("S", {"order": {"items": [1, "1", 1.0], "note": None}})
    again = ("S", {"order": {"note": None, "items": [1.0, "1", 1]}})
    aws = play(choreography, [begins, again, "a"], times=[0, 1, 200])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 1
    assert nothing_is_left(aws)


@pytest.mark.parametrize("detail", [{"n": "1"}, {"n": True}, {"n": 1, "more": None}, {}])
def test_a_start_that_says_anything_else_than_the_first_is_no_duplicate(detail: dict[str, object]) -> None:
    aws = play(ONE_IGNORING, [("S", {"n": 1}), ("S", detail), "a"], times=[0, 1, 200])
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]
    assert nothing_is_left(aws)


def test_of_a_start_too_big_to_be_kept_whole_nobody_knows_whether_another_says_the_same() -> None:
    big = ("S", {"text": "x" * 260_000})
    aws = play(ONE_IGNORING, [big, big, "a"], times=[0, 1, 200])
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]


def test_a_start_like_that_of_a_journey_before_is_a_second_start() -> None:
    aws = FakeAws(ONE_IGNORING)
    for at, (name, detail) in [(0, ("S", {})), (1, ("a", {})), (2, ANOTHER), (3, ("S", {})), (300, ("a", {}))]:
        aws.publish(name, "1", detail, time=at, delay=at)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 2
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]


def test_a_duplicate_that_is_delivered_again_is_dropped_again() -> None:
    aws = FakeAws(ONE_IGNORING)
    aws.publish("S", "1")
    aws.publish("S", "1", event_id="again", time=1, delay=1.0)
    aws.publish("S", "1", event_id="again", time=1, delay=400.0)
    aws.publish("a", "1", delay=500.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


_PLACED, _PAID, _SENT = (("e", {"to": status}) for status in ("placed", "paid", "sent"))


@pytest.mark.parametrize("arrivals", list(permutations((0.0, 1.0, 2.0))))
def test_one_event_may_begin_and_move_a_journey_in_whatever_order_it_comes(arrivals: tuple[float, ...]) -> None:
    aws = play(ONE_NAME, [_PLACED, _PAID, _SENT], times=[0, 10, 20], arrivals=arrivals)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_one_that_begins_a_journey_never_moves_the_one_that_runs() -> None:
    aws = play(ONE_NAME, [_PLACED, _PAID, ("e", {"to": "placed", "number": 2})], times=[0, 10, 20])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]
    assert nothing_is_left(aws)


def test_where_the_name_is_accepted_the_cause_says_that_the_event_is_not_like_it() -> None:
    aws = play(ONE_NAME, [_PLACED, _SENT], times=[0, 10])
    (deviation,) = aws.deviations()
    assert deviation["cause"].endswith("state 'Placed' accepts 'e', but none like this one.")


def test_one_that_moves_a_journey_never_begins_one() -> None:
    aws = play(ONE_NAME, [_PAID])
    assert aws.journeys("1") == []
    assert [one["reason"] for one in aws.deviations()] == ["NoJourney"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("status_events", ["sent", "dropped"])
@pytest.mark.parametrize("pause", [0.0, 5.0, 500.0])
def test_after_its_journey_has_ended_an_entity_begins_a_new_one(status_events: str, pause: float) -> None:
    aws = FakeAws(ONE, status_events=status_events)  # type: ignore[arg-type]
    for at, name in enumerate(["S", "a", "S", "a", "S", "a"]):
        aws.publish(name, "1", delay=at * pause + at * 0.01, time=at * pause)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 3
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_start_that_comes_a_little_before_the_end_of_the_journey_before_begins_the_next() -> None:
    aws = play(ONE, ["S", "a", "S", "a"], times=[0, 10, 12, 40], arrivals=[0.0, 30.0, 12.0, 40.0])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 2
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_start_that_waits_for_the_end_of_the_journey_before_begins_the_next_at_that_moment() -> None:
    aws = play(ONE, ["S", "a", "S"], times=[0, 10, 12], arrivals=[0.0, 30.0, 12.0])
    first, second = aws.executions
    assert first.stopped_at == second.started_at == EPOCH + 30.0


def test_of_two_starts_that_wait_for_the_end_of_the_journey_before_the_older_begins_the_next() -> None:
    aws = play(ONE, ["S", "a", "S", "S"], times=[0, 10, 12, 11], arrivals=[0.0, 30.0, 12.0, 13.0])
    assert [one.input["event"]["time"][-3:] for one in aws.executions] == ["00Z", "11Z"]


def test_a_kept_start_that_is_delivered_again_and_begins_the_next_journey_is_kept_no_longer() -> None:
    aws = FakeAws(ONE, status_events="dropped")
    aws.publish("S", "1")
    aws.publish("S", "1", event_id="second", delay=10.0)
    aws.publish("a", "1", delay=10.5)
    aws.publish("S", "1", event_id="second", delay=11.0)  # before it is looked at again of itself
    aws.publish("a", "1", delay=12.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 2
    assert nothing_is_left(aws)


@pytest.mark.parametrize("status_events", ["sent", "dropped"])
def test_an_event_waits_for_the_kept_start_that_begins_its_journey(status_events: str) -> None:
    aws = FakeAws(SEQUENCE, status_events=status_events)  # type: ignore[arg-type]
    for name, at in [("S", 0.0), ("a", 1.0), ("a", 100.0), ("S", 101.0), ("b", 140.0), ("b", 170.0)]:
        aws.publish(name, "1", time=at, delay=at)  # the second a's grace period ends before the second S is looked at
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 2
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("seed", range(10))
def test_of_two_start_events_handed_over_at_their_deadline_one_begins_a_journey_and_one_is_a_deviation(
    seed: int,
) -> None:
    aws = FakeAws(ONE)
    for second, at in enumerate([0.0, 1.0, 2.0, 2.0]):  # the second fails the first's journey a second before
        aws.publish("S", "1", {"number": second}, time=float(second), delay=at)
    aws.run(Randomly(seed), seconds=230)
    aws.publish("a", "1")
    aws.run(Randomly(seed))
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent"), ("FAILED", "UnexpectedEvent")]
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart", "SecondStart", "JourneyEnded"]
    assert nothing_is_left(aws)


def test_equal_ids_in_two_choreographies_never_meet() -> None:
    aws = FakeAws(SEQUENCE, CHOICE)  # both hear S and a of the same source
    for name in ("S", "c"):
        aws.publish(name, "1")
        aws.run(seconds=1)
    aws.run()
    assert sorted((one.input["choreography"], one.end) for one in aws.executions) == [
        ("choice", "Other"),
        ("sequence", "UnexpectedEvent"),
    ]
    assert [one["choreography"] for one in aws.deviations()] == ["sequence"]
    assert nothing_is_left(aws)


ODD_IDS = [
    "a/b",
    "with space",
    "#",
    "order#1",
    "1#EVENT#2",
    "日本語のお客様",
    "ключ",
    "🚗",
    "a" * 256,
    "ü" * 256,
    "<tag> & \"quotes\" 'single' \\ back",
    "line\nbreak\ttab",
    "no character: \ufffe\uffff",
    "${partition}",
    "JOURNEY",
    "..",
]


@pytest.mark.parametrize("entity", ODD_IDS, ids=ascii)
def test_any_text_is_an_entity_id(entity: str) -> None:
    series = ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]
    aws = play(ORDER, series, entity=entity)
    assert aws.journeys(entity) == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert re.fullmatch(r"[0-9A-Za-z_-]{1,80}", aws.executions[0].name)
    assert nothing_is_left(aws)


def test_an_event_is_looked_at_again_whatever_its_id_has_that_no_message_can() -> None:
    """SQS puts another character in place of these."""
    entity = "\ufffe or \uffff"
    aws = FakeAws(SEQUENCE)
    aws.publish("S", entity)
    aws.publish("b", entity, delay=1)
    aws.run()
    (reported,) = aws.deviations()
    assert (reported["entityId"], reported["reason"]) == (entity, "UnexpectedEvent")
    assert nothing_is_left(aws)


def test_ids_that_look_alike_once_made_safe_stay_apart() -> None:
    aws = FakeAws(ORDER)
    for entity in ("a/b", "a b", "a#b", "a_b"):
        aws.publish("Order Placed", entity, event_id="the-same")
    aws.run()
    assert len({one.name for one in aws.executions}) == 4
    assert all(one.name.startswith("a_b-") for one in aws.executions)
    assert [one.input["entityId"] for one in aws.executions] == ["a/b", "a b", "a#b", "a_b"]


@pytest.mark.parametrize(("number", "text"), [(5, "5"), (5.0, "5"), (2.5, "2.5"), (-7, "-7"), (10**20, "1" + "0" * 20)])
def test_a_number_is_an_entity_id(number: float, text: str) -> None:
    aws = FakeAws(ONE)
    aws.publish("S", number)
    aws.publish("a", text, delay=2.0)
    aws.run()
    assert aws.journeys(text) == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_the_projects_own_events_start_and_move_nothing() -> None:
    aws = FakeAws(ONE)
    report = {"choreography": "one", "entityId": "1"}
    for name in ("S", "a", "Journey Deviated", "Journey Ended"):
        aws.publish(name, "1", report, source="choreography.insights")
        for queue in aws.queues.values():  # even where somebody's own rule lets them through
            settings = aws.choreographies[0].rules[0].settings
            text = f'{{"id":"x","source":"choreography.insights","detail-type":"{name}","detail":{{"id":"1"}}}}'
            queue.send(f'{{"choreography":{settings},"event":{text}}}')
    aws.run()
    assert aws.executions == []
    assert aws.table.partitions == {}
    assert nothing_is_left(aws)


# ---- a start event that is awaited, too --------


def test_an_awaited_start_event_moves_the_journey_that_runs() -> None:
    aws = play(STEP, ["S", "a", ANOTHER])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_an_awaited_start_event_that_comes_after_the_end_begins_the_next_journey() -> None:
    aws = play(STEP, ["S", "a", ANOTHER, ("S", {"number": 3}), "a"])
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "B")]
    assert nothing_is_left(aws)


def test_the_event_that_has_begun_a_journey_does_not_move_it_however_often_it_comes() -> None:
    aws = FakeAws(STEP_FALLBACK)
    for delay in (0.0, 1.0, 10.0):
        aws.publish("S", "1", event_id="first", time=0, delay=delay)
    aws.run(seconds=20)
    assert aws.journeys("1") == [("RUNNING", "A")]


def test_an_awaited_start_event_that_nothing_comes_to_await_is_a_second_start() -> None:
    aws = play(STEP, ["S", ANOTHER])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert [one["reason"] for one in aws.deviations()] == ["SecondStart"]
    assert nothing_is_left(aws)


def test_an_awaited_start_event_that_says_the_same_too_early_is_a_duplicate_in_the_end() -> None:
    aws = play(STEP, ["S", "S", "a"], times=[0, 1, 300])
    assert aws.journeys("1") == [("RUNNING", "B")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_an_awaited_start_event_is_kept_without_a_question_where_a_wait_asks_for_it() -> None:
    aws = play(STEP_FALLBACK, ["S", ANOTHER], times=[0, 5])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert "describe_execution" not in [call.operation for call in aws.keeper.calls]


def test_start_events_lead_where_they_say_and_the_later_one_may_be_a_step() -> None:
    aws = play(APART, ["T", "b"])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    aws = play(APART, ["S", "T", "b"])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert [execution.path() for execution in aws.executions] == [["BegunBy?", "A", "B", "Done"]]


def test_an_awaited_start_event_that_nothing_contests_moves_the_journey_at_once() -> None:
    aws = FakeAws(STEP_FALLBACK)
    aws.publish("S", "1")
    aws.publish("S", "1", ANOTHER[1], time=5, delay=5.0)
    aws.run(seconds=6)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]


def test_an_awaited_start_event_whose_claim_is_given_back_begins_the_next_journey() -> None:
    aws = SCENES["a start event that is a step, aborted after the claim"](None)
    assert [status for status, _ in aws.journeys("1")] == ["ABORTED", "RUNNING"]
    assert len(aws.executions) == 2
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [[0.0, 5.0, 10.0, 15.0], [0.0, 7.0, 6.0, 8.5]])
def test_an_awaited_start_event_that_is_contested_moves_the_journey_when_it_has_settled(arrivals: list[float]) -> None:
    series: list[str | tuple[str, dict[str, Any]]] = ["S", ANOTHER, "q", ("S", {"number": 3})]
    aws = play(STEP_LOOP, series, times=[0, 5, 6, 7], arrivals=arrivals)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "L")]
    assert len([name for name in aws.executions[0].path() if name == "L"]) == 2
    assert aws.deviations() == []


@pytest.mark.parametrize("status_events", ["sent", "dropped"])
def test_a_journey_that_such_an_event_begins_remembers_what_is_said_of_start_events(status_events: str) -> None:
    aws = FakeAws(STEP_REMEMBERING, status_events=status_events)  # type: ignore[arg-type]
    stop = aws.clients["stepfunctions"].stop_execution
    aws.keeper.interludes["send_task_success"] = lambda: stop(executionArn=aws.executions[0].arn)
    aws.publish("S", "1", {"number": 1})
    aws.publish("b", "1", time=1, delay=1.0)  # early: the stream reads its settings first
    aws.publish("S", "1", {"number": 2}, time=5, delay=5.0)
    aws.run()
    assert aws.executions[1].input["event"]["remembered"] == {"number": 2}


def test_the_start_function_has_the_claim_of_an_awaited_start_event_finished_that_it_looks_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws = FakeAws(STEP_FALLBACK)
    send = aws.clients["stepfunctions"].send_task_success

    def sent(**answer: str) -> dict[str, Any]:
        if aws.clock.now < EPOCH + 10:
            raise client_error("ThrottlingException", "told to go wrong", "SendTaskSuccess")
        return dict(send(**answer))

    monkeypatch.setattr(aws.clients["stepfunctions"], "send_task_success", sent)
    aws.publish("S", "1")
    aws.publish("S", "1", ANOTHER[1], event_id="again", time=5, delay=5.0)
    aws.run(seconds=9.5)
    aws.table.stream.clear()  # its record is given up
    aws.publish("S", "1", ANOTHER[1], event_id="again", time=5, delay=1.5)
    aws.run(seconds=5)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
