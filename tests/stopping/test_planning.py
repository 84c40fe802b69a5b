"""What is done so that a choreography comes to its end, and when it has."""

from datetime import UTC, datetime, timedelta

import pytest

from choreography_insights.stopping.planning import Journey, Rule, Sight, Way, is_over, left, plan, to_disable, to_stop

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
START, EVENTS = Rule("shop-order-start", "start", enabled=True), Rule("shop-order-events", "events", enabled=True)
RESTING = [Rule("shop-order-start", "start", enabled=False), Rule("shop-order-events", "events", enabled=False)]
DRAINING = [RESTING[0], EVENTS]
RUNNING = [
    Journey("arn:of:the:younger", NOON - timedelta(minutes=5)),
    Journey("arn:of:the:older", NOON - timedelta(days=2, hours=3)),
]


@pytest.mark.parametrize("way", ["drain", "wait"])
def test_journeys_that_run_get_their_events_to_the_end(way: Way) -> None:
    sight = Sight(NOON, [START, EVENTS], RUNNING)
    assert to_disable(sight, way) == [START]
    assert list(to_stop(sight, way)) == []


def test_journeys_that_are_to_be_ended_need_no_events() -> None:
    sight = Sight(NOON, [START, EVENTS], RUNNING)
    assert to_disable(sight, "abort") == [START, EVENTS]
    assert list(to_stop(sight, "abort")) == RUNNING


@pytest.mark.parametrize("way", ["drain", "wait", "abort"])
def test_when_nothing_runs_and_nothing_begins_all_rules_rest(way: Way) -> None:
    assert to_disable(Sight(NOON, DRAINING, []), way) == [EVENTS]
    assert to_disable(Sight(NOON, RESTING, []), way) == []
    assert is_over(Sight(NOON, RESTING, []), way)


def test_an_event_that_was_under_way_when_the_rules_were_disabled_may_still_begin_a_journey() -> None:
    just_now = Sight(NOON, DRAINING, [], rested_at=NOON - timedelta(seconds=59))
    assert just_now.begins
    assert not just_now.has_ended
    assert to_disable(just_now, "wait") == []
    assert not is_over(just_now, "drain")
    settled = Sight(NOON, DRAINING, [], rested_at=NOON - timedelta(seconds=60))
    assert not settled.begins
    assert settled.has_ended


def test_nobody_waits_for_journeys_unless_asked_to() -> None:
    sight = Sight(NOON, DRAINING, RUNNING, rested_at=NOON)
    assert is_over(sight, "drain")
    assert not is_over(sight, "wait")
    assert not is_over(sight, "abort")


def test_what_is_left_is_said_with_the_oldest_and_whether_the_block_may_go() -> None:
    assert list(left(Sight(NOON, DRAINING, RUNNING), "order")) == [
        "order: 2 journeys running, 1 of 2 rules resting",
        "the oldest has run for 2 days, 3:00:00: arn:of:the:older",
        "not yet: Terraform would have Step Functions end them at their next transition",
    ]
    assert list(left(Sight(NOON, [START, EVENTS], []), "order")) == [
        "order: 0 journeys running, 0 of 2 rules resting",
        "not yet: a journey may still begin",
    ]
    assert list(left(Sight(NOON, RESTING, []), "order")) == [
        "order: 0 journeys running, 2 of 2 rules resting",
        "safe: the block of order can be removed and applied",
    ]


def test_a_plan_says_what_would_be_done() -> None:
    sight = Sight(NOON, [START, EVENTS], RUNNING[:1])
    assert list(plan(sight, "abort")) == [
        "would disable the rule shop-order-start",
        "would disable the rule shop-order-events",
        "would stop 1 journey",
    ]
    assert list(plan(sight, "wait")) == [
        "would disable the rule shop-order-start",
        "would wait for 1 journey to end",
    ]
    assert list(plan(Sight(NOON, RESTING, []), "wait")) == ["there is nothing to be done"]
