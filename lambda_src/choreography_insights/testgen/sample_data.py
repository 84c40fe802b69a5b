"""Makes up the detail of an event that a given variant accepts, and none before it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from choreography_insights.core.paths import ABSENT, FieldPath
from choreography_insights.core.patterns import wildcard_parts
from choreography_insights.model.patterns import (
    AnythingBut,
    Conjunction,
    Exactly,
    Exists,
    FieldTest,
    Matcher,
    Numeric,
    Pattern,
    Prefix,
    Suffix,
    Wildcard,
    admits,
    conjunctions,
    matches,
    numbers_around,
)

_TRIES = 2_000
_SOMETHING: tuple[Any, ...] = ("any", "other", 1, 0, True, False, None)

Detail = dict[str, Any]
Values = dict[FieldPath, Any]
"""A value, or `ABSENT`, for each path that matters."""


def detail_for(wanted: Pattern | None, earlier: Sequence[Pattern], entity: FieldPath, entity_id: str) -> Detail | None:
    """Return a detail of the entity that *wanted* matches (None: any) and none of *earlier* does, as `details_for`."""
    return details_for(wanted, earlier, {entity[1:]: entity_id})  # the path without "detail"


def details_for(wanted: Pattern | None, earlier: Sequence[Pattern], fixed: Values) -> Detail | None:
    """Return a detail with what is *fixed* that *wanted* matches (None: any) and none of *earlier* does.

    None means that none was found, which proves nothing: what only a long search could find is given up.
    """
    avoided = [case for pattern in earlier for case in conjunctions(pattern) or ()]
    for case in conjunctions(wanted) or () if wanted else ((),):
        for values in islice(_candidates(case, avoided), _TRIES):
            detail = _assembled(values, fixed)
            if detail is not None and _is_right(detail, wanted, earlier):
                return detail
    return None


def _is_right(detail: Detail, wanted: Pattern | None, earlier: Sequence[Pattern]) -> bool:
    return (wanted is None or matches(wanted, detail)) and not any(matches(other, detail) for other in earlier)


def _candidates(case: Conjunction, avoided: Sequence[Conjunction]) -> Iterator[Values]:
    """Yield values to try: the plainest for *case*, then changed step by step until none of *avoided* holds."""
    options = {path: _options(path, case, avoided) for path in _paths([case, *avoided])}
    if not all(options.values()):
        return
    own = {test.path for test in case}
    open_ends: list[Values] = [{path: values[0] if path in own else ABSENT for path, values in options.items()}]
    seen: set[tuple[Any, ...]] = set()
    while open_ends:
        values = open_ends.pop()
        mark = tuple(map(_distinguished, values.values()))
        if mark in seen:
            continue
        seen.add(mark)
        yield values
        hit = next((other for other in avoided if _holds(other, values)), ())
        ways_out = [{**values, test.path: value} for test in hit for value in _refused(test, options[test.path])]
        open_ends += reversed(ways_out)  # the last is tried first


def _paths(cases: Iterable[Conjunction]) -> dict[FieldPath, None]:
    return dict.fromkeys(test.path for case in cases for test in case)


def _options(path: FieldPath, case: Conjunction, avoided: Sequence[Conjunction]) -> list[Any]:
    """Return the values worth trying at *path* that *case* allows there, the plainest first."""
    own = [test.matchers for test in case if test.path == path]
    others = [test.matchers for other in avoided for test in other if test.path == path]
    values = _values(list(chain(*own)), list(chain(*others)))
    return [value for value in values if all(any(admits(matcher, value) for matcher in each) for each in own)]


def _holds(case: Conjunction, values: Values) -> bool:
    return all(any(admits(matcher, values[test.path]) for matcher in test.matchers) for test in case)


def _refused(test: FieldTest, values: Iterable[Any]) -> Iterator[Any]:
    return (value for value in values if not any(admits(matcher, value) for matcher in test.matchers))


def _values(own: Sequence[Matcher], others: Sequence[Matcher]) -> list[Any]:
    wanted = [value for matcher in own for value in _witnesses(matcher)]
    unwanted = [value for matcher in others for value in _witnesses(matcher)]
    joined = [
        begin.text + end.text for begin in own for end in own if isinstance(begin, Prefix) and isinstance(end, Suffix)
    ]
    lead = [] if own else [ABSENT]
    return _distinct([*lead, *wanted, *joined, *_SOMETHING, ABSENT, *unwanted])


def _distinct(values: list[Any]) -> list[Any]:
    """Return *values* once each, telling 1, 1.0 and true apart as far as a matcher does."""
    return list({_distinguished(value): value for value in values}.values())


def _distinguished(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


def _witnesses(matcher: Matcher) -> list[Any]:
    match matcher:
        case Exactly(value):
            return [value]
        case Prefix(text):
            return [text, f"{text}-1", f"{text}-2"]
        case Suffix(text):
            return [text, f"1-{text}", f"2-{text}"]
        case Wildcard(text):
            parts = wildcard_parts(text)
            return ["".join(parts), "1".join(parts)]
        case Numeric(bounds):
            return [value for value in numbers_around(bounds) if admits(matcher, value)]
        case Exists() | AnythingBut():
            return []


def _assembled(values: Values, fixed: Values) -> Detail | None:
    """Return the detail with *values* and what is *fixed*; None if they do not go together.

    A path that others lead on from needs no value of its own.
    """
    there = {path: value for path, value in values.items() if value is not ABSENT} | fixed
    detail: Detail = {}
    for path, value in sorted(there.items(), key=lambda item: item[0] not in fixed):
        leads_on = any(len(other) > len(path) and other[: len(path)] == path for other in there)
        if not leads_on and not _put(detail, path, value):
            return None
    return detail


def _put(detail: Detail, path: FieldPath, value: Any) -> bool:
    *above, last = path
    for name in above:
        inner = detail.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        detail = inner
    if isinstance(detail.get(last), dict):
        return False
    detail[last] = value
    return True
