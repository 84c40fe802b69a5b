"""Patches what moto's Step Functions say about a task token, and when a token closes.

moto 5.2.5 answers 200 to a closed token as long as its execution runs (the result is lost), InvalidToken once it has
ended, fails with an internal error when an execution is just starting, keeps one token for all attempts of a task,
keeps the tokens of a failed parallel state's other branches open, and drops the cause of SendTaskFailure. Its tokens
are UUIDs of 36 characters.

AWS: a token is one attempt's; it closes with the first answer or with its task, however that ends; what comes later
is TaskTimedOut; what never was a token is InvalidToken.
"""

import base64
import json
import os
import threading
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidToken, ValidationException
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import Timeout
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval import states
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    HeartbeatEndpoint,
    HeartbeatTimedOut,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from choreography_insights.local.patches.source_digests import patch, require

OUTPUT_LIMIT = 262_144

# Ten years: the outer of moto's two clocks must not end first, also where somebody turns the clock by weeks, or it
# would take back an answer already accepted.
_LATER = 10 * 365 * 86_400

# Tokens of AWS that can be seen in public have 648 to 728 characters; this many bytes make one of 700.
_TOKEN_BYTES = 525


class TaskTimedOut(AWSError):  # AWS's name
    """The token is closed."""

    TYPE = "TaskTimedOut"
    STATUS = 400

    def __init__(self) -> None:
        super().__init__("The task token has either expired or the task associated with it has already been closed.")


class InvalidOutput(AWSError):  # AWS's name
    """What a task is answered with is not JSON."""

    TYPE = "InvalidOutput"
    STATUS = 400


class TaskToken:
    """One attempt of a task that waits for an answer. It takes one answer, or none once it is closed."""

    def __init__(self, endpoint: CallbackEndpoint) -> None:
        self._endpoint = endpoint
        self._open = True
        self._lock = threading.Lock()

    def answer(self, outcome: CallbackOutcome) -> None:
        """Hand *outcome* to the waiting task, or raise TaskTimedOut where the token is closed."""
        if not self._close():
            raise TaskTimedOut
        self._endpoint.notify(outcome)

    def heartbeat(self) -> None:
        """Give the task another heartbeat interval, or raise TaskTimedOut where the token is closed."""
        with self._lock:
            if not self._open:
                raise TaskTimedOut
            self._endpoint.notify_heartbeat()

    def expire(self) -> bool:
        """Close the token and wake its task; False if it was closed or answered before."""
        closed = self._close()
        if closed:
            self._endpoint.interrupt_all()
        return closed

    def _close(self) -> bool:
        with self._lock:
            was_open, self._open = self._open, False
            return was_open


# Every token there ever was, so that a late answer gets TaskTimedOut whatever became of its execution.
_tokens: dict[str, TaskToken] = {}


def _token(value: str) -> TaskToken:
    token = _tokens.get(value)
    if token is None:
        raise InvalidToken
    return token


def expire_tokens_of(environment: Environment) -> None:
    """Close what waits in *environment* itself: the rest of moto closes the frames below it."""
    for token in list(environment.__dict__.get("task_tokens", ())):
        token.expire()


def _waits_for_token(task: StateTaskService) -> bool:
    return isinstance(task, StateTaskServiceCallback) and task.resource.condition == ResourceCondition.WaitForTaskToken


def install() -> None:
    """Mend the three calls that answer a task, and the life of a token."""
    _make_tokens_of_aws_size()
    _patch_the_calls()
    _patch_the_life_of_a_token()


def _patch_the_calls() -> None:
    @patch(StepFunctionsParserBackend, "send_task_success", source_digest="2e95c66f0d67")
    def send_task_success(_: Any, __: StepFunctionsParserBackend, task_token: str, outcome: str) -> None:
        token = _token(task_token)
        _check_output(outcome)
        token.answer(CallbackOutcomeSuccess(callback_id=task_token, output=outcome))

    @patch(StepFunctionsParserBackend, "send_task_failure", source_digest="2d5a9597cf1d")
    def send_task_failure(
        _: Any, __: StepFunctionsParserBackend, task_token: str, error: str | None = None, cause: str | None = None
    ) -> None:
        _token(task_token).answer(CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause))

    @patch(StepFunctionsParserBackend, "send_task_heartbeat", source_digest="279ad79cd7a2")
    def send_task_heartbeat(_: Any, __: StepFunctionsParserBackend, task_token: str) -> None:
        _token(task_token).heartbeat()

    @patch(StepFunctionResponse, "send_task_failure", source_digest="f0fed5e80576")
    def send_task_failure_with_its_cause(_: Any, self: StepFunctionResponse) -> ActionResult:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"),
            error=self._get_param("error"),
            cause=self._get_param("cause"),  # type: ignore[call-arg]  # the backend that executes takes it
        )
        return EmptyResult()


def _check_output(output: str) -> None:
    try:
        json.loads(output)
    except ValueError as error:
        raise InvalidOutput(f"Invalid Output: '{error}'") from error
    if len(output.encode()) > OUTPUT_LIMIT:
        raise ValidationException(
            "1 validation error detected: Value at 'output' failed to satisfy constraint: "
            f"Member must have length less than or equal to {OUTPUT_LIMIT}"
        )


def _make_tokens_of_aws_size() -> None:
    require(states.ContextObject.update_task_token, source_digest="16d3cd21a9fc")
    states.long_uid = lambda: base64.b64encode(os.urandom(_TOKEN_BYTES)).decode()  # type: ignore[attr-defined]


def _patch_the_life_of_a_token() -> None:
    @patch(StateTaskService, "_eval_execution", source_digest="81a8da94bfdb")
    def eval_execution(original: Any, self: StateTaskService, env: Environment) -> None:
        if not _waits_for_token(self):
            original(self, env)
            return
        # moto made a token for the state; an attempt that is not the first needs one of its own.
        value = env.states.context_object.context_object_data["Task"]["Token"]  # type: ignore[index]
        if value in _tokens:
            value = env.states.context_object.update_task_token()
            env.callback_pool_manager.add(value)
        endpoint = env.callback_pool_manager.get(value)
        token = _tokens[value] = TaskToken(endpoint)  # type: ignore[arg-type]
        env.task_tokens = [token]  # type: ignore[attr-defined]
        try:
            original(self, env)
        finally:
            token.expire()

    @patch(StateTaskServiceCallback, "_wait_for_task_token_timeout", source_digest="1275d4ddbb83")
    def wait_for_answer(
        original: Any, self: StateTaskServiceCallback, timeout_seconds: int, callback_endpoint: CallbackEndpoint
    ) -> CallbackOutcome | None:
        outcome: CallbackOutcome | None = original(self, timeout_seconds, callback_endpoint)
        if outcome is None and not _tokens[callback_endpoint.callback_id].expire():
            return callback_endpoint.wait(timeout=1)  # answered in the last moment, or interrupted
        return outcome

    @patch(StateTaskServiceCallback, "_wait_for_task_token_heartbeat", source_digest="156c1dac9685")
    def wait_for_answer_or_heartbeat(
        original: Any,
        self: StateTaskServiceCallback,
        env: Environment,
        callback_endpoint: CallbackEndpoint,
        heartbeat_endpoint: HeartbeatEndpoint,
    ) -> Any:
        outcome = original(self, env, callback_endpoint, heartbeat_endpoint)
        if isinstance(outcome, HeartbeatTimedOut) and not _tokens[callback_endpoint.callback_id].expire():
            return callback_endpoint.wait(timeout=1)
        return outcome

    @patch(ExecutionState, "_evaluate_with_timeout", source_digest="c56deda08a42")
    def evaluate_with_timeout(original: Any, self: ExecutionState, env: Environment) -> None:
        is_waiting = isinstance(self, StateTaskService) and _waits_for_token(self)
        env.leaves_timeout_to_token = is_waiting and self.heartbeat is None  # type: ignore[attr-defined]
        original(self, env)

    @patch(Timeout, "_eval_body", source_digest="5c5f336e8ba1")
    def eval_timeout(original: Any, self: Timeout, env: Environment) -> None:
        original(self, env)
        if env.__dict__.get("leaves_timeout_to_token"):
            env.stack[-1] += _LATER
