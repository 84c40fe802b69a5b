"""Which of the events that a state accepts are contested: another one could come first and leave it still to come.

Only these are held back to settle, so the answer must never be a wrong "no"; a wrong "yes" costs a little time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from choreography_insights.authoring.graph import reachable, ways
from choreography_insights.authoring.patterns import Pattern, may_overlap
from choreography_insights.authoring.workflow import All, Await, Workflow, accepted

Contests = Mapping[str, Sequence[tuple[int, ...]]]
"""Per state that waits, for each event that it accepts the positions of those after which that one could still come.

A position among its own means that two events of this kind must keep their order: a state behind tells them apart. In
an `All`, positions are those in each branch's own wait, which accepts one event only: nothing else can overtake there.
"""

_Kind = tuple[str, Pattern | None, str]
"""An event that a state accepts, the ``when`` of it, and the state that it leads to."""

_CouldStillCome = Callable[[_Kind, _Kind], bool]


def contests(workflow: Workflow) -> Contests:
    """Return who contests whom in every state of *workflow* that waits."""
    graph = ways(workflow)
    acceptors = _acceptors(workflow)

    @cache
    def from_here(name: str) -> frozenset[str]:
        return reachable(graph, [name])

    def could_still_come(late: _Kind, taken: _Kind) -> bool:
        event, when, _ = late
        behind = [pattern for state, pattern in acceptors[event] if state in from_here(taken[2])]
        if late is taken:
            return any(pattern not in (None, when) and may_overlap(when, pattern) for pattern in behind)
        return any(may_overlap(when, pattern) for pattern in behind)

    return {
        state.name.text: [_rivals(kind, wait, could_still_come) for wait in _waits(state) for kind in wait]
        for state in workflow.states
        if isinstance(state, Await | All)
    }


def _waits(state: Await | All) -> list[list[_Kind]]:
    """Return what each wait of *state* accepts."""
    if isinstance(state, All):
        return [[(item.event.text, None, state.next.text)] for item in state.items]
    return [[(variant.event.text, variant.when, variant.next.text) for variant in state.variants]]


def _rivals(late: _Kind, wait: Sequence[_Kind], could_still_come: _CouldStillCome) -> tuple[int, ...]:
    return tuple(position for position, taken in enumerate(wait) if could_still_come(late, taken))


def _acceptors(workflow: Workflow) -> Mapping[str, list[tuple[str, Pattern | None]]]:
    """Return per event the states that accept it, with the pattern they ask for."""
    found: dict[str, list[tuple[str, Pattern | None]]] = {}
    for state in workflow.states:
        for event, when in accepted(state):
            found.setdefault(event.text, []).append((state.name.text, when))
    return found
