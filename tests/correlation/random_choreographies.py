"""Definitions and series of events, drawn at random by Hypothesis."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton, Transition
from choreography_insights.replay.engine import replay
from choreography_insights.replay.event import Event
from fake_aws import Deployed
from fake_aws.choreographies import compiled
from support.definitions import workflow_of_value

NAMES = "abcd"
RETIRED = "e"

#: Durations of random definitions: whatever comes within SETTLE seconds of its neighbours may overtake them.
SETTLE, EARLY = 40, 400


@dataclass(frozen=True)
class Definition:
    """A definition (JSON), as it is deployed and as replay reads it."""

    text: str

    @property
    def deployed(self) -> Deployed:
        """What is deployed of it."""
        return _all_of(self.text)[0]

    @property
    def read(self) -> Automaton:
        """What replay makes of it."""
        return _all_of(self.text)[1]

    @property
    def workflow(self) -> Workflow:
        """What it is."""
        return _all_of(self.text)[2]


@cache
def _all_of(text: str) -> tuple[Deployed, Automaton, Workflow]:
    workflow = workflow_of_value(json.loads(text))
    return compiled(workflow), Automaton.of(workflow), workflow


@dataclass(frozen=True)
class Happening:
    """An event of a series: *at* is when it happens, in whole seconds from the beginning."""

    name: str
    detail: Mapping[str, Any]
    at: int


# ---- definitions --------


@st.composite
def definitions(draw: st.DrawFn, policies: Sequence[str] = ("fail",)) -> Definition:
    """A choreography of up to five states; from each the next can be reached, so that none is in vain."""
    count = draw(st.integers(1, 5))
    states = {f"S{index}": draw(_state(index, count)) for index in range(count)}
    top: dict[str, Any] = {"choreography": "random", "source": "s", "start": "S", "capture": "all"}
    top |= {"settle": f"{SETTLE}s", "early": f"{EARLY}s"}
    if draw(st.booleans()):
        top["events"] = {RETIRED: {"retired": True}}
    unexpected = draw(st.sampled_from(policies))
    ends = {"End": "succeed", **({"Bad": {"fail": {"error": "Bad"}}} if '"Bad"' in json.dumps(states) else {})}
    return Definition(json.dumps({**top, "unexpected": unexpected, "states": {**states, **ends}}))


def _name(index: int, count: int) -> str:
    return "End" if index == count else f"S{index}"


@st.composite
def _state(draw: st.DrawFn, index: int, count: int) -> dict[str, Any]:
    following = _name(index + 1, count)
    anywhere = st.sampled_from([*(f"S{other}" for other in range(count)), "End"])
    if draw(st.integers(0, 3)) == 0:
        events = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
        return {"all": {f"i{position}": event for position, event in enumerate(events)}, "next": following}
    events = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    ways = {
        event: draw(_ways(following if position == 0 else draw(anywhere), anywhere))
        for position, event in enumerate(events)
    }
    if index == count - 1 and draw(st.booleans()):
        ways[next(name for name in NAMES if name not in events)] = "Bad"
    return {"await": ways}


@st.composite
def _ways(draw: st.DrawFn, first: str, anywhere: st.SearchStrategy[str]) -> str | list[dict[str, Any]]:
    match draw(st.integers(0, 6)):
        case 5:
            return [{"when": {"k": [1]}, "next": draw(anywhere)}, {"times": 2, "next": first}]
        case 6:
            distinct = draw(st.sampled_from([{}, {"distinct": "$.detail.k"}]))
            return [{"times": 2, "next": first, **distinct}]
        case 0:
            return [{"when": {"k": [1]}, "next": first}, {"when": {"k": [2]}, "next": draw(anywhere)}]
        case 1:
            return [{"when": {"k": [1]}, "next": draw(anywhere)}, {"next": first}]
        case _:
            return first


# ---- series --------


@st.composite
def walks(draw: st.DrawFn, choreography: Automaton, gaps: st.SearchStrategy[int]) -> list[Happening]:
    """A series as the choreography has it: a start event and then, state by state, one of those that are accepted."""
    at, state, happenings = 0, choreography.first, [Happening("S", {}, 0)]
    came: dict[Transition, list[Event]] = {}
    for _ in range(draw(st.integers(0, 8))):
        place = choreography.places[state]
        if place.end is not None:
            break
        if len(place.waits) > 1:
            for wait in draw(st.permutations(place.waits)):
                at += draw(gaps)
                happenings.append(Happening(wait.accepts[0], draw(_details), at))
            state = place.waits[0].ways[place.waits[0].accepts[0]][0].next
            continue
        (wait,) = place.waits
        at += draw(gaps)
        happening = Happening(draw(st.sampled_from(wait.accepts)), draw(_details), at)
        way = wait.way_of(_event(happening, 0))
        if way is None:
            break
        happenings.append(happening)
        own = came.setdefault(way, [])
        if way.counts(_event(happening, 0), own):
            own.append(_event(happening, 0))
        if len(own) >= way.times:
            state, came = way.next, {}
    return happenings


_details = st.sampled_from([{"k": 1}, {"k": 2}])


def event_id(position: int, happening: Happening) -> str:
    """The id of an event of a series."""
    return f"{position:02}{happening.name}"


def _event(happening: Happening, position: int) -> Event:
    at = float(happening.at)
    return Event(event_id(position, happening), happening.name, "1", at, at, happening.detail, position)


@st.composite
def disturbed(draw: st.DrawFn, walk: Sequence[Happening]) -> list[Happening]:
    """Return *walk* with events lost, exchanged and put in between; the times stay in order."""
    names = [(one.name, one.detail) for one in walk]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(names)))
        strange = (draw(st.sampled_from(f"abcdu{RETIRED}")), draw(st.sampled_from([{"k": 1}, {"k": 2}, {}])))
        match draw(st.integers(0, 2)):
            case 0 if at < len(names):
                del names[at]
            case 1 if at + 1 < len(names):
                names[at], names[at + 1] = names[at + 1], names[at]
            case _:
                names.insert(at, strange)
    times, at = [], 0
    for _ in names:
        times.append(at)
        at += draw(st.integers(3, 8))
    return [Happening(name, detail, time) for (name, detail), time in zip(names, times, strict=True)]


# ---- the oracle --------


@dataclass(frozen=True)
class Verdict:
    """How journeys end (status, state or error) and which events deviate, and why."""

    journeys: list[tuple[str, str]]
    deviations: list[tuple[str, str]]


def judged(choreography: Automaton, series: Sequence[Happening]) -> Verdict:
    """What replay says of *series* in order of time."""
    journeys, met_none = replay(choreography, [_event(one, position) for position, one in enumerate(series)])
    deviations = [*met_none, *(one for journey in journeys for one in journey.deviations)]
    return Verdict(
        [(one.status, one.error or one.state) for one in journeys],
        sorted((one.event.id, one.reason) for one in deviations),
    )
