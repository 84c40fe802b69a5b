"""What an execution's history says of its tasks."""

import json
import threading
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from choreography_insights.runtime.errors import Throttled
from choreography_insights.runtime.event import Event
from choreography_insights.runtime.executions import Executions, Verdict, Waits
from choreography_insights.runtime.messages import ExecutionEnded
from choreography_insights.runtime.steps import Queue
from fake_aws.errors import client_error

ARN = "arn:aws:states:eu-west-1:111122223333:execution:insights-order:o-1"


class Client:
    """Step Functions, of which an execution is known by its history alone; each page has two events."""

    def __init__(self, history: Iterable[dict[str, Any]]) -> None:
        self.history = list(history)

    def get_execution_history(self, *, nextToken: str = "0", **_: Any) -> dict[str, Any]:
        first = int(nextToken)
        more = {"nextToken": str(first + 2)} if first + 2 < len(self.history) else {}
        return {"events": self.history[first : first + 2], **more}


def verdict(history: Iterable[dict[str, Any]], *, token: str, event_id: str, failure: bool = False) -> Verdict:
    return Executions(Client(history)).verdict(ARN, token=token, event_id=event_id, failure=failure)


def waits(history: Iterable[dict[str, Any]], *tokens: str) -> Waits:
    return Executions(Client(history)).waits(ARN, tokens, look_for_unstored=True, now=10.0)


def entered(number: int, previous: int, name: str, kind: str = "Task") -> dict[str, Any]:
    return step(number, previous, f"{kind}StateEntered", stateEnteredEventDetails={"name": name})


def exited(number: int, previous: int, name: str, kind: str = "Task") -> dict[str, Any]:
    return step(number, previous, f"{kind}StateExited", stateExitedEventDetails={"name": name})


def scheduled(number: int, previous: int, token: str) -> dict[str, Any]:
    parameters = json.dumps({"ExpressionAttributeValues": {":wait": {"M": {"t": {"S": token}}}}})
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
    # Whoever looks for waits that are not stored yet is told the same without a heartbeat.
    closed = {"token-1"} if expected is not Verdict.OPEN else set()
    assert waits(history, "token-1", "token-2", "token-3").closed & {"token-1"} == closed


def test_a_task_from_before_a_redrive_is_closed() -> None:
    assert verdict(REDRIVEN, token="token-0", event_id="e-1") is Verdict.CLOSED


def test_a_failure_is_known_by_the_event_its_cause_names() -> None:
    cause = "No state accepted event 'X' (id e-1, time T) within 60 s"
    failed = [*OPEN, step(6, 5, "TaskFailed", taskFailedEventDetails={"error": "UnexpectedEvent", "cause": cause})]
    assert verdict(failed, token="token-1", event_id="e-1", failure=True) is Verdict.BY_EVENT
    assert verdict(failed, token="token-1", event_id="e-11", failure=True) is Verdict.CLOSED


def test_the_items_of_a_list_that_is_tried_again_are_closed() -> None:
    assert waits(MAP_TRIED_AGAIN, "token-1", "token-2", "token-3") == Waits({"token-1", "token-2"}, unstored=False)


def test_a_failure_after_a_redrive_leaves_the_branches_around_it_open() -> None:
    history = [
        step(1, 0, "ExecutionStarted"),
        entered(2, 0, "O", "Parallel"),
        step(3, 2, "ParallelStateStarted"),
        entered(4, 3, "P", "Parallel"),
        step(5, 4, "ParallelStateStarted"),
        entered(6, 5, "P.a"),
        scheduled(7, 6, "token-1"),
        step(8, 7, "TaskFailed"),
        step(9, 8, "ParallelStateFailed"),
        step(10, 9, "ParallelStateFailed"),
        step(11, 10, "ExecutionFailed"),
        step(12, 11, "ExecutionRedriven"),
        entered(13, 3, "O.b"),
        scheduled(14, 13, "token-2"),
        scheduled(15, 8, "token-3"),
        step(16, 15, "TaskFailed"),
        step(17, 16, "ParallelStateFailed"),
        exited(18, 17, "P", "Parallel"),
    ]
    assert waits(history, "token-1", "token-2", "token-3").closed == {"token-1", "token-3"}


def test_an_execution_that_step_functions_has_forgotten_holds_nothing_open() -> None:
    class Forgetful:
        def get_execution_history(self, **_: Any) -> dict[str, Any]:
            raise client_error("ExecutionDoesNotExist", "gone", "GetExecutionHistory")

    executions = Executions(Forgetful())
    assert executions.verdict(ARN, token="token-1", event_id="e-1") is Verdict.CLOSED
    assert executions.waits(ARN, ["token-1"], look_for_unstored=True) == Waits({"token-1"}, unstored=False)


# ---- is there a task whose wait is not in the table yet? --------

MAP_TRIED_AGAIN = [
    step(1, 0, "ExecutionStarted"),
    entered(2, 0, "M", "Map"),
    step(3, 2, "MapStateStarted"),
    step(4, 3, "MapIterationStarted"),
    entered(5, 4, "M.a"),
    scheduled(6, 5, "token-1"),
    step(7, 3, "MapIterationStarted"),
    entered(8, 7, "M.a"),
    scheduled(9, 8, "token-2"),
    step(10, 9, "TaskTimedOut"),
    step(11, 10, "MapIterationFailed"),
    step(12, 10, "TaskStateAborted"),
    step(13, 10, "MapStateStarted"),
    step(14, 13, "MapIterationStarted"),
    entered(15, 14, "M.a"),
    scheduled(16, 15, "token-3"),
]
LEFT_BY_A_FAILURE = [
    *PARALLEL,
    step(8, 7, "TaskFailed"),
    step(9, 8, "TaskStateAborted"),
    step(10, 8, "ParallelStateFailed"),
    exited(11, 10, "P", "Parallel"),
    entered(12, 11, "B"),
    scheduled(13, 12, "token-3"),
]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], True, id="nothing is known of it yet"),
        pytest.param([step(1, 0, "ExecutionStarted")], True, id="it has only begun"),
        pytest.param(OPEN[:2], True, id="the state is entered, its task not scheduled"),
        pytest.param(OPEN[:3], False, id="scheduled, and stored"),
        pytest.param(OPEN, False, id="submitted, and stored"),
        pytest.param([*OPEN[:2], scheduled(3, 2, "token-9")], True, id="scheduled, not stored"),
        pytest.param([*OPEN[:2], scheduled(3, 2, "token-9"), step(4, 3, "TaskStarted")], True, id="begun, not stored"),
        pytest.param([*OPEN[:4], step(5, 4, "TaskFailed")], True, id="throttled, to be tried again"),
        pytest.param([*OPEN[:4], step(5, 4, "TaskSubmitFailed")], True, id="refused, to be tried again"),
        pytest.param(
            [*OPEN[:4], step(5, 4, "TaskFailed"), scheduled(6, 5, "token-2")], False, id="tried again, and stored"
        ),
        pytest.param([*OPEN[:4], step(5, 4, "TaskFailed"), scheduled(6, 5, "token-9")], True, id="tried again"),
        pytest.param([*OPEN, step(6, 5, "TaskTimedOut")], True, id="timed out, about to go on"),
        pytest.param([*OPEN, succeeded(6, 5, "e-1")], True, id="answered, about to go on"),
        pytest.param([*OPEN, succeeded(6, 5, "e-1"), exited(7, 6, "A")], True, id="left, about to go on"),
        pytest.param(
            [*OPEN, succeeded(6, 5, "e-1"), exited(7, 6, "A"), entered(8, 7, "W", "Wait")], False, id="pausing"
        ),
        pytest.param([*OPEN, step(6, 5, "ExecutionAborted")], False, id="ended"),
        pytest.param(PARALLEL[:3], True, id="branches about to be entered"),
        pytest.param(PARALLEL[:6], True, id="the other branch is entered, its task not scheduled"),
        pytest.param(PARALLEL, False, id="both branches stored"),
        pytest.param([*PARALLEL[:6], scheduled(7, 6, "token-9")], True, id="the other branch not stored"),
        pytest.param(
            [*PARALLEL[:6], scheduled(7, 6, "token-9"), succeeded(8, 7, "e"), exited(9, 8, "P.b")],
            False,
            id="the other branch is at its end",
        ),
        pytest.param(LEFT_BY_A_FAILURE, False, id="a branch that was left with its parallel state"),
        pytest.param(LEFT_BY_A_FAILURE[:4] + LEFT_BY_A_FAILURE[5:], False, id="left before it was scheduled"),
        pytest.param(EACH, False, id="items of which one is done"),
        pytest.param([*EACH, entered(12, 11, "M.b")], True, id="an item goes on"),
        pytest.param(MAP_TRIED_AGAIN, False, id="items of a list that is tried again"),
        pytest.param(
            [*MAP_TRIED_AGAIN, step(17, 13, "MapIterationStarted")], True, id="an item of it about to be entered"
        ),
        pytest.param(REDRIVEN[:5], True, id="redriven, about to be scheduled"),
        pytest.param(REDRIVEN, False, id="redriven, and stored"),
        pytest.param([*REDRIVEN[:5], scheduled(6, 5, "token-9")], True, id="redriven, not stored"),
    ],
)
def test_whether_a_task_is_open_whose_wait_is_not_in_the_table(history: list[dict[str, Any]], expected: bool) -> None:
    known = ("token-1", "token-2", "token-3")
    assert waits(history, *known).unstored is expected
    assert waits(reversed(history), *known).unstored is expected


@pytest.mark.parametrize(("seconds", "expected"), [(1.0, True), (3.0, False)])
def test_what_follows_a_state_of_a_branch_that_was_left_just_now_may_not_be_told_yet(
    seconds: float, *, expected: bool
) -> None:
    left = exited(9, 8, "P.b") | {"timestamp": datetime.fromtimestamp(10.0 - seconds, UTC)}
    history = [*PARALLEL[:6], scheduled(7, 6, "token-9"), succeeded(8, 7, "e"), left]
    found = waits(history, "token-1", "token-2")
    assert (found.unstored, found.lags) == (expected, expected)
    assert not waits([*history, entered(10, 9, "P.c")], "token-1", "token-2").lags


def test_a_branch_that_was_redriven_is_open_again() -> None:
    history = [
        *PARALLEL,
        step(8, 7, "TaskFailed"),
        step(9, 8, "ParallelStateFailed"),
        step(10, 9, "ExecutionFailed"),
        step(11, 10, "ExecutionRedriven"),
        entered(12, 8, "P.b"),
        scheduled(13, 12, "token-3"),
    ]
    assert waits(history, "token-1", "token-2", "token-3") == Waits({"token-1", "token-2"}, unstored=False)
    assert waits(history, "token-1", "token-2") == Waits({"token-1", "token-2"}, unstored=True)
    left = [*history, step(14, 13, "TaskFailed"), step(15, 14, "ParallelStateFailed"), exited(16, 15, "P", "Parallel")]
    assert waits([*left, entered(17, 16, "W", "Wait")], "token-3") == Waits({"token-3"}, unstored=False)


def lines(length: int, data: Any, *begun: tuple[int, int]) -> list[dict[str, Any]]:
    """A Map with so many lines, of which those have *begun*: each after which event."""
    map_entered = step(
        2, 1, "MapStateEntered", stateEnteredEventDetails={"name": "E", "input": json.dumps({"event": data})}
    )
    return [
        step(1, 0, "ExecutionStarted"),
        map_entered,
        step(3, 2, "MapStateStarted", mapStateStartedEventDetails={"length": length}),
        *(
            step(4 + at, previous, "MapIterationStarted", mapIterationStartedEventDetails={"name": "E", "index": line})
            for at, (previous, line) in enumerate(begun)
        ),
    ]


QUEUE = {"keys": ["a", 2, "c"], "events": [{"name": "v", "item": "$.detail.p"}]}


@pytest.mark.parametrize("previous", [3, 6], ids=["behind the beginning of all", "behind the end of another"])
def test_which_lines_have_yet_to_begin(previous: int) -> None:
    begun = [*lines(3, {"queue": QUEUE}, (3, 0)), *(step(at, at - 1, "MapIterationSucceeded") for at in (5, 6))]
    next_one = step(7, previous, "MapIterationStarted", mapIterationStartedEventDetails={"name": "E", "index": 1})
    assert waits(begun).to_begin == (Queue(frozenset({"2", "c"}), {"v": "$.detail.p"}),)
    assert waits([*begun, next_one]).to_begin == (Queue(frozenset({"c"}), {"v": "$.detail.p"}),)
    over = [*begun, next_one, step(8, 7, "MapStateFailed"), exited(9, 8, "E", "Map")]
    assert waits(over).to_begin == ()
    assert waits([*begun, step(8, 7, "ExecutionAborted")]).to_begin == ()


@pytest.mark.parametrize(
    ("again", "expected"), [("ExecutionRedriven", {"2", "c"}), ("TaskStateAborted", {"a", "2", "c"})]
)
def test_a_line_that_was_done_before_a_redrive_begins_no_more(again: str, expected: set[str]) -> None:
    done = step(6, 5, "MapIterationSucceeded", mapIterationSucceededEventDetails={"name": "E", "index": 0})
    failed = [
        step(7, 5, "MapIterationFailed"),
        step(8, 7, "ExecutionFailed" if again == "ExecutionRedriven" else again),
    ]
    started = step(10, 9, "MapStateStarted", mapStateStartedEventDetails={"length": 3})
    history = [*lines(3, {"queue": QUEUE}, (3, 0), (3, 1)), done, *failed, step(9, 8, again), started]
    assert waits(history).to_begin == (Queue(frozenset(expected), {"v": "$.detail.p"}),)
    next_one = step(11, 10, "MapIterationStarted", mapIterationStartedEventDetails={"name": "E", "index": 1})
    assert waits([*history, next_one]).to_begin == (Queue(frozenset(expected - {"2"}), {"v": "$.detail.p"}),)


def test_lines_of_which_nothing_else_is_said_have_yet_to_begin() -> None:
    assert waits(lines(2, {"detail": '"queue"'}, (3, 0))).to_begin == (Queue(),)
    assert waits(lines(2, {}, (3, 0), (3, 1))).to_begin == ()


@pytest.mark.parametrize(
    ("queue", "name", "key", "expected"),
    [
        (Queue(frozenset("c"), {"v": "$.detail.p"}), "v", "c", True),
        (Queue(frozenset("c"), {"v": "$.detail.p"}), "v", "a", False),
        (Queue(frozenset("c"), {"v": "$.detail.p"}), "w", "c", False),
        (Queue(), "w", None, True),
    ],
)
def test_which_events_a_line_may_await_that_has_yet_to_begin(
    queue: Queue, name: str, key: str | None, *, expected: bool
) -> None:
    payload = {"eventName": name, "eventId": "e", "detail": {"p": key}}
    assert queue.may_await(Event("e", name, 0.0, "1", payload, 0.0)) is expected


def test_a_heartbeat_is_asked_before_a_history_is_read() -> None:
    asked: list[str] = []

    class Beating:
        def send_task_heartbeat(self, *, taskToken: str) -> None:
            asked.append(taskToken)

    tokens = [f"token-{number}" for number in range(40)]
    assert Executions(Beating()).waits(ARN, tokens) == Waits(set())
    assert sorted(asked) == sorted(tokens)


def test_tokens_are_asked_about_side_by_side_but_not_all_at_once() -> None:
    beating = threading.Barrier(8, timeout=30)
    at_once, most, lock = 0, 0, threading.Lock()

    class Slow:
        def send_task_heartbeat(self, *, taskToken: str) -> None:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            beating.wait()  # none answers before eight are asked
            with lock:
                at_once -= 1

    Executions(Slow()).waits(ARN, [f"token-{number}" for number in range(24)])
    assert most == 8


def test_a_question_that_is_throttled_is_asked_again_later() -> None:
    class Busy:
        def __getattr__(self, operation: str) -> Any:
            def throttled(**_: Any) -> Any:
                raise client_error("ThrottlingException", "Rate exceeded", operation)

            return throttled

    executions = Executions(Busy())
    for ask in (
        lambda: executions.state(ARN),
        lambda: executions.end(ARN),
        lambda: executions.was_redriven(ARN, 0.0),
        lambda: executions.completed(ExecutionEnded(ARN, "FAILED", None, 0.0, 1.0, None, None)),
        lambda: executions.verdict(ARN, token="token-1", event_id="e-1"),
        lambda: executions.waits(ARN, ["token-1"], look_for_unstored=True),
    ):
        with pytest.raises(Throttled, match="Step Functions throttles"):
            ask()


def test_a_long_history_of_big_events_is_read_in_little_memory() -> None:
    big = "x" * 100_000

    class Big:
        """25 pages of 20 events, 50 MB in all; a page is made when it is asked for."""

        def get_execution_history(self, *, nextToken: str = "0", **_: Any) -> dict[str, Any]:
            page = int(nextToken)
            events = [
                entered(number, number - 1, "A")
                | {"stateEnteredEventDetails": {"name": "A", "input": f"{number}{big}"}}
                for number in range(page * 20 + 1, page * 20 + 21)
            ]
            return {"events": events, **({"nextToken": str(page + 1)} if page < 24 else {})}

    executions = Executions(Big())
    tracemalloc.start()
    try:
        executions.waits(ARN, ["token-1"], look_for_unstored=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
