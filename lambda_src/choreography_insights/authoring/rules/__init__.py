"""What a definition must keep to; each rule yields the problems it finds."""

from collections.abc import Iterator

from choreography_insights.authoring.parser.draft import Draft
from choreography_insights.authoring.problems import Problem
from choreography_insights.authoring.rules import advice, events, names, settings, ways
from choreography_insights.authoring.workflow import Workflow


def problems_of(draft: Draft) -> Iterator[Problem]:
    """Yield what could not be read and every breach of a rule.

    Rules about ways (reachability, ends) are asked only where all states could be read and every target is known:
    otherwise one slip of the pen would be reported as many faults.
    """
    yield from draft.problems
    if draft.workflow is None:
        return
    yield from _rules(draft.workflow)
    unknown = list(ways.unknown_targets(draft.workflow, draft.declared))
    yield from unknown
    if draft.settled and not unknown:
        yield from ways.unreachable_states(draft.workflow)
        yield from ways.states_without_end(draft.workflow)
        yield from ways.branches_without_a_way_through(draft.workflow)
        yield from ways.circles_without_a_wait(draft.workflow)
        for rule in advice.RULES:
            yield from rule(draft.workflow)


def _rules(workflow: Workflow) -> Iterator[Problem]:
    for rule in (*names.RULES, *settings.RULES, *events.RULES):
        yield from rule(workflow)
