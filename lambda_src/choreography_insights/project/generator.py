"""The whole way of a definition: its text in, the texts of the files beside it out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from choreography_insights.compile import event_settings, state_machine
from choreography_insights.compile.templates import as_json, as_template
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.directives import without_ignored
from choreography_insights.diagnostics.problem import InvalidWorkflow, Problem
from choreography_insights.model.workflow import Workflow
from choreography_insights.parse import parse
from choreography_insights.picture.diagram import diagram
from choreography_insights.testgen import simulations
from choreography_insights.validate import problems_of

SIMULATIONS = "simulations"

_MAX_DEFINITION = 1_048_576
_NEARLY = 0.8

Files = Mapping[str, str]
"""Contents by the path relative to the definition's folder."""


def check(text: str, file: str) -> tuple[Workflow | None, Sequence[Problem]]:
    """Return the choreography that *text* defines, None if it is wrong, and all problems that it does not ignore."""
    draft = parse(text, file)
    problems = sorted(problems_of(draft))
    workflow = None if any(problem.is_error for problem in problems) else draft.workflow
    if workflow is not None:
        problems += definition_size(workflow)
    sound = None if any(problem.is_error for problem in problems) else workflow
    return sound, without_ignored(problems, text, file)


def generate(workflow: Workflow) -> Files:
    """Return every file that is generated for *workflow*; raise `InvalidWorkflow` if AWS would not take them."""
    simulated = simulations(workflow)
    return {
        "definition.asl.json": _definition(workflow),
        "events.json": as_json(event_settings(workflow)),
        "diagram.md": diagram(workflow, simulated),
        **{f"{SIMULATIONS}/{one.name}.json": as_json(one.document) for one in simulated.series},
    }


def _definition(workflow: Workflow) -> str:
    machine = state_machine(workflow)
    problems = [problem for problem in _size_problems(workflow, machine) if problem.is_error]
    if problems:
        raise InvalidWorkflow(problems)
    return as_template(machine)


def definition_size(workflow: Workflow) -> list[Problem]:
    """Return what is to be said of the size of the state machine: that it is too large, or nearly so."""
    return _size_problems(workflow, state_machine(workflow))


def _size_problems(workflow: Workflow, machine: Mapping[str, Any]) -> list[Problem]:
    """Measure *machine* as Terraform's ``jsonencode`` deploys it: without blanks, ``<``, ``>``, ``&`` as six bytes."""
    text = json.dumps(machine, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode()) + 5 * sum(map(text.count, "<>&"))
    spot = workflow.spot_of("states")
    says = f"its state machine has {size:,} bytes and Step Functions takes {_MAX_DEFINITION:,}"
    if size > _MAX_DEFINITION:
        return [spot.problem(catalogue.STATE_MACHINE_TOO_LARGE, f"{says}; make two choreographies of it")]
    if size > _NEARLY * _MAX_DEFINITION:
        return [
            spot.problem(
                catalogue.STATE_MACHINE_NEARLY_TOO_LARGE,
                f"{says}, so it is {size / _MAX_DEFINITION:.0%} full; think of making two of it",
            )
        ]
    return []
