"""``events.json``: which events Terraform's rules are to catch, and how they are to be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from choreography_insights.core import fields
from choreography_insights.core.fields import EventPath, form_of_id
from choreography_insights.model.patterns import Pattern, fields_read
from choreography_insights.model.workflow import (
    ENVELOPES_ID,
    Await,
    Each,
    EventSettings,
    IdEntry,
    OtherName,
    Start,
    Workflow,
    awaited_events,
    conditions,
    data_read,
    divided_events,
    memories,
    nested,
    remembered_fields,
    remembers,
    repeated_starts,
    retired_events,
    spread,
)

EventRule = dict[str, Any]


def event_settings(workflow: Workflow) -> dict[str, Any]:
    """Return the contents of ``events.json``, in the form of docs/reference/interfaces.md, section 3."""
    return {
        "choreography": workflow.name.text,
        "startEvents": start_rules(workflow),
        "events": event_rules(workflow),
        "earlySeconds": workflow.early_seconds,
        "settleSeconds": workflow.settle_seconds,
        "unexpected": workflow.unexpected,
        "timeoutSeconds": workflow.timeout_seconds,
        **({} if workflow.expected_seconds is None else {"expectedSeconds": workflow.expected_seconds}),
        "reads": paths_read(workflow),
        "workflowSha256": workflow.text_sha256,
    }


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where events come from and how they are read."""

    sources: tuple[str, ...]
    entries: tuple[IdEntry, ...]
    time: str
    where: Pattern | None
    id: EventPath
    known_as: str | None = None
    also: tuple[OtherName, ...] = ()

    def rule(self, types: Sequence[Any], events: Sequence[str], **more: Any) -> EventRule:
        pattern: EventRule = {"source": list(self.sources), "detail-type": list(types)}
        if self.where is not None:
            pattern["detail"], more = in_a_rule(self.where.source), {**more, "where": self.where.source}
        return {
            "pattern": pattern,
            "entity": _form_of_ids(self.entries) if self.known_as is None else self._other_name,
            **({"also": {name.kind.text: form_of_id(name.at) for name in self.also}} if self.also else {}),
            "time": self.time,
            **({} if self.id == ENVELOPES_ID else {"id": fields.written(self.id)}),
            "events": list(events),
            **more,
        }

    @property
    def _other_name(self) -> dict[str, Any]:
        return {"as": self.known_as, "at": form_of_id(self.entries[-1].entity)}


def _form_of_ids(entries: Sequence[IdEntry]) -> Any:
    forms = [
        {**({} if one.when is None else {"when": one.when.source}), "entity": form_of_id(one.entity)} for one in entries
    ]
    return forms[0]["entity"] if len(forms) == 1 else {"entries": forms}


def in_a_rule(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return *pattern* as EventBridge must have it to match what a ``when`` does, or more.

    It compares the digits of a number and not the number, if it is not told that it is one.
    """
    return {key: _in_a_rule(key, value) for key, value in pattern.items()}


def _in_a_rule(key: str, value: Any) -> Any:
    if key == "$or":
        return [in_a_rule(alternative) for alternative in value]
    if isinstance(value, Mapping):
        return in_a_rule(value)
    return [{"numeric": ["=", one]} if type(one) in (int, float) else one for one in value]


def start_rules(workflow: Workflow) -> list[EventRule]:
    """Return a rule for each set of start events that are caught and read alike.

    Whether one fits its ``when`` the start function asks: so ``when`` means the same everywhere, and of events that are
    awaited too (`divided_events`), which the event rule catches as well, none is taken twice or not at all. What begins
    a journey or moves the one that runs (`repeated_starts`) is caught here alone: the start function hands it on.
    """
    found: list[tuple[Any, list[Start]]] = []
    for start in workflow.starts:
        for usual in _readings(workflow, workflow.settings_of(start.event.text)):
            own = (IdEntry(None, start.entity, start.event.spot),) if start.entity else usual.entries
            reading = replace(usual, entries=own)
            alike = (reading, start.when, start.remember)
            known = next((group for key, group in found if key == alike), None)
            if known is None:
                found.append((alike, known := []))
            known.append(start)
    memory, repeated = remembers(workflow), repeated_starts(workflow)
    rules = []
    for (reading, when, remember), starts in found:
        names = [start.event.text for start in starts]
        asked = {"when": when.source} if when else {}
        remembered = {"remember": remembered_fields(remember)} if memory else {}
        moving = [name for name in names if name in repeated]
        rules.append(reading.rule(names, names, **asked, **remembered, **({"moves": moving} if moving else {})))
    return rules


def event_rules(workflow: Workflow) -> list[EventRule]:
    """Return a rule for all events of the choreography's sources that are read as usual, and one for each other way.

    No event is caught by two of them, or, but for `divided_events`, by one of these and one of a start event.
    """
    retired = retired_events(workflow)
    return [
        _with_retired(rule, retired) for rule in _event_rules(workflow, sorted({*awaited_events(workflow), *retired}))
    ]


def _with_retired(rule: EventRule, retired: Sequence[str]) -> EventRule:
    own = [name for name in rule["events"] if name in retired]
    return {**rule, "retired": own} if own else rule


def _event_rules(workflow: Workflow, moving: Sequence[str]) -> list[EventRule]:
    """Return the rules of all events that move a journey of this definition or of an older one."""
    divided = divided_events(workflow)
    usual = _readings(workflow, None)
    starts = [start.event.text for start in workflow.starts]
    apart = [one for one in workflow.events if one.event.text not in starts and _readings(workflow, one) != usual]
    own = [one.event.text for one in apart]
    common = [name for name in moving if name not in own and name not in starts]
    types = common if workflow.capture == "known" else [{"anything-but": [*starts, *own]}]
    rules = [reading.rule(types, common) for reading in usual] if types else []
    by_reading: dict[_Reading, list[str]] = {}
    for one in apart:
        for reading in _readings(workflow, one):
            by_reading.setdefault(reading, []).append(one.event.text)
    rules += [reading.rule(names, names) for reading, names in by_reading.items()]
    for name, when in divided.items():
        readings = _readings(workflow, workflow.settings_of(name))
        rules += [reading.rule([name], [name], unless=when.source) for reading in readings]
    if workflow.capture == "all":
        rules += _strangers(workflow, usual)
    return rules


def _strangers(workflow: Workflow, usual: Sequence[_Reading]) -> Iterator[EventRule]:
    """Yield rules for events that have the name of one with a source of its own, but come from another of ours."""
    by_reading: dict[_Reading, list[str]] = {}
    for one in workflow.events:
        own = {source.text for source in one.sources}
        for reading in usual if own else ():
            others = tuple(source for source in reading.sources if source not in own)
            if others:
                by_reading.setdefault(replace(reading, sources=others), []).append(one.event.text)
    for reading, names in by_reading.items():
        yield reading.rule(names, [])


def _readings(workflow: Workflow, settings: EventSettings | None) -> tuple[_Reading, ...]:
    """Return how such events are read, once for all sources of which the same is heard."""
    sources = settings.sources if settings and settings.sources else workflow.sources
    entries = workflow.entries_of(settings.event.text if settings else "")
    time = fields.written(settings.time if settings and settings.time else workflow.time)
    known_as = settings.known_as.text if settings and settings.known_as else None
    also = settings.also if settings else ()
    own_id = workflow.id_of(settings.event.text if settings else "")
    found: dict[Pattern | None, list[str]] = {}
    for source in sources:
        where = settings.where if settings and settings.where else workflow.where_of_source(source.text)
        found.setdefault(where, []).append(source.text)
    return tuple(_Reading(tuple(names), entries, time, where, own_id, known_as, also) for where, names in found.items())


def paths_read(workflow: Workflow) -> list[str]:
    """Return the path of every field of an event that the journey looks at, uses or remembers, sorted."""
    found = {memory.path for memory in memories(workflow)}
    for state in nested(spread(workflow).states):
        for condition, _ in conditions(state):
            found.update(("detail", *path) for path in fields_read(condition.when)) if condition.when else None
        found.update(data.path for data in data_read(state) if data.path[0] == "detail")
        if isinstance(state, Await):
            found.update(one.quorum.distinct for one in state.variants if one.quorum and one.quorum.distinct)
        if isinstance(state, Each):
            found.add(state.item)
    found.update(one.item for one in workflow.events if one.item)
    return sorted(fields.written(path) for path in found)
