"""The rules of Choice states."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fake_aws.errors import Unmodelled
from fake_aws.templates import NoSuchPath, read, steps

Test = Callable[[Any], bool]

_ABSENT = object()


def rule(spec: Mapping[str, Any]) -> Test:
    """The test that *spec* is; a comparison whose path is missing raises `NoSuchPath`, as it fails an execution."""
    if "And" in spec:
        inner = [rule(part) for part in spec["And"]]
        return lambda data: all(test(data) for test in inner)
    if "Or" in spec:
        either = [rule(part) for part in spec["Or"]]
        return lambda data: any(test(data) for test in either)
    if "Not" in spec:
        negated = rule(spec["Not"])
        return lambda data: not negated(data)
    (operator,) = spec.keys() - {"Variable", "Next"}
    if operator not in _OPERATORS:
        raise Unmodelled(f"the comparison {operator!r}")
    path, compare, operand = steps(spec["Variable"]), _OPERATORS[operator], spec[operator]
    if operator == "IsPresent":
        return lambda data: (_read_or_absent(path, data) is not _ABSENT) is operand
    return lambda data: compare(read(path, data), operand)


def _read_or_absent(path: tuple[str | int, ...], data: Any) -> Any:
    try:
        return read(path, data)
    except NoSuchPath:
        return _ABSENT


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: _is_number(value) and compare(value, operand)


@cache
def _wildcard(text: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "StringEquals": lambda value, operand: isinstance(value, str) and value == operand,
    "StringMatches": lambda value, operand: isinstance(value, str) and bool(_wildcard(operand).fullmatch(value)),
    "NumericEquals": _numeric(lambda value, operand: bool(value == operand)),
    "NumericLessThan": _numeric(lambda value, operand: bool(value < operand)),
    "NumericLessThanEquals": _numeric(lambda value, operand: bool(value <= operand)),
    "NumericGreaterThan": _numeric(lambda value, operand: bool(value > operand)),
    "NumericGreaterThanEquals": _numeric(lambda value, operand: bool(value >= operand)),
    "BooleanEquals": lambda value, operand: isinstance(value, bool) and value is operand,
    "IsNull": lambda value, operand: (value is None) is operand,
    "IsString": lambda value, operand: isinstance(value, str) is operand,
    "IsNumeric": lambda value, operand: _is_number(value) is operand,
    "IsBoolean": lambda value, operand: isinstance(value, bool) is operand,
    "IsPresent": lambda value, operand: True,
}
