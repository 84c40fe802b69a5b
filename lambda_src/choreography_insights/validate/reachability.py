"""Ways between states: each leads somewhere, each state lies on one, and each can come to an end."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, listed, suggestion
from choreography_insights.model.graph import at_once, components, reachable, reversed_ways, ways
from choreography_insights.model.workflow import (
    MOST_GATED,
    All,
    Await,
    Each,
    Gate,
    Name,
    Need,
    Parallel,
    State,
    Wait,
    Workflow,
    anytime,
    beginnings,
    branches,
    gated_lines,
    goes_on,
    is_done,
    is_end,
    leaving,
    may_leave_lines,
    nested,
    only_watches,
    scopes,
    targets,
)


def unknown_targets(workflow: Workflow, declared: Sequence[Name]) -> Iterator[Problem]:
    """Yield a problem for each way to a state that is not *declared* beside the one it leaves."""
    everywhere = {name.text for scope in scopes(workflow, declared) for name in scope.declared}
    for scope in scopes(workflow, declared):
        names = {name.text for name in scope.declared}
        for state in scope.states:
            yield from _unknown(targets(state), state.name.text, names, everywhere)
    outermost = {name.text for name in declared}
    yield from _unknown((entry.next for entry in leaving(workflow.anytime)), "anytime", outermost, everywhere)
    yield from _unknown((start.next for start in workflow.starts if start.next), "start", outermost, everywhere)


def _unknown(
    wanted: Iterable[Name], origin: str, names: Collection[str], everywhere: Collection[str]
) -> Iterator[Problem]:
    for target in wanted:
        if target.text in names:
            continue
        if target.text in everywhere:
            yield target.spot.problem(
                catalogue.STATE_IN_ANOTHER_BRANCH,
                f"{target.text!r} is not in the same branch as {origin!r}, and no way leads into a "
                "branch or out of it; a branch is left by a state that is 'succeed'",
            )
        else:
            yield target.spot.problem(
                catalogue.UNKNOWN_STATE,
                f"no state is named {target.text!r}; {suggestion(target.text, names, 'the states')}",
            )


def unreachable_states(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each state that no journey can come to."""
    for scope in scopes(workflow):
        if not scope.states:
            continue
        begins = [scope.states[0].name.text]
        if scope.states is workflow.states and workflow.starts:
            begins = [*dict.fromkeys(beginnings(workflow).values())]
        found = reachable(ways(scope.states), begins)
        first = f"the first state {begins[0]!r}" if len(begins) == 1 else f"what 'start' names, {listed(begins)}"
        for state in scope.states:
            if state.name.text not in found:
                yield state.name.spot.problem(
                    catalogue.UNREACHABLE_STATE,
                    f"no way leads to {state.name.text!r} from {first}; lead one there or remove it",
                )


def states_without_end(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each state from which a journey (or its branch) could never end."""
    for scope in scopes(workflow):
        ends = [state.name.text for state in scope.states if is_end(state) or is_done(state)]
        ending = reachable(reversed_ways(ways(scope.states)), ends)
        for state in scope.states:
            if state.name.text not in ending:
                yield state.name.spot.problem(
                    catalogue.STATE_WITHOUT_END,
                    f"no way leads from {state.name.text!r} to an end; add one to a state that is 'succeed' or 'fail'",
                )


def circles_without_a_wait(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each circle that a journey may run round in for ever, since nothing in it need wait."""
    for scope in scopes(workflow):
        graph = at_once(scope.states)
        for component in components(graph):
            circle = [state for state in scope.states if state.name.text in component]
            if len(circle) > 1 or component[0] in graph[component[0]]:
                if_so = " and ".join(text for state in circle for text in _waits_for_nothing_if(state))
                yield circle[0].name.spot.problem(
                    catalogue.LOOP_WITHOUT_WAIT,
                    f"a journey can run round for ever in {listed(one.name.text for one in circle)}, where nothing "
                    f"waits{f' if {if_so}' if if_so else ''}; let the way round lead through a state that waits",
                )


def _waits_for_nothing_if(state: State) -> Iterator[str]:
    name = repr(state.name.text)
    match state:
        case Each():
            yield f"{name} has no items"
        case Parallel():
            yield f"the branches of {name} are done at once"
        case Wait():
            yield f"the moment of {name} is past"


def branches_without_a_way_through(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for branches that can only fail: what comes behind their state would never be reached.

    One that others run beside, which can end well, watches: nobody waits for it.
    """
    for state in nested(workflow.states):
        inside = [branch for branch in branches(state) if branch.states]
        for branch in inside[:1] if all(map(only_watches, inside)) else ():
            beside = ", nor has one beside it" if len(inside) > 1 else ""
            yield branch.states[0].name.spot.problem(
                catalogue.BRANCH_WITHOUT_SUCCESS,
                f"the branch that begins here has no state that is 'succeed'{beside}, so {state.name.text!r} could "
                "never be done; add one",
            )


def needs_that_cannot_be(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each number of lines that a group has not, or that is all it has."""
    for state in nested(workflow.states):
        match state:
            case All(need=Need() as need):
                lines, what = len(state.items), "events"
            case Parallel(need=Need() as need):
                lines, what = sum(not only_watches(branch) for branch in state.branches), "branches that can end well"
            case _:
                continue
        if need.lines >= lines:
            yield need.spot.problem(
                catalogue.NEED_OF_ALL,
                f"{state.name.text!r} needs {need.lines} of {lines} {what}, which is no fewer than all; write a "
                "smaller number, or leave it away",
            )


def lessons_that_would_be_lost(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each group that hands out what its lines remember, and may end before all are done."""
    for state in nested(workflow.states):
        if not isinstance(state, Parallel | Each) or not state.lessons:
            continue
        at_any_time = state.anytime or (state in workflow.states and workflow.anytime)
        ends = "its 'timeout'" if state.timeout else "an 'anytime'" if at_any_time else ""
        if not ends and may_leave_lines(state):
            ends = "'need' or 'first'" if state.need else "a branch that only watches"
        if ends:
            yield state.lessons[0].name.spot.problem(
                catalogue.LEARNED_IN_A_RACE,
                f"what the lines of {state.name.text!r} remember is lost where {ends} may end them, by a failure; "
                "remove one of the two, or put it, with what follows, into a branch of a 'parallel' that has the other",
            )


def done_where_nothing_goes_on(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each state that says its line is done where none can be, and yet not over."""
    allowed = {
        id(one)
        for state in nested(workflow.states)
        if goes_on(state)
        for branch in branches(state)
        for one in branch.states
    }
    for state in nested(workflow.states):
        if not isinstance(state, Await) or not state.done:
            continue
        if id(state) not in allowed:
            why = (
                "only a branch of a 'parallel' with 'until' can be done and go on; write 'until' in place of its 'next'"
            )
        elif state.timeout:
            why = "a branch that is done must not go on by itself, so this state cannot have a 'timeout'; remove it"
        else:
            continue
        yield state.name.spot.problem(catalogue.DONE_BUT_NOT_SO, f"{why}, or remove 'done'")


def gates_of_too_many_lines(workflow: Workflow) -> Iterator[Problem]:
    """Yield a problem for each `until` or `instead` that hangs on more waits than can be taken away at once."""
    for state in nested(workflow.states):
        gates = {entry.gate for entry in anytime(state)} - {None}
        for key, what in _GATES.items():
            if key in gates and (lines := gated_lines(state)) > MOST_GATED:
                yield state.name.spot.problem(
                    catalogue.GATE_OF_TOO_MANY_LINES,
                    f"{state.name.text!r} has {lines} {what}, all of which are ended in one write, and that has room "
                    f"for {MOST_GATED}; put some of them into a 'parallel' of their own",
                )


_GATES: Mapping[Gate, str] = {"done": "branches with an 'until'", "untouched": "events with an 'instead'"}


RULES = (
    unreachable_states,
    states_without_end,
    branches_without_a_way_through,
    needs_that_cannot_be,
    lessons_that_would_be_lost,
    done_where_nothing_goes_on,
    gates_of_too_many_lines,
    circles_without_a_wait,
)
