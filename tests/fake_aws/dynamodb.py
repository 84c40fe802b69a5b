"""DynamoDB's client over the table in memory."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from fake_aws import expressions
from fake_aws.attribute_values import InvalidValue, Item, check_item_size, check_key, checked_size
from fake_aws.errors import Unmodelled, client_error
from fake_aws.expressions import InvalidExpression, Names, ParsedCondition, ParsedUpdate, Values
from fake_aws.table import Key, Table, key_of

_QUERY_PAGE_ITEMS = 100
_TRANSACTION_LIMIT = 100
_BATCH_LIMIT = 100
#: An item is measured whole where the values given alone are so many.
_SUSPECT_BYTES = 50_000
_NO_ITEM: dict[str, Any] = {}
_KEY_CONDITIONS = ("journey = :journey", "journey = :journey AND #item >= :first")
_INDEXED = ("journey", "item", "dueShard", "dueAt", "execution")


class DynamoDbClient:
    """What the functions and the state machines call. Each call is atomic.

    *conflicts*: so many of the next writes meet another transaction and are refused.
    """

    def __init__(self, table: Table, page_items: int = _QUERY_PAGE_ITEMS) -> None:
        self.table, self.page_items, self.conflicts = table, page_items, 0
        self._given_bytes = 0

    # ---- reading --------

    def get_item(self, *, TableName: str, Key: Mapping[str, Any], ConsistentRead: bool = False) -> dict[str, Any]:
        """One item; only consistent reads are modelled."""
        self._check(TableName, ConsistentRead)
        item = self.table.get(_checked_key(Key, "GetItem"))
        return {} if item is None else {"Item": item}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Values,
        ExpressionAttributeNames: Names | None = None,
        ConsistentRead: bool = False,
        ExclusiveStartKey: Mapping[str, Any] | None = None,
        IndexName: str | None = None,
        Limit: int | None = None,
    ) -> dict[str, Any]:
        """A page of a partition, perhaps of what it has from some sort key on; or the beginning of the index."""
        if IndexName is not None:
            return self._query_due(
                TableName, IndexName, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues, Limit
            )
        self._check(TableName, ConsistentRead)
        condition = _parsed_condition(KeyConditionExpression, "Query")
        _check_placeholders("Query", [condition], ExpressionAttributeNames, ExpressionAttributeValues)
        if KeyConditionExpression not in _KEY_CONDITIONS:
            raise Unmodelled(f"the key condition {KeyConditionExpression!r}")
        if (ExpressionAttributeNames or {}) not in ({}, {"#item": "item"}):
            raise Unmodelled(f"the names {ExpressionAttributeNames!r} in a key condition")
        journey, first = (ExpressionAttributeValues.get(name, {}).get("S", "") for name in (":journey", ":first"))
        after = None if ExclusiveStartKey is None else key_of(ExclusiveStartKey)[1]
        items = list(islice(self.table.partition(journey, first, after), self.page_items + 1))
        page = items[: self.page_items]
        more = {"LastEvaluatedKey": {k: page[-1][k] for k in ("journey", "item")}} if len(items) > len(page) else {}
        return {"Items": page, "Count": len(page), **more}

    def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Some items, a hundred at most; only consistent reads are modelled."""
        ((table, asked),) = RequestItems.items()
        self._check(table, asked.get("ConsistentRead", False))
        keys = [_checked_key(key, "BatchGetItem") for key in asked["Keys"]]
        if not 0 < len(keys) <= _BATCH_LIMIT or len(set(keys)) != len(keys):
            raise _invalid("BatchGetItem", f"1 to {_BATCH_LIMIT} different keys fit; got {len(keys)}")
        return {"Responses": {table: [item for key in keys if (item := self.table.get(key)) is not None]}}

    def _query_due(
        self, table: str, index: str, condition: str, names: Names | None, values: Values, limit: int | None
    ) -> dict[str, Any]:
        """Items of the index (docs/reference/interfaces.md, section 5) in its order, with its own attributes only."""
        self._check_table(table)
        if index != "due" or "dueShard = :shard AND " not in condition:
            raise Unmodelled(f"the key condition {condition!r} on the index {index!r}")
        parsed = _parsed_condition(condition, "Query")
        _check_placeholders("Query", [parsed], names, values)
        rows = [row for key in self.table.due if (row := self.table.get(key)) is not None]
        indexed = [row for row in rows if parsed.holds(row, names or {}, values)]
        indexed.sort(key=lambda row: float(row["dueAt"]["N"]))
        shown = [{name: row[name] for name in _INDEXED if name in row} for row in indexed]
        return {"Items": shown[:limit], "Count": len(shown[:limit])}

    # ---- writing --------

    def put_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:
        """Put one item."""
        self._write_one("PutItem", {"TableName": TableName, **parameters}, self._put)
        return {}

    def update_item(self, *, TableName: str, ReturnValues: str = "NONE", **parameters: Any) -> dict[str, Any]:
        """Update one item; the answer has what it is like then, if that is asked for."""
        if ReturnValues not in ("NONE", "ALL_NEW"):
            raise Unmodelled(f"the return values {ReturnValues}")
        item = self._write_one("UpdateItem", {"TableName": TableName, **parameters}, self._update)
        return {"Attributes": item} if ReturnValues == "ALL_NEW" else {}

    def delete_item(self, *, TableName: str, **parameters: Any) -> dict[str, Any]:
        """Delete one item."""
        self._write_one("DeleteItem", {"TableName": TableName, **parameters}, self._delete)
        return {}

    def transact_write_items(self, *, TransactItems: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
        """All of the writes, or none and the reason of each."""
        if not 0 < len(TransactItems) <= _TRANSACTION_LIMIT:
            raise _invalid("TransactWriteItems", f"1 to {_TRANSACTION_LIMIT} actions fit; got {len(TransactItems)}")
        outcomes = [self._outcome(action) for action in TransactItems]
        keys = [key for key, _, _ in outcomes]
        if len(set(keys)) != len(keys):
            text = "Transaction request cannot include multiple operations on one item"
            raise _invalid("TransactWriteItems", text)
        if self._meets_conflict():
            reasons = [_REASONS["TransactionConflict"], *[_REASONS["None"]] * (len(outcomes) - 1)]
            raise _cancelled(reasons)
        if not all(holds for _, holds, _ in outcomes):
            raise _cancelled([_REASONS["None" if holds else "ConditionalCheckFailed"] for _, holds, _ in outcomes])
        for key, _, item in outcomes:
            self._store(key, item)
        return {}

    # ---- parts --------

    def _check(self, table: str, consistent: bool) -> None:
        self._check_table(table)
        if not consistent:
            raise Unmodelled("reads that are not consistent")

    def _check_table(self, table: str) -> None:
        if table != self.table.name:
            raise client_error("ResourceNotFoundException", f"Requested resource not found: {table}", "DynamoDB")

    def _meets_conflict(self) -> bool:
        self.conflicts, met = max(0, self.conflicts - 1), self.conflicts > 0
        return met

    def _write_one(self, operation: str, parameters: Mapping[str, Any], write: Any) -> Item:
        key, holds, item = write(parameters, operation)
        if self._meets_conflict():
            text = "Transaction is ongoing for the item"
            raise client_error("TransactionConflictException", text, operation)
        if not holds:
            raise client_error("ConditionalCheckFailedException", "The conditional request failed", operation)
        self._store(key, item)
        return dict(item or {})

    def _store(self, key: Key, item: Item | None) -> None:
        if item is None:
            self.table.delete(key)
        else:
            self.table.put(key, item)

    def _outcome(self, action: Mapping[str, Mapping[str, Any]]) -> tuple[Key, bool, dict[str, Any] | None]:
        ((kind, parameters),) = action.items()
        writes = {"Put": self._put, "Update": self._update, "Delete": self._delete}
        if kind not in writes:
            raise Unmodelled(f"the transaction's action {kind}")
        return writes[kind](parameters, "TransactWriteItems")

    def _delete(self, parameters: Mapping[str, Any], operation: str) -> tuple[Key, bool, dict[str, Any] | None]:
        known = {"TableName", "Key", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
        _refuse_unknown(parameters, known)
        self._check_table(parameters["TableName"])
        key = _checked_key(parameters["Key"], operation)
        return key, self._holds(parameters, [], operation, self.table.get(key)), None

    def _put(self, parameters: Mapping[str, Any], operation: str) -> tuple[Key, bool, dict[str, Any] | None]:
        known = {"TableName", "Item", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
        _refuse_unknown(parameters, known)
        self._check_table(parameters["TableName"])
        item = dict(parameters["Item"])
        key = _checked_key({name: item.get(name, {}) for name in ("journey", "item")}, operation)
        holds = self._holds(parameters, [], operation, self.table.get(key))
        _check(check_item_size, item, operation)
        return key, holds, item

    def _update(self, parameters: Mapping[str, Any], operation: str) -> tuple[Key, bool, dict[str, Any] | None]:
        known = {
            "TableName",
            "Key",
            "UpdateExpression",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
        }
        _refuse_unknown(parameters, known)
        self._check_table(parameters["TableName"])
        key = _checked_key(parameters["Key"], operation)
        try:
            update = expressions.update(parameters["UpdateExpression"])
        except InvalidExpression as error:
            raise _invalid(operation, str(error)) from None
        old = self.table.get(key)
        if not self._holds(parameters, [update], operation, old):
            return key, False, None
        names = parameters.get("ExpressionAttributeNames") or {}
        changed = {names.get(path[0], path[0]) for path in update.paths}
        if changed & {"journey", "item"}:
            raise _invalid(operation, "Cannot update attribute. This attribute is part of the key")
        before = old if old is not None else parameters["Key"]
        try:
            item = update.apply(before, names, parameters.get("ExpressionAttributeValues") or {})
        except InvalidExpression as error:
            raise _invalid(operation, str(error)) from None
        if self._given_bytes > _SUSPECT_BYTES:
            _check(check_item_size, item, operation)
        return key, True, item

    def _holds(
        self, parameters: Mapping[str, Any], also: list[ParsedUpdate], operation: str, item: Mapping[str, Any] | None
    ) -> bool:
        text = parameters.get("ConditionExpression")
        condition = _parsed_condition(text, operation) if text is not None else None
        names, values = parameters.get("ExpressionAttributeNames"), parameters.get("ExpressionAttributeValues")
        used: list[ParsedCondition | ParsedUpdate] = [*also, *([condition] if condition else [])]
        self._given_bytes = _check_placeholders(operation, used, names, values)
        return condition is None or condition.holds(item if item is not None else _NO_ITEM, names or {}, values or {})


def _refuse_unknown(parameters: Mapping[str, Any], known: set[str]) -> None:
    if unknown := parameters.keys() - known:
        raise Unmodelled(f"the parameters {sorted(unknown)}")


def _parsed_condition(text: str, operation: str) -> ParsedCondition:
    try:
        return expressions.condition(text)
    except InvalidExpression as error:
        raise _invalid(operation, str(error)) from None


def _check(check: Callable[[Item], None], item: Item, operation: str) -> None:
    try:
        check(item)
    except InvalidValue as error:
        raise _invalid(operation, str(error)) from None


def _checked_key(key: Mapping[str, Any], operation: str) -> Key:
    if set(key) != {"journey", "item"}:
        raise _invalid(operation, f"The provided key element does not match the schema: {key}")
    _check(check_key, key, operation)
    return key_of(key)


def _check_placeholders(
    operation: str,
    expressions_used: Sequence[ParsedCondition | ParsedUpdate],
    names: Names | None,
    values: Values | None,
) -> int:
    """Every placeholder is given and every given one is used, else DynamoDB refuses the call; the values' bytes."""
    used_names: frozenset[str] = frozenset()
    used_values: frozenset[str] = frozenset()
    for one in expressions_used:
        used_names |= one.uses.names
        used_values |= one.uses.values
    for kind, given, used in (
        ("ExpressionAttributeNames", names, used_names),
        ("ExpressionAttributeValues", values, used_values),
    ):
        if given is not None and not given:
            raise _invalid(operation, f"{kind} must not be empty")
        there = given.keys() if given else frozenset()
        if there != used:
            missing, unused = sorted(used - there), sorted(there - used)
            text = f"not defined: {missing}" if missing else f"{kind} unused in expressions: keys: {unused}"
            raise _invalid(operation, f"Value provided in {text}")
    try:
        return sum(checked_size(value) for value in (values or {}).values())
    except InvalidValue as error:
        raise _invalid(operation, str(error)) from None


def _invalid(operation: str, text: str) -> Exception:
    return client_error("ValidationException", text, operation)


_REASONS = {
    "None": {"Code": "None"},
    "ConditionalCheckFailed": {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    "TransactionConflict": {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
}


def _cancelled(reasons: list[dict[str, str]]) -> Exception:
    codes = ", ".join(reason["Code"] for reason in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return client_error(
        "TransactionCanceledException", text, "TransactWriteItems", Message=text, CancellationReasons=reasons
    )
