"""Which state leads where: the definition as a directed graph over the states' names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from choreography_insights.model.workflow import (
    All,
    Await,
    Branch,
    Choose,
    Each,
    Fail,
    Parallel,
    Pass,
    State,
    Succeed,
    Wait,
    Workflow,
    anytime,
    branches,
    goes_on,
    leaving,
    may_leave_lines,
    nested,
    only_watches,
    targets,
    watch_name,
)

Graph = Mapping[str, Sequence[str]]
"""The successors of each state, in the order of the definition."""


def ways(states: Iterable[State]) -> Graph:
    """Return every way there is between *states* of one scope, those of timeouts too."""
    return {state.name.text: _followed(state) for state in states}


def flow(workflow: Workflow) -> Graph:
    """Return where a journey that was in a state may come to next, into branches and out of them again.

    More than can happen, where a branch waits for its neighbours: nothing that can is missing.
    """
    found: dict[str, tuple[str, ...]] = {}
    _flow(workflow.states, (), (), found)
    return found


def _flow(
    states: Iterable[State], done: tuple[str, ...], late: tuple[str, ...], found: dict[str, tuple[str, ...]]
) -> None:
    """Add *states*, a branch of which leads to *done* at its end, and to *late* at any time."""
    for state in states:
        watched = (watch_name(state),) if anytime(state) else ()
        if watched:
            found[watched[0]] = (*(entry.next.text for entry in leaving(anytime(state))), *late)
        if inside := branches(state):
            found[state.name.text] = (*_entered(state), *watched, *late)
            followed = _followed(state)
            after = () if goes_on(state) else followed[:1]
            beyond = followed if may_leave_lines(state) else followed[len(after) :]
            for branch in inside:
                _flow(branch.states, after, (*late, *beyond), found)
        elif isinstance(state, Succeed):
            found[state.name.text] = (*done, *late)
        elif isinstance(state, Fail):
            found[state.name.text] = ()  # the journey is over, wherever it failed
        else:
            found[state.name.text] = (*_followed(state), *watched, *late)


def memory_ways(workflow: Workflow) -> Graph:
    """Return where a journey may come to next with all that it remembers: into branches, but not out of them."""
    return {state.name.text: (*_entered(state), *_followed(state)) for state in nested(workflow.states)}


def newest_ways(workflow: Workflow) -> Graph:
    """Return where a journey may come to next while its newest event stays the newest.

    What an `All` waits for leaves no trace behind it; in the lines of an `Each` the item takes the event's place.
    """
    found: dict[str, tuple[str, ...]] = {}
    for state in nested(workflow.states):
        if isinstance(state, Await):
            found[state.name.text] = (state.timeout.next.text,) if state.timeout else ()
        else:
            inside = () if isinstance(state, Each) else _entered(state)
            found[state.name.text] = (*inside, *_followed(state))
    return found


def at_once(states: Iterable[State], *, pauses: bool = False) -> Graph:
    """Return the ways between *states* of one scope that a journey may go without waiting; those over *pauses* too.

    An `Each` of an empty list holds nobody up, nor does a moment that is past, nor branches that are done at once.
    """
    return {
        state.name.text: _followed(state)[:1] if _may_be_done_at_once(state, pauses=pauses) else _chosen(state)
        for state in states
    }


def _chosen(state: State) -> tuple[str, ...]:
    return _followed(state) if isinstance(state, Choose) else ()


def _may_be_done_at_once(state: State, *, pauses: bool) -> bool:
    match state:
        case Pass() | Each():
            return True
        case Wait():
            return pauses or not isinstance(state.until, int)
        case Parallel() if not goes_on(state):
            done = [
                any(isinstance(one, Succeed) for one in _come_to_at_once(branch.states, pauses=pauses))
                for branch in state.branches
                if not only_watches(branch)
            ]
            return all(done) if state.need is None else sum(done) >= state.need.lines
        case _:
            return False


def _come_to_at_once(states: Sequence[State], *, pauses: bool) -> Iterator[State]:
    """Yield those of the *states* of a branch that its line may come to as soon as it begins."""
    found = reachable(at_once(states, pauses=pauses), [states[0].name.text] if states else [])
    return (state for state in states if state.name.text in found)


def _may_fail_at_once(state: State) -> bool:
    """Whether a line that comes to *state* may end the journey badly there, by whatever, with no other event."""
    match state:
        case Choose():
            return state.otherwise is None
        case Wait():
            return not isinstance(state.until, int)  # a field that is missing, or is no moment
        case Parallel():
            return any(
                _may_fail_at_once(one)
                for branch in state.branches
                for one in _come_to_at_once(branch.states, pauses=True)
            )
        case _:
            return isinstance(state, Fail | Each)  # no list, one that is too long, items with one key or none


def opens_wait(state: State) -> bool:
    """Whether *state* is sure to wait for an event outside of all items as soon as it is entered."""
    match state:
        case Await() | All():
            return True
        case _ if anytime(state):
            return True
        case Parallel():
            return any(map(_opens_wait, state.branches))
        case _:
            return False


def _opens_wait(branch: Branch) -> bool:
    """Whether the line of *branch* is, whatever it chooses; an `each` in it is not, as its list may be empty."""
    states = {state.name.text: state for state in branch.states}
    ways = {name: _followed(state) if isinstance(state, Choose | Pass) else () for name, state in states.items()}
    entered = reachable(ways, list(states)[:1]) if all(way in states for led in ways.values() for way in led) else ()
    if any(isinstance(states[one], Each) for one in entered):
        return False
    return bool(entered) and all(isinstance(states[one], Choose | Pass) or opens_wait(states[one]) for one in entered)


def ends_beside_others(workflow: Workflow) -> frozenset[str]:
    """Return the states from which a line may end those beside it with no other event.

    It does if it ends the journey badly, or if it is one of those that are enough.
    """
    beside = _beside_others(workflow.states)
    onward = _onward(workflow.states, ())
    inside = {name: [one for one in onward[name] if one in beside] for name in onward if name in beside}
    ending = [state.name.text for state in nested(workflow.states) if _may_fail_at_once(state)]
    ending += (end.name.text for state in nested(workflow.states) if may_leave_lines(state) for end in _ends_of(state))
    return reachable(reversed_ways(inside), (name for name in ending if name in beside))


def _ends_of(state: State) -> Iterator[State]:
    """Yield the states in which lines of *state* end well."""
    return (one for branch in branches(state) for one in branch.states if isinstance(one, Succeed))


def _onward(states: Sequence[State], done: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return where lines go on to with no event; at the end of a branch that is the last, to *done*."""
    found = {name: tuple(following) for name, following in at_once(states, pauses=True).items()}
    for state in states:
        if isinstance(state, Succeed):
            found[state.name.text] = done
        if isinstance(state, Parallel | Each):
            for branch in branches(state):
                found.update(_onward(branch.states, () if goes_on(state) else (state.next.text,)))
    return found


def _beside_others(states: Sequence[State]) -> frozenset[str]:
    """Return the names of all inside *states* that may run at once with others."""
    groups = [
        state
        for state in nested(states)
        if isinstance(state, Each) or len(branches(state)) > 1 or (branches(state) and anytime(state))
    ]
    return frozenset(
        inner.name.text for group in groups for branch in branches(group) for inner in nested(branch.states)
    )


def _entered(state: State) -> tuple[str, ...]:
    """Return the states in which the branches of *state* begin."""
    return tuple(branch.states[0].name.text for branch in branches(state) if branch.states)


def _followed(state: State) -> tuple[str, ...]:
    return tuple(target.text for target in targets(state))


def reversed_ways(graph: Graph) -> Graph:
    """Return *graph* with every way turned round."""
    turned: dict[str, list[str]] = {name: [] for name in graph}
    for origin, successors in graph.items():
        for successor in successors:
            turned[successor].append(origin)
    return turned


def reachable(graph: Graph, origins: Iterable[str]) -> frozenset[str]:
    """Return what can be reached from *origins*, themselves included."""
    found = set(origins)
    open_ends = list(found)
    while open_ends:
        for successor in graph[open_ends.pop()]:
            if successor not in found:
                found.add(successor)
                open_ends.append(successor)
    return frozenset(found)


def components(graph: Graph) -> list[tuple[str, ...]]:
    """Return the sets of nodes that lead to one another, each after all that it leads to (Tarjan's algorithm)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[tuple[str, ...]] = []
    for origin in graph:
        path: list[tuple[str, Iterator[str]]] = [] if origin in numbers else [(origin, iter(graph[origin]))]
        while path:
            node, rest = path[-1]
            if node not in numbers:
                numbers[node] = lowest[node] = len(numbers)
                stack.append(node)
                waiting.add(node)
            successor = next((one for one in rest if one not in numbers or one in waiting), None)
            if successor is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == numbers[node]:
                    found.append(_unstacked(stack, waiting, node))
            elif successor in numbers:
                lowest[node] = min(lowest[node], numbers[successor])
            else:
                path.append((successor, iter(graph[successor])))
    return found


def _unstacked(stack: list[str], waiting: set[str], last: str) -> tuple[str, ...]:
    position = stack.index(last) if stack[-1] != last else len(stack) - 1
    found = tuple(stack[position:])
    del stack[position:]
    waiting.difference_update(found)
    return found


def reach_masks(graph: Graph) -> Mapping[str, int]:
    """Return for each node the set of those that can be reached from it, itself included, as bits in their order."""
    bits = {name: 1 << position for position, name in enumerate(graph)}
    masks: dict[str, int] = {}
    for component in components(graph):
        mask = 0
        for name in component:
            mask |= bits[name]
        for name in component:
            for successor in graph[name]:
                mask |= masks.get(successor, 0)
        masks.update(dict.fromkeys(component, mask))
    return masks
