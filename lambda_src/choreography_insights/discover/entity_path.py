"""Which field of the events says what they are about.

The right field groups events so that one follows from another. So each candidate is measured by how many bits it takes
to say the names of all events, group by group, each by the one before it: the fewest win. A field that all events
share, and one that is different in each, both say nothing of what follows.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.core.fields import EventPath, id_text, is_field_name, value_at, written

_DEEPEST = 8
_MOST_CANDIDATES = 60
_LONGEST_ID = 256
_OF_ALL = 0.95
_NOTHING = "\0"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that may hold the entity's id. *bits*: per event; *groups*: different ids."""

    path: EventPath
    bits: float
    groups: int

    @property
    def text(self) -> str:
        """The path as it is written."""
        return written(self.path)


def candidates(envelopes: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """Return the fields that may hold the id of what *envelopes* (in order of time) are about, the best first."""
    found = Counter(path for envelope in envelopes for path in _paths(envelope))
    often = [path for path, _ in sorted(found.items(), key=lambda one: (-one[1], len(one[0]), str(one[0])))]
    measured = [_measured(path, envelopes) for path in often[:_MOST_CANDIDATES]]
    is_one_journey = len({one["detail-type"] for one in envelopes}) == len(envelopes)
    found_best = sorted(
        (one for one in measured if one.groups > 1 or is_one_journey or len(envelopes) < 3),
        key=lambda one: (round(one.bits, 6), not _is_called_id(one.path), len(one.path), one.text),
    )
    for at in range(len(found_best)):
        whole = next((one for one in found_best[at + 1 :] if _has_items(one.path, found_best[0].path, envelopes)), None)
        if whole is None:
            break
        found_best.remove(whole)
        found_best.insert(0, whole)  # which may be an item itself
    return found_best


def _has_items(whole: EventPath, item: EventPath, envelopes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the ids at *item* are those of items in lists of what all events say at *whole* that they are about."""
    listed: defaultdict[Any, set[Any]] = defaultdict(set)
    there = of_items = known = 0
    for envelope in envelopes:
        about, own = value_at(whole, envelope), value_at(item, envelope)
        there += _is_id(about)
        if not _is_id(about):
            continue
        if _is_id(own):
            of_items += 1
            known += own in listed[about]
        else:
            listed[about].update(_listed(envelope.get("detail")))
    return there >= _OF_ALL * len(envelopes) and known >= _OF_ALL * of_items and of_items < there


def _listed(value: Any) -> Iterator[Any]:
    """Yield the ids in the lists of a detail."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _listed(inner)
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield from filter(_is_id, one.values())
                yield from _listed(one)
            elif _is_id(one):
                yield one


def elsewhere(
    envelopes: Sequence[Mapping[str, Any]], names: Collection[str], known: Collection[str]
) -> dict[str, EventPath]:
    """Return where events of *names*, which have no id in the usual place, have one of the *known* ids."""
    hits: defaultdict[str, Counter[EventPath]] = defaultdict(Counter)
    times: Counter[str] = Counter()
    for envelope in envelopes:
        name = envelope["detail-type"]
        if name not in names:
            continue
        times[name] += 1
        for path in _paths(envelope):
            if id_text(value_at(path, envelope)) in known:
                hits[name][path] += 1
    found = {}
    for name, counts in hits.items():
        path, often = min(counts.items(), key=lambda one: (-one[1], len(one[0]), str(one[0])))
        if often > times[name] / 2:
            found[name] = path
    return found


def _paths(envelope: Mapping[str, Any]) -> Iterator[EventPath]:
    """Yield the paths of all that may be an id: in the detail, and the first of the resources."""
    yield from _below(envelope.get("detail"), ("detail",))
    resources = envelope.get("resources")
    if isinstance(resources, list) and resources and _is_id(resources[0]):
        yield ("resources", 0)


def _below(value: Any, path: EventPath) -> Iterator[EventPath]:
    if isinstance(value, dict):
        if len(path) < _DEEPEST:
            for name, inner in value.items():
                if is_field_name(name):
                    yield from _below(inner, (*path, name))
    elif _is_id(value):
        yield path


def _is_called_id(path: EventPath) -> bool:
    """Whether the field's name ends as those of ids do; it decides where the events say as much for another."""
    return str(path[-1]).lower().endswith("id")


def _is_id(value: Any) -> bool:
    return _id(value) is not None


def _id(value: Any) -> str | None:
    """Return the id that *value* is; 5 and "5" are one id."""
    text = None if isinstance(value, float) and not value.is_integer() else id_text(value)
    return text if text and len(text) <= _LONGEST_ID else None


def _measured(path: EventPath, envelopes: Sequence[Mapping[str, Any]]) -> Candidate:
    last: dict[str, str] = {}
    follows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for envelope in envelopes:
        about = _id(value_at(path, envelope))
        name = envelope["detail-type"]
        if about is not None:
            follows[last.get(about, _NOTHING)][name] += 1
            last[about] = name
        else:
            follows["\1"][name] += 1  # it is about nothing known: its name has to be said in full
    for name in last.values():
        follows[name][_NOTHING] += 1
    bits = sum(_bits(counts) for counts in follows.values())
    bits += sum(len(counts) for counts in follows.values()) * math.log2(len(envelopes) + 1) / 2
    return Candidate(path, bits / len(envelopes), len(last))


def _bits(counts: Counter[str]) -> float:
    whole = sum(counts.values())
    return -sum(count * math.log2(count / whole) for count in counts.values())
