"""Patches how moto's executions end from outside: StopExecution, a timeout, a failed branch.

moto 5.2.5 marks the program as stopped but wakes nothing that waits for a task token: the execution stays RUNNING
until that task times out. It also forgets the stop's error and cause, and ``stopDate`` of timed out executions.

AWS: an execution that is stopped or times out ends at once, with one last event in its history.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionFailedEventDetails,
    ExecutionStatus,
    ExecutionTimedOutEventDetails,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramRunning, ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.responses import StepFunctionResponse

from choreography_insights.local.clock import clock
from choreography_insights.local.patches import status_events
from choreography_insights.local.patches.source_digests import patch
from choreography_insights.local.patches.task_tokens import expire_tokens_of

_ending = threading.Lock()

# Who wants to know of executions that have ended.
_listeners: list[Callable[[Execution], None]] = []


def when_ended(listener: Callable[[Execution], None]) -> None:
    """Have *listener* called with each execution that has ended."""
    _listeners.append(listener)


def fail(execution: Execution, *, error: str, cause: str) -> None:
    """End *execution* from outside as FAILED, at once; nothing if it has ended."""
    if not _end_execution(execution, ExecutionStatus.FAILED, error=error, cause=cause):
        return
    environment: Any = execution.exec_worker.env  # type: ignore[union-attr]
    details = EventDetails(executionFailedEventDetails=ExecutionFailedEventDetails(error=error, cause=cause))  # type: ignore[typeddict-item]
    environment.event_manager.add_event(environment.event_history_context, HistoryEventType.ExecutionFailed, details)
    _close_history(environment.event_history_context)
    environment.set_stop(stop_date=execution.stop_date, cause=cause, error=error)
    _tell(execution)


def _tell(execution: Execution) -> None:
    status_events.publish(execution)
    for listener in _listeners:
        listener(execution)


def install() -> None:
    """Mend the end of executions and what is said of it."""
    _patch_histories()
    _patch_environments()
    _patch_executions()
    _patch_descriptions()


def _close_history(context: EventHistoryContext) -> None:
    context.is_closed = True  # type: ignore[attr-defined]


def _patch_histories() -> None:
    @patch(EventManager, "add_event", source_digest="cb430fa2e3fe")
    def add_event(original: Any, self: EventManager, context: EventHistoryContext, *rest: Any, **details: Any) -> int:
        # Threads of what has ended still unwind; what they have to say is no part of the history.
        if getattr(context, "is_closed", False):
            return context.last_published_event_id
        event_id: int = original(self, context, *rest, **details)
        return event_id


def _patch_environments() -> None:
    @patch(Environment, "set_stop", source_digest="163c10d46b1c")
    def set_stop(original: Any, self: Environment, stop_date: Any, cause: str | None, error: str | None) -> None:
        was_running = self.is_running()
        original(self, stop_date=stop_date, cause=cause, error=error)
        if was_running:
            details = ExecutionAbortedEventDetails(error=error or "", cause=cause or "")
            _end(self, HistoryEventType.ExecutionAborted, EventDetails(executionAbortedEventDetails=details))  # type: ignore[typeddict-item]

    @patch(Environment, "set_timed_out", source_digest="853b04bf9e6a")
    def set_timed_out(original: Any, self: Environment) -> None:
        was_running = self.is_running()
        original(self)
        if was_running:
            details = EventDetails(executionTimedOutEventDetails=ExecutionTimedOutEventDetails())  # type: ignore[typeddict-item]
            _end(self, HistoryEventType.ExecutionTimedOut, details)

    @patch(Environment, "set_error", source_digest="6447409d4056")
    def set_error(original: Any, self: Environment, error: Any) -> None:
        # A thread that unwinds after a stop or a timeout fails on the way: that changes nothing any more.
        if not isinstance(self.program_state(), (ProgramStopped, ProgramTimedOut)):
            original(self, error=error)
            expire_tokens_of(self)


def _end(environment: Environment, event_type: HistoryEventType, details: EventDetails) -> None:
    if not environment.is_frame():
        environment.event_history_context.source_event_id = 0
        environment.event_manager.add_event(environment.event_history_context, event_type, details)
    _close_history(environment.event_history_context)
    expire_tokens_of(environment)


def _patch_executions() -> None:
    @patch(Execution, "stop", source_digest="16663c65db9a")
    def stop(
        original: Any, self: Execution, stop_date: datetime, error: str | None = None, cause: str | None = None
    ) -> None:
        if not _end_execution(self, ExecutionStatus.ABORTED, error=error or None, cause=cause or None):
            return
        _wait_for_first_state(self)
        original(self, stop_date=stop_date, error=error, cause=cause)
        _tell(self)

    @patch(BaseExecutionWorkerCommunication, "terminated", source_digest="360372a6a57b")
    def terminated(_: Any, self: BaseExecutionWorkerCommunication) -> None:
        environment: Any = self.execution.exec_worker.env  # type: ignore[union-attr]
        state = environment.program_state()
        if isinstance(state, (ProgramRunning, ProgramStopped)):
            ended = False  # stopped: Execution.stop has said so already
        elif isinstance(state, ProgramTimedOut):
            ended = _end_execution(self.execution, ExecutionStatus.TIMED_OUT)
        elif hasattr(state, "error"):
            error = state.error or {}
            ended = _end_execution(
                self.execution, ExecutionStatus.FAILED, error=error.get("error"), cause=error.get("cause")
            )
        else:
            ended = _end_execution(self.execution, ExecutionStatus.SUCCEEDED, output=environment.states.get_input())
        if ended:
            _tell(self.execution)


def _end_execution(
    execution: Execution,
    status: ExecutionStatus,
    *,
    output: Any = None,
    error: str | None = None,
    cause: str | None = None,
) -> bool:
    """Say how *execution* ended, the status last, so that nobody sees half of it. False if it had ended before."""
    with _ending:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return False
        execution.stop_date = clock.now()
        execution.output, execution.error, execution.cause = output, error, cause
        execution.exec_status = status
        return True


def _wait_for_first_state(execution: Execution) -> None:
    """A program can be stopped only from its first state on; it starts in a thread of its own."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        environment = execution.exec_worker and execution.exec_worker.env
        if environment and environment.program_state():
            return
        time.sleep(0.005)


def _patch_descriptions() -> None:
    @patch(StepFunctionResponse, "stop_execution", source_digest="633c8a544aac")
    def stop_execution(_: Any, self: StepFunctionResponse) -> ActionResult:
        execution: Any = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        execution.stop(clock.now(), error=self._get_param("error"), cause=self._get_param("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    @patch(StepFunctionResponse, "describe_execution", source_digest="c3953bdc9ce2")
    def describe_execution(original: Any, self: StepFunctionResponse) -> ActionResult:
        described: ActionResult = original(self)
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        _add_stop_date(described.result, execution.stop_date)
        if execution.status == ExecutionStatus.SUCCEEDED:
            # moto gives a text as it is, where all other output is JSON.
            described.result["output"] = to_json_str(execution.output, separators=(",", ":"))  # type: ignore[index]
        return described

    @patch(StepFunctionResponse, "list_executions", source_digest="6fec14cfc5af")
    def list_executions(original: Any, self: StepFunctionResponse) -> ActionResult:
        listed: ActionResult = original(self)
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        stop_dates = {execution.execution_arn: execution.stop_date for execution in list(machine.executions)}
        for description in listed.result["executions"]:  # type: ignore[index]
            _add_stop_date(description, stop_dates[description["executionArn"]])
        return listed


def _add_stop_date(description: Any, stop_date: datetime | None) -> None:
    if stop_date is not None and description["status"] != ExecutionStatus.RUNNING:
        description["stopDate"] = stop_date
