"""The history of an execution, in the forms of GetExecutionHistory."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_EVENTS_LIMIT = 25_000

#: The key under which an event of this type carries its details.
_DETAILS = {
    "ExecutionStarted": "executionStartedEventDetails",
    "ExecutionSucceeded": "executionSucceededEventDetails",
    "ExecutionFailed": "executionFailedEventDetails",
    "ExecutionAborted": "executionAbortedEventDetails",
    "ExecutionTimedOut": "executionTimedOutEventDetails",
    "ExecutionRedriven": "executionRedrivenEventDetails",
    "TaskScheduled": "taskScheduledEventDetails",
    "TaskStarted": "taskStartedEventDetails",
    "TaskSubmitted": "taskSubmittedEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
    "TaskSucceeded": "taskSucceededEventDetails",
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "ParallelStateStarted": None,
    "MapStateStarted": "mapStateStartedEventDetails",
    "MapIterationStarted": "mapIterationStartedEventDetails",
}
_JSON_FIELDS = ("input", "output", "parameters")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, its data not yet made text."""

    id: int
    previous: int
    type: str
    at: float
    details: dict[str, Any]

    def as_answered(self) -> dict[str, Any]:
        """The event as GetExecutionHistory gives it."""
        event: dict[str, Any] = {
            "id": self.id,
            "previousEventId": self.previous,
            "type": self.type,
            "timestamp": datetime.fromtimestamp(self.at, UTC),
        }
        if key := self._details_key():
            event[key] = {
                name: json.dumps(value, ensure_ascii=False) if name in _JSON_FIELDS else value
                for name, value in self.details.items()
            }
        return event

    def _details_key(self) -> str | None:
        if self.type.endswith("StateEntered"):
            return "stateEnteredEventDetails"
        if self.type.endswith("StateExited"):
            return "stateExitedEventDetails"
        return _DETAILS.get(self.type)


@dataclass(slots=True)
class History:
    """Everything that happened in an execution, in order."""

    happenings: list[Happening] = field(default_factory=list)

    def add(self, kind: str, at: float, previous: int, **details: Any) -> int:
        """Write down an event; returns its id."""
        if len(self.happenings) >= _EVENTS_LIMIT:
            raise AssertionError("an execution's history takes 25,000 events")
        self.happenings.append(Happening(len(self.happenings) + 1, previous, kind, at, details))
        return len(self.happenings)

    def entered(self) -> list[str]:
        """The names of the states entered, in order."""
        return [one.details["name"] for one in self.happenings if one.type.endswith("StateEntered")]

    def answers(self) -> list[Any]:
        """What events answered to its waits, in order."""
        outputs = [one.details["output"] for one in self.happenings if one.type == "TaskSucceeded"]
        return [output for output in outputs if "eventId" in output]
