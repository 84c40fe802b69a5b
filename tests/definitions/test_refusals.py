"""A wrong definition is refused alike, whoever loads it: what generates from it, and what only replays."""

from pathlib import Path

import pytest

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import check
from support.definitions import BAD, name_of


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_replay_refuses_what_generate_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, problems = check(text, path.name)
    errors = [problem for problem in problems if problem.is_error]
    refused: list[str] = []
    try:
        load_workflow(text, path.name)
    except InvalidWorkflow as error:
        refused = sorted(map(str, error.problems))
    # The size of the state machine is only known to who compiles it.
    assert refused == sorted(str(one) for one in errors if one.rule != catalogue.STATE_MACHINE_TOO_LARGE)
