"""Scenes for crash points: each plays a world of its own making; together they walk every path of both functions."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

from choreography_insights.runtime import sweeping, table
from correlation.definitions import (
    ALL,
    CAR,
    CHOICE,
    FALLBACK,
    FALLBACK_ALL,
    HASTY,
    ITEMS,
    ITEMS_COUNTED,
    LAPSING,
    LINES,
    LOOP,
    ONE,
    ONE_IGNORING,
    ORDER,
    OVERSTAYED,
    PATIENT,
    REMEMBERING,
    SALE,
    SEQUENCE,
    SEQUENCE_IGNORING,
    STALE,
)
from correlation.playing import play
from world import Deployed, World
from world.errors import client_error
from world.gates import Died, Fault
from world.stepfunctions import Quota

#: Plays a world in which this goes wrong.
Scene = Callable[[Fault | None], World]

_AN_HOUR = 3600.0


def _series(choreography: Deployed, *series: Any, **how: Any) -> Scene:
    def scene(fault: Fault | None) -> World:
        return play(choreography, series, world=_world(choreography, fault), **how)

    return scene


def _world(choreography: Deployed, fault: Fault | None, **settings: Any) -> World:
    return World(choreography, **{"visibility_timeout": 1.0, "watching": True, "fault": fault, **settings})


def _without_status_events(fault: Fault | None) -> World:
    """A journey that has ended, of which only Step Functions knows: a late event, and the next journey's start."""
    world = _world(ONE, fault, status_events="dropped")
    return play(ONE, ["S", "a", "a", "S", "a"], times=[0, 5, 10, 100, 110], world=world)


def _second_start_that_waits(status_events: str) -> Scene:
    """A start event that comes before the journey before has ended: without status events it has to look again."""

    def scene(fault: Fault | None) -> World:
        world = _world(ONE, fault, status_events=status_events)
        return play(ONE, ["S", "a", "S", "a"], times=[0, 10, 12, 40], arrivals=[0.0, 30.0, 12.0, 40.0], world=world)

    return scene


def _ended_by_a_timeout(fault: Fault | None) -> World:
    """A journey whose last state has timed out, of which only Step Functions knows; its wait is still in the table."""
    return play(STALE, ["S", "u"], world=_world(STALE, fault, status_events="dropped"))


def _timed_out_after_the_claim(choreography: Deployed, comes_again_after: float = 1.0) -> Scene:
    """The wait runs out between the claim and its SendTaskSuccess; the event is used by the state that follows."""

    def scene(fault: Fault | None) -> World:
        world = _world(choreography, fault)

        def interlude() -> None:
            _come_again_after(world, comes_again_after)
            _let_pass(world, 31.0)

        world.keeper.interludes["send_task_success"] = interlude
        return play(choreography, ["S", "a"], world=world)

    return scene


def _come_again_after(world: World, seconds: float) -> None:
    """Should the function die over them, the messages that it has in hand come again only after so long."""
    for message in world.queues["event"].messages:
        if message.in_flight:
            message.returns_at = world.clock.now + seconds


def _let_pass(world: World, seconds: float) -> None:
    """Time passes while a function is at work; only Step Functions does something."""
    world.clock.advance_to(world.clock.now + seconds)
    while (step := next(world.stepfunctions.steps(), None)) is not None:
        step.do()


def _aborted_before(operation: str, *series: str) -> Scene:
    """Somebody stops the execution between a claim and the call that answers for it."""

    def scene(fault: Fault | None) -> World:
        world = _world(SEQUENCE, fault)
        client = world.clients["stepfunctions"]
        world.keeper.interludes[operation] = lambda: client.stop_execution(executionArn=world.executions[0].arn)
        return play(SEQUENCE, series, world=world)

    return scene


def _branch_times_out_before_its_failure(fault: Fault | None) -> World:
    """The journey is to fail with the token of a wait that runs out just then; it has to fail in the next state."""
    world = _world(FALLBACK, fault)
    world.publish("S", "1", delay=32.0)
    world.publish("u", "1")
    world.keeper.interludes["send_task_failure"] = lambda: _let_pass(world, 31.0)
    world.run()
    return world


def _refused_before_submitted(*series: str) -> Scene:
    """Step Functions refuses answers to a task until it has recorded that the task was submitted."""

    def scene(fault: Fault | None) -> World:
        world = _world(SEQUENCE, fault)
        world.stepfunctions.before_submitted = "refused"
        for position, name in enumerate(series):
            world.publish(name, "1", time=position * 1.0)
        while not world.table.partitions.get("sequence#1", {}).get("JOURNEY", {}).get("waits", {}).get("M"):
            _start_and_store(world)
        for message in list(world.queues["event"].visible()):
            world.deliver(world.queues["event"], message)
        world.run()
        return world

    return scene


def _start_and_store(world: World) -> None:
    for message in list(world.queues["start"].visible()):
        world.deliver(world.queues["start"], message)
    for step in world.stepfunctions.steps():
        if step.label.endswith("stored"):
            step.do()
    if not world.executions:
        world.clock.advance_to(world.clock.now + 1.0)


def _too_old(fault: Fault | None) -> World:
    """Events older than any row: one of each queue."""
    world = _world(SEQUENCE, fault)
    world.publish("a", "1", time=-31 * 86_400.0)
    world.publish("S", "1", time=-31 * 86_400.0)
    world.run()
    return world


def _many_conflicts(*series: str, conflicts: int, delay: float = 0.0) -> Scene:
    """Other transactions hold the rows for long: the functions give up and come again."""

    def scene(fault: Fault | None) -> World:
        world = _world(SEQUENCE, fault)
        for position, name in enumerate(series):
            world.publish(name, "1", time=position * 1.0, delay=position * 5.0)
        world.run(seconds=delay)
        world.dynamodb.conflicts = conflicts
        world.run()
        return world

    return scene


def _conflicts_at_the_stream(fault: Fault | None) -> World:
    """Other transactions hold the journey's row while a stream record is looked at."""
    world = _world(SEQUENCE, fault)
    world.publish("a", "1")
    world.run(seconds=2)
    world.keeper.interludes["batch_get_item"] = lambda: setattr(world.dynamodb, "conflicts", 25)
    return play(SEQUENCE, ["S", "b"], arrivals=[1.0, 9.0], world=world)


def _stored_late(fault: Fault | None) -> World:
    """Step Functions is slow to store a wait: the deadline of an event passes while none is open."""
    world = _world(SEQUENCE, fault)
    world.publish("S", "1")
    world.publish("a", "1", delay=2.0)
    world.stepfunctions.frozen = True
    world.run(seconds=75)
    world.stepfunctions.frozen = False
    world.publish("b", "1", delay=2.0)
    world.run()
    return world


def _claimed_meanwhile(fault: Fault | None) -> World:
    """A function dies over a claim; the deadline of another event passes before the message comes again."""
    world = _world(SEQUENCE, fault)

    def dies() -> None:
        _come_again_after(world, 100.0)
        raise Died

    world.keeper.interludes["send_task_success"] = dies
    return play(SEQUENCE, ["S", "u", "a"], times=[0, 3, 20], world=world)


def _second_start_at_its_deadline(status_events: str) -> Scene:
    """The journey before ends between the last look at the start event that waits for it and its deadline."""

    def scene(fault: Fault | None) -> World:
        world = _world(ONE, fault, status_events=status_events)
        return play(ONE, ["S", "S", "a", "a"], times=[0, 5, 55, 75], world=world)

    return scene


def _moved_at_a_deadline(fault: Fault | None) -> World:
    """The journey is moved between the judgement on an unexpected event and its claim."""
    world = _world(SEQUENCE, fault)
    world.publish("S", "1")
    world.publish("u", "1", delay=2.0)
    world.run(seconds=63)
    world.publish("a", "1")
    (message,) = world.queues["event"].visible()
    message.in_flight = True  # another environment is about to get it

    def moved() -> None:
        message.in_flight = False
        world.deliver(world.queues["event"], message)

    world.keeper.interludes["transact_write_items"] = moved
    world.run()
    return world


def _failure_refused_before_submitted(fault: Fault | None) -> World:
    """The journey is to fail with a token that Step Functions does not take yet."""
    world = _world(SEQUENCE, fault, max_receives=50)
    world.stepfunctions.before_submitted = "refused"
    world.publish("S", "1")
    world.publish("u", "1", delay=2.0)
    _start_and_store(world)
    world.stepfunctions.frozen = True
    world.run(seconds=70)
    world.stepfunctions.frozen = False
    world.run()
    return world


def _items(*series: Any, times: list[float], arrivals: list[float] | None = None) -> Scene:
    """A journey with two items: its waits have rows of their own, which are read one after the other."""

    def scene(fault: Fault | None) -> World:
        world = _world(ITEMS, fault)
        world.dynamodb.page_items = 1
        return play(ITEMS, [("S", {"ps": ["1", "2"]}), *series], times=times, arrivals=arrivals, world=world)

    return scene


def _items_that_lapse(fault: Fault | None) -> World:
    """The time of two items is over before their events come; their waits are left behind."""
    world = _world(LAPSING, fault)
    series: list[Any] = [("S", {"ps": ["1", "2"]}), ("w", {"p": "1"}), "u", "z"]
    return play(LAPSING, series, times=[0, 5, 36, 150], world=world)


def _item_that_waits_again_before_its_claim_is_recorded(fault: Fault | None) -> World:
    """Nothing is kept, and a claim whose message has its payload is in flight, when word of the next wait comes."""
    world = _world(ITEMS_COUNTED, fault)

    def comes() -> None:
        _let_pass(world, 0.0)
        for journey in world.journeys_with_records():
            world.deliver_record(journey)

    world.keeper.interludes["send_task_success"] = lambda: world.keeper.interludes.update(transact_write_items=comes)
    return play(ITEMS_COUNTED, [("S", {"ps": ["1"]}), ("n", {"p": "1"}), ("q", {"p": "1"})], world=world)


def _others_executions(fault: Fault | None) -> World:
    """Status events of executions that are no journeys."""
    world = _world(ONE, fault)
    for number, data in enumerate(["[]", "null", '{"journey": 1}', '"text"']):
        arn = f"arn:aws:states:eu-west-1:111122223333:execution:others:{number}"
        detail = {"executionArn": arn, "status": "FAILED", "input": data, "startDate": 0, "stopDate": 1}
        world.queues["event"].send(json.dumps({"source": "aws.states", "detail": detail}))
    return play(ONE, ["S", "a"], world=world)


def _stored_hours_late(fault: Fault | None) -> World:
    """A journey that runs and opens no wait for hours: until then nobody can say if its events are unexpected."""
    world = _world(SEQUENCE, fault)
    world.stepfunctions.frozen = True
    world.publish("S", "1")
    world.publish("a", "1", delay=2.0)
    world.run(seconds=3 * _AN_HOUR)
    world.stepfunctions.frozen = False
    world.run()
    return world


def _big(fault: Fault | None) -> World:
    """An execution whose input is too big for its status event."""
    world = _world(ONE, fault)
    world.publish("S", "ü" * 256, {"text": "x" * 252_600})
    world.publish("a", "ü" * 256, delay=5.0)
    world.run()
    return world


def _redriven(fault: Fault | None) -> World:
    """A journey is aborted, redriven, and goes on where it stood."""
    world = _world(SEQUENCE, fault)
    world.publish("S", "1")
    world.publish("a", "1", delay=5.0)
    world.run(seconds=10)
    client, arn = world.clients["stepfunctions"], world.executions[0].arn
    client.stop_execution(executionArn=arn)
    world.run(seconds=10)
    client.redrive_execution(executionArn=arn)
    world.run(seconds=10)
    world.publish("b", "1")
    world.run(seconds=_AN_HOUR)
    return world


def _redriven_before_it_is_told(fault: Fault | None) -> World:
    """A journey is aborted and redriven; only minutes later word of its end comes, and then its events and the next."""
    world = _world(SEQUENCE, fault)
    world.publish("S", "1")
    world.run(seconds=5)
    client, arn = world.clients["stepfunctions"], world.executions[0].arn
    client.stop_execution(executionArn=arn)
    world.queues["event"].messages[-1].visible_at += 400.0
    client.redrive_execution(executionArn=arn)
    for delay, name in enumerate(["a", "b", "S", "a", "b"], 1):
        world.publish(name, "1", delay=500.0 + 10.0 * delay)
    world.run(seconds=_AN_HOUR)
    return world


def _overdue(fault: Fault | None) -> World:
    """Three journeys are overdue: one still waits; of the second's end nobody was told; the third cannot be seen."""
    world = _world(HASTY, fault, status_events="dropped")
    for entity in ("1", "2", "3"):
        world.publish("S", entity)
    world.publish("a", "2", delay=5.0)
    world.run(seconds=90)
    world.stepfunctions.denied |= {one.arn for one in world.executions if one.arn.split(":")[-1].startswith("3-")}

    def throttles() -> None:
        raise client_error("ThrottlingException", "Rate exceeded", "DescribeExecution")

    world.keeper.interludes["describe_execution"] = throttles
    for _ in range(2):
        world.watch()
        world.run(seconds=30)
    world.publish("a", "1")
    world.run()
    return world


def _overdue_and_throttled(fault: Fault | None) -> World:
    """Two journeys are overdue, and Step Functions answers about one of them."""
    world = _world(HASTY, fault)
    for entity in ("1", "2"):
        world.publish("S", entity)
    world.run(seconds=90)
    world.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=1, a_second=0.01)
    world.watch()
    world.run(seconds=300)
    for entity in ("1", "2"):
        world.publish("a", entity)
    world.run(seconds=_AN_HOUR)
    return world


def _told_late_of_an_end_before_its_redrive(fault: Fault | None) -> World:
    """Word of the end comes when the journey has long been redriven, and waits again where it stood."""
    world = _world(SEQUENCE, fault)
    world.publish("S", "1")
    world.run(seconds=5)
    client, arn = world.clients["stepfunctions"], world.executions[0].arn
    client.stop_execution(executionArn=arn)
    (told,) = world.queues["event"].messages
    told.visible_at += 400.0
    client.redrive_execution(executionArn=arn)
    world.run(seconds=500)
    for delay, name in enumerate(["a", "b"], 1):
        world.publish(name, "1", delay=10.0 * delay)
    world.run(seconds=_AN_HOUR)
    return world


def _waits_long(fault: Fault | None) -> World:
    """A start event waits for more than a quarter of an hour for the journey before to end, of which nobody tells."""
    world = _world(PATIENT, fault, status_events="dropped")
    play(PATIENT, ["S", "S", "a", "b", "a", "b"], times=[0, 5, 2000, 2010, 6500, 6510], world=world)
    world.run(seconds=2 * _AN_HOUR)
    return world


def _swept_one_at_a_time(fault: Fault | None) -> World:
    """More is due than a sweep takes at once."""
    world = _world(PATIENT, fault)
    with mock.patch.object(table, "MOST_DUE", 1), mock.patch.object(sweeping, "MOST_DUE", 1):
        play(PATIENT, ["b", "a"], world=world)
        world.run(seconds=2 * _AN_HOUR)
    return world


def _swept_twice(fault: Fault | None) -> World:
    """Two sweeps meet: what one has found, the other has taken, and its message gets lost."""
    world = _world(PATIENT, fault)
    world.publish("b", "1")
    world.run(seconds=5000)
    other = table.JourneyTable(world.dynamodb, world.table.name, lambda _seconds: None)

    def takes() -> None:
        world.keeper.interludes["update_item"] = lambda: other.set_due("patient#1", "00000001-b", world.clock.now + 900)

    world.keeper.interludes["query"] = takes
    world.run(seconds=5000)
    return world


def _too_much_to_remember(fault: Fault | None) -> World:
    """An early event that no execution can be given, when its turn comes."""
    world = _world(REMEMBERING, fault)
    world.publish("a", "1", {"more": "y" * 80_000})
    world.publish("S", "1", {"big": "x" * 110_000}, delay=5.0)
    world.publish("a", "1", {"more": "y"}, delay=10.0)
    world.publish("b", "1", delay=15.0)
    world.run(seconds=4.5)
    # Another transaction holds its row just then, too.
    world.keeper.interludes["batch_get_item"] = lambda: setattr(world.dynamodb, "conflicts", 1)
    world.run()
    return world


def _never_fits(fault: Fault | None) -> World:
    """An awaited event that no execution can be given: its message becomes a dead letter, its wait stays open."""
    world = _world(REMEMBERING, fault)
    world.publish("S", "1", {"big": "x" * 110_000})
    world.publish("a", "1", {"more": "y" * 80_000}, delay=5.0)
    world.run()
    return world


def _two_starts_at_their_deadline(first: float, second: float) -> Scene:
    """Two start events wait for the end, of which nobody tells; both look at their deadline, and one begins."""

    def scene(fault: Fault | None) -> World:
        world = _world(ONE_IGNORING, fault, status_events="dropped")
        arrivals = [0.0, first, second, 55.0, 300.0]
        return play(ONE_IGNORING, ["S", "S", "S", "a", "a"], times=[0, 5, 5, 55, 300], arrivals=arrivals, world=world)

    return scene


_CAR_EVENTS = [
    "Car Announced",
    ("Inspection Completed", {"result": "Success"}),
    "Car Repaired",
    "Car Cleaned",
    "Car Priced",
    "Car Published",
    "Car Reserved",
    "Car Unreserved",
    "Car Reserved",
    "Car Sold",
    "Invoice Sent",
    "Car Delivered",
]

SCENES: Mapping[str, Scene] = {
    "awaited events": _series(
        ORDER, "Order Placed", "Order Confirmed", "Order Rejected", "Order Canceled", arrivals=[0.0, 5.0, 10.0, 15.0]
    ),
    "early events": _series(SEQUENCE, "S", "a", "b", arrivals=[9.0, 6.0, 3.0]),
    "everything at once": _series(SEQUENCE, "S", "a", "b", arrivals=[0.0, 0.0, 0.0]),
    "early into an all": _series(ALL, "S", "a", "b", "c", arrivals=[9.0, 6.0, 7.0, 3.0]),
    "a loop": _series(LOOP, "S", "n", "n", "q", times=[0, 5, 10, 15]),
    "an early loop": _series(LOOP, "S", "n", "n", "q", times=[0, 5, 10, 15], arrivals=[20.0, 18.0, 17.0, 16.0]),
    "sold before unreserved": _series(
        SALE, "S", "r", "u", "r", "s", times=[0, 10, 18, 19, 20], arrivals=[0.0, 10.0, 20.5, 20.5, 20.0]
    ),
    "everything of a car": _series(CAR, *_CAR_EVENTS, arrivals=[60.0 - 5 * n for n in range(len(_CAR_EVENTS))]),
    "the wrong order": _series(SEQUENCE, "S", "b"),
    "an extra event": _series(SEQUENCE, "S", "a", "a", "b"),
    "an unknown event, ignored": _series(SEQUENCE_IGNORING, "S", "u", "a", "b", times=[0, 5, 100, 105]),
    "two unknown events": _series(CHOICE, "S", "u", "v"),
    "no journey": _series(SEQUENCE, "a", "b"),
    "after the end": _series(ONE, "S", "a", "a", times=[0, 5, 10]),
    "a long grace period": _series(PATIENT, "b", "S", "a", times=[0, 2000, 2005]),
    "after the end, no status events": _without_status_events,
    "the next journey": _series(ONE, "S", "a", "S", "a"),
    "a start that waits for the end": _second_start_that_waits("dropped"),
    "a start that waits for the end, and is told of it": _second_start_that_waits("sent"),
    "an unknown event, after a timeout": _series(OVERSTAYED, "S", "u"),
    "an unknown event, ended by a timeout": _ended_by_a_timeout,
    "a second start": _series(SEQUENCE, "S", "S"),
    "a second start, ignored": _series(ONE_IGNORING, "S", "S", "a", times=[0, 5, 100]),
    "too old": _too_old,
    "timed out after the claim": _timed_out_after_the_claim(FALLBACK),
    "timed out after the claim, slow to come again": _timed_out_after_the_claim(FALLBACK, 100.0),
    "an all timed out after a claim": _timed_out_after_the_claim(FALLBACK_ALL),
    "aborted after the claim": _aborted_before("send_task_success", "S", "a"),
    "aborted before the failure": _aborted_before("send_task_failure", "S", "u"),
    "timed out before the failure": _branch_times_out_before_its_failure,
    "refused before it was submitted": _refused_before_submitted("S", "a", "b"),
    "conflicts at the start": _many_conflicts("S", "a", "b", conflicts=25),
    "conflicts at an event": _many_conflicts("S", "a", "b", conflicts=25, delay=2.0),
    "conflicts at an early event": _many_conflicts("a", "S", "b", conflicts=25, delay=4.0),
    "conflicts at the stream": _conflicts_at_the_stream,
    "a wait stored after a deadline": _stored_late,
    "a wait stored hours after a deadline": _stored_hours_late,
    "another event claimed at a deadline": _claimed_meanwhile,
    "a second start at its deadline": _second_start_at_its_deadline("sent"),
    "a second start at its deadline, no status events": _second_start_at_its_deadline("dropped"),
    "a failure refused before it was submitted": _failure_refused_before_submitted,
    "ends of others' executions": _others_executions,
    "an input too big for its status event": _big,
    "aborted and redriven": _redriven,
    "redriven before its end is told": _redriven_before_it_is_told,
    "overdue": _overdue,
    "overdue, and Step Functions throttles": _overdue_and_throttled,
    "told late of an end before its redrive": _told_late_of_an_end_before_its_redrive,
    "a start that waits long": _waits_long,
    "swept one at a time": _swept_one_at_a_time,
    "two sweeps meet": _swept_twice,
    "too much to remember": _too_much_to_remember,
    "items": _items(
        ("v", {"p": "1"}), ("w", {"p": "1"}), ("v", {"p": "2"}), ("w", {"p": "2"}), times=[0, 5, 10, 15, 20]
    ),
    "items whose events come early": _items(
        ("w", {"p": "1"}),
        ("v", {"p": "1"}),
        ("w", {"p": "2"}),
        ("v", {"p": "2"}),
        times=[0, 10, 5, 20, 15],
        arrivals=[10, 1, 15, 2, 20],
    ),
    "items, and an unexpected event": _items(("v", {"p": "1"}), "u", times=[0, 5, 6]),
    "items whose time is over": _items_that_lapse,
    "an item that waits again": _item_that_waits_again_before_its_claim_is_recorded,
    "lines of which one ends all": _series(
        LINES, "S", "c", "x", "b", times=[0, 5, 10, 30], arrivals=[20.0, 3.0, 5.0, 30.0]
    ),
}

#: Scenes of an event that comes just at the deadline of another: whichever a crash lets win, each with the other end.
RACES: Mapping[str, tuple[Scene, Scene]] = {
    "two starts at their deadline": (
        _two_starts_at_their_deadline(5.0, 5.2),
        _two_starts_at_their_deadline(5.2, 5.0),
    ),
    "moved at a deadline": (_moved_at_a_deadline, _series(SEQUENCE, "S", "u", "a", times=[0, 2, 90])),
}

#: Scenes that end on a dead-letter queue, as they must.
HOPELESS: Mapping[str, Scene] = {"an awaited event with too much to remember": _never_fits}

#: Scenes of a hundred calls that others show in parts: there functions only die.
LONG = {
    "everything of a car",
    "conflicts at the start",
    "conflicts at an event",
    "conflicts at an early event",
    "conflicts at the stream",
}
