"""One event moves a journey at most once, however often and however late it is delivered."""

import pytest

from correlation.definitions import LOOP, ORDER, SALE
from correlation.playing import nothing_is_left, play
from fake_aws import Deployed, FakeAws

ORDER_SERIES = ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]


@pytest.mark.parametrize(
    ("choreography", "series", "end"),
    [
        (ORDER, ORDER_SERIES, "OrderCompleted"),
        (LOOP, ["S", "n", "n", "n", "q"], "Done"),
        (SALE, ["S", "r", "u", "r", "u", "r", "s"], "Sold"),
    ],
    ids=["order", "loop", "sale"],
)
@pytest.mark.parametrize("late", [0.0, 2.5, 7.0, 12.0, 900.0])
def test_an_event_delivered_again_at_once_or_later_moves_its_journey_once(
    choreography: Deployed, series: list[str], end: str, late: float
) -> None:
    aws = FakeAws(choreography)
    for position, name in enumerate(series):
        for delay in (position * 5.0, position * 5.0 + late):
            aws.publish(name, "1", event_id=f"e{position}", time=position * 5.0, delay=delay)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", end)]
    moved = [event["eventId"] for event in aws.executions[0].history.answers()]
    assert moved == [f"e{position}" for position in range(1, len(series))]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_delivery_of_an_event_that_is_done_is_dropped_and_counted() -> None:
    aws = FakeAws(LOOP)
    for at, event_id in [(0.0, "n1"), (5.0, "n1"), (10.0, "n1"), (15.0, "n2")]:
        aws.publish("n", "1", event_id=event_id, delay=at + 1.0)
    aws.publish("S", "1")
    aws.run()
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 2
    assert aws.metrics.counts["EventsDelivered"] == 2
    assert nothing_is_left(aws)


def test_a_wait_that_step_functions_writes_twice_is_one_wait() -> None:
    aws = FakeAws(ORDER)
    aws.stepfunctions.repeats_writes = True
    play(ORDER, ORDER_SERIES, aws=aws)
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert nothing_is_left(aws)


def test_a_repeated_start_event_starts_one_journey() -> None:
    aws = FakeAws(ORDER)
    for delay in (0.0, 0.0, 1.0, 400.0, 1000.0):
        aws.publish("Order Placed", "1", event_id="placed", delay=delay)
    aws.run(seconds=10)
    for name in ORDER_SERIES[1:]:
        aws.publish(name, "1")
        aws.run(seconds=3)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert aws.metrics is not None
    assert aws.metrics.counts["EventsDuplicated"] == 4
    assert nothing_is_left(aws)


def test_an_event_repeated_for_weeks_after_its_journey_ended_is_still_known() -> None:
    aws = FakeAws(ORDER)
    for name in ORDER_SERIES:
        aws.publish(name, "1", event_id=name)
        aws.run(seconds=5)
    for _ in range(4):
        aws.run(seconds=7 * 86_400)
        aws.table.expire(aws.clock.now)
        for name in ORDER_SERIES:
            aws.publish(name, "1", event_id=name, time=-28 * 86_400.0)
        aws.settle()
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "OrderCompleted")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)
