"""The activities of a log: events by name, and by the value of a field where what follows hangs on it.

Decision mining: a few-valued field of the detail tells the events of a name apart if it says much of what comes next.
Values after which the same comes next are one activity.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.core.fields import FieldPath, is_field_name, value_at
from choreography_insights.discover.event_log import Case, Occurrence

_MOST_VALUES = 8
_DEEPEST = 3
_SAYS_ENOUGH = 0.35
"""A field must take away such a share of the doubt about what comes next."""

Value = str | bool | int


@dataclass(frozen=True, slots=True, order=True)
class Activity:
    """Events called *event*; with a *path* those that have one of *values* there."""

    event: str
    path: FieldPath = ()
    values: tuple[Value, ...] = ()

    @property
    def detail(self) -> dict[str, Any]:
        """A detail that events of it have; empty if it asks for nothing."""
        found: Any = self.values[0] if self.values else {}
        for name in reversed(self.path):
            found = {name: found}
        return dict(found)


@dataclass(frozen=True, slots=True)
class _Split:
    path: FieldPath
    groups: tuple[tuple[Value, ...], ...]
    gain: float


Classify = Callable[[Occurrence], Activity]


def classifier(traces: Iterable[Case], noise: float) -> Classify:
    """Return what says of which activity an event is. *noise*: what is rarer says nothing."""
    seen: defaultdict[str, list[tuple[Mapping[str, Any], str]]] = defaultdict(list)
    for trace in traces:
        for one, following in zip(trace, (*trace[1:], None), strict=True):
            seen[one.name].append((one.detail, "" if following is None else following.name))
    splits = {name: split for name, met in seen.items() if (split := _best_split(met, noise)) is not None}

    def classify(one: Occurrence) -> Activity:
        split = splits.get(one.name)
        if split is None:
            return Activity(one.name)
        value = value_at(split.path, one.detail)
        for group in split.groups:
            if any(_is_same(value, other) for other in group):
                return Activity(one.name, split.path, group)
        return Activity(one.name)

    return classify


def _is_same(value: Any, other: Value) -> bool:
    return type(value) is type(other) and value == other


def _best_split(met: Sequence[tuple[Mapping[str, Any], str]], noise: float) -> _Split | None:
    following = Counter(after for _, after in met)
    doubt = _entropy(following)
    if len(met) < 10 or doubt < 0.2:
        return None
    found = [
        split
        for path in _few_valued(met)
        if (split := _split(path, met, following, noise)) is not None and split.gain >= _SAYS_ENOUGH * doubt
    ]
    return max(found, key=lambda split: (round(split.gain, 9), -len(split.path), split.path), default=None)


def _few_valued(met: Sequence[tuple[Mapping[str, Any], str]]) -> Iterator[FieldPath]:
    values: defaultdict[FieldPath, set[tuple[type, Any]]] = defaultdict(set)
    times: Counter[FieldPath] = Counter()
    for detail, _ in met:
        for path, value in scalars(detail, ()):
            times[path] += 1
            if len(values[path]) <= _MOST_VALUES:
                values[path].add((type(value), value))
    for path in sorted(values):
        if 2 <= len(values[path]) <= _MOST_VALUES and times[path] >= 0.95 * len(met):
            yield path


def scalars(value: Mapping[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, Value]]:
    """Yield each text, number and truth in *value*, which lies at *path*, with its path."""
    for name, inner in value.items():
        if not is_field_name(name):
            continue
        if isinstance(inner, dict) and len(path) + 1 < _DEEPEST:
            yield from scalars(inner, (*path, name))
        elif isinstance(inner, str | bool | int):
            yield (*path, name), inner


def _split(
    path: FieldPath, met: Sequence[tuple[Mapping[str, Any], str]], following: Counter[str], noise: float
) -> _Split | None:
    """Put values together after which the same comes next, beyond noise."""
    after: dict[tuple[type, Any], Counter[str]] = {}
    for detail, name in met:
        value = value_at(path, detail)
        if isinstance(value, str | bool | int):
            after.setdefault((type(value), value), Counter())[name] += 1
    by_support: defaultdict[frozenset[str], list[tuple[type, Any]]] = defaultdict(list)
    for key, counts in after.items():
        whole = counts.total()
        by_support[frozenset(name for name, count in counts.items() if count > max(noise, 0.1) * whole)].append(key)
    if len(by_support) < 2:
        return None
    groups = sorted(tuple(sorted((value for _, value in keys), key=str)) for keys in by_support.values())
    left = 0.0
    for keys in by_support.values():
        merged: Counter[str] = Counter()
        for key in keys:
            merged.update(after[key])
        left += merged.total() * _entropy(merged)
    gain = _entropy(following) - left / len(met)
    return _Split(path, tuple(groups), gain)


def _entropy(counts: Counter[str]) -> float:
    whole = counts.total()
    return -sum(count / whole * math.log2(count / whole) for count in counts.values() if count)
