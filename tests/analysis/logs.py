"""Recorded events of many parcels for the tests of analysis, in short."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from choreography_insights.core.fields import iso_text
from choreography_insights.model.workflow import Workflow
from choreography_insights.project.definitions import load_workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.storied_journey import StoriedJourney
from replay.played import envelope, json_lines

PARCEL = """\
choreography: parcel
source: s
start: Handed In
capture: all
unexpected: fail
states:
  OnTheWay:
    await:
      Delivered: Home
      Returned: Back
  Back:
    await: {Handed Out: Home}
  Home: succeed
"""

BEGINNING = 1_767_225_600.0
"""The first moment of 2026, a Thursday."""

Told = tuple[float, str, str] | tuple[float, str, str, dict[str, Any]]
"""An event: after how many seconds, its name, its entity, perhaps more of its detail."""


def parcel(text: str = PARCEL) -> Workflow:
    return load_workflow(text, "workflow.yaml")


def journeys(workflow: Workflow, events: Iterable[Told]) -> tuple[list[StoriedJourney], list[Deviation]]:
    """Replay *events*; return the journeys, and the deviations that met none."""
    found: list[StoriedJourney] = []
    strays: list[Deviation] = []

    def tell(told: ReplayedJourney | Deviation) -> None:
        if isinstance(told, StoriedJourney):
            found.append(told)
        elif isinstance(told, Deviation):
            strays.append(told)

    replay = Replay(Automaton.of_recorded(workflow), tell, StoriedJourney.begun)
    for position, (after, name, entity, *more) in enumerate(sorted(events, key=lambda one: one[0])):
        at = BEGINNING + after
        replay.take(Event(f"{position}", name, entity, at, at, more[0] if more else {}, position, "s"))
    replay.finish()
    return found, strays


def written(folder: Path, events: Sequence[Told], text: str = PARCEL) -> Path:
    """Write the definition and *events* into *folder*."""
    (folder / "workflow.yaml").write_text(text, encoding="utf-8")
    lines = [
        envelope(name, entity, iso_text(BEGINNING + after), detail={"id": entity, **(more[0] if more else {})})
        for after, name, entity, *more in sorted(events, key=lambda one: one[0])
    ]
    (folder / "events.jsonl").write_text(
        json_lines([{**line, "id": f"e{number}"} for number, line in enumerate(lines)]), encoding="utf-8"
    )
    return folder
