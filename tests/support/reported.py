"""Reports of made journeys for tests."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.envelopes import usable
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.gathering import Gathered, Gathering

HOSTILE: Sequence[str] = (
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}desrever\N{POP DIRECTIONAL FORMATTING}\N{RIGHT-TO-LEFT MARK}",
    "x" * 256,
    "#a b/c?d=e&f",
    "line\nbreak",
)
"""Entity ids that would do harm if they were taken for anything but text."""


def gathered(workflow: Workflow, lines: Iterable[str]) -> Gathered:
    """Return what a report of the recorded events in *lines* shows, whatever their order."""
    choreography = Automaton.of(workflow)
    gathering = Gathering(workflow, choreography)
    replay = Replay(choreography, gathering.tell, StoriedJourney.begun)
    in_order = InOrder(float("inf"))
    for event in in_order(usable(choreography, lines, gathering.summary, print)):
        gathering.happens(event)
        replay.take(event)
    replay.finish()
    gathering.summary.repeated = in_order.repeated
    return gathering.gathered()


def envelopes(
    series: Mapping[str, Any], name: str, begun: float, *, entity: str | None = None
) -> list[tuple[float, str]]:
    """Return the events of a simulation as recorded ones, each with its time; their ids begin with *name*.

    *entity*: whose they are, instead of the simulation's own, where the id is the field ``id`` of the detail.
    """
    found, at = [], begun
    for position, event in enumerate(series["events"]):
        at += float(event.get("wait") or 0)
        envelope = {
            "id": f"{name}-{position}",
            "detail-type": event["detailType"],
            "source": event["source"],
            "time": at,
            "detail": event["detail"] if entity is None else {**event["detail"], "id": entity},
        }
        found.append((at, f"{json.dumps(envelope)}\n"))
    return found
