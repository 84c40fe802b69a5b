"""What a definition must keep to; each rule yields the problems it finds."""

from collections.abc import Callable, Iterator

from choreography_insights.diagnostics.problem import Problem
from choreography_insights.model.workflow import Workflow, spread
from choreography_insights.parse.workflow import Draft
from choreography_insights.validate import overlaps, settings
from choreography_insights.validate import reachability as ways

Check = Callable[[Workflow], Iterator[Problem]]


def problems_of(draft: Draft) -> Iterator[Problem]:
    """Yield what could not be read and every breach of a rule. What may not be meant is for `advice` to say.

    What only follows from something that could not be read is not asked for: rules about ways (reachability, ends) only
    where all states could be read and every target is known, and rules about times only where all times could be read.
    Otherwise one slip of the pen would be reported as many faults.
    """
    yield from draft.problems
    if draft.workflow is None:
        return
    for check in _checks(draft, draft.workflow):
        yield from check(draft.workflow)
    unknown = list(ways.unknown_targets(draft.workflow, draft.declared))
    yield from unknown
    if draft.settled and not unknown:
        for check in ways.RULES:
            yield from check(spread(draft.workflow))


def _checks(draft: Draft, workflow: Workflow) -> Iterator[Check]:
    yield from settings.RULES
    if draft.could_read("early", "settle", "timeout", "expected"):
        yield from settings.TIME_RULES
    yield from overlaps.RULES
    if draft.settled and draft.could_read("start") and workflow.starts:
        yield from overlaps.WHOLE_RULES
