"""The table as those who only look read it: indexes, projections, pages; every call is counted.

It knows the reads that `insights` makes, and refuses others.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import eq, lt
from threading import Lock
from typing import Any

from fake_aws.attribute_values import item_size
from fake_aws.errors import Unmodelled
from fake_aws.reserved_words import RESERVED

Row = dict[str, Any]
Test = Callable[[Any], bool]

_KEYS = {None: ("journey", "item"), "waiting": ("at", "since"), "deviations": ("deviatedIn", "deviatedAt")}
_PROJECTED = {"waiting": ("at", "since"), "deviations": ("deviatedIn", "deviatedAt", "name", "time", "deviation")}
_PAGE_BYTES = 1_000_000
_BETWEEN = re.compile(r"(\S+) BETWEEN (:\w+) AND (:\w+)")
_BEGINS = re.compile(r"begins_with\((\S+), (:\w+)\)")
_COMPARED = re.compile(r"(\S+) (=|>) (:\w+)")


class Store:
    """A low-level DynamoDB client over *rows*. *fetched* are all rows that it has handed out, as they were."""

    def __init__(self, rows: Iterable[Row] = (), name: str = "journeys", page_bytes: int = _PAGE_BYTES) -> None:
        self.rows = [*rows]
        self.name, self.page_bytes = name, page_bytes
        self.calls: Counter[str] = Counter()
        self.fetched: list[Row] = []
        self._sorted: dict[str | None, dict[str, list[Row]]] = {}
        self._lock = Lock()
        self._by_key = {(row["journey"]["S"], row["item"]["S"]): row for row in self.rows}

    def get_item(self, *, TableName: str, Key: Row, **projection: Any) -> dict[str, Any]:
        """One row."""
        self._called(TableName, "GetItem")
        row = self._by_key.get(_key(Key))
        return {} if row is None else {"Item": self._handed_out(row, **projection)}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """Some rows, a hundred at most."""
        ((table, asked),) = RequestItems.items()
        self._called(table, "BatchGetItem")
        keys = [_key(one) for one in asked["Keys"]]
        assert 0 < len(keys) <= 100
        assert len(set(keys)) == len(keys)
        projection = {name: value for name, value in asked.items() if name != "Keys"}
        found = [self._by_key[key] for key in keys if key in self._by_key]
        return {"Responses": {table: [self._handed_out(row, **projection) for row in found]}}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Row],
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ProjectionExpression: str = "",
        IndexName: str | None = None,
        ExclusiveStartKey: Row | None = None,
        ScanIndexForward: bool = True,
        Select: str = "",
        Limit: int | None = None,
    ) -> dict[str, Any]:
        """A page of a partition, of the table's or an index's."""
        self._called(TableName, "Query")
        names = ExpressionAttributeNames or {}
        holds = _condition(KeyConditionExpression, names, ExpressionAttributeValues)
        hashed, sort = _KEYS[IndexName]
        ((name, _, placeholder), *_) = _COMPARED.findall(KeyConditionExpression)
        assert _name(name, names) == hashed
        there = [row for row in self._partition(IndexName, ExpressionAttributeValues[placeholder]["S"]) if holds(row)]
        if not ScanIndexForward:
            there.reverse()
        if ExclusiveStartKey is not None:
            after = _order(ExclusiveStartKey, sort)
            there = [
                row for row in there if (_order(row, sort) > after) == ScanIndexForward and _order(row, sort) != after
            ]
        page = self._page(there, Limit, IndexName)
        keys = dict.fromkeys(("journey", "item", *_KEYS[IndexName]))
        more = {"LastEvaluatedKey": {key: page[-1][key] for key in keys}} if page and len(page) < len(there) else {}
        if Limit is not None and len(page) == Limit and not more:  # DynamoDB does not look further
            more = {"LastEvaluatedKey": {key: page[-1][key] for key in keys}}
        if Select == "COUNT":
            return {"Count": len(page), **more}
        items = [self._handed_out(row, ProjectionExpression, names, IndexName) for row in page]
        return {"Items": items, "Count": len(page), **more}

    def _partition(self, index: str | None, value: str) -> list[Row]:
        with self._lock:
            if index not in self._sorted:
                self._sorted[index] = self._by_partition(*_KEYS[index])
        return [*self._sorted[index].get(value, ())]

    def _by_partition(self, hashed: str, sort: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        there = (row for row in self.rows if {hashed, sort} <= row.keys())
        for row in sorted(there, key=lambda row: _order(row, sort)):
            found.setdefault(row[hashed]["S"], []).append(row)
        return found

    def _page(self, rows: Sequence[Row], limit: int | None, index: str | None) -> list[Row]:
        page: list[Row] = []
        size = 0
        for row in rows if limit is None else rows[:limit]:
            size += item_size(_of_index(row, index))
            if page and size > self.page_bytes:
                break
            page.append(row)
        return page

    def _called(self, table: str, operation: str) -> None:
        assert table == self.name
        with self._lock:
            self.calls[operation] += 1

    def _handed_out(
        self,
        row: Row,
        ProjectionExpression: str = "",
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        index: str | None = None,
    ) -> Row:
        names = ExpressionAttributeNames or {}
        visible = _of_index(row, index)
        assert len(ProjectionExpression) <= 4096
        found: Row = {} if ProjectionExpression else dict(visible)
        for path in ProjectionExpression.split(", ") if ProjectionExpression else ():
            steps = [_name(step, names) for step in path.split(".")]
            _copy(visible, found, steps)
        self.fetched.append(found)
        return found


def _key(key: Row) -> tuple[str, str]:
    journey, item = key["journey"]["S"], key["item"]["S"]
    assert 0 < len(journey.encode()) <= 2048
    assert 0 < len(item.encode()) <= 1024
    return journey, item


def _of_index(row: Row, index: str | None) -> Row:
    if index is None:
        return row
    return {name: row[name] for name in ("journey", "item", *_PROJECTED[index]) if name in row}


def _copy(row: Mapping[str, Any], into: Row, steps: Sequence[str]) -> None:
    first, *others = steps
    if first not in row:
        return
    if not others:
        into[first] = row[first]
        return
    inner: Row = {}
    _copy(row[first]["M"], inner, others)
    if inner:
        into.setdefault(first, {"M": {}})["M"] |= {
            name: {"M": {**into[first]["M"].get(name, {}).get("M", {}), **value["M"]}} if "M" in value else value
            for name, value in inner.items()
        }


def _name(written: str, names: Mapping[str, str]) -> str:
    if written.startswith("#"):
        return names[written]
    assert written.upper() not in RESERVED, f"{written} is a reserved word"
    return written


def _condition(text: str, names: Mapping[str, str], values: Mapping[str, Row]) -> Callable[[Row], bool]:
    tests = [*_tests(text, names, {name: _value(value) for name, value in values.items()})]
    return lambda row: all(name in row and test(_value(row[name])) for name, test in tests)


def _tests(text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[tuple[str, Test]]:
    for name, lower, upper in _BETWEEN.findall(text):
        yield _name(name, names), partial(_is_between, values[lower], values[upper])
    rest = _BETWEEN.sub("", text)
    for name, prefix in _BEGINS.findall(rest):
        yield _name(name, names), partial(_begins, values[prefix])
    rest = _BEGINS.sub("", rest)
    for name, sign, value in _COMPARED.findall(rest):
        yield _name(name, names), partial(eq if sign == "=" else lt, values[value])
    if _COMPARED.sub("", rest).replace("AND", "").strip():
        raise Unmodelled(f"the key condition {text!r}")


def _is_between(lower: Any, upper: Any, one: Any) -> bool:
    return bool(lower <= one <= upper)


def _begins(prefix: bytes, one: bytes) -> bool:
    return one.startswith(prefix)


def _value(value: Row) -> Any:
    ((kind, content),) = value.items()
    return float(content) if kind == "N" else str(content).encode()


def _order(row: Row, sort: str) -> tuple[Any, ...]:
    return _value(row[sort]), _value(row["journey"]), _value(row["item"])
