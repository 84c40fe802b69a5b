"""Warnings: what works, but perhaps not as it was meant."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from choreography_insights.core.durations import in_words
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, Spot, listed
from choreography_insights.model.graph import Graph, components, reach_masks, ways
from choreography_insights.model.names import is_followed_by_choice
from choreography_insights.model.patterns import Pattern, covers
from choreography_insights.model.workflow import (
    AS_EVERYWHERE,
    All,
    Await,
    Choose,
    Condition,
    Each,
    Name,
    Parallel,
    Policy,
    State,
    Timed,
    Variant,
    Wait,
    Waiting,
    Workflow,
    accepted,
    anytime,
    awaits,
    branches,
    divided_events,
    nested,
    scopes,
    targets,
    watch_name,
    with_entries,
)
from choreography_insights.parse.workflow import Draft
from choreography_insights.testgen.path_constraints import detail_for, details_for
from choreography_insights.validate.reachability import unknown_targets

_HISTORY = 25_000
"""Events that Step Functions takes in the history of one execution."""

_FEW_TURNS = 1_000


def warnings_of(draft: Draft) -> Iterator[Problem]:
    """Yield what may not be meant, where all states could be read and every target is known."""
    workflow = draft.workflow
    if workflow is not None and draft.settled and not any(unknown_targets(workflow, draft.declared)):
        for rule in RULES:
            yield from rule(workflow)


def entries_with_a_gap(workflow: Workflow) -> Iterator[Problem]:
    """Warn where an event of an awaited name fits no entry, and where a ``choose`` may find no way on."""
    divided, beside = divided_events(workflow), _accepted_beside(workflow)
    for waiting in awaits(workflow):
        yield from _unaccepted(waiting, divided, beside.get(waiting.name.text, ()))
    for state in nested(workflow.states):
        if isinstance(state, Choose) and state.otherwise is None:
            yield state.name.spot.problem(
                catalogue.CHOOSE_WITHOUT_OTHERWISE,
                "a journey that fits none of these entries fails here; add '- otherwise: STATE' as the last",
            )


def entries_shadowed_together(workflow: Workflow) -> Iterator[Problem]:
    """Warn of entries for which no event seems to be left by all those before them."""
    beginning = divided_events(workflow)
    for waiting in awaits(workflow):
        for event in dict.fromkeys(variant.event for variant in waiting.variants):
            own = [(one.condition, one.spot) for one in waiting.variants if one.event == event]
            yield from _left_nothing(own, _patterns([beginning.get(event.text)]))
    for state in nested(workflow.states):
        if isinstance(state, Choose):
            yield from _left_nothing([(option.condition, option.spot) for option in state.options])


def _left_nothing(entries: Sequence[tuple[Condition, Spot]], beginning: Sequence[Pattern] = ()) -> Iterator[Problem]:
    earlier = list(beginning)
    for condition, spot in entries:
        if any(covers(other, condition.when) for other in earlier):
            continue  # an error, which says which one it is
        if (len(earlier) > 1 or beginning) and details_for(condition.when, earlier, {}) is None:
            others = "none of those before it" if len(earlier) > len(beginning) else "begins no journey"
            yield spot.problem(
                catalogue.PERHAPS_UNREACHABLE_ENTRY,
                f"no event was found that fits this entry and {others}, so it may be left nothing; remove it, or ask "
                "for less elsewhere",
            )
        if condition.when is not None and condition.remembered is None:
            earlier.append(condition.when)


_Accepted = tuple[str, Pattern | None]
"""The name of an event, and what is asked of its detail."""


def _accepted_beside(workflow: Workflow) -> Mapping[str, Sequence[_Accepted]]:
    """Return, for each state that waits, what is accepted besides: by branches beside it, and at any time."""
    found: dict[str, list[_Accepted]] = {}
    for state in workflow.states:
        for inner in nested([state]):
            for name in (inner.name.text, watch_name(inner)):
                found[name] = [(entry.event.text, entry.when) for entry in workflow.anytime]
    for state in nested(workflow.states):
        meanwhile = [(entry.event.text, entry.when) for entry in anytime(state)]
        for inner in (one for own in branches(state) for one in nested(own.states)):
            found[inner.name.text].extend(meanwhile)
            found[watch_name(inner)].extend(meanwhile)
    for state in nested(workflow.states):
        inside = state.branches if isinstance(state, Parallel) else ()
        of = [[(event.text, when) for one in nested(own.states) for event, when in accepted(one)] for own in inside]
        for position, branch in enumerate(inside):
            others = [one for number, some in enumerate(of) for one in some if number != position]
            for inner in nested(branch.states):
                found[inner.name.text].extend(others)
                found[watch_name(inner)].extend(others)
    return found


def _unaccepted(state: Await, divided: Mapping[str, Pattern], beside: Sequence[_Accepted]) -> Iterator[Problem]:
    for event in dict.fromkeys(variant.event for variant in state.variants):
        if event.text in divided:  # one name for much that happens: no state awaits all of it
            continue
        own = [variant.condition for variant in state.variants if variant.event == event]
        if any(condition.is_open for condition in own) or any(condition.remembered for condition in own):
            continue
        others = [when for name, when in beside if name == event.text]
        if None in others:
            continue  # they are accepted beside, or at any time: what is wrong with that is an error
        left = detail_for(None, _patterns([*(condition.when for condition in own), *others]), ("detail", ""), "")
        if left is not None:
            left.pop("", None)
            remedy = "'- otherwise: STATE'" if not others else "an entry for it to one of the branches"
            yield event.spot.problem(
                catalogue.UNACCEPTED_EVENT,
                f"an event {event.text!r} with the detail {json.dumps(left, ensure_ascii=False)} fits none of these "
                f"entries{' nor those of branches beside' if others else ''} and would be unexpected; add {remedy} if "
                "it can come",
            )


def _patterns(found: Sequence[Pattern | None]) -> list[Pattern]:
    return [pattern for pattern in found if pattern is not None]


def loops_that_fill_the_history(workflow: Workflow) -> Iterator[Problem]:
    """Warn of loops that end a journey after a number of turns that it could well come to."""
    for scope in scopes(workflow):
        states = {state.name.text: state for state in scope.states}
        for loop in _loops(_by_time(scope.states)):
            yield from _driven_by_time(workflow, [states[name] for name in loop])
        for loop in _loops(ways(scope.states)):
            yield from _soon_full([states[name] for name in loop])


def _loops(graph: Graph) -> Iterator[list[str]]:
    for component in components(graph):
        if len(component) > 1 or component[0] in graph[component[0]]:
            members = set(component)
            yield [name for name in graph if name in members]


def _soon_full(loop: Sequence[State]) -> Iterator[Problem]:
    turns = _HISTORY // max(_cost(state) for state in loop)
    if turns < _FEW_TURNS:
        yield loop[0].name.spot.problem(
            catalogue.LOOP_FILLS_HISTORY,
            f"Step Functions ends a journey whose history has {_HISTORY:,} events, after some {turns} turns of the "
            f"loop through {listed(state.name.text for state in loop)}; let a journey end sooner and another begin",
        )


def _by_time(states: Sequence[State]) -> dict[str, tuple[str, ...]]:
    """Return the ways that time alone takes, or nothing at all holds up."""
    found: dict[str, tuple[str, ...]] = {}
    for state in states:
        onward: tuple[Name, ...] = ()
        if isinstance(state, Waiting):
            onward = (state.timeout.next,) if state.timeout else ()
        else:
            onward = tuple(targets(state))
        found[state.name.text] = tuple(name.text for name in onward)
    return found


def _driven_by_time(workflow: Workflow, loop: Sequence[State]) -> Iterator[Problem]:
    seconds = sum(_seconds(state) for state in loop)
    turns = _HISTORY // sum(_cost(state) for state in loop)
    if seconds and workflow.timeout_seconds // seconds > turns:
        yield loop[0].name.spot.problem(
            catalogue.LOOP_DRIVEN_BY_TIME,
            f"time alone goes round in {listed(state.name.text for state in loop)} every {in_words(seconds)}, and "
            f"after some {turns} turns the history is full and Step Functions ends the journey, before its 'timeout' "
            f"of {in_words(workflow.timeout_seconds)}; let it go round less often, or end sooner",
        )


def _seconds(state: State) -> int:
    match state:
        case Wait(until=int() as seconds):
            return seconds
        case _ if isinstance(state, Waiting) and state.timeout:
            return state.timeout.seconds
        case _:
            return 0


def _cost(state: State) -> int:
    """Return how many events of the history a visit to *state* takes."""
    match state:
        case Await():
            turns = max(variant.quorum.times if variant.quorum else 1 for variant in state.variants)
            return turns * (6 + 2 * is_followed_by_choice(state)) + 2 * state.counts
        case All():
            return 4 + 6 * len(state.items)
        case Parallel():
            return 4 + sum(_cost(branch.states[0]) + 2 for branch in state.branches if branch.states)
        case Each():
            return 6 + (_cost(state.body.states[0]) + 2 if state.body.states else 0)
        case _:
            return 2


@dataclass(frozen=True, slots=True)
class _Limit:
    """After how many *seconds* every stay in a state is over, what ends it, and what to do if that is too soon."""

    seconds: int
    what: str
    remedy: str


def stays_never_overdue(workflow: Workflow) -> Iterator[Problem]:
    """Warn of states in which no stay can be as long as nobody expects."""
    remedy = "shorten 'expected', or lengthen the 'timeout' of the choreography"
    journey = _Limit(workflow.timeout_seconds, "the whole journey ends", remedy)
    yield from _never_overdue(workflow.states, journey)


def _never_overdue(states: Sequence[State], around: _Limit) -> Iterator[Problem]:
    for state in states:
        limit = min(_limits(state, around), key=lambda one: one.seconds)
        if isinstance(state, Timed) and state.expected and state.expected.seconds >= limit.seconds:
            yield state.expected.spot.problem(
                catalogue.STAY_NEVER_OVERDUE,
                f"no stay here is ever overdue: {limit.what} after {in_words(limit.seconds)}; {limit.remedy}",
            )
        for branch in branches(state):
            inner = replace(limit, what=f"the timeout of {state.name.text!r} comes") if limit is not around else around
            yield from _never_overdue(branch.states, inner)


def _limits(state: State, around: _Limit) -> Iterator[_Limit]:
    yield around
    if isinstance(state, Waiting) and state.timeout:
        yield _Limit(state.timeout.seconds, "its timeout comes", "shorten 'expected', or lengthen that timeout")
    if isinstance(state, Wait) and isinstance(state.until, int):
        yield _Limit(state.until, "the pause is over", "remove 'expected'")


def pauses_always_overdue(workflow: Workflow) -> Iterator[Problem]:
    """Warn of pauses that take longer than is expected of them."""
    for state in nested(workflow.states):
        if (
            isinstance(state, Wait)
            and isinstance(state.until, int)
            and state.expected
            and state.expected.seconds < state.until
        ):
            yield state.expected.spot.problem(
                catalogue.PAUSE_ALWAYS_OVERDUE,
                f"every stay here is overdue: the pause takes {in_words(state.until)}; lengthen 'expected', or remove "
                "it",
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


def names_never_used(workflow: Workflow) -> Iterator[Problem]:
    """Warn of names that events teach, and under which none comes."""
    used = {one.known_as.text for one in workflow.events if one.known_as}
    for one in workflow.events:
        for name in one.also:
            if name.kind.text not in used:
                yield name.kind.spot.problem(
                    catalogue.NAME_NEVER_USED,
                    f"no event comes under the name {name.kind.text!r}; write "
                    f"'entity: {{as: {name.kind.text}, at: …}}' for those that do, or remove it here",
                )


def entries_that_every_state_takes(workflow: Workflow) -> Iterator[Problem]:
    """Warn of what is accepted at any time by the choreography, where each state says something else of the event."""
    timed = [state for state in workflow.states if isinstance(state, Timed)]
    for entry in workflow.anytime if timed else ():
        if all(with_entries(state, (entry,)) == state for state in timed):
            what = "noted" if entry.stays else f"led to {entry.next.text!r}"
            yield entry.spot.problem(
                catalogue.ANYTIME_NOWHERE,
                f"no {entry.event.text!r} is ever {what} by this: each state says itself what becomes of all of them; "
                "remove it here, or there",
            )


RULES = (
    entries_with_a_gap,
    entries_shadowed_together,
    loops_that_fill_the_history,
    stays_never_overdue,
    pauses_always_overdue,
    events_with_a_gap,
    names_never_used,
    entries_that_every_state_takes,
)
