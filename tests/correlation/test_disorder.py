"""Random choreographies, series and deliveries, through the compiled state machine and the functions.

What becomes of each entity must be an outcome that the promises allow (`reference_model`), whatever comes when.
Hypothesis prints what reproduces a failure. `make explore` tries others than these.
"""

import json
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from choreography_insights.replay.engine import replay
from correlation.disorder import (
    SOURCE,
    START,
    Chosen,
    Delivered,
    Draw,
    Lateness,
    all_at_different_times,
    choreographies,
    keeps_to_the_provisos,
    publish,
    punctual,
    series,
)
from correlation.playing import nothing_is_left
from correlation.reference_model import Allowed, Told, Verdict
from fake_aws import FakeAws, Randomly
from fake_aws.clock import EPOCH
from fake_aws.executions import Execution
from support.exploring import times
from support.whereabouts import Looking

StatusEvents = Literal["sent", "dropped"]

# Shrinking a failure may take longer than a test usually may.
pytestmark = [pytest.mark.usefixtures("no_log"), pytest.mark.timeout(times(1200))]

_HARDLY_ANY_CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def tries(examples: int) -> settings:
    """So many examples. Phase "explain" would trace every line of them."""
    return settings(
        max_examples=times(examples), phases=set(Phase) - {Phase.explain}, suppress_health_check=_HARDLY_ANY_CHECKS
    )


ENTITIES = ("1", "2")
VISIBILITY_TIMEOUT = 1.0

lateness = pytest.mark.parametrize("lateness", ["punctual", "settles", "within grace", "any"])
seeds = st.integers(0, 2**32)
status_events = st.sampled_from(["sent", "dropped"])


@st.composite
def deliveries(
    draw: Draw,
    late: Lateness,
    *,
    timeouts: bool = True,
    branches: bool = False,
    items: bool = False,
    memory: bool = False,
    divided: bool = False,
    anytime: bool = False,
    again: bool = False,
    enough: bool = False,
) -> tuple[Chosen, list[Delivered]]:
    """A choreography, and the events of two entities."""
    chosen = draw(
        choreographies(
            timeouts=timeouts,
            branches=branches,
            items=items,
            memory=memory,
            divided=divided,
            anytime=anytime,
            again=again,
            enough=enough,
        )
    )
    return chosen, [event for entity in ENTITIES for event in draw(series(chosen, entity, late))]


# ---- what becomes of an entity --------


def delivered(chosen: Chosen, events: Sequence[Delivered], seed: int, sent: StatusEvents) -> FakeAws:
    """Deliver *events* and let time pass until the last has been judged."""
    aws = FakeAws(chosen.deployed, status_events=sent, visibility_timeout=VISIBILITY_TIMEOUT)
    publish(aws, events)
    aws.run(Looking(aws, Randomly(seed), ends_are_told=sent == "sent"), seconds=horizon(chosen, events))
    return aws


def horizon(chosen: Chosen, events: Sequence[Delivered]) -> float:
    """When the last of *events* has been judged, and every message about it has come."""
    return math.ceil(max((max(event.arrivals) for event in events), default=0.0)) + 4 * kept_for(chosen) + 60.5


def kept_for(chosen: Chosen) -> float:
    """How long an event is kept: an older one has twice its visibility timeout to come again after a failure."""
    return chosen.read.early + 2 * VISIBILITY_TIMEOUT


def became(chosen: Chosen, aws: FakeAws, entity: str) -> Verdict:
    """What became of *entity*."""
    executions = [one for one in aws.executions if one.input["entityId"] == entity]
    deviations = [one for one in aws.deviations() if one["entityId"] == entity]
    return Verdict(
        tuple(_told(chosen, one, aws.noted_in(one)) for one in executions),
        tuple(sorted((one["event"]["eventId"], one["reason"], _met(one)) for one in deviations)),
    )


def _met(deviation: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(met["state"] for met in deviation["states"]))


def _told(chosen: Chosen, execution: Execution, noted: Collection[str]) -> Told:
    return Told(
        started_by=execution.input["event"]["eventId"],
        path=tuple(_entered(chosen, execution)),
        used=frozenset((*(event["eventId"] for event in execution.history.answers()), *noted)),
        status=execution.status,
        error=execution.error if execution.status == "FAILED" else None,
    )


def _entered(chosen: Chosen, execution: Execution) -> Iterator[str]:
    """Yield the states entered; what counts events waits anew after each, but its counts began once."""
    counting = {name for name in chosen.states if f"{name}.Count" in execution.root.branch.states}
    for name in execution.path():
        state = name.removesuffix(".Count")
        if state in chosen.states and (state in counting) is (state != name):
            yield state


def allowed(chosen: Chosen, events: Sequence[Delivered], entity: str) -> Allowed:
    """What the promises allow to become of *entity*."""
    heard = [
        event.as_event(position)
        for position, event in enumerate(events)
        if event.entity == entity and chosen.read.reading(SOURCE, event.name, event.detail) is not None
    ]
    as_kept = replace(chosen.read, early=kept_for(chosen))
    return Allowed(as_kept, heard, EPOCH + horizon(chosen, events))


def becomes_what_is_allowed(chosen: Chosen, events: Sequence[Delivered], seed: int, sent: StatusEvents) -> None:
    """Deliver *events*; each entity must become what the promises allow, and nothing be left over."""
    aws = delivered(chosen, events, seed, sent)
    for entity in ENTITIES:
        model, verdict = allowed(chosen, events, entity), became(chosen, aws, entity)
        assert model.allows(verdict), (verdict, model.verdicts())
    assert nothing_is_left(aws)


def test_of_two_events_that_may_stand_in_for_each_other_none_is_held_and_either_may_be_left_over() -> None:
    states = {"A": {"await": {"E": "B", "F": "B"}}, "B": {"await": {"G": "A", "H": "End"}}, "End": "succeed"}
    settings = {"choreography": "random", "source": SOURCE, "start": START, "early": "20s", "unexpected": "fail"}
    chosen = Chosen(json.dumps({**settings, "states": states}))
    happens = {START: (0.0, 0.0), "E": (5.0, 6.5), "F": (6.0, 6.0)}
    events = [Delivered(name, name, "1", {}, at, (arrives,)) for name, (at, arrives) in happens.items()]
    verdict = became(chosen, delivered(chosen, events, 0, "sent"), "1")
    assert [one.used for one in verdict.journeys] == [{"F"}]
    assert verdict.deviations == (("E", "UnexpectedEvent", ("B",)),)
    assert allowed(chosen, events, "1").allows(verdict)


_OF_LINES = {
    "A": {"states": {"A1": {"await": {"E": "A2"}}, "A2": "succeed"}},
    "B": {"states": {"B1": {"await": {"F": "B2"}}, "B2": "succeed"}},
}
_IN_A_RACE = {
    "A": {"states": {"A1": {"await": {"X": "A2"}}, "A2": "succeed"}},
    "B": {"states": {"B1": {"await": {"E": "B2"}}, "B2": {"await": {"F": "B3"}}, "B3": "succeed"}},
}


@pytest.mark.parametrize("early", [True, False], ids=["early", "while the group is open"])
@pytest.mark.parametrize(
    ("group", "behind", "used", "as_they_happened"),
    [
        ({"parallel": _OF_LINES, "anytime": {"X": "Q"}, "next": "R"}, {}, "OEF", "OX"),
        ({"parallel": _OF_LINES, "anytime": {"X": "Q"}, "next": "R"}, {"E": "End", "F": "Q"}, "OXE", "OXE"),
        ({"parallel": _IN_A_RACE, "first": True, "next": "Q"}, {}, "OXE", "OX"),
        ({"parallel": _IN_A_RACE, "first": True, "next": "Q"}, {"E": "End"}, "OXE", "OXE"),
        ({"all": {"X": "X", "E": "E", "F": "F"}, "need": 1, "next": "R"}, {}, "OX", "OX"),
    ],
    ids=["anytime", "anytime, awaited behind", "first", "first, awaited behind", "need"],
)
def test_what_cannot_come_behind_an_end_of_its_group_does_not_wait_for_it(
    group: dict[str, Any], behind: dict[str, str], used: str, as_they_happened: str, early: bool
) -> None:
    states = {
        "P0": {"await": {"O": "P"}},
        "P": group,
        "Q": {"await": {"G": "End", **behind}},
        "R": {"await": {"G": "End"}},
        "End": "succeed",
    }
    if "anytime" not in group:
        del states["R" if group["next"] == "Q" else "Q"]
    config = {"choreography": "random", "source": SOURCE, "start": START, "settle": "10s", "early": "60s"}
    chosen = Chosen(json.dumps({**config, "unexpected": "report", "states": states}))
    happens = {START: 0.0, "O": 1.0, "X": 13.0, "E": 14.0, "F": 15.0}
    arrives = {**happens, "O": 16.0} if early else happens
    events = [Delivered(name, name, "1", {}, at, (arrives[name],)) for name, at in happens.items()]
    verdict = became(chosen, delivered(chosen, events, 0, "sent"), "1")
    assert allowed(chosen, events, "1").allows(verdict)
    assert [one.used for one in verdict.journeys] == [set(used)]
    journeys, met_none = replay(chosen.read, [one.as_event(position) for position, one in enumerate(events)])
    left = {one.event.id for one in (*met_none, *journeys[0].deviations)}
    assert happens.keys() - left == {START, *as_they_happened}


# ---- the properties --------


@lateness
@tries(50)
@given(data=st.data(), seed=seeds, sent=status_events)
def test_what_becomes_of_an_entity_is_what_the_promises_allow(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents
) -> None:
    chosen, events = data.draw(deliveries(lateness, timeouts=False))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(30)
@given(data=st.data(), seed=seeds, sent=status_events)
def test_what_becomes_of_an_entity_is_what_the_promises_allow_where_time_may_be_over(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents
) -> None:
    chosen, events = data.draw(deliveries(lateness))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(20)
@given(data=st.data(), seed=seeds, sent=status_events)
def test_what_becomes_of_an_entity_is_what_the_promises_allow_where_there_are_branches(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents
) -> None:
    chosen, events = data.draw(deliveries(lateness, branches=True))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(20)
@given(data=st.data(), seed=seeds, sent=status_events, items=st.booleans())
def test_what_becomes_of_an_entity_is_what_the_promises_allow_with_items_memory_and_divided_events(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents, items: bool
) -> None:
    parts = {"memory": True, "items": items, "divided": not items}
    chosen, events = data.draw(deliveries(lateness, timeouts=False, **parts))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(20)
@given(data=st.data(), seed=seeds, sent=status_events, branches=st.booleans(), items=st.booleans())
def test_what_becomes_of_an_entity_is_what_the_promises_allow_where_events_are_accepted_at_any_time(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents, branches: bool, items: bool
) -> None:
    parts = {"branches": branches, "items": items and not branches, "timeouts": not items}
    chosen, events = data.draw(deliveries(lateness, anytime=True, **parts))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(20)
@given(data=st.data(), seed=seeds, sent=status_events, parts=st.sampled_from(["timeouts", "branches", "memory"]))
def test_what_becomes_of_an_entity_is_what_the_promises_allow_where_the_start_event_is_awaited_too(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents, parts: str
) -> None:
    some = {"timeouts": parts == "timeouts", "branches": parts == "branches", "memory": parts == "memory"}
    chosen, events = data.draw(deliveries(lateness, again=True, **some))
    becomes_what_is_allowed(chosen, events, seed, sent)


@lateness
@tries(20)
@given(data=st.data(), seed=seeds, sent=status_events, branches=st.booleans(), items=st.booleans())
def test_what_becomes_of_an_entity_is_what_the_promises_allow_where_not_all_lines_are_needed(
    lateness: Lateness, data: st.DataObject, seed: int, sent: StatusEvents, branches: bool, items: bool
) -> None:
    parts = {"branches": branches, "items": items and not branches, "timeouts": not items}
    chosen, events = data.draw(deliveries(lateness, enough=True, **parts))
    becomes_what_is_allowed(chosen, events, seed, sent)


@tries(80)
@given(data=st.data())
def test_a_conforming_series_has_one_outcome_however_it_is_delivered_and_replay_says_which(
    data: st.DataObject,
) -> None:
    chosen = data.draw(choreographies(timeouts=False))
    late: Lateness = data.draw(st.sampled_from(["settles", "within grace"]))
    events = data.draw(series(chosen, "1", late, conforming=True))
    assume(keeps_to_the_provisos(chosen.read, events))
    in_time = allowed(chosen, punctual(events), "1").verdicts()
    # Of events of the same time the choreography does not always say which goes first.
    assume(len(in_time) == 1 or all_at_different_times(events))
    assert allowed(chosen, events, "1").verdicts() == in_time
    (verdict,) = in_time
    assert verdict.deviations == ()
    (told,) = verdict.journeys
    journeys, met_none = replay(chosen.read, [one.as_event(position) for position, one in enumerate(events)])
    assert met_none == []
    (journey,) = journeys
    assert journey.conforms
    assert (told.path[-1], told.status, told.error) == (journey.state, journey.status, journey.error)
    assert told.used == {one.id for one in events[1:]}


@tries(10)
@given(data=st.data(), branches=st.booleans())
def test_what_is_explored_for_one_verdict_finds_each_that_is_allowed(data: st.DataObject, branches: bool) -> None:
    chosen, events = data.draw(deliveries("any", branches=branches))
    for entity in ENTITIES:
        model = allowed(chosen, events, entity)
        assert [one for one in islice(model.verdicts(), 10) if not model.allows(one)] == []
