"""What can be said of a ``when`` before any event comes: whether it can match, and what it shares with another.

What a matcher means is for `core.patterns` to say; here it is a value, which can be compared and compiled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, Literal

from choreography_insights.core.fields import ABSENT, EventPath, value_at
from choreography_insights.core.patterns import Test, matcher_test

Scalar = str | int | float | bool | None
Comparison = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True, eq=False)
class Exactly:
    """The value is this one; a number equals a number of the same size, however written, but neither true nor false."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exactly) and self._told_apart() == other._told_apart()

    def __hash__(self) -> int:
        return hash(self._told_apart())

    def _told_apart(self) -> tuple[bool, Scalar]:
        """Python takes true for 1."""
        return isinstance(self.value, bool), self.value


@dataclass(frozen=True, slots=True)
class Prefix:
    """The value is text that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Suffix:
    """The value is text that ends so."""

    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    r"""The value is text of this form: ``*`` stands for any text, ``\*`` and ``\\`` for themselves."""

    text: str


@dataclass(frozen=True, slots=True)
class Numeric:
    """The value is a number that all *bounds* hold for."""

    bounds: tuple[tuple[Comparison, float], ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there (whatever its value), or is not."""

    there: bool


Excluded = Exactly | Prefix | Suffix | Wildcard


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """The value is a string, number, boolean or null that none of *excluded* matches."""

    excluded: tuple[Excluded, ...]


Matcher = Exactly | Prefix | Suffix | Wildcard | Numeric | Exists | AnythingBut


@dataclass(frozen=True, slots=True)
class FieldTest:
    """One of *matchers* matches the field at *path* of the detail."""

    path: EventPath
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """All *tests* hold, and of each ``$or`` one alternative. *source* is the pattern as it was written."""

    tests: tuple[FieldTest, ...]
    choices: tuple[tuple["Pattern", ...], ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False, hash=False)


def fields_read(pattern: Pattern) -> Iterator[EventPath]:
    """Yield every path of the detail that *pattern* looks at."""
    yield from (test.path for test in pattern.tests)
    for alternatives in pattern.choices:
        for alternative in alternatives:
            yield from fields_read(alternative)


def matches(pattern: Pattern, detail: Mapping[str, Any]) -> bool:
    """Whether an event with *detail* is one that *pattern* describes."""
    return all(
        any(admits(matcher, value_at(test.path, detail)) for matcher in test.matchers) for test in pattern.tests
    ) and all(any(matches(alternative, detail) for alternative in either) for either in pattern.choices)


def admits(matcher: Matcher, value: Any) -> bool:
    """Whether *matcher* matches *value*, which may be `ABSENT`."""
    return _test(matcher)(value)


@lru_cache(4096)
def _test(matcher: Matcher) -> Test:
    return matcher_test(_written(matcher))


def _written(matcher: Matcher) -> Any:
    """Return *matcher* as it stands in a pattern."""
    match matcher:
        case Exactly(value):
            return value
        case Prefix(text):
            return {"prefix": text}
        case Suffix(text):
            return {"suffix": text}
        case Wildcard(text):
            return {"wildcard": text}
        case Numeric(bounds):
            return {"numeric": [part for bound in bounds for part in bound]}
        case Exists(there):
            return {"exists": there}
        case AnythingBut(excluded):
            return {"anything-but": [_written(one) for one in excluded]}


Conjunction = tuple[FieldTest, ...]
"""Tests that must all hold; a path may occur more than once."""

MAX_CONJUNCTIONS = 256


def conjunctions(pattern: Pattern) -> tuple[Conjunction, ...] | None:
    """Return *pattern* without ``$or``, as the cases of which one must hold; None where that would be too many."""
    cases: list[Conjunction] = [pattern.tests]
    for alternatives in pattern.choices:
        options = [conjunctions(alternative) for alternative in alternatives]
        flat = [case for option in options if option is not None for case in option]
        if None in options or len(cases) * len(flat) > MAX_CONJUNCTIONS:
            return None
        cases = [(*left, *right) for left, right in product(cases, flat)]
    return tuple(cases)


def may_overlap(one: Pattern | None, other: Pattern | None) -> bool:
    """Whether some event may match both; True wherever that cannot be excluded."""
    if one is None or other is None:
        return True
    left, right = conjunctions(one), conjunctions(other)
    if left is None or right is None:
        return True
    return any(not _contradict(a, b) for a, b in product(left, right))


def covers(wide: Pattern | None, narrow: Pattern | None) -> bool:
    """Whether for certain *wide* matches all that *narrow* does."""
    if wide is None or wide == narrow:
        return True
    if narrow is None:
        return False
    left, right = conjunctions(wide), conjunctions(narrow)
    if left is None or right is None:
        return False
    return all(any(_implies(case, other) for other in left) for case in right)


def _implies(narrow: Conjunction, wide: Conjunction) -> bool:
    return all(any(test.path == other.path and _within(test, other) for test in narrow) for other in wide)


def _within(narrow: FieldTest, wide: FieldTest) -> bool:
    return all(any(_subsumes(other, matcher) for other in wide.matchers) for matcher in narrow.matchers)


def _subsumes(wide: Matcher, narrow: Matcher) -> bool:
    match wide, narrow:
        case _ if wide == narrow:
            return True
        case (_, Exactly(value)):
            return admits(wide, value)
        case (Exists(True), _):
            return narrow != Exists(there=False)
        case (Prefix(a), Prefix(b)):
            return b.startswith(a)
        case (Suffix(a), Suffix(b)):
            return b.endswith(a)
        case (AnythingBut(a), AnythingBut(b)):
            return set(a) <= set(b)
        case (Numeric(a), Numeric(b)):
            return all(admits(wide, value) for value in numbers_around((*a, *b)) if admits(narrow, value))
        case _:
            return False


def can_match(pattern: Pattern) -> bool:
    """Whether some event may match; False only where the pattern contradicts itself for certain."""
    cases = conjunctions(pattern)
    return cases is None or any(not _contradict(case, case) for case in cases)


def _contradict(one: Conjunction, other: Conjunction) -> bool:
    return any(
        all(_disjoint(a, b) for a in left.matchers for b in right.matchers)
        for left, right in product(one, other)
        if left.path == right.path
    )


def _disjoint(one: Matcher, other: Matcher) -> bool:
    """Whether for certain no value (and no missing field) is matched by both."""
    match one, other:
        case (Exactly(value), _):
            return not admits(other, value)
        case (_, Exactly(value)):
            return not admits(one, value)
        case (Exists(False), _):
            return not admits(other, ABSENT)
        case (_, Exists(False)):
            return not admits(one, ABSENT)
        case (Prefix(a), Prefix(b)):
            return not (a.startswith(b) or b.startswith(a))
        case (Suffix(a), Suffix(b)):
            return not (a.endswith(b) or b.endswith(a))
        case (Numeric(a), Numeric(b)):
            return not any(admits(Numeric(a + b), value) for value in numbers_around(a + b))
        case (Numeric(), Prefix() | Suffix() | Wildcard()) | (Prefix() | Suffix() | Wildcard(), Numeric()):
            return True
        case (Prefix() | Suffix() | Wildcard() as text, AnythingBut(excluded)):
            return text in excluded
        case (AnythingBut(excluded), Prefix() | Suffix() | Wildcard() as text):
            return text in excluded
        case _:
            return False


def numbers_around(bounds: tuple[tuple[Comparison, float], ...]) -> list[float]:
    """Return numbers of which one satisfies *bounds*, if any number does: each bound, between, below and above.

    Simple numbers come first: the bounds themselves, then whole numbers, then halves.
    """
    edges = sorted({bound for _, bound in bounds})
    whole = [edges[0] - 1, *(edge + 1 for edge in edges)]
    between = [(low + high) / 2 for low, high in pairwise(edges)]
    return [*edges, *whole, *between]
