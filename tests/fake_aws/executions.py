"""Executions: state machines at work, one step at a time.

What Step Functions does between two waits happens at once. Its UpdateItem is a step of its own, so that everything may
come between entering the wait and the row that says so; so is "submitted", so that an answer may come before it.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ClientError

from fake_aws.clock import Clock, iso_milliseconds
from fake_aws.errors import Unmodelled
from fake_aws.history import History
from fake_aws.machines import Branch, State, covers
from fake_aws.templates import NoSuchPath, epoch, write

DATA_LIMIT_BYTES = 262_144
CAUSE_LIMIT = 32_768
#: So many lines of a Map run at once.
AT_ONCE = 40

UpdateItem = Callable[[Mapping[str, Any]], None]
Phase = Literal["writing", "submitting", "waiting", "sleeping", "branching", "over"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that Step Functions can do now."""

    label: str
    do: Callable[[], None]


@dataclass(eq=False)
class Flow:
    """One line of an execution: the machine's own states, or those of a branch.

    *queue*: the children that have yet to begin, each with its data. *beginning*: those of whom some begin now.
    """

    execution: "Execution"
    branch: Branch
    parent: "Flow | None" = None
    position: int = 0
    context: dict[str, Any] = field(default_factory=dict)
    state: State | None = None
    data: Any = None
    phase: Phase = "over"
    token: str = ""
    parameters: Any = None
    retries: int = 0
    entered_at: float = 0.0
    due_at: float | None = None
    time_limit_at: float | None = None
    last_event: int = 0
    children: list["Flow"] = field(default_factory=list)
    queue: deque[tuple["Flow", Any]] = field(default_factory=deque)
    beginning: list["Flow"] | None = None
    results: dict[int, Any] = field(default_factory=dict)
    failed: bool = False

    @property
    def now_in(self) -> State:
        """The state this line is in."""
        if self.state is None:
            raise AssertionError("the line has not begun")
        return self.state

    # ---- entering and leaving states --------

    def begin(self, data: Any, last_event: int) -> None:
        """Enter the first state."""
        self.last_event = last_event
        self.enter(self.branch.start_at, data)

    def enter(self, name: str, data: Any) -> None:
        """Go on to the state *name*, and on through all that need not wait."""
        following: tuple[str, Any] | None = (name, data)
        while following is not None:
            following = self._into(*following)

    def _into(self, name: str, data: Any) -> tuple[str, Any] | None:
        state = self.state = self.branch.states[name]
        self.data, self.retries, self.failed = data, 0, False
        self.entered_at = self.execution.entered[name] = self.execution.stamp()
        self.record(f"{state.type}StateEntered", name=name, input=data)
        try:
            return self._run(state)
        except NoSuchPath as missing:
            return self._failed("States.Runtime", str(missing))

    def _run(self, state: State) -> tuple[str, Any] | None:
        match state.type:
            case "Task":
                self._schedule()
            case "Choice":
                chosen = next((to for test, to in state.choices if test(self.data)), state.spec.get("Default"))
                if chosen is None:
                    return self._failed("States.NoChoiceMatched", "no rule matched, and there is no default")
                return self._exit(self.data, chosen)
            case "Pass":
                result = state.spec.get("Result", self._rendered(state))
                return self._leave(result)
            case "Wait":
                self.phase, self.due_at = "sleeping", self._wake_at(state)
            case "Parallel":
                self._branch_out([(inner, self._rendered(state), {}) for inner in state.branches])
            case "Map":
                return self._map(state)
            case "Succeed":
                return self._exit(self.data, None)
            case "Fail":
                return self._failed(self._text(state, "Error"), self._text(state, "Cause")[:CAUSE_LIMIT])
        return None

    def _rendered(self, state: State) -> Any:
        return self.data if state.parameters is None else state.parameters(self.data, self._context())

    def _text(self, state: State, key: str) -> str:
        if path := state.texts.get(f"{key}Path"):
            return str(path(self.data, self._context()))
        return str(state.spec.get(key, ""))

    def _wake_at(self, state: State) -> float:
        now, context = self.execution.clock.now, self._context()
        if "Seconds" in state.spec:
            return float(now + state.spec["Seconds"])
        if "SecondsPath" in state.spec:
            return float(now + state.texts["SecondsPath"](self.data, context))
        if "Timestamp" in state.spec:
            return epoch(state.spec["Timestamp"])
        return epoch(state.texts["TimestampPath"](self.data, context))

    def _context(self) -> dict[str, Any]:
        execution = self.execution
        return {
            "Execution": {
                "Id": execution.arn,
                "Name": execution.name,
                "Input": execution.input,
                "StartTime": iso_milliseconds(execution.started_at),
            },
            "State": {
                "Name": self.now_in.name,
                "EnteredTime": iso_milliseconds(self.entered_at),
                "RetryCount": self.retries,
            },
            "Task": {"Token": self.token},
            **self.context,
        }

    def _leave(self, result: Any) -> tuple[str, Any] | None:
        """The state is done with *result*; say what comes."""
        state = self.now_in
        if state.selector is not None:
            result = state.selector(result, self._context())
        data = self.data if state.result_path is None else write(state.result_path, self.data, result)
        if self.execution.big and len(json.dumps(data, ensure_ascii=False).encode()) > DATA_LIMIT_BYTES:
            return self._failed("States.DataLimitExceeded", f"the output of {state.name} is too big")
        return self._exit(data, state.next)

    def _exit(self, data: Any, following: str | None) -> tuple[str, Any] | None:
        state = self.now_in
        self.record(f"{state.type}StateExited", name=state.name, output=data)
        self.phase, self.due_at, self.time_limit_at, self.data = "over", None, None, data
        if following is not None:
            return following, data
        self._end(data)
        return None

    def _end(self, data: Any) -> None:
        if self.parent is None:
            self.execution.close("SUCCEEDED", output=data)
        else:
            self.parent.child_done(self, data)

    def record(self, kind: str, **details: Any) -> None:
        """Write an event of this line into the execution's history."""
        history = self.execution.history
        self.last_event = history.add(kind, self.execution.clock.now, self.last_event, **details)

    # ---- tasks --------

    def _schedule(self) -> None:
        """A try of the task: a new token, its UpdateItem still to be made."""
        state = self.now_in
        self.token = self.execution.service.new_token(self) if state.waits_for_token else ""
        self.parameters = self._rendered(state)
        self.phase = "writing"
        seconds = state.spec.get("TimeoutSeconds")
        if "TimeoutSecondsPath" in state.texts:
            seconds = state.texts["TimeoutSecondsPath"](self.data, self._context())
        if seconds is not None:
            self.time_limit_at = self.execution.clock.now + seconds
        self.record("TaskScheduled", resource=state.spec["Resource"].rpartition(":")[2], parameters=self.parameters)
        self.record("TaskStarted")

    def write(self) -> None:
        """Make the UpdateItem."""
        try:
            self.execution.service.write(self.parameters)
        except ClientError as error:
            kind = "TaskSubmitFailed" if self.now_in.waits_for_token else "TaskFailed"
            self.task_failed(kind, *_named(error))
            return
        if self.now_in.waits_for_token:
            self.phase = "submitting"
        else:
            self._succeeded({})

    def submit(self) -> None:
        """The answer of DynamoDB is on record: from here on the task waits."""
        self.phase = "waiting"
        self.record("TaskSubmitted")

    def succeed(self, output: Any) -> None:
        """SendTaskSuccess."""
        self._answered()
        self._succeeded(output)

    def _succeeded(self, output: Any) -> None:
        self.record("TaskSucceeded", output=output)
        try:
            following = self._leave(output)
        except NoSuchPath as missing:
            following = self._failed("States.Runtime", str(missing))
        if following is not None:
            self.enter(*following)

    def fail(self, error: str, cause: str) -> None:
        """SendTaskFailure."""
        self._answered()
        self.task_failed("TaskFailed", error, cause)

    def _answered(self) -> None:
        if self.phase != "waiting":
            self.submit()

    def task_failed(self, kind: str, error: str, cause: str) -> None:
        """The try has failed: perhaps another, perhaps a way out, perhaps the end."""
        self.record(kind, error=error, cause=cause)
        following = self._failed(error, cause)
        if following is not None:
            self.enter(*following)

    # ---- failures --------

    def _failed(self, error: str, cause: str) -> tuple[str, Any] | None:
        state = self.now_in
        self.execution.service.abandon(self)
        self.time_limit_at = None
        retrier = next((one for one in state.retriers if covers(one.errors, error)), None)
        if retrier is not None and self.retries < retrier.attempts:
            self.phase, self.due_at = "sleeping", self.execution.clock.now + retrier.delay(self.retries)
            self.retries += 1
            return None
        catcher = next((one for one in state.catchers if covers(one.errors, error)), None)
        if catcher is not None:
            caught = {"Error": error, "Cause": cause}
            data = self.data if catcher.result_path is None else write(catcher.result_path, self.data, caught)
            return self._exit(data, catcher.next)
        self.phase, self.due_at, self.failed = "over", None, True
        if self.parent is None:
            self.execution.close("FAILED", error=error, cause=cause)
            return None
        self.parent.child_failed(self, error, cause)
        return None

    def wake(self) -> None:
        """The pause is over: of a Wait state, or before the next try."""
        self.due_at = None
        state = self.now_in
        try:
            following = self._exit(self.data, state.next) if state.type == "Wait" else self._run(state)
        except NoSuchPath as missing:
            following = self._failed("States.Runtime", str(missing))
        if following is not None:
            self.enter(*following)

    def time_out(self) -> None:
        """The task's TimeoutSeconds have passed."""
        self.task_failed("TaskTimedOut", "States.Timeout", "")

    # ---- branches --------

    def _map(self, state: State) -> tuple[str, Any] | None:
        items = state.texts["ItemsPath"](self.data, self._context()) if "ItemsPath" in state.texts else self.data
        if not isinstance(items, list):
            raise NoSuchPath("the items of a Map must be a list")
        if not items:
            return self._leave([])
        runs = []
        for index, item in enumerate(items):
            context = {"Map": {"Item": {"Index": index, "Value": item}}}
            inside = item if state.parameters is None else state.parameters(self.data, {**self._context(), **context})
            runs.append((state.branches[0], inside, context))
        self._branch_out(runs)
        return None

    def _branch_out(self, runs: list[tuple[Branch, Any, dict[str, Any]]]) -> None:
        self.record(f"{self.now_in.type}StateStarted", **({"length": len(runs)} if self.now_in.type == "Map" else {}))
        self.phase, self.results = "branching", {}
        self.children = [
            Flow(self.execution, branch, self, position, {**self.context, **context})
            for position, (branch, _, context) in enumerate(runs)
        ]
        self.queue = deque((child, data) for child, (_, data, _) in zip(self.children, runs, strict=True))
        self._begin_lines()

    def _begin_lines(self) -> None:
        """Begin as many lines as may run at once; each that ends makes room for the next."""
        begun, begun_at, state = self.children, self.last_event, self.now_in
        if self.beginning is begun:
            return
        self.beginning = begun
        limit = len(begun) if state.type == "Parallel" else min(AT_ONCE, state.spec.get("MaxConcurrency") or AT_ONCE)
        # A sibling may fail at once, or be the last; then the line may have gone on to other branches.
        while self.phase == "branching" and self.children is begun and self.queue and self._running < limit:
            child, data = self.queue.popleft()
            child.begin(data, self._iteration_begins(child, begun_at) if state.type == "Map" else begun_at)
        if self.beginning is begun:
            self.beginning = None

    @property
    def _running(self) -> int:
        return len(self.children) - len(self.queue) - len(self.results)

    def _iteration_begins(self, child: "Flow", begun_at: int) -> int:
        history, name = self.execution.history, self.now_in.name
        return history.add("MapIterationStarted", self.execution.clock.now, begun_at, name=name, index=child.position)

    def child_done(self, child: "Flow", data: Any) -> None:
        """A branch has ended well."""
        self.results[child.position] = data
        if len(self.results) < len(self.children):
            self._begin_lines()
            return
        self.last_event = child.last_event
        self.record(f"{self.now_in.type}StateSucceeded")
        try:
            following = self._leave([self.results[position] for position in sorted(self.results)])
        except NoSuchPath as missing:
            following = self._failed("States.Runtime", str(missing))
        if following is not None:
            self.enter(*following)

    def child_failed(self, child: "Flow", error: str, cause: str) -> None:
        """A branch has failed: the others are aborted, and the whole state fails."""
        for other in self.children:
            if other is not child:
                other.abort()
        self.last_event = child.last_event
        self.record(f"{self.now_in.type}StateFailed")
        following = self._failed(error, cause)
        if following is not None:
            self.enter(*following)

    def abort(self) -> None:
        """Stop where it stands."""
        for child in self.children:
            child.abort()
        if self.phase == "over":
            return
        self.execution.service.abandon(self)
        if self.state is not None and self.state.type == "Task":
            self.record("TaskStateAborted")
        self.phase, self.due_at, self.time_limit_at, self.failed = "over", None, None, True

    # ---- what can be done --------

    def lines(self) -> Iterator["Flow"]:
        """This line and those inside it."""
        yield self
        if self.phase == "branching":
            for child in self.children:
                if child.state is not None:
                    yield from child.lines()

    def step(self) -> Step | None:
        """The next step of this line alone; None where it waits for something else."""
        now = self.execution.clock.now
        name = self.state.name if self.state else "?"
        if self.time_limit_at is not None and self.time_limit_at <= now:
            return Step(f"{name} times out", self.time_out)
        if self.phase == "writing":
            return Step(f"{name} is stored", self.write)
        if self.phase == "submitting":
            return Step(f"{name} is submitted", self.submit)
        if self.phase == "sleeping" and self.due_at is not None and self.due_at <= now:
            return Step(f"{name} goes on", self.wake)
        return None


def _named(error: ClientError) -> tuple[str, str]:
    code = str(error.response["Error"]["Code"])
    name = code if code.endswith("Exception") else f"{code}Exception"
    return f"DynamoDb.{name}", str(error.response["Error"]["Message"])


@dataclass(eq=False)
class Execution:
    """One execution of a state machine. *entered*: when it came to each state the last time."""

    service: Any
    arn: str
    name: str
    machine_arn: str
    input_text: str
    clock: Clock
    root: Flow = field(init=False)
    history: History = field(default_factory=History)
    status: str = "RUNNING"
    started_at: float = 0.0
    stopped_at: float | None = None
    redriven_at: float | None = None
    time_limit_at: float | None = None
    output: Any = None
    error: str | None = None
    cause: str | None = None
    input: Any = None
    big: bool = False
    entered: dict[str, float] = field(default_factory=dict)

    def begin(self, branch: Branch, timeout: float | None) -> None:
        """Enter the first state."""
        self.input = json.loads(self.input_text)
        self.started_at = self.clock.now
        self.time_limit_at = None if timeout is None else self.started_at + timeout
        self.history.add("ExecutionStarted", self.clock.now, 0, input=self.input)
        self.root = Flow(self, branch)
        self.root.begin(self.input, 0)

    def stamp(self) -> float:
        """The moment of entering a state: no two are within the same millisecond."""
        return float(self.service.stamp())

    def close(self, status: str, *, output: Any = None, error: str | None = None, cause: str | None = None) -> None:
        """The execution has ended."""
        self.status, self.output, self.error, self.cause = status, output, error, cause
        self.stopped_at = self.clock.now
        kind = {
            "SUCCEEDED": "ExecutionSucceeded",
            "FAILED": "ExecutionFailed",
            "ABORTED": "ExecutionAborted",
            "TIMED_OUT": "ExecutionTimedOut",
        }[status]
        details = {"output": output} if status == "SUCCEEDED" else {"error": error or "", "cause": cause or ""}
        self.history.add(kind, self.clock.now, self.root.last_event, **details)
        self.service.ended(self)

    def stop(self, status: str, error: str | None, cause: str | None) -> None:
        """End it from outside."""
        self.root.abort()
        self.close(status, error=error, cause=cause)

    def redrive(self) -> None:
        """Go on from what failed."""
        if self.status not in ("FAILED", "ABORTED", "TIMED_OUT"):
            raise Unmodelled(f"redriving an execution that is {self.status}")
        self.status, self.error, self.cause, self.stopped_at = "RUNNING", None, None, None
        self.redriven_at = self.clock.now
        self.history.add("ExecutionRedriven", self.clock.now, len(self.history.happenings))
        _redrive(self.root)

    def lines(self) -> list[Flow]:
        """All lines at work, outer before inner."""
        return list(self.root.lines()) if self.status == "RUNNING" else []

    def path(self) -> list[str]:
        """The states entered, in order."""
        return self.history.entered()

    def last_entered(self) -> str:
        """The state entered last, in whatever branch: where the journey ended."""
        return self.path()[-1]

    @property
    def end(self) -> str:
        """The state in which it ended or now is (the innermost last entered)."""
        return self.root.state.name if self.root.state else ""


def _redrive(line: Flow) -> None:
    failed = [child for child in line.children if child.failed]
    if line.state is not None and line.state.type in ("Parallel", "Map") and failed:
        line.phase, line.failed = "branching", False
        for child in failed:
            _redrive(child)
    elif line.state is not None:
        line.enter(line.state.name, line.data)
