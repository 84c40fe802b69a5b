"""Events that are only noted: `anytime` with `stay`. The journey stays where it is, and nothing else comes of them."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from choreography_insights.runtime.event import Event
from choreography_insights.runtime.journey import (
    RUNNING,
    AcceptedEvent,
    EventRow,
    Journey,
    KeptEvent,
    OpenWait,
    Snapshot,
    Status,
)
from choreography_insights.runtime.settings import ChoreographySettings
from choreography_insights.runtime.steps import Asked, AskWait, AskWaits, Note, SettleTimers, StreamQuestion
from choreography_insights.runtime.stream_decision import decide_stream
from choreography_insights.runtime.table import JourneyTable
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
      A: {states: {X1: {await: {a: X2}}, X2: {await: {r: X3}}, X3: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
    anytime: {r: stay, w: stay}
    next: Q
  Q: {await: {w: Done}}
  Done: succeed
"""
)

#: What is noted in the first state is awaited in the second.
BEHIND = deployable(
    _HEAD
    + """
anytime: {r: stay}
states:
  A: {await: {a: B}}
  B: {await: {r: Done}}
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
    assert used(aws) == [("r", "(P.Anytime)"), ("a", "X1"), ("r", "X2"), ("b", "B1"), ("w", "Q")]
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
def test_what_leads_to_where_it_is_awaited_waits_for_older_ones_to_be_noted(arrivals: Sequence[float]) -> None:
    aws = play(BEHIND, ["S", "r", "a", "r"], apart=1.0, arrivals=[0.0, *arrivals])
    assert used(aws) == [("r", "(A)"), ("a", "A"), ("r", "B")]
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


RATED = Event(
    "e", "r", 1.0, "1", {"eventId": "e", "eventName": "r", "entityId": "1", "time": "1970-01-01T00:00:01Z"}, 1.0
)
KEPT = KeptEvent("e", 1.0, 1.0, 60.0, "r")
ROW = EventRow("e", Status.KEPT, "r", 1.0, 1.0, 60.0, payload={**RATED.payload, "detail": {}})
SETTINGS = ChoreographySettings("stays", "arn", "$.detail.id", "$.time", ("r",), 60.0, 0.0, "fail", 60.0, ())


def question(wait: OpenWait) -> StreamQuestion:
    journey = Journey("stays#1", execution="x", status=RUNNING, waits=(wait,), kept={"e": KEPT})
    return StreamQuestion(SETTINGS, Snapshot(journey).with_rows([ROW], ["e"]), now=5.0)


def test_a_wait_is_asked_for_before_an_event_is_noted_for_it() -> None:
    wait = OpenWait("A", "token", (AcceptedEvent("r", stays=True),), 0.0)
    assert decide_stream(question(wait)) == AskWait(wait)
    assert isinstance(decide_stream(question(wait)._replace(open_token="token")), Note)


def test_and_where_a_line_may_await_it_whether_all_waits_are_stored() -> None:
    wait = OpenWait("P.Anytime", "token", (AcceptedEvent("r", stays=True, yields=True),), 0.0, watches=True)
    asking = question(wait)
    assert decide_stream(asking) == AskWaits(stored=True)
    assert isinstance(decide_stream(asking._replace(asked=Asked(all_stored=False))), SettleTimers)
    assert decide_stream(asking._replace(asked=Asked(all_stored=True))) == AskWait(wait)


def test_it_is_noted_only_as_long_as_its_wait_and_its_row_are_as_they_were_seen() -> None:
    aws = FakeAws(EVERYWHERE)
    aws.publish("S", "1")
    aws.run(seconds=10.0)
    table = JourneyTable(aws.dynamodb, aws.table.name, lambda _: None)
    journey = table.read_journey("stays#1").journey
    (wait,) = journey.waits

    def note(wait: OpenWait, *, was_kept: bool) -> bool:
        return table.note(journey, RATED, wait, KEPT, now=5.0, variant=1, was_kept=was_kept)

    assert not note(wait._replace(token="that of a state that was left"), was_kept=False)
    assert not note(wait, was_kept=True)
    assert note(wait, was_kept=False)
    assert not note(wait, was_kept=False)
    assert table.read_journey("stays#1").journey.waits == (wait,)


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
