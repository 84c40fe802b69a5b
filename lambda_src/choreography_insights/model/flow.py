"""A definition's flow: what functions know of it that read journeys' rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from choreography_insights.core import fields
from choreography_insights.model.names import branch_name
from choreography_insights.model.workflow import (
    All,
    Await,
    Choose,
    Condition,
    DataPath,
    Each,
    Fail,
    Parallel,
    Pass,
    State,
    Succeed,
    Timeout,
    Variant,
    Wait,
    Workflow,
    anytime,
    awaited_events,
    beginnings,
    branches,
    expected_seconds,
    goes_on,
    remembered_fields,
    spread,
    watch_name,
)
from choreography_insights.views.flow import Flow, FlowState, Kind, Way


def flow_of(workflow: Workflow) -> Flow:
    """Return the flow of *workflow*."""
    workflow = spread(workflow)
    begun_in = beginnings(workflow)
    return Flow(
        first=begun_in[workflow.starts[0].event.text],
        firsts={event: state for event, state in begun_in.items() if state != begun_in[workflow.starts[0].event.text]},
        starts=tuple(dict.fromkeys(start.event.text for start in workflow.starts)),
        awaited=awaited_events(workflow),
        states={one.name: one for one in _states(workflow.states, "")},
        expected=workflow.expected_seconds,
        remember={one.event.text: remembered_fields(one.remember) for one in workflow.starts if one.remember},
    )


def _states(states: Sequence[State], inside: str) -> Iterator[FlowState]:
    for state in states:
        yield replace(_state(state, inside), expected=expected_seconds(state))
        name = state.name.text
        if entries := anytime(state):
            ways = tuple(map(_by_event, entries))
            yield FlowState(watch_name(state), "anytime", name, ways)
        if isinstance(state, All):
            for item in state.items:
                yield FlowState(branch_name(state, item), "part", name, (Way(state.next.text, item.event.text),))
        for branch in branches(state):
            yield from _states(branch.states, name)


def _state(state: State, inside: str) -> FlowState:
    name = state.name.text
    match state:
        case Await():
            ways = tuple(map(_by_event, state.variants))
            return FlowState(name, "await", inside, ways, _timeout(state.timeout), done=state.done)
        case All():
            return FlowState(name, "all", inside, (Way(state.next.text),), _timeout(state.timeout), need=_need(state))
        case Parallel() | Each():
            kind: Kind = "parallel" if isinstance(state, Parallel) else "each"
            begins = tuple(branch.states[0].name.text for branch in branches(state))
            leads = () if goes_on(state) else (Way(state.next.text),)
            flow = FlowState(name, kind, inside, leads, _timeout(state.timeout), begins, need=_need(state))
            return replace(flow, learned={one.name.text: f"{one.how} of {one.of.text}" for one in state.lessons})
        case Choose():
            options = [_way(one.next.text, one.condition) for one in state.options]
            otherwise = [Way(state.otherwise.text)] if state.otherwise else []
            return FlowState(name, "choose", inside, (*options, *otherwise))
        case Wait():
            until = fields.written(state.until.path) if isinstance(state.until, DataPath) else state.until
            return FlowState(name, "wait", inside, (Way(state.next.text),), until=until)
        case Pass():
            return FlowState(name, "pass", inside, (Way(state.next.text),))
        case Succeed():
            return FlowState(name, "succeed", inside)
        case Fail():
            return FlowState(name, "fail", inside, error=None if isinstance(state.error, DataPath) else state.error)
        case _:
            assert_never(state)


def _by_event(one: Variant) -> Way:
    way = replace(_way("" if one.stays else one.next.text, one.condition, one.event.text), gate=one.gate)
    if one.quorum is None:
        return way
    distinct = fields.written(one.quorum.distinct) if one.quorum.distinct else None
    return replace(way, times=one.quorum.times, distinct=distinct)


def _way(target: str, condition: Condition, event: str = "") -> Way:
    when, remembered = condition.when, condition.remembered
    return Way(target, event, when.source if when else None, remembered.source if remembered else None)


def _need(state: All | Parallel | Each) -> int | None:
    return state.need.lines if state.need else None


def _timeout(timeout: Timeout | None) -> tuple[float, str] | None:
    return None if timeout is None else (timeout.seconds, timeout.next.text)
