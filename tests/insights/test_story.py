"""A journey's story, by rows made by hand: what an event did, what came without one, how it ended."""

from typing import Any

from choreography_insights.insights.rows import EventFound, JourneyFound, OpenWaitRow, Reported
from choreography_insights.insights.story import JourneyRows, journey_known
from choreography_insights.model.flow import flow_of
from choreography_insights.model.workflow import Workflow
from choreography_insights.views.known import JourneyKnown, Visit
from support.definitions import workflow_of

RETURNED = workflow_of(
    {
        "Paid": {"await": {"Sent": "OnTheWay"}, "timeout": {"after": "3d", "next": "Reminded"}},
        "Reminded": {"wait": "1d", "next": "Asked"},
        "Asked": {"await": {"Sent": "OnTheWay", "Lost": "Checked"}, "timeout": {"after": "3d", "next": "Late"}},
        "OnTheWay": {"all": {"Parcel": "Parcel Came", "Letter": "Letter Came"}, "next": "Checked"},
        "Checked": {"pass": "Done"},
        "Done": "succeed",
        "Late": {"fail": {"error": "Late"}},
    }
)
DAY = 86_400.0


def used(event: str, at: float, wait: str, entered: float | None, **more: Any) -> EventFound:
    """The row of an event that a wait used."""
    own = {"arrived": at, "execution": "x", "used": at, "variant": 0, **more}
    return EventFound(f"id of {event}", "DONE", event, at, wait=wait, entered=entered, **own)


def story(
    *events: EventFound,
    status: Any = "RUNNING",
    ended: float | None = None,
    state: str | None = None,
    since: float | None = None,
    waits: tuple[OpenWaitRow, ...] = (),
    now: float = 100 * DAY,
    workflow: Workflow = RETURNED,
    begun: int = 0,
) -> JourneyKnown:
    """The story of a journey that began at 0; *begun*: how often its start event came again."""
    start = EventFound("id of Begun", "DONE", "Begun", 0.0, is_start=True, execution="x", used=0.0, repeats=begun)
    found = JourneyFound("test#1", "x", status, 0.0, ended, state, since)
    return journey_known(flow_of(workflow), JourneyRows(found, waits, (start, *events)), now, ())


def _told(journey: JourneyKnown) -> list[tuple[str, str, str, float]]:
    return [(one.what, one.state, one.next, one.at / DAY) for one in journey.story]


def test_a_timeout_and_a_pause_are_found_on_the_way_to_where_the_journey_is() -> None:
    journey = story(state="Asked", since=4 * DAY, waits=(OpenWaitRow("Asked", 4 * DAY, ("Sent", "Lost")),))
    assert _told(journey) == [
        ("began", "", "Paid", 0.0),
        ("timeout", "Paid", "Reminded", 3.0),
        ("onward", "Reminded", "Asked", 4.0),
    ]
    assert journey.visits == (
        Visit("Paid", 0.0, 3 * DAY),
        Visit("Reminded", 3 * DAY, 4 * DAY),
        Visit("Asked", 4 * DAY, None),
    )
    assert journey.trace.here == ("Asked",)


def test_a_pause_is_waited_in_for_time_to_pass() -> None:
    journey = story(state="Reminded", since=3 * DAY, waits=(OpenWaitRow("Paid", 0.0, ("Sent",)),))
    assert [(wait.state, wait.since, wait.accepts) for wait in journey.waits] == [("Reminded", 3 * DAY, ())]


def test_where_a_journey_ended_well_follows_from_its_last_event() -> None:
    journey = story(
        used("Sent", DAY, "Paid", 0.0),
        used("Letter Came", 2 * DAY, "OnTheWay.Letter", DAY),
        used("Parcel Came", 3 * DAY, "OnTheWay.Parcel", DAY),
        status="SUCCEEDED",
        ended=3 * DAY,
    )
    assert _told(journey) == [
        ("began", "", "Paid", 0.0),
        ("moved", "Paid", "OnTheWay", 1.0),
        ("moved", "OnTheWay.Letter", "OnTheWay.Letter", 2.0),
        ("moved", "OnTheWay.Parcel", "Checked", 3.0),
        ("onward", "Checked", "Done", 3.0),
        ("ended", "Done", "", 3.0),
    ]
    assert (journey.state, journey.error, journey.waits) == ("Done", None, ())
    assert journey.trace.exits == {"OnTheWay": 1}


def test_a_journey_that_failed_by_itself_ended_in_the_end_that_it_could_come_to_in_that_time() -> None:
    late = story(status="FAILED", ended=7 * DAY)
    assert (late.state, late.error) == ("Late", "Late")
    assert [one.what for one in late.story] == ["began", "timeout", "onward", "timeout", "ended"]
    broken = story(status="FAILED", ended=5 * DAY)
    assert (broken.state, broken.error) == ("Paid", None)  # there was no time for any way to that end


def test_a_journey_that_was_stopped_ended_where_it_was() -> None:
    journey = story(used("Sent", DAY, "Paid", 0.0), status="ABORTED", ended=2 * DAY)
    assert (journey.state, journey.visits[-1]) == ("OnTheWay", Visit("OnTheWay", DAY, 2 * DAY, cut=True))


def test_an_event_that_failed_the_journey_says_where_it_was() -> None:
    failing = EventFound(
        "id of Odd",
        "REPORTED",
        "Odd",
        4.5 * DAY,
        execution="x",
        deviated=5 * DAY,
        deviation=Reported("UnexpectedEvent", (("Asked", ("Sent", "Lost")),), "fail"),
    )
    journey = story(failing, status="FAILED", ended=5 * DAY)
    assert (journey.state, journey.error) == ("Asked", "UnexpectedEvent")
    assert [one.what for one in journey.story] == ["began", "timeout", "onward", "unexpected", "ended"]


def test_an_event_was_early_if_it_came_before_its_state_and_contested_if_it_was_kept_all_the_same() -> None:
    journey = story(
        used("Sent", DAY, "Paid", 0.0, arrived=0.9 * DAY, deadline=DAY),
        used("Letter Came", 2 * DAY, "OnTheWay.Letter", DAY, arrived=0.5 * DAY, deadline=DAY),
        used("Parcel Came", 3 * DAY, "OnTheWay.Parcel", DAY),
        status="SUCCEEDED",
        ended=3 * DAY,
    )
    assert [one.marks for one in journey.story if one.what == "moved"] == [("contested",), ("early",), ()]


def test_an_event_that_came_again_says_how_often_and_when_last_whatever_it_did() -> None:
    odd = EventFound(
        "id of Odd", "REPORTED", "Odd", 2 * DAY, deviated=2 * DAY, deviation=Reported("UnexpectedEvent"), repeats=1
    )
    journey = story(used("Sent", DAY, "Paid", 0.0, repeats=3, repeated=3 * DAY), odd, begun=2)
    assert [(one.event, one.repeats, one.repeated) for one in journey.story] == [
        ("Begun", 2, None),
        ("Sent", 3, 3 * DAY),
        ("Odd", 1, None),
    ]


def test_rows_from_before_an_upgrade_tell_when_events_came() -> None:
    journey = story(
        used("Sent", DAY, "Paid", None, used=None, variant=None),
        state=None,
        waits=(OpenWaitRow("OnTheWay.Letter", DAY, ("Letter Came",)), OpenWaitRow("OnTheWay.Parcel", DAY)),
    )
    assert _told(journey) == [("began", "", "Paid", 0.0), ("moved", "Paid", "OnTheWay", 1.0)]
    assert [wait.state for wait in journey.waits] == ["OnTheWay.Parcel", "OnTheWay.Letter"]


def test_a_wait_that_the_journey_has_left_by_its_timeout_is_not_open() -> None:
    waits = (OpenWaitRow("Paid", 0.0, ("Sent",)), OpenWaitRow("Asked", 4 * DAY, ("Sent", "Lost")))
    assert [wait.state for wait in story(state="Asked", since=4 * DAY, waits=waits).waits] == ["Asked"]


def test_rows_that_do_not_fit_the_definition_are_told_as_far_as_they_go() -> None:
    journey = story(
        used("Renamed", DAY, "Was Renamed", 0.0),
        used("Parcel Came", 2 * DAY, "OnTheWay.Parcel", DAY),
        state="Gone",
        since=3 * DAY,
    )
    assert [(one.what, one.event) for one in journey.story] == [("began", "Begun"), ("moved", "Parcel Came")]
    assert journey.state == "OnTheWay"


def test_a_journey_is_told_from_where_its_start_event_says_that_it_begins() -> None:
    states = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
    workflow = workflow_of(states, start={"Copied": "A", "Begun": "B"})
    journey = story(state="B", since=0.0, waits=(OpenWaitRow("B", 0.0, ("b",)),), workflow=workflow)
    assert _told(journey) == [("began", "", "B", 0.0)]
    assert journey.visits == (Visit("B", 0.0, None),)
