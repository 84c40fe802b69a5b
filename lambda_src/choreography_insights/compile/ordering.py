"""Which of the events that a state accepts are contested: another one may have come first, and that matters.

Only these are held back to settle, so the answer must never be a wrong "no"; a wrong "yes" costs a little time. The
rule in a user's words is in docs/guide/language.md, "When an event is held".
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from choreography_insights.compile.event_classes import Transition, Wait, kinds, waits
from choreography_insights.model.graph import flow, reach_masks
from choreography_insights.model.patterns import may_overlap
from choreography_insights.model.workflow import Workflow

Contests = Mapping[str, Sequence[tuple[int, ...]]]
"""Per state that waits, for each event that it accepts the positions of those that contest it.

Its own position stands for others of its kind, where nothing else contests it (`OWN_KIND` says so where there are
lines beside its own); and always where it may end the lines beside its own: then it must be last, older events of
theirs go first. In an `All`, positions are those in each branch's own wait, which accepts one event only: nothing else
can overtake there. `OTHER_LINES` stands for events of lines beside it that may end its own.
"""

OTHER_LINES = -1
"""The position of what is accepted in another line, and ends this one: older events of that kind go first."""

OWN_KIND = -2
"""Beside its own position: that stands for others of its kind, and it ends no line beside its own."""


def contests(workflow: Workflow) -> Contests:
    """Return who contests whom in every state of *workflow* that waits for events itself."""
    graph = flow(workflow)
    bits = {name: 1 << position for position, name in enumerate(graph)}
    named = list(waits(workflow, bits))
    judge = _Judge(reach_masks(graph), [wait for _, wait in named])
    found: dict[str, list[tuple[int, ...]]] = {}
    for state, wait in named:
        found.setdefault(state, []).extend(judge.rivals(way, wait) for way in wait)
    return found


_Circle = list[Transition]
"""Ways out of one wait to one state, of which it makes no difference whose event comes first.

A way that is in no circle is not even one of its own: two events that take it must keep their order.
"""


class _Judge:
    """Knows what can be reached from where, and what becomes of whom there. Sets of states are bits of a number."""

    def __init__(self, reach: Mapping[str, int], everywhere: Sequence[Wait]) -> None:
        self._reach = reach
        self._kinds = kinds([way for wait in everywhere for way in wait])
        self._circles: dict[Transition, _Circle] = {}
        for wait in everywhere:
            self._form_circles(wait)
        self._held: set[Transition] = set()
        self._held_in: dict[str, int] = {}
        self._noted: dict[str, list[Transition]] = {}
        for way in (way for wait in everywhere for way in wait if way.stays):
            for group in way.inside:
                self._noted.setdefault(group, []).append(way)
        self._yielding = {way for wait in everywhere for way in wait if self._yields(way)}
        self._note_held(everywhere)
        while broken := [wait for wait in everywhere if self._break_circles(wait)]:
            self._note_held(broken)

    def rivals(self, way: Transition, wait: Wait) -> tuple[int, ...]:
        """Return the positions in *wait* of the ways whose events contest those of *way*."""
        found = tuple(position for position, other in enumerate(wait) if self._contests(other, way))
        beside = (OTHER_LINES,) if way in self._yielding else ()
        if way.ends:
            return (*found, *beside)
        others = tuple(position for position in found if wait[position] is not way)
        if others or beside:
            return (*others, *beside)
        return (*found, OWN_KIND) if found and way.inside else found

    def _yields(self, way: Transition) -> bool:
        """Whether older events of other lines go before its own.

        So they do where these may still come when a line of theirs was ended by one. Before an event that leads to
        where one is awaited that is only noted here, older ones of that kind are noted. Those that begin a journey may
        still come where an event of another line ends the journey. Where one shuts a gate, an older one goes through
        first.
        """
        if way.shuts or (way.begins and way.ended):
            return True
        if any(self._may_follow(way, self._reach[target]) for target in way.beside):
            return True
        noted = (stay for group in way.inside for stay in self._noted.get(group, ()))
        return not way.stays and any(self._may_follow(stay, self._reach[way.next]) for stay in noted)

    def _may_follow(self, way: Transition, behind: int) -> bool:
        """Whether events of *way* could still come *behind*; what is only noted here must not be awaited there."""
        kind = self._kinds[way]
        return kind.may_lead_on(behind) if way.stays else kind.may_come(behind)

    def _contests(self, first: Transition, second: Transition) -> bool:
        """Whether after an event of *first* one of *second* could still come, and it matters which comes first.

        What ends the lines beside its own contests itself: events of theirs may have happened before it. What is only
        noted contests what leads to where it is awaited, and nothing else.
        """
        if first.stays:
            return not second.stays and self._may_follow(first, self._reach[second.next])
        if first is second and second.ends:
            return True
        circle = self._circles.get(first)
        return (
            (circle is None or circle is not self._circles.get(second))
            and self._may_follow(second, self._reach[first.next])
            and not _exclude_each_other(first, second)
        )

    # ---- of whom it makes no difference who comes first --------

    def _form_circles(self, wait: Wait) -> None:
        """Two events make no difference if they lead to one state, leave no trace, and fare alike ever after."""
        leading = Counter(way.next for way in wait)
        found: dict[object, _Circle] = {}
        for way in wait:
            kind, behind = self._kinds[way], self._reach[way.next]
            if way.stays or way.shows or not kind.may_come(behind) or kind.may_differ(behind):
                continue
            prospects = kind.fates(behind) if leading[way.next] > 1 else None
            self._circles[way] = circle = found.setdefault((way.next, prospects), [])
            circle.append(way)

    def _break_circles(self, wait: Wait) -> bool:
        """Break those behind which an event of theirs is held; return whether there were any.

        What is held there goes by its time, and so it matters which of them is still to come.
        """
        broken = [way for way in wait if way in self._circles and self._is_held_behind(way)]
        for way in broken:
            for one in self._circles.get(way, ()):
                del self._circles[one]
        return bool(broken)

    def _is_held_behind(self, way: Transition) -> bool:
        behind = self._reach[way.next] & self._held_in.get(way.event, 0)
        return any(taken in self._held for taken in self._kinds[way].taken(behind))

    def _note_held(self, some: Iterable[Wait]) -> None:
        for wait in some:
            for way in wait:
                if way in self._yielding or any(self._contests(other, way) for other in wait):
                    self._held.add(way)
                    self._held_in[way.event] = self._held_in.get(way.event, 0) | way.state


def _exclude_each_other(first: Transition, second: Transition) -> bool:
    """Whether what is remembered lets a wait accept events of one of the two ways at most."""
    if first is second or not (first.remembered or second.remembered):
        return False
    return not may_overlap(first.remembered, second.remembered)
