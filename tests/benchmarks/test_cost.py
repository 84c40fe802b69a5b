"""The price has every service in it, and is reckoned from what was counted."""

import pytest

from benchmarks import cost, metrics
from benchmarks.alternatives import bare_order, sample_order
from benchmarks.logs import PLATFORM_LINES, Written, charged_bytes
from benchmarks.transitions import JOURNEYS

SERIES, SAMPLE = JOURNEYS[cost.ORDER]


@pytest.fixture(scope="module")
def order() -> cost.Bill:
    return cost.bill(SERIES)


def test_an_orders_price_has_every_service_in_it(order: cost.Bill) -> None:
    assert [service for service, dollars in order.dollars.items() if dollars > 0] == [
        "Step Functions",
        "DynamoDB",
        "SQS",
        "EventBridge",
        "Lambda",
        "CloudWatch Logs",
    ]


def test_what_follows_from_the_counts_of_an_order_is_its_price(order: cost.Bill) -> None:
    """Six states; five messages of three requests; one report; five invocations."""
    assert order.dollars["Step Functions"] == pytest.approx(150)
    assert order.dollars["SQS"] == pytest.approx(6)
    assert order.dollars["EventBridge"] == pytest.approx(1)
    assert order.invocations == 5
    assert order.dollars["CloudWatch Logs"] == pytest.approx(order.log_bytes / 1000 * 0.5)


def test_lambdas_own_lines_and_26_bytes_a_line_are_counted(order: cost.Bill) -> None:
    written = Written()
    written.log.write("one\n")
    written.output.write("three\n")
    assert written.bytes_of(2) == 3 + 26 + 5 + 26 + 2 * charged_bytes(PLATFORM_LINES)
    assert order.log_bytes > order.invocations * charged_bytes(PLATFORM_LINES)


def test_the_original_sample_and_a_bare_function_are_reckoned_for_the_same_order() -> None:
    names = [name for name, _ in SERIES.events]
    sample, bare = sample_order(SAMPLE, names), bare_order(names)
    assert sample["Step Functions"] == pytest.approx(175)
    assert sample["DynamoDB"] == pytest.approx(4 * 0.625 + 1.5 * 0.125)
    assert bare["DynamoDB"] == pytest.approx(4 * 0.625)
    assert "Step Functions" not in bare


@pytest.mark.parametrize(("level", "finest"), [("summary", 1), ("per_choreography", 2), ("per_state", 3)])
def test_a_levels_series_are_told_apart_by_what_it_allows(level: str, finest: int) -> None:
    series = metrics.numbers(level, metrics.everything)
    assert max(map(len, series)) <= finest
    assert series[("service",)] > 0


def test_the_states_of_all_that_can_happen_to_an_order_are_counted() -> None:
    assert metrics.numbers("per_state", metrics.everything)[("choreography", "service", "state")] == 4


def test_each_alarm_is_paid_for() -> None:
    assert cost.number_of_alarms() >= 14
