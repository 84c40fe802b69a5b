"""Scripted series of events, and where each of their journeys is expected to end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where the journey of one entity ends."""

    choreography: str
    entity_id: str
    status: str
    state: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """An input of the simulation state machine (docs/reference/interfaces.md, section 7)."""

    name: str
    events: tuple[dict[str, Any], ...]
    expectations: tuple[Expectation, ...]

    @property
    def seconds(self) -> float:
        """How long its pauses take together."""
        return sum(float(event.get("wait", 0)) for event in self.events)

    @property
    def input(self) -> str:
        """What the simulation state machine is started with."""
        return json.dumps({"events": self.events})


def unfinished(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario's beginnings, by entities of their own: their journeys wait in the states on its way."""
    for length in range(1, len(scenario.events)):
        begun = [
            {**event, "detail": {**event["detail"], "id": f"{event['detail']['id']}-{length}"}}
            for event in scenario.events[:length]
        ]
        yield Scenario(f"{scenario.name}, {length} events", tuple(begun), ())


def scenarios(folder: Path) -> Iterator[Scenario]:
    """Read every scenario of *folder*, by name."""
    for file in sorted(folder.glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        expectations = tuple(
            Expectation(expected["choreography"], entity_id, expected["status"], expected["state"])
            for entity_id, expected in content["expect"].items()
        )
        yield Scenario(file.stem, tuple(content["events"]), expectations)
