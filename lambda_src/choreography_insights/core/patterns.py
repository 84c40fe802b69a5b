"""Event patterns on an event's ``detail``: the part of EventBridge's language that a Choice can express as well.

A wait accepts an event by the same pattern by which the Choice behind it then goes on, so both must agree on every
value; docs/reference/interfaces.md ("What `when` means") says how. Patterns and details are parsed JSON.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import eq, ge, gt, le, lt
from typing import Any

from choreography_insights.core.fields import ABSENT

Test = Callable[[Any], bool]
"""Whether a value of parsed JSON, or `ABSENT`, is one that a pattern or a matcher describes."""

_COMPARISONS = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


class InvalidPattern(ValueError):
    """It is no pattern of this language. The message never quotes it: it may come with a message's content."""


def matches(pattern: Mapping[str, Any], detail: Any) -> bool:
    """Whether *detail* matches *pattern*, which is read up to the first field that does not match.

    Raises `InvalidPattern` for what it reads that is not in the language.
    """
    return all(_field_test(name, rule)(detail) for name, rule in pattern.items())


def pattern_test(pattern: Mapping[str, Any]) -> Test:
    """The test that a detail passes if it matches *pattern*: for many details.

    Raises `InvalidPattern` for what is not in the language.
    """
    tests = [_field_test(name, rule) for name, rule in pattern.items()]
    if len(tests) == 1:
        return tests[0]
    return lambda detail: all(test(detail) for test in tests)


def matcher_test(matcher: Any) -> Test:
    """The test that a field's value, or `ABSENT`, passes if *matcher* matches it: a scalar, or one operator."""
    if not isinstance(matcher, dict):
        return _equals(matcher)
    ((operator, operand),) = matcher.items()
    if operator not in _OPERATORS:
        raise InvalidPattern(f"a pattern's operator is unknown; it must be one of {', '.join(_OPERATORS)}")
    return _OPERATORS[operator](operand)


def is_number(value: Any) -> bool:
    """Whether *value* is a number of JSON, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_scalar(value: Any) -> bool:
    """Whether *value* is a string, number, boolean or null of JSON."""
    return value is None or isinstance(value, str | int | float)


def wildcard_parts(wildcard: str) -> list[str]:
    """The texts between the stars of *wildcard*; a backslash before ``*`` or a backslash takes it literally."""
    found = [""]
    for part in re.findall(r"\\[*\\]|.", wildcard, re.DOTALL):
        if part == "*":
            found.append("")
        else:
            found[-1] += part[-1]
    return found


def _field_test(name: str, rule: Any) -> Test:
    if name == "$or" and isinstance(rule, list):
        return _any_of([pattern_test(alternative) for alternative in rule])
    test = pattern_test(rule) if isinstance(rule, dict) else _any_of([matcher_test(matcher) for matcher in rule])
    return lambda fields: test(fields.get(name, ABSENT) if isinstance(fields, dict) else ABSENT)


def _any_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _equals(wanted: Any) -> Test:
    if is_number(wanted):
        return lambda value: is_number(value) and bool(wanted == value)
    kind = type(wanted)
    return lambda value: type(value) is kind and bool(wanted == value)


def _wildcard(wildcard: str) -> Test:
    found = _expression(wildcard).match
    return lambda value: isinstance(value, str) and found(value) is not None


@cache
def _expression(wildcard: str) -> re.Pattern[str]:
    """``*`` stands for any text.

    What stands between two ``*`` is looked for once, where it comes first: to try other places as well would take time
    with a power of the text's length.
    """
    first, *others = wildcard_parts(wildcard)
    if not others:
        return re.compile(f"{re.escape(first)}\\Z")
    between = "".join(f"(?>.*?{re.escape(part)})" for part in others[:-1])
    return re.compile(f"{re.escape(first)}{between}.*{re.escape(others[-1])}\\Z", re.DOTALL)


def _numeric(bounds: Sequence[Any]) -> Test:
    if not _COMPARISONS.keys() >= set(bounds[::2]):
        raise InvalidPattern(f"a numeric operator is unknown; it must be one of {', '.join(_COMPARISONS)}")
    tests = [(_COMPARISONS[operator], bound) for operator, bound in zip(bounds[::2], bounds[1::2], strict=True)]
    return lambda value: is_number(value) and all(holds(value, bound) for holds, bound in tests)


def _anything_but(excluded: Any) -> Test:
    is_excluded = _any_of([matcher_test(one) for one in (excluded if isinstance(excluded, list) else [excluded])])
    return lambda value: is_scalar(value) and not is_excluded(value)


_OPERATORS: Mapping[str, Callable[[Any], Test]] = {
    "exists": lambda wanted: lambda value: (value is not ABSENT) is wanted,
    "prefix": lambda prefix: lambda value: isinstance(value, str) and value.startswith(prefix),
    "suffix": lambda suffix: lambda value: isinstance(value, str) and value.endswith(suffix),
    "wildcard": _wildcard,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
