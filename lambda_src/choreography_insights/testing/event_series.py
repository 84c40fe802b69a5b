"""Events as a test writes them: names, or `event` for those of which more is to be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from choreography_insights.core.durations import seconds_of
from choreography_insights.diagnostics.problem import suggestion
from choreography_insights.model.workflow import Workflow, awaited_events, retired_events
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.envelopes import events_of
from choreography_insights.replay.event import Event
from choreography_insights.testgen.path_constraints import name_of, with_id


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it was written: *after* is the time since the one before."""

    name: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    after: str | float = 1.0
    source: str | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """An event as it is to happen, *at* so many seconds after the first."""

    name: str
    source: str
    detail: Mapping[str, Any]
    at: float


def event(
    name: str,
    detail: Mapping[str, Any] | None = None,
    *,
    after: str | float = 1.0,
    source: str | None = None,
    unknown: bool = False,
    **more: Any,
) -> Written:
    """Return an event with *detail* and the fields *more*; the entity's id is put in for it.

    *after*: how long after the one before it, as ``"14d"`` or in seconds. *unknown*: it is meant to be one that the
    choreography does not name; without that such a name is taken for a slip.
    """
    return Written(name, {**(detail or {}), **more}, after, source, unknown)


def published(workflow: Workflow, events: Sequence[str | Written], entity: str) -> list[Published]:
    """Return *events* as they are to happen to *entity*; raises `ValueError` for one that cannot be meant."""
    starts = (start.event.text for start in workflow.starts)
    known = {*awaited_events(workflow), *retired_events(workflow), *starts}
    at, found = 0.0, list[Published]()
    for one in events:
        written = Written(one) if isinstance(one, str) else one
        if written.name not in known and not written.unknown:
            remedy = suggestion(written.name, known, "its events")
            raise ValueError(
                f"{workflow.name.text} knows no event {written.name!r}; {remedy} "
                f"(if it is meant so: event({written.name!r}, unknown=True))"
            )
        at += seconds(written.after) if found else 0.0
        known_as = workflow.known_as(written.name)
        whose = workflow.entity_of(written.name, written.detail)
        detail = with_id(written.detail, whose, name_of(entity, known_as))
        for name in workflow.taught_by(written.name):
            detail = with_id(detail, name.at, name_of(entity, name.kind.text))
        source = written.source or workflow.sources_of(written.name)[0].text
        found.append(Published(written.name, source, detail, at))
    return found


def heard(choreography: Automaton, event: Published, at: float, position: int) -> list[Event]:
    """Return *event* as it comes to each entity that it is about; none if the bus does not deliver it."""
    envelope = {
        "id": f"{position}",
        "source": event.source,
        "detail-type": event.name,
        "detail": event.detail,
        "time": at,
    }
    found = events_of(envelope, choreography, position)
    return [replace(one, time=at, arrival=at) for one in found if isinstance(one, Event)]


def seconds(duration: str | float) -> float:
    """Return the seconds that *duration* means; raises `ValueError` if it means none."""
    if isinstance(duration, int | float):
        return float(duration)
    found = seconds_of(duration)
    if found is None:
        raise ValueError(f"{duration!r} is no duration; write seconds, or a whole number and a unit: 30s, 5m, 2h, 14d")
    return float(found)
