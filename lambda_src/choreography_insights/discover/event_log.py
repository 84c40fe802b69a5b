"""Events as process mining takes them: a log of cases, each the events of one entity in order of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, NamedTuple

from choreography_insights.core.fields import EntityId, EventPath, IdField, NoEntityIdError, clock_seconds, read_id


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
    """Yield those of *envelopes* that have a name, a source and a time, with their time in epoch seconds."""
    for envelope in envelopes:
        if not isinstance(envelope, dict):
            continue
        name, source, time = (envelope.get(key) for key in ("detail-type", "source", "time"))
        if not (isinstance(name, str) and name and isinstance(source, str) and source):
            continue
        try:
            yield {**envelope, "time": clock_seconds(time, 0.0)}
        except ValueError:
            continue


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
