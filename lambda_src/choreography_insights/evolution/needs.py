"""Which events a journey may still need from the state on that it is in, by the flow of its own definition."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.insights.rows import JourneyFound
from choreography_insights.views.flow import Flow, FlowState


@dataclass(frozen=True, slots=True)
class Needs:
    """*here*: events that are awaited in the state, or inside it. *later*: those that may be awaited further on."""

    here: frozenset[str]
    later: frozenset[str]


def needs(flow: Flow, state: str) -> Needs:
    """Return what a journey needs that is in the outermost *state*."""
    here = {one for one in flow.states if state in flow.around(one)}
    found = set(here)
    open_ends = list(here)
    while open_ends:
        new = {*_following(flow, flow.states[open_ends.pop()])} - found
        found |= new
        open_ends += new
    awaited = frozenset(_awaited(flow, here))
    return Needs(awaited, frozenset(_awaited(flow, found)) - awaited)


def _following(flow: Flow, state: FlowState) -> Iterator[str]:
    """Yield where a journey may be next: a branch that ends leaves the journey in the state around it."""
    yield from (way.next for way in state.leaving)
    yield from state.begins
    yield from flow.parts(state.name) if state.kind == "all" else ()
    if (watch := flow.watch(state.name)) is not None:
        yield watch.name
    if state.timeout is not None:
        yield state.timeout[1]


def _awaited(flow: Flow, states: Iterable[str]) -> Iterator[str]:
    for name in states:
        yield from (way.event for way in flow.states[name].ways if way.event)


@dataclass(frozen=True, slots=True)
class Stand:
    """Journeys that run: *count* of one *version* in one *state*, the first there since *oldest*, *some* of their ids.

    *version* is empty, if their rows do not say it.
    """

    version: str
    state: str
    count: int
    oldest: float
    some: Sequence[str]


_SOME = 5


def stands(journeys: Iterable[JourneyFound]) -> list[Stand]:
    """Return where *journeys* stand, those that are in a state longest first; those that have ended stand nowhere."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for one in journeys:
        if one.status == "RUNNING" and one.state is not None and one.since is not None:
            found.setdefault((one.version or "", one.state), []).append((one.since, one.entity))
    return sorted((_stand(*place, sorted(some)) for place, some in found.items()), key=lambda one: one.oldest)


def _stand(version: str, state: str, since: Sequence[tuple[float, str]]) -> Stand:
    return Stand(version, state, len(since), since[0][0], [entity for _, entity in since[:_SOME]])


@dataclass(frozen=True, slots=True)
class Stranded:
    """Journeys that still need events which are lost: *here* they wait for them now, *later* they may come to."""

    stand: Stand
    here: tuple[str, ...]
    later: tuple[str, ...]
    known: bool = True
    """Whether their definition is known. If not, they may need whatever is lost."""
