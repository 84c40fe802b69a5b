"""Which of the events that a state accepts are contested: another one could come first and leave it still to come.

Only these are held back to settle, so the answer must never be a wrong "no"; a wrong "yes" costs a little time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from choreography_insights.authoring.graph import reachable, ways
from choreography_insights.authoring.patterns import Pattern, may_overlap
from choreography_insights.authoring.workflow import Await, Variant, Workflow, accepted

Contests = Mapping[str, Sequence[tuple[int, ...]]]
"""Per `Await`, for each of its variants the positions of those after which it could still come.

The branches of an `All` are not here: each of its waits accepts one event only, so nothing can overtake there.
"""


def contests(workflow: Workflow) -> Contests:
    """Return who contests whom in every `Await` of *workflow*."""
    graph = ways(workflow)
    acceptors = _acceptors(workflow)

    @cache
    def from_here(name: str) -> frozenset[str]:
        return reachable(graph, [name])

    def could_still_come(late: Variant, taken: Variant) -> bool:
        return any(
            state in from_here(taken.next.text) and may_overlap(late.when, when)
            for state, when in acceptors[late.event.text]
        )

    return {
        state.name.text: [_rivals(index, state.variants, could_still_come) for index in range(len(state.variants))]
        for state in workflow.states
        if isinstance(state, Await)
    }


def _rivals(
    index: int, variants: tuple[Variant, ...], could_still_come: Callable[[Variant, Variant], bool]
) -> tuple[int, ...]:
    late = variants[index]
    return tuple(other for other, taken in enumerate(variants) if other != index and could_still_come(late, taken))


def _acceptors(workflow: Workflow) -> Mapping[str, list[tuple[str, Pattern | None]]]:
    """Return per event the states that accept it, with the pattern they ask for."""
    found: dict[str, list[tuple[str, Pattern | None]]] = {}
    for state in workflow.states:
        for event, when in accepted(state):
            found.setdefault(event.text, []).append((state.name.text, when))
    return found
