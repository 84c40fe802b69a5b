"""What an execution's history says of a journey: where it is, the way it took, how long each state held it.

The same that the Step Functions console shows; pure, over the events of GetExecutionHistory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Stay:
    """A journey's stay in one state; *left* is None while it lasts."""

    state: str
    kind: str
    entered: datetime
    left: datetime | None = None

    @property
    def seconds(self) -> float:
        """How long it lasted, 0 while it lasts."""
        return (self.left - self.entered).total_seconds() if self.left else 0.0


@dataclass(frozen=True, slots=True)
class Journey:
    """A journey as far as it has come. *status* is the execution's."""

    choreography: str
    entity_id: str
    status: str
    stays: tuple[Stay, ...]
    error: str = ""
    cause: str = ""

    @property
    def waits_in(self) -> tuple[str, ...]:
        """The wait states it is in: several where it waits for several things in any order."""
        return tuple(stay.state for stay in self.stays if stay.left is None and stay.kind == "Task")

    @property
    def last_state(self) -> str:
        """The state it entered last: the end state of a journey that has ended."""
        return self.stays[-1].state if self.stays else ""

    @property
    def has_ended(self) -> bool:
        """Whether the execution has ended, well or not."""
        return self.status not in ("", "RUNNING")


def stays(history: Sequence[Mapping[str, Any]]) -> tuple[Stay, ...]:
    """Every state that was entered, in that order."""
    result: list[Stay] = []
    for event in history:
        if entered := event.get("stateEnteredEventDetails"):
            result.append(Stay(entered["name"], event["type"].removesuffix("StateEntered"), event["timestamp"]))
        elif exited := event.get("stateExitedEventDetails"):
            at = max(i for i, stay in enumerate(result) if stay.state == exited["name"] and stay.left is None)
            result[at] = Stay(result[at].state, result[at].kind, result[at].entered, event["timestamp"])
    return tuple(result)
