"""What ``when`` means, read once more from docs/interfaces.md: a pattern becomes a test of an event's detail."""

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


_LITERALLY = {r"\*": re.escape("*"), r"\\": re.escape("\\"), "*": r"(?s:.*)"}


def _wildcard(text: str) -> Test:
    form = re.compile("".join(_LITERALLY.get(part, re.escape(part)) for part in re.findall(r"\\[*\\]|.|\n", text)))
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


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
