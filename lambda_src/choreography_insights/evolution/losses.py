"""Which events the rules of a newer definition do not bring any more to journeys of an older one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from choreography_insights.evolution.definition import catches, caught, moving
from choreography_insights.model.event_rules import EventRule

Why = Literal["not captured", "begins journeys", "entity", "where", "some begin journeys"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Events of that name and source do not find the journeys that await them, or not all do.

    *before*, *after*: how they were read, and are, where that is what changed.
    """

    event: str
    source: str
    why: Why
    before: Any = None
    after: Any = None


def losses(
    older: Sequence[EventRule], newer: Sequence[EventRule], starts: Sequence[EventRule], events: Sequence[str]
) -> tuple[Loss, ...]:
    """Return what is lost of *events*, by which journeys are moved, from the *older* rules to the *newer*.

    *starts*: the newer rules of events that begin a journey.
    """
    found = (
        _loss(event, source, rule, newer, starts)
        for event in events
        for source, rule in sorted(caught(older, event).items())
    )
    return tuple(one for one in found if one is not None)


def no_longer_captured(older: Mapping[str, Any], newer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and source of each event that ``events.json`` said to move journeys, and is not caught now.

    Both are contents of ``events.json``. One that only begins journeys now is not caught for those that run.
    """
    before, after = (moving(told["events"], told["startEvents"]) for told in (older, newer))
    known = dict.fromkeys(event for rule in before for event in rule["events"])
    for one in losses(before, after, newer["startEvents"], [*known]):
        if one.why in ("not captured", "begins journeys"):
            yield one.event, one.source


def _loss(
    event: str, source: str, before: EventRule, newer: Sequence[EventRule], starts: Sequence[EventRule]
) -> Loss | None:
    after = next((rule for rule in newer if catches(rule, source, event)), None)
    if after is None:
        begins = any(catches(rule, source, event) for rule in starts)
        return Loss(event, source, "begins journeys" if begins else "not captured")
    if after["entity"] != before["entity"]:
        return Loss(event, source, "entity", before["entity"], after["entity"])
    for key, why in _NARROWER.items():
        if after.get(key) is not None and after.get(key) != before.get(key):
            return Loss(event, source, why, before.get(key), after[key])
    return None


_NARROWER: Mapping[str, Why] = {"where": "where", "unless": "some begin journeys"}
