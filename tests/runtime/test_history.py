"""What an execution's history says of a refused token."""

import json
from typing import Any

import pytest

from choreography_insights.runtime.executions import Verdict
from choreography_insights.runtime.history import verdict


def entered(number: int, previous: int, name: str, kind: str = "Task") -> dict[str, Any]:
    return step(number, previous, f"{kind}StateEntered", stateEnteredEventDetails={"name": name})


def exited(number: int, previous: int, name: str, kind: str = "Task") -> dict[str, Any]:
    return step(number, previous, f"{kind}StateExited", stateExitedEventDetails={"name": name})


def scheduled(number: int, previous: int, token: str) -> dict[str, Any]:
    parameters = json.dumps({"ExpressionAttributeValues": {":wait": {"M": {"token": {"S": token}}}}})
    return step(number, previous, "TaskScheduled", taskScheduledEventDetails={"parameters": parameters})


def succeeded(number: int, previous: int, event_id: str) -> dict[str, Any]:
    output = json.dumps({"eventId": event_id})
    return step(number, previous, "TaskSucceeded", taskSucceededEventDetails={"output": output})


def step(number: int, previous: int, kind: str, **details: Any) -> dict[str, Any]:
    return {"id": number, "previousEventId": previous, "type": kind} | details


OPEN = [
    step(1, 0, "ExecutionStarted"),
    entered(2, 1, "A"),
    scheduled(3, 2, "token-1"),
    step(4, 3, "TaskStarted"),
    step(5, 4, "TaskSubmitted"),
]
PARALLEL = [
    step(1, 0, "ExecutionStarted"),
    entered(2, 1, "P", "Parallel"),
    step(3, 2, "ParallelStateStarted"),
    entered(4, 3, "P.a"),
    scheduled(5, 4, "token-1"),
    entered(6, 3, "P.b"),
    scheduled(7, 6, "token-2"),
]
EACH = [
    step(1, 0, "ExecutionStarted"),
    entered(2, 1, "M", "Map"),
    step(3, 2, "MapStateStarted"),
    step(4, 3, "MapIterationStarted"),
    entered(5, 4, "M.a"),
    scheduled(6, 5, "token-2"),
    step(7, 3, "MapIterationStarted"),
    entered(8, 7, "M.a"),
    scheduled(9, 8, "token-1"),
    succeeded(10, 6, "e-2"),
    exited(11, 10, "M.a"),
]
REDRIVEN = [
    step(1, 0, "ExecutionStarted"),
    entered(2, 1, "A"),
    scheduled(3, 2, "token-0"),
    step(4, 3, "ExecutionAborted"),
    step(5, 4, "ExecutionRedriven"),
    scheduled(6, 5, "token-1"),
]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(EACH, Verdict.OPEN, id="beside an item that has left the same state"),
        pytest.param(
            [*EACH, entered(12, 11, "M.b"), scheduled(13, 12, "token-3"), exited(14, 13, "M.b")],
            Verdict.OPEN,
            id="beside an item that has gone further",
        ),
        pytest.param(
            [*EACH, step(12, 11, "MapStateFailed"), exited(13, 12, "M", "Map")],
            Verdict.CLOSED,
            id="left with its list of items",
        ),
        pytest.param(REDRIVEN, Verdict.OPEN, id="of an execution that was redriven"),
        pytest.param(REDRIVEN[:5], Verdict.OPEN, id="about to be scheduled again"),
        pytest.param([*REDRIVEN, step(7, 6, "ExecutionFailed")], Verdict.CLOSED, id="redriven in vain"),
        pytest.param(REDRIVEN[:4], Verdict.CLOSED, id="of an execution that has ended"),
        pytest.param(OPEN, Verdict.OPEN, id="submitted"),
        pytest.param(OPEN[:2], Verdict.OPEN, id="not even scheduled in what history shows"),
        pytest.param([*OPEN, succeeded(6, 5, "e-1")], Verdict.BY_EVENT, id="by this event"),
        pytest.param([*OPEN, succeeded(6, 5, "e-2")], Verdict.CLOSED, id="by another event"),
        pytest.param([*OPEN, step(6, 5, "TaskTimedOut")], Verdict.CLOSED, id="timed out"),
        pytest.param([*OPEN[:4], step(5, 4, "TaskFailed")], Verdict.CLOSED, id="its write failed, to be retried"),
        pytest.param([*OPEN, step(6, 5, "ExecutionAborted")], Verdict.CLOSED, id="aborted"),
        pytest.param(PARALLEL, Verdict.OPEN, id="beside another branch"),
        pytest.param([*PARALLEL, step(8, 7, "TaskTimedOut")], Verdict.OPEN, id="only the other branch timed out"),
        pytest.param(
            [*PARALLEL, step(8, 7, "TaskTimedOut"), step(9, 8, "ParallelStateFailed"), exited(10, 9, "P", "Parallel")],
            Verdict.CLOSED,
            id="left with its parallel state",
        ),
        pytest.param(
            [
                step(1, 0, "ExecutionStarted"),
                entered(2, 1, "A"),
                scheduled(3, 2, "token-0"),
                succeeded(4, 3, "e-0"),
                exited(5, 4, "A"),
                entered(6, 5, "A"),
                scheduled(7, 6, "token-1"),
            ],
            Verdict.OPEN,
            id="a loop came by its state before",
        ),
    ],
)
def test_the_verdict_over_a_token(history: list[dict[str, Any]], expected: Verdict) -> None:
    assert verdict(history, token="token-1", event_id="e-1") is expected
    assert verdict(reversed(history), token="token-1", event_id="e-1") is expected


def test_a_task_from_before_a_redrive_is_closed() -> None:
    assert verdict(REDRIVEN, token="token-0", event_id="e-1") is Verdict.CLOSED


def test_a_failure_is_known_by_the_event_its_cause_names() -> None:
    cause = "No state accepted event 'X' (id e-1, time T) within 60 s"
    failed = [*OPEN, step(6, 5, "TaskFailed", taskFailedEventDetails={"error": "UnexpectedEvent", "cause": cause})]
    assert verdict(failed, token="token-1", event_id="e-1", failure=True) is Verdict.BY_EVENT
    assert verdict(failed, token="token-1", event_id="e-11", failure=True) is Verdict.CLOSED
