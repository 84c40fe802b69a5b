"""Events that are only noted: `anytime` with `stay`. The journey stays where it is, and nothing else comes of them."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from correlation.playing import nothing_is_left, play
from fake_aws import FakeAws, deployable
from fake_aws.gates import Fault

_HEAD = "choreography: stays\nsource: s\nstart: S\nsettle: 10s\nearly: 60s\ncapture: all\nunexpected: fail\n"

#: Wherever a journey is: in a state, a pause, items, events in any order; and in the last state it is awaited.
EVERYWHERE = deployable(
    _HEAD
    + """
anytime: {r: stay, c: [{when: {test: [true]}, next: stay}, {otherwise: Off}]}
states:
  A: {await: {a: Pause}, timeout: {after: 100s, next: Off}}
  Pause: {wait: 10h, next: Items}
  Items:
    each: {items: $.detail.items, item: $.detail.item, states: {I: {await: {i: J}}, J: succeed}}
    next: Both
  Both: {all: {x: x, y: y}, next: Last}
  Last: {await: {r: Done}}
  Done: succeed
  Off: succeed
"""
)

#: In a group, where a branch awaits the event too; and behind it, where a state does.
GROUP = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {a: A2}}, A2: {await: {r: A3}}, A3: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
    anytime: {r: stay, w: stay}
    next: Q
  Q: {await: {w: Done}}
  Done: succeed
"""
)

#: Only some events of the name.
ONLY_SOME = deployable(
    _HEAD
    + """
anytime: {r: [{when: {stars: [5]}, next: stay}]}
states:
  A: {await: {a: Done}}
  Done: succeed
"""
)


def used(aws: FakeAws) -> list[tuple[str, str]]:
    """By which wait each event was used that is done, in brackets where it was only noted; in the order of time."""
    rows = [row for key, row in aws.table.partitions["stays#1"].items() if key.startswith("EVENT#") and "usedAt" in row]
    rows = [row for row in rows if "wait" in row]
    found = [(float(row["time"]["N"]), row["name"]["S"], row["wait"]["S"], "noted" in row) for row in rows]
    return [(name, f"({wait})" if noted else wait) for _, name, wait, noted in sorted(found)]


WAY: list[tuple[str, dict[str, Any], float]] = [
    ("a", {"items": ["p", "q"]}, 1.0),
    *(("i", {"item": item}, 36_100.0) for item in ("p", "q")),
    ("x", {}, 36_102.0),
]


@pytest.mark.parametrize(
    ("before", "at", "wait"),
    [(0, 10.0, "A"), (1, 10.0, "Pause.Anytime"), (1, 40_000.0, "Items.Anytime"), (4, 40_000.0, "Both.Anytime")],
    ids=["await", "pause", "each", "all"],
)
def test_it_is_noted_where_a_journey_is_and_moves_nothing(before: int, at: float, wait: str) -> None:
    aws = FakeAws(EVERYWHERE)
    aws.publish("S", "1")
    for name, detail, moment in WAY[:before]:
        aws.publish(name, "1", detail, time=moment, delay=moment)
    aws.publish("r", "1", time=at, delay=at)
    aws.publish("c", "1", {"test": True}, time=at + 1, delay=at + 1)
    aws.run(seconds=at + 15)
    assert used(aws)[before:] == [("r", f"({wait})"), ("c", f"({wait})")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == [
        name for name, *_ in WAY[:before]
    ]
    assert aws.executions[0].status == "RUNNING"
    assert aws.deviations() == []
    assert aws.outcome().kept == {}


def test_the_time_of_a_state_goes_on_as_if_nothing_had_come() -> None:
    aws = FakeAws(EVERYWHERE)
    aws.publish("S", "1")
    for at in (30.0, 60.0, 90.0):
        aws.publish("r", "1", time=at, delay=at)
    aws.run(seconds=99.0)
    assert aws.journeys("1") == [("RUNNING", "A")]
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Off")]
    assert nothing_is_left(aws)


def test_before_the_start_event_it_is_kept_and_noted_when_the_journey_begins() -> None:
    aws = play(EVERYWHERE, ["r", "S"], times=[1.0, 0.0], arrivals=[0.0, 20.0])
    assert used(aws) == [("r", "(A)")]
    assert nothing_is_left(aws)


def test_without_a_journey_and_behind_its_end_it_deviates_as_any_event() -> None:
    aws = play(EVERYWHERE, ["r", "S", "c", "r"], times=[0.0, 300.0, 301.0, 400.0])
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [
        ("r", "NoJourney"),
        ("r", "JourneyEnded"),
    ]
    assert nothing_is_left(aws)


def test_it_counts_once_however_often_it_comes() -> None:
    aws = FakeAws(EVERYWHERE)
    aws.publish("S", "1")
    aws.publish("c", "1", {"test": True}, time=1.0, delay=1.0, copies=3)
    aws.run(seconds=10.0)
    assert used(aws) == [("c", "(A)")]
    assert aws.metrics is not None
    assert (aws.metrics.counts["EventsDelivered"], aws.metrics.counts["EventsDuplicated"]) == (1, 2)


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("kind", ["die before", "die after"])
@pytest.mark.parametrize("call", range(14))
def test_it_is_noted_once_wherever_a_function_dies(call: int, kind: Any, copies: int) -> None:
    aws = FakeAws(GROUP, fault=Fault(call, kind), visibility_timeout=5.0)
    aws.publish("S", "1")
    aws.publish("w", "1", time=2.0, delay=2.0, copies=copies)
    aws.run()
    assert used(aws) == [("w", "(P.Anytime)")]
    assert aws.journeys("1") == [("RUNNING", "P")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0, 4.0, 5.0])), ids=str)
def test_what_a_state_awaits_inside_or_behind_is_not_noted_before_in_any_order(arrivals: Sequence[float]) -> None:
    series = ["r", "a", "r", "b", "w"]
    aws = play(GROUP, ["S", *series], apart=1.0, arrivals=[0.0, *arrivals])
    assert used(aws) == [("r", "(P.Anytime)"), ("a", "A1"), ("r", "A2"), ("b", "B1"), ("w", "Q")]
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_one_entry_may_lead_on_and_another_stay() -> None:
    aws = play(EVERYWHERE, ["S", ("c", {"test": True}), "c"], apart=1.0)
    assert used(aws) == [("c", "(A)"), ("c", "A")]
    assert aws.journeys("1") == [("SUCCEEDED", "Off")]


def test_what_no_entry_fits_is_unexpected_as_without() -> None:
    aws = play(ONLY_SOME, ["S", ("r", {"stars": 5}), ("r", {"stars": 1})], apart=1.0)
    assert used(aws) == [("r", "(A)")]
    assert [one["reason"] for one in aws.deviations()] == ["UnexpectedEvent"]
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    assert nothing_is_left(aws)
