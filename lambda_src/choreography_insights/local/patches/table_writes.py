"""Patches moto's DynamoDB where several write at a time.

moto 5.2.5 reads, changes and stores a row without a lock, so that of two UpdateItem calls at one time one can be
lost, and two transactions can both meet their conditions. A cancelled transaction puts a copy of the whole table in
the table's place: writes made meanwhile are lost, and readers of its stream keep reading the old one. A transaction
that is sent again with its ClientRequestToken is carried out again.

An UpdateItem in its older form, as Terraform makes it for an item, stores bytes as a text.

Here one request has the tables at a time, a transaction undoes just the rows it touched, and is carried out once. Bytes
stay bytes.
"""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import MotoChangedError, patch

#: Held by whoever reads or writes tables and streams.
tables = threading.RLock()

TOKEN_LIFE_SECONDS = 600

_here = threading.local()


def install() -> None:
    """Let requests to DynamoDB and its streams take turns, and make transactions whole."""
    _take_turns()
    _make_transactions_whole()
    _carry_out_once()
    _keep_bytes()


def _keep_bytes() -> None:
    @patch(Item, "update_with_attribute_updates", source_digest="2cb57d88a901")
    def update_with_attribute_updates(original: Any, self: Item, attribute_updates: dict[str, Any]) -> None:
        others = {}
        for name, update in attribute_updates.items():
            if update.get("Action", "PUT") == "PUT" and "B" in update.get("Value", {}):
                self.attrs[name] = DynamoType(update["Value"])
            else:
                others[name] = update
        original(self, others)


def _take_turns() -> None:
    @patch(DynamoHandler, "call_action", source_digest="ce5f57cf83cd")
    def call_action(original: Any, self: DynamoHandler) -> Any:
        with tables:
            return original(self)

    for operation, source_digest in {
        "describe_stream": "5a5c2a0a7cbb",
        "get_records": "eca5821a96bd",
        "get_shard_iterator": "5e6e4a9b3b63",
    }.items():

        @patch(DynamoDBStreamsHandler, operation, source_digest=source_digest)
        def in_turn(original: Any, self: DynamoDBStreamsHandler) -> Any:
            with tables:
                return original(self)


def _make_transactions_whole() -> None:
    @patch(DynamoDBBackend, "transact_write_items", source_digest="81db2cb7d94e")
    def transact_write_items(original: Any, self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        operations = [operation for action in transact_items for operation in action.values()]
        with tables, undone_on_error(self, *operations), _without_copies_of_tables():
            original(self, transact_items)

    if hasattr(Table, "__deepcopy__"):
        raise MotoChangedError("moto.dynamodb.models.table.Table copies itself in a way of its own: read it again.")

    def deepcopy(self: Table, memo: dict[int, Any]) -> Table:
        # The copy of a whole table that moto would put back is never needed: rows are restored one by one.
        if getattr(_here, "in_transaction", False):
            return self
        twin: Table = self.__class__.__new__(self.__class__)  # type: ignore[assignment]
        memo[id(self)] = twin
        twin.__dict__.update({name: copy.deepcopy(value, memo) for name, value in self.__dict__.items()})
        return twin

    Table.__deepcopy__ = deepcopy  # type: ignore[attr-defined]


@contextmanager
def _without_copies_of_tables() -> Iterator[None]:
    _here.in_transaction = True
    try:
        yield
    finally:
        _here.in_transaction = False


@contextmanager
def undone_on_error(backend: DynamoDBBackend, *operations: dict[str, Any]) -> Iterator[list["Row"]]:
    """Give the rows that *operations* name; put them and their tables' streams back if an error goes through."""
    rows = [row for operation in operations if (row := Row.named_by(backend, operation))]
    streams = {id(shard): (shard, len(shard.items)) for row in rows if (shard := row.table.stream_shard)}
    try:
        yield rows
    except Exception:
        for row in rows:
            row.restore()
        for shard, length in streams.values():
            del shard.items[length:]
        raise


class Row:
    """One row of a table, as it was when it was looked at."""

    def __init__(self, table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        self.table = table
        self._hash, self._range = hash_key, range_key
        self._before = copy.deepcopy(table.get_item(hash_key, range_key))

    @classmethod
    def named_by(cls, backend: DynamoDBBackend, operation: dict[str, Any]) -> "Row | None":
        """Return the row that an operation's key names; None where moto will refuse the operation anyway."""
        name = str(operation.get("TableName", ""))
        table = next((one for one in backend.tables.values() if name in {one.name, one.table_arn}), None)
        values = operation.get("Key") or operation.get("Item") or {}
        if table is None or table.hash_key_attr not in values:
            return None
        if table.range_key_attr is None:
            return cls(table, DynamoType(values[table.hash_key_attr]), None)
        if table.range_key_attr not in values:
            return None
        return cls(table, DynamoType(values[table.hash_key_attr]), DynamoType(values[table.range_key_attr]))

    @property
    def existed(self) -> bool:
        """Whether there was such a row."""
        return self._before is not None

    def restore(self) -> None:
        """Make the row what it was."""
        rows: Any = self.table.items if self._range is None else self.table.items[self._hash]
        key = self._hash if self._range is None else self._range
        if self.existed:
            rows[key] = self._before
        else:
            rows.pop(key, None)


class _IdempotentParameterMismatchError(ServiceException):
    code = "IdempotentParameterMismatchException"


def _carry_out_once() -> None:
    done: dict[str, tuple[float, str]] = {}

    @patch(DynamoHandler, "transact_write_items", source_digest="61c163fff213")
    def transact_write_items(original: Any, self: DynamoHandler) -> ActionResult:
        token = self.body.get("ClientRequestToken")
        if not token:
            return original(self)  # type: ignore[no-any-return]
        request = json.dumps(self.body["TransactItems"], sort_keys=True, default=repr)
        since, before = done.get(token, (0.0, ""))
        if clock.monotonic() - since < TOKEN_LIFE_SECONDS and before:
            if request != before:
                raise _IdempotentParameterMismatchError(
                    "The request uses the same client token as a previous, but non-identical request."
                )
            return EmptyResult()
        result: ActionResult = original(self)
        done[token] = (clock.monotonic(), request)
        return result
