"""The rim towards Step Functions: starting executions, answering task tokens, and asking what became of both."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from .decision import ExecutionState
from .messages import ExecutionEnded

#: Step Functions takes a cause of 32,768 characters; ours name a handful of states and stay readable.
_CAUSE_LIMIT = 4_096
_RUNNING = ("RUNNING", "PENDING_REDRIVE")
_REFUSALS = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class Answer(Enum):
    """What Step Functions said to a task token."""

    ACCEPTED = "accepted"
    REFUSED = "the token has expired, is closed or is not valid"


class Verdict(Enum):
    """BY_EVENT: this event's answer closed the task. CLOSED: something else did. OPEN: it is open, or not yet seen."""

    BY_EVENT = "closed by this event"
    CLOSED = "closed by something else"
    OPEN = "open, or not in the history yet"


class Waits(NamedTuple):
    """What Step Functions says of waits: which of the tokens are *closed*; whether it has others open (*unstored*)."""

    closed: frozenset[str]
    unstored: bool = False


class Executions:
    """Every call to Step Functions that the functions make."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def start(self, state_machine_arn: str, name: str, input_json: str) -> None:
        """Start the execution; one of that name that is there already is this one, since the name is the event's."""
        try:
            self.client.start_execution(stateMachineArn=state_machine_arn, name=name, input=input_json)
        except ClientError as error:
            if _code(error) != "ExecutionAlreadyExists":
                raise

    def state(self, execution_arn: str) -> ExecutionState:
        """Whether an execution runs, has ended, or is not there (yet)."""
        described = self._described(execution_arn)
        if described is None:
            return ExecutionState.MISSING
        return ExecutionState.RUNNING if described["status"] in _RUNNING else ExecutionState.ENDED

    def end(self, execution_arn: str) -> ExecutionEnded | None:
        """How an execution ended; None if it runs, or is not there (yet)."""
        described = self._described(execution_arn)
        if described is None or described["status"] in _RUNNING:
            return None
        return ExecutionEnded(
            execution_arn=execution_arn,
            status=described["status"],
            input_json=described.get("input"),
            started_at=described["startDate"].timestamp(),
            ended_at=described["stopDate"].timestamp(),
            error=described.get("error"),
            cause=described.get("cause"),
        )

    def was_redriven(self, execution_arn: str, since: float) -> bool:
        """Whether an execution that had ended runs again. Its status alone does not say: it may lag behind its end."""
        described = self._described(execution_arn)
        if described is None or described["status"] not in _RUNNING or "redriveDate" not in described:
            return False
        return bool(described["redriveDate"].timestamp() >= since)

    def input(self, execution_arn: str) -> str | None:
        """The input of an execution; None if it is not to be had."""
        described: Mapping[str, Any] = self.client.describe_execution(executionArn=execution_arn)
        return described.get("input")

    def succeed(self, token: str, output_json: str) -> Answer:
        """Let the wait that holds *token* go on with *output_json*."""
        return self._answer("send_task_success", taskToken=token, output=output_json)

    def fail(self, token: str, error: str, cause: str) -> Answer:
        """Let the wait that holds *token* fail."""
        return self._answer("send_task_failure", taskToken=token, error=error, cause=cause[:_CAUSE_LIMIT])

    def _described(self, execution_arn: str) -> Mapping[str, Any] | None:
        try:
            described: Mapping[str, Any] = self.client.describe_execution(executionArn=execution_arn)
        except ClientError as error:
            if _code(error) == "ExecutionDoesNotExist":
                return None
            raise
        return described

    def _answer(self, operation: str, **parameters: str) -> Answer:
        try:
            getattr(self.client, operation)(**parameters)
        except ClientError as error:
            if _code(error) in _REFUSALS:
                return Answer.REFUSED
            raise
        return Answer.ACCEPTED

    def waits(self, execution_arn: str, tokens: Sequence[str], *, look_for_unstored: bool) -> Waits:
        """Which of *tokens* are closed, and whether a task is open that has none of them."""
        return Waits(frozenset(self.closed(execution_arn, tokens)))

    def closed(self, execution_arn: str, tokens: Sequence[str]) -> set[str]:
        """Those of *tokens* whose waits are open no longer, as far as Step Functions knows.

        A heartbeat is the cheapest question about a token: it changes nothing for a task without HeartbeatSeconds. A
        task that is not submitted yet may refuse it, too; so no wait is closed by that alone.
        """
        refused = {one for one in tokens if self._answer("send_task_heartbeat", taskToken=one) is Answer.REFUSED}
        if not refused:
            return refused
        from .history import is_closed  # noqa: PLC0415 - as below

        history = self._history(execution_arn)
        return refused if history is None else {one for one in refused if is_closed(history, token=one)}

    def verdict(self, execution_arn: str, *, token: str, event_id: str, failure: bool = False) -> Verdict:
        """What closed the task with *token*, read from the execution's history. Only after a refusal."""
        from .history import verdict  # noqa: PLC0415 - rare: no cold start need wait for it

        history = self._history(execution_arn)
        if history is None:
            return Verdict.CLOSED
        return verdict(history, token=token, event_id=event_id, failure=failure)

    def _history(self, execution_arn: str) -> list[Mapping[str, Any]] | None:
        """All events; None for an execution that ended so long ago (90 days) that Step Functions has forgotten it."""
        pages = self.client.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn, includeExecutionData=True, PaginationConfig={"PageSize": 1000}
        )
        try:
            return [event for page in pages for event in page["events"]]
        except ClientError as error:
            if _code(error) == "ExecutionDoesNotExist":
                return None
            raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
