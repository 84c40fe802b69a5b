"""The definitions of the guide's recipes and limits are without a fault, and go as the page says."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest

from choreography_insights.project.folders import check, generate
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, replay
from choreography_insights.replay.envelopes import events_of
from choreography_insights.replay.event import Event
from devtools.places import ROOT

_GUIDE = ROOT / "docs" / "guide"
LIMITS, RECIPES = ((_GUIDE / name).read_text(encoding="utf-8") for name in ("limits.md", "recipes.md"))
SECTIONS = {
    title: text
    for title, _, text in (part.partition("\n") for part in re.split(r"^## ", RECIPES, flags=re.MULTILINE)[1:])
}
_ENDS = re.compile(r"The journey of `([^`]+)` (ends|waits|fails) in `([^`]+)`\.")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("block", blocks(LIMITS + RECIPES, "yaml"))
def test_a_definition_is_without_a_fault_and_can_be_generated(block: str) -> None:
    workflow, problems = check(block, "workflow.yaml")
    assert list(problems) == []
    assert workflow is not None
    assert "definition.asl.json" in generate(workflow)


@pytest.mark.parametrize("title", SECTIONS)
def test_the_events_of_a_recipe_go_through_it_as_it_says(title: str) -> None:
    section = SECTIONS[title]
    (yaml,), (events,), said = blocks(section, "yaml"), blocks(section, "json"), _ENDS.findall(section)
    workflow, _ = check(yaml, "workflow.yaml")
    assert workflow is not None
    choreography = Automaton.of(workflow)
    heard = (event for at, envelope in enumerate(json.loads(events)) for event in _heard(choreography, envelope, at))
    journeys, met_none = replay(choreography, InOrder(math.inf)(heard))
    words = {"RUNNING": "waits", "SUCCEEDED": "ends", "FAILED": "fails"}
    found = [(one.entity, words[one.status], one.state) for one in journeys]
    assert said
    assert sorted(found) == sorted(said)
    of_others = {one.event.entity for one in met_none}
    assert not of_others.intersection(entity for entity, _, _ in said)
    assert ("another entity" in section) is bool(of_others)


def _heard(choreography: Automaton, envelope: dict[str, Any], at: int) -> Iterator[Event]:
    moment = f"2026-01-01T00:{at:02}:00Z"
    for event in events_of({"id": str(at), "time": moment, "account": "", **envelope}, choreography, at):
        assert isinstance(event, Event)
        yield event
