"""Events that are accepted at any time: they end all that goes on, in the order in which things happened."""

import itertools
import json
from typing import Any

import pytest

from correlation.playing import Played, nothing_is_left, play
from fake_aws import FakeAws, deployable
from fake_aws.gates import Fault

_HEAD = "choreography: anytime\nsource: s\nstart: S\nsettle: 10s\nearly: 60s\ncapture: all\nunexpected: fail\n"

#: What ends two lines leads to a state that awaits what one of them does.
LINES = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {a: A2}}, A2: {await: {x: A3}}, A3: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
    anytime: {off: [{when: {k: [1]}, next: Bad}, {otherwise: Q}]}
    next: Done
  Done: succeed
  Q: {await: {b: Off}}
  Off: succeed
  Bad: {fail: {error: $.detail.why}}
"""
)

#: What a line awaits is awaited once more, wherever the group leads.
ONCE_MORE = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {a: A2}}, A2: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
    anytime: {off: Q}
    next: Q
  Q: {await: {b: [{when: {v: [0]}, next: Q}, {when: {v: [1]}, next: Done}]}}
  Done: succeed
"""
)

#: The same event wherever the journey is: in a pause, in items, in events in any order, in a state.
EVERYWHERE = deployable(
    _HEAD
    + """
anytime: {off: Off}
states:
  A: {await: {a: Pause}}
  Pause: {wait: 10h, next: Items}
  Items:
    each: {items: $.detail.items, item: $.detail.item, states: {I: {await: {i: J}}, J: succeed}}
    next: Both
  Both: {all: {x: x, y: y}, next: Done}
  Done: succeed
  Off: succeed
"""
)

#: Where a state counts events, what is accepted at any time leads on at once, or back to where nothing has come.
COUNTING = deployable(
    _HEAD
    + """
anytime: {off: Off, again: Q, v: {when: {no: [true]}, next: Off}}
states:
  Q: {await: {v: [{when: {no: [false]}, times: 2, next: Pause}]}}
  Pause: {wait: 10s, next: Done}
  Done: succeed
  Off: succeed
"""
)

REMEMBERING = deployable(
    _HEAD.replace("start: S", "start: {S: {remember: {big: detail.big}}}")
    + """
states:
  P:
    parallel: {A: {states: {A1: {await: {a: A2}}, A2: succeed}}, B: {states: {B1: {await: {b: B2}}, B2: succeed}}}
    anytime: {off: [{remember: {more: detail.more}, next: Q}]}
    next: Done
  Done: succeed
  Q: {await: {c: [{remembered: {more: [m], big: [g]}, next: Off}]}}
  Off: succeed
"""
)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
@pytest.mark.parametrize(
    ("series", "end"),
    [
        (["b", "a", "x"], "Done"),
        (["a", "off", "b"], "Off"),
        (["b", "off", "b"], "Off"),
        (["a", "x", ("off", {"k": 1, "why": "because"})], "because"),
    ],
)
def test_what_happened_first_goes_first_in_every_order(
    arrivals: tuple[float, ...], series: list[Played], end: str
) -> None:
    aws = play(LINES, ["S", *series], apart=1.0, arrivals=[0.0, *arrivals[: len(series)]])
    (execution,) = aws.executions
    assert (execution.error or execution.end) == end
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(0, 1, 2), (0, 2, 1)], ids=str)
def test_at_the_same_time_what_a_line_awaits_goes_before_what_ends_it(arrivals: tuple[float, ...]) -> None:
    aws = play(LINES, ["S", "off", "b"], times=[0, 1, 1], arrivals=arrivals)
    assert aws.journeys("1") == [("RUNNING", "Q")]
    assert [execution.history.answers()[0]["eventName"] for execution in aws.executions] == ["b"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(0, 1, 2, 3), (0, 1, 3, 2), (0, 3, 2, 1)], ids=str)
def test_so_it_does_where_it_might_come_once_more_itself(arrivals: tuple[float, ...]) -> None:
    aws = play(ONCE_MORE, ["S", "a", "off", ("b", {"v": 0})], times=[0, 1, 2, 2], arrivals=arrivals)
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (deviation,) = aws.deviations()
    assert (deviation["event"]["eventName"], deviation["states"]) == ("off", [{"state": "Q", "accepts": ["b"]}])
    assert nothing_is_left(aws)


@pytest.mark.parametrize("before", range(4), ids=["await", "pause", "each", "all"])
def test_it_is_accepted_wherever_a_journey_waits(before: int) -> None:
    aws = FakeAws(EVERYWHERE)
    way: list[tuple[str, dict[str, Any], float]] = [
        ("a", {"items": ["p", "q"]}, 0.0),
        ("i", {"item": "p"}, 36_100.0),
        ("i", {"item": "q"}, 36_101.0),
    ]
    aws.publish("S", "1")
    at = 0.0
    for name, detail, at in (way[:0], way[:1], way[:2], way)[before]:
        aws.publish(name, "1", detail, time=at + 1, delay=at + 1)
    aws.publish("off", "1", time=at + 10, delay=at + 10)
    aws.run(seconds=40_000)
    assert aws.journeys("1") == [("SUCCEEDED", "Off")]
    assert nothing_is_left(aws)


YES, NO = ("v", {"no": False}), ("v", {"no": True})


@pytest.mark.parametrize(
    ("series", "found"),
    [
        ([YES, YES], ("SUCCEEDED", "Done")),
        ([YES, "off"], ("SUCCEEDED", "Off")),
        ([YES, NO], ("SUCCEEDED", "Off")),
        ([YES, YES, NO], ("SUCCEEDED", "Off")),
        ([YES, "again", YES], ("RUNNING", "Q")),
        ([YES, "again", YES, YES], ("SUCCEEDED", "Done")),
        ([YES, YES, "again", YES], ("RUNNING", "Q")),
    ],
)
def test_it_leads_on_from_a_state_that_counts_and_is_none_of_those_that_count(
    series: list[Played], found: tuple[str, str]
) -> None:
    aws = play(COUNTING, ["S", *series], apart=1.0)
    assert aws.journeys("1") == [found]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_a_pause_that_it_may_end_keeps_events_as_any_pause_does() -> None:
    aws = FakeAws(EVERYWHERE)
    aws.publish("S", "1")
    aws.publish("a", "1", {"items": ["p"]}, time=1, delay=1)
    aws.publish("i", "1", {"item": "p"}, time=2, delay=2)
    aws.publish("nobody knows", "1", time=3, delay=3)
    aws.run(seconds=35_000)
    assert aws.deviations() == []
    aws.run(seconds=50_000)
    assert [one["event"]["eventName"] for one in aws.deviations()] == ["nobody knows"]
    assert [met["state"] for met in aws.deviations()[0]["states"]] == ["Both.Anytime", "Both.x", "Both.y"]


def test_what_came_too_late_meets_no_wait_of_the_state_that_was_left() -> None:
    aws = FakeAws(EVERYWHERE)
    for name, at in (("S", 0.0), ("a", 1.0), ("x", 36_100.0), ("y", 36_101.0), ("off", 36_200.0)):
        aws.publish(name, "1", {"items": []}, time=at, delay=at)
    aws.run(seconds=40_000)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [("off", "JourneyEnded")]


@pytest.mark.parametrize("letter", ["x", "é", "\\", "\u0007", "😀"], ids=["ascii", "two", "escaped", "control", "four"])
@pytest.mark.parametrize("size", [20_000, 28_000, 33_000, 900_000])
def test_an_event_of_any_size_ends_a_group_with_what_is_read_of_it(size: int, letter: str) -> None:
    aws = FakeAws(LINES)
    aws.publish("S", "ü" * 256)
    much = letter * (size // (len(json.dumps(letter)) - 2))
    aws.publish("off", "ü" * 256, {"k": 1, "why": "because", "much": much}, delay=2.0)
    aws.run()
    (execution,) = aws.executions
    assert (execution.status, execution.error) == ("FAILED", "because")
    assert nothing_is_left(aws)


@pytest.mark.parametrize("call", range(12))
def test_whoever_finishes_its_claim_cuts_it_down_as_well(call: int) -> None:
    aws = FakeAws(LINES, fault=Fault(call, "die after"), visibility_timeout=5.0)
    aws.publish("S", "1")
    aws.publish("off", "1", {"k": 1, "why": "because", "much": "x" * 100_000}, time=2.0, delay=2.0)
    aws.run()
    assert [(one.status, one.error) for one in aws.executions] == [("FAILED", "because")]
    assert nothing_is_left(aws)


def test_what_is_remembered_comes_through_and_too_much_of_it_leaves_the_wait_open() -> None:
    aws = FakeAws(REMEMBERING)
    aws.publish("S", "1", {"big": "g"})
    aws.publish("off", "1", {"more": "m" * 40_000}, time=1.0, delay=1.0)
    aws.run()
    assert aws.journeys("1") == [("RUNNING", "P")]
    assert [one["reason"] for one in aws.deviations()] == ["TooBigToRemember"]
    aws.publish("off", "1", {"more": "m"})
    aws.publish("c", "1", time=20.0, delay=20.0)
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Off")]
