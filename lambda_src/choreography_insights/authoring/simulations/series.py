"""Turns walks through a definition into series of events in the simulation's input form."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any
from unicodedata import normalize

from choreography_insights.authoring.durations import in_words
from choreography_insights.authoring.patterns import Pattern
from choreography_insights.authoring.simulations.cover import Edge, coverable, fewest_walks
from choreography_insights.authoring.simulations.details import detail_for
from choreography_insights.authoring.workflow import All, Await, Fail, State, Succeed, Workflow, is_end

GENERATED_BY = "choreography generate"
"""Marks a simulation as ours: only files that say so are ever overwritten or removed."""

_PAUSE = "1"


@dataclass(frozen=True, slots=True)
class Simulation:
    """A series of events, the state it ends in, and a name that says which it is."""

    name: str
    events: tuple[str, ...]
    end: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """A transition that no series of events takes, and why."""

    state: str
    way: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Simulations:
    """The series for a choreography, and what they leave out."""

    series: tuple[Simulation, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class _Event:
    """An event to be sent: one that *wanted* matches and none of *earlier* does."""

    name: str
    wanted: Pattern | None = None
    earlier: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class _Transition:
    """A way from a state to another, with the events that take it; *way* names it for people."""

    edge: Edge
    events: tuple[_Event, ...]
    way: str


_BEFORE = ""
"""Where a journey is before its start event: a node of the graph that no state can be named like."""


def simulations(workflow: Workflow) -> Simulations:
    """Return the fewest series that together take every transition, as far as events can."""
    steps = tuple(_transitions(workflow))
    sendable = [step for step in steps if all(_sendable(event, workflow) for event in step.events)]
    ends = [state.name.text for state in workflow.states if is_end(state)]
    taken = [sendable[i] for i in coverable([step.edge for step in sendable], _BEFORE, ends)]
    walks = fewest_walks([step.edge for step in taken], _BEFORE, ends)
    series = tuple(_series(workflow, [[taken[i] for i in walk] for walk in walks]))
    return Simulations(series, tuple(_left(workflow, steps, _ids(sendable), _ids(taken))))


def _transitions(workflow: Workflow) -> Iterator[_Transition]:
    """Yield every transition that an event brings about; a start event is one, from before the first state."""
    first = workflow.states[0].name.text
    for start in workflow.starts:
        yield _Transition(Edge(_BEFORE, first), (_Event(start.text),), start.text)
    for state in workflow.states:
        yield from _leaving(state)


def _leaving(state: State) -> Iterator[_Transition]:
    match state:
        case Await():
            for index, variant in enumerate(state.variants):
                same = [other for other in state.variants[:index] if other.event == variant.event]
                earlier = tuple(other.when for other in same if other.when is not None)
                event = _Event(variant.event.text, variant.when, earlier)
                yield _Transition(Edge(state.name.text, variant.next.text), (event,), variant.event.text)
        case All():
            events = tuple(_Event(item.event.text) for item in state.items)
            yield _Transition(Edge(state.name.text, state.next.text), events, " and ".join(e.name for e in events))
        case Succeed() | Fail():
            return


def _sendable(event: _Event, workflow: Workflow) -> bool:
    return _detail(event, workflow, "any-1") is not None


def _detail(event: _Event, workflow: Workflow, entity_id: str) -> dict[str, Any] | None:
    return detail_for(event.wanted, event.earlier, workflow.entity, entity_id)


def _series(workflow: Workflow, walks: Sequence[Sequence[_Transition]]) -> Iterator[Simulation]:
    names = _names(walks)
    for name, entity_id, walk in zip(names, _entity_ids(workflow.name.text, names), walks, strict=True):
        end = walk[-1].edge.target
        events = [event for step in walk for event in step.events]
        status = "SUCCEEDED" if _is_success(workflow, end) else "FAILED"
        document = {
            "generatedBy": GENERATED_BY,
            "events": [_published(event, position, workflow, entity_id) for position, event in enumerate(events)],
            "expect": {entity_id: {"choreography": workflow.name.text, "status": status, "state": end}},
        }
        yield Simulation(name, tuple(event.name for event in events), end, document)


def _published(event: _Event, position: int, workflow: Workflow, entity_id: str) -> dict[str, Any]:
    return {
        "source": workflow.sources[0].text,
        "detailType": event.name,
        "detail": _detail(event, workflow, entity_id),
        "wait": _PAUSE if position else "0",
    }


def _is_success(workflow: Workflow, name: str) -> bool:
    return any(isinstance(state, Succeed) and state.name.text == name for state in workflow.states)


def _names(walks: Sequence[Sequence[_Transition]]) -> list[str]:
    """Name each walk by its end and, where several end alike, by the first event that it alone has of those."""
    ends = Counter(walk[-1].edge.target for walk in walks)
    had = Counter((walk[-1].edge.target, name) for walk in walks for name in _event_names(walk))
    names = []
    for walk in walks:
        end = walk[-1].edge.target
        own = [name for name in _event_names(walk) if had[end, name] == 1]
        telling = f"-after-{_kebab(own[0])}" if own and ends[end] > 1 else ""
        names.append((_kebab(end) or "end") + telling)
    return _distinct(names)


def _event_names(walk: Sequence[_Transition]) -> list[str]:
    """Return the names of the events of *walk* in order, each once."""
    return list(dict.fromkeys(event.name for step in walk for event in step.events))


def _entity_ids(choreography: str, names: Sequence[str]) -> list[str]:
    """Return an id per series that says to which it belongs, also among those of other choreographies."""
    telling = [name if name.startswith(choreography) else f"{choreography}-{name}" for name in names]
    return [f"{name}-1" for name in _distinct(telling)]


def _distinct(names: Sequence[str]) -> list[str]:
    """Return *names* with a number after those that would be there a second time."""
    distinct: dict[str, None] = {}
    for name in names:
        candidates = chain([name], (f"{name}-{number}" for number in count(2)))
        distinct[next(candidate for candidate in candidates if candidate not in distinct)] = None
    return list(distinct)


def _kebab(name: str) -> str:
    """Return *name* in plain lower-case letters with hyphens between words: ``Übergabe 2Go`` is ``ubergabe-2-go``.

    Plain, because not every disk and tool agrees on how other letters are written.
    """
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", plain)
    return "-".join(re.findall(r"[a-z0-9]+", split.lower()))[:60].strip("-")


def _ids(steps: Sequence[_Transition]) -> frozenset[int]:
    return frozenset(map(id, steps))


def _left(
    workflow: Workflow, steps: Sequence[_Transition], sendable: frozenset[int], taken: frozenset[int]
) -> Iterator[Left]:
    """Yield what no series takes, in the order of the definition; *sendable* and *taken* hold `id`s of *steps*."""
    leaving: dict[str, list[_Transition]] = {state.name.text: [] for state in workflow.states}
    for step in steps:
        leaving.setdefault(step.edge.origin, []).append(step)
    for state in workflow.states:
        for step in leaving[state.name.text]:
            if id(step) not in sendable:
                yield Left(state.name.text, step.way, step.edge.target, "no event was found that its 'when' lets by")
            elif id(step) not in taken:
                yield Left(state.name.text, step.way, step.edge.target, "only a timeout leads here, or on from here")
        if isinstance(state, Await | All) and state.timeout:
            after = in_words(state.timeout.seconds)
            yield Left(state.name.text, f"after {after}", state.timeout.next.text, "time alone brings it about")
