"""Events that a journey accepts earlier and later, but not in between: perhaps nobody meant that."""

from collections.abc import Iterator, Mapping, Sequence

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.model.graph import reach_masks, ways
from choreography_insights.model.workflow import (
    AS_EVERYWHERE,
    Await,
    Each,
    Parallel,
    Policy,
    State,
    Variant,
    Waiting,
    Workflow,
    accepted,
    branches,
    nested,
)


def events_with_a_gap(workflow: Workflow) -> Iterator[Problem]:
    """Warn of states that do not accept an event which states before and after them do.

    Left out are events that lead to the state, for then they have come; states of one loop, of which each is before
    and after the other; and states of which it is said what an unexpected event does, or how long an early one is kept.
    """
    yield from _within(workflow.states, _named(workflow.anytime), AS_EVERYWHERE)


def _within(states: Sequence[State], beside: frozenset[str], around: Policy) -> Iterator[Problem]:
    """Yield what is to be said of *states* of one scope, and of those in them.

    *beside* is accepted meanwhile; *around* is what the states around them say of others.
    """
    if around == AS_EVERYWHERE:
        yield from _gaps(states, beside)
    for state in states:
        if isinstance(state, Parallel | Each):
            inside = branches(state)
            taken = [_accepted_in(branch.states) for branch in inside]
            for position, branch in enumerate(inside):
                others = taken[:position] + taken[position + 1 :]
                meanwhile = beside.union(_named(state.anytime), *others)
                yield from _within(branch.states, meanwhile, state.policy.within(around))


def _named(entries: Sequence[Variant]) -> frozenset[str]:
    return frozenset(entry.event.text for entry in entries)


def _accepted_in(states: Sequence[State]) -> frozenset[str]:
    return frozenset(event.text for state in nested(states) for event, _ in accepted(state))


def _gaps(states: Sequence[State], beside: frozenset[str]) -> Iterator[Problem]:
    order = _Order(states)
    held = {state.name.text: _accepted_in([state]) for state in states}
    for state in states:
        if not isinstance(state, Waiting) or state.policy != AS_EVERYWHERE:
            continue
        here = held[state.name.text] | beside
        after = [other for other in states if order.is_before(state, other)]
        told: set[str] = set()
        for first in states:
            for event in _left_behind(first, state, order):
                last = next((one for one in after if event in held[one.name.text]), None)
                if last is not None and event not in here and event not in told:
                    told.add(event)
                    yield state.name.spot.problem(
                        catalogue.EVENT_WITH_A_GAP,
                        f"an event {event!r} is accepted before, in {first.name.text!r}, and after, in "
                        f"{last.name.text!r}, but would be unexpected here; accept it here too, or, if the gap is "
                        "meant, set 'unexpected' or 'early' here",
                    )


class _Order:
    """Which of the states of one scope come before which."""

    def __init__(self, states: Sequence[State]) -> None:
        graph = ways(states)
        self._bits: Mapping[str, int] = {name: 1 << position for position, name in enumerate(graph)}
        self._reached = reach_masks(graph)

    def leads(self, origin: str, target: str) -> bool:
        """Whether *target* can be reached from *origin*."""
        return bool(self._reached[origin] & self._bits[target])

    def is_before(self, first: State, second: State) -> bool:
        """Whether a journey may come from *first* to *second*, but never back."""
        return self.leads(first.name.text, second.name.text) and not self.leads(second.name.text, first.name.text)


def _left_behind(first: State, state: State, order: _Order) -> Iterator[str]:
    """Yield the events that *first* accepts, if it is before *state*, and that are not those which lead there."""
    if isinstance(first, Await) and order.is_before(first, state):
        for event in dict.fromkeys(variant.event.text for variant in first.variants):
            following = [one.next.text for one in first.variants if one.event.text == event]
            if all(order.leads(to, first.name.text) or not order.leads(to, state.name.text) for to in following):
                yield event
