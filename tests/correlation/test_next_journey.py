"""One entity's journeys one after the other: what is of the one is not of the next, whoever looks when."""

from typing import Literal

import pytest

from correlation.definitions import small
from correlation.playing import nothing_is_left
from world import World

Told = Literal["sent", "dropped"]
told = pytest.mark.parametrize("status_events", ["sent", "dropped"])

COOLING = small("cooling", "  A: {await: {a: Pause}}\n  Pause: {wait: 2h, next: Done}\n  Done: succeed")
PAUSE = 7_200


def reasons(world: World) -> list[tuple[str, str]]:
    return [(one["event"]["eventName"], one["reason"]) for one in world.deviations()]


# ---- an event that came while nobody waited --------


@told
@pytest.mark.parametrize("name", ["unknown", "a"])
def test_an_event_of_a_pause_fails_no_later_journey(name: str, status_events: Told) -> None:
    world = World(COOLING, status_events=status_events)
    world.publish("S", "1")
    world.publish("a", "1", time=20, delay=20)
    left = world.publish(name, "1", time=60, delay=60)
    world.publish("S", "1", time=PAUSE + 30, delay=PAUSE + 30)
    world.publish("a", "1", time=PAUSE + 3_600, delay=PAUSE + 3_600)
    world.run(seconds=PAUSE + 3_500)
    # Its grace is long over; the next journey, which asks for just such events, waits on for its own.
    assert world.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    world.run(seconds=3 * PAUSE)
    assert world.journeys("1") == [("SUCCEEDED", "Done"), ("SUCCEEDED", "Done")]
    assert [(one["event"]["eventId"], one["reason"]) for one in world.deviations()] == [(left, "JourneyEnded")]
    assert nothing_is_left(world)


@told
def test_an_event_within_its_grace_is_the_next_journeys(status_events: Told) -> None:
    world = World(COOLING, status_events=status_events)
    world.publish("S", "1")
    world.publish("a", "1", time=20, delay=20)
    world.publish("a", "1", time=PAUSE + 30, delay=PAUSE + 10)  # overtakes its start event
    world.publish("S", "1", time=PAUSE + 29, delay=PAUSE + 50)
    world.run(seconds=PAUSE + 60)
    assert world.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "Pause")]
    world.run(seconds=2 * PAUSE)
    assert nothing_is_left(world)
    assert world.deviations() == []


# ---- the last event of one journey and the first of the next --------

STOPPED = small(
    "stopped",
    "  A: {await: {a: B, stop: Out}}\n  B: {await: {b: Done}}\n  Done: succeed\n  Out: fail",
    "settle: 10s",
)


@pytest.mark.parametrize("stop_arrives", [5, 6, 8, 12])
def test_an_event_of_the_next_journey_is_not_used_by_this_one_though_it_overtakes_its_last(stop_arrives: int) -> None:
    world = World(STOPPED)
    world.publish("S", "1")
    world.publish("stop", "1", time=5, delay=stop_arrives)
    world.publish("S", "1", time=6, delay=6)
    world.publish("a", "1", time=7, delay=7)
    world.publish("b", "1", time=30, delay=30)
    world.run()
    assert world.journeys("1") == [("FAILED", "Out"), ("SUCCEEDED", "Done")]
    assert world.deviations() == []
    assert nothing_is_left(world)


# ---- waits of what has ended --------

LATE = small(
    "late",
    "  A: {await: {a: Done}, early: 1d, timeout: {after: 5s, next: Late}}\n  Done: succeed\n  Late: fail",
    "early: 60s",
)


@told
def test_the_wait_of_an_ended_journey_does_not_lengthen_an_events_grace(status_events: Told) -> None:
    world = World(LATE, status_events=status_events)
    world.publish("S", "1")
    world.publish("a", "1", time=20, delay=20)
    world.run(seconds=600)
    assert world.journeys("1") == [("FAILED", "Late")]
    assert reasons(world) == [("a", "JourneyEnded")]
    world.publish("S", "1")
    world.run(seconds=600)
    assert world.journeys("1") == [("FAILED", "Late"), ("FAILED", "Late")]
    assert nothing_is_left(world)


# ---- a start event that meets a running journey --------

PATIENT_STATE = small("patient-state", "  A: {await: {a: Done}, early: 1h}\n  Done: succeed", "early: 60s")
#: The choreography's grace, and the time in which a message comes again.
GRACE = 60 + 120


def test_a_states_own_grace_is_not_that_of_start_events() -> None:
    world = World(PATIENT_STATE)
    world.publish("S", "1")
    second = world.publish("S", "1", time=20, delay=20)
    world.run(seconds=20 + GRACE - 1)
    assert world.deviations() == []
    world.run(seconds=5)
    assert [(one["event"]["eventId"], one["reason"]) for one in world.deviations()] == [(second, "SecondStart")]
    assert world.journeys("1") == [("FAILED", "UnexpectedEvent")]
    world.run()
    assert nothing_is_left(world)


def test_a_start_event_begins_the_next_journey_if_this_one_ends_within_its_grace() -> None:
    world = World(PATIENT_STATE)
    world.publish("S", "1")
    world.publish("S", "1", time=20, delay=20)
    world.publish("a", "1", time=10, delay=20 + GRACE - 5)
    world.run(seconds=20 + GRACE + 60)
    assert world.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "A")]
    assert world.deviations() == []
