"""What an execution's history says of its tasks: pure, over what is kept of GetExecutionHistory's events.

Of each event little is kept (`history_event`), so that a history of 25,000 big events takes few megabytes.
Its events are a tree by ``previousEventId``. That is not all that one would think, as histories of AWS show: the first
state's is 0; an aborted task's is the event that failed its sibling; a retried Map or Parallel is started again
without word of its failure.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .steps import Queue

RawEvent = Mapping[str, Any]

_TASK_ENDS = {"TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "TaskStartFailed", "TaskStateAborted"}
_EXECUTION_ENDS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
_REDRIVEN = "ExecutionRedriven"
_STARTS = {"ParallelStateStarted", "MapStateStarted"}
_STOPS = {"ParallelStateSucceeded", "ParallelStateFailed", "MapStateSucceeded", "MapStateFailed"}
_ENTERED, _EXITED = "StateEntered", "StateExited"
_BEGUN, _DONE = "MapIterationStarted", "MapIterationSucceeded"
_LINES = tuple(f"m{kind[1:]}EventDetails" for kind in ("MapStateStarted", _BEGUN, _DONE))
_TASK_IS_OPEN = {"TaskScheduled", "TaskStarted", "TaskSubmitted"}
#: No line stays here: another event follows by itself, perhaps the scheduling of a task.
_ON_THE_MOVE = {
    *_STARTS,
    _BEGUN,
    "TaskSucceeded",
    "TaskFailed",
    "TaskTimedOut",
    "TaskSubmitFailed",
    "TaskStartFailed",
    *(f"{kind}{_ENTERED}" for kind in ("Task", "Pass", "Choice", "Succeed", "Fail", "Parallel", "Map")),
}


class HistoryEvent(NamedTuple):
    """What is kept of an event. *token*: which of those asked for a TaskScheduled hands out, if any.

    *by_event*: the event asked for answered this task. *at*: when it was (epoch seconds). *number*: how many lines a
    Map has, or which of them begins. *queue*: what the data of a Map says of lines that may have to wait.
    """

    id: int
    previous: int
    type: str
    name: str | None = None
    token: str | None = None
    by_event: bool = False
    at: float = 0.0
    number: int = 0
    queue: Mapping[str, Any] | None = None


def quoted(tokens: Iterable[str]) -> Mapping[str, str]:
    """These *tokens*, each by how it stands in a task's parameters."""
    return {json.dumps(one): one for one in tokens}


def history_event(
    event: RawEvent, tokens: Mapping[str, str], *, event_id: str | None = None, failure: bool = False
) -> HistoryEvent:
    """What is kept of *event* to answer what became of *tokens*, and of the event *event_id* (of its *failure*).

    The *tokens* are `quoted`, once for all events.
    """
    kind = str(event["type"])
    details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}
    token = None
    if kind == "TaskScheduled":
        parameters = (event.get("taskScheduledEventDetails") or {}).get("parameters") or ""
        token = next((one for text, one in tokens.items() if text in parameters), None)
    answered = event_id is not None and (_failed_by if failure else _moved_by)(event, event_id)
    at = event["timestamp"].timestamp() if "timestamp" in event else 0.0
    lines: Mapping[str, Any] = next((event[key] for key in _LINES if key in event), {})
    return HistoryEvent(
        event["id"],
        event.get("previousEventId", 0),
        kind,
        details.get("name"),
        token,
        answered,
        at,
        lines.get("length", lines.get("index", 0)),
        _queue(details.get("input", "")) if kind == f"Map{_ENTERED}" else None,
    )


def _queue(data: str) -> Mapping[str, Any] | None:
    """What the input of a Map says of its lines, where there may be more than run at once."""
    event = json.loads(data).get("event") if '"queue"' in data else None
    found: Mapping[str, Any] | None = event.get("queue") if isinstance(event, Mapping) else None
    return found


def _moved_by(event: RawEvent, event_id: str) -> bool:
    text = (event.get("taskSucceededEventDetails") or {}).get("output") or ""
    if event["type"] != "TaskSucceeded" or '"eventId"' not in text:
        return False
    try:
        output = json.loads(text)
    except ValueError:
        return False
    return isinstance(output, Mapping) and output.get("eventId") == event_id


def _failed_by(event: RawEvent, event_id: str) -> bool:
    details = event.get("taskFailedEventDetails") or {}
    return event["type"] == "TaskFailed" and f"(id {event_id}," in (details.get("cause") or "")


class _Frame(NamedTuple):
    """A state that a line is in (*name*), or the branches of one (no name), by the event that began it."""

    id: int
    kind: str
    name: str | None
    outer: "_Frame | None"


class _Line(NamedTuple):
    """Where an event stands: the frames around it, and the task's try that it belongs to."""

    frame: _Frame | None = None
    task: int | None = None


class _Map(NamedTuple):
    """The *lines* of a Map, what its data says of them (`_queue`), which have *begun*, and which are *done*."""

    lines: int
    queue: Mapping[str, Any] | None
    begun: set[int]
    done: set[int]

    def to_begin(self) -> Queue | None:
        """The lines that have yet to begin; None if there are none."""
        left = set(range(self.lines)) - self.begun
        if not left:
            return None
        return Queue() if self.queue is None else Queue.of(self.queue, left)


class ExecutionHistory:
    """An execution's trace so far. *events* in any order."""

    def __init__(self, events: Iterable[HistoryEvent]) -> None:
        self._types: dict[int, str] = {}
        self._lines: dict[int, _Line] = {}
        self._heads: set[int] = set()
        self._at: dict[int, float] = {}
        self._tokens: dict[int, str | None] = {}
        self._maps: dict[int, _Map] = {}  # by the event that began the lines
        self._queues: dict[int, Mapping[str, Any] | None] = {}
        self._left: dict[int, int] = {}  # frame → the event that left it, the newest if it was redriven
        self._ended_tasks: set[int | None] = set()
        self._ended_at = self._redriven_at = 0
        self.moved_by_event = False
        for one in sorted(events):
            self._take(one)

    # ---- questions --------

    def has_closed(self, token: str) -> bool:
        """Whether it tells of the end of the task with *token*.

        It is known by its own end, by the end of its execution, or by the exit of a state on the way to it (a timeout
        or a failure elsewhere leaves a parallel state together with the tasks inside). An execution that was redriven
        goes on after its end, with new tasks.
        """
        task = next((one for one, handed_out in self._tokens.items() if handed_out == token), None)
        if task is None:
            return self._ended_at > self._redriven_at
        return task < self._ended_at or task in self._ended_tasks or self._was_left_behind(task)

    def has_unstored(self, tokens: Collection[str], since: float) -> bool:
        """Whether a task is open, or about to be scheduled, whose token is none of *tokens*.

        Such a task's wait is on its way into the table: not written yet, or throttled and to be tried again. A state of
        a branch that was left after *since* may not have been its last: what follows may not be in the history yet.
        """
        if self._ended_at > self._redriven_at:
            return False
        newest = max(self._types, default=0)
        if self._types.get(newest) in (None, "ExecutionStarted", _REDRIVEN):
            return True  # what comes first is about to come
        heads = [one for one in self._heads if one > self._ended_at and not self._was_left_behind(one)]
        return any(self._leads_to_unstored(one, tokens, since) for one in heads)

    def to_begin(self) -> Iterator[Queue]:
        """Yield of each Map whose lines run the lines that have yet to begin."""
        if self._ended_at > self._redriven_at:
            return
        for begun_by, one in self._maps.items():
            is_open = begun_by not in self._left and not self._was_left_behind(begun_by)
            if is_open and (queue := one.to_begin()) is not None:
                yield queue

    def _leads_to_unstored(self, head: int, tokens: Collection[str], since: float) -> bool:
        kind, line = self._types[head], self._lines[head]
        if kind in _TASK_IS_OPEN:
            return line.task is None or self._tokens[line.task] not in tokens
        # Outside of all branches something follows every exit; inside, it may be the last of its branch.
        has_just_left = kind.endswith(_EXITED) and (line.frame is None or self._at[head] > since)
        return kind in _ON_THE_MOVE or has_just_left

    def _was_left_behind(self, event: int) -> bool:
        """Whether a frame around *event* has been left since."""
        return _find(self._lines[event].frame, lambda frame: self._left.get(frame.id, 0) > event) is not None

    # ---- reading it --------

    def _take(self, one: HistoryEvent) -> None:
        self._types[one.id], self._at[one.id] = one.type, one.at
        self._heads.discard(one.previous)
        self._heads.add(one.id)
        self.moved_by_event = self.moved_by_event or one.by_event
        frame, task = self._lines.get(one.previous, _Line())
        if one.type in _EXECUTION_ENDS:
            self._ended_at = one.id
        elif one.type == _REDRIVEN:
            self._redriven_at = one.id
        elif one.type == "TaskScheduled":
            task, self._tokens[one.id] = one.id, one.token
        elif one.type in _TASK_ENDS:
            self._ended_tasks.add(task)
        elif one.type not in _TASK_IS_OPEN:
            frame, task = self._moved(one, frame), None
        self._lines[one.id] = _Line(frame, task)

    def _moved(self, one: HistoryEvent, frame: _Frame | None) -> _Frame | None:
        """The frames around what comes behind *one*."""
        if one.queue is not None:
            self._queues[one.id] = one.queue
        if one.type in (_BEGUN, _DONE) and (around := _find(frame, lambda outer: outer.id in self._maps)) is not None:
            (self._maps[around.id].begun if one.type == _BEGUN else self._maps[around.id].done).add(one.number)
        if one.type.endswith(_ENTERED):
            return _Frame(one.id, one.type.removesuffix(_ENTERED), one.name, frame)
        if one.type.endswith(_EXITED):
            return self._leave(one, frame, lambda inner: inner.name == one.name)
        kind = one.type.partition("State")[0]
        if one.type in _STARTS:
            before: _Frame | None = None
            while frame is not None and (frame.name is None or frame.kind != kind):
                self._left[frame.id] = one.id  # it is tried again: the branches of before are over
                before, frame = frame, frame.outer
            if kind == "Map":
                # Tried again, all lines begin anew; redriven, those do not that are done.
                tried = self._maps.get(before.id) if before and before.id < self._redriven_at else None
                done = tried.done if tried else set()
                self._maps[one.id] = _Map(one.number, self._queues.get(frame.id) if frame else None, {*done}, {*done})
            return _Frame(one.id, kind, None, frame)
        if one.type in _STOPS:
            return self._leave(
                one, frame, lambda inner: inner.name is None and inner.kind == kind and inner.id not in self._left
            )
        return frame

    def _leave(self, one: HistoryEvent, frame: _Frame | None, is_left: Callable[[_Frame], bool]) -> _Frame | None:
        """The frames around the innermost that *is_left* by *one*, with all inside; *frame* where none is."""
        found = _find(frame, is_left)
        if found is None:
            return frame
        self._left[found.id] = one.id
        return found.outer


def _find(frame: _Frame | None, is_it: Callable[[_Frame], bool]) -> _Frame | None:
    while frame is not None and not is_it(frame):
        frame = frame.outer
    return frame
