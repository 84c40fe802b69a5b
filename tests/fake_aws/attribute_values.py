"""DynamoDB's attribute values: whether they are well formed, and how many bytes they take."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Value = Mapping[str, Any]
Item = Mapping[str, Value]

ITEM_LIMIT_BYTES = 409_600
_DIGITS = 38


class InvalidValue(ValueError):
    """DynamoDB answers with a ValidationException of this text."""


def checked_size(value: Value) -> int:
    """The bytes that *value* takes; raises `InvalidValue` if DynamoDB would not take it."""
    if not isinstance(value, dict) or len(value) != 1:
        raise InvalidValue(f"Supplied AttributeValue has other than one data type: {value!r}")
    ((kind, content),) = value.items()
    measure = _MEASURES.get(kind)
    size = measure(content) if measure is not None else None
    if size is None:
        raise InvalidValue(f"not an attribute value: {value!r}")
    return size


def item_size(item: Item) -> int:
    """The bytes that *item* takes, names and all."""
    return sum(_bytes(name) + checked_size(value) for name, value in item.items())


def check_item_size(item: Item) -> None:
    """Raise `InvalidValue` if DynamoDB would not take so much."""
    size = item_size(item)
    if size > ITEM_LIMIT_BYTES:
        raise InvalidValue(f"Item size has exceeded the maximum allowed size ({size} bytes)")


def check_key(key: Item) -> None:
    """Raise `InvalidValue` if DynamoDB would not take the journeys table's *key*."""
    for name, limit in (("journey", 2048), ("item", 1024)):
        text = key.get(name, {}).get("S")
        if not isinstance(text, str) or not text or _bytes(text) > limit:
            raise InvalidValue(f"The key attribute {name!r} must be text of 1 to {limit} bytes; it is {text!r}")


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _text(content: Any) -> int | None:
    return _bytes(content) if isinstance(content, str) else None


def _number(content: Any) -> int | None:
    return _number_size(content) if isinstance(content, str) else None


@lru_cache(maxsize=4096)
def _number_size(text: str) -> int:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidValue(f"The parameter cannot be converted to a numeric value: {text}") from None
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > _DIGITS:
        raise InvalidValue(f"Attempting to store a number that DynamoDB cannot: {text}")
    return 1 + len(text) // 2


def _boolean(content: Any) -> int | None:
    return 1 if isinstance(content, bool) else None


def _binary(content: Any) -> int | None:
    return len(content) if isinstance(content, bytes) else None


def _set(members: Any) -> int | None:
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return None
    if not members or len(set(members)) != len(members):
        raise InvalidValue(f"One or more parameter values were invalid: An string set may not be empty: {members!r}")
    return sum(_bytes(member) for member in members)


def _map(content: Any) -> int | None:
    if not isinstance(content, dict):
        return None
    return 3 + sum(1 + _bytes(name) + checked_size(inner) for name, inner in content.items())


def _list(content: Any) -> int | None:
    return 3 + sum(1 + checked_size(inner) for inner in content) if isinstance(content, list) else None


_MEASURES = {
    "S": _text,
    "B": _binary,
    "N": _number,
    "BOOL": _boolean,
    "NULL": _boolean,
    "SS": _set,
    "M": _map,
    "L": _list,
}
