"""Every simulation ends where replay says, played at the real functions and the real state machine on moto."""

from collections.abc import Mapping
from dataclasses import replace

from choreography_insights.model.workflow import Branch, Each, Parallel, State, Wait, Waiting, Workflow
from choreography_insights.testing.aws import Aws
from choreography_insights.trace.scopes import Scopes
from choreography_insights.trace.trace import TIMEOUT, Trace
from support.series import Series, all_series, replayed

_MOMENT, _LONG_ENOUGH = 1, 8
"""Seconds that a state waits in vain: where nothing happens in it, and where events must come in time before."""


@all_series
def test_a_simulation_ends_on_moto_where_replay_says(series: Series, aws: Aws) -> None:
    told = replayed(series)
    at_once = [replace(event, at=float(position)) for position, event in enumerate(series.events)]
    hurried = _hurried(series.workflow, _timeouts(series.workflow, told.trace))
    real = aws(hurried, at_once, series.entity, 0, ends=True)
    assert (real.status, real.trace.here) == (series.status, (series.state,))
    assert (real.states, real.trace.transitions) == (told.states, told.trace.transitions)
    assert not real.deviated()


def _timeouts(workflow: Workflow, trace: Trace) -> dict[str, int]:
    """Return, for each state in which *trace* waits in vain, how many seconds that shall be."""
    lapsed = {state for state, why, _ in trace.transitions if why == TIMEOUT}
    moved = Scopes.of(workflow).closed(state for state, why, _ in trace.transitions if why != TIMEOUT)
    return {state: _LONG_ENOUGH if state in moved else _MOMENT for state in lapsed}


def _hurried(workflow: Workflow, timeouts: Mapping[str, int]) -> Workflow:
    """Return *workflow* with pauses of a moment, and these *timeouts*."""
    return replace(workflow, states=tuple(_hurried_state(state, timeouts) for state in workflow.states))


def _hurried_state(state: State, timeouts: Mapping[str, int]) -> State:
    match state:
        case Wait(until=int()):
            return replace(state, until=_MOMENT)
        case Parallel():
            state = replace(state, branches=tuple(_hurried_branch(branch, timeouts) for branch in state.branches))
        case Each():
            state = replace(state, body=_hurried_branch(state.body, timeouts))
    if isinstance(state, Waiting) and state.timeout and state.name.text in timeouts:
        return replace(state, timeout=replace(state.timeout, seconds=timeouts[state.name.text]))
    return state


def _hurried_branch(branch: Branch, timeouts: Mapping[str, int]) -> Branch:
    return replace(branch, states=tuple(_hurried_state(state, timeouts) for state in branch.states))
