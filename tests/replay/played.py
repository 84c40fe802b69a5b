"""Series of events for the tests of replay, in short."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from support.definitions import workflow_of

#: An event: its time and name, perhaps its detail.
Short = tuple[float, str] | tuple[float, str, Mapping[str, Any]]


def read(states: Mapping[str, Any], **settings: Any) -> Automaton:
    """Return the choreography of *states*; its start event is S, its source s, all of which it hears of.

    An unexpected event fails its journey, if *settings* do not say otherwise.
    """
    usual = {"source": "s", "start": "S", "capture": "all", "unexpected": "fail"}
    return Automaton.of(workflow_of(states, **{**usual, **settings}))


def played(choreography: Automaton, *series: Short) -> tuple[list[ReplayedJourney], list[Deviation]]:
    """Replay *series* for the entity 1; events are called by their name and position."""
    events = [
        Event(f"{name}{position}", name, "1", at, at, rest[0] if rest else {}, position)
        for position, (at, name, *rest) in enumerate(series)
    ]
    return replay(choreography, events)


def ends(choreography: Automaton, *series: Short) -> list[tuple[str, str]]:
    """Return status and state of each journey of *series*."""
    return [(one.status, one.state) for one in played(choreography, *series)[0]]


def deviations(choreography: Automaton, *series: Short) -> list[tuple[str, str, float]]:
    """Return event id, reason and moment of everything unexpected in *series*, in order."""
    journeys, met_none = played(choreography, *series)
    found = [*met_none, *(one for journey in journeys for one in journey.deviations)]
    return sorted(((one.event.id, one.reason, one.at) for one in found), key=lambda one: (one[2], one[0]))


def envelope(name: str, entity: Any, at: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    """Return an event as EventBridge wraps it."""
    return {
        "version": "0",
        "id": f"{name}-{entity}-{at}",
        "detail-type": name,
        "source": "s",
        "account": "111122223333",
        "time": at,
        "region": "eu-west-1",
        "resources": [],
        "detail": {"id": entity},
        **more,
    }


def json_lines(envelopes: Sequence[Mapping[str, Any]]) -> str:
    """Return *envelopes* as JSON lines."""
    return "".join(f"{json.dumps(one)}\n" for one in envelopes)
