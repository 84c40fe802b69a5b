"""DynamoDB's read and write units, reckoned from the sizes of rows as AWS charges them."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from botocore.exceptions import ClientError

from benchmarks.table_schema import Index, Row, TableSchema, journeys_table
from fake_aws import FakeAws
from fake_aws.attribute_values import item_size
from fake_aws.table import Key, Table, key_of

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
#: Each row of a transaction is written twice: prepared, then committed.
TRANSACTION_FACTOR = 2

#: What a write was made for, by what it made of the event's row.
_PURPOSES = {
    "KEPT": "kept",
    "CLAIMED": "claimed",
    "STARTING": "claimed",
    "FAILING": "claimed",
    "REPORTING": "claimed",
    "DONE": "recorded",
    "REPORTED": "recorded",
}
#: The purposes of writes; what is charged for reading has its own kind.
WRITES = ("kept", "claimed", "recorded", "waits", "index")
KINDS = ("reads", *WRITES)


class Meter:
    """Adds up what AWS would charge. *local*: a client of DynamoDB Local that makes each call too, and is asked.

    *rows_read*: so many rows were read, of whatever size.
    """

    def __init__(self, table: Table, local: Any = None, schema: TableSchema | None = None) -> None:
        self.table, self.local, self.schema = table, local, schema or journeys_table()
        self.units: dict[str, float] = defaultdict(float)
        self.rows_read = 0

    @classmethod
    def put_into(cls, aws: FakeAws, local: Any = None) -> Self:
        """Meter all that happens in *aws*."""
        meter = cls(aws.table, local)
        aws.clients["dynamodb"] = Metered(aws.dynamodb, meter, "functions")
        aws.stepfunctions.dynamodb = Metered(aws.dynamodb, meter, "Step Functions")  # type: ignore[assignment]
        return meter

    @property
    def write_units(self) -> float:
        """All of them."""
        return sum(self.units[kind] for kind in WRITES)

    def read(self, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Charge a read that was made."""
        if operation == "batch_get_item":
            for table, wanted in parameters["RequestItems"].items():
                found = answer["Responses"].get(table, [])
                missing = len(wanted["Keys"]) - len(found)
                units = sum(_read_units(item_size(row)) for row in found) + missing
                self._charge_read(len(found), units, consistent=wanted.get("ConsistentRead", False))
            return
        rows = answer["Items"] if operation == "query" else [answer["Item"]] if "Item" in answer else []
        units = _read_units(sum(map(item_size, rows)))
        self._charge_read(len(rows), units, consistent=parameters.get("ConsistentRead", False))

    def _charge_read(self, rows: int, units: int, *, consistent: bool) -> None:
        self.rows_read += rows
        self.units["reads"] += units if consistent else units / 2

    def write(
        self, keys: Sequence[Key], before: Sequence[Row | None], *, in_transaction: bool, by: str, refused: bool = False
    ) -> None:
        """Charge a write, refused or not: of each row what it was or what it is, whichever is larger."""
        after = before if refused else [self.table.get(key) for key in keys]
        refusal = "claimed" if in_transaction else "recorded"
        purpose = "waits" if by == "Step Functions" else refusal if refused else _purpose(after)
        factor = TRANSACTION_FACTOR if in_transaction else 1
        self.units[purpose] += factor * sum(map(_write_units, before, after))
        for index in self.schema.indexes:
            for old, new in zip(before, after, strict=True):
                self.units["index"] += _index_units(index, index.entry(old), index.entry(new))


class Metered:
    """A client of the AWS in memory whose calls are charged."""

    def __init__(self, memory: Any, meter: Meter, by: str) -> None:
        self._memory, self._meter, self._by = memory, meter, by

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._memory, operation)

        def call(**parameters: Any) -> Any:
            return self._call(operation, method, parameters)

        return call

    def _call(self, operation: str, method: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        self._ask_local(operation, parameters)
        if operation in ("get_item", "query", "batch_get_item"):
            answer = method(**parameters)
            self._meter.read(operation, parameters, answer)
            return answer
        keys = _written(operation, parameters)
        before = [self._meter.table.get(key) for key in keys]
        how: dict[str, Any] = {"in_transaction": operation == "transact_write_items", "by": self._by}
        try:
            answer = method(**parameters)
        except ClientError:
            self._meter.write(keys, before, **how, refused=True)
            raise
        self._meter.write(keys, before, **how)
        return answer

    def _ask_local(self, operation: str, parameters: dict[str, Any]) -> None:
        """Have DynamoDB Local do the same; it charges a refused write nothing."""
        if self._meter.local is None:
            return
        try:
            answer = getattr(self._meter.local, operation)(**parameters, ReturnConsumedCapacity="TOTAL")
        except ClientError as error:
            refusals = ("TransactionCanceledException", "ConditionalCheckFailedException")
            if error.response["Error"]["Code"] not in refusals:
                raise
            return
        capacity = answer["ConsumedCapacity"]
        kind = "reported reads" if operation in ("get_item", "query", "batch_get_item") else "reported writes"
        for one in capacity if isinstance(capacity, list) else [capacity]:
            self._meter.units[kind] += one["CapacityUnits"]


def _written(operation: str, parameters: Mapping[str, Any]) -> list[Key]:
    if operation == "transact_write_items":
        actions = [action for one in parameters["TransactItems"] for action in one.values()]
        return [key_of(action["Item"] if "Item" in action else action["Key"]) for action in actions]
    if operation == "put_item":
        return [key_of(parameters["Item"])]
    if operation in ("update_item", "delete_item"):
        return [key_of(parameters["Key"])]
    raise AssertionError(f"nobody has said what {operation} costs")


def _purpose(after: Sequence[Row | None]) -> str:
    """By the status of the event's row, under whatever name it stands; a journey's row alone records its end."""
    events = [row for row in after if row is not None and row["item"]["S"] != "JOURNEY"]
    found = [_PURPOSES[value["S"]] for row in events for value in row.values() if value.get("S") in _PURPOSES]
    return found[0] if found else "recorded"


def _write_units(before: Row | None, after: Row | None) -> int:
    size = max(item_size(before or {}), item_size(after or {}))
    return max(1, math.ceil(size / WRITE_UNIT_BYTES))


def _read_units(size: int) -> int:
    return max(1, math.ceil(size / READ_UNIT_BYTES))


def _index_units(index: Index, before: Row | None, after: Row | None) -> int:
    """An entry that comes or goes is a write; one that gets another key goes and comes."""
    if before == after:
        return 0
    if before is None or after is None or all(before[name] == after[name] for name in index.keys):
        return _write_units(before, after)
    return _write_units(before, None) + _write_units(None, after)
