"""The whole way of a definition: its text in, the texts of the files beside it out."""

from collections.abc import Mapping

from choreography_insights.authoring.compiler import event_settings, state_machine
from choreography_insights.authoring.diagram import diagram
from choreography_insights.authoring.parser import parse
from choreography_insights.authoring.problems import InvalidWorkflow
from choreography_insights.authoring.rendering import as_json, as_template
from choreography_insights.authoring.rules import problems_of
from choreography_insights.authoring.simulations import simulations
from choreography_insights.authoring.workflow import Workflow

WORKFLOW = "workflow.yaml"
SIMULATIONS = "simulations"

_MAX_DEFINITION = 1_048_576

Files = Mapping[str, str]
"""Contents by the path relative to the definition's folder."""


def load_workflow(text: str, file: str) -> Workflow:
    """Return the choreography that *text* defines, or raise `InvalidWorkflow` with all that is wrong with it."""
    draft = parse(text, file)
    problems = list(problems_of(draft))
    if problems or draft.workflow is None:
        raise InvalidWorkflow(problems)
    return draft.workflow


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
    text = as_template(state_machine(workflow))
    size = len(text.encode())
    if size > _MAX_DEFINITION:
        message = (
            f"its state machine has {size:,} bytes and Step Functions takes {_MAX_DEFINITION:,}; "
            "make two choreographies of it"
        )
        raise InvalidWorkflow([workflow.spot_of("states").problem(message)])
    return text
