"""Records of the table's stream as values: what a row was like before a change, and after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.core.fields import epoch_seconds
from choreography_insights.core.keys import EVENT, choreography_of

Item = Mapping[str, Any]
"""A row, or a map in it, as DynamoDB's JSON."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was written: its keys, its place in the order of its shard, and what it was like before and after."""

    journey: str
    item: str
    sequence: int
    old: Item
    new: Item

    @property
    def choreography(self) -> str:
        """The choreography that the row's journey is one of."""
        return choreography_of(self.journey)

    @property
    def is_event(self) -> bool:
        """Whether the row is that of an event."""
        return self.item.startswith(EVENT)


def changes_of(records: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """Yield the change that each of *records* tells of."""
    for record in records:
        told = record["dynamodb"]
        keys = told["Keys"]
        yield Change(
            keys["journey"]["S"],
            keys["item"]["S"],
            int(told["SequenceNumber"]),
            told.get("OldImage", {}),
            told.get("NewImage", {}),
        )


@dataclass(frozen=True, slots=True)
class Since:
    """The outermost state that a journey is in, and when it came there, as the wait's row has it and in seconds."""

    state: str
    entered: str

    @classmethod
    def of(cls, row: Item) -> "Since | None":
        """What the journey's *row* says."""
        written = text(row, "since")
        if not written:
            return None
        state, _, entered = written.rpartition("#")
        return cls(state, entered)

    @property
    def at(self) -> float:
        """When the journey came there."""
        return epoch_seconds(self.entered)


def text(row: Item, name: str) -> str:
    """The text under *name*; empty, if there is none."""
    return str(row.get(name, {}).get("S", ""))


def number(row: Item, name: str) -> float | None:
    """The number under *name*, if there is one."""
    return float(row[name]["N"]) if "N" in row.get(name, {}) else None


def waits(row: Item) -> Mapping[str, Item]:
    """The open waits in a journey's *row*, by state."""
    return {state: wait["M"] for state, wait in row.get("waits", {}).get("M", {}).items()}
