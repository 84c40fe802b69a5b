"""What an execution's history says of a task whose token was refused: pure, over GetExecutionHistory's events."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .executions import Verdict

HistoryEvent = Mapping[str, Any]


_TASK_ENDS = {"TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "TaskStartFailed", "TaskStateAborted"}
_EXECUTION_ENDS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
_REDRIVEN = "ExecutionRedriven"


def verdict(events: Iterable[HistoryEvent], *, token: str, event_id: str, failure: bool = False) -> Verdict:
    """Say of the execution's *events* (any order) whether *event_id* closed the task with *token*.

    *failure*: by letting it fail, not by letting it go on.
    """
    events = list(events)
    answered = _failed_by if failure else _moved_by
    if any(answered(event, event_id) for event in events):
        return Verdict.BY_EVENT
    return Verdict.CLOSED if is_closed(events, token=token) else Verdict.OPEN


def is_closed(events: Iterable[HistoryEvent], *, token: str) -> bool:
    """Say whether the *events* (any order) tell of the end of the task with *token*.

    It is known by its own end, by the end of its execution, or by the exit of a state on the way to it (a timeout or a
    failure elsewhere leaves a parallel state together with the tasks inside). An execution that was redriven goes on
    after its end, with new tasks.
    """
    by_id = {event["id"]: event for event in events}
    scheduled = next((event for event in by_id.values() if _schedules(event, token)), None)
    ended = max((one for one, event in by_id.items() if event["type"] in _EXECUTION_ENDS), default=0)
    if scheduled is not None:
        return ended > scheduled["id"] or _is_over(scheduled, by_id)
    return ended > max((one for one, event in by_id.items() if event["type"] == _REDRIVEN), default=0)


def _moved_by(event: HistoryEvent, event_id: str) -> bool:
    if event["type"] != "TaskSucceeded":
        return False
    try:
        output = json.loads(event.get("taskSucceededEventDetails", {}).get("output") or "null")
    except ValueError:
        return False
    return isinstance(output, Mapping) and output.get("eventId") == event_id


def _failed_by(event: HistoryEvent, event_id: str) -> bool:
    details = event.get("taskFailedEventDetails") or {}
    return event["type"] == "TaskFailed" and f"(id {event_id}," in (details.get("cause") or "")


def _schedules(event: HistoryEvent, token: str) -> bool:
    parameters = (event.get("taskScheduledEventDetails") or {}).get("parameters") or ""
    return event["type"] == "TaskScheduled" and json.dumps(token) in parameters


def _is_over(scheduled: HistoryEvent, by_id: Mapping[int, HistoryEvent]) -> bool:
    entered = {event["id"] for event in _way_to(scheduled, by_id) if _enters(event)}
    children = {scheduled["id"]}
    for event in sorted(by_id.values(), key=lambda event: int(event["id"])):
        if event["id"] <= scheduled["id"]:
            continue
        if event.get("previousEventId") in children:
            if event["type"] in _TASK_ENDS:
                return True
            children.add(event["id"])
        if _entry_of(event, by_id) in entered:
            return True
    return False


def _enters(event: HistoryEvent) -> bool:
    return "stateEnteredEventDetails" in event


def _entry_of(event: HistoryEvent, by_id: Mapping[int, HistoryEvent]) -> int | None:
    """Return where the state was entered that *event* leaves: its name alone may be that of another item of a Map."""
    name = (event.get("stateExitedEventDetails") or {}).get("name")
    if name is None:
        return None
    entries = (one for one in _way_to(event, by_id) if _enters(one))
    return next((one["id"] for one in entries if one["stateEnteredEventDetails"]["name"] == name), None)


def _way_to(event: HistoryEvent, by_id: Mapping[int, HistoryEvent]) -> Iterable[HistoryEvent]:
    previous = by_id.get(event.get("previousEventId", 0))
    while previous is not None:
        yield previous
        previous = by_id.get(previous.get("previousEventId", 0))
