"""What Step Functions makes of a Choice with JSONPath, after the States Language's own words; not the compiler's code.

A comparison is false for a value of another type; on a path that leads nowhere, anything but IsPresent is an error.
"""

import re
from collections.abc import Mapping
from typing import Any

_NOWHERE = object()
_PART = re.compile(r"\.(\w+)|\['([^']+)'\]")


class InvalidPathError(Exception):
    """What ends an execution when a Choice looks at a path that leads nowhere."""


def next_state(choice: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Return the state that *choice* leads to."""
    for rule in choice["Choices"]:
        if holds(rule, data):
            return str(rule["Next"])
    return str(choice["Default"])


def holds(rule: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether *rule* is true of *data*; the parts of And and Or are looked at in turn, no further than needed."""
    if "And" in rule:
        return all(holds(part, data) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, data) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data)
    value = _value(rule["Variable"], data)
    ((operator, operand),) = ((key, rule[key]) for key in rule if key not in ("Variable", "Next"))
    if operator == "IsPresent":
        return (value is not _NOWHERE) is operand
    if value is _NOWHERE:
        raise InvalidPathError(rule["Variable"])
    return _compare(operator, value, operand)


def _value(path: str, data: Any) -> Any:
    assert re.fullmatch(rf"\$(?:{_PART.pattern})+", path), path
    for plain, quoted in _PART.findall(path):
        if not isinstance(data, dict) or (plain or quoted) not in data:
            return _NOWHERE
        data = data[plain or quoted]
    return data


def _compare(operator: str, value: Any, operand: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match operator:
        case "IsNull":
            return (value is None) is operand
        case "IsString":
            return isinstance(value, str) is operand
        case "IsNumeric":
            return number is operand
        case "IsBoolean":
            return isinstance(value, bool) is operand
        case "BooleanEquals":
            return isinstance(value, bool) and value is operand
        case "StringEquals":
            return isinstance(value, str) and bool(value == operand)
        case "StringMatches":
            return isinstance(value, str) and _like(operand, value)
        case "NumericEquals":
            return number and bool(value == operand)
        case "NumericLessThan":
            return number and bool(value < operand)
        case "NumericLessThanEquals":
            return number and bool(value <= operand)
        case "NumericGreaterThan":
            return number and bool(value > operand)
        case "NumericGreaterThanEquals":
            return number and bool(value >= operand)
    raise AssertionError(f"Step Functions has no {operator}")


def _like(wildcard: str, text: str) -> bool:
    """Match without regular expressions, unlike what is tested."""
    if not wildcard:
        return not text
    if wildcard[0] == "*":
        return any(_like(wildcard[1:], text[start:]) for start in range(len(text) + 1))
    skip = 1 if wildcard[0] == "\\" else 0
    return bool(text) and text[0] == wildcard[skip] and _like(wildcard[skip + 1 :], text[1:])
