"""Step Functions' client, and what goes on behind it."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Literal

from botocore.exceptions import ClientError

from fake_aws.clock import Clock
from fake_aws.dynamodb import DynamoDbClient
from fake_aws.errors import Unmodelled, client_error
from fake_aws.executions import DATA_LIMIT_BYTES, Execution, Flow, Step
from fake_aws.machines import Branch, branch

_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}\Z")
_PAGE = 100
_BIG_BYTES = 100_000
_CAUSE_LIMIT = 32_768

#: AWS's tokens seen in public have 648 to 728 characters; what they cost in a table hangs on that.
TOKEN_CHARACTERS = 700
_TOKEN_END = "/+secret=="
#: What a token holds is nobody's business: bytes that do not repeat.
_TOKEN_FILLING = base64.b64encode(b"".join(hashlib.sha512(bytes([part])).digest() for part in range(9))).decode()


@dataclass(frozen=True, slots=True)
class _Machine:
    arn: str
    branch: Branch
    timeout: float | None


@cache
def _compiled(definition: str) -> tuple[Branch, float | None]:
    spec = json.loads(definition)
    if unknown := spec.keys() - {"Comment", "StartAt", "States", "TimeoutSeconds"}:
        raise Unmodelled(f"the machine's fields {sorted(unknown)}")
    return branch(spec), spec.get("TimeoutSeconds")


@dataclass
class Quota:
    """A token bucket: so many calls at once, and so many a second."""

    bucket: float
    a_second: float
    left: float | None = None
    filled_at: float = 0.0
    refused: int = 0

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        left = self.bucket if self.left is None else self.left
        self.left = min(self.bucket, left + (now - self.filled_at) * self.a_second)
        self.filled_at = now
        if self.left < 1:
            self.refused += 1
            return False
        self.left -= 1
        return True


@dataclass
class StepFunctions:
    """Everything that Step Functions knows.

    *before_submitted*: what becomes of an answer to a task whose UpdateItem has been made, but not yet recorded.
    *history_lag*: seconds by which GetExecutionHistory is behind.
    *frozen*: Step Functions does nothing of its own accord.
    *repeats_writes*: its SDK makes each UpdateItem twice, as it does where the answer to the first was lost.
    *quotas*: how often an operation may be called; what is not named is not limited.
    *denied*: the executions that DescribeExecution may not be asked for.
    *late*: UpdateItems of tries that were given up; whoever plays may still let them land (`late_steps`).
    """

    clock: Clock
    dynamodb: DynamoDbClient
    on_execution_ended: Callable[[Execution], None]
    before_submitted: Literal["accepted", "refused"] = "accepted"
    history_lag: float = 0.0
    keep_late: bool = False
    repeats_writes: bool = False
    frozen: bool = False
    denied: set[str] = field(default_factory=set)
    late: list[Mapping[str, Any]] = field(default_factory=list)
    quotas: dict[str, "Quota"] = field(default_factory=dict)
    machines: dict[str, _Machine] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    tokens: dict[str, Flow] = field(default_factory=dict)
    broken_writes: list[tuple[str, bool]] = field(default_factory=list)
    _last_stamp: float = 0.0

    # ---- what executions ask of the service --------

    def new_token(self, line: Flow) -> str:
        """A token for a try of a task, as long as AWS's are."""
        begin = f"AQCEAAAAKgAAAAMAAAAA{len(self.tokens):08}"
        token = begin + _TOKEN_FILLING[: TOKEN_CHARACTERS - len(begin) - len(_TOKEN_END)] + _TOKEN_END
        self.tokens[token] = line
        return token

    def write(self, parameters: Mapping[str, Any]) -> None:
        """The UpdateItem of a wait state; *broken_writes* says how the next ones go wrong, and whether they land."""
        if self.broken_writes:
            code, lands = self.broken_writes.pop(0)
            if lands:
                self.dynamodb.update_item(**parameters)
            raise client_error(code, "told to go wrong", "UpdateItem")
        for _ in range(2 if self.repeats_writes else 1):
            self.dynamodb.update_item(**parameters)

    def abandon(self, line: Flow) -> None:
        """A try is given up; what it had on its way may still arrive."""
        if self.keep_late and line.phase == "writing":
            self.late.append(line.parameters)

    def stamp(self) -> float:
        """A moment later than every one before, by a millisecond at least."""
        self._last_stamp = max(round(self.clock.now, 3), round(self._last_stamp + 0.001, 3))
        return self._last_stamp

    def ended(self, execution: Execution) -> None:
        """An execution has ended."""
        self.on_execution_ended(execution)

    # ---- what can be done --------

    def create(self, arn: str, definition: str) -> None:
        """Create a state machine."""
        made, timeout = _compiled(definition)
        self.machines[arn] = _Machine(arn, made, timeout)

    def steps(self) -> Iterator[Step]:
        """Everything that Step Functions can do now."""
        if self.frozen:
            return
        for execution in self.executions.values():
            if execution.status != "RUNNING":
                continue
            if execution.time_limit_at is not None and execution.time_limit_at <= self.clock.now:
                yield Step(f"{execution.name} times out", _time_out(execution))
                continue
            for line in execution.root.lines():
                if (step := line.step()) is not None:
                    yield step

    def late_steps(self) -> Iterator[Step]:
        """UpdateItems of given-up tries, which may land at any time or never."""
        for parameters in list(self.late):
            yield Step("a late write lands", partial(self._land, parameters))

    def _land(self, parameters: Mapping[str, Any]) -> None:
        self.late.remove(parameters)
        try:
            self.dynamodb.update_item(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def due_times(self) -> Iterator[float]:
        """When something will be due."""
        if self.frozen:
            return
        for execution in self.executions.values():
            if execution.status != "RUNNING":
                continue
            for line in execution.root.lines():
                if line.due_at is not None:
                    yield line.due_at
                if line.time_limit_at is not None:
                    yield line.time_limit_at
            if execution.time_limit_at is not None:
                yield execution.time_limit_at


def _time_out(execution: Execution) -> Callable[[], None]:
    return lambda: execution.stop("TIMED_OUT", "States.Timeout", None)


class StepFunctionsClient:
    """The calls, as botocore's client has them."""

    def __init__(self, service: StepFunctions) -> None:
        self.service = service

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002
        """Start an execution; the same name and input while it runs is no error."""
        service = self.service
        machine = service.machines.get(stateMachineArn)
        if machine is None:
            text = f"State Machine Does Not Exist: '{stateMachineArn}'"
            raise client_error("StateMachineDoesNotExist", text, "StartExecution")
        if not _NAME.match(name):
            raise client_error("InvalidName", f"Invalid Name: '{name}'", "StartExecution")
        if len(input.encode()) > DATA_LIMIT_BYTES:
            raise client_error("InvalidExecutionInput", "the input is too big", "StartExecution")
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        there = service.executions.get(arn)
        if there is None:
            there = Execution(service, arn, name, stateMachineArn, input, service.clock)
            there.big = len(input) > _BIG_BYTES
            service.executions[arn] = there
            there.begin(machine.branch, machine.timeout)
        elif there.status != "RUNNING" or there.input_text != input:
            text = f"Execution Already Exists: '{arn}'"
            raise client_error("ExecutionAlreadyExists", text, "StartExecution")
        return {"executionArn": arn, "startDate": datetime.fromtimestamp(there.started_at, UTC)}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        """What is known of an execution."""
        execution = self._execution(executionArn, "DescribeExecution")
        if executionArn in self.service.denied:
            raise client_error("AccessDeniedException", "not for you", "DescribeExecution")
        return {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": datetime.fromtimestamp(execution.started_at, UTC),
            "input": execution.input_text,
            **({"stopDate": datetime.fromtimestamp(execution.stopped_at, UTC)} if execution.stopped_at else {}),
            **({"redriveDate": datetime.fromtimestamp(execution.redriven_at, UTC)} if execution.redriven_at else {}),
            **({"error": execution.error} if execution.error else {}),
            **({"cause": execution.cause} if execution.cause else {}),
        }

    def stop_execution(self, *, executionArn: str, error: str = "", cause: str = "") -> dict[str, Any]:
        """Abort an execution."""
        execution = self._execution(executionArn, "StopExecution")
        if execution.status == "RUNNING":
            execution.stop("ABORTED", error, cause)
        return {}

    def redrive_execution(self, *, executionArn: str) -> dict[str, Any]:
        """Let an execution go on from where it failed."""
        self._execution(executionArn, "RedriveExecution").redrive()
        return {}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        """Answer a task."""
        if len(output.encode()) > DATA_LIMIT_BYTES:
            raise client_error("InvalidOutput", "the output is too big", "SendTaskSuccess")
        data = json.loads(output)
        line = self._open_task(taskToken, "SendTaskSuccess")
        line.execution.big = line.execution.big or len(output) > _BIG_BYTES
        line.succeed(data)
        return {}

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:
        """Let a task fail."""
        if len(error) > 256 or len(cause) > _CAUSE_LIMIT:
            raise client_error("ValidationException", "error or cause is too long", "SendTaskFailure")
        self._open_task(taskToken, "SendTaskFailure").fail(error, cause)
        return {}

    def send_task_heartbeat(self, *, taskToken: str) -> dict[str, Any]:
        """Say that a task is still worked at: nothing happens, unless it is closed."""
        self._open_task(taskToken, "SendTaskHeartbeat")
        return {}

    def get_execution_history(
        self,
        *,
        executionArn: str,
        includeExecutionData: bool = True,
        maxResults: int = _PAGE,
        nextToken: str = "",
    ) -> dict[str, Any]:
        """A page of the history."""
        execution = self._execution(executionArn, "GetExecutionHistory")
        if not includeExecutionData:
            raise Unmodelled("a history without data")
        seen = self.service.clock.now - self.service.history_lag
        first = int(nextToken or 0)
        known = [one for one in execution.history.happenings if one.at <= seen]
        page = known[first : first + maxResults]
        more = {"nextToken": str(first + maxResults)} if len(known) > first + maxResults else {}
        return {"events": [one.as_answered() for one in page], **more}

    def _execution(self, arn: str, operation: str) -> Execution:
        quota = self.service.quotas.get(operation)
        if quota is not None and not quota.take(self.service.clock.now):
            raise client_error("ThrottlingException", "Rate exceeded", operation)
        if arn not in self.service.executions:
            raise client_error("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", operation)
        return self.service.executions[arn]

    def _open_task(self, token: str, operation: str) -> Flow:
        line = self.service.tokens.get(token)
        if line is None:
            raise client_error("InvalidToken", "Invalid token", operation)
        open_phases = ("submitting", "waiting") if self.service.before_submitted == "accepted" else ("waiting",)
        if line.token != token or line.execution.status != "RUNNING" or line.phase not in open_phases:
            text = "Task Timed Out: 'Provided task does not exist anymore'"
            raise client_error("TaskTimedOut", text, operation)
        return line
