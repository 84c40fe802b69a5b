"""The rows of a journey tell what a replay of the same events tells: its story, its stays, what it waits for."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.story import story_steps, visits, waits
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.known import JourneyKnown, StoryStep, Visit
from correlation.disorder import Chosen, Delivered, all_at_different_times, choreographies, punctual, series
from insights.played import reading
from insights.test_story_of_random_journeys import played
from support.definitions import workflow_of_value
from support.exploring import times

pytestmark = [pytest.mark.usefixtures("no_log"), pytest.mark.timeout(times(1200))]

_HARDLY_ANY_CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_MOMENT = 0.05
"""Step Functions takes a thousandth of a second for each step in the AWS in memory, and a replay none."""


def _again(data: st.DataObject, events: Sequence[Delivered]) -> list[Delivered]:
    """The same *events*, some of them delivered again when they have been looked at."""
    late = st.lists(st.sampled_from([1.25, 3.25, 5.25]), max_size=2, unique=True).map(sorted)
    return [replace(one, arrivals=(one.happens, *(one.happens + more for more in data.draw(late)))) for one in events]


def _replayed(chosen: Chosen, events: Sequence[Delivered]) -> StoriedJourney:
    told: list[StoriedJourney] = []
    replay = Replay(
        chosen.read, lambda one: told.append(one) if isinstance(one, StoriedJourney) else None, StoriedJourney.begun
    )
    recorded = [event.as_event(position) for position, event in enumerate(events) for _ in event.arrivals]
    for event in InOrder(math.inf)(recorded):
        replay.take(event)
    replay.finish()
    return told[-1]


def _kind_of(inner: str) -> st.SearchStrategy[Chosen]:
    return choreographies(
        timeouts=False, branches=inner == "branches", items=inner == "items", anytime=inner == "anytime"
    )


def _told(steps: Sequence[StoryStep]) -> Counter[tuple[str, str, str, str, int]]:
    return Counter((one.what, one.state, one.next, one.event_id, one.repeats) for one in steps)


@settings(max_examples=times(60), phases=set(Phase) - {Phase.explain}, suppress_health_check=_HARDLY_ANY_CHECKS)
@given(data=st.data(), seed=st.integers(0, 2**32), inner=st.sampled_from(["", "branches", "items", "anytime"]))
def test_a_conforming_journey_is_told_as_a_replay_tells_it(data: st.DataObject, seed: int, inner: str) -> None:
    chosen = data.draw(_kind_of(inner))
    assume('"after": "9s"' not in chosen.text)
    events = _again(data, punctual(data.draw(series(chosen, "1", "punctual", conforming=True))))
    assume(all_at_different_times(events))
    aws = played(chosen, events, seed, events[-1].happens + 20.5)
    journey = reading(aws, workflow_of_value(json.loads(chosen.text))).journey("random", "1")
    assert journey is not None
    replayed = _replayed(chosen, events)
    assert (journey.status, journey.state, journey.events) == (replayed.status, replayed.state, replayed.events)
    assert _told(journey.story) == _told([*story_steps(replayed)])
    scopes = Scopes.of(workflow_of_value(json.loads(chosen.text)))
    assert _open(journey) == sorted((wait.state, wait.accepts) for _, wait in waits(replayed, scopes))
    if not any("contested" in one.marks for one in journey.story):
        _has_the_times_of(journey, replayed)


def _open(journey: JourneyKnown) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((wait.state, wait.accepts) for wait in journey.waits)


def _has_the_times_of(journey: JourneyKnown, replayed: StoriedJourney) -> None:
    at = {one.event_id: one.at for one in story_steps(replayed) if one.event_id}
    for one in journey.story:
        if one.event_id:
            assert abs(one.at - at[one.event_id]) < _MOMENT
    for own, other in zip(_stays(journey.visits), _stays(visits(replayed)), strict=True):
        assert own[0] == other[0]
        assert abs(own[1] - other[1]) < _MOMENT
        assert abs(own[2] - other[2]) < _MOMENT


def _stays(found: Sequence[Visit]) -> list[tuple[str, float, float]]:
    """Stays in an order that does not depend on moments."""
    stays = [(one.state, one.entered, one.left or 0.0) for one in found]
    return sorted(stays, key=lambda one: (one[0], round(one[1], 1), one[2]))
