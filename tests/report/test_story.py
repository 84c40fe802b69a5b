"""What a report tells of one journey."""

from typing import Any

from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.story import story_steps, visits, waits
from choreography_insights.trace.scopes import Scopes
from choreography_insights.views.known import OpenWait, Visit
from support.definitions import workflow_of

LEFT = {"LA": {"await": {"l": "LZ"}}, "LZ": "succeed"}
RIGHT = {"RA": {"await": {"r": "RB", "ok": "RZ"}}, "RB": "fail", "RZ": "succeed"}
STATES: dict[str, Any] = {
    "A": {"await": {"a": "B"}},
    "B": {"all": {"One": "b", "Two": "c"}, "next": "Go"},
    "Go": {"pass": "P"},
    "P": {"parallel": {"L": {"states": LEFT}, "R": {"states": RIGHT}}, "next": "Z"},
    "Z": "succeed",
}


def story(*series: tuple[float, str]) -> StoriedJourney:
    """Return the journey of the entity 1 by events at these times."""
    told: list[ReplayedJourney | Deviation] = []
    workflow = workflow_of(STATES, unexpected="report")
    replay = Replay(Automaton.of(workflow), told.append, StoriedJourney.begun)
    for position, (at, name) in enumerate(series):
        replay.take(Event(f"{name}{position}", name, "1", at, at, position=position))
    replay.finish()
    (journey,) = told
    assert isinstance(journey, StoriedJourney)
    return journey


def test_events_are_told_in_order_with_what_they_did_and_what_was_odd() -> None:
    journey = story((0, "Begun"), (10, "b"), (20, "a"), (30, "c"), (40, "?"))
    told = [(one.at, one.what, one.state, one.next, one.event, one.marks) for one in story_steps(journey)]
    assert told == [
        (0, "began", "", "A", "Begun", ()),
        (20, "moved", "A", "B", "a", ()),
        (20, "moved", "B.One", "B.One", "b", ("early",)),
        (30, "moved", "B.Two", "Go", "c", ()),
        (30, "onward", "Go", "P", "", ()),
        (100, "unexpected", "LA", "", "?", ("unexpected",)),
    ]
    assert journey.path == ("A", "B", "Go", "P")


def test_stays_have_their_beginning_and_their_end_or_none() -> None:
    journey = story((0, "Begun"), (20, "a"), (25, "b"), (30, "c"), (40, "l"))
    assert visits(journey) == [
        Visit("A", 0, 20),
        Visit("B", 20, 30),
        Visit("LA", 30, 40),
        Visit("P", 30, None),
        Visit("RA", 30, None),
    ]
    assert [*waits(journey, Scopes.of(workflow_of(STATES)))] == [("RA", OpenWait("RA", 30, ("r", "ok")))]


def test_what_ends_with_another_line_is_cut_off() -> None:
    journey = story((0, "Begun"), (20, "a"), (25, "b"), (30, "c"), (50, "r"))
    assert (journey.status, journey.state) == ("FAILED", "RB")
    cut = [visit.state for visit in visits(journey) if visit.cut]
    assert sorted(cut) == ["LA", "P"]
    assert all(visit.left == 50 for visit in visits(journey) if visit.cut)
    assert journey.path[-1] == "RB"
