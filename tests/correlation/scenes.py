"""Scenes for crash points: each plays in a fake AWS of its own; together they walk every path of both functions."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest import mock

from choreography_insights.runtime import due_index, due_sweep
from choreography_insights.runtime.table import JourneyTable
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
    NAMED,
    NAMED_PATIENT,
    NAMED_SALE,
    NOTING,
    NOTING_BEFORE,
    NOTING_BESIDE,
    NOTING_NAMED,
    ONE,
    ONE_IGNORING,
    ORDER,
    OVERSTAYED,
    PATIENT,
    PAUSING,
    QUORUM,
    REMEMBERING,
    RETIRED,
    SALE,
    SEQUENCE,
    SEQUENCE_IGNORING,
    SEVERAL,
    STALE,
    STEP,
    STEP_FALLBACK,
)
from correlation.playing import play
from fake_aws import Deployed, FakeAws
from fake_aws.errors import client_error
from fake_aws.gates import Died, Fault
from fake_aws.stepfunctions import Quota

#: Plays in a fake AWS in which this goes wrong.
Scene = Callable[[Fault | None], FakeAws]

_AN_HOUR = 3600.0


def _series(choreography: Deployed, *series: Any, **how: Any) -> Scene:
    def scene(fault: Fault | None) -> FakeAws:
        return play(choreography, series, aws=_fake_aws(choreography, fault), **how)

    return scene


def _fake_aws(choreography: Deployed, fault: Fault | None, **settings: Any) -> FakeAws:
    return FakeAws(choreography, **{"visibility_timeout": 1.0, "watching": fault is None, "fault": fault, **settings})


def _without_status_events(fault: Fault | None) -> FakeAws:
    """A journey that has ended, of which only Step Functions knows: a late event, and the next journey's start."""
    aws = _fake_aws(ONE, fault, status_events="dropped")
    return play(ONE, ["S", "a", "a", "S", "a"], times=[0, 5, 10, 100, 110], aws=aws)


def _several_entities(fault: Fault | None) -> FakeAws:
    """Events about an entity each of two: the functions hand them out as messages of their own."""
    aws = _fake_aws(SEVERAL, fault)
    for at, name in ((0.0, "S"), (5.0, "a")):
        aws.publish_detail(name, {"ids": ["1", "2"]}, source="s", time=at, delay=at)
    aws.run()
    return aws


def _second_start_that_waits(status_events: str) -> Scene:
    """A start event that comes before the journey before has ended: without status events it has to look again."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(ONE, fault, status_events=status_events)
        return play(ONE, ["S", "a", "S", "a"], times=[0, 10, 12, 40], arrivals=[0.0, 30.0, 12.0, 40.0], aws=aws)

    return scene


def _ended_by_a_timeout(fault: Fault | None) -> FakeAws:
    """A journey whose last state has timed out, of which only Step Functions knows; its wait is still in the table."""
    return play(STALE, ["S", "u"], aws=_fake_aws(STALE, fault, status_events="dropped"))


def _timed_out_after_the_claim(
    choreography: Deployed, comes_again_after: float = 1.0, series: Sequence[Any] = ("S", "a")
) -> Scene:
    """The wait runs out between the claim and its SendTaskSuccess; the event is used by the state that follows."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(choreography, fault)

        def interlude() -> None:
            _come_again_after(aws, comes_again_after)
            _let_pass(aws, 31.0)

        aws.keeper.interludes["send_task_success"] = interlude
        return play(choreography, series, aws=aws)

    return scene


def _come_again_after(aws: FakeAws, seconds: float) -> None:
    """Should the function die over them, the messages that it has in hand come again only after so long."""
    for message in aws.queues["event"].messages:
        if message.in_flight:
            message.returns_at = aws.clock.now + seconds


def _let_pass(aws: FakeAws, seconds: float) -> None:
    """Time passes while a function is at work; only Step Functions does something."""
    aws.clock.advance_to(aws.clock.now + seconds)
    while (step := next(aws.stepfunctions.steps(), None)) is not None:
        step.do()


def _aborted_before(operation: str, *series: Any, of: Deployed = SEQUENCE) -> Scene:
    """Somebody stops the execution between a claim and the call that answers for it."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(of, fault)
        client = aws.clients["stepfunctions"]
        aws.keeper.interludes[operation] = lambda: client.stop_execution(executionArn=aws.executions[0].arn)
        return play(of, series, aws=aws)

    return scene


def _branch_times_out_before_its_failure(fault: Fault | None) -> FakeAws:
    """The journey is to fail with the token of a wait that runs out just then; it has to fail in the next state."""
    aws = _fake_aws(FALLBACK, fault)
    aws.publish("S", "1", delay=32.0)
    aws.publish("u", "1")
    aws.keeper.interludes["send_task_failure"] = lambda: _let_pass(aws, 31.0)
    aws.run()
    return aws


def _refused_before_submitted(*series: str) -> Scene:
    """Step Functions refuses answers to a task until it has recorded that the task was submitted."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(SEQUENCE, fault)
        aws.stepfunctions.before_submitted = "refused"
        for position, name in enumerate(series):
            aws.publish(name, "1", time=position * 1.0)
        while not aws.table.partitions.get("sequence#1", {}).get("JOURNEY", {}).get("waits", {}).get("M"):
            _start_and_store(aws)
        for message in list(aws.queues["event"].visible()):
            aws.deliver(aws.queues["event"], message)
        aws.run()
        return aws

    return scene


def _start_and_store(aws: FakeAws) -> None:
    for message in list(aws.queues["start"].visible()):
        aws.deliver(aws.queues["start"], message)
    for step in aws.stepfunctions.steps():
        if step.label.endswith("stored"):
            step.do()
    if not aws.executions:
        aws.clock.advance_to(aws.clock.now + 1.0)


def _too_old(fault: Fault | None) -> FakeAws:
    """Events older than any row: one of each queue."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("a", "1", time=-31 * 86_400.0)
    aws.publish("S", "1", time=-31 * 86_400.0)
    aws.run()
    return aws


def _many_conflicts(*series: str, conflicts: int, delay: float = 0.0) -> Scene:
    """Other transactions hold the rows for long: the functions give up and come again."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(SEQUENCE, fault)
        for position, name in enumerate(series):
            aws.publish(name, "1", time=position * 1.0, delay=position * 5.0)
        aws.run(seconds=delay)
        aws.dynamodb.conflicts = conflicts
        aws.run()
        return aws

    return scene


def _conflicts_at_the_stream(fault: Fault | None) -> FakeAws:
    """Other transactions hold the journey's row while a stream record is looked at."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("a", "1")
    aws.run(seconds=2)
    aws.keeper.interludes["batch_get_item"] = lambda: setattr(aws.dynamodb, "conflicts", 25)
    return play(SEQUENCE, ["S", "b"], arrivals=[1.0, 9.0], aws=aws)


def _stored_late(fault: Fault | None) -> FakeAws:
    """Step Functions is slow to store a wait: the deadline of an event passes while none is open."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=2.0)
    aws.stepfunctions.frozen = True
    aws.run(seconds=75)
    aws.stepfunctions.frozen = False
    aws.publish("b", "1", delay=2.0)
    aws.run()
    return aws


def _claimed_meanwhile(fault: Fault | None) -> FakeAws:
    """A function dies over a claim; the deadline of another event passes before the message comes again."""
    aws = _fake_aws(SEQUENCE, fault)

    def dies() -> None:
        _come_again_after(aws, 100.0)
        raise Died

    aws.keeper.interludes["send_task_success"] = dies
    return play(SEQUENCE, ["S", "u", "a"], times=[0, 3, 20], aws=aws)


def _second_start_at_its_deadline(status_events: str) -> Scene:
    """The journey before ends between the last look at the start event that waits for it and its deadline."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(ONE, fault, status_events=status_events)
        return play(ONE, ["S", "S", "a", "a"], times=[0, 5, 55, 75], aws=aws)

    return scene


def _moved_at_a_deadline(fault: Fault | None) -> FakeAws:
    """The journey is moved between the judgement on an unexpected event and its claim."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("S", "1")
    aws.publish("u", "1", delay=2.0)
    aws.run(seconds=63)
    aws.publish("a", "1")
    return _delivered_at_the_claim(aws)


def _delivered_at_the_claim(aws: FakeAws) -> FakeAws:
    """The event that lies on its queue comes between what is decided next and the claim that follows."""
    (message,) = aws.queues["event"].visible()
    message.in_flight = True  # another environment is about to get it

    def delivered() -> None:
        message.in_flight = False
        aws.deliver(aws.queues["event"], message)

    aws.keeper.interludes["transact_write_items"] = delivered
    aws.run()
    return aws


def _failure_refused_before_submitted(fault: Fault | None) -> FakeAws:
    """The journey is to fail with a token that Step Functions does not take yet."""
    aws = _fake_aws(SEQUENCE, fault, max_receives=50)
    aws.stepfunctions.before_submitted = "refused"
    aws.publish("S", "1")
    aws.publish("u", "1", delay=2.0)
    _start_and_store(aws)
    aws.stepfunctions.frozen = True
    aws.run(seconds=70)
    aws.stepfunctions.frozen = False
    aws.run()
    return aws


def _items(*series: Any, times: list[float], arrivals: list[float] | None = None) -> Scene:
    """A journey with two items: its waits have rows of their own, which are read one after the other."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(ITEMS, fault)
        aws.dynamodb.page_items = 1
        return play(ITEMS, [("S", {"ps": ["1", "2"]}), *series], times=times, arrivals=arrivals, aws=aws)

    return scene


def _items_that_lapse(fault: Fault | None) -> FakeAws:
    """The time of two items is over before their events come; their waits are left behind."""
    aws = _fake_aws(LAPSING, fault)
    series: list[Any] = [("S", {"ps": ["1", "2"]}), ("w", {"p": "1"}), "u", "z"]
    return play(LAPSING, series, times=[0, 5, 36, 150], aws=aws)


def _item_that_waits_again_before_its_claim_is_recorded(fault: Fault | None) -> FakeAws:
    """Nothing is kept, and a claim whose message has its payload is in flight, when word of the next wait comes."""
    aws = _fake_aws(ITEMS_COUNTED, fault)

    def comes() -> None:
        _let_pass(aws, 0.0)
        for journey in aws.journeys_with_records():
            aws.deliver_record(journey)

    aws.keeper.interludes["send_task_success"] = lambda: aws.keeper.interludes.update(transact_write_items=comes)
    return play(ITEMS_COUNTED, [("S", {"ps": ["1"]}), ("n", {"p": "1"}), ("q", {"p": "1"})], aws=aws)


def _others_executions(fault: Fault | None) -> FakeAws:
    """Status events of executions that are no journeys."""
    aws = _fake_aws(ONE, fault)
    for number, data in enumerate(["[]", "null", '{"journey": 1}', '"text"']):
        arn = f"arn:aws:states:eu-west-1:111122223333:execution:others:{number}"
        detail = {"executionArn": arn, "status": "FAILED", "input": data, "startDate": 0, "stopDate": 1}
        aws.queues["event"].send(json.dumps({"source": "aws.states", "detail": detail}))
    return play(ONE, ["S", "a"], aws=aws)


def _stored_hours_late(fault: Fault | None) -> FakeAws:
    """A journey that runs and opens no wait for hours: until then nobody can say if its events are unexpected."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.stepfunctions.frozen = True
    aws.publish("S", "1")
    aws.publish("a", "1", delay=2.0)
    aws.run(seconds=3 * _AN_HOUR)
    aws.stepfunctions.frozen = False
    aws.run()
    return aws


def _big(fault: Fault | None) -> FakeAws:
    """An execution whose input is too big for its status event."""
    aws = _fake_aws(ONE, fault)
    aws.publish("S", "ü" * 256, {"text": "x" * 252_600})
    aws.publish("a", "ü" * 256, delay=5.0)
    aws.run()
    return aws


def _redriven(fault: Fault | None) -> FakeAws:
    """A journey is aborted, redriven, and goes on where it stood."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("S", "1")
    aws.publish("a", "1", delay=5.0)
    aws.run(seconds=10)
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    client.stop_execution(executionArn=arn)
    aws.run(seconds=10)
    client.redrive_execution(executionArn=arn)
    aws.run(seconds=10)
    aws.publish("b", "1")
    aws.run(seconds=_AN_HOUR)
    return aws


def _redriven_before_it_is_told(fault: Fault | None) -> FakeAws:
    """A journey is aborted and redriven; only minutes later word of its end comes, and then its events and the next."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("S", "1")
    aws.run(seconds=5)
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    client.stop_execution(executionArn=arn)
    aws.queues["event"].messages[-1].visible_at += 400.0
    client.redrive_execution(executionArn=arn)
    for delay, name in enumerate(["a", "b", "S", "a", "b"], 1):
        aws.publish(name, "1", delay=500.0 + 10.0 * delay)
    aws.run(seconds=_AN_HOUR)
    return aws


def _overdue(fault: Fault | None) -> FakeAws:
    """Three journeys are overdue: one still waits; of the second's end nobody was told; the third cannot be seen."""
    aws = _fake_aws(HASTY, fault, status_events="dropped")
    for entity in ("1", "2", "3"):
        aws.publish("S", entity)
    aws.publish("a", "2", delay=5.0)
    aws.run(seconds=90)
    aws.stepfunctions.denied |= {one.arn for one in aws.executions if one.arn.split(":")[-1].startswith("3-")}

    def throttles() -> None:
        raise client_error("ThrottlingException", "Rate exceeded", "DescribeExecution")

    aws.keeper.interludes["describe_execution"] = throttles
    for _ in range(2):
        aws.watch()
        aws.run(seconds=30)
    aws.publish("a", "1")
    aws.run()
    return aws


def _overdue_and_throttled(fault: Fault | None) -> FakeAws:
    """Two journeys are overdue, and Step Functions answers about one of them."""
    aws = _fake_aws(HASTY, fault)
    for entity in ("1", "2"):
        aws.publish("S", entity)
    aws.run(seconds=90)
    aws.stepfunctions.quotas["DescribeExecution"] = Quota(bucket=1, a_second=0.01)
    aws.watch()
    aws.run(seconds=300)
    for entity in ("1", "2"):
        aws.publish("a", entity)
    aws.run(seconds=_AN_HOUR)
    return aws


def _told_late_of_an_end_before_its_redrive(fault: Fault | None) -> FakeAws:
    """Word of the end comes when the journey has long been redriven, and waits again where it stood."""
    aws = _fake_aws(SEQUENCE, fault)
    aws.publish("S", "1")
    aws.run(seconds=5)
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    client.stop_execution(executionArn=arn)
    (told,) = aws.queues["event"].messages
    told.visible_at += 400.0
    client.redrive_execution(executionArn=arn)
    aws.run(seconds=500)
    for delay, name in enumerate(["a", "b"], 1):
        aws.publish(name, "1", delay=10.0 * delay)
    aws.run(seconds=_AN_HOUR)
    return aws


def _waits_long(fault: Fault | None) -> FakeAws:
    """A start event waits for more than a quarter of an hour for the journey before to end, of which nobody tells."""
    aws = _fake_aws(PATIENT, fault, status_events="dropped")
    play(PATIENT, ["S", "S", "a", "b", "a", "b"], times=[0, 5, 2000, 2010, 6500, 6510], aws=aws)
    aws.run(seconds=2 * _AN_HOUR)
    return aws


def _swept_one_at_a_time(fault: Fault | None) -> FakeAws:
    """More is due than a sweep takes at once."""
    aws = _fake_aws(PATIENT, fault)
    with mock.patch.object(due_index, "MOST_DUE", 1), mock.patch.object(due_sweep, "MOST_DUE", 1):
        play(PATIENT, ["b", "a"], aws=aws)
        aws.run(seconds=2 * _AN_HOUR)
    return aws


def _swept_twice(fault: Fault | None) -> FakeAws:
    """Two sweeps meet: what one has found, the other has taken, and its message gets lost."""
    aws = _fake_aws(PATIENT, fault)
    aws.publish("b", "1")
    aws.run(seconds=5000)
    other = JourneyTable(aws.dynamodb, aws.table.name, lambda _seconds: None)

    def takes() -> None:
        aws.keeper.interludes["update_item"] = lambda: other.set_due("patient#1", "00000001-b", aws.clock.now + 900)

    aws.keeper.interludes["query"] = takes
    aws.run(seconds=5000)
    return aws


def _too_much_to_remember(fault: Fault | None) -> FakeAws:
    """An early event that no execution can be given, when its turn comes."""
    aws = _fake_aws(REMEMBERING, fault)
    aws.publish("a", "1", {"more": "y" * 80_000})
    aws.publish("S", "1", {"big": "x" * 110_000}, delay=5.0)
    aws.publish("a", "1", {"more": "y"}, delay=10.0)
    aws.publish("b", "1", delay=15.0)
    aws.run(seconds=4.5)
    # Another transaction holds its row just then, too.
    aws.keeper.interludes["batch_get_item"] = lambda: setattr(aws.dynamodb, "conflicts", 1)
    aws.run()
    return aws


def _never_fits(fault: Fault | None) -> FakeAws:
    """An awaited event that no execution can be given: its message becomes a dead letter, its wait stays open."""
    aws = _fake_aws(REMEMBERING, fault)
    aws.publish("S", "1", {"big": "x" * 110_000})
    aws.publish("a", "1", {"more": "y" * 80_000}, delay=5.0)
    aws.run()
    return aws


def _two_starts_at_their_deadline(first: float, second: float) -> Scene:
    """Two start events wait for the end, of which nobody tells; both look at their deadline, and one begins."""

    def scene(fault: Fault | None) -> FakeAws:
        aws = _fake_aws(ONE_IGNORING, fault, status_events="dropped")
        arrivals = [0.0, first, second, 55.0, 300.0]
        return play(ONE_IGNORING, ["S", "S", "S", "a", "a"], times=[0, 5, 5, 55, 300], arrivals=arrivals, aws=aws)

    return scene


_T = {"t": "T-1"}
_AGAIN = ("S", {"number": 2})


def _name_of_two(fault: Fault | None) -> FakeAws:
    """Two entities are told to have the same name, by an event and by a start event."""
    aws = _fake_aws(NAMED_SALE, fault)
    aws.publish("S", "1", _T)
    aws.publish("S", "2", _T, delay=5.0)
    aws.run(seconds=300)
    return aws


def _name_and_conflicts(fault: Fault | None) -> FakeAws:
    """Other transactions hold the rows when an event begins to wait under a name, and when it is reported."""
    aws = _fake_aws(NAMED, fault)
    event_id = aws.publish("b", "1", _T)
    aws.dynamodb.conflicts = 25
    aws.run(seconds=30)
    aws.keeper.interludes["get_item"] = lambda: setattr(aws.dynamodb, "conflicts", 25)
    aws.run(seconds=300)
    aws.publish("b", "1", _T, event_id=event_id)  # what was reported comes again
    aws.run()
    return aws


def _name_of_two_and_a_conflict(fault: Fault | None) -> FakeAws:
    """Another transaction holds the row just when a name that another entity has is about to be reported."""
    aws = _fake_aws(NAMED, fault)
    aws.publish("a", "1", _T)
    aws.run(seconds=5)
    aws.keeper.interludes["transact_write_items"] = lambda: setattr(aws.dynamodb, "conflicts", 1)
    aws.publish("a", "2", _T)
    aws.run()
    return aws


def _name_taught_at_a_deadline(fault: Fault | None) -> FakeAws:
    """The name is taught between the judgement on an event that waits under it and its claim."""
    aws = _fake_aws(NAMED, fault)
    aws.publish("b", "1", _T)
    aws.run(seconds=61.5)
    aws.publish("a", "1", _T)
    return _delivered_at_the_claim(aws)


def _name_taught_before_it_is_waited_for(fault: Fault | None) -> FakeAws:
    """The name is taught between the look at it and the event's beginning to wait under it; and the event waits."""
    aws = _fake_aws(NAMED, fault)
    aws.publish("S", "1")
    aws.run(seconds=5)
    aws.publish("a", "1", _T)
    aws.publish("b", "1", _T)
    first, second = aws.queues["event"].visible()
    first.in_flight = True  # another environment is about to get it

    def taught() -> None:
        first.in_flight = False
        aws.deliver(aws.queues["event"], first)

    aws.keeper.interludes["transact_write_items"] = taught
    aws.deliver(aws.queues["event"], second)
    aws.publish("c", "1", _T, delay=5.0)
    aws.run()
    return aws


def _delivered_at_the_note(aws: FakeAws) -> FakeAws:
    """The older of two messages comes between what is decided about the other and its note."""
    first, second = aws.queues["event"].visible()
    first.in_flight = True  # another environment is about to get it

    def delivered() -> None:
        first.in_flight = False
        aws.deliver(aws.queues["event"], first)

    aws.keeper.interludes["transact_write_items"] = delivered
    aws.deliver(aws.queues["event"], second)
    aws.run()
    return aws


def _moved_before_it_is_noted(fault: Fault | None) -> FakeAws:
    """Another event moves the journey: what is noted must not be noted in the state that was left."""
    aws = _noting(fault)
    aws.publish("a", "1")
    aws.publish("r", "1")
    return _delivered_at_the_note(aws)


def _noted_by_another(fault: Fault | None) -> FakeAws:
    """An event comes twice, and two functions have it in hand at once."""
    aws = _noting(fault)
    aws.publish("r", "1", copies=2)
    return _delivered_at_the_note(aws)


def _noting(fault: Fault | None) -> FakeAws:
    """A journey that has begun, in which something may be noted."""
    aws = _fake_aws(NOTING, fault)
    aws.publish("S", "1")
    aws.run(seconds=5)
    return aws


def _left_when_asked(fault: Fault | None) -> FakeAws:
    """A state times out between the look at a journey whose early event it notes, and the question about its wait."""
    aws = _fake_aws(NOTING, fault)
    aws.publish("r", "1", time=1.0)
    aws.run(seconds=2)
    aws.keeper.interludes["send_task_heartbeat"] = lambda: _let_pass(aws, 31.0)
    aws.publish("S", "1")
    aws.publish("b", "1", delay=40.0)
    aws.run()
    return aws


def _stopped_before_it_is_noted(fault: Fault | None) -> FakeAws:
    """Somebody stops the execution between the question about its wait and the note."""
    aws = _noting(fault)
    aws.publish("r", "1")
    client = aws.clients["stepfunctions"]
    aws.keeper.interludes["transact_write_items"] = lambda: client.stop_execution(executionArn=aws.executions[0].arn)
    aws.run()
    return aws


def _stopped_before_it_comes(fault: Fault | None) -> FakeAws:
    """Somebody stops the execution before the event comes."""
    aws = _noting(fault)
    aws.clients["stepfunctions"].stop_execution(executionArn=aws.executions[0].arn)
    aws.publish("r", "1", delay=1.0)
    aws.run()
    return aws


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
    "a second start": _series(SEQUENCE, "S", ("S", {"number": 2})),
    "a second start, ignored": _series(ONE_IGNORING, "S", ("S", {"number": 2}), "a", times=[0, 5, 100]),
    "a start that is published again": _series(ONE, "S", "S", "a", times=[0, 5, 300]),
    "a start event that is a step": _series(STEP, "S", "a", _AGAIN),
    "a start event that is a step, and early": _series(STEP, "S", "a", _AGAIN, arrivals=[0.0, 9.0, 5.0]),
    "a start event that is a step and comes twice": _series(STEP, "S", "a", _AGAIN, ("S", {"number": 3})),
    "a start event that is a step, timed out after the claim": _timed_out_after_the_claim(
        STEP_FALLBACK, series=("S", _AGAIN)
    ),
    "a start event that is a step, aborted after the claim": _aborted_before(
        "send_task_success", "S", _AGAIN, of=STEP_FALLBACK
    ),
    "a start event that is no step yet": _series(STEP, "S", _AGAIN),
    "an event about several entities": _several_entities,
    "a retired event": _series(RETIRED, "S", "b", "a", times=[0, 1, 200]),
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
    "pauses": _series(
        PAUSING, ("S", {"ps": ["1"]}), "b", ("j", {"p": "1"}), "z", times=[0, 50, 75, 80], arrivals=[0, 20, 75, 80]
    ),
    "a quorum": _series(QUORUM, "S", *(("y", {"by": by}) for by in ("ann", "ann", "ben", "cat"))),
    "a quorum, the other way round": _series(
        QUORUM,
        "S",
        *(("y", {"by": by}) for by in ("ann", "ann", "ben", "cat")),
        arrivals=[20.0, 18.0, 15.0, 12.0, 10.0],
    ),
    "another name": _series(NAMED, "S", ("a", _T), ("b", _T), ("c", _T)),
    "another name, and everything early": _series(
        NAMED, "S", ("a", _T), ("b", _T), ("c", _T), arrivals=[9.0, 6.0, 3.0, 1.0]
    ),
    "a name that nobody teaches": _series(NAMED, ("b", _T)),
    "a name that nobody teaches for long": _series(NAMED_PATIENT, ("b", _T)),
    "a name of two entities": _name_of_two,
    "a name of two entities, and a conflict": _name_of_two_and_a_conflict,
    "a name, and conflicts": _name_and_conflicts,
    "a name taught before it is waited for": _name_taught_before_it_is_waited_for,
    "a noted event": _series(NOTING, "S", "r", "a", "r", "b", "r", "d", times=[0, 5, 10, 15, 20, 25, 60]),
    "a noted event, early": _series(NOTING, "S", "r", "a", arrivals=[9.0, 3.0, 12.0]),
    "a noted event, and everything early": _series(NOTING, "S", "r", "a", "r", "b", arrivals=[9.0, 7.0, 6.0, 5.0, 4.0]),
    "a noted event, twice at once": _noted_by_another,
    "a noted event, after a timeout": _series(NOTING, "S", "r", "b", times=[0, 36, 40]),
    "a noted event, early, and a timeout when it is found": _left_when_asked,
    "a noted event, and the journey is moved": _moved_before_it_is_noted,
    "a noted event, before and after its journey": _series(
        NOTING, "r", "S", "a", "b", "d", "r", times=[0, 100, 105, 110, 150, 300]
    ),
    "a noted event, and an unexpected one": _series(NOTING, "S", "r", "u", "r"),
    "a noted event that is awaited next": _series(NOTING_BEFORE, "S", "r", "a", "r"),
    "a noted event that is awaited next, early": _series(
        NOTING_BEFORE, "S", "r", "a", "r", arrivals=[9.0, 5.0, 4.0, 3.0]
    ),
    "a noted event that is awaited next, the other way round": _series(
        NOTING_BEFORE, "S", "r", "a", "r", arrivals=[0.0, 17.0, 16.5, 16.0]
    ),
    "a noted event that a line awaits": _series(NOTING_BESIDE, "S", "r", "a", "r", "c", "z"),
    "a noted event that a line awaits, early": _series(
        NOTING_BESIDE, "S", "r", "a", "r", arrivals=[15.0, 12.0, 10.0, 8.0]
    ),
    "a noted event, just before its time is over": _series(NOTING_BESIDE, "S", "r", "z", times=[0, 59, 150]),
    "a noted event, when its time is over": _series(NOTING_BESIDE, "S", "r", "z", times=[0, 70, 150]),
    "a noted event under another name": _series(NOTING_NAMED, "S", ("a", _T), ("r", _T), "b"),
    "a noted event under another name, early": _series(
        NOTING_NAMED, "S", ("a", _T), ("r", _T), arrivals=[9.0, 6.0, 3.0]
    ),
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
    "a name taught at a deadline": (
        _name_taught_at_a_deadline,
        _series(NAMED, ("b", _T), ("a", _T), times=[0, 90]),
    ),
    "a noted event whose journey is stopped": (_stopped_before_it_is_noted, _stopped_before_it_comes),
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
