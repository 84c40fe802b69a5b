"""One entity's journeys one after the other: what is of the one is not of the next, whoever looks when."""

import json
from typing import Literal

import pytest

from correlation.definitions import ONE, small
from correlation.playing import nothing_is_left
from fake_aws import FakeAws

Told = Literal["sent", "dropped"]
told = pytest.mark.parametrize("status_events", ["sent", "dropped"])

COOLING = small("cooling", "  A: {await: {a: Pause}}\n  Pause: {wait: 2h, next: Done}\n  Done: succeed")
PAUSE = 7_200


def reasons(aws: FakeAws) -> list[tuple[str, str]]:
    return [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()]


# ---- an event that came while nobody waited --------


@told
@pytest.mark.parametrize("name", ["unknown", "a"])
def test_an_event_of_a_pause_fails_no_later_journey(name: str, status_events: Told) -> None:
    aws = FakeAws(COOLING, status_events=status_events)
    aws.publish("S", "1")
    aws.publish("a", "1", time=20, delay=20)
    left = aws.publish(name, "1", time=60, delay=60)
    aws.publish("S", "1", time=PAUSE + 30, delay=PAUSE + 30)
    aws.publish("a", "1", time=PAUSE + 3_600, delay=PAUSE + 3_600)
    aws.run(seconds=PAUSE + 3_500)
    # Its grace is long over; the next journey, which asks for just such events, waits on for its own.
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    aws.run(seconds=3 * PAUSE)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("SUCCEEDED", "Done")]
    assert [(one["event"]["eventId"], one["reason"]) for one in aws.deviations()] == [(left, "JourneyEnded")]
    assert nothing_is_left(aws)


@told
def test_an_event_within_its_grace_is_the_next_journeys(status_events: Told) -> None:
    aws = FakeAws(COOLING, status_events=status_events)
    aws.publish("S", "1")
    aws.publish("a", "1", time=20, delay=20)
    aws.publish("a", "1", time=PAUSE + 30, delay=PAUSE + 10)  # overtakes its start event
    aws.publish("S", "1", time=PAUSE + 29, delay=PAUSE + 50)
    aws.run(seconds=PAUSE + 60)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "Pause")]
    aws.run(seconds=2 * PAUSE)
    assert nothing_is_left(aws)
    assert aws.deviations() == []


# ---- the last event of one journey and the first of the next --------

STOPPED = small(
    "stopped",
    "  A: {await: {a: B, stop: Out}}\n  B: {await: {b: Done}}\n  Done: succeed\n  Out: fail",
    "settle: 10s",
)


@pytest.mark.parametrize("stop_arrives", [5, 6, 8, 12])
def test_an_event_of_the_next_journey_is_not_used_by_this_one_though_it_overtakes_its_last(stop_arrives: int) -> None:
    aws = FakeAws(STOPPED)
    aws.publish("S", "1")
    aws.publish("stop", "1", time=5, delay=stop_arrives)
    aws.publish("S", "1", time=6, delay=6)
    aws.publish("a", "1", time=7, delay=7)
    aws.publish("b", "1", time=30, delay=30)
    aws.run()
    assert aws.journeys("1") == [("FAILED", "Out"), ("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


# ---- waits of what has ended --------

LATE = small(
    "late",
    "  A: {await: {a: Done}, early: 1d, timeout: {after: 5s, next: Late}}\n  Done: succeed\n  Late: fail",
    "early: 60s",
)


@told
def test_the_wait_of_an_ended_journey_does_not_lengthen_an_events_grace(status_events: Told) -> None:
    aws = FakeAws(LATE, status_events=status_events)
    aws.publish("S", "1")
    aws.publish("a", "1", time=20, delay=20)
    aws.run(seconds=600)
    assert aws.journeys("1") == [("FAILED", "Late")]
    assert reasons(aws) == [("a", "JourneyEnded")]
    aws.publish("S", "1")
    aws.run(seconds=600)
    assert aws.journeys("1") == [("FAILED", "Late"), ("FAILED", "Late")]
    assert nothing_is_left(aws)


# ---- a start event that meets a running journey --------

PATIENT_STATE = small("patient-state", "  A: {await: {a: Done}, early: 1h}\n  Done: succeed", "early: 60s")
#: The choreography's grace, and the time in which a message comes again.
GRACE = 60 + 120


def test_a_states_own_grace_is_not_that_of_start_events() -> None:
    aws = FakeAws(PATIENT_STATE)
    aws.publish("S", "1")
    second = aws.publish("S", "1", {"number": 2}, time=20, delay=20)
    aws.run(seconds=20 + GRACE - 1)
    assert aws.deviations() == []
    aws.run(seconds=5)
    assert [(one["event"]["eventId"], one["reason"]) for one in aws.deviations()] == [(second, "SecondStart")]
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    aws.run()
    assert nothing_is_left(aws)


def test_a_start_event_begins_the_next_journey_if_this_one_ends_within_its_grace() -> None:
    aws = FakeAws(PATIENT_STATE)
    aws.publish("S", "1")
    aws.publish("S", "1", time=20, delay=20)
    aws.publish("a", "1", time=10, delay=20 + GRACE - 5)
    aws.run(seconds=20 + GRACE + 60)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    assert aws.deviations() == []


def test_what_word_of_an_end_leaves_out_is_asked_for() -> None:
    """As AWS may where executions are encrypted with a key of one's own."""
    aws = FakeAws(ONE, status_events="dropped")
    aws.publish("S", "1")
    aws.publish("x", "1")
    aws.run()
    (execution,) = aws.executions
    detail = {"executionArn": execution.arn, "status": "FAILED", "startDate": 0, "stopDate": 1000}
    aws.queues["event"].send(json.dumps({"source": "aws.states", "detail": detail}))
    aws.run(seconds=1)
    (ended,) = [one["detail"] for one in aws.reports if one["detail-type"] == "Journey Ended"]
    assert (ended["entityId"], ended["error"], ended["cause"]) == ("1", "UnexpectedEvent", execution.cause)


def test_the_end_of_an_execution_of_another_deployment_is_none_of_ours() -> None:
    """Its name may begin with this one's (tests-eu beside tests); on one bus, executions are called alike, too."""
    aws = FakeAws(ONE)
    aws.publish("S", "1")
    aws.run(seconds=1)
    (execution,) = aws.executions
    detail = {
        "executionArn": execution.arn.replace(":tests-one:", ":tests-eu-one:"),
        "status": "FAILED",
        "startDate": 0,
        "stopDate": 1000,
        "input": execution.input_text,
    }
    aws.queues["event"].send(json.dumps({"source": "aws.states", "detail": detail}))
    aws.run(seconds=1)
    assert aws.reports == []
    assert aws.table.partitions["one#1"]["JOURNEY"]["status"] == {"S": "RUNNING"}
    assert aws.outcome().dead_letters == []
