"""Event patterns on an event's ``detail``: the part of EventBridge's language that a Choice can express as well.

A wait accepts an event by the same pattern by which the Choice behind it then goes on, so both must agree on every
value; docs/reference/interfaces.md ("What `when` means") says how.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from .errors import InvalidMessage, kind_of
from .paths import ABSENT

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda wanted, value: (value is not ABSENT) is wanted,
    "prefix": lambda prefix, value: isinstance(value, str) and value.startswith(prefix),
    "suffix": lambda suffix, value: isinstance(value, str) and value.endswith(suffix),
    "wildcard": lambda wildcard, value: isinstance(value, str) and _is_like(wildcard, value),
    "numeric": lambda bounds, value: _is_number(value) and _in_range(bounds, value),
    "anything-but": lambda excluded, value: _is_scalar(value) and not _excludes(excluded, value),
}


def matches(pattern: Mapping[str, Any], detail: Any) -> bool:
    """Whether *detail* matches *pattern*. Raises `InvalidMessage` for an operator that is not in the language."""
    fields = detail if isinstance(detail, Mapping) else {}
    return all(_field_matches(name, rule, fields) for name, rule in pattern.items())


def _field_matches(name: str, rule: Any, fields: Mapping[str, Any]) -> bool:
    if name == "$or" and isinstance(rule, Sequence):
        return any(matches(alternative, fields) for alternative in rule)
    if isinstance(rule, Mapping):
        return matches(rule, fields.get(name))
    value = fields.get(name, ABSENT)
    return any(_matcher_matches(matcher, value) for matcher in rule)


def _matcher_matches(matcher: Any, value: Any) -> bool:
    if not isinstance(matcher, Mapping):
        return _equal(matcher, value)
    ((operator, operand),) = matcher.items()
    if operator not in _OPERATORS:
        raise InvalidMessage(f"a pattern operator is {kind_of(operator)}; it must be one of {', '.join(_OPERATORS)}")
    return _OPERATORS[operator](operand, value)


def _equal(wanted: Any, value: Any) -> bool:
    if _is_number(wanted):
        return _is_number(value) and bool(wanted == value)
    return type(wanted) is type(value) and bool(wanted == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _excludes(excluded: Any, value: Any) -> bool:
    if isinstance(excluded, Mapping):
        return _matcher_matches(excluded, value)
    return any(_equal(option, value) for option in (excluded if isinstance(excluded, list) else [excluded]))


def _in_range(bounds: Sequence[Any], value: float) -> bool:
    return all(_compares(bounds[i], value, bounds[i + 1]) for i in range(0, len(bounds), 2))


def _compares(operator: str, value: float, bound: float) -> bool:
    match operator:
        case "=":
            return value == bound
        case "<":
            return value < bound
        case "<=":
            return value <= bound
        case ">":
            return value > bound
        case ">=":
            return value >= bound
    raise InvalidMessage(f"a numeric operator is {kind_of(operator)}; it must be one of =, <, <=, >, >=")


def _is_like(wildcard: str, text: str) -> bool:
    return _wildcard(wildcard).match(text) is not None


@cache
def _wildcard(wildcard: str) -> re.Pattern[str]:
    """``*`` stands for any text; a backslash before ``*`` or a backslash takes it literally.

    What stands between two ``*`` is looked for once, where it comes first: to try other places as well would take time
    with a power of the text's length.
    """
    first, *others = _between_stars(wildcard)
    if not others:
        return re.compile(f"{re.escape(first)}\\Z")
    between = "".join(f"(?>.*?{re.escape(part)})" for part in others[:-1])
    return re.compile(f"{re.escape(first)}{between}.*{re.escape(others[-1])}\\Z", re.DOTALL)


def _between_stars(wildcard: str) -> list[str]:
    found = [""]
    for part in re.findall(r"\\[*\\]|.", wildcard, re.DOTALL):
        if part == "*":
            found.append("")
        else:
            found[-1] += part[-1]
    return found
