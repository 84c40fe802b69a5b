"""No false alarm and no missed one: what is unexpected is reported once its grace period has passed."""

import pytest

from correlation.definitions import (
    ALL,
    CHOICE,
    ONE,
    OVERSTAYED,
    PATIENT,
    SEQUENCE,
    SEQUENCE_IGNORING,
    small,
)
from correlation.playing import nothing_is_left, play
from world import Died, Randomly, World, deployable


def test_an_event_that_no_state_accepts_fails_its_journey_after_the_grace_period() -> None:
    world = World(SEQUENCE)
    world.publish("S", "1")
    wrong = world.publish("b", "1", delay=1.0)
    world.run(seconds=60.5)
    assert world.journeys("1") == [("RUNNING", "A")]
    assert world.deviations() == []
    world.run()
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (execution,) = world.executions
    cause = f"No state accepted event 'b' (id {wrong}, time 2026-01-01T00:00:00Z) within 60 s: state 'A' accepts 'a'."
    assert (execution.error, execution.cause) == ("UnexpectedEvent", cause)
    assert world.deviations() == [
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
    assert nothing_is_left(world)


def test_with_the_policy_ignore_an_unexpected_event_is_only_reported() -> None:
    world = play(SEQUENCE_IGNORING, ["S", "u", "a", "b"], times=[0, 1, 200, 210])
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    (deviation,) = world.deviations()
    assert (deviation["reason"], deviation["policy"]) == ("UnexpectedEvent", "ignore")
    assert deviation["event"]["known"] is False
    assert nothing_is_left(world)


def test_an_event_that_the_choreography_does_not_know_is_judged_at_its_deadline_too() -> None:
    world = play(SEQUENCE, ["S", "u", "a", "b"], times=[0, 1, 2, 3])
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert [(one["reason"], one["event"]["eventName"]) for one in world.deviations()] == [("JourneyEnded", "u")]
    world = play(SEQUENCE, ["S", "u", "a"], times=[0, 1, 2])
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert "'u'" in str(world.executions[0].cause)
    assert "which the choreography does not know" in str(world.executions[0].cause)
    assert nothing_is_left(world)


def test_events_of_an_entity_without_a_journey_are_reported_after_the_grace_period() -> None:
    world = World(SEQUENCE)
    world.publish("a", "1")
    world.publish("b", "1", delay=5.0)
    world.run(seconds=59)
    assert world.deviations() == []
    world.run()
    assert world.executions == []
    assert [(one["reason"], one["executionArn"]) for one in world.deviations()] == [("NoJourney", None)] * 2
    assert nothing_is_left(world)


@pytest.mark.parametrize("status_events", ["sent", "dropped"])
def test_events_after_the_end_of_a_journey_are_reported_as_such(status_events: str) -> None:
    world = play(ONE, ["S", "a", "a"], world=World(ONE, status_events=status_events))  # type: ignore[arg-type]
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert [one["reason"] for one in world.deviations()] == ["JourneyEnded"]
    assert nothing_is_left(world)


def test_the_states_of_an_all_are_all_named() -> None:
    world = play(ALL, ["S", "c"])
    (deviation,) = world.deviations()
    assert deviation["states"] == [{"state": "P.x", "accepts": ["a"]}, {"state": "P.y", "accepts": ["b"]}]
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert nothing_is_left(world)


@pytest.mark.parametrize("seed", range(40))
def test_of_two_unexpected_events_one_fails_the_journey_and_both_are_reported(seed: int) -> None:
    world = play(CHOICE, ["S", "u", "v"], times=[0, 1, 1], strategy=Randomly(seed))
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert sorted(one["event"]["eventName"] for one in world.deviations()) == ["u", "v"]
    assert sorted(one["reason"] for one in world.deviations()) == ["JourneyEnded", "UnexpectedEvent"]
    assert nothing_is_left(world)


def test_a_grace_period_longer_than_a_message_can_be_delayed_ends_on_time() -> None:
    world = World(PATIENT)
    world.publish("S", "1")
    world.publish("b", "1")
    world.run(seconds=7319)
    assert world.journeys("1") == [("RUNNING", "A")]
    world.run(seconds=2)
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert nothing_is_left(world)


def test_a_journey_does_not_fail_by_a_wait_that_has_timed_out() -> None:
    world = World(OVERSTAYED)
    world.publish("S", "1")
    world.run(seconds=35.0)  # A has timed out
    world.publish("c", "1")
    world.run(seconds=59.0)
    world.publish("t", "1")
    world.deliver(world.queues["event"], world.queues["event"].visible()[0])
    assert_no_alarm_while_nothing_is_stored(world)  # N is slow to be stored; the deadline of c passes


def assert_no_alarm_while_nothing_is_stored(world: World) -> None:
    """A deadline passes while Step Functions is slow to store the next wait; the journey goes on to its end."""
    world.stepfunctions.frozen = True
    world.run(seconds=5.0)
    world.stepfunctions.frozen = False
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.deviations() == []
    assert nothing_is_left(world)


_GOES_ON = "  B: {await: {a: Done}, timeout: {after: 10s, next: A}}\n  A: {await: {b: Done}}\n  Done: succeed"
_ENDS = "  B: {await: {a: Done}, timeout: {after: 10s, next: Done}}\n  Done: succeed"


def _met_after_a_timeout(states: str, policy: str) -> list[tuple[str, list[str]]]:
    """The reason and the states of what is said of an event that comes before a state times out."""
    text = f"choreography: c\nsource: s\nstart: S\nearly: 20s\nunexpected: {policy}\nstates:\n{states}"
    world = World(deployable(text), status_events="dropped")
    world.publish("S", "1")
    world.publish("u", "1", time=5.0, delay=5.0)
    world.run()
    assert nothing_is_left(world)
    return [(one["reason"], [met["state"] for met in one["states"]]) for one in world.deviations()]


@pytest.mark.parametrize("policy", ["fail", "ignore"])
def test_a_deviation_does_not_name_a_state_that_has_timed_out(policy: str) -> None:
    assert _met_after_a_timeout(_GOES_ON, policy) == [("UnexpectedEvent", ["A"])]


def test_a_deviation_after_a_journey_ended_by_a_timeout_says_so_though_its_status_event_was_lost() -> None:
    assert _met_after_a_timeout(_ENDS, "ignore") == [("JourneyEnded", [])]


def test_an_event_is_not_ignored_as_unexpected_while_the_wait_for_it_is_being_stored_after_a_timeout() -> None:
    states = "  A: {await: {x: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {t: Done}}\n  Done: succeed"
    text = f"choreography: c\nsource: s\nstart: S\nearly: 20s\nunexpected: ignore\nstates:\n{states}"
    world = World(deployable(text))
    world.publish("S", "1")
    world.publish("t", "1", time=10.5, delay=10.5)  # A times out just before the deadline of t
    world.run(seconds=29.9)
    world.clock.advance_to(world.clock.now + 0.2)
    next(world.stepfunctions.steps()).do()
    assert_no_alarm_while_nothing_is_stored(world)  # T is slow to be stored; the deadline of t passes


def test_an_event_whose_claim_was_given_back_is_judged_at_its_own_deadline() -> None:
    states = "  A: {await: {n: A, q: Done}, timeout: {after: 30s, next: T}}\n  T: {await: {t: Done}}\n  Done: succeed"
    world = World(deployable(f"choreography: c\nsource: s\nstart: S\nsettle: 20s\nstates:\n{states}"))

    def overstay() -> None:
        world.clock.advance_to(world.clock.now + 10.0)
        while (step := next(world.stepfunctions.steps(), None)) is not None:
            step.do()

    world.keeper.interludes["send_task_success"] = overstay  # A times out between the claim of q and its answer
    world.publish("S", "1")
    world.publish("q", "1", delay=5.0)
    world.run(seconds=184.5)
    assert world.journeys("1") == [("RUNNING", "T")]
    world.run(seconds=2.0)
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    world.run()
    assert nothing_is_left(world)


def _dies() -> None:
    raise Died


def test_an_event_is_not_judged_while_one_before_it_is_claimed() -> None:
    line = "{states: {A: {await: {a: D}}, D: {await: {d: End}}, End: succeed}}"
    other = "{states: {B: {await: {b: BEnd}}, BEnd: succeed}}"
    states = f"  P: {{parallel: {{X: {line}, Y: {other}}}, next: Done}}\n  Done: succeed"
    world = World(deployable(f"choreography: c\nsource: s\nstart: S\nstates:\n{states}"), visibility_timeout=100.0)
    world.keeper.interludes["send_task_success"] = _dies  # its message comes again when the deadline of d has passed
    for name, at in [("S", 0.0), ("d", 1.0), ("a", 55.0), ("b", 200.0)]:
        world.publish(name, "1", time=at, delay=at)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.deviations() == []
    assert nothing_is_left(world)


def test_an_event_is_not_judged_while_the_start_of_its_journey_is_in_flight() -> None:
    world = World(SEQUENCE, visibility_timeout=100.0)
    world.keeper.interludes["start_execution"] = _dies  # its message comes again when the deadline of a has passed
    world.publish("a", "1")
    world.publish("S", "1", delay=10.0)
    world.run()
    assert world.journeys("1") == [("RUNNING", "B")]
    assert world.deviations() == []
    assert nothing_is_left(world)


def test_a_journey_whose_end_was_never_told_and_is_long_forgotten_has_ended() -> None:
    """Step Functions forgets an execution 90 days after its end; the row of its start event goes before that."""
    world = World(ONE, status_events="dropped")
    world.publish("S", "1")
    world.run(seconds=1.0)
    world.stepfunctions.executions.clear()
    world.stepfunctions.tokens.clear()
    world.clock.advance_to(world.clock.now + 136 * 86_400)
    world.table.expire(world.clock.now)
    world.publish("a", "1")
    world.run(seconds=300.0)
    assert [one["reason"] for one in world.deviations()] == ["JourneyEnded"]
    world.publish("S", "1")
    world.publish("a", "1", delay=2.0)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(world)


def test_an_event_older_than_the_table_remembers_is_refused() -> None:
    world = World(SEQUENCE)
    world.publish("S", "1")
    world.publish("a", "1", time=-31 * 86_400.0, delay=1.0)
    world.publish("S", "2", time=-31 * 86_400.0)
    world.run()
    assert world.journeys("1") == [("RUNNING", "A")]
    assert world.journeys("2") == []
    assert sorted((one["entityId"], one["reason"]) for one in world.deviations()) == [("1", "TooOld"), ("2", "TooOld")]
    assert nothing_is_left(world)


def test_a_bus_that_takes_no_reports_gets_them_later() -> None:
    world = World(SEQUENCE)
    world.events.refusals = 2
    world.publish("a", "1")
    world.run()
    assert [one["reason"] for one in world.deviations()] == ["NoJourney"]
    assert nothing_is_left(world)


def test_an_event_is_as_old_as_eventbridge_says_whatever_its_own_clock_does() -> None:
    world = World(small("own-clock", "  A: {await: {a: Done}}\n  Done: succeed", "time: $.detail.at"))
    world.publish("S", "1", {"at": "2020-01-01T00:00:00Z"})
    world.publish("a", "1", {"at": "2020-02-01T00:00:00Z"}, delay=1.0)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.deviations() == []


TURNS = small(
    "turns",
    "  E:\n    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {d: Z}}, Z: succeed}}\n    next: Done\n"
    "    timeout: {after: 30s, next: T}\n  T: {await: {t: E}}\n  Done: succeed",
)


def test_many_stale_waits_are_asked_for_in_one_history() -> None:
    world = World(TURNS, watching=True)
    world.publish("S", "1", {"ps": ["p1", "p2", "p3"]})
    world.run(seconds=40)
    world.publish("t", "1", {"ps": ["q1", "q2", "q3"]})
    world.run(seconds=40)
    world.publish("u", "1")
    world.run(seconds=190)
    (deviation,) = world.deviations()
    assert deviation["states"] == [{"state": "T", "accepts": ["t"]}]
    assert not any(call.operation == "send_task_heartbeat" for call in world.keeper.calls)  # the history says it all
    assert sum(call.operation == "get_execution_history" for call in world.keeper.calls) == 1


BOXES = small(
    "boxes",
    "  E:\n    each:\n      items: $.detail.ps\n      item: $.detail.p\n"
    "      states: {W: {await: {d: X}}, X: {await: {x: Z}}, Z: succeed}\n    next: Done\n  Done: succeed",
)


def test_an_item_that_has_gone_on_does_not_close_the_same_state_of_another() -> None:
    world = World(BOXES)
    world.stepfunctions.before_submitted = "refused"
    world.publish("S", "1", {"ps": ["p1", "p2"]})

    def act(label: str) -> None:
        next(action for action in world.actions() if label in action.label).do()

    for label in ("deliver", "W is stored", "W is submitted", "W is stored"):
        act(label)
    for item in ("p1", "p2"):  # that of p2 is refused, since its task is not submitted yet
        world.publish("d", "1", {"p": item})
        act("deliver")
    for item in ("p1", "p2"):
        world.publish("x", "1", {"p": item}, delay=60.0)
    world.run()
    assert world.journeys("1") == [("SUCCEEDED", "Done")]
    assert world.deviations() == []
