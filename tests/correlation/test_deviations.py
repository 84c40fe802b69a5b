"""No false alarm and no missed one: what is unexpected is reported once its grace period has passed."""

import pytest

from correlation.definitions import (
    ALL,
    CHOICE,
    ONE,
    OVERSTAYED,
    PATIENT,
    RETIRED,
    SEQUENCE,
    SEQUENCE_IGNORING,
    small,
)
from correlation.playing import nothing_is_left, play
from fake_aws import Died, FakeAws, Randomly, deployable
from fake_aws.gates import Fault, FaultKind


def test_an_event_that_no_state_accepts_fails_its_journey_after_the_grace_period() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("S", "1")
    wrong = aws.publish("b", "1", delay=1.0)
    aws.run(seconds=60.5)
    assert aws.journeys("1") == [("RUNNING", "A")]
    assert aws.deviations() == []
    aws.run()
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (execution,) = aws.executions
    cause = f"No state accepted event 'b' (id {wrong}, time 2026-01-01T00:00:00Z) within 60 s: state 'A' accepts 'a'."
    assert (execution.error, execution.cause) == ("UnexpectedEvent", cause)
    assert aws.deviations() == [
        {
            "choreography": "sequence",
            "entityId": "1",
            "executionArn": execution.arn,
            "reason": "UnexpectedEvent",
            "event": {"eventName": "b", "eventId": wrong, "time": "2026-01-01T00:00:00.000Z", "known": True},
            "states": [{"state": "A", "accepts": ["a"]}],
            "policy": "fail",
            "cause": cause,
        }
    ]
    assert nothing_is_left(aws)


def test_with_the_policy_ignore_an_unexpected_event_is_only_reported() -> None:
    aws = play(SEQUENCE_IGNORING, ["S", "u", "a", "b"], times=[0, 1, 200, 210])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    (deviation,) = aws.deviations()
    assert (deviation["reason"], deviation["policy"]) == ("UnexpectedEvent", "report")
    assert deviation["event"]["known"] is False
    assert nothing_is_left(aws)


def test_an_event_that_the_choreography_does_not_know_is_judged_at_its_deadline_too() -> None:
    aws = play(SEQUENCE, ["S", "u", "a", "b"], times=[0, 1, 2, 3])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [(one["reason"], one["event"]["eventName"]) for one in aws.deviations()] == [("JourneyEnded", "u")]
    aws = play(SEQUENCE, ["S", "u", "a"], times=[0, 1, 2])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert "'u'" in str(aws.executions[0].cause)
    assert "which the choreography does not know" in str(aws.executions[0].cause)
    assert nothing_is_left(aws)


def test_events_of_an_entity_without_a_journey_are_reported_after_the_grace_period() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("a", "1")
    aws.publish("b", "1", delay=5.0)
    aws.run(seconds=59)
    assert aws.deviations() == []
    aws.run()
    assert aws.executions == []
    assert [(one["reason"], one["executionArn"]) for one in aws.deviations()] == [("NoJourney", None)] * 2
    assert nothing_is_left(aws)


@pytest.mark.parametrize("status_events", ["sent", "dropped"])
def test_events_after_the_end_of_a_journey_are_reported_as_such(status_events: str) -> None:
    aws = play(ONE, ["S", "a", "a"], aws=FakeAws(ONE, status_events=status_events))  # type: ignore[arg-type]
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [one["reason"] for one in aws.deviations()] == ["JourneyEnded"]
    assert nothing_is_left(aws)


def test_the_states_of_an_all_are_all_named() -> None:
    aws = play(ALL, ["S", "c"])
    (deviation,) = aws.deviations()
    assert deviation["states"] == [{"state": "P.x", "accepts": ["a"]}, {"state": "P.y", "accepts": ["b"]}]
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("seed", range(40))
def test_of_two_unexpected_events_one_fails_the_journey_and_both_are_reported(seed: int) -> None:
    aws = play(CHOICE, ["S", "u", "v"], times=[0, 1, 1], strategy=Randomly(seed))
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert sorted(one["event"]["eventName"] for one in aws.deviations()) == ["u", "v"]
    assert sorted(one["reason"] for one in aws.deviations()) == ["JourneyEnded", "UnexpectedEvent"]
    assert nothing_is_left(aws)


def test_a_grace_period_longer_than_a_message_can_be_delayed_ends_on_time() -> None:
    aws = FakeAws(PATIENT)
    aws.publish("S", "1")
    aws.publish("b", "1")
    aws.run(seconds=7319)
    assert aws.journeys("1") == [("RUNNING", "A")]
    aws.run(seconds=2)
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert nothing_is_left(aws)


def test_a_journey_does_not_fail_by_a_wait_that_has_timed_out() -> None:
    aws = FakeAws(OVERSTAYED)
    aws.publish("S", "1")
    aws.run(seconds=35.0)  # A has timed out
    aws.publish("c", "1")
    aws.run(seconds=59.0)
    aws.publish("t", "1")
    aws.deliver(aws.queues["event"], aws.queues["event"].visible()[0])
    assert_no_alarm_while_nothing_is_stored(aws)  # N is slow to be stored; the deadline of c passes


def assert_no_alarm_while_nothing_is_stored(aws: FakeAws) -> None:
    """A deadline passes while Step Functions is slow to store the next wait; the journey goes on to its end."""
    aws.stepfunctions.frozen = True
    aws.run(seconds=5.0)
    aws.stepfunctions.frozen = False
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


_GOES_ON = "  B: {await: {a: Done}, timeout: {after: 10s, next: A}}\n  A: {await: {b: Done}}\n  Done: succeed"
_ENDS = "  B: {await: {a: Done}, timeout: {after: 10s, next: Done}}\n  Done: succeed"


def _met_after_a_timeout(states: str, policy: str) -> list[tuple[str, list[str]]]:
    """The reason and the states of what is said of an event that comes before a state times out."""
    text = f"choreography: c\nsource: s\nstart: S\ncapture: all\nearly: 20s\nunexpected: {policy}\nstates:\n{states}"
    aws = FakeAws(deployable(text), status_events="dropped")
    aws.publish("S", "1")
    aws.publish("u", "1", time=5.0, delay=5.0)
    aws.run()
    assert nothing_is_left(aws)
    return [(one["reason"], [met["state"] for met in one["states"]]) for one in aws.deviations()]


@pytest.mark.parametrize("policy", ["fail", "report"])
def test_a_deviation_does_not_name_a_state_that_has_timed_out(policy: str) -> None:
    assert _met_after_a_timeout(_GOES_ON, policy) == [("UnexpectedEvent", ["A"])]


def test_a_deviation_after_a_journey_ended_by_a_timeout_says_so_though_its_status_event_was_lost() -> None:
    assert _met_after_a_timeout(_ENDS, "report") == [("JourneyEnded", [])]


def test_an_event_is_not_ignored_as_unexpected_while_the_wait_for_it_is_being_stored_after_a_timeout() -> None:
    states = "  A: {await: {x: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {t: Done}}\n  Done: succeed"
    text = f"choreography: c\nsource: s\nstart: S\ncapture: all\nearly: 20s\nunexpected: report\nstates:\n{states}"
    aws = FakeAws(deployable(text))
    aws.publish("S", "1")
    aws.publish("t", "1", time=10.5, delay=10.5)  # A times out just before the deadline of t
    aws.run(seconds=29.9)
    aws.clock.advance_to(aws.clock.now + 0.2)
    next(aws.stepfunctions.steps()).do()
    assert_no_alarm_while_nothing_is_stored(aws)  # T is slow to be stored; the deadline of t passes


def test_an_event_whose_claim_was_given_back_is_judged_at_its_own_deadline() -> None:
    states = "  A: {await: {n: A, q: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {t: Done}}\n  Done: succeed"
    aws = FakeAws(deployable(f"choreography: c\nsource: s\nstart: S\nunexpected: fail\nsettle: 20s\nstates:\n{states}"))

    def overstay() -> None:
        aws.clock.advance_to(aws.clock.now + 10.0)
        while (step := next(aws.stepfunctions.steps(), None)) is not None:
            step.do()

    aws.keeper.interludes["send_task_success"] = overstay  # A times out between the claim of q and its answer
    aws.publish("S", "1")
    aws.publish("q", "1", delay=5.0)
    aws.run(seconds=184.5)
    assert aws.journeys("1") == [("RUNNING", "T")]
    aws.run(seconds=2.0)
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    aws.run()
    assert nothing_is_left(aws)


def _dies() -> None:
    raise Died


def test_an_event_is_not_judged_while_one_before_it_is_claimed() -> None:
    line = "{states: {A: {await: {a: D}}, D: {await: {d: End}}, End: succeed}}"
    other = "{states: {B: {await: {b: BEnd}}, BEnd: succeed}}"
    states = f"  P: {{parallel: {{X: {line}, Y: {other}}}, next: Done}}\n  Done: succeed"
    aws = FakeAws(
        deployable(f"choreography: c\nsource: s\nstart: S\nunexpected: fail\nstates:\n{states}"),
        visibility_timeout=100.0,
    )
    aws.keeper.interludes["send_task_success"] = _dies  # its message comes again when the deadline of d has passed
    for name, at in [("S", 0.0), ("d", 1.0), ("a", 55.0), ("b", 200.0)]:
        aws.publish(name, "1", time=at, delay=at)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_an_event_is_not_judged_while_the_start_of_its_journey_is_in_flight() -> None:
    aws = FakeAws(SEQUENCE, visibility_timeout=100.0)
    aws.keeper.interludes["start_execution"] = _dies  # its message comes again when the deadline of a has passed
    aws.publish("a", "1")
    aws.publish("S", "1", delay=10.0)
    aws.run()
    assert aws.journeys("1") == [("RUNNING", "B")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_journey_whose_end_was_never_told_and_is_long_forgotten_has_ended() -> None:
    """Step Functions forgets an execution 90 days after its end; the row of its start event goes before that."""
    aws = FakeAws(ONE, status_events="dropped")
    aws.publish("S", "1")
    aws.run(seconds=1.0)
    aws.stepfunctions.executions.clear()
    aws.stepfunctions.tokens.clear()
    aws.clock.advance_to(aws.clock.now + 136 * 86_400)
    aws.table.expire(aws.clock.now)
    aws.publish("a", "1")
    aws.run(seconds=300.0)
    assert [one["reason"] for one in aws.deviations()] == ["JourneyEnded"]
    aws.publish("S", "1")
    aws.publish("a", "1", delay=2.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_an_event_older_than_the_table_remembers_is_refused() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("S", "1")
    aws.publish("a", "1", time=-31 * 86_400.0, delay=1.0)
    aws.publish("S", "2", time=-31 * 86_400.0)
    aws.run()
    assert aws.journeys("1") == [("RUNNING", "A")]
    assert aws.journeys("2") == []
    assert sorted((one["entityId"], one["reason"]) for one in aws.deviations()) == [("1", "TooOld"), ("2", "TooOld")]
    assert nothing_is_left(aws)


def test_a_bus_that_takes_no_reports_gets_them_later() -> None:
    aws = FakeAws(SEQUENCE)
    aws.events.refusals = 2
    aws.publish("a", "1")
    aws.run()
    assert [one["reason"] for one in aws.deviations()] == ["NoJourney"]
    assert nothing_is_left(aws)


def test_an_event_is_as_old_as_eventbridge_says_whatever_its_own_clock_does() -> None:
    aws = FakeAws(small("own-clock", "  A: {await: {a: Done}}\n  Done: succeed", "time: $.detail.at"))
    aws.publish("S", "1", {"at": "2020-01-01T00:00:00Z"})
    aws.publish("a", "1", {"at": "2020-02-01T00:00:00Z"}, delay=1.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []


TURNS = small(
    "turns",
    "  E:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {d: Z}}, Z: succeed}}\n    next: Done\n"
    "    timeout: {after: 30s, next: T}\n  T: {await: {t: E}}\n  Done: succeed",
)


def test_many_stale_waits_are_asked_for_in_one_history() -> None:
    aws = FakeAws(TURNS, watching=True)
    aws.publish("S", "1", {"ps": ["p1", "p2", "p3"]})
    aws.run(seconds=40)
    aws.publish("t", "1", {"ps": ["q1", "q2", "q3"]})
    aws.run(seconds=40)
    aws.publish("u", "1")
    aws.run(seconds=190)
    (deviation,) = aws.deviations()
    assert deviation["states"] == [{"state": "T", "accepts": ["t"]}]
    assert not any(call.operation == "send_task_heartbeat" for call in aws.keeper.calls)  # the history says it all
    assert sum(call.operation == "get_execution_history" for call in aws.keeper.calls) == 1


BOXES = small(
    "boxes",
    "  E:\n    each:\n      items: $.detail.ps\n      item: $.detail.p\n"
    "      states: {W: {await: {d: X}}, X: {await: {x: Z}}, Z: succeed}\n    next: Done\n  Done: succeed",
)


def test_an_item_that_has_gone_on_does_not_close_the_same_state_of_another() -> None:
    aws = FakeAws(BOXES)
    aws.stepfunctions.before_submitted = "refused"
    aws.publish("S", "1", {"ps": ["p1", "p2"]})

    def act(label: str) -> None:
        next(action for action in aws.actions() if label in action.label).do()

    for label in ("deliver", "E.Entered", "W is stored", "W is submitted", "W is stored"):
        act(label)
    for item in ("p1", "p2"):  # that of p2 is refused, since its task is not submitted yet
        aws.publish("d", "1", {"p": item})
        act("deliver")
    for item in ("p1", "p2"):
        aws.publish("x", "1", {"p": item}, delay=60.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []


def _counted(aws: FakeAws, metric: str) -> float:
    assert aws.metrics is not None
    return aws.metrics.counts.get(metric, 0)


def test_a_retired_event_that_nobody_awaits_is_counted_when_its_grace_is_over_and_nothing_else() -> None:
    aws = play(RETIRED, ["S", "b", "a"], times=[0, 1, 200])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert _counted(aws, "EventsRetired") == 1
    assert _counted(aws, "Deviations") == 0
    rows = [row for row in aws.table.partitions["sequence#1"].values() if row.get("name") == {"S": "b"}]
    assert [row["status"]["S"] for row in rows] == ["REPORTED"]
    assert not any("deviatedAt" in row or "deviatedIn" in row for row in rows)  # nobody who looks finds it
    assert nothing_is_left(aws)


def test_a_retired_event_without_a_journey_is_counted_and_nothing_else() -> None:
    aws = play(RETIRED, ["b", "S", "a", "b"], times=[0, 200, 201, 202])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert _counted(aws, "EventsRetired") == 2
    assert nothing_is_left(aws)


def test_a_journey_of_an_older_definition_gets_the_event_that_the_newer_one_has_retired() -> None:
    aws = FakeAws(SEQUENCE)
    aws.publish("S", "older")
    aws.publish("a", "older", delay=5.0)
    aws.run(seconds=10.0)
    aws.deploy(RETIRED)
    aws.publish("S", "newer")
    for entity in ("older", "newer"):
        aws.publish("b", entity, delay=5.0)
    aws.run(seconds=300.0)
    assert aws.journeys("older") == [("SUCCEEDED", "Done")]
    assert aws.journeys("newer") == [("RUNNING", "A")]
    aws.publish("a", "newer")
    aws.run()
    assert aws.journeys("newer") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_function_that_dies_over_a_retired_event_leaves_it_to_be_counted() -> None:
    kinds: tuple[FaultKind, ...] = ("die before", "die after")
    for fault in range(12):
        for kind in kinds:
            aws = play(RETIRED, ["S", "b", "a"], times=[0, 1, 200], aws=FakeAws(RETIRED, fault=Fault(fault, kind)))
            assert aws.journeys("1") == [("SUCCEEDED", "Done")]
            assert (aws.deviations(), nothing_is_left(aws)) == ([], True)
            assert _counted(aws, "EventsRetired") >= 1
