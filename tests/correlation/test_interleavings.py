"""Two and three deliveries for one journey, call by call through every order: each ends as the undisturbed one.

Of two every order is run; of three or more, with Step Functions and the stream among them, every order with as many
interruptions (of somebody who could have gone on) at most as are said beside the meeting.
"""

from collections.abc import Callable, Collection

import pytest

from correlation.definitions import ALL, CHOICE, FALLBACK, LOOP, NAMED, ONE, SALE, SEQUENCE, TWICE
from correlation.interleaving import Delivery, Engine, Meeting, Once, Participant, Stream, deliveries, schedules
from correlation.playing import nothing_is_left
from fake_aws import Deployed, Died, FakeAws

#: An event is judged so long after its arrival: what may be older has twice its visibility timeout to come again.
GRACE = 60.0 + 2 * 1.0

_T: dict[str, object] = {"t": "T-1"}


def _fake_aws(choreography: Deployed) -> FakeAws:
    return FakeAws(choreography, visibility_timeout=1.0, max_receives=20)


def _journey(choreography: Deployed, *events: str, seconds: float = 10.0) -> FakeAws:
    """A journey that has taken *events* and waits."""
    aws = _fake_aws(choreography)
    for name in ("S", *events):
        aws.publish(name, "1")
        aws.run(seconds=seconds)
    return aws


def _arriving(aws: FakeAws, *events: str | tuple[str, dict[str, object]], copies: int = 1) -> FakeAws:
    for position, event in enumerate(events):
        name, detail = (event, {}) if isinstance(event, str) else event
        aws.publish(name, "1", detail, event_id=f"{position}{name}", time=position - 20.0, copies=copies)
    return aws


def _arriving_later(aws: FakeAws, name: str) -> None:
    aws.publish(name, "1", delay=5.0)


def _with_engine(aws: FakeAws, *participants: Participant) -> list[Participant]:
    (journey,) = {f"{one.name}#1" for one in aws.choreographies}
    return [*participants, Engine(aws), Stream(aws, journey)]


# ---- two: every order --------


def event_and_next_event() -> Meeting:
    aws = _arriving(_journey(SEQUENCE), "a", "b")
    return aws, deliveries(aws)


def event_and_its_duplicate() -> Meeting:
    aws = _arriving(_journey(SEQUENCE), "a", copies=2)
    _arriving_later(aws, "b")
    return aws, deliveries(aws)


def early_event_and_its_duplicate() -> Meeting:
    aws = _arriving(_journey(SEQUENCE), "b", copies=2)
    _arriving_later(aws, "a")
    return aws, deliveries(aws)


def two_events_of_an_all() -> Meeting:
    aws = _arriving(_journey(ALL), "a", "b")
    _arriving_later(aws, "c")
    return aws, deliveries(aws)


def two_turns_of_a_loop() -> Meeting:
    aws = _arriving(_journey(LOOP), "n", "n")
    _arriving_later(aws, "q")
    return aws, deliveries(aws)


def start_and_early_event() -> Meeting:
    aws = _arriving(_fake_aws(SEQUENCE), "S", "a")
    _arriving_later(aws, "b")
    return aws, deliveries(aws)


def start_and_its_duplicate() -> Meeting:
    aws = _arriving(_fake_aws(SEQUENCE), "S", copies=2)
    for name in ("a", "b"):
        _arriving_later(aws, name)
    return aws, deliveries(aws)


def event_and_the_wait_being_stored() -> Meeting:
    aws = _fake_aws(SEQUENCE)
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    _arriving(aws, "a")
    _arriving_later(aws, "b")
    return aws, [*deliveries(aws), Engine(aws)]


def event_and_the_wait_that_is_written_again() -> Meeting:
    """Step Functions' SDK repeats the UpdateItem of a wait, since it has not heard the answer to the first."""
    aws = _journey(SEQUENCE)
    (line,) = aws.stepfunctions.tokens.values()
    _arriving(aws, "a")
    _arriving_later(aws, "b")
    return aws, [*deliveries(aws), Once(lambda: aws.stepfunctions.write(line.parameters))]


def claimed_event_and_the_deadline_of_the_next() -> Meeting:
    """The next event was early; the one before it is claimed just before that one's deadline.

    Its deadline does not pass judgement over the claim: the state that it leads to uses the event, if late.
    """
    aws = _journey(SEQUENCE)
    aws.publish("b", "1")
    aws.run(seconds=GRACE - 0.5)
    _arriving(aws, "a")
    (first,) = deliveries(aws)
    while "A" in _waits(aws, "sequence#1"):
        first.step()
    aws.clock.advance_to(aws.clock.now + 1)
    return aws, [first, *deliveries(aws)]


def two_contested_events() -> Meeting:
    aws = _arriving(_journey(TWICE), ("v", {"k": 1}), ("v", {"k": 2}))
    return aws, deliveries(aws)


def a_contested_event_that_has_settled_and_the_stream() -> Meeting:
    """Both have waited for the other; the settle message and the stream's record are looked at at the same time."""
    aws = _arriving(_journey(TWICE), ("v", {"k": 1}), ("v", {"k": 2}))
    for message in list(aws.queues["event"].visible()):
        aws.deliver(aws.queues["event"], message)
    del aws.table.stream[:-1]
    aws.clock.advance_to(aws.clock.now + 2.5)
    return aws, [*deliveries(aws), Stream(aws, "twice#1")]


def overtaken_event_and_the_one_that_waits_for_it() -> Meeting:
    """Sold is looked at as soon as it comes, and so is what it has overtaken."""
    aws = _arriving(_journey(SALE, "r"), "u", "r", "s")
    queue = aws.queues["event"]
    unreserved, reserved, sold = queue.visible()
    reserved.visible_at = aws.clock.now + 1.0
    return aws, [Delivery(aws.begin_delivery(queue, message)) for message in (unreserved, sold)]


def event_and_stream_record() -> Meeting:
    """The early event is awaited now: its duplicate and the stream's record find that out together."""
    aws = _arriving(_journey(SEQUENCE), "b")
    aws.settle()
    aws.publish("a", "1")
    aws.deliver(aws.queues["event"], aws.queues["event"].visible()[0])
    while (step := next(aws.stepfunctions.steps(), None)) is not None:
        step.do()
    aws.publish("b", "1", event_id="0b")
    del aws.table.stream[:-1]
    return aws, [*deliveries(aws), Stream(aws, "sequence#1")]


def end_of_a_journey_and_the_next_start() -> Meeting:
    aws = _arriving(_journey(ONE), "a")
    aws.deliver(aws.queues["event"], aws.queues["event"].visible()[0])
    _arriving(aws, "S")
    _arriving_later(aws, "a")
    return aws, deliveries(aws)


def two_that_give_one_claim_back() -> Meeting:
    """The wait times out between a claim and its answer; the message and its repeat find that out together."""
    aws = _journey(FALLBACK, seconds=25.0)
    first = _claiming(aws, "a", "fallback#1", "A")
    aws.clock.advance_to(aws.clock.now + 10)
    while (step := next(aws.stepfunctions.steps(), None)) is not None:
        step.do()
    aws.publish("a", "1", event_id="the-a")
    return aws, [first, *deliveries(aws), Stream(aws, "fallback#1")]


def sold_beside_an_older_claim_that_is_given_back() -> Meeting:
    """Unreserved is claimed for a try that Step Functions has given up; sold has settled, and sees the next try."""
    aws = _journey(SALE)
    aws.stepfunctions.broken_writes = [("InternalServerError", True)]
    _arriving(aws, "r")
    aws.settle()
    aws.publish("s", "1", time=1.0)
    aws.settle()
    first = _claiming(aws, "u", "sale#1", "Res")
    for _ in range(2):
        aws.clock.advance_to(aws.clock.now + 1.2)
        while (step := next(aws.stepfunctions.steps(), None)) is not None:
            step.do()
    _arriving_later(aws, "r")
    return aws, [first, *deliveries(aws)]


def _claiming(aws: FakeAws, name: str, journey: str, wait: str) -> Delivery:
    """An event that is claimed for *wait*; its function stands before the answer to Step Functions."""
    waiting = {id(message) for message in aws.queues["event"].visible()}
    aws.publish(name, "1", event_id=f"the-{name}")
    (message,) = [one for one in aws.queues["event"].visible() if id(one) not in waiting]
    delivery = Delivery(aws.begin_delivery(aws.queues["event"], message))
    assert wait in _waits(aws, journey)
    while wait in _waits(aws, journey):
        delivery.step()
    return delivery


def _waits(aws: FakeAws, journey: str) -> Collection[str]:
    """The waits that stand in the journey's row."""
    waits: dict[str, object] = aws.table.partitions[journey]["JOURNEY"]["waits"]["M"]
    return waits


DONE = [("SUCCEEDED", "Done")]
OF_TWO: list[tuple[Callable[[], Meeting], list[tuple[str, str]]]] = [
    (event_and_next_event, DONE),
    (event_and_its_duplicate, DONE),
    (early_event_and_its_duplicate, DONE),
    (two_events_of_an_all, DONE),
    (two_turns_of_a_loop, DONE),
    (start_and_early_event, DONE),
    (start_and_its_duplicate, DONE),
    (event_and_the_wait_being_stored, DONE),
    (event_and_the_wait_that_is_written_again, DONE),
    (sold_beside_an_older_claim_that_is_given_back, [("SUCCEEDED", "Sold")]),
    (two_contested_events, [("SUCCEEDED", "E12")]),
    (a_contested_event_that_has_settled_and_the_stream, [("SUCCEEDED", "E12")]),
    (overtaken_event_and_the_one_that_waits_for_it, [("SUCCEEDED", "Sold")]),
    (event_and_stream_record, DONE),
    (end_of_a_journey_and_the_next_start, DONE * 2),
]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(("meet", "ends"), OF_TWO, ids=[meet.__name__ for meet, _ in OF_TWO])
def test_two_at_a_time_end_as_one_after_the_other(meet: Callable[[], Meeting], ends: list[tuple[str, str]]) -> None:
    for aws, schedule in schedules(meet):
        aws.run()
        assert aws.journeys("1") == ends, schedule.went
        assert aws.deviations() == [], schedule.went
        assert nothing_is_left(aws), schedule.went


# ---- three and more: every order with few interruptions --------


def events_while_the_engine_works() -> Meeting:
    aws = _arriving(_journey(SEQUENCE), "a", "b")
    return aws, _with_engine(aws, *deliveries(aws))


def a_start_an_early_event_and_the_engine() -> Meeting:
    aws = _arriving(_fake_aws(SEQUENCE), "S", "a")
    _arriving_later(aws, "b")
    return aws, _with_engine(aws, *deliveries(aws))


def three_events_of_an_all() -> Meeting:
    aws = _arriving(_journey(ALL), "a", "b", "c")
    return aws, deliveries(aws)


def an_all_being_stored() -> Meeting:
    aws = _fake_aws(ALL)
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    _arriving(aws, "a", "b")
    _arriving_later(aws, "c")
    return aws, _with_engine(aws, *deliveries(aws))


def turns_and_the_end_of_a_loop() -> Meeting:
    aws = _arriving(_journey(LOOP), "n", "n", "q")
    return aws, deliveries(aws)


def a_turn_twice_and_its_duplicate() -> Meeting:
    aws = _arriving(_journey(LOOP), "n", copies=2)
    aws.publish("n", "1", event_id="other", time=-19.0)
    _arriving_later(aws, "q")
    return aws, deliveries(aws)


def contested_events_and_the_engine() -> Meeting:
    aws = _arriving(_journey(SALE, "r"), "u", "r", "s")
    return aws, deliveries(aws)


def two_contested_events_and_the_wait_being_stored() -> Meeting:
    aws = _fake_aws(TWICE)
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    _arriving(aws, ("v", {"k": 1}), ("v", {"k": 2}))
    return aws, _with_engine(aws, *deliveries(aws))


def a_duplicate_a_redelivery_and_the_stream() -> Meeting:
    """An early event, dropped between claim and answer by one function, is taken up by three at once."""
    aws = _arriving(_journey(SEQUENCE), "b", copies=2)
    aws.settle()
    aws.publish("a", "1")
    aws.deliver(aws.queues["event"], aws.queues["event"].visible()[0])
    while (step := next(aws.stepfunctions.steps(), None)) is not None:
        step.do()
    aws.keeper.interludes["send_task_success"] = _die
    aws.deliver_record("sequence#1")
    aws.shards["sequence#1"].not_before = 0.0
    del aws.table.stream[:-1]
    for _ in range(2):
        aws.publish("b", "1", event_id="0b")
    return aws, [*deliveries(aws), Stream(aws, "sequence#1")]


def _die() -> None:
    raise Died


def test_a_look_finishes_every_claim_that_somebody_began() -> None:
    """The stream dies over its claim of a; its record comes again while b is claimed by another, who is slow."""
    aws = _fake_aws(ALL)
    for name, event_id in (("a", "2a"), ("b", "1b")):
        aws.publish(name, "1", event_id=event_id)
    aws.settle()
    aws.publish("S", "1")
    aws.deliver(aws.queues["start"], aws.queues["start"].visible()[0])
    while (step := next(aws.stepfunctions.steps(), None)) is not None:
        step.do()
    del aws.table.stream[:-1]
    aws.keeper.interludes["send_task_success"] = _die
    aws.deliver_record("all#1")
    del aws.table.stream[1:]  # one look serves all records of a batch
    aws.publish("b", "1", event_id="1b")
    slow = Delivery(aws.begin_delivery(aws.queues["event"], aws.queues["event"].visible()[-1]))
    assert "P.y" in _waits(aws, "all#1")
    while "P.y" in _waits(aws, "all#1"):
        slow.step()
    aws.clock.advance_to(aws.clock.now + 1.0)
    aws.deliver_record("all#1")
    while slow.is_ready:
        slow.step()
    aws.settle()
    assert aws.journeys("1") == [("RUNNING", "C")]


def starts_after_an_end() -> Meeting:
    """The end of a journey, the next start event and its duplicate."""
    aws = _arriving(_journey(ONE), "a")
    aws.deliver(aws.queues["event"], aws.queues["event"].visible()[0])
    _arriving(aws, "S", copies=2)
    _arriving_later(aws, "a")
    return aws, deliveries(aws)


def a_name_being_taught_and_an_event_under_it() -> Meeting:
    """Whichever reads the name first."""
    aws = _arriving(_journey(NAMED), ("a", _T), ("b", _T))
    aws.publish("c", "1", _T, delay=5.0)
    return aws, deliveries(aws)


OF_MORE: list[tuple[Callable[[], Meeting], int, list[tuple[str, str]]]] = [
    (events_while_the_engine_works, 2, DONE),
    (a_start_an_early_event_and_the_engine, 2, DONE),
    (three_events_of_an_all, 2, DONE),
    (an_all_being_stored, 1, DONE),
    (turns_and_the_end_of_a_loop, 2, DONE),
    (a_turn_twice_and_its_duplicate, 2, DONE),
    (contested_events_and_the_engine, 2, [("SUCCEEDED", "Sold")]),
    (two_contested_events_and_the_wait_being_stored, 1, [("SUCCEEDED", "E12")]),
    (a_duplicate_a_redelivery_and_the_stream, 2, DONE),
    (two_that_give_one_claim_back, 3, [("SUCCEEDED", "Late")]),
    (starts_after_an_end, 2, DONE * 2),
    (a_name_being_taught_and_an_event_under_it, 2, DONE),
]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(("meet", "interruptions", "ends"), OF_MORE, ids=[meet.__name__ for meet, _, _ in OF_MORE])
def test_three_and_more_at_a_time_end_as_one_after_the_other(
    meet: Callable[[], Meeting], interruptions: int, ends: list[tuple[str, str]]
) -> None:
    for aws, schedule in schedules(meet, interruptions):
        aws.run()
        assert aws.journeys("1") == ends, schedule.went
        assert aws.deviations() == [], schedule.went
        assert nothing_is_left(aws), schedule.went


# ---- races that may end in two ways --------


def an_event_and_the_deadline_that_it_meets() -> Meeting:
    """What lets the next event go on comes just when that one's grace period is over."""
    aws = _journey(SEQUENCE)
    aws.publish("b", "1")
    aws.run(seconds=GRACE - 0.5)
    aws.clock.advance_to(aws.clock.now + 1)
    _arriving(aws, "a")
    return aws, deliveries(aws)


def two_deadlines() -> Meeting:
    """Two unexpected events are judged at the same time: only one can fail the journey."""
    aws = _journey(SEQUENCE)
    for name in ("u", "v"):
        aws.publish(name, "1")
    aws.run(seconds=GRACE - 0.5)
    aws.clock.advance_to(aws.clock.now + 1)
    return aws, deliveries(aws)


def an_event_and_somebody_who_stops_the_journey() -> Meeting:
    aws = _arriving(_journey(SEQUENCE, "a"), "b")
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    return aws, [*deliveries(aws), Once(lambda: client.stop_execution(executionArn=arn))]


def an_event_and_a_state_that_times_out() -> Meeting:
    aws = _journey(FALLBACK, seconds=29.9)
    _arriving(aws, "a")
    participants = deliveries(aws)
    aws.clock.advance_to(aws.clock.now + 0.2)
    return aws, _with_engine(aws, *participants)


def a_second_start_and_the_event_that_ends_the_journey() -> Meeting:
    aws = _arriving(_journey(ONE), "a", "S")
    return aws, deliveries(aws)


def an_event_that_can_never_be_used_and_the_end() -> Meeting:
    aws = _journey(CHOICE)
    aws.publish("u", "1")
    aws.run(seconds=GRACE - 0.5)
    aws.clock.advance_to(aws.clock.now + 1)
    _arriving(aws, "c")
    return aws, deliveries(aws)


def an_event_under_a_name_at_its_deadline() -> Meeting:
    """The name is taught just then, and the event comes once more."""
    aws = _fake_aws(NAMED)
    event_id = aws.publish("b", "1", _T)
    aws.run(seconds=GRACE - 0.5)
    aws.clock.advance_to(aws.clock.now + 1)
    _arriving(aws, ("a", _T))
    aws.publish("b", "1", _T, event_id=event_id)
    return aws, deliveries(aws)


FAILED = [("FAILED", "UnexpectedEvent")]
RACES: list[tuple[Callable[[], Meeting], list[tuple[list[tuple[str, str]], list[str]]]]] = [
    (claimed_event_and_the_deadline_of_the_next, [(DONE, [])]),
    (
        an_event_and_the_deadline_that_it_meets,
        [(DONE, []), (FAILED, ["JourneyEnded", "UnexpectedEvent"])],
    ),
    (an_event_under_a_name_at_its_deadline, [([], ["NoJourney"])]),
    (two_deadlines, [(FAILED, ["JourneyEnded", "UnexpectedEvent"])]),
    (
        an_event_and_somebody_who_stops_the_journey,
        [(DONE, []), ([("ABORTED", "B")], ["JourneyEnded"])],
    ),
    (an_event_and_a_state_that_times_out, [(DONE, []), ([("SUCCEEDED", "Late")], [])]),
    (a_second_start_and_the_event_that_ends_the_journey, [([*DONE, ("RUNNING", "A")], [])]),
    (
        an_event_that_can_never_be_used_and_the_end,
        [([("SUCCEEDED", "Other")], ["JourneyEnded"]), (FAILED, ["JourneyEnded", "UnexpectedEvent"])],
    ),
]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(("meet", "ends"), RACES, ids=[meet.__name__ for meet, _ in RACES])
def test_a_race_ends_in_one_of_the_ways_it_can_and_each_event_is_used_or_reported(
    meet: Callable[[], Meeting], ends: list[tuple[list[tuple[str, str]], list[str]]]
) -> None:
    _, participants = meet()
    seen = []
    for aws, schedule in schedules(meet, 5 - len(participants)):  # of three, two interruptions make as many orders
        aws.run()
        end = (aws.journeys("1"), sorted({one["reason"] for one in aws.deviations()}))
        assert end in ends, schedule.went
        assert nothing_is_left(aws), schedule.went
        seen += [end] if end not in seen else []
    assert sorted(seen) == sorted(ends), "each of these ends is possible"
