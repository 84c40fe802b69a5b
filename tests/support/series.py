"""Simulations of the definitions of the tests and examples: read, and played by `replay`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.model.workflow import Workflow
from choreography_insights.project.simulating import simulated
from choreography_insights.testing.event_series import Published
from choreography_insights.testing.journey import Journey
from choreography_insights.testing.playing import by_replay
from support.definitions import EXAMPLES, GOOD, read

LONG = 120 * 86_400.0
"""Seconds after which nothing happens any more in a journey: no pause or timeout of a definition takes so long."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of events, and where it says that it ends. *folder*: where its definition lies."""

    folder: Path
    events: tuple[Published, ...]
    entity: str
    status: str
    state: str

    @property
    def workflow(self) -> Workflow:
        """The definition that it lies beside."""
        return read(self.folder)


def series_at(path: Path) -> Series:
    """Return the series that is written at *path*."""
    return _series(path.parents[1], json.loads(path.read_bytes()))


def _series(folder: Path, document: Mapping[str, Any]) -> Series:
    ((entity, expected),) = document["expect"].items()
    moment, events = 0.0, []
    for event in document["events"]:
        moment += float(event.get("wait", 0))
        events.append(_published(event, moment))
    return Series(folder, tuple(events), entity, expected["status"], expected["state"])


def _published(event: Mapping[str, Any], moment: float) -> Published:
    return Published(event["detailType"], event["source"], event["detail"], moment)


def replayed(series: Series) -> Journey:
    """Return the journey that replay makes of *series*, once nothing happens in it any more."""
    return by_replay(series.workflow, series.events, series.entity, LONG)


def _simulations(folder: Path) -> dict[str, Any]:
    """Return each simulation of a definition: those beside it, and those generated, which need not lie there."""
    beside = {path.stem: json.loads(path.read_bytes()) for path in folder.glob("simulations/*.json")}
    if (folder / "definition.asl.json").exists():
        return beside
    return {**{one.name: one.document for one in simulated(read(folder)).series}, **beside}


all_series = pytest.mark.parametrize(
    "series",
    [
        pytest.param(_series(folder, document), id=f"{folder.name}-{name}")
        for folder in [*GOOD, *EXAMPLES]
        for name, document in sorted(_simulations(folder).items())
    ],
)
