"""Which of the events that a state accepts are contested: another one could come first and leave it still to come.

Only these are held back to settle, so the answer must never be a wrong "no"; a wrong "yes" costs a little time.
"""

from collections.abc import Mapping, Sequence

from choreography_insights.authoring.graph import flow, reach_masks
from choreography_insights.authoring.patterns import Pattern, may_overlap
from choreography_insights.authoring.workflow import All, Await, Workflow, accepted, nested

Contests = Mapping[str, Sequence[tuple[int, ...]]]
"""Per state that waits, for each event that it accepts the positions of those after which that one could still come.

A position among its own means that two events of this kind must keep their order: a state behind tells them apart. In
an `All`, positions are those in each branch's own wait, which accepts one event only: nothing else can overtake there.
"""

_Kind = tuple[str, Pattern | None, str]
"""An event that a state accepts, the ``when`` of it, and the state that it leads to."""


def contests(workflow: Workflow) -> Contests:
    """Return who contests whom in every state of *workflow* that waits for events itself."""
    judge = _Judge(workflow)
    return {
        state.name.text: [judge.rivals(kind, wait) for wait in _waits(state) for kind in wait]
        for state in nested(workflow.states)
        if isinstance(state, Await | All)
    }


def _waits(state: Await | All) -> list[list[_Kind]]:
    """Return what each wait of *state* accepts."""
    if isinstance(state, All):
        return [[(item.event.text, None, state.next.text)] for item in state.items]
    return [[(variant.event.text, variant.when, variant.next.text) for variant in state.variants]]


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

    def rivals(self, late: _Kind, wait: Sequence[_Kind]) -> tuple[int, ...]:
        """Return the positions in *wait* of those after which *late* could still come."""
        return tuple(position for position, taken in enumerate(wait) if self._could_still_come(late, taken))

    def _could_still_come(self, late: _Kind, taken: _Kind) -> bool:
        event, when, _ = late
        reach = self._reach[taken[2]]
        if not reach & self._any[event]:
            return False
        behind = (pattern for bit, pattern in self._acceptors[event] if reach & bit)
        if late is taken:
            return any(pattern not in (None, when) and may_overlap(when, pattern) for pattern in behind)
        return any(may_overlap(when, pattern) for pattern in behind)
