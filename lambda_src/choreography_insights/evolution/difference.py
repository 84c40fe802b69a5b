"""What is other in a newer definition, and which journeys that run it strands: a pure judgement."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from choreography_insights.core.durations import in_words
from choreography_insights.evolution.definition import Definition, caught
from choreography_insights.evolution.losses import Loss, losses
from choreography_insights.evolution.needs import Stand, Stranded, needs
from choreography_insights.model.event_rules import EventRule
from choreography_insights.model.workflow import AS_EVERYWHERE, Policy
from choreography_insights.views.flow import Flow, FlowState, Way

Became = Literal["went", "came", "changed"]


@dataclass(frozen=True, slots=True)
class Detail:
    """What is other of a state, an event or the settings; None: there was, or is, none."""

    aspect: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """A state or an event that went, came or changed."""

    name: str
    became: Became
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is other. *renamed*: the names of two choreographies, of which one cannot take the other's place.

    *lost*: what running journeys do not get any more. *stranded*: those that still need it; None: nobody looked.
    *unseen*: so many journeys run that were not looked at. *dropped*: events that went and are caught all the same:
    journeys of the newer definition depart by them.
    """

    states: tuple[Change, ...]
    events: tuple[Change, ...]
    settings: tuple[Detail, ...]
    lost: tuple[Loss, ...]
    dropped: tuple[str, ...]
    renamed: tuple[str, str] | None = None
    stranded: tuple[Stranded, ...] | None = None
    unseen: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether both are the same."""
        return not (self.states or self.events or self.settings or self.lost or self.renamed)

    @property
    def strands(self) -> bool:
        """Whether journeys are stranded: those that run, or, where nobody looked, those that may."""
        if self.renamed:
            return True
        if self.stranded is None:
            return bool(self.lost)
        return bool(self.stranded) or bool(self.lost and self.unseen)


def difference(older: Definition, newer: Definition) -> Difference:
    """Return what is other in *newer* than in *older*."""
    return Difference(
        states=tuple(_states(older, newer)),
        events=tuple(_events(older, newer)),
        settings=tuple(_differing(_settings(older), _settings(newer))),
        lost=losses(older.moves, newer.moves, newer.starts, older.flow.awaited),
        dropped=tuple(_dropped(older, newer)),
        renamed=None if older.name == newer.name else (older.name, newer.name),
    )


def stranding(
    older: Definition, newer: Definition, stands: Sequence[Stand], flows: Mapping[str, Flow], unseen: int
) -> Difference:
    """Return the same, and which of the journeys that stand at *stands* it strands.

    *flows*: of each version that journeys run. *unseen*: so many more run.
    """
    events = sorted({*older.flow.awaited, *(event for flow in flows.values() for event in flow.awaited)})
    lost = losses(older.moves, newer.moves, newer.starts, events)
    stranded = tuple(_stranded(stands, flows, [*dict.fromkeys(one.event for one in lost)]))
    return replace(difference(older, newer), lost=lost, stranded=stranded, unseen=unseen)


def _stranded(stands: Sequence[Stand], flows: Mapping[str, Flow], lost: Sequence[str]) -> Iterator[Stranded]:
    for stand in stands:
        flow = flows.get(stand.version)
        if flow is None or stand.state not in flow.states:
            if lost:
                yield Stranded(stand, (), tuple(lost), known=False)
            continue
        needed = needs(flow, stand.state)
        here, later = (tuple(one for one in lost if one in some) for some in (needed.here, needed.later))
        if here or later:
            yield Stranded(stand, here, later)


# ---- states --------


def _states(older: Definition, newer: Definition) -> Iterator[Change]:
    before, after = _written(older.flow), _written(newer.flow)
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Change(name, "went")
        elif name not in before:
            yield Change(name, "came")
        elif details := [*_of_state(before[name], after[name], older, newer)]:
            yield Change(name, "changed", tuple(details))
    if older.flow.first != newer.flow.first:
        yield Change(newer.flow.first, "changed", (Detail("first state", older.flow.first, newer.flow.first),))


def _written(flow: Flow) -> Mapping[str, FlowState]:
    """Return the states that the author wrote: not the waits that these are made of."""
    return {name: state for name, state in flow.states.items() if state.owner == name}


def _of_state(one: FlowState, other: FlowState, older: Definition, newer: Definition) -> Iterator[Detail]:
    yield from _unequal("kind", one.kind, other.kind)
    yield from _unequal("inside", one.inside or None, other.inside or None)
    before, after = _ways(older.flow, one), _ways(newer.flow, other)
    yield from (Detail("accepts", before=event) for event in before if event and event not in after)
    yield from (Detail("accepts", after=event) for event in after if event and event not in before)
    for event in before:
        if event in after:
            yield from _of_ways(event, before[event], after[event])
    yield from _unequal("timeout", _timeout(one), _timeout(other))
    for aspect in ("begins", "until", "error", "expected", "need", "done", "learned"):
        yield from _unequal(aspect, getattr(one, aspect) or None, getattr(other, aspect) or None)
    if older.policies is not None and newer.policies is not None:
        policies = (some.policies.get(one.name, AS_EVERYWHERE) for some in (older, newer) if some.policies is not None)
        yield from _of_policies(*policies)


def _ways(flow: Flow, state: FlowState) -> dict[str, list[Way]]:
    """Return the ways out of *state* by their events, those at any time too; of an `all`, each leads on with others."""
    found: dict[str, list[Way]] = {}
    watch = flow.watch(state.name)
    for way in (*state.ways, *(watch.ways if watch else ())):
        found.setdefault(way.event, []).append(way)
    if state.kind == "all":
        for part in flow.parts(state.name):
            for way in flow.states[part].ways:
                found.setdefault(way.event, [Way("", way.event)])
    return found


def _of_ways(event: str, before: Sequence[Way], after: Sequence[Way]) -> Iterator[Detail]:
    named = f" by {event}" if event else ""
    yield from _unequal(f"next{named}", _nexts(before), _nexts(after))
    if _nexts(before) == _nexts(after):
        yield from _unequal(f"when{named}", [_condition(way) for way in before], [_condition(way) for way in after])
        yield from _unequal(f"times{named}", _counts(before), _counts(after))
        yield from _unequal(f"only{named}", _gates(before), _gates(after))


def _counts(ways: Sequence[Way]) -> str | None:
    """Say how many events each of *ways* takes, where it is more than one."""
    said = (f"{way.times} by {way.distinct}" if way.distinct else str(way.times or 1) for way in ways)
    return ", ".join(said) if any(way.times for way in ways) else None


_GATES: Mapping[str | None, str] = {
    None: "at any time",
    "untouched": "before any of them",
    "done": "when all are done",
}


def _gates(ways: Sequence[Way]) -> str:
    """Say when each of *ways* out of a group is there."""
    return ", ".join(_GATES[way.gate] for way in ways)


def _nexts(ways: Sequence[Way]) -> str | None:
    return ", ".join(way.next or ("stay" if way.event else "") for way in ways) or None


def _condition(way: Way) -> Mapping[str, Any]:
    asked = {"when": way.when, "remembered": way.remembered}
    return {key: pattern for key, pattern in asked.items() if pattern is not None}


def _timeout(state: FlowState) -> str | None:
    return None if state.timeout is None else f"{in_words(round(state.timeout[0]))} to {state.timeout[1]}"


def _of_policies(before: Policy, after: Policy) -> Iterator[Detail]:
    yield from _unequal("unexpected", before.unexpected, after.unexpected)
    yield from _unequal("early", before.early_seconds, after.early_seconds)


# ---- events --------


def _events(older: Definition, newer: Definition) -> Iterator[Change]:
    before, after = _known(older), _known(newer)
    for name in sorted(before | after):
        if name not in after:
            yield Change(name, "went")
        elif name not in before:
            yield Change(name, "came")
        elif details := [*_of_event(name, older, newer)]:
            yield Change(name, "changed", tuple(details))


def _known(definition: Definition) -> frozenset[str]:
    return definition.flow.known | _retired(definition)


def _retired(definition: Definition) -> frozenset[str]:
    return frozenset(name for rule in definition.moves for name in rule.get("retired", ()))


def _of_event(name: str, older: Definition, newer: Definition) -> Iterator[Detail]:
    yield from _unequal("does", _role(name, older), _role(name, newer))
    if name in older.flow.starts and name in newer.flow.starts:
        yield from _unequal("begins in", older.flow.firsts.get(name), newer.flow.firsts.get(name))
    for what, before, after in (
        ("", caught(older.moves, name), caught(newer.moves, name)),
        ("start: ", caught(older.starts, name), caught(newer.starts, name)),
    ):
        if not before or not after:
            continue
        yield from _unequal(f"{what}source", ", ".join(sorted(before)), ", ".join(sorted(after)))
        common = next((source for source in before if source in after), None)
        for key in ("entity", "id", "also", "time", "where", "when", "unless", "remember") if common else ():
            yield from _unequal(f"{what}{key}", _said(before, common, key), _said(after, common, key))


def _said(rules: Mapping[str, EventRule], source: str | None, key: str) -> Any:
    return rules[source].get(key) if source is not None else None


def _role(name: str, definition: Definition) -> str:
    begins, moves = name in definition.flow.starts, name in definition.flow.awaited
    if name in _retired(definition):
        return "retired"
    return " and ".join([*(["begins a journey"] if begins else []), *(["moves one"] if moves else [])])


def _dropped(older: Definition, newer: Definition) -> Iterator[str]:
    """Yield the events that moved journeys, are caught by the newer rules, and mean nothing to its journeys."""
    for name in older.flow.awaited:
        if name not in _known(newer) and caught(newer.moves, name).keys() & caught(older.moves, name).keys():
            yield name


# ---- settings, and all --------


def _settings(definition: Definition) -> dict[str, Any]:
    return {**definition.settings, "capture": "all" if definition.catches_all else "known"}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Detail]:
    for name in dict.fromkeys((*before, *after)):
        yield from _unequal(name, before.get(name), after.get(name))


def _unequal(aspect: str, before: Any, after: Any) -> Iterator[Detail]:
    if before != after:
        yield Detail(aspect, before, after)
