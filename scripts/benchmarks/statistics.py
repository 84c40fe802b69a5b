"""What it costs to count a million orders: invocations, and what they read and write."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks import prices
from benchmarks.example_journeys import ORDER_COMPLETED
from choreography_insights.insights.statistics import make_handler
from choreography_insights.project.definitions import load_workflow
from devtools.places import ROOT
from documents.markdown import figures
from fake_aws import FakeAws, example
from insights.streaming import Record, Stream, Table, with_picture

#: A million orders a month are so many in a batch, which is what comes within the batching window.
_MINUTES_A_MONTH = prices.MONTH_SECONDS / 60
_ORDERS_A_MINUTE = round(prices.MILLION / _MINUTES_A_MONTH)
#: So many batches fill the row of an hour with stays of all lengths that occur.
_BATCHES = 20
_GIGABYTES = 0.5
_SHARDS = 2
_LONGEST_GAP_SECONDS = 7_200.0


@dataclass
class _Metered(Table):
    """Counts units as DynamoDB does."""

    reads: float = 0.0
    writes: float = 0.0
    calls: int = 0
    sizes: list[int] = field(default_factory=list)

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        found = super().get_item(**parameters)
        units = -(-_size(found.get("Item", {})) // 4096) or 1
        self.reads += units if parameters.get("ConsistentRead") else units / 2
        self.calls += 1
        return found

    def put_item(self, **parameters: Any) -> dict[str, Any]:
        self.sizes.append(_size(parameters["Item"]))
        self.writes += -(-self.sizes[-1] // 1024)
        self.calls += 1
        return super().put_item(**parameters)


def _size(row: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of a row of texts, numbers and bytes."""
    return sum(len(name) + len(value) for name, typed in row.items() for value in typed.values())


@dataclass(frozen=True, slots=True)
class Counting:
    """What counting takes: of one order its stream records, of one batch the rest."""

    records: float
    reads: float
    writes: float
    seconds: float
    largest_row: int

    @property
    def dollars(self) -> float:
        """Of a million orders in a month: a batch of each shard a minute, on Lambda for as long as here."""
        batches = _MINUTES_A_MONTH * _SHARDS
        units = self.reads * prices.READ_UNIT + self.writes * prices.WRITE_UNIT
        lambdas = prices.INVOCATION + self.seconds * _GIGABYTES * prices.GIGABYTE_SECOND_ARM
        return batches * (units + lambdas)


def counting() -> Counting:
    """Count orders that take hours, a minute's worth at once."""
    aws = FakeAws(example("order/order"))
    stream, table = Stream.of(aws), _Metered(aws)
    with_picture(
        table, load_workflow((ROOT / "examples/order/order/workflow.yaml").read_text("utf-8"), "workflow.yaml")
    )
    orders = _ORDERS_A_MINUTE * _BATCHES
    random = Random(1)  # noqa: S311 - lengths of stays, no secret
    for order in range(orders):
        at = 0.0
        for name, detail in ORDER_COMPLETED.events:
            aws.publish(name, f"order-{order}", detail, source="order", time=at, delay=at)
            at += random.uniform(1.0, _LONGEST_GAP_SECONDS)
    aws.run(seconds=_LONGEST_GAP_SECONDS * len(ORDER_COMPLETED.events))
    batches = [batch for shard in stream for batch in _cut(*shard)]
    handler = make_handler(table, aws.table.name)
    began = time.process_time()
    for shard, records in batches:
        handler({"Records": records, "shardId": shard}, None)
    seconds = (time.process_time() - began) / len(batches) + table.calls / len(batches) * prices.SECONDS_PER_CALL
    told = sum(len(records) for _, records in batches)
    return Counting(
        told / orders, table.reads / len(batches), table.writes / len(batches), seconds, max(table.sizes, default=0)
    )


def _cut(shard: str, records: list[Record]) -> list[tuple[str, list[Record]]]:
    size = -(-len(records) // _BATCHES)
    return [(shard, records[begin : begin + size]) for begin in range(0, len(records), size)]


def measure() -> str:
    """Of a million orders, spread evenly over a month."""
    found = counting()
    return figures(
        ("", "measured", "aim"),
        [
            ("records of the table's stream, of one order", f"{found.records:.0f}", ""),
            (f"invocations of a month, with {_SHARDS} shards", f"{_MINUTES_A_MONTH * _SHARDS:,.0f}", ""),
            ("write units of one", f"{found.writes:.0f}", ""),
            ("read units of one", f"{found.reads:.0f}", ""),
            ("a row of counts, bytes at most", f"{found.largest_row:,}", ""),
            ("all of it, of a million orders", f"${found.dollars:.2f}", "$10.00"),
        ],
    )
