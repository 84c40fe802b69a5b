"""What the price is to be at most, counted: units, dollars, rows, bytes; never seconds."""

import pytest

from benchmarks import cost, looking
from benchmarks.rows_read import after_many_done, done_before_its_deadline, drain, memory_peak
from benchmarks.transitions import JOURNEYS as SERIES
from benchmarks.units import units_of, units_per_event, writes
from benchmarks.workloads import AWAITED, COMPARISONS, EACH_IN_ALL, JOURNEYS
from choreography_insights.views.known import Period

#: Two of them, and what a row has beyond 1 KB, are for those who look. Two are what its row has beyond 1 KB of what
#: tells a repeated start event.
AWAITED_WRITE_UNITS = 11
#: Ten of them are for those who look.
MILLION_ORDERS_DOLLARS = 195
#: A third of what a journey with an `each` of 40 items took before.
EACH_WRITE_UNITS = 2_573 / 3
#: More than an early event costs: an index's entry that comes and goes, and some passes in its last quarter of an hour.
LONG_KEPT_WRITE_UNITS, LONG_KEPT_READ_UNITS = 4, 16
#: What the functions look at for an event, however many others there are: the journey's row and its own, a few times.
ROWS_PER_EVENT = 12
#: For each of 16 shards, one, and two for each state in which somebody waits; and what does not depend on who waits.
CALLS_OF_A_MAP = 16 * (1 + 2 * 6) + 40
#: A quarter of what the function has.
KEPT_BYTES = 128_000_000

pytestmark = pytest.mark.usefixtures("no_log")


def test_an_awaited_event_takes_eleven_write_units_at_most() -> None:
    assert writes(units_per_event(COMPARISONS[AWAITED])) <= AWAITED_WRITE_UNITS


def test_a_million_orders_cost_195_dollars_at_most_all_in() -> None:
    order, _ = SERIES[cost.ORDER]
    assert cost.bill(order).total <= MILLION_ORDERS_DOLLARS


def test_a_journey_with_40_items_takes_a_third_of_the_write_units_that_it_took() -> None:
    assert writes(units_of(JOURNEYS[EACH_IN_ALL])) <= EACH_WRITE_UNITS


def test_an_event_kept_for_a_month_costs_little_more_than_one_kept_for_seconds() -> None:
    long, short = (
        units_per_event(COMPARISONS[early]) for early in ("early by 29 days", "early: arrives before the start event")
    )
    assert writes(long) - writes(short) <= LONG_KEPT_WRITE_UNITS
    assert long["reads"] - short["reads"] <= LONG_KEPT_READ_UNITS


def test_rows_read_for_early_events_of_one_entity_grow_as_the_events_do() -> None:
    for events in (25, 100):
        drained = drain(events)
        assert drained.turns <= ROWS_PER_EVENT * events
        assert drained.deadlines <= ROWS_PER_EVENT * events


def test_a_contested_event_reads_as_few_rows_after_many_events_as_after_few() -> None:
    assert after_many_done("q", 300) == after_many_done("q", 3) <= ROWS_PER_EVENT


def test_the_deadline_of_an_event_that_is_done_reads_as_few_rows_after_many_events_as_after_few() -> None:
    assert done_before_its_deadline(300) == done_before_its_deadline(3) <= ROWS_PER_EVENT


def test_a_thousand_big_kept_events_take_a_quarter_of_the_functions_memory_at_most() -> None:
    assert memory_peak() <= KEPT_BYTES


def test_how_many_calls_a_look_takes_does_not_grow_with_those_who_wait() -> None:
    calls = []
    for waiting in (500_000, 1_000_000):
        table = looking.Table(waiting)
        table.reading.choreography("car-dealer-0", Period(looking.NOW - 45 * 86_400, looking.NOW))
        calls.append(table.calls)
    assert calls[0] == calls[1] <= CALLS_OF_A_MAP
