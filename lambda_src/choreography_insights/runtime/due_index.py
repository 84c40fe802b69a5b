"""The index of what is due: journeys that are overdue, and kept events that have to be looked at again."""

from typing import NamedTuple
from zlib import crc32

from choreography_insights.core.keys import EVENT, choreography_of, id_of

from .claims import Claims, event_expiry, key_of, number, string
from .journey import EventRow, Item, Status, event_row

#: So many overdue journeys are looked at each time: enough to say that there are many.
MOST_OVERDUE = 100
#: The index of what is due has so many partitions of each kind: one takes 1,000 writes a second.
DUE_SHARDS = 16
#: So many due events are taken from a shard at a time: all of them take two or three of the function's ten seconds.
MOST_DUE = 50


class Overdue(NamedTuple):
    """A journey that is marked running, and was due to have ended. *due_at*: epoch seconds."""

    key: str
    execution: str
    due_at: float

    @property
    def choreography(self) -> str:
        """The choreography's name."""
        return choreography_of(self.key)

    @property
    def entity_id(self) -> str:
        """The entity's id."""
        return id_of(self.key)


class Due(NamedTuple):
    """A kept event that has to be looked at again at *due_at* (epoch seconds)."""

    key: str
    event_id: str
    due_at: float


class DueIndex(Claims):
    """The rows that stand in the index, and when."""

    def due(self, shard: int, until: float) -> list[Due]:
        """Kept events of a shard that have to be looked at before *until*, those due longest first, so many at most."""
        return [
            Due(item["journey"]["S"], item["item"]["S"].removeprefix(EVENT), float(item["dueAt"]["N"]))
            for item in self._due(f"event-{shard}", until, MOST_DUE)
        ]

    def overdue(self, now: float) -> list[Overdue]:
        """Journeys that were due before *now*, those due longest first, not more than `MOST_OVERDUE` of them."""
        items = [item for shard in range(DUE_SHARDS) for item in self._due(f"journey-{shard}", now, MOST_OVERDUE)]
        found = [
            Overdue(item["journey"]["S"], item["execution"]["S"], float(item["dueAt"]["N"]))
            for item in items
            if "execution" in item
        ]
        return sorted(found, key=lambda one: one.due_at)[:MOST_OVERDUE]

    def _due(self, shard: str, until: float, limit: int) -> list[Item]:
        response = self.client.query(
            TableName=self.name,
            IndexName="due",
            KeyConditionExpression="dueShard = :shard AND dueAt <= :until",
            ExpressionAttributeValues={":shard": string(shard), ":until": number(until)},
            Limit=limit,
        )
        items: list[Item] = response["Items"]
        return items

    def lease(self, due: Due, until: float) -> EventRow | None:
        """Move *due* on to *until*, so that no other sweep takes it; None if somebody has, or it is kept no more."""
        taken = self._write_one(
            self._update(
                key_of(due.key, EVENT + due.event_id),
                "SET dueAt = :until",
                "dueAt = :due AND #status = :kept",
                {":until": number(until), ":due": number(due.due_at), ":kept": string(Status.KEPT)},
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if taken is None else event_row(taken["Attributes"])

    def set_due(self, key: str, event_id: str, at: float) -> None:
        """Have the sweep look at a kept event at *at*; its row lives long enough for that."""
        self._write_one(
            self._update(
                key_of(key, EVENT + event_id),
                "SET dueAt = :at, dueShard = :shard, expiresAt = :expires",
                "#status = :kept",
                {
                    ":at": number(at),
                    ":shard": string(shard("event", key)),
                    ":expires": number(event_expiry(at)),
                    ":kept": string(Status.KEPT),
                },
            )["Update"]
        )


def shard(kind: str, key: str) -> str:
    """The partition of the index in which a journey, or an event of it, stands."""
    return f"{kind}-{crc32(key.encode()) % DUE_SHARDS}"
