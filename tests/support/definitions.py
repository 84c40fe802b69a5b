"""Definitions for tests: the compiler's fixtures, and small ones made from values."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from choreography_insights.authoring.generator import load_workflow
from choreography_insights.authoring.parser.cursor import Cursor
from choreography_insights.authoring.parser.document import load
from choreography_insights.authoring.parser.pattern import parse_pattern
from choreography_insights.authoring.patterns import Pattern
from choreography_insights.authoring.problems import InvalidWorkflow, Problem
from choreography_insights.authoring.workflow import Workflow
from workshop.places import ROOT

_CASES = ROOT / "tests" / "authoring"
GOOD = sorted(path.parent for path in _CASES.glob("good/*/workflow.yaml"))
BAD = sorted(_CASES.glob("bad/*.yaml"))
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/*/workflow.yaml"))


def name_of(path: Path) -> str:
    """Return the id that a test with the case *path* bears."""
    return path.stem


def read(folder: Path) -> Workflow:
    """Return the choreography of *folder*."""
    return load_workflow((folder / "workflow.yaml").read_text(encoding="utf-8"), "workflow.yaml")


def workflow_of(states: Mapping[str, Any], **settings: Any) -> Workflow:
    """Return the choreography with *states* and *settings*, written as JSON, which is YAML too."""
    top = {"choreography": "test", "source": "test", "start": "Begun", **settings}
    return load_workflow(json.dumps({**top, "states": states}), "workflow.yaml")


def pattern_of(source: Mapping[str, Any]) -> Pattern:
    """Return the pattern that a ``when`` of *source* is, or raise `InvalidWorkflow`."""
    problems: list[Problem] = []
    tree = load(json.dumps(source), "workflow.yaml", problems.append)
    assert tree is not None
    pattern = parse_pattern(Cursor(tree, "", problems.append))
    if pattern is None or problems:
        raise InvalidWorkflow(problems)
    return pattern
