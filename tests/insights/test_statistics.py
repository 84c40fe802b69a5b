"""The statistics function counts what replay of the same events counts, whatever becomes of it and of its batches."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from choreography_insights.insights.counts import Counts
from choreography_insights.model.flow import flow_of
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.envelopes import events_of
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey_log import Summary
from choreography_insights.views.flow import Flow
from choreography_insights.views.known import Status
from choreography_insights.views.picture import ONWARD, TIMEOUT
from correlation.random_choreographies import SETTLE, Definition, Happening, definitions, disturbed, event_id, walks
from fake_aws import FakeAws, Randomly
from fake_aws.choreographies import compiled
from fake_aws.gates import Fault, FaultKind
from insights.streaming import Stream, Table, deliver, with_picture
from support.definitions import EXAMPLES, GOOD, generated, name_of, read
from support.exploring import times

pytestmark = [pytest.mark.usefixtures("no_log"), pytest.mark.timeout(times(1200))]

_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
_seeds = st.integers(0, 2**32)
KINDS: list[FaultKind] = ["die before", "die after", "fail before", "fail after", "repeat", "conflict"]


def replayed(choreography: Automaton, events: Sequence[Event]) -> Counts:
    """What replay counts of *events*: stays by their number alone, as its clock is another one."""
    journeys, met_none = replay(choreography, events)
    summary, counts = Summary(choreography), Counts()
    for journey in journeys:
        summary.add(journey)
    counts.transitions.update(summary.transitions)
    for name, state in summary.states.items():
        if state.stay.visits:
            counts.stayed(name, 0.0, state.stay.visits)
    for journey in journeys:
        if journey.ended_at is not None:
            counts.outcomes[cast("Status", journey.status), journey.state] += 1
            counts.took.add(0.0)
    for one in [*met_none, *(one for journey in journeys for one in journey.deviations)]:
        met = one.states[0][0] if one.states else ""
        counts.deviations[one.event.name, met.partition(".")[0], one.reason] += 1
    return counts


def happening(definition: Definition, series: Sequence[Happening]) -> Counts:
    """What replay counts of *series*."""
    return replayed(
        definition.read,
        [Event(event_id(n, one), one.name, "1", one.at, one.at, one.detail, n) for n, one in enumerate(series)],
    )


def in_numbers(counts: Counts) -> dict[str, object]:
    """What can be compared: all but how long anything took."""
    return {
        "transitions": dict(counts.transitions),
        "stays": {state: spent.count for state, spent in counts.spent.items()},
        "outcomes": dict(counts.outcomes),
        "ended": counts.took.count,
        "deviations": dict(counts.deviations),
    }


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - for a test, not for a secret


def publish(aws: FakeAws, series: Sequence[Happening], lags: Sequence[float], repeats: Sequence[float]) -> None:
    for position, (one, lag, again) in enumerate(zip(series, lags, repeats, strict=True)):
        for later in dict.fromkeys((0.0, again)):
            delay = one.at + lag + later
            aws.publish(one.name, "1", one.detail, event_id=event_id(position, one), time=float(one.at), delay=delay)


@settings(max_examples=times(60), suppress_health_check=_QUIET, deadline=None)
@given(
    data=st.data(),
    definition=definitions(),
    seed=_seeds,
    fault=st.builds(Fault, st.integers(0, 60), st.sampled_from(KINDS)),
)
def test_the_counters_say_what_replay_says(
    data: st.DataObject, definition: Definition, seed: int, fault: Fault
) -> None:
    series = data.draw(walks(definition.read, st.integers(1, 8)))
    count = len(series)
    lags = data.draw(st.lists(st.floats(0, SETTLE - 15.0), min_size=count, max_size=count))
    repeats = data.draw(st.lists(st.sampled_from([0.0, 0.5, 30.0, 1000.0]), min_size=count, max_size=count))
    aws = FakeAws(definition.deployed, fault=fault, visibility_timeout=5.0)
    stream, table = Stream.of(aws), Table(aws)
    with_picture(table, definition.workflow)
    publish(aws, series, lags, repeats)
    random = _random(seed)
    for _ in range(random.choice([1, 1, 3])):
        aws.run(Randomly(seed), seconds=random.choice([5.0, 40.0, 300.0]))
        deliver(stream, table, random)
    aws.run(Randomly(seed))
    deliver(stream, table, random)
    expected = in_numbers(happening(definition, series))
    assert in_numbers(table.counts("random")) == expected
    assert in_numbers(table.counts("random", "day")) == expected


@settings(max_examples=times(60), suppress_health_check=_QUIET, deadline=None)
@given(data=st.data(), definition=definitions(policies=("fail", "report")), seed=_seeds)
def test_the_counters_say_what_replay_says_of_events_that_nobody_expected(
    data: st.DataObject, definition: Definition, seed: int
) -> None:
    series = data.draw(disturbed(data.draw(walks(definition.read, st.integers(3, 8)))))
    aws = FakeAws(definition.deployed)
    stream, table = Stream.of(aws), Table(aws)
    with_picture(table, definition.workflow)
    publish(aws, series, [0.0] * len(series), [0.0] * len(series))
    aws.run(Randomly(seed))
    deliver(stream, table, _random(seed))
    assert in_numbers(table.counts("random")) == in_numbers(happening(definition, series))


def what_leaves_traces(counts: Counts, flow: Flow) -> dict[str, object]:
    """What can be compared of containers too: not what goes on in them without an event (`insights.folding`).

    An `all` in them of which fewer events are enough is left without one by those that are still open.
    """
    inside = {name: state.kind for name, state in flow.states.items() if state.inside and state.kind != "part"}
    told = Counts()
    told.merge(counts)
    for state, event, following in counts.transitions:
        if state in inside and event in (ONWARD, TIMEOUT):
            del told.transitions[state, event, following]
    for state in counts.spent:
        if inside.get(state, "await") not in ("await", "all") or (state in inside and flow.states[state].need):
            del told.spent[state]
    return in_numbers(told)


def simulated(folder: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (name, json.loads(text)["events"])
        for name, text in generated(folder).items()
        if name.startswith("simulations/")
    ]


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_every_way_of_every_definition_is_counted_as_replay_counts_it(folder: Path) -> None:
    workflow = read(folder)
    choreography, flow = Automaton.of(workflow), flow_of(workflow)
    for name, happens in simulated(folder):
        aws = FakeAws(compiled(workflow))
        stream, table = Stream.of(aws), Table(aws)
        with_picture(table, workflow)
        events: list[Event] = []
        at, begin = 0.0, aws.clock.now
        for position, one in enumerate(happens):
            at += float(one.get("wait") or 0)
            source, event, detail = one["source"], one["detailType"], one["detail"]
            aws.publish_detail(event, detail, source=source, time=at, delay=at)
            envelope = {
                "id": str(position),
                "detail-type": event,
                "source": source,
                "time": begin + at,
                "detail": detail,
            }
            events.extend(one for one in events_of(envelope, choreography, position) if isinstance(one, Event))
        aws.run(seconds=at + choreography.early + 1.0)
        deliver(stream, table)
        found = what_leaves_traces(table.counts(workflow.name.text), flow)
        assert found == what_leaves_traces(replayed(choreography, events), flow), name
