"""What single changes of rows tell, from rows as docs/reference/interfaces.md has them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from choreography_insights.insights.changes import Change
from choreography_insights.insights.counts import MOST_GROUPS, OTHER_EVENTS, Counts, summed
from choreography_insights.insights.folding import fold
from choreography_insights.model.flow import flow_of
from choreography_insights.views.flow import Flow
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT
from support.definitions import workflow_of

AT = 1_767_225_600.0
"""2026-01-01T00:00:00Z"""

STATES: dict[str, Any] = {
    "Asked": {
        "await": {
            "Paid": [
                {"when": {"good": [True]}, "next": "Sorted"},
                {"remember": {"plan": "$.detail.plan"}, "next": "Sized"},
            ],
            "Lost": "Gone",
        },
        "timeout": {"after": "1h", "next": "Noted"},
    },
    "Noted": {"pass": "Both"},
    "Sorted": {"choose": [{"when": {"size": [1]}, "next": "Noted"}, {"when": {"size": [2]}, "next": "Packed"}]},
    "Sized": {"choose": [{"remembered": {"plan": ["Gold"]}, "next": "Packed"}, {"otherwise": "Gone"}]},
    "Both": {"all": {"A": "Sent", "B": "Filed"}, "next": "Lines", "timeout": {"after": "2h", "next": "Gone"}},
    "Lines": {
        "parallel": {
            "one": {
                "states": {
                    "L1": {"await": {"Cleaned": "L1Done", "Burnt": "L1Bad"}},
                    "L1Done": "succeed",
                    "L1Bad": "fail",
                }
            },
            "two": {
                "states": {
                    "L2": {"all": {"X": "Drawn", "Y": "Cut"}, "next": "L2Mark"},
                    "L2Mark": {"pass": "L2Done"},
                    "L2Done": "succeed",
                }
            },
        },
        "next": "Packed",
        "timeout": {"after": "3h", "next": "Packed"},
    },
    "Packed": {"await": {"Shipped": "Done"}},
    "Done": "succeed",
    "Gone": {"fail": {"error": "Gone"}},
}

Row = Mapping[str, Any]


def row(**values: Any) -> dict[str, Any]:
    """A row from plain values."""
    return {name: typed(value) for name, value in values.items()}


def typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    return {"M": row(**value)} if isinstance(value, dict) else {"S": value}


@dataclass
class Known:
    """What is known beside the changes; *asked* are the journeys whose events were asked for."""

    rows: Sequence[Row] = ()
    flow_: Flow = field(default_factory=lambda: flow_of(workflow_of(STATES)))
    asked: list[str] = field(default_factory=list)

    def flow(self, _: Change) -> Flow | None:
        return self.flow_

    def events(self, journey: str) -> Sequence[Row]:
        self.asked.append(journey)
        return self.rows


def told(item: str, old: Row, new: Row, known: Known | None = None) -> Counts:
    """What one change tells."""
    return summed(one.counts for one in fold([Change("test#1", item, 1, old, new)], known or Known()))


def event(**values: Any) -> dict[str, Any]:
    return row(**{"status": "DONE", "execution": "e", "usedAt": AT + 60, "entered": "2026-01-01T00:00:00", **values})


def claimed(**values: Any) -> dict[str, Any]:
    return row(**{"status": "CLAIMED", **values})


def journey(**values: Any) -> dict[str, Any]:
    return row(**{"status": "RUNNING", "execution": "e", "startedAt": AT, **values})


def spent(counts: Counts) -> dict[str, float]:
    return {state: one.seconds for state, one in counts.spent.items()}


BEFORE = journey(since="Asked#2026-01-01T00:00:00")


def test_a_start_event_begins_a_journey_which_goes_on_by_its_detail() -> None:
    states = {"First": {"choose": [{"when": {"k": [1]}, "next": "A"}, {"otherwise": "B"}]}, "A": "fail", "B": "succeed"}
    known = Known(flow_=flow_of(workflow_of(states)))
    old = row(status="STARTING", payload='{"detail":{"k":1}}')
    counts = told("EVENT#1", old, event(isStart=True, name="Begun"), known)
    assert counts.transitions == {(BEGIN, "Begun", "First"): 1, ("First", ONWARD, "A"): 1}
    assert counts.outcomes == {("FAILED", "A"): 1}


def test_an_event_tells_the_transition_the_stay_and_what_memory_says_of_the_way_on() -> None:
    new = event(wait="Asked", variant=1, name="Paid")
    counts = told("EVENT#1", claimed(remembered='{"plan":"Gold"}'), new)
    assert counts.transitions == {("Asked", "Paid", "Sized"): 1, ("Sized", ONWARD, "Packed"): 1}
    assert spent(counts) == {"Asked": 60.0, "Sized": 0.0}
    assert counts.outcomes == {}
    counts = told("EVENT#1", claimed(remembered='{"plan":"Iron"}'), new)
    assert counts.transitions == {("Asked", "Paid", "Sized"): 1, ("Sized", ONWARD, "Gone"): 1}
    assert counts.outcomes == {("FAILED", "Gone"): 1}


def test_an_event_is_counted_when_it_is_done_and_once() -> None:
    new = event(wait="Asked", variant=2, name="Lost")
    assert told("EVENT#1", new, {**new, "expiresAt": {"N": "1"}}) == Counts()
    assert told("EVENT#1", claimed(), {**new, "status": {"S": "CLAIMED"}}) == Counts()
    assert told("EVENT#1", claimed(), {**new, "name": {"S": "Other"}}) == Counts()  # of another definition
    assert told("EVENT#1", claimed(), new).outcomes == {("FAILED", "Gone"): 1}


def test_where_the_detail_is_asked_for_the_arrival_says_which_way_it_was() -> None:
    used = event(wait="Asked", variant=0, name="Paid")
    assert told("EVENT#1", claimed(), used).transitions == {("Asked", "Paid", "Sorted"): 1}
    for since, expected in {
        "Packed": {("Sorted", ONWARD, "Packed"): 1},
        "Both": {("Sorted", ONWARD, "Noted"): 1, ("Noted", ONWARD, "Both"): 1},
    }.items():
        known = Known([used])
        counts = told("JOURNEY", BEFORE, journey(since=f"{since}#2026-01-01T00:01:00"), known)
        assert counts.transitions == expected
        assert known.asked == ["test#1"]


def test_an_end_that_the_event_row_has_told_is_not_counted_again() -> None:
    used = event(wait="Asked", variant=2, name="Lost")
    counts = told("JOURNEY", BEFORE, journey(status="FAILED", endedAt=AT + 61), Known([used]))
    assert counts.outcomes == counts.transitions == {}
    assert (counts.took.count, counts.took.seconds) == (1, 61.0)


def test_the_end_of_a_journey_that_never_said_where_it_was_is_counted_once() -> None:
    # It began by the definition of a version whose waits did not write it.
    used = event(wait="Packed", variant=0, name="Shipped")
    ended = journey(status="SUCCEEDED", endedAt=AT + 61)
    counts = told("EVENT#1", claimed(), used)
    counts.merge(told("JOURNEY", journey(), ended, Known([used])))
    assert counts.outcomes == {("SUCCEEDED", "Done"): 1}
    assert counts.took.count == 1
    for other in ({}, {"execution": "f"}):
        known = Known([{**used, **row(**other)}] if other else [])
        assert told("JOURNEY", journey(), ended, known).outcomes == {("SUCCEEDED", "Asked"): 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"waits": {"Asked": {"v": "2026-01-01T00:00:00"}}}, {}),
        ({"lapsed": "Asked#2026-01-01T00:00:00"}, {}),
        ({}, {"lapsed": "Asked#2026-01-01T00:00:00"}),
    ],
)
def test_a_wait_that_is_left_over_tells_of_a_timeout(old: dict[str, Any], new: dict[str, Any]) -> None:
    after = journey(since="Both#2026-01-01T01:00:00", **new)
    counts = told("JOURNEY", {**BEFORE, **row(**old)}, after)
    assert counts.transitions == {("Asked", TIMEOUT, "Noted"): 1, ("Noted", ONWARD, "Both"): 1}
    assert spent(counts) == {"Asked": 3600.0, "Noted": 0.0}


def test_a_wait_of_an_earlier_stay_tells_nothing() -> None:
    old = {**BEFORE, **row(lapsed="Asked#2025-12-31T00:00:00")}
    assert told("JOURNEY", old, journey(since="Both#2026-01-01T01:00:00")) == Counts()


def test_an_all_is_left_by_its_last_event_or_by_time() -> None:
    old = journey(since="Both#2026-01-01T00:00:00")
    on_time = told("JOURNEY", old, journey(since="Lines#2026-01-01T00:00:30"))
    assert (on_time.transitions, spent(on_time)) == ({}, {"Both": 30.0})
    left = {**old, **row(waits={"Both.A": {"v": "2026-01-01T00:00:00.1"}})}
    late = told("JOURNEY", left, journey(status="FAILED", endedAt=AT + 7200), Known())
    assert late.transitions == {("Both", TIMEOUT, "Gone"): 1}
    assert late.outcomes == {("FAILED", "Gone"): 1}


def test_a_parallel_whose_ways_meet_was_left_by_time_if_it_took_so_long() -> None:
    old = journey(since="Lines#2026-01-01T00:00:00")
    for entered, by in {"2026-01-01T02:59:59": ONWARD, "2026-01-01T03:00:00": TIMEOUT}.items():
        counts = told("JOURNEY", old, journey(since=f"Packed#{entered}"))
        assert counts.transitions == {("Lines", by, "Packed"): 1}


def test_inside_a_container_events_tell_what_they_move() -> None:
    counts = told("EVENT#1", claimed(), event(wait="L1", variant=1, name="Burnt"))
    assert counts.transitions == {("L1", "Burnt", "L1Bad"): 1}
    assert counts.outcomes == {("FAILED", "L1Bad"): 1}


def test_the_last_event_of_an_all_inside_a_container_ends_the_stay() -> None:
    first = {**event(wait="L2.X", variant=0, name="Drawn", usedAt=AT + 10), "item": {"S": "EVENT#1"}}
    last = {**event(wait="L2.Y", variant=0, name="Cut", usedAt=AT + 30), "item": {"S": "EVENT#2"}}
    later = {
        **event(wait="L2.Y", variant=0, name="Cut", usedAt=AT + 99, entered="2026-01-01T00:01:00"),
        "item": {"S": "E"},
    }
    assert spent(told("EVENT#1", claimed(), first, Known([first, last]))) == {}
    assert spent(told("EVENT#2", claimed(), last, Known([first, last, later]))) == {"L2": 30.0, "L2Mark": 0.0}
    assert spent(told("EVENT#2", claimed(), last, Known([last, later]))) == {}


def test_an_unexpected_event_ends_a_journey_where_it_is() -> None:
    failing = row(status="REPORTED", execution="e", wait="Asked")
    counts = told("JOURNEY", BEFORE, journey(status="FAILED", endedAt=AT + 5), Known([failing]))
    assert counts.outcomes == {("FAILED", "Asked"): 1}


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
def test_a_journey_that_is_ended_from_outside_ends_where_it_is(status: str) -> None:
    counts = told("JOURNEY", BEFORE, journey(status=status, endedAt=AT + 5))
    assert counts.outcomes == {(status, "Asked"): 1}


def test_a_journey_that_waits_elsewhere_in_the_same_state_or_begins_anew_tells_nothing() -> None:
    assert told("JOURNEY", BEFORE, {**BEFORE, **row(waits={})}) == Counts()
    assert told("JOURNEY", BEFORE, journey(execution="f", since="Asked#2026-01-01T05:00:00")) == Counts()
    assert told("JOURNEY", journey(), BEFORE) == Counts()


def test_a_deviation_is_counted_by_event_state_and_reason() -> None:
    deviation = '{"reason":"UnexpectedEvent","cause":"…","states":[["L2.X",["Drawn"]]],"policy":"fail"}'
    new = row(status="REPORTED", name="Odd", deviation=deviation, deviatedAt=AT)
    assert told("EVENT#1", row(status="FAILING"), new).deviations == {("Odd", "L2", "UnexpectedEvent"): 1}
    met_none = '{"reason":"NoJourney","cause":"…","states":[],"policy":null}'
    new = row(status="REPORTED", name="Odd", deviation=met_none, deviatedAt=AT)
    assert told("EVENT#1", row(status="REPORTING"), new).deviations == {("Odd", "", "NoJourney"): 1}


def test_of_more_groups_than_a_row_holds_the_reason_is_told() -> None:
    counts = Counts()
    for number in range(MOST_GROUPS + 5):
        counts.merge(Counts(deviations=Counter({(f"E{number}", "", "NoJourney"): 1})))
    assert len(counts.deviations) == MOST_GROUPS + 1
    assert counts.deviations[OTHER_EVENTS, "", "NoJourney"] == 5


def test_counts_are_the_same_after_they_were_written_and_read() -> None:
    counts = told("EVENT#1", claimed(remembered='{"plan":"Iron"}'), event(wait="Asked", variant=1, name="Paid"))
    counts.took.add(5.0)
    counts.deviations["Odd", "", "NoJourney"] += 2
    assert Counts.of_text(counts.as_text()) == counts
    assert Counts().as_text() == "{}"


def test_a_journey_is_counted_where_its_start_event_says_that_it_begins() -> None:
    states = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
    known = Known(flow_=flow_of(workflow_of(states, start={"Begun": "A", "Copied": "B"})))
    old = row(status="STARTING", payload='{"detail":{}}')
    counts = told("EVENT#1", old, event(isStart=True, name="Copied"), known)
    assert counts.transitions == {(BEGIN, "Copied", "B"): 1}
