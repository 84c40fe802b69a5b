"""What a report shows is what replay says of the same events."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.model.workflow import All
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.envelopes import usable
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey_log import Summary
from choreography_insights.report import gathering, page
from choreography_insights.report.gathering import Gathered
from choreography_insights.report.timeline import MOST_STEPS, Timeline
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.words import Clock
from demonstration.cars import recorded
from support.definitions import EXAMPLES, GOOD, generated, name_of, read, workflow_of
from support.reported import HOSTILE, envelopes, gathered

WITHOUT = ("time-alone-ends-it",)
"""Where no events lead to an end, and so none are simulated."""

CAR = next(folder for folder in EXAMPLES if folder.name == "car-dealer")


def summed(automaton: Automaton, lines: list[str]) -> Summary:
    """Return what `choreography replay` says in sum."""
    summary = Summary(automaton)
    replay = Replay(automaton, summary.add)
    in_order = InOrder(float("inf"))
    events: list[Event] = list(usable(automaton, lines, summary, print))
    for event in in_order(events):
        summary.events += 1
        replay.take(event)
    replay.finish()
    return summary


def lines_of(events: list[tuple[str, float, str]]) -> list[str]:
    """Return envelopes of events, each of an entity, at a time, by its name."""
    return [
        json.dumps({"id": str(number), "detail-type": name, "source": "s", "time": at, "detail": {"id": entity}})
        for number, (entity, at, name) in enumerate(events)
    ]


def assert_equal(found: Gathered, summary: Summary) -> None:
    known = found.known
    assert known.transitions == dict(summary.transitions)
    outcomes: Counter[str] = Counter()
    for (status, _), times in known.outcomes.items():
        outcomes[status] += times
    assert dict(outcomes) == {status: times for status, times in summary.statuses.items() if status != "RUNNING"}
    assert (known.running, known.started) == (summary.statuses["RUNNING"], summary.journeys)
    assert known.deviations == summary.deviations.total() == sum(group.count for group in known.groups)
    for name, state in summary.states.items():
        shown = known.states[name]
        assert shown.spent.count == sum(shown.spent.counts.values()) == state.stay.visits
        assert shown.spent.seconds == pytest.approx(state.stay.seconds)
        assert shown.spent.longest == state.stay.longest
        assert (shown.entered, shown.ended, shown.waiting) == (state.entered, state.ended, state.waiting)
        assert shown.expected == state.expected
        assert (shown.overdue is None) == (state.expected is None)
        assert (shown.overdue or 0) <= min(state.overdue, shown.waiting)


def assert_film_ends_there(found: Gathered, summary: Summary) -> None:
    taken: Counter[tuple[str, str, str]] = Counter()
    for step in found.taken.steps():
        taken.update(step)
    assert dict(taken) == dict(summary.transitions)
    held: Counter[str] = Counter()
    for moved in found.occupied.steps():
        held.update(moved)
    assert {name: times for name, times in held.items() if times} == {
        name: state.waiting for name, state in summary.states.items() if state.waiting
    }


@pytest.mark.parametrize("folder", [folder for folder in [*GOOD, *EXAMPLES] if folder.name not in WITHOUT], ids=name_of)
@settings(max_examples=12)
@given(data=st.data())
def test_every_number_is_that_of_replay(folder: Path, data: st.DataObject) -> None:
    """Some of the simulated series at once, cut off somewhere: then journeys run on."""
    workflow = read(folder)
    series = [text for name, text in generated(folder).items() if name.startswith("simulations/")]
    picks = data.draw(st.lists(st.sampled_from(series), min_size=1, max_size=6))
    events = []
    for number, text in enumerate(picks):
        begun = data.draw(st.sampled_from([0.0, 7.0, 86_400.0, 90_000.5]))
        told = envelopes(json.loads(text), f"series-{number}", 1_767_225_600.0 + begun)
        events += told[: data.draw(st.integers(min_value=1, max_value=len(told)))]
    lines = [line for _, line in sorted(events)]
    summary = summed(Automaton.of(workflow), lines)
    if summary.events:
        found = gathered(workflow, lines)
        assert_equal(found, summary)
        assert_film_ends_there(found, summary)


def test_every_number_of_hundreds_of_journeys_is_that_of_replay() -> None:
    lines = [*recorded(300, entities=HOSTILE)]
    summary = summed(Automaton.of(read(CAR)), lines)
    found = gathered(read(CAR), lines)
    assert_equal(found, summary)
    assert_film_ends_there(found, summary)


def test_an_all_is_left_as_often_as_its_last_event_came() -> None:
    workflow = read(CAR)
    found = gathered(workflow, recorded(200))
    states = Scopes.of(workflow).states
    for name, state in states.items():
        if isinstance(state, All):
            assert found.known.exits[name] == found.known.states[state.next.text].entered - sum(
                times
                for (origin, _, target), times in found.known.transitions.items()
                if target == state.next.text and origin != name
            )


def test_overdue_is_what_waits_longer_than_expected() -> None:
    states = {
        "Both": {
            "parallel": {
                "one": {"states": {"X": {"await": {"x": "X1"}, "expected": "1h"}, "X1": "succeed"}},
                "two": {"states": {"Y": {"await": {"y": "Y1"}}, "Y1": "succeed"}},
            },
            "expected": "3h",
            "next": "Done",
        },
        "Done": "succeed",
    }
    workflow = workflow_of(states, source="s", start="S", expected="2h")
    begun = [("1", 0.0, "S"), ("2", 3_600.0, "S"), ("3", 7_200.0, "S"), ("1", 7_200.0, "x"), ("4", 10_800.0, "S")]
    lines = lines_of(begun)
    known = gathered(workflow, lines).known
    assert known.overdue == 1  # only the first runs for more than 2 h
    found = {name: (state.expected, state.overdue) for name, state in known.states.items()}
    assert found["Both"] == (10_800, 0)
    assert found["X"] == (3_600, 1)  # of three that wait there, the second
    assert found["Y"] == (None, None)
    assert summed(Automaton.of(workflow), lines).overdue == {"Both": 0, "X": 2}  # and the stay of the first


def test_late_is_what_waits_longer_than_95_percent_did() -> None:
    found = gathered(read(CAR), recorded(400))
    state = found.known.states["OnSale"]
    assert found.known.period
    now = found.known.period.end
    assert 0 < state.late < state.waiting
    late = [one for one in state.longest if state.spent.is_late(now - one.since)]
    assert state.late == len(late)
    assert late == list(state.longest[: len(late)])


def test_a_journey_that_is_late_counts_once_wherever_in_it_it_waits() -> None:
    one, two = ({"states": {up: {"await": {up.lower(): f"{up}1"}}, f"{up}1": "succeed"}} for up in "XY")
    both = {"parallel": {"one": one, "two": two}, "next": "Done"}
    workflow = workflow_of({"Both": both, "Done": "succeed"}, source="s", start="S")
    usual = [(f"{n}", 100.0 * n + 10 * at, name) for n in range(60) for at, name in enumerate("Sxy")]
    known = gathered(workflow, lines_of([*usual, ("late", 7_000.0, "S"), ("now", 9_000.0, "S")])).known
    assert (known.running, known.late) == (2, 1)
    assert sum(state.late for state in known.states.values()) == 3


def test_the_longest_waits_and_all_kinds_of_deviations_have_their_story() -> None:
    found = gathered(read(CAR), recorded(400, entities=HOSTILE))
    told = {journey.entity for journey in found.journeys}
    for state in found.known.states.values():
        assert {one.entity for one in state.longest} <= told
    assert set(HOSTILE) <= told
    for group in found.known.groups:
        assert all(one.key for one in group.examples if one.reason == "UnexpectedEvent")
    assert [journey.key for journey in found.journeys] == [str(number) for number in range(1, len(found.journeys) + 1)]


def test_what_is_kept_does_not_grow_with_the_journeys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_ROWS", 50)
    order = next(folder for folder in EXAMPLES if folder.name == "order")
    series = json.loads((order / "simulations" / "order-completed.json").read_text("utf-8"))
    counts = []
    for many in (300, 600):
        events = [
            one
            for number in range(many)
            for one in envelopes(series, f"e-{number}", 1_767_225_600.0 + number, entity=f"order-{number}")
        ]
        lines = [line for _, line in sorted(events)]
        found = gathered(read(order), lines)
        counts.append((len(found.journeys), len(found.rows)))
    assert counts[0] == counts[1]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1e9), st.integers(-3, 3)), min_size=1))
def test_a_timeline_has_few_steps_and_loses_nothing(added: list[tuple[str, float, int]]) -> None:
    timeline: Timeline[str] = Timeline()
    sums: Counter[str] = Counter()
    for key, at, number in added:
        timeline.add(key, at, number)
        sums[key] += number
    steps = timeline.steps()
    assert 1 <= len(steps) <= MOST_STEPS
    assert timeline.start <= min(at for _, at, _ in added)
    assert max(at for _, at, _ in added) < timeline.start + len(steps) * timeline.step
    for key, total in sums.items():
        assert sum(step.get(key, 0) for step in steps) == total


def test_a_page_is_no_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gathered(read(CAR), recorded(150))
    for most in (700_000, 900_000):
        monkeypatch.setattr(page, "PAGE_BYTES", most)
        text = page.page(found, Clock(found.known.period.end if found.known.period else 0.0))
        assert 0.9 * most < len(text.encode()) < 1.01 * most
