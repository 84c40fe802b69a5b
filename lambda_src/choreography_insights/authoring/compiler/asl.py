"""``definition.asl.json``: the state machine, in the form of docs/interfaces.md, section 2."""

from collections.abc import Iterator, Sequence
from typing import Any

from choreography_insights.authoring.compiler.choice import choice_state
from choreography_insights.authoring.compiler.contest import contests
from choreography_insights.authoring.compiler.waits import Accepted, catches, transient_retry, wait_task
from choreography_insights.authoring.generated_names import (
    UNEXPECTED_EVENT,
    UNEXPECTED_TRANSITION,
    branch_name,
    choice_name,
    needs_choice,
)
from choreography_insights.authoring.workflow import All, Await, Fail, Item, State, Succeed, Timeout, Workflow

GENERATED_BY = "Generated from workflow.yaml by 'choreography generate'; edit that file instead."

NamedState = tuple[str, dict[str, Any]]


def state_machine(workflow: Workflow) -> dict[str, Any]:
    """Return the whole state machine, its placeholders being `rendering.Template`."""
    contested = contests(workflow)
    states = dict(
        compiled for state in workflow.states for compiled in _states(state, contested.get(state.name.text, ()))
    )
    return {
        "Comment": f"{workflow.description} ({GENERATED_BY})" if workflow.description else GENERATED_BY,
        "StartAt": workflow.states[0].name.text,
        "TimeoutSeconds": workflow.timeout_seconds,
        "States": {**states, **_failures(workflow)},
    }


def _states(state: State, contested: Sequence[tuple[int, ...]]) -> Iterator[NamedState]:
    match state:
        case Await():
            yield from _await(state, contested)
        case All():
            yield state.name.text, _parallel(state, contested)
        case Succeed():
            yield state.name.text, {"Type": "Succeed"}
        case Fail():
            cause = {} if state.cause is None else {"Cause": state.cause}
            yield state.name.text, {"Type": "Fail", "Error": state.error, **cause}


def _await(state: Await, contested: Sequence[tuple[int, ...]]) -> Iterator[NamedState]:
    chooses = needs_choice(state.variants)
    accepts = [
        Accepted(variant.event.text, variant.when, rivals)
        for variant, rivals in zip(state.variants, contested, strict=True)
    ]
    yield (
        state.name.text,
        {
            **wait_task(state.name.text, accepts),
            "ResultPath": "$.event",
            **_time_limit(state.timeout),
            "Retry": transient_retry(),
            "Catch": catches(_timeout_target(state.timeout)),
            "Next": choice_name(state) if chooses else state.variants[0].next.text,
        },
    )
    if chooses:
        yield choice_name(state), choice_state(state.variants, default=UNEXPECTED_TRANSITION)


def _parallel(state: All, contested: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    return {
        "Type": "Parallel",
        "Parameters": {},
        "Branches": [_branch(state, item, rivals) for item, rivals in zip(state.items, contested, strict=True)],
        "ResultPath": None,
        "Catch": catches(_timeout_target(state.timeout)),
        "Next": state.next.text,
    }


def _branch(state: All, item: Item, rivals: tuple[int, ...]) -> dict[str, Any]:
    """Return the branch that waits for *item*; it keeps no payload, since nothing after the branches reads it."""
    name = branch_name(state, item)
    kept = {f"{field}.$": f"$.{field}" for field in ("eventName", "eventId", "time")}
    wait = {
        **wait_task(name, [Accepted(item.event.text, contested_by=rivals)]),
        "ResultSelector": kept,
        "ResultPath": "$",
        **_time_limit(state.timeout),
        "Retry": transient_retry(),
        "End": True,
    }
    return {"StartAt": name, "States": {name: wait}}


def _time_limit(timeout: Timeout | None) -> dict[str, int]:
    return {"TimeoutSeconds": timeout.seconds} if timeout else {}


def _timeout_target(timeout: Timeout | None) -> str | None:
    return timeout.next.text if timeout else None


def _failures(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Return the Fail states that something leads to."""
    found: dict[str, dict[str, Any]] = {}
    if any(isinstance(state, Await | All) for state in workflow.states):
        found[UNEXPECTED_EVENT] = {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "$.Cause"}
    if any(isinstance(state, Await) and needs_choice(state.variants) for state in workflow.states):
        text = "States.Format('{} (id {}) was accepted, but fits no way on', $.event.eventName, $.event.eventId)"
        found[UNEXPECTED_TRANSITION] = {"Type": "Fail", "Error": UNEXPECTED_TRANSITION, "CausePath": text}
    return found
