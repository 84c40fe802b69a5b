"""Events about the items of a list: of an event that has a list, and of later ones that carry the key of an item."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from choreography_insights.core.fields import FieldPath, is_field_name, value_at
from choreography_insights.discover.activities import scalars
from choreography_insights.discover.event_log import Case, Occurrence
from choreography_insights.model.lists import MOST_ITEMS
from choreography_insights.model.workflow import ITEMS_AT_ONCE

_USUAL = 0.95
"""In such a share of its events, less the noise, a list must be one, and a key that of an item."""

_SEVERAL = 0.1
"""Such a share of the lists must have several items."""

ITEM = ""
"""The name of the occurrence that a line begins with: its detail is the item itself."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many items an `each` takes at *most*, how many the *longest* list has, and how many lists are *longer*."""

    most: int = ITEMS_AT_ONCE
    longest: int = 0
    longer: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """The event called *event* has a list at *path*, each of its items its key at *key*, or is the key.

    *done*: how the occurrence is called that stands for all items. *carriers*: where other events carry the key of the
    item that they are about. *remembered*: whether journeys keep the list from their beginning. *inner*: what events
    are about besides: the items of a list of an item.
    """

    event: str
    path: FieldPath
    key: FieldPath
    done: str
    carriers: Mapping[str, FieldPath] = field(default_factory=dict)
    remembered: bool = False
    inner: "Items | None" = None
    lengths: Lengths = field(default_factory=Lengths)

    @property
    def usual(self) -> FieldPath:
        """Where most events carry the key of the item; all those do that are about an item of its own list."""
        within = self.inner.carriers if self.inner else self.carriers
        paths = Counter(self.carriers[name] for name in within)
        return min(paths, key=lambda path: (-paths[path], path))

    def keyed(self, one: Occurrence) -> Mapping[str, Any] | None:
        """Return the items of *one* by their keys, in order; None if it has no such list."""
        found = value_at(self.path, one.detail)
        return _keyed(found, self.key) if isinstance(found, list) else None

    def key_of(self, one: Occurrence) -> str | None:
        """Return the key of the item that *one* is about; None if it is about none."""
        path = self.carriers.get(one.name)
        return None if path is None else _as_key(value_at(path, one.detail))


def items_of(cases: Sequence[Case], noise: float) -> Items | None:
    """Return the items that most events of *cases* are about; None if there are none."""
    found = (_with_carriers(one, cases, noise) for one in _lists(cases, noise))
    return max(
        (items for items in found if items.carriers),
        key=lambda items: (len(items.carriers), -len(items.path), items.path, items.key),
        default=None,
    )


def longest(cases: Iterable[Case], items: Items) -> int:
    """Return how many items the longest list has."""
    return max((len(items.keyed(one) or ()) for case in cases for one in case if one.name == items.event), default=0)


def with_value(detail: Mapping[str, Any], path: FieldPath, value: Any) -> Any:
    """Return *detail* with *value* at *path*."""
    if not path:
        return value
    name, *inner = path
    return {**detail, name: with_value(detail.get(name, {}), tuple(inner), value)}


def _lists(cases: Iterable[Case], noise: float) -> Iterator[Items]:
    times: Counter[str] = Counter()
    met: Counter[tuple[str, FieldPath, FieldPath]] = Counter()
    several: Counter[tuple[str, FieldPath, FieldPath]] = Counter()
    for case in cases:
        for one in case:
            times[one.name] += 1
            for path, value in _list_fields(one.detail, ()):
                for key in _key_paths(value):
                    keyed = _keyed(value, key)
                    if keyed is not None:
                        met[one.name, path, key] += 1
                        several[one.name, path, key] += len(keyed) > 1
    empty = Counter({(name, path): count for (name, path, key), count in met.items() if key == _ANY})
    for (name, path, key), count in sorted(met.items()):
        there = count + empty[name, path]
        if key != _ANY and there >= (_USUAL - noise) * times[name] and several[name, path, key] >= _SEVERAL * count:
            yield Items(name, path, key, f"{path[-1]} done")


_ANY: FieldPath = ("",)
"""The path of the keys of an empty list."""


def _list_fields(value: Mapping[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, list[Any]]]:
    for name, inner in value.items():
        if not is_field_name(name):
            continue
        if isinstance(inner, list) and len(inner) <= MOST_ITEMS:
            yield (*path, name), inner
        elif isinstance(inner, dict) and not path:
            yield from _list_fields(inner, (*path, name))


def _key_paths(items: Sequence[Any]) -> Sequence[FieldPath]:
    if not items:
        return [_ANY]
    first = items[0]
    if isinstance(first, dict):
        return [(name,) for name in first if is_field_name(name)]
    return [()]


def _keyed(items: Sequence[Any], path: FieldPath) -> Mapping[str, Any] | None:
    """Return *items* by their keys at *path*; None if one has none, or two have one."""
    found: dict[str, Any] = {}
    for one in items:
        key = _as_key(value_at(path, one) if path and isinstance(one, dict) else one)
        if key is None or key in found:
            return None
        found[key] = one
    return found


def _as_key(value: Any) -> str | None:
    """Return the key that *value* is; None if it is none: a key is text, or a whole number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _with_carriers(items: Items, cases: Iterable[Case], noise: float) -> Items:
    """Return *items* with the events that carry the key of one of them, where they do."""
    times: Counter[str] = Counter()
    hits: defaultdict[str, Counter[FieldPath]] = defaultdict(Counter)
    for case in cases:
        keys: Collection[str] = ()
        for one in case:
            if one.name == items.event:
                keys = items.keyed(one) or ()
                continue
            times[one.name] += 1
            for path, value in scalars(one.detail, ()):
                if keys and _as_key(value) in keys:
                    hits[one.name][path] += 1
    carriers = {}
    for name, paths in sorted(hits.items()):
        path, count = min(paths.items(), key=lambda one: (-one[1], len(one[0]), one[0]))
        if count >= (_USUAL - noise) * times[name]:
            carriers[name] = path
    return replace(items, carriers=carriers)
