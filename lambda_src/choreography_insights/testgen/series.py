"""Turns walks through a definition into series of events in the simulation's input form."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any, Literal
from unicodedata import normalize

from choreography_insights.core.durations import in_words
from choreography_insights.core.fields import NoEntityIdError, of_each, read_id
from choreography_insights.model.names import condition_in_words, ways_in_words
from choreography_insights.model.workflow import (
    Await,
    State,
    Succeed,
    Wait,
    Waiting,
    Workflow,
    leaving,
    nested,
    with_entries,
)
from choreography_insights.testgen.path_constraints import Published, published
from choreography_insights.testgen.routes import Routes, Step, Walk

Status = Literal["SUCCEEDED", "FAILED"]

GENERATED_BY = "choreography generate"
"""Marks a simulation as ours: only files that say so are ever overwritten or removed."""


_LONGEST = 60
"""So many characters a name has at most."""


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


Happens = Callable[[Sequence[Published], Status, str], bool]
"""Whether a journey of these events ends so, in this state, and none of them is unexpected."""


def simulations(workflow: Workflow, happens: Happens = lambda *_: True) -> Simulations:
    """Return the fewest series that together take every transition, as far as events can; each *happens*."""
    workflow = _once_at_any_time(workflow)
    impossible: set[Step] = set()
    routes = Routes(workflow, workflow.states, impossible)
    wanted = routes.walks()
    contradicted: list[Walk] = []

    def can_happen(walk: Walk) -> bool:
        events = published(walk.moments, "any-1")
        if events is None:
            return False
        if happens(events, _status(workflow, walk.end), walk.end):
            return True
        contradicted.append(walk)
        return False

    walks = list(routes.possible(wanted, can_happen))
    series = tuple(_series(workflow, walks))
    left = _left(workflow, impossible, wanted=_steps(wanted), taken=_steps(walks), contradicted=_steps(contradicted))
    return Simulations(series, tuple(left))


def _once_at_any_time(workflow: Workflow) -> Workflow:
    """Return *workflow* with each event that it accepts at any time in the first state that has room for it.

    One series for each state would say the same again and again. An event that is only noted comes in the longest
    pause, too: Step Functions waits for nobody there.
    """
    states = list(workflow.states)
    for entry in workflow.anytime:
        roomy = [position for position, state in enumerate(states) if with_entries(state, (entry,)) != state]
        pauses = [position for position in roomy if entry.stays and isinstance(states[position], Wait)]
        waiting = [position for position in roomy if position not in pauses]
        for position in (*waiting[:1], *sorted(pauses, key=lambda at: -_seconds(states[at]))[:1]):
            states[position] = with_entries(states[position], (entry,))
    return replace(workflow, states=tuple(states), anytime=())


def _seconds(state: State) -> int:
    """Return how long a pause takes, as far as the definition says it."""
    return state.until if isinstance(state, Wait) and isinstance(state.until, int) else 0


def _steps(walks: Iterable[Walk]) -> set[Step]:
    return {step for walk in walks for step in walk.steps}


def _series(workflow: Workflow, walks: Sequence[Walk]) -> Iterator[Simulation]:
    names = _names(workflow, walks)
    for name, entity_id, walk in zip(names, _entity_ids(workflow.name.text, names), walks, strict=True):
        events = published(walk.moments, entity_id) or []
        expected = {"choreography": workflow.name.text, "status": _status(workflow, walk.end), "state": walk.end}
        document = {
            "generatedBy": GENERATED_BY,
            "events": [_as_published(event) for event in events],
            "expect": dict.fromkeys(_entities(workflow, events), expected),
        }
        yield Simulation(name, tuple(event.name for event in events), walk.end, document)


def _entities(workflow: Workflow, events: Sequence[Published]) -> set[str]:
    """Return the ids that *events* are about: one, or none where only the bus can say it (`$.account`)."""
    found: set[str | None] = set()
    for event in events:
        envelope = {"source": event.source, "detail-type": event.name, "detail": event.detail}
        try:
            each = of_each(workflow.entity_of(event.name, event.detail), envelope)
            read = {read_id(entity, envelope) for entity in each}
        except NoEntityIdError:
            return set()
        if workflow.known_as(event.name) is None:  # else it is another name of an entity whose id another event has
            found |= read
    return {one for one in found if one is not None}


def _as_published(event: Published) -> dict[str, Any]:
    return {"source": event.source, "detailType": event.name, "detail": event.detail, "wait": str(event.pause)}


def _each_once(events: Sequence[Published]) -> list[str]:
    """Return the names of *events* in order, each once."""
    return list(dict.fromkeys(event.name for event in events))


def _status(workflow: Workflow, end: str) -> Status:
    succeeds = any(isinstance(state, Succeed) and state.name.text == end for state in workflow.states)
    return "SUCCEEDED" if succeeds else "FAILED"


def _names(workflow: Workflow, walks: Sequence[Walk]) -> list[str]:
    """Name each of *walks* by its end; where several end alike, by what happens in it alone.

    That is an event that no other of those has; else the last way that no other walk takes.
    """
    sent = [_each_once(published(walk.moments, "any-1") or []) for walk in walks]
    had = Counter((walk.end, event) for walk, own in zip(walks, sent, strict=True) for event in own)
    alike = Counter(walk.end for walk in walks)
    names = []
    for walk, own in zip(walks, sent, strict=True):
        alone = [event for event in own if had[walk.end, event] == 1]
        telling = f"-after-{_kebab(alone[0])}" if alone and alike[walk.end] > 1 else ""
        names.append((_kebab(walk.end) or "end") + telling)
    repeated = Counter(names)
    told = {
        step: [_kebab(text) for text in texts if len(text) <= _LONGEST] for step, texts in _ways_told(workflow).items()
    }
    taken = [{text for step in walk.steps for text in told.get(step, ())} for walk in walks]
    by = Counter(text for own in taken for text in own)
    for position, walk in enumerate(walks):
        if repeated[names[position]] > 1:
            own = [text for step in reversed(walk.steps) for text in told.get(step, ()) if by[text] == 1]
            names[position] = next(iter(own), names[position])
    return _distinct(names)


def _ways_told(workflow: Workflow) -> Mapping[Step, Sequence[str]]:
    """Return what is said of each way out of a state, the shortest first: ``Order Canceled in Paying``."""
    found: dict[Step, Sequence[str]] = {}
    for state in nested(workflow.states):
        name = state.name.text
        for position, (_, target) in enumerate(ways_in_words(state)):
            if isinstance(state, Await) and position < len(leaving(state.variants)):
                variant = leaving(state.variants)[position]
                event, when = variant.event.text, variant.condition.when
                asked = f"{event} {condition_in_words(when)} in {name}" if when else f"{event} otherwise in {name}"
                found[name, position] = (f"{event} in {name}", f"{event} in {name} to {target}", asked)
            else:
                found[name, position] = (f"{target} after {name}",)
    return found


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
    return "-".join(re.findall(r"[a-z0-9]+", split.lower()))[:_LONGEST].strip("-")


def _left(
    workflow: Workflow,
    impossible: Collection[Step],
    *,
    wanted: Collection[Step],
    taken: Collection[Step],
    contradicted: Collection[Step],
) -> Iterator[Left]:
    """Yield what no series takes, in the order of the definition."""
    for state in nested(workflow.states):
        name = state.name.text
        timeout = state.timeout if isinstance(state, Waiting) else None
        ways = [(way, target) for way, target in ways_in_words(state)]
        if timeout:
            ways.pop()
        for position, (way, target) in enumerate(ways):
            if (name, position) in taken:
                continue
            if (name, position) in impossible:
                yield Left(name, way, target, "no event was found that its 'when' lets by")
            elif (name, position) in contradicted:
                yield Left(name, way, target, "the series that were found for it end in another way")
            elif (name, position) in wanted:
                lacking = "its 'remembered' holds"
                if any(one.known_as for one in workflow.events):
                    lacking += ", or a name is taught before an event comes under it"
                yield Left(name, way, target, f"no series of events was found after which {lacking}")
            else:
                yield Left(name, way, target, "only a timeout leads here, or on from here")
        if timeout:
            yield Left(name, f"after {in_words(timeout.seconds)}", timeout.next.text, "time alone brings it about")
