"""Which of the events that a state accepts are contested: another one could come first and leave it still to come.

Only these are held back to settle, so the answer must never be a wrong "no"; a wrong "yes" costs a little time.
"""

from collections.abc import Mapping, Sequence

from choreography_insights.authoring.graph import flow, reach_masks
from choreography_insights.authoring.patterns import Pattern, may_overlap
from choreography_insights.authoring.workflow import Await, Variant, Workflow, accepted, nested

Contests = Mapping[str, Sequence[tuple[int, ...]]]
"""Per `Await`, for each of its variants the positions of those after which it could still come.

The branches of an `All` are not here: each of its waits accepts one event only, so nothing can overtake there.
"""


def contests(workflow: Workflow) -> Contests:
    """Return who contests whom in every `Await` of *workflow*."""
    judge = _Judge(workflow)
    return {state.name.text: judge.rivals(state) for state in nested(workflow.states) if isinstance(state, Await)}


class _Judge:
    """Knows what can be reached from where, and who accepts what: sets of states are bits of a number."""

    def __init__(self, workflow: Workflow) -> None:
        graph = flow(workflow)
        bits = {name: 1 << position for position, name in enumerate(graph)}
        self._reach = reach_masks(graph)
        self._acceptors: dict[str, list[tuple[int, Pattern | None]]] = {}
        self._any: dict[str, int] = {}
        for state in nested(workflow.states):
            for event, when in accepted(state):
                bit = bits[state.name.text]
                self._acceptors.setdefault(event.text, []).append((bit, when))
                self._any[event.text] = self._any.get(event.text, 0) | bit

    def rivals(self, state: Await) -> list[tuple[int, ...]]:
        return [
            tuple(
                other
                for other, taken in enumerate(state.variants)
                if other != index and self._could_still_come(late, taken)
            )
            for index, late in enumerate(state.variants)
        ]

    def _could_still_come(self, late: Variant, taken: Variant) -> bool:
        reach = self._reach[taken.next.text]
        if not reach & self._any[late.event.text]:
            return False
        return any(reach & bit and may_overlap(late.when, when) for bit, when in self._acceptors[late.event.text])
