"""Groups that are done before all of their lines are: a race, lines that only watch, so many of them."""

import itertools
from typing import Any

import pytest

from correlation.playing import Played, nothing_is_left, play
from correlation.storing import refuse_writes
from fake_aws import Deployed, FakeAws, Randomly, deployable
from fake_aws.errors import client_error

_HEAD = "choreography: need\nsource: s\nstart: S\nsettle: 10s\nearly: 60s\ncapture: all\nunexpected: fail\n"

_RACE = (
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {a: A2}}, A2: {await: {x: A3}}, A3: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
      W: {states: {W1: {await: {bad: Bad, odd: W1}}, Bad: fail}}
    first: true
    timeout: {after: 1h, next: Late}
    next: Q
  Q: {await: {x: Done, again: P}}
  Done: succeed
  Late: succeed
"""
)
#: Two branches race; what the loser awaits is awaited behind them, too. A third one only watches.
RACE = deployable(_RACE.replace(", again: P", ""))
#: So they do, and perhaps again.
RACE_AGAIN = deployable(_RACE)

#: Two branches race, of which one awaits an event twice that is awaited behind them, too.
AWAITED_TWICE = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {x: A2}}, A2: {await: {x: A3}}, A3: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
    first: true
    next: Q
  Q: {await: {x: Done}}
  Done: succeed
"""
)

#: One branch awaits an event twice, and another one watches.
AWAITED_TWICE_AND_WATCHED = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {x: A2}}, A2: {await: {x: A3}}, A3: succeed}}
      W: {states: {W1: {await: {bad: Bad}}, Bad: fail}}
    next: Done
  Done: succeed
"""
)

#: All branches but the one that watches must be done.
WATCHED = deployable(
    _HEAD
    + """
states:
  P:
    parallel:
      A: {states: {A1: {await: {a: A2}}, A2: succeed}}
      B: {states: {B1: {await: {b: B2}}, B2: succeed}}
      W: {states: {W1: {await: {bad: Bad}}, Bad: fail}}
    next: Done
  Done: succeed
"""
)

_TWO_OF_THREE = {
    "all": "all: {A: a, B: b, C: c}",
    "parallel": "parallel:\n"
    + "".join(
        f"      {one.upper()}: {{states: {{{one}1: {{await: {{{one}: {one}2}}}}, {one}2: succeed}}}}\n" for one in "abc"
    ),
}
_AGAIN = {
    kind: _HEAD
    + f"states:\n  P:\n    {group}\n    need: 2\n    timeout: {{after: 1h, next: Late}}\n    next: Q\n"
    + "  Q: {await: {again: P, end: Done}}\n  Done: succeed\n  Late: succeed\n"
    for kind, group in _TWO_OF_THREE.items()
}
TWO_OF_THREE = {kind: deployable(text.replace("again: P, ", "")) for kind, text in _AGAIN.items()}
AGAIN = {kind: deployable(text) for kind, text in _AGAIN.items()}

ITEMS = deployable(
    _HEAD.replace("start: S", "start: {S: {remember: {items: detail.items}}}")
    + """
states:
  P:
    each:
      items: $.remembered.items
      item: $.detail.item
      states: {I: {await: {i: J, bad: Bad}}, J: succeed, Bad: fail}
    need: 2
    anytime: {veto: Late}
    next: Q
  Q: {await: {again: P, end: Done}}
  Done: succeed
  Late: succeed
"""
)


def item(name: str, key: str) -> Played:
    return name, {"item": key}


def begun(*items: Any) -> Played:
    return "S", {"items": [*items]}


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0])), ids=str)
def test_the_first_branch_that_is_done_ends_the_others_in_every_order(arrivals: tuple[float, ...]) -> None:
    aws = play(RACE, ["S", "a", "b", "x"], apart=1.0, arrivals=[0.0, *arrivals, 3.0])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0])), ids=str)
def test_of_two_branches_the_one_that_was_done_first_wins_and_the_other_event_is_unexpected(
    arrivals: tuple[float, ...],
) -> None:
    aws = play(RACE, ["S", "a", "x", "b"], times=[0, 1, 2, 3], arrivals=[0.0, 0.5, *arrivals])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (deviation,) = aws.deviations()
    assert (deviation["event"]["eventName"], deviation["states"]) == ("b", [{"state": "Q", "accepts": ["x"]}])
    assert nothing_is_left(aws)


def test_a_race_is_run_anew_when_a_journey_comes_there_again() -> None:
    aws = play(RACE_AGAIN, ["S", "a", "b", "again", "a", "x", "x"], apart=20.0)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == ["a", "b", "again", "a", "x", "x"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("choreography", [RACE, WATCHED], ids=["race", "all"])
@pytest.mark.parametrize("before", [[], ["a"]], ids=str)
def test_a_branch_that_watches_fails_the_journey_while_others_run(choreography: Deployed, before: list[str]) -> None:
    aws = play(choreography, ["S", *before, "bad"])
    assert [(one.status, one.error) for one in aws.executions] == [("FAILED", "Bad")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
def test_nobody_waits_for_a_branch_that_watches_and_what_it_awaits_comes_too_late_then(
    arrivals: tuple[float, ...],
) -> None:
    aws = play(WATCHED, ["S", "a", "b", "bad"], apart=1.0, arrivals=[0.0, *arrivals])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [("bad", "JourneyEnded")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("choreography", [RACE, *TWO_OF_THREE.values()], ids=["race", *TWO_OF_THREE])
def test_its_time_ends_a_group_of_which_too_few_lines_are_done(choreography: Deployed) -> None:
    aws = play(choreography, ["S", "a"])
    aws.run(seconds=3_700)
    assert aws.journeys("1") == [("SUCCEEDED", "Late")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("kind", TWO_OF_THREE)
@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
def test_two_of_three_are_enough_and_the_third_is_unexpected(kind: str, arrivals: tuple[float, ...]) -> None:
    aws = play(TWO_OF_THREE[kind], ["S", "c", "a", "b"], apart=1.0, arrivals=[0.0, *arrivals])
    assert aws.journeys("1") == [("FAILED", "UnexpectedEvent")]
    (deviation,) = aws.deviations()
    assert (deviation["event"]["eventName"], deviation["states"]) == (
        "b",
        [{"state": "Q", "accepts": ["end"]}],
    )
    assert nothing_is_left(aws)


@pytest.mark.parametrize("kind", TWO_OF_THREE)
@pytest.mark.parametrize("seed", range(10))
def test_a_third_that_is_looked_at_before_the_second_is_counted_is_unexpected(kind: str, seed: int) -> None:
    arrivals = [0.0, 3.0, 3.0, 3.0]
    aws = play(TWO_OF_THREE[kind], ["S", "a", "b", "c"], apart=1.0, arrivals=arrivals, strategy=Randomly(seed))
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == ["a", "b"]
    assert [(one["event"]["eventName"], one["reason"]) for one in aws.deviations()] == [("c", "UnexpectedEvent")]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("kind", TWO_OF_THREE)
def test_a_visit_counts_nothing_that_an_earlier_one_has_counted(kind: str) -> None:
    aws = play(AGAIN[kind], ["S", "a", "b", "again", "c", "a", "end"], apart=20.0)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
def test_so_many_items_are_enough(arrivals: tuple[float, ...]) -> None:
    series = [begun("p", "q", 7), item("i", "7"), item("i", "p"), "end"]
    aws = play(ITEMS, series, apart=1.0, arrivals=[0.0, *arrivals])
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize(
    ("series", "end"),
    [
        ([begun("p", "q"), item("i", "p"), "veto"], "Late"),
        ([begun("p", "q"), item("i", "p"), item("bad", "q")], "Bad"),
        ([begun("p")], "NoItems"),
        ([begun()], "NoItems"),
        ([("S", {"items": "pq"})], "NoItems"),
        ([begun(*range(41))], "NoItems"),
        ([begun("p", "p")], "States.Runtime"),
        (
            [begun("p", "q", "r"), item("i", "p"), item("i", "q"), "again", item("i", "p"), item("i", "r"), "end"],
            "Done",
        ),
    ],
)
def test_items_may_be_rejected_or_too_few(series: list[Played], end: str) -> None:
    aws = play(ITEMS, series)
    assert [one.error or one.end for one in aws.executions] == [end]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


@pytest.mark.parametrize("kind", TWO_OF_THREE)
def test_a_line_counts_once_however_often_it_is_written(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(TWO_OF_THREE[kind])
    write, lost = aws.stepfunctions.write, list[Any]()

    def losing_answers(parameters: dict[str, Any]) -> None:
        """Write, and tell of a failure three times: so Step Functions writes again."""
        write(parameters)
        if ":others" in parameters["ExpressionAttributeValues"] and len(lost) < 3:
            lost.append(parameters)
            raise client_error("InternalServerError", "the answer was lost", "UpdateItem")

    monkeypatch.setattr(aws.stepfunctions, "write", losing_answers)
    for at, name in enumerate(["S", "a"]):
        aws.publish(name, "1", time=at, delay=at)
    aws.run(seconds=1_000)
    assert len(lost) == 3
    assert [status for status, _ in aws.journeys("1")] == ["RUNNING"]
    for at, name in enumerate(["b", "end"]):
        aws.publish(name, "1", time=1_000 + at, delay=at)
    aws.run(seconds=2_000)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


def test_a_line_that_lost_a_race_before_its_wait_was_stored_takes_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = FakeAws(RACE)
    refuse_writes(monkeypatch, aws, "ThrottlingException", of="A1", times=3)
    for at, name in enumerate(["S", "b", "x"]):
        aws.publish(name, "1", time=at, delay=at)
    aws.run(seconds=400)
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert nothing_is_left(aws)


#: What the third line awaits is awaited behind the group, too.
THIRD_BEHIND = deployable(
    _HEAD
    + f"states:\n  P:\n    {_TWO_OF_THREE['all']}\n    need: 2\n    next: Q\n"
    + "  Q: {await: {b: Done}}\n  Done: succeed\n"
)


@pytest.mark.parametrize("arrivals", list(itertools.permutations([1.0, 2.0, 3.0])), ids=str)
def test_what_comes_behind_a_group_is_not_taken_by_a_line_that_is_about_to_be_ended(
    arrivals: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = FakeAws(THIRD_BEHIND)
    write, refused = aws.stepfunctions.write, list[float]()

    def late(parameters: dict[str, Any]) -> None:
        """The line that is enough counts late."""
        if ":others" in parameters["ExpressionAttributeValues"] and len(refused) < 4:
            refused.append(aws.clock.now)
            raise client_error("ThrottlingException", "told to go wrong", "UpdateItem")
        write(parameters)

    monkeypatch.setattr(aws.stepfunctions, "write", late)
    play(THIRD_BEHIND, ["S", "a", "c", "b"], apart=1.0, arrivals=[0.0, *arrivals], aws=aws)
    assert len(refused) == 4
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == ["a", "c", "b"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(0, 5, 6), (0, 6, 5)])
def test_of_one_time_what_a_line_awaits_twice_goes_before_what_ends_the_line(arrivals: tuple[float, ...]) -> None:
    """The first of the two ends no line, though others of its kind contest it."""
    aws = play(AWAITED_TWICE, ["S", "x", "b"], times=[0, 5, 5], arrivals=arrivals)
    assert aws.journeys("1") == [("RUNNING", "Q")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == ["x", "b"]
    assert nothing_is_left(aws)


@pytest.mark.parametrize("arrivals", [(0, 5, 6), (0, 6, 5)])
def test_of_one_time_what_a_line_awaits_twice_goes_before_what_ends_the_journey(arrivals: tuple[float, ...]) -> None:
    aws = play(AWAITED_TWICE_AND_WATCHED, ["S", "x", "bad"], times=[0, 5, 5], arrivals=arrivals)
    assert [(one.status, one.error) for one in aws.executions] == [("FAILED", "Bad")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == ["x", "bad"]
    assert aws.deviations() == []
    assert nothing_is_left(aws)


def test_events_of_a_burst_end_a_group_one_after_the_other_within_seconds() -> None:
    """Each waits until history tells what followed the one before."""
    names = "abcdefgh"
    group = ", ".join(f"{one.upper()}: {one}" for one in (*names, "i"))
    burst = deployable(f"{_HEAD}states:\n  P: {{all: {{{group}}}, need: {len(names)}, next: Done}}\n  Done: succeed")
    aws = FakeAws(burst)
    for number, name in enumerate(("S", *names)):
        aws.publish(name, "1", time=number / 10, delay=number / 10)
    aws.run(seconds=10 + 3 * len(names))
    assert aws.journeys("1") == [("SUCCEEDED", "Done")]
    assert [answer["eventName"] for answer in aws.executions[0].history.answers()] == list(names)
    assert nothing_is_left(aws)
