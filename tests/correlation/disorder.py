"""Random choreographies, random events of some entities, and random ways in which they are delivered."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st

from choreography_insights.authoring.generator import load_workflow
from choreography_insights.authoring.replay.choreography import Choreography, Place
from choreography_insights.authoring.replay.events import Event
from support.definition_strategies import definitions
from world import Deployed
from world.choreographies import compiled
from world.clock import EPOCH, iso_milliseconds

Draw = Callable[[st.SearchStrategy[Any]], Any]

SOURCE, START, UNKNOWN = "tests", "Begun", "Nobody Knows"
OCCURRED_AT = "$.detail.occurredAt"
_EVENTS = ["E", "F", "G", "H"]
_DETAILS: list[dict[str, Any]] = [{}, *({"v": value} for value in range(4))]

Lateness = Literal["punctual", "settles", "within grace", "any"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choreography, as replay reads it and as it is deployed; *text* is the definition."""

    text: str

    @property
    def read(self) -> Choreography:
        """What replay makes of it."""
        return _both(self.text)[0]

    @property
    def deployed(self) -> Deployed:
        """What the compiler makes of it."""
        return _both(self.text)[1]


@cache
def _both(text: str) -> tuple[Choreography, Deployed]:
    workflow = load_workflow(text, "workflow.yaml")
    return Choreography.of(workflow), compiled(workflow)


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event and the moments at which it is delivered (seconds from the beginning), the first of them first."""

    id: str
    name: str
    entity: str
    detail: Mapping[str, Any]
    happens: float
    arrivals: tuple[float, ...]

    def as_event(self, position: int) -> Event:
        """The event as replay takes it."""
        time, arrival = EPOCH + self.happens, EPOCH + self.arrivals[0]
        return Event(self.id, self.name, self.entity, time, arrival, self.detail, position)


# ---- choreographies --------


@st.composite
def choreographies(draw: Draw, *, timeouts: bool = True) -> Chosen:
    """A choreography with loops, `all` and patterns, its times so short that they are met."""
    states = draw(definitions())
    for state in states.values():
        if isinstance(state, dict) and "timeout" in state:
            if timeouts and draw(st.booleans()):
                state["timeout"]["after"] = draw(st.sampled_from(["90s", "23s", "7s"]))
            else:
                del state["timeout"]
    settings = {
        "choreography": "random",
        "source": SOURCE,
        "start": START,
        "early": draw(st.sampled_from(["20s", "61s"])),
        "settle": draw(st.sampled_from(["2s", "3s", "1s"])),
        "unexpected": draw(st.sampled_from(["fail", "fail", "ignore"])),
        "capture": draw(st.sampled_from(["all", "all", "known"])),
        "timeout": draw(st.sampled_from(["1d", "1d", "2m"])) if timeouts else "1d",
        "time": draw(st.sampled_from(["$.time", OCCURRED_AT])),
    }
    return Chosen(json.dumps({**settings, "states": states}))


# ---- series --------


@st.composite
def series(draw: Draw, chosen: Chosen, entity: str, lateness: Lateness, *, conforming: bool = False) -> list[Delivered]:
    """Events of *entity*: a walk through the choreography, with slips unless it is *conforming*, and their delivery."""
    names = draw(_conforming(chosen.read)) if conforming else draw(_with_slips(chosen.read))
    fine = json.loads(chosen.text)["time"] == OCCURRED_AT
    happens, found = 0.0, []
    for number, (name, detail) in enumerate(names):
        happens += draw(st.sampled_from([1, 1, 0, 2, 5, 12, 30])) if number else 0
        happens += draw(st.sampled_from([0, 0.25, 0.5])) if fine else 0
        arrivals = draw(_arrivals(chosen.read, happens, lateness))
        stamped = {**detail, "occurredAt": iso_milliseconds(EPOCH + happens)} if fine else detail
        found.append(Delivered(f"{entity}-{number}-{name[0]}", name, entity, stamped, happens, arrivals))
    return found


@st.composite
def _conforming(draw: Draw, choreography: Choreography) -> list[tuple[str, dict[str, Any]]]:
    place = choreography.places[choreography.first]
    events: list[tuple[str, dict[str, Any]]] = [(START, {})]
    for _ in range(draw(st.integers(0, 9))):
        if place.end is not None:
            break
        more, following = draw(_steps(place))
        if following is None:
            break
        events += more
        place = choreography.places[following]
    return events


@st.composite
def _steps(draw: Draw, place: Place) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    """Events that lead on from *place*, and where to."""
    if len(place.waits) > 1 or "." in place.waits[0].name:
        order = draw(st.permutations(place.waits))
        events = [(wait.accepts[0], draw(st.sampled_from(_DETAILS))) for wait in order]
        return events, place.waits[0].ways[place.waits[0].accepts[0]][0].next
    (wait,) = place.waits
    name = draw(st.sampled_from(wait.accepts))
    fitting = [(detail, way) for detail in _DETAILS if (way := wait.way_of(Event("", name, "", 0, 0, detail)))]
    if not fitting:
        return [], None
    detail, way = draw(st.sampled_from(fitting))
    return [(name, detail)], way.next


@st.composite
def _with_slips(draw: Draw, choreography: Choreography) -> list[tuple[str, dict[str, Any]]]:
    """Walks one after the other, with events left out, exchanged, repeated, or put in between."""
    events = [one for _ in range(draw(st.integers(1, 2))) for one in draw(_conforming(choreography))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(events)))
        match draw(st.sampled_from(["insert", "exchange", "remove", "again"])):
            case "insert":
                name = draw(st.sampled_from([*_EVENTS, UNKNOWN, START]))
                events.insert(at, (name, draw(st.sampled_from(_DETAILS))))
            case "exchange" if at + 1 < len(events):
                events[at], events[at + 1] = events[at + 1], events[at]
            case "remove" if at < len(events):
                del events[at]
            case "again" if at < len(events):
                events.insert(at, events[at])
    return events[:12]


# ---- deliveries --------


@st.composite
def _arrivals(draw: Draw, choreography: Choreography, happens: float, lateness: Lateness) -> tuple[float, ...]:
    late = {
        "punctual": [0.0],
        "settles": [0.0, 0.0, choreography.settle / 2, choreography.settle - 0.25],
        "within grace": [0.0, 0.0, 1.0, 2.5, 7.0, choreography.early - 1.5],
        "any": [0.0, 0.0, 1.0, 2.5, 7.0, 18.0, 33.0, 90.0],
    }[lateness]
    first = happens + draw(st.sampled_from(late))
    again = draw(st.lists(st.sampled_from([0.0, 0.5, 3.0, 50.0]), max_size=2)) if draw(st.booleans()) else []
    return first, *(first + later for later in again)


def punctual(events: Sequence[Delivered]) -> list[Delivered]:
    """The same *events*, each delivered once, as it happens."""
    return [replace(event, arrivals=(event.happens,)) for event in events]


def all_at_different_times(events: Sequence[Delivered]) -> bool:
    """Whether no two of *events* happen at the same time."""
    return len({event.happens for event in events}) == len(events)


def keeps_to_the_provisos(choreography: Choreography, events: Sequence[Delivered]) -> bool:
    """Whether each of *events* comes within the grace period, and less than `settle` after one that it may precede."""
    within_grace = all(event.arrivals[0] - event.happens < choreography.early for event in events)
    return within_grace and all(
        older.arrivals[0] - newer.arrivals[0] < choreography.settle
        for older in events
        for newer in events
        if older.happens <= newer.happens
    )
