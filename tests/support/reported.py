"""Reports of made journeys for tests."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from choreography_insights.analysis.alignments import Alignments
from choreography_insights.analysis.comparison import Comparison, Definitions, Fates
from choreography_insights.analysis.conformance import Conformance, Recorded
from choreography_insights.analysis.repairs import Repairs
from choreography_insights.model.workflow import Workflow
from choreography_insights.project.definitions import load_workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.envelopes import usable
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.gathering import Gathered, Gathering
from choreography_insights.report.mending import Mending
from choreography_insights.trace.scopes import Scopes

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
        gathering.summary.events += 1
        replay.take(event)
    replay.finish()
    gathering.summary.repeated = in_order.repeated
    return gathering.gathered()


def mending(folder: Path, lines: Iterable[str]) -> Mending:
    """Return what a report shows that would mend the definition in *folder*, by the recorded events in *lines*."""
    file = folder / "workflow.yaml"
    text = file.read_text(encoding="utf-8")
    workflow = load_workflow(text, file.name)
    choreography, scopes = Automaton.of(workflow), Scopes.of(workflow)
    recorded, found = Recorded(), Conformance(choreography, scopes)
    replay = Replay(choreography, found.take)
    for event in InOrder(float("inf"))(usable(choreography, lines, found.summary, print)):
        recorded.take(event)
        replay.take(event)
    replay.finish()
    suggested = Repairs(text, workflow, recorded, found).suggested(most=20)
    return Mending(found, suggested, text, file.name, Alignments(recorded, found, scopes))


def comparison(workflow: Workflow, older: Workflow, lines: Sequence[str]) -> Comparison:
    """Return how *workflow* differs from an *older* one by the recorded events in *lines*."""
    before = Fates()
    _replay(older, lines, before.take)
    found = Definitions(before, ("before", "after"))

    def tell(told: ReplayedJourney | Deviation) -> None:
        found.take(told)

    _replay(workflow, lines, tell)
    return found.comparison()


def _replay(workflow: Workflow, lines: Iterable[str], tell: Callable[[ReplayedJourney | Deviation], None]) -> None:
    choreography = Automaton.of(workflow)
    replay = Replay(choreography, tell, StoriedJourney.begun)
    for event in InOrder(float("inf"))(usable(choreography, lines, Summary(choreography), print)):
        replay.take(event)
    replay.finish()


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
