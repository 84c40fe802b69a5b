"""A wait that is stored late: until it is, nothing is judged, and nothing that ends all lines goes first."""

import pytest

from correlation.definitions import small
from correlation.playing import nothing_is_left
from correlation.storing import refuse_writes
from fake_aws import Deployed, FakeAws, Randomly, Strategy, in_order

_LINES = """
  P:
    parallel:
      One: {states: {A: {await: {a: AE}}, AE: succeed}}
      Two: {states: {B: {await: {b: BE}}, BE: succeed}}
    next: Done
  Done: succeed"""
_EVENTS = "\n  P: {all: {A: a, B: b}, next: Done}\n  Done: succeed"
_ITEMS = """
  P:
    each: {items: $.detail.ps, item: $.detail.p, states: {W: {await: {w: WE}}, WE: succeed}}
    next: Done
  Done: succeed"""
BRIEF = "early: 5s\nsettle: 0s"

Known = tuple[str, dict[str, str]]

#: A choreography, the wait that is late, the event for it, and the one for the wait beside it.
LATE: dict[str, tuple[Deployed, str, Known, Known]] = {
    "branches": (small("lines", _LINES, BRIEF), "B", ("b", {}), ("a", {})),
    "several events": (small("events", _EVENTS, BRIEF), "P.B", ("b", {}), ("a", {})),
    "items": (small("items", _ITEMS, BRIEF), "W[two]", ("w", {"p": "two"}), ("w", {"p": "one"})),
}
#: So many tries of the write are refused: after 1, 15, 183 and 600 s it is stored, where an event has 125 s.
TRIES = [1, 4, 8, 15]


def begun(patch: pytest.MonkeyPatch, deployed: Deployed, wait: str, tries: int) -> FakeAws:
    aws = FakeAws(deployed)
    refuse_writes(patch, aws, "ThrottlingException", of=wait, times=tries)
    aws.publish("S", "1", {"ps": ["one", "two"]})
    return aws


@pytest.mark.parametrize("tries", TRIES)
@pytest.mark.parametrize(("deployed", "wait", "awaited", "beside"), LATE.values(), ids=LATE)
def test_no_alarm_is_raised_by_the_wait_beside_it(
    deployed: Deployed, wait: str, awaited: Known, beside: Known, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = begun(monkeypatch, deployed, wait, tries)
    aws.publish(awaited[0], "1", awaited[1], delay=1)
    aws.publish(beside[0], "1", beside[1], time=1_000, delay=1_000)
    aws.run(seconds=900)
    assert aws.journeys("1") == [("RUNNING", "P")]
    assert len(aws.moved()) == 2
    aws.run()
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("tries", TRIES)
@pytest.mark.parametrize(("deployed", "wait", "awaited", "beside"), LATE.values(), ids=LATE)
def test_what_no_line_awaits_is_reported_with_all_their_waits_in_the_end(
    deployed: Deployed, wait: str, awaited: Known, beside: Known, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = begun(monkeypatch, deployed, wait, tries)
    aws.publish("unknown", "1", delay=1)
    aws.run()
    assert [status for status, _ in aws.journeys("1")] == ["FAILED"]
    (deviation,) = aws.deviations()
    assert deviation["reason"] == "UnexpectedEvent"
    assert wait in {one["state"] for one in deviation["states"]}
    assert {event for one in deviation["states"] for event in one["accepts"]} == {awaited[0], beside[0]}
    assert nothing_is_left(aws)


ENDED_FROM_ONE = small(
    "ended-from-one",
    """
  P:
    parallel:
      One: {states: {A: {await: {bad: Bad, fine: AE}}, AE: succeed, Bad: fail}}
      Two: {states: {B: {await: {b: BE}}, BE: succeed}}
    next: Done
  Done: succeed""",
    "early: 60s\nsettle: 2s",
)


def ended(patch: pytest.MonkeyPatch, strategy: Strategy, tries: int) -> FakeAws:
    """The start comes last; so both events are kept when the waits are stored, one after the other."""
    aws = FakeAws(ENDED_FROM_ONE)
    refuse_writes(patch, aws, "ThrottlingException", of="B", times=tries)
    aws.publish("S", "1", delay=10)
    aws.publish("b", "1", time=1, delay=1)
    aws.publish("bad", "1", time=2, delay=2)
    aws.run(strategy)
    return aws


def came_in_order(aws: FakeAws) -> bool:
    """Both events moved the journey, the one that ended it at last."""
    assert [status for status, _ in aws.journeys("1")] == ["FAILED"]
    (execution,) = aws.executions
    assert [event["eventName"] for event in execution.history.answers()] == ["b", "bad"]
    assert aws.deviations() == []
    return nothing_is_left(aws)


@pytest.mark.parametrize("tries", [0, *TRIES])
def test_an_event_that_ends_all_lines_lets_an_older_one_pass_whose_wait_is_late(
    tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert came_in_order(ended(monkeypatch, in_order, tries))


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("seed", range(60))
def test_so_it_does_in_whatever_order_everything_happens(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert came_in_order(ended(monkeypatch, Randomly(seed), seed % 3))
