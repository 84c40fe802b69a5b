"""Makes up the detail of an event that a given variant accepts, and none before it."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, product
from typing import Any

from choreography_insights.authoring.paths import FieldPath
from choreography_insights.authoring.patterns import (
    MISSING,
    AnythingBut,
    Conjunction,
    Exactly,
    Exists,
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
    value_at,
    wildcard_parts,
)

_TRIES = 20_000
_SOMETHING: tuple[Any, ...] = ("any", "other", 1, 0, True, False, None)

Detail = dict[str, Any]


def detail_for(wanted: Pattern | None, earlier: Sequence[Pattern], entity: FieldPath, entity_id: str) -> Detail | None:
    """Return a detail of the entity that *wanted* matches (None: any) and none of *earlier* does.

    None means that none was found, which proves nothing: what only a long search could find is given up.
    """
    cases = conjunctions(wanted) if wanted else ((),)
    for case in cases or ():
        for detail in islice(_candidates(case, earlier, entity, entity_id), _TRIES):
            if (wanted is None or matches(wanted, detail)) and not any(matches(other, detail) for other in earlier):
                return detail
    return None


def _candidates(case: Conjunction, earlier: Sequence[Pattern], entity: FieldPath, entity_id: str) -> Iterator[Detail]:
    """Yield details to try, the plainest first: values for what *case* asks for, then for what *earlier* reads too."""
    own: dict[FieldPath, list[Matcher]] = {}
    for test in case:
        own.setdefault(test.path, []).extend(test.matchers)
    others: dict[FieldPath, list[Matcher]] = {}
    for pattern in earlier:
        for other_case in conjunctions(pattern) or ():
            for test in other_case:
                others.setdefault(test.path, []).extend(test.matchers)
    options: dict[FieldPath, list[Any]] = {}
    for path in dict.fromkeys(chain(own, others)):
        values = _values(own.get(path, []), others.get(path, []))
        demands = [test.matchers for test in case if test.path == path]
        options[path] = [value for value in values if all(any(admits(m, value) for m in each) for each in demands)]
    for chosen in product(*options.values()):
        detail = _assembled(dict(zip(options, chosen, strict=True)), entity, entity_id)
        if detail is not None:
            yield detail


def _values(own: Sequence[Matcher], others: Sequence[Matcher]) -> list[Any]:
    wanted = [value for matcher in own for value in _witnesses(matcher)]
    unwanted = [value for matcher in others for value in _witnesses(matcher)]
    joined = [
        begin.text + end.text for begin in own for end in own if isinstance(begin, Prefix) and isinstance(end, Suffix)
    ]
    lead = [] if own else [MISSING]
    return _distinct([*lead, *wanted, *joined, *_SOMETHING, MISSING, *unwanted])


def _distinct(values: list[Any]) -> list[Any]:
    """Return *values* once each, telling 1, 1.0 and true apart as far as a matcher does."""
    return list({(isinstance(value, bool), value): value for value in values}.values())


def _witnesses(matcher: Matcher) -> list[Any]:
    match matcher:
        case Exactly(value):
            return [value]
        case Prefix(text):
            return [text, f"{text}-1", f"{text}-2"]
        case Suffix(text):
            return [text, f"1-{text}", f"2-{text}"]
        case Wildcard(text):
            return ["".join("" if part is None else part for part in wildcard_parts(text)), _filled(text)]
        case Numeric(bounds):
            return [value for value in numbers_around(bounds) if admits(matcher, value)]
        case Exists() | AnythingBut():
            return []


def _filled(wildcard: str) -> str:
    return "".join("1" if part is None else part for part in wildcard_parts(wildcard))


def _assembled(values: dict[FieldPath, Any], entity: FieldPath, entity_id: str) -> Detail | None:
    """Return the detail that has just *values*, and the entity's id; None if no detail can have all of them."""
    detail: Detail = {}
    within = entity[1:]  # without "detail"
    for path, value in {within: entity_id, **values}.items():
        if value is not MISSING and not _put(detail, path, value):
            return None
    agreed = all(value_at(path, detail) is value or value_at(path, detail) == value for path, value in values.items())
    return detail if agreed and value_at(within, detail) == entity_id else None


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
