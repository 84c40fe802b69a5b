"""Events as process mining takes them: a log of cases, each the events of one entity in order of time."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, NamedTuple

from choreography_insights.core.fields import EntityId, EventPath, IdField, NoEntityIdError, epoch_seconds, read_id

NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029<>]+")
"""What no name of an event or a source has: EventBridge's input transformer would take it for its own."""

LONGEST_NAME = 128
"""So many characters EventBridge takes as a detail-type."""

_LONGEST = {"detail-type": LONGEST_NAME, "source": 256}
_OWN_SOURCE = "choreography.insights"
"""Reports on journeys come from there."""

_SHOWN = 60


class Occurrence(NamedTuple):
    """One event of a case. *time*: epoch seconds. *lines*: if it stands for the items of a list, those of each."""

    name: str
    time: float
    source: str
    detail: Mapping[str, Any]
    lines: tuple[tuple["Occurrence", ...], ...] = ()


Case = tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class EventLog:
    """The cases that were found. *without_id*: by name, how many events say nothing of what they are about."""

    cases: Mapping[str, Case]
    without_id: Mapping[str, int]

    @property
    def events(self) -> int:
        """How many events the cases have."""
        return sum(len(case) for case in self.cases.values())


def log_of(
    envelopes: Iterable[Mapping[str, Any]], entity: EventPath, elsewhere: Mapping[str, EventPath] | None = None
) -> EventLog:
    """Group *envelopes* by what they are about: the id at *entity*; *elsewhere*: where events of a name have it.

    An event that comes twice, under one id, counts once. EventBridge's time has whole seconds, and it promises no
    order: so events of one case and one moment are put in the order in which most cases have them.
    """
    usual: EntityId = (IdField(entity),)
    by_name = {name: (IdField(path),) for name, path in (elsewhere or {}).items()}
    cases: defaultdict[str, list[Occurrence]] = defaultdict(list)
    missing: Counter[str] = Counter()
    seen: set[str] = set()
    for envelope in envelopes:
        event_id = envelope.get("id")
        if isinstance(event_id, str):
            if event_id in seen:
                continue
            seen.add(event_id)
        try:
            about = read_id(by_name.get(envelope["detail-type"], usual), envelope)
        except NoEntityIdError:
            about = None
        if about is None:
            missing[envelope["detail-type"]] += 1
            continue
        detail = envelope.get("detail")
        cases[about].append(
            Occurrence(
                envelope["detail-type"],
                envelope["time"],
                envelope["source"],
                detail if isinstance(detail, dict) else {},
            )
        )
    for case in cases.values():
        case.sort(key=lambda one: one.time)
    before = _orders(cases.values())
    return EventLog({about: tuple(_settled(case, before)) for about, case in cases.items()}, missing)


def usable(envelopes: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield those of *envelopes* that `why_unusable` says nothing of, with their time in epoch seconds."""
    for envelope in envelopes:
        if not why_unusable(envelope):
            yield {**envelope, "time": epoch_seconds(envelope["time"])}


def why_unusable(envelope: Any) -> str:
    """Say in words what keeps *envelope* from being an event of a choreography; nothing if it is one."""
    if not isinstance(envelope, dict):
        return f"they are no objects, but {json.dumps(envelope, default=str)[:_SHOWN]}"
    for key in ("detail-type", "source"):
        text = envelope.get(key)
        if not (isinstance(text, str) and text.strip()):
            return f"their {key!r} is {text!r}, and must be a text"
        if len(text) > _LONGEST[key] or NOT_IN_NAMES.search(text):
            return (
                f"their {key!r} is {text[:_SHOWN]!r}; it has at most {_LONGEST[key]} characters, and none of '<', '>' "
                "and control characters"
            )
    if envelope["source"] == _OWN_SOURCE:
        return "they are reports on journeys"
    try:
        epoch_seconds(envelope.get("time"))
    except ValueError:
        return f"their time is {envelope.get('time')!r}, and must be ISO 8601, or seconds since 1970"
    return ""


def _orders(cases: Iterable[Sequence[Occurrence]]) -> Counter[tuple[str, str]]:
    """Count how often an event of one name comes right before one of another, at a later moment."""
    found: Counter[tuple[str, str]] = Counter()
    for case in cases:
        for first, second in pairwise(case):
            if first.time < second.time:
                found[first.name, second.name] += 1
    return found


def _settled(case: Sequence[Occurrence], before: Counter[tuple[str, str]]) -> Iterator[Occurrence]:
    def by_custom(one: Occurrence, other: Occurrence) -> int:
        forth, back = before[one.name, other.name], before[other.name, one.name]
        return (back > forth) - (back < forth) or (one.name > other.name) - (one.name < other.name)

    at = 0
    while at < len(case):
        until = at + 1
        while until < len(case) and case[until].time == case[at].time:
            until += 1
        yield from sorted(case[at:until], key=cmp_to_key(by_custom)) if until - at > 1 else case[at:until]
        at = until
