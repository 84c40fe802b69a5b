"""Every simulation ends where replay says, played at the real functions and the real state machine on moto."""

from collections.abc import Collection
from dataclasses import replace

from choreography_insights.authoring.drawing.course import TIMEOUT
from choreography_insights.authoring.testing.aws import Aws
from choreography_insights.authoring.workflow import Branch, Each, Parallel, State, Wait, Waiting, Workflow
from support.series import Series, all_series, replayed


@all_series
def test_a_simulation_ends_on_moto_where_replay_says(series: Series, aws: Aws) -> None:
    told = replayed(series)
    lapsed = {state for state, why, _ in told.course.transitions if why == TIMEOUT}
    at_once = [replace(event, at=float(position)) for position, event in enumerate(series.events)]
    real = aws(hurried(series.workflow, lapsed), at_once, series.entity, 0, ends=True)
    assert (real.status, real.course.here) == (series.status, (series.state,))
    assert (real.states, real.course.transitions) == (told.states, told.course.transitions)
    assert not real.deviated()


def hurried(workflow: Workflow, lapsed: Collection[str]) -> Workflow:
    """Return *workflow* with pauses of a second, and timeouts of one where the journey is to wait for them."""
    return replace(workflow, states=tuple(_hurried(state, lapsed) for state in workflow.states))


def _hurried(state: State, lapsed: Collection[str]) -> State:
    match state:
        case Wait(until=int()):
            return replace(state, until=1)
        case Parallel():
            state = replace(state, branches=tuple(_branch(branch, lapsed) for branch in state.branches))
        case Each():
            state = replace(state, body=_branch(state.body, lapsed))
    if isinstance(state, Waiting) and state.timeout and state.name.text in lapsed:
        return replace(state, timeout=replace(state.timeout, seconds=1))
    return state


def _branch(branch: Branch, lapsed: Collection[str]) -> Branch:
    return replace(branch, states=tuple(_hurried(state, lapsed) for state in branch.states))
