"""The whole way of a definition: its text in, the texts of the files beside it out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.compile import state_machine
from choreography_insights.compile.templates import as_json, as_template
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.directives import without_ignored
from choreography_insights.diagnostics.problem import InvalidWorkflow, Problem
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.workflow import Workflow
from choreography_insights.parse import parse
from choreography_insights.picture.diagram import diagram
from choreography_insights.testgen import simulations
from choreography_insights.validate import problems_of
from choreography_insights.validate.advice import warnings_of

SIMULATIONS = "simulations"

_MAX_DEFINITION = 1_048_576
_NEARLY = 0.8

Files = Mapping[str, str]
"""Contents by the path relative to the definition's folder."""

Machine = dict[str, Any]
"""A state machine, as it is compiled."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is to be said of a definition, and what it is and compiles to where no error is in it."""

    problems: Sequence[Problem]
    workflow: Workflow | None
    machine: Machine

    @property
    def files(self) -> Files:
        """Every file that is generated for it; none where it is wrong."""
        return {} if self.workflow is None else _files(self.workflow, self.machine)


def examine(text: str, file: str) -> Examined:
    """Return what the definition *text* is, and all its problems that it does not ignore."""
    draft = parse(text, file)
    problems = sorted([*problems_of(draft), *warnings_of(draft)])
    workflow = None if _has_errors(problems) else draft.workflow
    machine = {} if workflow is None else state_machine(workflow)
    if workflow is not None:
        problems += _size_problems(workflow, machine)
    sound = None if _has_errors(problems) else workflow
    return Examined(without_ignored(problems, text, file), sound, machine)


def check(text: str, file: str) -> tuple[Workflow | None, Sequence[Problem]]:
    """Return the choreography that *text* defines, None if it is wrong, and all problems that it does not ignore."""
    examined = examine(text, file)
    return examined.workflow, examined.problems


def generate(workflow: Workflow) -> Files:
    """Return every file that is generated for *workflow*; raise `InvalidWorkflow` if AWS would not take them."""
    machine = state_machine(workflow)
    if _has_errors(problems := _size_problems(workflow, machine)):
        raise InvalidWorkflow(problems)
    return _files(workflow, machine)


def _has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.is_error for problem in problems)


def _files(workflow: Workflow, machine: Machine) -> Files:
    simulated = simulations(workflow)
    return {
        "definition.asl.json": as_template(machine),
        "events.json": as_json(event_settings(workflow)),
        "diagram.md": diagram(workflow, simulated),
        **{f"{SIMULATIONS}/{one.name}.json": as_json(one.document) for one in simulated.series},
    }


def _size_problems(workflow: Workflow, machine: Machine) -> list[Problem]:
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
