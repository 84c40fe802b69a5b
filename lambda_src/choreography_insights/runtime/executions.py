"""The rim towards Step Functions: starting executions, answering task tokens, and asking what became of both."""

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from .batch import side_by_side
from .errors import Throttled, error_code
from .messages import ExecutionEnded
from .steps import HISTORY_LAG_SECONDS, ExecutionState, Queue

if TYPE_CHECKING:
    from .history import ExecutionHistory, HistoryEvent, RawEvent

#: Step Functions takes a cause of 32,768 characters; ours name a handful of states and stay readable.
_CAUSE_LIMIT = 4_096
_RUNNING = ("RUNNING", "PENDING_REDRIVE")
_REFUSALS = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
_THROTTLES = ("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded")
#: An event of a history has up to 256 KiB, often several times in a row. So a page is not too big to be held, nor so
#: slow to come that the client gives it up; and most histories are one page.
_PAGE = 250


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
    """What Step Functions says of an execution's waits.

    *closed*: the tokens asked for whose tasks are over. *unstored*: a task is open, or about to be scheduled, whose
    token was not among them: its wait is on its way into the table. None if that was not asked. *lags*: perhaps it is,
    but only since a line has moved just now. *to_begin*: the lines of an `each` that have yet to begin, if asked.
    """

    closed: set[str]
    unstored: bool | None = None
    lags: bool = False
    to_begin: tuple[Queue, ...] = ()


class Executions:
    """Every call to Step Functions that the functions make.

    A question that Step Functions throttles raises `Throttled`: it answers so many a second in an account.
    *at_once*: about how many tokens it is asked at the same time.
    """

    def __init__(self, client: Any, at_once: int = 8) -> None:
        self.client = client
        self.at_once = at_once
        self._reading = Lock()  # one page of a history is in memory at a time

    def start(self, state_machine_arn: str, name: str, input_json: str) -> None:
        """Start the execution; one of that name that is there already is this one, since the name is the event's."""
        try:
            self.client.start_execution(stateMachineArn=state_machine_arn, name=name, input=input_json)
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise

    def state(self, execution_arn: str) -> tuple[ExecutionState, float | None]:
        """Whether an execution runs, has ended (and when), or is not there (yet)."""
        described = self._described(execution_arn)
        if described is None:
            return ExecutionState.MISSING, None
        if described["status"] in _RUNNING:
            return ExecutionState.RUNNING, None
        return ExecutionState.ENDED, described["stopDate"].timestamp()

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

    def completed(self, end: ExecutionEnded) -> ExecutionEnded:
        """*end*, with what EventBridge has left out of it."""
        described: Mapping[str, Any] = self._asked("describe_execution", executionArn=end.execution_arn)
        return end._replace(
            input_json=described.get("input"),
            error=end.error or described.get("error"),
            cause=end.cause or described.get("cause"),
        )

    def succeed(self, token: str, output_json: str) -> Answer:
        """Let the wait that holds *token* go on with *output_json*."""
        return self._answer("send_task_success", taskToken=token, output=output_json)

    def fail(self, token: str, error: str, cause: str) -> Answer:
        """Let the wait that holds *token* fail."""
        return self._answer("send_task_failure", taskToken=token, error=error, cause=cause[:_CAUSE_LIMIT])

    def _described(self, execution_arn: str) -> Mapping[str, Any] | None:
        try:
            described: Mapping[str, Any] = self._asked("describe_execution", executionArn=execution_arn)
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return None
            raise
        return described

    def _answer(self, operation: str, **parameters: str) -> Answer:
        try:
            getattr(self.client, operation)(**parameters)
        except ClientError as error:
            if error_code(error) in _REFUSALS:
                return Answer.REFUSED
            raise
        return Answer.ACCEPTED

    def _asked(self, operation: str, **parameters: Any) -> Any:
        """The answer to a question; raises `Throttled` if Step Functions has been asked too much."""
        try:
            return getattr(self.client, operation)(**parameters)
        except ClientError as error:
            if error_code(error) in _THROTTLES:
                raise Throttled(f"Step Functions throttles {error.operation_name}") from error
            raise

    def waits(
        self, execution_arn: str, tokens: Collection[str], *, look_for_unstored: bool = False, now: float = 0.0
    ) -> Waits:
        """Which of *tokens* are of waits that are open no longer, as far as Step Functions knows.

        A heartbeat is the cheapest question about a token: it changes nothing for a task without HeartbeatSeconds. A
        task that is not submitted yet may refuse it, too; so no wait is closed by that alone, but by the history, which
        is the one to say if there are others (*look_for_unstored*). *tokens* must then hold those of claims that are
        not recorded yet, too: their waits are taken out of the table before their tasks are over. *now*: what happened
        in the seconds before it may not be in the history whole.
        """
        doubted = list(tokens)
        if not look_for_unstored:
            if self.at_once > 1 and doubted:
                answers = side_by_side(doubted, self._heartbeat, threads=self.at_once)
            else:
                answers = [self._heartbeat(one) for one in doubted]
            doubted = [one for one, answer in zip(doubted, answers, strict=True) if answer is Answer.REFUSED]
            if not doubted:
                return Waits(set())
        from .history import history_event, quoted  # noqa: PLC0415 - rare: no cold start need wait for it

        texts = quoted(tokens)
        history = self._history(execution_arn, lambda event: history_event(event, texts))
        if history is None:
            return Waits(set(doubted), False if look_for_unstored else None)
        closed = {one for one in doubted if history.has_closed(one)}
        if not look_for_unstored:
            return Waits(closed)
        unstored = history.has_unstored(tokens, now - HISTORY_LAG_SECONDS)
        return Waits(closed, unstored, unstored and not history.has_unstored(tokens, now), tuple(history.to_begin()))

    def _heartbeat(self, token: str) -> Answer:
        return self._answer("send_task_heartbeat", taskToken=token)

    def verdict(self, execution_arn: str, *, token: str, event_id: str, failure: bool = False) -> Verdict:
        """What closed the task with *token*, read from the execution's history. Only after a refusal.

        *failure*: the event let it fail, and not go on.
        """
        from .history import history_event, quoted  # noqa: PLC0415 - as above

        texts = quoted([token])
        history = self._history(
            execution_arn, lambda event: history_event(event, texts, event_id=event_id, failure=failure)
        )
        if history is None:
            return Verdict.CLOSED
        if history.moved_by_event:
            return Verdict.BY_EVENT
        return Verdict.CLOSED if history.has_closed(token) else Verdict.OPEN

    def _history(self, execution_arn: str, kept_of: "Callable[[RawEvent], HistoryEvent]") -> "ExecutionHistory | None":
        """The execution's history; None for one that ended so long ago (90 days) that Step Functions has forgotten it.

        Its data is needed for the tokens, so it is read with it, and cut down page by page.
        """
        from .history import ExecutionHistory  # noqa: PLC0415 - as above

        try:
            kept = [one for page in self._pages(execution_arn, kept_of) for one in page]
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return None
            raise
        return ExecutionHistory(kept)

    def _pages(
        self, execution_arn: str, kept_of: "Callable[[RawEvent], HistoryEvent]"
    ) -> "Iterator[list[HistoryEvent]]":
        following: dict[str, str] = {}
        while True:
            with self._reading:
                answer = self._asked(
                    "get_execution_history",
                    executionArn=execution_arn,
                    includeExecutionData=True,
                    maxResults=_PAGE,
                    **following,
                )
                page = [kept_of(event) for event in answer["events"]]
                following = {"nextToken": answer["nextToken"]} if "nextToken" in answer else {}
                del answer
            yield page
            if not following:
                return
