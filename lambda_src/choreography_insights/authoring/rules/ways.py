"""Ways between states: each leads somewhere, each state lies on one, and each can come to an end."""

from collections.abc import Iterable, Iterator

from choreography_insights.authoring.graph import reachable, reversed_ways, ways
from choreography_insights.authoring.problems import Problem, suggestion
from choreography_insights.authoring.workflow import Name, Workflow, is_end, targets


def unknown_targets(workflow: Workflow, declared: Iterable[Name]) -> Iterator[Problem]:
    """Yield a problem for each way to a state that is not *declared*."""
    names = {name.text for name in declared}
    for state in workflow.states:
        for target in targets(state):
            if target.text not in names:
                yield target.spot.problem(
                    f"no state is named {target.text!r}; {suggestion(target.text, names, 'the states')}"
                )


def unreachable_states(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each state that no journey can come to."""
    first = workflow.states[0].name.text
    found = reachable(ways(workflow), [first])
    for state in workflow.states:
        if state.name.text not in found:
            yield state.name.spot.problem(
                f"no way leads to {state.name.text!r} from the first state {first!r}; lead one there or remove it"
            )


def states_without_end(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each state from which a journey could never end."""
    ends = [state.name.text for state in workflow.states if is_end(state)]
    ending = reachable(reversed_ways(ways(workflow)), ends)
    for state in workflow.states:
        if state.name.text not in ending:
            yield state.name.spot.problem(
                f"no way leads from {state.name.text!r} to an end; add one to a state that is 'succeed' or 'fail'"
            )
