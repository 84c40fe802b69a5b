"""Events about the items of a list: of an event that has a list, and of later ones that carry the key of an item.

What comes between the first and the last event of a list's items becomes one occurrence, with a line of its own for
each item. So the rest is learned as if it had one event, and an `each` is learned of what the lines say.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.core.fields import FieldPath, is_field_name, value_at
from choreography_insights.discover.activities import scalars
from choreography_insights.discover.event_log import Case, Occurrence

_USUAL = 0.95
"""In such a share of its events, less the noise, a list must be one, and a key that of an item."""

_SEVERAL = 0.1
"""Such a share of the lists must have several items."""

_MOST_ITEMS = 40
"""So many items an `each` takes."""


@dataclass(frozen=True, slots=True)
class Items:
    """The event called *event* has a list at *path*, each of its items its key at *key*, or is the key.

    *carriers*: where other events carry the key of the item that they are about. *remembered*: whether
    journeys keep the list from their beginning.
    """

    event: str
    path: FieldPath
    key: FieldPath
    carriers: Mapping[str, FieldPath]
    remembered: bool = False

    @property
    def done(self) -> str:
        """How the occurrence is called that stands for all items."""
        return f"{self.path[-1]} done"

    def keys(self, one: Occurrence) -> Sequence[str] | None:
        """Return the keys of the items of *one*, in order; None if it has no such list."""
        found = value_at(self.path, one.detail)
        return _keys(found, self.key) if isinstance(found, list) else None

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


Around = tuple[frozenset[str], frozenset[str | None]]
"""What comes right before the occurrence that stands for all items, and right behind it (None: nothing)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an item goes through. *fits*: whether events are all of it; *begins*: whether they are its first ones."""

    fits: Callable[[Case], bool]
    begins: Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Besides:
    """The names of what may come among items and is about none: it is only noted, or ends the journey."""

    notes: frozenset[str] = frozenset()
    exits: frozenset[str] = frozenset()

    def without_notes(self, case: Case) -> Case:
        """Return what is left of *case* without what is only noted."""
        return tuple(one for one in case if one.name not in self.notes)


def grouped(case: Case, items: Items, besides: Besides, line: Line | None = None, around: Around | None = None) -> Case:
    """Return *case* with one occurrence for all items, where each goes through *line* (None: that is not known yet).

    What is noted meanwhile comes before that. Of items that an exit has cut short nothing is left. *around*: between
    what the occurrence stands if the list is empty.
    """
    bare = besides.without_notes(case)
    noted = _noted_before(case, besides)
    found: list[Occurrence] = []
    keys: Sequence[str] | None = None
    position = 0
    while position < len(bare):
        one = bare[position]
        if one.name == items.event:
            keys = items.keys(one)
        lines = _lines(bare, position, items, keys or ())
        taken = sum(map(len, lines.values()))
        events = [tuple(own) for own in lines.values()]
        behind = bare[position + taken].name if position + taken < len(bare) else None
        is_left = behind in besides.exits
        is_whole = len(lines) == len(keys or ()) and (all(map(line.fits, events)) if line else not is_left)
        if taken and (is_whole or (is_left and (line is None or all(map(line.begins, events))))):
            for each in noted[position : position + taken]:
                found.extend(each)
            if is_whole:
                last = bare[position + taken - 1]
                found.append(Occurrence(items.done, last.time, one.source, {}, tuple(events)))
            position, keys = position + taken, None
            continue
        found.extend((*noted[position], one))
        position += 1
        following = bare[position].name if position < len(bare) else None
        is_empty = keys is not None and not keys
        if is_empty and around and one.name in around[0] and following in around[1] | besides.exits:
            found.append(Occurrence(items.done, one.time, one.source, {}))
            keys = None
    return (*found, *noted[-1])


def _noted_before(case: Case, besides: Besides) -> Sequence[Sequence[Occurrence]]:
    """Return what is noted right before each other event of *case*, and behind the last."""
    found: list[list[Occurrence]] = [[]]
    for one in case:
        if one.name in besides.notes:
            found[-1].append(one)
        else:
            found.append([])
    return found


def around(cases: Iterable[Case], items: Items) -> Around:
    """Return what comes right before and behind all items in *cases*, which are grouped, without what is noted."""
    before, behind = set[str](), set[str | None]()
    for case in cases:
        for position, one in enumerate(case):
            if one.name == items.done:
                before.add(case[position - 1].name)
                behind.add(case[position + 1].name if position + 1 < len(case) else None)
    return frozenset(before), frozenset(behind)


def with_value(detail: Mapping[str, Any], path: FieldPath, value: Any) -> Any:
    """Return *detail* with *value* at *path*."""
    if not path:
        return value
    name, *inner = path
    return {**detail, name: with_value(detail.get(name, {}), tuple(inner), value)}


def _lines(case: Case, start: int, items: Items, keys: Sequence[str]) -> Mapping[str, list[Occurrence]]:
    """Return what comes from *start* on, item by item, up to what is about none of them."""
    found: dict[str, list[Occurrence]] = {}
    for one in case[start:]:
        key = items.key_of(one)
        if key is None or key not in keys:
            break
        found.setdefault(key, []).append(one)
    return found


def _lists(cases: Iterable[Case], noise: float) -> Iterator[Items]:
    times: Counter[str] = Counter()
    met: Counter[tuple[str, FieldPath, FieldPath]] = Counter()
    several: Counter[tuple[str, FieldPath, FieldPath]] = Counter()
    for case in cases:
        for one in case:
            times[one.name] += 1
            for path, value in _list_fields(one.detail, ()):
                for key in _key_paths(value):
                    keys = _keys(value, key)
                    if keys is not None:
                        met[one.name, path, key] += 1
                        several[one.name, path, key] += len(keys) > 1
    empty = Counter({(name, path): count for (name, path, key), count in met.items() if key == _ANY})
    for (name, path, key), count in sorted(met.items()):
        there = count + empty[name, path]
        if key != _ANY and there >= (_USUAL - noise) * times[name] and several[name, path, key] >= _SEVERAL * count:
            yield Items(name, path, key, {})


_ANY: FieldPath = ("",)
"""The path of the keys of an empty list."""


def _list_fields(value: Mapping[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, list[Any]]]:
    for name, inner in value.items():
        if not is_field_name(name):
            continue
        if isinstance(inner, list) and len(inner) <= _MOST_ITEMS:
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


def _keys(items: Sequence[Any], path: FieldPath) -> Sequence[str] | None:
    found = [_as_key(value_at(path, one) if path and isinstance(one, dict) else one) for one in items]
    keys = [key for key in found if key is not None]
    return keys if len(set(keys)) == len(items) else None


def _as_key(value: Any) -> str | None:
    """Return the key that *value* is; None if it is none: a key is text, or a whole number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _with_carriers(items: Items, cases: Iterable[Case], noise: float) -> Items:
    """Return *items* with the events that carry the key of one of them, where they do."""
    times: Counter[str] = Counter()
    hits: defaultdict[str, Counter[FieldPath]] = defaultdict(Counter)
    for case in cases:
        keys: Sequence[str] = ()
        for one in case:
            if one.name == items.event:
                keys = items.keys(one) or ()
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
    return Items(items.event, items.path, items.key, carriers)
