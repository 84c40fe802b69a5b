"""What ``when`` means, read once more from docs/reference/interfaces.md: what `core.patterns` is held against.

It shares nothing with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Test = Callable[[Any], bool]


class _Nothing:
    """Where a field is missing; null is not missing."""


_NOTHING = _Nothing()


def test_of(pattern: Mapping[str, Any]) -> Test:
    """Return the test that a detail passes if all fields of *pattern* match."""
    parts = [_either(rule) if name == "$or" else _field(name, rule) for name, rule in pattern.items()]
    if len(parts) == 1:
        return parts[0]
    return lambda detail: all(part(detail) for part in parts)


def _either(alternatives: Sequence[Mapping[str, Any]]) -> Test:
    tests = [test_of(alternative) for alternative in alternatives]
    return lambda detail: any(test(detail) for test in tests)


def _field(name: str, rule: Any) -> Test:
    inner = test_of(rule) if isinstance(rule, Mapping) else _one_of(rule)
    return lambda detail: inner(detail.get(name, _NOTHING) if isinstance(detail, dict) else _NOTHING)


def _one_of(matchers: Sequence[Any]) -> Test:
    tests = [_matcher(matcher) for matcher in matchers]
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _matcher(matcher: Any) -> Test:
    if not isinstance(matcher, Mapping):
        return _equals(matcher)
    ((kind, operand),) = matcher.items()
    match kind:
        case "exists":
            return lambda value: (value is not _NOTHING) is operand
        case "prefix":
            return lambda value: isinstance(value, str) and value[: len(operand)] == operand
        case "suffix":
            return lambda value: isinstance(value, str) and value[max(0, len(value) - len(operand)) :] == operand
        case "wildcard":
            return _wildcard(operand)
        case "numeric":
            return _numeric(operand)
        case "anything-but":
            return _anything_but(operand)
    raise ValueError(f"{kind!r} is no matcher of 'when'")


def _equals(wanted: Any) -> Test:
    if _is_number(wanted):
        return lambda value: _is_number(value) and bool(value == wanted)
    if wanted is None or isinstance(wanted, bool):
        return lambda value: value is wanted
    return lambda value: isinstance(value, str) and value == wanted


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _wildcard(text: str) -> Test:
    pieces = re.findall(r"\\[*\\]|.|\n", text)
    stars = [position for position, piece in enumerate(pieces) if piece == "*"]
    ends = zip([-1, *stars], [*stars, len(pieces)], strict=True)
    begin, *others = ("".join(piece[-1] for piece in pieces[after + 1 : before]) for after, before in ends)
    return lambda value: isinstance(value, str) and _holds(value, begin, others)


def _holds(value: str, begin: str, others: Sequence[str]) -> bool:
    """Whether *value* begins with *begin*, and *others* follow, one after the other and the last at its end."""
    if not others:
        return value == begin
    if not value.startswith(begin):
        return False
    at = len(begin)
    for part in others[:-1]:
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return value.endswith(others[-1]) and len(value) - len(others[-1]) >= at


def _numeric(bounds: Sequence[Any]) -> Test:
    tests = [_COMPARISONS[sign](bound) for sign, bound in zip(bounds[::2], bounds[1::2], strict=True)]
    return lambda value: _is_number(value) and all(test(value) for test in tests)


_COMPARISONS: Mapping[str, Callable[[float], Test]] = {
    "=": lambda bound: lambda value: value == bound,
    "<": lambda bound: lambda value: value < bound,
    "<=": lambda bound: lambda value: value <= bound,
    ">": lambda bound: lambda value: value > bound,
    ">=": lambda bound: lambda value: value >= bound,
}


def _anything_but(operand: Any) -> Test:
    excluded = _one_of(operand if isinstance(operand, list) else [operand])
    return lambda value: _is_plain(value) and not excluded(value)
