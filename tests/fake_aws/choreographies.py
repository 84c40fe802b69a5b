"""Definitions, compiled and filled in as Terraform would deploy them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from choreography_insights.compile import state_machine
from choreography_insights.compile.templates import escaped
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.workflow import Workflow
from choreography_insights.project.definitions import load_workflow

_EXAMPLES = Path(__file__).parents[2] / "examples"


#: What the ARNs of all state machines begin with.
MACHINE_ARN_PREFIX = "arn:aws:states:eu-west-1:111122223333:stateMachine:tests-"


@dataclass(frozen=True, slots=True)
class Rule:
    """One EventBridge rule: what it matches, the queue it sends to, and what it wraps around the event."""

    pattern: Mapping[str, Any]
    queue: str
    settings: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """A choreography as it is deployed."""

    name: str
    machine_arn: str
    definition: str
    rules: tuple[Rule, ...]
    source: str


@cache
def deployable(yaml: str) -> Deployed:
    """Compile a definition."""
    return compiled(load_workflow(yaml, "workflow.yaml"))


def compiled(workflow: Workflow) -> Deployed:
    """Compile a definition that has been read, to nothing but what is deployed of it, not laid out to be read."""
    return _deployed(
        {
            "definition.asl.json": json.dumps(escaped(state_machine(workflow)), ensure_ascii=False),
            "events.json": json.dumps(event_settings(workflow), ensure_ascii=False),
        }
    )


@cache
def example(name: str) -> Deployed:
    """An example's choreography, from its committed files: ``order/order``."""
    folder = _EXAMPLES / name
    return _deployed({file: (folder / file).read_text("utf-8") for file in ("definition.asl.json", "events.json")})


#: What `templatefile` fills, and what it takes for text.
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{\w+\}")
_VALUES = {"${partition}": "aws", "${journeys_table}": "journeys"}


def _deployed(files: Mapping[str, str]) -> Deployed:
    events = json.loads(files["events.json"])
    name = events["choreography"]
    arn = f"{MACHINE_ARN_PREFIX}{name}"
    definition = _TEMPLATE.sub(lambda found: _VALUES.get(found[0], found[0][1:]), files["definition.asl.json"])
    settings = ("earlySeconds", "settleSeconds", "unexpected", "timeoutSeconds", "expectedSeconds", "reads")
    common = {key: events[key] for key in settings if key in events}
    rules = [
        _rule(entry, queue, {"name": name, "stateMachineArn": arn, **common})
        for queue, key in (("start", "startEvents"), ("event", "events"))
        for entry in events[key]
    ]
    source = rules[0].pattern["source"][0]
    return Deployed(name, arn, definition, tuple(rules), source)


def _rule(entry: Mapping[str, Any], queue: str, common: Mapping[str, Any]) -> Rule:
    own = ("entity", "also", "id", "time", "events", "remember", "when", "unless", "where", "retired", "moves")
    settings = {**common, **{key: entry[key] for key in own if key in entry}}
    return Rule(entry["pattern"], queue, json.dumps(settings, ensure_ascii=False, separators=(",", ":")))
