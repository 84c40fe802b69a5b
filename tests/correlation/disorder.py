"""Random choreographies, random events of some entities, and random ways in which they are delivered."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st

from choreography_insights.replay import journey
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import EntityState
from fake_aws import Deployed, FakeAws
from fake_aws.choreographies import compiled
from fake_aws.clock import EPOCH, iso_milliseconds
from support.definition_strategies import definitions
from support.definitions import workflow_of_value

Draw = Callable[[st.SearchStrategy[Any]], Any]

SOURCE, START, UNKNOWN = "tests", "Begun", "Nobody Knows"
OFF, NOTED, WATCHED = "Off", "Noted", "Alarm"
OCCURRED_AT = "$.detail.occurredAt"
_EVENTS = ["E", "F", "G", "H"]
_DETAILS: list[dict[str, Any]] = [{}, *({"v": value} for value in range(4))]
_NAMES = ["ann", "ben", "cat"]
_ITEMS: list[str | int] = ["x", "y", 7]

Lateness = Literal["punctual", "settles", "within grace", "any"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choreography, as replay reads it and as it is deployed; *text* is the definition."""

    text: str

    @property
    def read(self) -> Automaton:
        """What replay makes of it."""
        return _both(self.text)[0]

    @property
    def details(self) -> list[dict[str, Any]]:
        """What its events may carry."""
        if self.read.begins:
            return [*_DETAILS, *({**detail, "begins": True} for detail in _DETAILS[:2])]
        if "I" not in self.states:
            named = [{**detail, "by": name} for detail in _DETAILS[:3] for name in _NAMES]
            return [*_DETAILS, *named] if '"distinct"' in self.text else _DETAILS
        return [{**detail, **about} for detail in _DETAILS for about in ({}, *({"item": item} for item in _ITEMS))]

    @property
    def states(self) -> Collection[str]:
        """The names of the states that a journey as a whole is in."""
        return set(json.loads(self.text)["states"])

    @property
    def deployed(self) -> Deployed:
        """What the compiler makes of it."""
        return _both(self.text)[1]


@cache
def _both(text: str) -> tuple[Automaton, Deployed]:
    workflow = workflow_of_value(json.loads(text))
    return Automaton.of(workflow), compiled(workflow)


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


def publish(aws: FakeAws, events: Iterable[Delivered]) -> None:
    """Have *events* come as often and when they are to."""
    for event in events:
        for arrival in event.arrivals:
            aws.publish(
                event.name,
                event.entity,
                event.detail,
                source=SOURCE,
                event_id=event.id,
                time=event.happens,
                delay=arrival,
            )


# ---- choreographies --------


@st.composite
def choreographies(
    draw: Draw,
    *,
    timeouts: bool = True,
    branches: bool = False,
    items: bool = False,
    memory: bool = False,
    divided: bool = False,
    anytime: bool = False,
    again: bool = False,
    enough: bool = False,
) -> Chosen:
    """A choreography with loops, `all` and patterns, its times so short that they are met.

    *branches*: it begins with branches, and what is in an `all` may be in branches of their own. *items*: it begins
    with a line for each item of a list in the start event. *memory*: journeys remember fields, and ways ask for them.
    *divided*: some events of a name that others of which are awaited begin journeys. *anytime*: an event of a name of
    its own is accepted wherever a journey waits, and in the branches or items that it begins with, one of the others;
    and one of another name is only noted, perhaps. *again*: the start event is awaited, too, in place of one of the
    others. *enough*: not all events of an `all`, branches or items are needed, or a branch only watches.
    """
    states = draw(definitions())
    if memory:
        for state in states.values():
            if isinstance(state, dict) and "await" in state:
                state["await"] = draw(_with_memory(state["await"]))
    if items:
        each = {"items": "$.detail.items", "item": "$.detail.item", "states": draw(_branch("I", *draw(_two_events())))}
        states = {"I": {"each": each, "next": "S0", "timeout": {"after": "1m", "next": "S0"}}, **states}
    if branches:
        events = draw(st.lists(st.sampled_from(_EVENTS), min_size=1, max_size=3, unique=True))
        first = {"parallel": draw(_branches("B", events)), "next": "S0", "timeout": {"after": "1m", "next": "S0"}}
        states = {"B": first, **states}
    for name, state in states.items():
        if isinstance(state, dict) and "timeout" in state:
            if timeouts and draw(st.booleans()):
                state["timeout"]["after"] = draw(st.sampled_from(["90s", "23s", "7s"]))
            else:
                del state["timeout"]
        if branches and isinstance(state, dict) and "all" in state and draw(st.booleans()):
            state["parallel"] = draw(_branches(name, list(state.pop("all").values())))
    off = draw(_off(states)) if anytime else {}
    for name, state in states.items() if enough else ():
        draw(_enough(name, state))
    settings = {
        **off,
        "choreography": "random",
        "source": SOURCE,
        "start": {
            START: {"remember": {"m": "detail.v", "n": "detail.v"}} if memory else {},
            **({draw(st.sampled_from(_EVENTS)): {"when": {"begins": [True]}}} if divided else {}),
        },
        "early": draw(st.sampled_from(["20s", "61s"])),
        "settle": draw(st.sampled_from(["2s", "3s", "1s"])),
        "unexpected": draw(st.sampled_from(["fail", "fail", "report"])),
        "capture": draw(st.sampled_from(["all", "all", "known"])),
        "timeout": draw(st.sampled_from(["1d", "1d", "2m"])) if timeouts else "1d",
        "time": draw(st.sampled_from(["$.time", OCCURRED_AT])),
    }
    text = json.dumps({**settings, "states": states})
    return Chosen(text.replace(f'"{_EVENTS[0]}"', f'"{START}"') if again else text)


@st.composite
def _off(draw: Draw, states: dict[str, Any]) -> dict[str, Any]:
    """What is accepted wherever a journey waits; it leads to *states*, or to a pause that is one of them then."""
    to = st.sampled_from([name for name in states if name not in ("B", "I")])
    off: dict[str, Any] = {"anytime": {OFF: [{"when": {"v": [1]}, "next": "P"}, {"otherwise": draw(to)}]}}
    noted = draw(st.sampled_from([None, "stay", [{"when": {"v": [0, 2]}, "next": "stay"}]]))
    off["anytime"] |= {} if noted is None else {NOTED: noted}
    states["P"] = {"wait": "3s", "next": draw(to)}
    for first in (states[name] for name in ("B", "I") if name in states):
        own = [one for one in _EVENTS if f'"{one}"' not in json.dumps(first)]
        if own:
            first["anytime"] = {draw(st.sampled_from(own)): draw(to)}
    return off


@st.composite
def _enough(draw: Draw, name: str, state: Any) -> None:
    """Let fewer lines be enough of *state*, where there are several; beside branches another may watch."""
    if not isinstance(state, dict):
        return
    lines = 2 if "each" in state else len(state.get("all") or state.get("parallel") or ())
    if lines > 1:
        state |= draw(st.sampled_from([{}, *({"need": need} for need in range(1, lines + ("each" in state)))]))
    if "parallel" in state and draw(st.booleans()):
        watching = {f"{name}W": {"await": {WATCHED: f"{name}X"}}, f"{name}X": "fail"}
        state["parallel"]["W"] = {"states": watching}


def _two_events() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_EVENTS), min_size=2, max_size=2)


@st.composite
def _with_memory(draw: Draw, accepts: Mapping[str, Any]) -> dict[str, Any]:
    """The ways out of a state; some ask for what is remembered under one name, some remember under the other."""
    asked, remembered = draw(st.permutations(["m", "n"]))
    found = {}
    for event, ways in accepts.items():
        entries = [dict(way) for way in ways] if isinstance(ways, list) else [{"next": ways}]
        for entry in entries:
            if draw(st.booleans()):
                entry["remember"] = {remembered: "detail.v"}
        if draw(st.booleans()):
            entries.insert(0, {"remembered": {asked: [draw(st.integers(0, 2))]}, "next": entries[-1]["next"]})
        found[event] = entries
    return found


@st.composite
def _branches(draw: Draw, name: str, events: Sequence[str]) -> dict[str, Any]:
    return {event: {"states": draw(_branch(name + event, event, event))} for event in events}


@st.composite
def _branch(draw: Draw, name: str, event: str, other: str) -> dict[str, Any]:
    """A line that waits for *event*, perhaps pauses or chooses, and perhaps waits for the *other* then."""
    first, then, again, end = (f"{name}{number}" for number in range(4))
    following = draw(st.sampled_from([{}, {"pass": again}, {"wait": "3s", "next": again}, "choose"]))
    if following == "choose":
        following = {"choose": [{"when": {"v": [1]}, "next": again}, {"otherwise": end}]}
    if not following:
        return {first: {"await": {event: end}}, end: "succeed"}
    states = {first: {"await": {event: then}}, then: following, again: {"await": {other: end}}, end: "succeed"}
    if draw(st.booleans()):
        states[again]["timeout"] = {"after": "9s", "next": end}
    return states


# ---- series --------


@st.composite
def series(draw: Draw, chosen: Chosen, entity: str, lateness: Lateness, *, conforming: bool = False) -> list[Delivered]:
    """Events of *entity*: a walk through the choreography, with slips unless it is *conforming*, and their delivery."""
    names = draw(_conforming(chosen) if conforming else _with_slips(chosen))
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
def _conforming(draw: Draw, chosen: Chosen) -> list[tuple[str, dict[str, Any]]]:
    """Events of which each is awaited when it comes."""
    choreography = chosen.read
    events = [(START, draw(_start_details(chosen)))]
    standing, _ = journey.begin(choreography, EntityState(), Event("", START, "", 0.0, 0.0, events[0][1]), 0.0)
    for _ in range(draw(st.integers(0, 9))):
        standing = _waiting(choreography, standing)
        if standing.running is None:
            break
        wait = draw(st.sampled_from(standing.running.waits))
        possible = [Event("", name, "", 0.0, 0.0, detail) for name in wait.accepts for detail in chosen.details]
        fitting = journey.accepted_by(wait, possible)
        if not fitting:
            break
        event, way = draw(st.sampled_from(fitting))
        events.append((event.name, dict(event.detail)))
        now = standing.running.entered_at
        standing, _ = journey.move(choreography, standing, standing.running, wait, event, way, now)
    return events


@st.composite
def _start_details(draw: Draw, chosen: Chosen) -> dict[str, Any]:
    detail: dict[str, Any] = draw(st.sampled_from(_DETAILS))
    if "I" not in chosen.states:
        return detail
    least = json.loads(chosen.text)["states"]["I"].get("need", 0)
    return {**detail, "items": draw(st.lists(st.sampled_from(_ITEMS), min_size=least, unique=True))}


def _waiting(choreography: Automaton, standing: EntityState) -> EntityState:
    """Where an entity is once every pause is over that lies before its next wait."""
    while (running := standing.running) is not None and not running.judging:
        moment = journey.time_limit(choreography, running)
        standing, _ = journey.time_out(choreography, standing, running, moment)
    return standing


@st.composite
def _with_slips(draw: Draw, chosen: Chosen) -> list[tuple[str, dict[str, Any]]]:
    """Walks one after the other, with events left out, exchanged, repeated, or put in between."""
    events = [one for _ in range(draw(st.integers(1, 2))) for one in draw(_conforming(chosen))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(events)))
        match draw(st.sampled_from(["insert", "exchange", "remove", "again"])):
            case "insert":
                name = draw(st.sampled_from([*_EVENTS, UNKNOWN, START]))
                detail = draw(_start_details(chosen) if name == START else st.sampled_from(chosen.details))
                events.insert(at, (name, detail))
            case "exchange" if at + 1 < len(events):
                events[at], events[at + 1] = events[at + 1], events[at]
            case "remove" if at < len(events):
                del events[at]
            case "again" if at < len(events):
                events.insert(at, events[at])
    return events[:12]


# ---- deliveries --------


@st.composite
def _arrivals(draw: Draw, choreography: Automaton, happens: float, lateness: Lateness) -> tuple[float, ...]:
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


def keeps_to_the_provisos(choreography: Automaton, events: Sequence[Delivered]) -> bool:
    """Whether each of *events* comes within the grace period, and less than `settle` after one that it may precede."""
    within_grace = all(event.arrivals[0] - event.happens < choreography.early for event in events)
    return within_grace and all(
        older.arrivals[0] - newer.arrivals[0] < choreography.settle
        for older in events
        for newer in events
        if older.happens <= newer.happens
    )
