"""Definitions for tests: the compiler's fixtures, and small ones made from values."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from choreography_insights.diagnostics.problem import InvalidWorkflow, Location, Problem
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import Workflow
from choreography_insights.parse.document import Cursor, Entry, ListTree, MapTree, ScalarTree, Tree
from choreography_insights.parse.pattern import parse_pattern
from choreography_insights.parse.workflow import parse_tree
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import generate
from choreography_insights.validate import problems_of
from devtools.places import ROOT

_AT = Location("workflow.yaml", 1, 1)
_CASES = ROOT / "tests" / "definitions"
GOOD = sorted(path.parent for path in _CASES.glob("good/*/workflow.yaml"))
BAD = sorted(_CASES.glob("bad/*.yaml"))
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/*/workflow.yaml"))


def name_of(path: Path) -> str:
    """Return the id that a test with the case *path* bears."""
    return path.stem


@cache
def read(folder: Path) -> Workflow:
    """Return the choreography of *folder*."""
    return load_workflow((folder / "workflow.yaml").read_text(encoding="utf-8"), "workflow.yaml")


@cache
def generated(folder: Path) -> Mapping[str, str]:
    """Return what is generated of the definition in *folder*: the text of each file, by its path in there."""
    return dict(generate(read(folder)))


def workflow_of(states: Mapping[str, Any], **settings: Any) -> Workflow:
    """Return the choreography with *states* and *settings*; where they are wrong, raise `InvalidWorkflow`."""
    return workflow_of_value({"choreography": "test", "source": "test", "start": "Begun", **settings, "states": states})


def workflow_of_value(value: Mapping[str, Any]) -> Workflow:
    """Return the choreography that *value* is, as if it was read from a file of JSON.

    Nothing is written and read: YAML takes many times as long as all that comes after it.
    """
    problems: list[Problem] = []
    draft = parse_tree(tree_of(value), json.dumps(value), "workflow.yaml", problems)
    problems = [problem for problem in problems_of(draft) if problem.is_error]
    if problems or draft.workflow is None:
        raise InvalidWorkflow(problems)
    return draft.workflow


def tree_of(value: Any) -> Tree:
    """Return the tree that is read of *value*, but for where its parts are written."""
    match value:
        case dict():
            return MapTree(_AT, tuple(Entry(str(key), _AT, tree_of(inner)) for key, inner in value.items()))
        case list() | tuple():
            return ListTree(_AT, tuple(map(tree_of, value)))
        case _:
            return ScalarTree(_AT, value)


def pattern_of(source: Mapping[str, Any]) -> Pattern:
    """Return the pattern that a ``when`` of *source* is, or raise `InvalidWorkflow`."""
    problems: list[Problem] = []
    pattern = parse_pattern(Cursor(tree_of(source), "", problems.append))
    if pattern is None or problems:
        raise InvalidWorkflow(problems)
    return pattern
