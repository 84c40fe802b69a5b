"""The table's stream for the statistics function: batches of each shard in order, again, cut anew, and cut short."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from choreography_insights.insights.counter_rows import COUNTS
from choreography_insights.insights.counts import Counts, summed
from choreography_insights.insights.statistics import NotCountedError, make_handler
from choreography_insights.model.workflow import Workflow
from choreography_insights.project.folders import picture_text
from choreography_insights.views.layout_file import read_flow
from fake_aws import FakeAws
from fake_aws.errors import client_error
from fake_aws.gates import Died

Record = dict[str, Any]

SHARDS = 2


@dataclass
class Table:
    """What the statistics function calls, over a fake AWS's table. *before*: is told of each write, and may stop it."""

    aws: FakeAws
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    own: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def _row(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        names = key["journey"]["S"], key["item"]["S"]
        return self.own.get(names) or self.aws.table.get(names)  # type: ignore[return-value]

    def get_item(self, *, TableName: str, Key: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        assert TableName == self.aws.table.name
        row = self._row(Key)
        return {} if row is None else {"Item": deepcopy(row)}

    def query(self, *, ExpressionAttributeValues: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        partition, begin = (one["S"] for one in ExpressionAttributeValues.values())
        own = [row for (journey, _), row in self.own.items() if journey == partition]
        rows: list[Mapping[str, Any]] = [*own, *self.aws.table.partition(partition)]
        return {"Items": [row for row in rows if row["item"]["S"].startswith(begin)]}

    def put_item(self, *, Item: Mapping[str, Any], ConditionExpression: str = "", **parameters: Any) -> dict[str, Any]:
        self.before("put_item")
        row = self._row(Item)
        values = parameters.get("ExpressionAttributeValues", {})
        holds = {
            "": True,
            "attribute_not_exists(journey)": row is None,
            "#last = :last": row is not None and row.get("last") == values.get(":last"),
        }
        if not holds[ConditionExpression]:
            raise client_error("ConditionalCheckFailedException", "The conditional request failed", "PutItem")
        self.own[Item["journey"]["S"], Item["item"]["S"]] = dict(Item)
        self.after("put_item")
        return {}

    def counts(self, choreography: str, kind: str = "hour") -> Counts:
        """All that was counted of *choreography*."""
        partition = f"{COUNTS}{choreography}"
        return summed(
            Counts.of_text(row["counts"]["S"])
            for (journey, item), row in self.own.items()
            if journey == partition and item.startswith(f"{kind}#")
        )


def with_picture(table: Table, workflow: Workflow, *, current: bool = True) -> None:
    """Store the picture of *workflow*, as the current one or as one that was."""
    text = picture_text(workflow)
    version, name = read_flow(text).version, workflow.name.text
    item = name if current else f"{name}#{version}"
    key = {"journey": {"S": "#pictures"}, "item": {"S": item}}
    table.own["#pictures", item] = {**key, "version": {"S": version}, "picture": {"B": gzip.compress(text.encode())}}


@dataclass
class Stream:
    """Every record of a fake AWS's table, by shard."""

    shards: list[list[Record]] = field(default_factory=lambda: [[] for _ in range(SHARDS)])

    @classmethod
    def of(cls, aws: FakeAws) -> "Stream":
        """Record what is written from now on."""
        stream, table = cls(), aws.table
        put = table.put

        def recorded(key: tuple[str, str], item: Any) -> None:
            old = table.get(key)
            put(key, item)
            if old != item:
                stream.write(key, old, item)

        table.put = recorded  # type: ignore[method-assign]
        return stream

    def write(self, key: tuple[str, str], old: Any, new: Any) -> None:
        """A row was written. Numbers of different shards say nothing about each other."""
        number = crc32(key[0].encode()) % SHARDS
        shard = self.shards[number]
        told = {
            "Keys": {"journey": {"S": key[0]}, "item": {"S": key[1]}},
            "NewImage": new,
            "SequenceNumber": str((SHARDS - number) * 10**30 + len(shard)),
            **({} if old is None else {"OldImage": old}),
        }
        if passes(told):
            shard.append({"eventSource": "aws:dynamodb", "dynamodb": told})

    def __iter__(self) -> Iterator[tuple[str, list[Record]]]:
        for number, shard in enumerate(self.shards):
            yield f"shardId-{number}", shard


def passes(told: Mapping[str, Any]) -> bool:
    """Whether the mapping's filters let the record through (modules/insights/sources.tf)."""
    keys, new = told["Keys"], told["NewImage"]
    if keys["item"]["S"].startswith("EVENT#"):
        was = told.get("OldImage", {}).get("status", {}).get("S")
        return was in ("CLAIMED", "STARTING", "FAILING", "REPORTING") and new["status"]["S"] in ("DONE", "REPORTED")
    return keys["item"]["S"] == "JOURNEY" and ("since" in new or "endedAt" in new)


def deliver(stream: Stream, table: Table, random: Random | None = None) -> None:
    """Hand all of *stream* to the function. With *random* it dies, is refused, and gets batches again, cut anew."""
    handler = make_handler(table, table.aws.table.name)
    for shard, records in stream:
        done = 0
        while done < len(records):
            size = len(records) if random is None else random.choice([1, 2, 3, 5, 8, 13, 100])
            batch = records[done : done + size]
            if random is not None and random.random() < 0.4:
                table.before, table.after = trouble(random), trouble(random)
            with suppress(Died, NotCountedError):  # then the batch comes again
                assert handler({"Records": deepcopy(batch), "shardId": shard}, None) == {"state": {}}
                done += len(batch)
                if random is not None and random.random() < 0.3:
                    done -= random.randint(0, len(batch))  # Lambda has lost that it was done
            table.before = table.after = lambda _: None


def trouble(random: Random) -> Callable[[str], None]:
    """A write at which the function dies, or is refused."""
    left = random.randint(0, 4)

    def meets(operation: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            if random.random() < 0.5:
                raise Died
            raise client_error("ProvisionedThroughputExceededException", "too fast", operation)

    return meets
