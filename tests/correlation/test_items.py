"""The waits of items have rows of their own: read apart from the journey's row, and in the stream by themselves."""

from collections.abc import Callable
from typing import Any

import pytest

from correlation.definitions import ITEMS, LAPSING, small
from correlation.interleaving import Engine, Meeting, Stream, deliveries, schedules
from correlation.playing import nothing_is_left, play
from fake_aws import FakeAws

ITEMS_IGNORING = small(
    "ignoring-items",
    "  P:\n    each:\n      items: $.detail.ps\n      item: $.detail.p\n"
    "      states: {V: {await: {v: W}}, W: {await: {w: WE}}, WE: succeed}\n    next: Done\n  Done: succeed",
    "unexpected: report\nearly: 5s",
)

Known = tuple[str, dict[str, Any]]


def begun(deployed: Any = ITEMS, *, seconds: float = 5.0) -> FakeAws:
    """A journey with two items; each row is read by a call of its own."""
    aws = FakeAws(deployed, visibility_timeout=1.0, max_receives=20)
    aws.dynamodb.page_items = 1
    aws.publish("S", "1", {"ps": ["1", "2"]})
    aws.run(seconds=seconds)
    return aws


def waits(aws: FakeAws, journey: str) -> list[str]:
    """The names of the rows of waits."""
    return [name for name in aws.table.partitions[journey] if name.startswith("WAIT#")]


# ---- what is kept, and what is stored --------


def an_event_and_its_wait() -> Meeting:
    """An event comes while the wait that it is for is being stored."""
    aws = FakeAws(ITEMS, visibility_timeout=1.0, max_receives=20)
    aws.dynamodb.page_items = 1
    aws.publish("S", "1", {"ps": ["1"]})
    for message in list(aws.queues["start"].visible()):
        aws.deliver(aws.queues["start"], message)
    aws.publish("v", "1", {"p": "1"})
    return aws, [*deliveries(aws), Engine(aws), Stream(aws, "items#1")]


def two_events_of_one_item() -> Meeting:
    """The later of two comes first, or at the same time."""
    aws = FakeAws(ITEMS, visibility_timeout=1.0, max_receives=20)
    aws.dynamodb.page_items = 1
    aws.publish("S", "1", {"ps": ["1"]})
    aws.run(seconds=5.0)
    aws.publish("w", "1", {"p": "1"})
    aws.publish("v", "1", {"p": "1"}, time=-1.0)
    return aws, [*deliveries(aws), Engine(aws), Stream(aws, "items#1")]


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(
    ("meet", "preemptions", "left"),
    [(an_event_and_its_wait, 3, "W"), (two_events_of_one_item, 2, None)],
    ids=["an event and its wait", "two events of one item"],
)
def test_whatever_comes_first_an_event_finds_its_wait_within_seconds(
    meet: Callable[[], Meeting], preemptions: int, left: str | None
) -> None:
    for aws, schedule in schedules(meet, preemptions):
        aws.run(seconds=5.0)
        moved = [name for _, name in aws.moved()]
        assert len(moved) == (2 if left else 3), schedule.went
        if left:
            aws.publish("w", "1", {"p": "1"})
        aws.run()
        assert aws.journeys("1") == [("SUCCEEDED", "Done")], schedule.went
        assert aws.deviations() == [], schedule.went
        assert waits(aws, "items#1") == [], schedule.went
        assert nothing_is_left(aws), schedule.went


def test_a_wait_that_comes_where_nothing_is_kept_costs_one_read() -> None:
    aws = FakeAws(ITEMS, watching=True)
    aws.publish("S", "1", {"ps": ["1", "2"]})
    aws.run(seconds=60)
    assert [call.operation for call in aws.keeper.calls if call.function == "resume"] == ["get_item"] * 2


# ---- judged --------


def judged_while(aws: FakeAws, deed: Callable[[], None]) -> None:
    """Let *deed* happen when Step Functions has been asked about the waits, and the verdict is not done yet."""

    def at_the_next_query() -> None:
        aws.keeper.interludes["query"] = deed

    aws.keeper.interludes["get_execution_history"] = at_the_next_query


@pytest.mark.parametrize("deployed", [ITEMS, ITEMS_IGNORING], ids=["fail", "report"])
def test_no_event_is_judged_by_a_journey_that_moves_while_it_is_looked_at(deployed: Any) -> None:
    aws = begun(deployed)
    aws.publish("w", "1", {"p": "1"}, time=1.0)
    aws.run(seconds=2.0)
    due = max(one.visible_at for one in aws.queues["event"].messages)
    aws.clock.advance_to(due)
    (message,) = aws.queues["event"].visible()
    aws.publish("v", "1", {"p": "1"}, event_id="the-v")
    (late,) = [one for one in aws.queues["event"].visible() if one is not message]
    late.in_flight = True

    def comes() -> None:
        late.in_flight = False
        aws.deliver(aws.queues["event"], late)

    judged_while(aws, comes)
    aws.deliver(aws.queues["event"], message)
    assert late not in aws.queues["event"].messages, "it has come in between"
    aws.run(seconds=10.0)
    assert aws.deviations() == []
    assert sorted(aws.moved().values()) == [1, 1, 1]


@pytest.fixture
def one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines begin late, as of an `each` in an `each`: the second when the first has ended."""
    monkeypatch.setattr("fake_aws.executions.AT_ONCE", 1)


@pytest.mark.usefixtures("one_at_once")
@pytest.mark.parametrize("deployed", [ITEMS, ITEMS_IGNORING], ids=["fail", "report"])
def test_an_event_waits_as_long_as_the_line_that_it_is_for_has_not_begun(deployed: Any) -> None:
    aws = begun(deployed)
    assert len(waits(aws, next(iter(aws.table.partitions)))) == 1
    aws.publish("w", "1", {"p": "2"}, time=1.0)
    aws.publish("v", "1", {"p": "2"})
    aws.run(seconds=5 * 86_400)
    aws.publish("v", "1", {"p": "1"}, time=2.0)
    aws.publish("w", "1", {"p": "1"}, time=3.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.usefixtures("one_at_once")
def test_what_no_line_awaits_is_judged_when_all_have_begun() -> None:
    aws = begun(ITEMS_IGNORING)
    aws.publish("w", "1", {"p": "1"})
    aws.run(seconds=600)
    assert aws.deviations() == []
    for delay, name in ((1.0, "v"), (2.0, "w")):
        aws.publish(name, "1", {"p": "1"}, time=delay, delay=delay)
    aws.publish("w", "1", {"p": "3"}, time=3.0, delay=3.0)
    aws.run(seconds=3_600)
    assert [one["event"]["eventName"] for one in aws.deviations()] == ["w", "w"]


# ---- executions that are another's, or go on --------


def test_a_redriven_journey_goes_on_with_its_items() -> None:
    aws = begun()
    client, arn = aws.clients["stepfunctions"], aws.executions[0].arn
    aws.publish("v", "1", {"p": "1"})
    aws.run(seconds=5)
    client.stop_execution(executionArn=arn)
    aws.run(seconds=5)
    client.redrive_execution(executionArn=arn)
    aws.run(seconds=5)
    aws.publish("S", "1", {"ps": ["1"]}, time=1.0)
    for delay, (name, item) in enumerate([("w", "1"), ("v", "2"), ("w", "2")]):
        aws.publish(name, "1", {"p": item}, time=2.0 + delay, delay=2.0 + delay)
    aws.run(seconds=600)
    assert aws.journeys("1") == [("SUCCEEDED", "Done"), ("RUNNING", "P")]
    assert aws.deviations() == []


def test_the_next_journey_does_not_see_what_lapsed_items_left_nor_what_they_write_late() -> None:
    aws = FakeAws(LAPSING)
    aws.stepfunctions.keep_late = True
    aws.publish("S", "1", {"ps": ["1", "2"]})
    aws.run(seconds=40)
    assert len(waits(aws, "lapsing#1")) == 2
    late = aws.stepfunctions.tokens[next(iter(aws.stepfunctions.tokens))].parameters
    aws.publish("z", "1")
    aws.publish("S", "1", {"ps": ["1"]}, delay=20)
    aws.run(seconds=25)
    aws.stepfunctions.late.append(late)
    for step in list(aws.stepfunctions.late_steps()):
        step.do()
    aws.publish("w", "1", {"p": "1"})
    aws.publish("z", "1", delay=5)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")] * 2
    assert [one.path().count("WE") for one in aws.executions] == [0, 1]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_what_is_left_of_lapsed_items_goes_with_time_and_no_open_wait_does() -> None:
    aws = FakeAws(LAPSING)
    aws.publish("S", "1", {"ps": ["1", "2"]})
    aws.run(seconds=20)
    aws.table.expire(aws.clock.now + 365 * 86_400)
    assert len(waits(aws, "lapsing#1")) == 2
    aws.run(seconds=20)
    aws.table.expire(aws.clock.now + 2 * 365 * 86_400)
    assert waits(aws, "lapsing#1") == []


def test_forty_items_leave_the_journeys_row_as_small_as_it_was() -> None:
    aws = FakeAws(ITEMS)
    items = [str(number) for number in range(40)]
    aws.publish("S", "1", {"ps": items})
    aws.run(seconds=5)
    assert aws.table.partitions["items#1"]["JOURNEY"]["waits"] == {"M": {}}
    for name in ("w", "v"):
        for item in items:
            aws.publish(name, "1", {"p": item}, delay=1.0)
        aws.run(seconds=20)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_a_state_inside_of_two_each_is_waited_for_by_both_keys() -> None:
    nested = small(
        "nested",
        "  P:\n    each:\n      items: $.detail.ps\n      key: $.p\n      item: $.detail.p\n      states:\n"
        "        Q:\n          each:\n"
        "            items: $.detail.qs\n            key: $.q\n            item: $.detail.q\n"
        "            states: {W: {await: {w: WE}}, WE: succeed}\n          next: QE\n"
        "        QE: succeed\n    next: Done\n  Done: succeed",
    )
    both = [(p, q) for p in ("a", "a][b") for q in ("b][c", "c")]
    detail = {"ps": [{"p": p, "qs": [{"q": q} for q in ("b][c", "c")]} for p in ("a", "a][b")]}
    events: list[Any] = [("S", detail), *(("w", {"p": p, "q": q}) for p, q in both)]
    aws = play(nested, events)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)
