"""The journeys table in memory, and its stream."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from fake_aws.attribute_values import Item

Key = tuple[str, str]


@dataclass
class Table:
    """Items by key, never changed in place; every write that changes one is written to the stream.

    *stream* holds the records that the functions' filter lets through (docs/reference/interfaces.md, section 5), oldest
    first.
    *due* is the index of what is due: shard and time of the items in it.
    """

    name: str = "journeys"
    partitions: dict[str, dict[str, Item]] = field(default_factory=dict)
    stream: list[dict[str, Any]] = field(default_factory=list)
    records: int = 0
    due: dict[Key, tuple[str, float]] = field(default_factory=dict)

    def get(self, key: Key) -> Item | None:
        """The item of *key*."""
        return self.partitions.get(key[0], {}).get(key[1])

    def partition(self, journey: str, first: str = "", after: str | None = None) -> Iterator[Item]:
        """The items of a partition by sort key: those from *first* on, or those behind *after*."""
        items = self.partitions.get(journey, {})
        names = sorted(items)  # code points have the order of their bytes in UTF-8
        begin = bisect_left(names, first)
        if after is not None:
            begin = max(begin, bisect_right(names, after))
        return (items[name] for name in islice(names, begin, None))

    def put(self, key: Key, item: Item) -> None:
        """Store *item*, and write a stream record if that changes anything."""
        old = self.get(key)
        self.partitions.setdefault(key[0], {})[key[1]] = item
        if {"dueShard", "dueAt"} <= item.keys():
            self.due[key] = item["dueShard"]["S"], float(item["dueAt"]["N"])
        else:
            self.due.pop(key, None)
        if old != item:
            self._record(key, old, item)

    def delete(self, key: Key) -> None:
        """Take the item away; the record of that has no new image, so the filter lets none through."""
        self.partitions.get(key[0], {}).pop(key[1], None)
        self.due.pop(key, None)

    def expire(self, now: float) -> None:
        """Delete every item whose time to live has passed."""
        for journey, items in self.partitions.items():
            for item in [name for name, content in items.items() if _expired(content, now)]:
                self.delete((journey, item))

    def _record(self, key: Key, old: Item | None, item: Item) -> None:
        self.records += 1
        if not (key[1] == "JOURNEY" and item.get("kept", {}).get("SS")) and not key[1].startswith("WAIT#"):
            return
        self.stream.append(
            {
                "eventID": f"record-{self.records}",
                "eventName": "MODIFY",
                "eventSource": "aws:dynamodb",
                "eventSourceARN": f"arn:aws:dynamodb:eu-west-1:111122223333:table/{self.name}/stream/2026",
                "dynamodb": {
                    "Keys": {"journey": {"S": key[0]}, "item": {"S": key[1]}},
                    "NewImage": item,
                    **({"OldImage": old} if old is not None else {}),
                    "SequenceNumber": f"{self.records:021}",
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            }
        )


def key_of(attributes: Mapping[str, Any]) -> Key:
    """The table's key in an item or a Key parameter."""
    return attributes["journey"]["S"], attributes["item"]["S"]


def _expired(item: Item, now: float) -> bool:
    return "expiresAt" in item and float(item["expiresAt"]["N"]) < now
