"""Groups that an event ends once all of their lines are done (`until`), or before any event of theirs (`instead`)."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from choreography_insights.project.definitions import load_workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.event import Event
from choreography_insights.runtime.journey import journey_of
from correlation.interleaving import Meeting, deliveries, schedules
from correlation.orders import Hold, Letter, goes_wrong, holds
from correlation.playing import Played, named, nothing_is_left, play
from fake_aws import Deployed, FakeAws, deployable

_HEAD = "choreography: gates\nsource: s\nstart: S\nsettle: 10s\nearly: 60s\nunexpected: fail\nstates:\n"

_UNTIL = """
  P:
    parallel:
      A: {states: {A1: {await: {g: A2}}, A2: {await: {i: A1, j: A3}, done: true}, A3: succeed}}
      B: {states: {B1: {await: {h: B2}}, B2: succeed}}
      W: {states: {W1: {await: {bad: Bad}}, Bad: fail}}
    timeout: {after: 1h, next: Late}
    until: {k: Q}
  Q: {await: {again: P, i: Iq, end: Done}}
  Iq: succeed
  Done: succeed
  Late: succeed
"""
#: A branch that may be taken up again, one that may not, and one that only watches.
UNTIL = _HEAD + _UNTIL

_INSTEAD = """
  P:
    all: {B: b, C: c}
    instead: {a: Away}
    timeout: {after: 1h, next: Late}
    next: Q
  Q: {await: {again: P, end: Done}}
  Away: {await: {again: P, b: Odd, end: Done}}
  Odd: succeed
  Done: succeed
  Late: succeed
"""
INSTEAD = _HEAD + _INSTEAD

NESTED = (
    _HEAD
    + """
  P:
    parallel:
      A:
        states:
          N:
            parallel:
              C: {states: {C1: {await: {c: C2}}, C2: {await: {d: C1}, done: true}}}
              D: {states: {D1: {await: {e: D2}}, D2: succeed}}
            until: {m: A2}
          A2: {await: {i: N}, done: true}
      B: {states: {B1: {await: {h: B2}}, B2: succeed}}
    until: {k: Q}
    anytime: {x: X}
  Q: {await: {end: Done, c: Done, i: Done}}
  X: {await: {c: Done, k: Done}}
  Done: succeed
"""
)


def _of_items(states: str) -> str:
    """The same for each item of a list."""
    within = states.replace("\n  ", "\n        ")
    each = f"each:\n      items: $.detail.items\n      item: $.detail.item\n      states:{within}"
    return f"{_HEAD}  E:\n    {each}\n    next: Over\n  Over: succeed\n"


UNTIL_OF_ITEMS, INSTEAD_OF_ITEMS = _of_items(_UNTIL), _of_items(_INSTEAD)


def told(choreography: Deployed, series: Sequence[Played], arrivals: Sequence[float] | None = None) -> Any:
    """How a journey of *series* fares that come a second apart: its answers, how it ends, and what deviates."""
    aws = play(choreography, series, apart=1.0, arrivals=arrivals)
    assert nothing_is_left(aws)
    (execution,), ((status, end),) = aws.executions, aws.journeys("1")
    where = "" if status == "RUNNING" else execution.error or end
    return status, where, sorted(one["event"]["eventName"] for one in aws.deviations())


def replayed(text: str, series: Sequence[Played]) -> Any:
    """The same, as replay says it."""
    events = [
        Event(str(at), name, "1", float(at), float(at), detail, at) for at, (name, detail) in enumerate(named(series))
    ]
    (journey,), left = replay(Automaton.of(load_workflow(text, "workflow.yaml")), events)
    deviations = [*left, *journey.deviations]
    end = "" if journey.status == "RUNNING" else journey.error or journey.state
    return journey.status, end, sorted(one.event.name for one in deviations)


@pytest.mark.parametrize(
    ("text", "series"),
    [
        (UNTIL, "g h k end"),
        (UNTIL, "g i h g k i"),
        (UNTIL, "h g j k i"),
        (UNTIL, "g i h k g"),
        (UNTIL, "g k h i"),
        (UNTIL, "g h bad k"),
        (UNTIL, "g h k j"),
        (INSTEAD, "a end"),
        (INSTEAD, "b a c end"),
        (INSTEAD, "a b c"),
        (INSTEAD, "a c end"),
        (INSTEAD, "c b again a end"),
        (INSTEAD, "c b again c a"),
    ],
)
def test_in_every_order_a_gate_is_open_just_when_it_was(text: str, series: str) -> None:
    events: list[Played] = ["S", *series.split()]
    text = text if "again" in series else text.replace("again: P, ", "")
    choreography, times = deployable(text), [float(at) for at in range(len(events))]
    expected = replayed(text, events)
    orders = [times, [0.0, *times[:0:-1]], *([0.0, *one] for one in itertools.permutations(times[1:]))]
    for arrivals in orders[:: max(1, len(orders) // 5)]:
        assert told(choreography, events, arrivals) == expected, arrivals


def test_what_an_earlier_visit_left_in_the_table_opens_no_gate() -> None:
    aws = play(deployable(UNTIL), ["S", "g", "h", "k", "again", "h", "k", "g"], apart=20.0)
    assert aws.journeys("1") == [("RUNNING", "Q")]
    moved = [answer["eventName"] for answer in aws.executions[0].history.answers()]
    assert moved == ["g", "h", "k", "again", "h", "g", "k"]


def about(item: str, names: str) -> list[Played]:
    """Events about an item."""
    return [(name, {"item": item}) for name in names.split()]


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        (INSTEAD_OF_ITEMS, "b a c end", "a end"),
        (UNTIL_OF_ITEMS, "g i h g k end", "h g j k end"),
        (UNTIL_OF_ITEMS, "h g i k g", "g h k again h end"),
        (UNTIL_OF_ITEMS, "g h k again g k h end", "h k g end"),
    ],
)
def test_each_item_has_a_gate_of_its_own(text: str, one: str, other: str) -> None:
    text, ended = text.replace("unexpected: fail", "unexpected: report"), one.endswith("end") and other.endswith("end")
    pairs = itertools.zip_longest(about("p", one), about("q", other))
    series: list[Played] = [("S", {"items": ["p", "q"]}), *(event for pair in pairs for event in pair if event)]
    choreography, expected = deployable(text), replayed(text, series)
    assert (expected[0] == "SUCCEEDED") is ended
    times = [float(at) for at in range(len(series))]
    for arrivals in (times, [0.0, *times[:0:-1]], [0.0, *times[2:], 1.0], [0.0, *times[6:], *times[1:6]]):
        aws = play(choreography, series, apart=1.0, arrivals=arrivals)
        ((status, _),) = aws.journeys("1")
        unexpected = sorted(one["event"]["eventName"] for one in aws.deviations())
        assert (status, unexpected) == (expected[0], expected[2]), arrivals
        if ended:
            assert nothing_is_left(aws)


def test_items_that_wait_for_nothing_are_told_apart() -> None:
    series = [("S", {"items": ["p", "q"]}), *about("p", "g j"), *about("q", "g j"), *about("q", "h k")]
    aws = play(deployable(UNTIL_OF_ITEMS), series, apart=20.0)
    waits = {wait.state for wait in journey_of("gates#1", aws.table.partitions["gates#1"].values()).waits}
    assert waits >= {"A3[p]", "B1[p]", "Q[q]"}


@pytest.mark.parametrize(
    ("text", "before", "tied", "unexpected"),
    [
        (UNTIL, "g h", "i k", "k"),
        (UNTIL, "g", "h k", ""),
        (INSTEAD, "", "c a", "a"),
        (UNTIL_OF_ITEMS, "g h", "i k", "k"),
    ],
)
def test_of_the_same_second_what_lines_await_goes_before_what_ends_them(
    text: str, before: str, tied: str, unexpected: str
) -> None:
    choreography = deployable(text.replace("unexpected: fail", "unexpected: report").replace("again: P, ", ""))
    for last in range(2):
        aws, detail = FakeAws(choreography), {"items": ["p"], "item": "p"}
        for at, name in enumerate(("S", *before.split())):
            aws.publish(name, "1", detail, time=at, delay=at)
        for position, name in enumerate(tied.split()):
            aws.publish(name, "1", detail, time=10.0, delay=15.0 if position == last else 10.0)
        aws.run(seconds=300.0)
        assert [one["event"]["eventName"] for one in aws.deviations()] == unexpected.split()


@pytest.mark.parametrize(
    ("text", "before", "after", "left"),
    [(UNTIL, "g h", "k end", []), (INSTEAD, "b", "a c end", ["a"]), (UNTIL_OF_ITEMS, "h g j", "k end", [])],
)
def test_gates_of_a_redriven_execution_are_told_by_its_new_waits(
    text: str, before: str, after: str, left: list[str]
) -> None:
    aws = FakeAws(deployable(text.replace("unexpected: fail", "unexpected: report").replace("again: P, ", "")))
    step_functions, detail = aws.clients["stepfunctions"], {"items": ["p"], "item": "p"}
    for name in ("S", *before.split()):
        aws.publish(name, "1", detail)
        aws.run(seconds=20.0)
    arn = aws.executions[0].arn
    for call in (step_functions.stop_execution, step_functions.redrive_execution):
        call(executionArn=arn)
        aws.run(seconds=5.0)
    for name in after.split():
        aws.publish(name, "1", detail)
        aws.run(seconds=20.0)
    aws.run(seconds=300.0)
    assert [status for status, _ in aws.journeys("1")] == ["SUCCEEDED"]
    assert [one["event"]["eventName"] for one in aws.deviations()] == left


def test_just_those_events_are_held_whose_order_matters_at_a_gate() -> None:
    letters: list[Letter] = [(name, {}) for name in "abcghik"]
    for text in (UNTIL, INSTEAD):
        workflow = load_workflow(text.replace("start: S", "start: Begun"), "workflow.yaml")
        held = holds(workflow)
        assert goes_wrong(workflow, letters, 4, held) is None
        through = [key for key in held if key[1] in "abcik" and key[0].startswith(("A2", "P."))]
        for one in through:
            assert held[one] is Hold.LAST, one


def test_a_gate_in_a_branch_of_another_and_what_comes_at_any_time_keep_their_order() -> None:
    workflow = load_workflow(NESTED.replace("start: S", "start: Begun"), "workflow.yaml")
    assert goes_wrong(workflow, [(name, {}) for name in "cemhkidx"], 4, holds(workflow)) is None


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize(
    ("text", "before", "events", "ways"),
    [
        (UNTIL, "g h", "j k", {"j k", "k"}),
        (UNTIL, "g h", "i k", {"i", "k i"}),
        (INSTEAD, "", "c a", {"c", "a"}),
        (UNTIL_OF_ITEMS, "g h", "j k", {"j k", "k"}),
        (UNTIL_OF_ITEMS, "g h", "i k", {"i", "k i"}),
        (INSTEAD_OF_ITEMS, "", "c a", {"c", "a"}),
    ],
)
def test_of_two_events_at_once_one_goes_through_before_the_other_shuts_the_gate_or_not_at_all(
    text: str, before: str, events: str, ways: set[str]
) -> None:
    choreography = deployable(text.replace("settle: 10s", "settle: 0s").replace("again: P, ", ""))
    detail = {"items": ["p"], "item": "p"}

    def meet() -> Meeting:
        aws = FakeAws(choreography)
        for name in ("S", *before.split()):
            aws.publish(name, "1", detail)
            aws.run(seconds=10.0)
        for name in events.split():
            aws.publish(name, "1", detail)
        return aws, deliveries(aws)

    went = set()
    for aws, schedule in schedules(meet, 2):
        aws.run(seconds=100.0)
        moved = [answer["eventName"] for answer in aws.executions[0].history.answers()][len(before.split()) :]
        went.add(" ".join(moved))
        assert went <= ways, schedule.went
    assert went == ways
