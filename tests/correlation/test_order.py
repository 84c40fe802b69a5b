"""Order is forgiven: early events are kept, and a contested event waits for one that may overtake it."""

from itertools import permutations

import pytest

from correlation.definitions import ALL, CAR, CHOICE, FINE, LOOP, ORDER, PATIENT, SALE, SEQUENCE, TWICE
from correlation.playing import Played, nothing_is_left, play
from fake_aws import Deployed, FakeAws, Randomly, deployable

CAR_HAPPY: list[Played] = [
    "Car Announced",
    ("Inspection Completed", {"result": "Success"}),
    "Car Repaired",
    "Car Cleaned",
    "Car Priced",
    "Car Published",
    "Car Reserved",
    "Car Sold",
    "Invoice Sent",
    "Car Delivered",
]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_an_order_ends_right_in_whatever_order_its_events_come(order: tuple[int, ...]) -> None:
    series = ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]
    aws = play(ORDER, series, apart=1.0, arrivals=[float(order.index(i)) for i in range(4)])
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(
    ("choreography", "series", "end"),
    [
        (SEQUENCE, ["S", "a", "b"], "Done"),
        (CHOICE, ["S", "a", "b"], "Done"),
        (CHOICE, ["S", "c"], "Other"),
        (ALL, ["S", "a", "b", "c"], "Done"),
        (ALL, ["S", "b", "a", "c"], "Done"),
        (PATIENT, ["S", "a", "b"], "Done"),
        (CAR, CAR_HAPPY, "Completed"),
        (CAR, ["Car Announced", ("Inspection Completed", {"result": "Rejected"})], "Rejected"),
    ],
    ids=lambda value: value.name if isinstance(value, Deployed) else None,
)
def test_events_that_come_before_their_journey_has_begun_are_used(
    choreography: Deployed, series: list[Played], end: str
) -> None:
    backwards = [float(len(series) - position) for position in range(len(series))]
    aws = play(choreography, series, apart=1.0, arrivals=backwards)
    assert aws.journeys("1") == [("SUCCEEDED", end)]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("stored_first", ["P.x", "P.y"])
@pytest.mark.parametrize("events", [("a", "b"), ("b", "a")], ids="".join)
def test_an_event_meets_an_all_whose_waits_are_only_partly_stored(stored_first: str, events: tuple[str, str]) -> None:
    aws = FakeAws(ALL)
    aws.publish("S", "1")
    (message,) = aws.queues["start"].messages
    aws.deliver(aws.queues["start"], message)
    first = next(step for step in aws.stepfunctions.steps() if step.label.startswith(stored_first))
    first.do()
    for name in events:
        aws.publish(name, "1")
        aws.deliver(aws.queues["event"], aws.queues["event"].visible()[-1])
    aws.publish("c", "1")
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(
    ("unreserved", "reserved_again", "sold"),
    [(18.0, 19.0, 20.0), (21.5, 19.0, 20.0), (21.5, 21.9, 20.0), (20.5, 20.4, 20.0), (18.0, 21.9, 20.0)],
)
def test_sold_waits_for_what_it_has_overtaken(unreserved: float, reserved_again: float, sold: float) -> None:
    aws = play(
        SALE,
        ["S", "r", "u", "r", "s"],
        times=[0.0, 10.0, 18.0, 19.0, 20.0],
        arrivals=[0.0, 10.0, unreserved, reserved_again, sold],
    )
    assert aws.journeys("1") == [("SUCCEEDED", "Sold")]
    assert aws.executions[0].path() == ["On", "Res", "Res?", "On", "Res", "Res?", "Sold"]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(7.5, 6.5), (6.0, 6.5), (6.5, 6.0), (7.9, 6.0)], ids=str)
@pytest.mark.parametrize("times", [(5, 6), (5, 5)], ids=["older", "of the same second"])
def test_an_event_that_fails_a_branch_lets_older_ones_of_other_branches_go_first(
    times: tuple[int, int], arrivals: tuple[float, float]
) -> None:
    # c is contested by b, and so held itself: longer than x, if it comes later.
    failing = "{states: {A: {await: {a: AEnd, x: Bad}}, AEnd: succeed, Bad: fail}}"
    other = "{states: {B: {await: {b: B, c: BEnd}}, BEnd: succeed}}"
    states = f"  P: {{parallel: {{L: {failing}, R: {other}}}, next: Done}}\n  Done: succeed"
    choreography = deployable(f"choreography: lines\nsource: s\nstart: S\nunexpected: fail\nstates:\n{states}")
    aws = play(choreography, ["S", "c", "x"], times=[0, *times], arrivals=[0.0, *arrivals])
    assert [(one.status, one.error) for one in aws.executions] == [("FAILED", "Bad")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("sold", [9.5, 10.5], ids=["before it is awaited", "while it is awaited"])
def test_a_contested_event_is_used_as_soon_as_it_has_settled(sold: float) -> None:
    aws = FakeAws(SALE)
    for name, at in [("S", 0.0), ("r", 10.0), ("s", sold)]:
        aws.publish(name, "1", time=at, delay=at)
    aws.run(seconds=sold + 1.9)
    assert aws.journeys("1") == [("RUNNING", "Res")]
    aws.run(seconds=1.2)
    assert aws.journeys("1") == [("SUCCEEDED", "Sold")]


def test_an_event_does_not_go_before_an_older_one_that_is_held() -> None:
    aws = play(SALE, ["S", "r", "s", "u"], times=[0, 10, 20, 21])
    assert aws.journeys("1") == [("SUCCEEDED", "Sold")]
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [("u", "JourneyEnded")]
    assert nothing_is_left(aws)


def test_what_is_overtaken_by_more_than_settle_is_a_deviation() -> None:
    aws = play(SALE, ["S", "r", "u", "r", "s"], times=[0, 10, 18, 19, 20], arrivals=[0.0, 10.0, 24.0, 23.0, 20.0])
    assert aws.journeys("1") == [("SUCCEEDED", "Sold")]
    assert [one["reason"] for one in aws.deviations()] == ["JourneyEnded", "JourneyEnded"]
    assert nothing_is_left(aws)


def test_an_uncontested_event_is_not_held() -> None:
    aws = FakeAws(SALE)
    for name in ("S", "r", "u"):
        aws.publish(name, "1")
        aws.settle()
    assert aws.executions[0].path() == ["On", "Res", "Res?", "On"]
    assert aws.clock.now == FakeAws().clock.now


def test_the_event_that_ends_a_loop_waits_for_the_last_turn() -> None:
    aws = play(LOOP, ["S", "n", "n", "n", "q"], times=[0, 1, 2, 3, 4], arrivals=[4.0, 5.5, 5.0, 5.9, 4.0])
    assert aws.executions[0].path() == ["L", "L?", "L", "L?", "L", "L?", "L", "L?", "Done"]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(("first", "second", "end"), [(1, 2, "E12"), (2, 1, "E21"), (1, 1, "E11"), (2, 2, "E22")])
@pytest.mark.parametrize("overtaken_by", [-1.0, 0.5, 1.9])
def test_variants_of_one_event_keep_their_order(first: int, second: int, end: str, overtaken_by: float) -> None:
    series: list[Played] = ["S", ("v", {"k": first}), ("v", {"k": second})]
    aws = play(TWICE, series, times=[0, 8, 9], arrivals=[0.0, 10.0 + overtaken_by, 10.0])
    assert aws.journeys("1") == [("SUCCEEDED", end)]
    assert nothing_is_left(aws)


def test_of_events_within_the_same_second_the_one_that_leaves_the_other_possible_goes_first() -> None:
    for arrivals in ([0, 10.0, 20.0, 20.1, 20.2], [0, 10.0, 20.2, 20.1, 20.0], [0, 10.0, 20.1, 20.2, 20.0]):
        aws = play(SALE, ["S", "r", "u", "r", "s"], times=[0, 10, 20, 20, 20], arrivals=arrivals)
        assert aws.journeys("1") == [("SUCCEEDED", "Sold")], arrivals
        assert aws.executions[0].path() == ["On", "Res", "Res?", "On", "Res", "Res?", "Sold"], arrivals
        assert aws.deviations() == []
        assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(permutations([5.0, 5.1, 5.2])), ids=str)
@pytest.mark.parametrize("first", [{"u": "A", "v": "A"}, {"u": "A", "v": "B"}], ids=["alike", "contesting each other"])
def test_of_three_events_within_the_same_second_the_one_that_leaves_no_other_possible_goes_last(
    first: dict[str, str], arrivals: tuple[float, ...]
) -> None:
    ways = ", ".join(f"{event}: {state}" for event, state in {**first, "q": "Done"}.items())
    states = f"  A: {{await: {{{ways}}}}}\n  Done: succeed"
    states += f"\n  B: {{await: {{{ways}}}}}" if "B" in first.values() else ""
    choreography = deployable(f"choreography: three\nsource: s\nstart: S\nunexpected: fail\nstates:\n{states}")
    aws = play(choreography, ["S", "u", "v", "q"], times=[0, 5, 5, 5], arrivals=[0.0, *arrivals])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(("finer", "end"), [(FINE, "E12"), (TWICE, "E21")], ids=["finer", "whole seconds"])
def test_a_finer_clock_orders_what_happens_within_a_second(finer: Deployed, end: str) -> None:
    series: list[Played] = [
        "S",
        ("v", {"k": 1, "occurredAt": "2026-01-01T00:00:05.100Z"}),
        ("v", {"k": 2, "occurredAt": "2026-01-01T00:00:05.200Z"}),
    ]
    aws = play(finer, series, times=[0, 5, 5], arrivals=[0.0, 5.9, 5.5])
    assert aws.journeys("1") == [("SUCCEEDED", end)]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("seed", range(150))
def test_any_interleaving_within_the_grace_period_ends_as_the_order_of_time(seed: int) -> None:
    strategy = Randomly(seed)
    delays = [strategy.random.uniform(0, 40) for _ in CAR_HAPPY]
    arrivals = [position * 1.0 + delay for position, delay in enumerate(delays)]
    aws = play(CAR, CAR_HAPPY, apart=1.0, arrivals=arrivals, strategy=strategy)
    assert aws.journeys("1") == [("SUCCEEDED", "Completed")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_an_early_event_is_kept_for_longer_than_a_message_can_be_delayed() -> None:
    aws = FakeAws(PATIENT)
    aws.publish("b", "1")
    aws.publish("S", "1", delay=6000.0)
    aws.publish("a", "1", delay=7100.0)
    aws.run(seconds=7150)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    aws.run(seconds=3600)
    assert aws.deviations() == []
    assert nothing_is_left(aws)


_BY_KIND = "B: {await: {v: [{when: {k: [1]}, next: E1}, {when: {k: [2]}, next: E2}]}}"


@pytest.mark.parametrize(
    "states",
    [
        f"  A: {{await: {{v: B}}}}\n  {_BY_KIND}\n  E1: succeed\n  E2: succeed",
        f"  A: {{all: {{x: v, y: w}}, next: B}}\n  {_BY_KIND}\n  E1: succeed\n  E2: succeed",
    ],
    ids=["await", "all"],
)
def test_an_event_waits_for_one_of_its_own_kind_where_a_later_state_tells_them_apart(states: str) -> None:
    choreography = deployable(f"choreography: kind\nsource: s\nstart: S\nunexpected: fail\nstates:\n{states}")
    series: list[Played] = ["S", ("v", {"k": 1}), ("v", {"k": 2}), *(["w"] if "all" in states else [])]
    aws = play(choreography, series, times=[0, 5, 6, 7][: len(series)], arrivals=[0.0, 6.5, 6.0, 7.0][: len(series)])
    assert aws.journeys("1") == [("SUCCEEDED", "E2")]


def test_an_event_waits_for_one_of_its_own_kind_where_its_order_with_another_decides() -> None:
    states = (
        "  A: {await: {v: B}}\n  B: {await: {v: C, w: D}}\n  D: {await: {v: Right}}\n  C: succeed\n  Right: succeed"
    )
    choreography = deployable(f"choreography: order-of-kind\nsource: s\nstart: S\nunexpected: fail\nstates:\n{states}")
    aws = play(choreography, ["S", "v", "w", "v"], times=[0, 5, 6, 7], arrivals=[0.0, 7.2, 7.4, 7.0])
    assert aws.journeys("1") == [("SUCCEEDED", "Right")]
