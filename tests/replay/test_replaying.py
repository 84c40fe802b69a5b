"""What replay says of events in order of time."""

import json
from collections import Counter
from dataclasses import replace
from heapq import heapify
from typing import Any
from unittest import mock

import pytest

from choreography_insights.replay import engine as replaying_module
from choreography_insights.replay import journey as journey_module
from choreography_insights.replay.automaton import Automaton, AwaitingState, Transition
from choreography_insights.replay.engine import MEMORY_SECONDS, Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation, EndlessError
from choreography_insights.replay.journey_log import ReplayedJourney, Stay, Summary
from choreography_insights.replay.report import Case, Consequences
from choreography_insights.views.picture import BEGIN, TIMEOUT
from replay.played import deviations, ends, played, read

SEQUENCE = {"A": {"await": {"a": "B"}}, "B": {"await": {"b": "Done"}}, "Done": "succeed"}
SALE = {"On": {"await": {"r": "Res"}}, "Res": {"await": {"u": "On", "s": "Sold"}}, "Sold": "succeed"}
BOTH = {"P": {"all": {"x": "a", "y": "b"}, "next": "C"}, "C": {"await": {"c": "Done"}}, "Done": "succeed"}


def test_a_journey_goes_from_state_to_state() -> None:
    (journey,), met_none = played(read(SEQUENCE), (0, "S"), (10, "a"), (25, "b"))
    assert met_none == []
    assert (journey.status, journey.state, journey.error, journey.ended_at, journey.events) == (
        "SUCCEEDED",
        "Done",
        None,
        25,
        3,
    )
    assert journey.stays == {"A": Stay(1, 10, 10), "B": Stay(1, 15, 15)}
    assert journey.transitions == {(BEGIN, "S", "A"): 1, ("A", "a", "B"): 1, ("B", "b", "Done"): 1}
    assert journey.conforms


def test_a_journey_that_fails_as_the_choreography_says_conforms() -> None:
    (journey,), _ = played(read({"A": {"await": {"a": "Bad"}}, "Bad": {"fail": {"error": "Lost"}}}), (0, "S"), (1, "a"))
    assert (journey.status, journey.state, journey.error, journey.conforms) == ("FAILED", "Bad", "Lost", True)


@pytest.mark.parametrize(
    ("detail", "error"),
    [
        ({"code": 7, "text": "x"}, "7"),
        ({"code": "Lost", "text": None}, "Lost"),
        ({"code": [1], "text": ""}, "[1]"),
        ({"text": "x"}, "States.Runtime"),
        ({"code": "Lost"}, "States.Runtime"),
    ],
)
def test_a_journey_fails_by_what_its_events_say_and_by_their_saying_nothing(detail: dict[str, Any], error: str) -> None:
    states = {"A": {"await": {"a": "Bad"}}, "Bad": {"fail": {"error": "$.detail.code", "cause": "$.detail.text"}}}
    (journey,), _ = played(read(states), (0, "S"), (1, "a", detail))
    assert (journey.status, journey.error) == ("FAILED", error)


def test_a_journey_that_has_not_ended_says_what_it_waits_for() -> None:
    (journey,), _ = played(read(BOTH), (0, "S"), (4, "b"))
    assert (journey.status, journey.state, journey.entered_at, journey.conforms) == ("RUNNING", "P", 0, True)
    assert journey.running is not None
    assert [(wait.name, wait.accepts) for wait in journey.running.waits] == [("P.x", ("a",))]


@pytest.mark.parametrize("events", [[(1, "a"), (2, "b")], [(1, "b"), (2, "a")]], ids=["ab", "ba"])
def test_an_all_takes_its_events_in_any_order(events: list[tuple[float, str]]) -> None:
    assert ends(read(BOTH), (0, "S"), *events, (3, "c")) == [("SUCCEEDED", "Done")]


def test_a_state_visited_more_than_once_adds_up() -> None:
    series = [(0, "S"), (10, "r"), (30, "u"), (31, "r"), (36, "s")]
    (journey,), _ = played(read(SALE), *series)
    assert journey.stays == {"On": Stay(2, 11, 10), "Res": Stay(2, 25, 20)}
    assert journey.transitions["On", "r", "Res"] == 2


PACKING = {
    "Packing": {
        "parallel": {
            "Goods": {
                "states": {
                    "Picking": {"await": {"picked": "Wrapping", "missing": "Gone"}},
                    "Wrapping": {"await": {"wrapped": "Wrapped"}},
                    "Wrapped": "succeed",
                    "Gone": "fail",
                }
            },
            "Papers": {"states": {"Printing": {"await": {"printed": "Printed"}}, "Printed": "succeed"}},
        },
        "next": "Done",
        "timeout": {"after": "1h", "next": "Late"},
    },
    "Done": "succeed",
    "Late": "succeed",
}


def test_a_stay_in_a_branch_is_counted_as_one_outside() -> None:
    series = [(0, "S"), (10, "picked"), (12, "printed"), (25, "wrapped")]
    (journey,), _ = played(read(PACKING), *series)
    assert journey.stays == {
        "Picking": Stay(1, 10, 10),
        "Printing": Stay(1, 12, 12),
        "Wrapping": Stay(1, 15, 15),
        "Packing": Stay(1, 25, 25),
    }
    assert journey.cut == {}


def test_a_line_that_ends_with_what_is_around_it_is_cut() -> None:
    (failed,), _ = played(read(PACKING), (0, "S"), (10, "missing"))
    assert (failed.state, failed.stays, failed.cut) == (
        "Gone",
        {"Picking": Stay(1, 10, 10)},
        {"Printing": 1, "Packing": 1},
    )
    (deviating,), _ = played(read(PACKING), (0, "S"), (10, "picked"), (20, "elsewhere"))
    assert (deviating.state, deviating.cut) == ("Packing", {"Wrapping": 1, "Printing": 1})
    (late, _), _ = played(read(PACKING, start=["S", "T"]), (0, "S"), (10, "printed"), (4_000, "T"))
    assert (late.state, late.stays["Packing"], late.cut) == ("Late", Stay(1, 3_600, 3_600), {"Picking": 1})


def test_the_sum_counts_states_in_branches_too() -> None:
    choreography = read(PACKING)
    summary = Summary(choreography)
    for name in ("missing", "picked"):
        (journey,), _ = played(choreography, (0, "S"), (10, name))
        summary.add(journey)
    found = {name: (state.entered, state.stay.visits, state.waiting) for name, state in summary.states.items()}
    assert found["Picking"] == (2, 2, 0)
    assert found["Wrapping"] == (1, 0, 1)
    assert found["Printing"] == (2, 0, 1)
    assert found["Packing"] == (2, 0, 1)


def test_the_sum_counts_ends_in_branches() -> None:
    states = {
        "Both": {
            "parallel": {
                "one": {"states": {"X": {"all": {"a": "x", "b": "y"}, "next": "Told"}, "Told": "succeed"}},
                "two": {"states": {"Nothing": "succeed"}},
                "bad": {"states": {"Z": {"await": {"z": "Bad", "good": "Good"}}, "Bad": "fail", "Good": "succeed"}},
            },
            "next": "Done",
        },
        "Done": "succeed",
    }
    choreography = read(states)
    summary = Summary(choreography)
    for series in ([(1, "x"), (2, "y"), (3, "good")], [(1, "x"), (2, "y"), (3, "z")], [(1, "good")]):
        (journey,), _ = played(choreography, (0, "S"), *series)
        summary.add(journey)
    found = {name: (state.entered, state.ended) for name, state in summary.states.items()}
    assert found == {
        "Both": (3, 0),
        "X": (3, 0),
        "Told": (2, 2),
        "Nothing": (3, 3),
        "Z": (3, 0),
        "Bad": (1, 1),
        "Good": (2, 2),
        "Done": (1, 1),
    }


# ---- what is expected --------

PARCEL = {
    "OnTheWay": {"await": {"scanned": "OnTheWay", "delivered": "Home"}, "expected": "1h"},
    "Home": "succeed",
}


def test_a_stay_is_overdue_that_takes_longer_than_expected() -> None:
    series = [(0, "S"), (3_600, "scanned"), (7_201, "scanned"), (11_000, "scanned"), (11_001, "delivered")]
    (journey,), _ = played(read(PARCEL), *series)
    assert (journey.overdue, journey.conforms) == ({"OnTheWay": 2}, True)


@pytest.mark.parametrize(("last", "overdue"), [(3_600, {}), (3_601, {"OnTheWay": 1})])
def test_a_stay_that_lasts_is_overdue_by_the_last_event(last: float, overdue: dict[str, int]) -> None:
    events = [Event(name, "S", name, at, at, {}, 0) for name, at in (("1", 0.0), ("2", last))]
    (first, second), _ = replaying_module.replay(read(PARCEL), events)
    assert (first.overdue, second.overdue) == (overdue, {})


def test_a_stay_in_which_its_journey_ends_is_overdue_too() -> None:
    (failed,), _ = played(read(PARCEL, timeout="2h"), (0, "S"), (5_000, "elsewhere"))
    (late, _), _ = played(read(PARCEL, timeout="2h", start=["S", "T"]), (0, "S"), (9_000, "T"))
    assert [(one.status, one.overdue) for one in (failed, late)] == [
        ("FAILED", {"OnTheWay": 1}),
        ("TIMED_OUT", {"OnTheWay": 1}),
    ]


def test_a_stay_that_is_cut_off_is_overdue_too() -> None:
    expected = {"expected": "1m"}
    both = {
        "All": {"states": {"Waiting": {"await": {"a": "A"}, **expected}, "A": "succeed"}},
        "One": {"states": {"Other": {"await": {"b": "B", "c": "C"}, "expected": "5m"}, "B": "fail", "C": "succeed"}},
    }
    choreography = read({"Both": {"parallel": both, "next": "Done", **expected}, "Done": "succeed"})
    (journey,), _ = played(choreography, (0, "S"), (61, "b"))
    assert journey.overdue == {"Waiting": 1, "Both": 1}
    (quick,), _ = played(choreography, (0, "S"), (60, "b"))
    assert quick.overdue == {}


def test_the_sum_counts_what_was_overdue_where_something_is_expected() -> None:
    choreography = read({**PARCEL, "Home": {"await": {"opened": "Open"}}, "Open": "succeed"})
    summary = Summary(choreography)
    for moment in (10, 4_000, 5_000):
        (journey,), _ = played(choreography, (0, "S"), (moment, "delivered"))
        summary.add(journey)
    assert summary.overdue == {"OnTheWay": 2}
    assert (summary.states["OnTheWay"].expected, summary.states["Home"].expected) == (3_600, None)
    assert summary.all_conform


def test_cases_are_complete_run_deviate_or_have_never_begun_and_some_have_something_after_their_end() -> None:
    choreography = read(SEQUENCE)
    summary = Summary(choreography)
    for events in (
        [(0, "S"), (1, "a"), (2, "b")],
        [(0, "S"), (1, "a"), (2, "b"), (3, "b")],
        [(0, "S"), (1, "a")],
        [(0, "S"), (1, "b")],
        [(0, "a"), (1, "b")],
    ):
        journeys, met_none = played(choreography, *events)
        for journey in journeys:
            summary.add(journey)
        for deviation in met_none:
            summary.add(deviation)
    assert (summary.complete, summary.running, summary.deviating, summary.cases) == (2, 1, 1, 5)
    assert (len(summary.never_begun), len(summary.after_end)) == (1, 1)
    assert summary.conformance == 2 / 4


def test_an_event_of_an_all_leads_on_only_if_it_is_the_last() -> None:
    summary = Summary(read(BOTH))
    for events in (((1, "a"), (2, "b")), ((1, "b"), (2, "a")), ((1, "a"),)):
        (journey,), _ = played(summary.choreography, (0, "S"), *events)
        summary.add(journey)
    assert {step: times for step, times in summary.steps.items() if step[0] == "P"} == {
        ("P", "a", "P"): 2,
        ("P", "b", "P"): 1,
        ("P", "a", "C"): 1,
        ("P", "b", "C"): 1,
    }
    assert summary.states["C"].entered == 2


# ---- what follows from a deviation --------


def cases(choreography: Automaton, *events: tuple[float, str, str], most: int = 10) -> tuple[list[Case], Summary]:
    """Return the cases that are told of, and the sum."""
    told: list[Case] = []
    summary = Summary(choreography)
    consequences = Consequences(told.append, summary.follows, most)

    def tell(one: ReplayedJourney | Deviation) -> None:
        summary.add(one)
        consequences.take(one)

    replaying = Replay(choreography, tell)
    for position, (at, name, entity) in enumerate(events):
        replaying.take(Event(f"{position}", name, entity, at, at, {}, position))
    replaying.finish()
    consequences.finish()
    return told, summary


def followed(told: list[Case]) -> list[tuple[str, list[str]]]:
    entities = (case.told.entity if isinstance(case.told, ReplayedJourney) else case.told.event.entity for case in told)
    return [(entity, [one.event.name for one in case.followed]) for entity, case in zip(entities, told, strict=True)]


def test_what_comes_after_a_journey_failed_by_an_event_is_told_with_it_and_not_as_more_deviations() -> None:
    events = [(0, "S", "1"), (1, "b", "1"), (100, "a", "1"), (101, "b", "1"), (102, "S", "2"), (103, "a", "2")]
    told, summary = cases(read(SEQUENCE), *events)
    assert followed(told) == [("2", []), ("1", ["a", "b"])]
    assert (summary.deviations, summary.followed) == ({"UnexpectedEvent": 1, "JourneyEnded": 2}, {"JourneyEnded": 2})


def test_events_of_an_entity_that_never_began_are_one_case() -> None:
    told, summary = cases(read(SEQUENCE), (0, "a", "1"), (1, "b", "1"), (2, "b", "2"), (3, "b", "1"))
    assert followed(told) == [("1", ["b", "b"]), ("2", [])]
    assert summary.deviations - summary.followed == {"NoJourney": 2}


def test_a_journey_that_begins_anew_ends_what_follows_from_the_one_before() -> None:
    events = [(0, "S", "1"), (1, "x", "1"), (100, "S", "1"), (101, "a", "1"), (102, "b", "1"), (103, "x", "1")]
    told, summary = cases(read(SEQUENCE), *events)
    assert [type(case.told).__name__ for case in told] == ["ReplayedJourney", "ReplayedJourney", "Deviation"]
    assert not summary.followed


def test_of_many_cases_that_something_may_follow_from_the_oldest_is_told_of_first() -> None:
    events = [(float(number), "a", str(number)) for number in range(5)]
    told, _ = cases(read(SEQUENCE), *events, (5, "b", "0"), (6, "b", "4"), most=2)
    assert followed(told) == [("0", []), ("1", []), ("2", []), ("3", []), ("4", ["b"]), ("0", [])]


def test_deviations_in_one_place_are_one_with_what_followed() -> None:
    choreography = read(SEQUENCE, unexpected="report")
    events = [(0, "S", "1"), (1, "b", "1"), (2, "x", "1"), (200, "a", "1"), (201, "x", "1")]
    told, summary = cases(choreography, *events)
    assert [len(case.told.deviations) for case in told if isinstance(case.told, ReplayedJourney)] == [3]
    assert summary.deviations - summary.followed == {"UnexpectedEvent": 2}


# ---- early and unexpected events --------


def test_an_event_that_comes_too_early_is_used_when_its_turn_comes() -> None:
    assert ends(read(SEQUENCE), (0, "b"), (1, "a"), (30, "S")) == [("SUCCEEDED", "Done")]


def test_of_two_early_events_the_older_is_used_first() -> None:
    states = {
        "A": {"await": {"a": "B"}},
        "B": {"await": {"b": [{"when": {"v": [1]}, "next": "One"}, {"next": "Two"}]}},
        "One": "succeed",
        "Two": "succeed",
    }
    assert ends(read(states), (0, "S"), (1, "b", {"v": 2}), (2, "b", {"v": 1}), (3, "a")) == [("SUCCEEDED", "Two")]


def test_an_event_that_nothing_accepts_within_its_grace_period_fails_the_journey_then() -> None:
    choreography = read(SEQUENCE)
    (journey,), _ = played(choreography, (0, "S"), (5, "b"), (66, "a"))
    assert (journey.status, journey.state, journey.error, journey.ended_at) == ("FAILED", "A", "UnexpectedEvent", 65)
    (deviation,) = journey.deviations
    assert (deviation.event.id, deviation.reason, deviation.at) == ("b1", "UnexpectedEvent", 65)
    assert deviation.states == (("A", ("a",)),)
    assert not journey.conforms


def test_an_event_is_still_used_at_the_very_end_of_its_grace_period() -> None:
    assert ends(read(SEQUENCE), (0, "S"), (5, "b"), (65, "a")) == [("SUCCEEDED", "Done")]


def test_a_deviation_names_the_waits_that_are_open_when_the_grace_period_ends() -> None:
    (journey,), _ = played(read(BOTH), (0, "S"), (5, "c"), (6, "a"))
    assert [one.states for one in journey.deviations] == [(("P.y", ("b",)),)]


def test_where_unexpected_events_are_only_reported_the_journey_goes_on() -> None:
    choreography = read(SEQUENCE, unexpected="report")
    series = [(0, "S"), (5, "u"), (70, "a"), (71, "b")]
    assert ends(choreography, *series) == [("SUCCEEDED", "Done")]
    assert deviations(choreography, *series) == [("u1", "UnexpectedEvent", 65)]


def test_an_unknown_event_is_judged_at_its_deadline_too() -> None:
    assert deviations(read(SEQUENCE), (0, "S"), (1, "u"), (2, "a"), (3, "b")) == [("u1", "JourneyEnded", 61)]


def test_events_without_a_journey_are_reported_after_the_grace_period() -> None:
    assert deviations(read(SEQUENCE), (0, "a"), (3, "b")) == [("a0", "NoJourney", 60), ("b1", "NoJourney", 63)]


def test_with_no_grace_period_an_unexpected_event_is_judged_at_once() -> None:
    assert deviations(read(SEQUENCE, early="0s", settle="0s"), (0, "S"), (3, "b"), (3, "a")) == []
    assert deviations(read(SEQUENCE, early="0s", settle="0s"), (0, "S"), (3, "b"), (4, "a")) == [
        ("b1", "UnexpectedEvent", 3),
        ("a2", "JourneyEnded", 4),
    ]


def test_of_events_with_grace_periods_of_their_own_the_one_that_is_due_is_judged() -> None:
    states = {
        "A": {"await": {"a": "B"}, "early": "10m"},
        "B": {"await": {"b": "C"}},
        "C": {"await": {"z": "Done"}},
        "Done": "succeed",
    }
    series = [(0, "S"), (10, "z"), (20, "a"), (30, "u"), (100, "b")]  # z may come until 610, u until 90
    choreography = read(states, unexpected="report")
    assert ends(choreography, *series) == [("SUCCEEDED", "Done")]
    assert deviations(choreography, *series) == [("u3", "UnexpectedEvent", 90)]


PAUSING = {
    "A": {"await": {"a": "P"}},
    "P": {"wait": "5m", "next": "B"},
    "B": {"await": {"b": "Done"}},
    "Done": "succeed",
}


def test_an_event_stays_in_play_until_a_pause_is_over() -> None:
    assert ends(read(PAUSING), (0, "S"), (1, "a"), (2, "b"), (400, "x")) == [("SUCCEEDED", "Done")]


def test_an_event_whose_time_was_over_before_a_journey_began_is_not_that_journeys() -> None:
    ending = {**PAUSING, "P": {"wait": "5m", "next": "Done"}, "C": {"await": {"u": "B"}}}
    ending["A"] = {"await": {"a": "P", "u": "P", "c": "C"}}
    series = [(0, "S"), (1, "a"), (2, "u"), (290, "S"), (310, "c")]
    journeys, met_none = played(read(ending), *series)
    assert [(one.started_at, one.status, one.state) for one in journeys] == [
        (0, "SUCCEEDED", "Done"),
        (301, "RUNNING", "C"),
    ]
    assert [(one.event.id, one.reason, one.at) for one in met_none] == [("u2", "JourneyEnded", 301)]


# ---- start events --------

ANOTHER = {"number": 2}


def test_a_start_event_is_kept_for_as_long_as_the_choreography_says_whatever_a_state_says() -> None:
    choreography = read({"A": {"await": {"a": "Done"}, "early": "5m"}, "Done": "succeed"})
    assert deviations(choreography, (0, "S"), (20, "S", ANOTHER), (120, "a")) == [
        ("S1", "SecondStart", 80),
        ("a2", "JourneyEnded", 180),
    ]


def test_a_second_start_begins_the_next_journey_if_this_one_ends_within_the_grace_period() -> None:
    series = [(0, "S"), (1, "a"), (2, "S"), (50, "b"), (70, "a"), (71, "b")]
    journeys, met_none = played(read(SEQUENCE), *series)
    assert [(one.started_by.id, one.started_at, one.status) for one in journeys] == [
        ("S0", 0, "SUCCEEDED"),
        ("S2", 50, "SUCCEEDED"),
    ]
    assert met_none == []


def test_a_second_start_fails_a_journey_that_does_not_end_in_time() -> None:
    (journey,), _ = played(read(SEQUENCE), (0, "S"), (1, "S", ANOTHER), (100, "a"))
    assert (journey.status, journey.ended_at) == ("FAILED", 61)
    assert [(one.event.id, one.reason) for one in journey.deviations] == [("S1", "SecondStart")]


@pytest.mark.parametrize("policy", ["report", "fail"])
def test_a_start_that_is_published_again_while_its_journey_runs_is_counted_and_nothing_else(policy: str) -> None:
    choreography = read(SEQUENCE, unexpected=policy)
    (journey,), _ = played(choreography, (0, "S", {"n": [1]}), (1, "S", {"n": [1.0]}), (100, "a"), (101, "b"))
    assert (journey.status, journey.conforms, journey.repeated, journey.events) == ("SUCCEEDED", True, 1, 3)
    summary = Summary(choreography, events=4)
    summary.add(journey)
    assert (summary.events, summary.repeated, summary.all_conform) == (3, 1, True)


@pytest.mark.parametrize(("first", "second"), [({"n": 1}, {"n": True}), ({}, {"n": None})])
def test_a_start_that_says_anything_else_than_the_first_is_no_duplicate(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert deviations(read(SEQUENCE, unexpected="report"), (0, "S", first), (1, "S", second)) == [
        ("S1", "SecondStart", 61)
    ]


PLACED, PLACED_ANEW, PAID = {"to": "placed"}, {"to": "placed", "number": 2}, {"to": "paid"}


@pytest.mark.parametrize(
    "waits",
    [{"await": {"e": "Done"}}, {"await": {"e": [{"when": {"to": ["sent"]}, "next": "Done"}, {"otherwise": "Done"}]}},
     {"all": {"Only": "e"}, "next": "Done"}],
)  # fmt: skip
def test_an_event_that_begins_journeys_moves_none(waits: dict[str, Any]) -> None:
    choreography = read({"A": waits, "Done": "succeed"}, start={"e": {"when": {"to": ["placed"]}}})
    assert ends(choreography, (0, "e", PLACED), (5, "e", PLACED_ANEW), (100, "x")) == [("FAILED", "A")]
    assert deviations(choreography, (0, "e", PLACED), (5, "e", PLACED_ANEW)) == [("e1", "SecondStart", 65)]
    assert ends(choreography, (0, "e", PLACED), (5, "e", PAID)) == [("SUCCEEDED", "Done")]


def test_an_event_left_over_by_a_journey_is_used_by_the_next() -> None:
    series = [(0, "S"), (1, "a"), (2, "a"), (3, "b"), (40, "S"), (41, "b")]
    assert ends(read(SEQUENCE), *series) == [("SUCCEEDED", "Done"), ("SUCCEEDED", "Done")]
    assert deviations(read(SEQUENCE), *series) == []


def test_it_is_remembered_for_as_long_as_by_the_table_that_an_entity_had_a_journey() -> None:
    ended = [(0, "S"), (1, "a"), (2, "b")]
    for later, reason in [(MEMORY_SECONDS - 100, "JourneyEnded"), (2 * MEMORY_SECONDS, "NoJourney")]:
        told: list[ReplayedJourney | Deviation] = []
        replaying = Replay(read(SEQUENCE), told.append)
        for at, name in ended:
            replaying.take(Event(name, name, "1", at, at))
        for entity, at in (("2", later - 200), ("2", later - 199), ("1", later)):  # the others let time pass
            replaying.take(Event(f"{entity}{at}", "S" if entity == "2" else "a", entity, at, at, {"at": at}))
        replaying.finish()
        assert [one.reason for one in told if isinstance(one, Deviation) and one.event.entity == "1"] == [reason]


def test_an_entity_is_remembered_from_its_last_journey_on() -> None:
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(read(SEQUENCE), told.append)
    middle, late = MEMORY_SECONDS - 100, MEMORY_SECONDS + 100
    for number, (at, name) in enumerate([(0, "S"), (1, "a"), (2, "b"), (middle, "S"), (middle, "a"), (middle, "b")]):
        replaying.take(Event(str(number), name, "1", at, at))
    for number, (at, name) in enumerate([(late, "S"), (late, "a"), (late + 1, "b")]):  # another's end: now one forgets
        replaying.take(Event(f"other{number}", name, "2", at, at))
    replaying.take(Event("last", "a", "1", late + 200, late + 200))
    replaying.finish()
    assert [one.reason for one in told if isinstance(one, Deviation)] == ["JourneyEnded"]


# ---- the same time --------


@pytest.mark.parametrize("order", ["urs", "rus", "sru", "sur", "rsu", "usr"])
def test_of_events_of_the_same_time_the_one_that_leaves_the_others_possible_goes_first(order: str) -> None:
    assert ends(read(SALE), (0, "S"), (5, "r"), *((20.0, name) for name in order)) == [("SUCCEEDED", "Sold")]


def test_of_events_of_the_same_time_that_exclude_each_other_the_first_counts() -> None:
    states = {"A": {"await": {"a": "One", "b": "Two"}}, "One": "succeed", "Two": "succeed"}
    assert ends(read(states), (0, "S"), (5, "b"), (5, "a")) == [("SUCCEEDED", "Two")]
    assert ends(read(states), (0, "S"), (5, "a"), (5, "b")) == [("SUCCEEDED", "One")]


def lines(**branches: dict[str, Any]) -> Automaton:
    """A choreography of *branches* at once."""
    parallel = {name: {"states": states} for name, states in branches.items()}
    return read({"P": {"parallel": parallel, "next": "Done"}, "Done": "succeed"})


LEFT = {"L": {"await": {"bad": "Bad", "fine": "Fine"}}, "Fine": "succeed", "Bad": "fail"}
RIGHT = {"R": {"await": {"b": "T"}}, "T": {"await": {"c": "Right"}}, "Right": "succeed"}


def test_of_events_of_the_same_time_those_go_first_that_end_no_other_line() -> None:
    for order in (["bad", "b", "c"], ["c", "b", "bad"]):
        assert deviations(lines(Left=LEFT, Right=RIGHT), (0, "S"), *((5, name) for name in order)) == []


def test_of_early_events_that_different_lines_await_the_older_goes_first() -> None:
    early = [(1, "b"), (2, "bad"), (3, "S")]
    assert deviations(lines(Left=LEFT, Right=RIGHT), *early) == []
    assert deviations(lines(Left=LEFT, Right=RIGHT), (1, "bad"), (2, "b"), (3, "S")) == [("b1", "JourneyEnded", 62)]


# ---- time that is over --------

TIMED = {
    "A": {"await": {"a": "Done"}, "timeout": {"after": "30s", "next": "Late"}},
    "Late": {"await": {"a": "Done"}},
    "Done": "succeed",
}


def test_a_state_whose_time_is_over_is_left() -> None:
    (journey,), _ = played(read(TIMED), (0, "S"), (40, "a"))
    assert journey.transitions == {(BEGIN, "S", "A"): 1, ("A", TIMEOUT, "Late"): 1, ("Late", "a", "Done"): 1}
    assert journey.stays == {"A": Stay(1, 30, 30), "Late": Stay(1, 10, 10)}
    assert journey.conforms


def test_an_event_at_the_very_end_of_a_states_time_is_used() -> None:
    (journey,), _ = played(read(TIMED), (0, "S"), (30, "a"))
    assert ("A", "a", "Done") in journey.transitions


def test_an_all_of_which_one_branch_waits_too_long_is_left() -> None:
    states = {
        "P": {"all": {"x": "a", "y": "b"}, "next": "Done", "timeout": {"after": "30s", "next": "Late"}},
        "Done": "succeed",
        "Late": "succeed",
    }
    assert ends(read(states), (0, "S"), (1, "a"), (31, "b")) == [("SUCCEEDED", "Late")]


def test_a_journey_whose_time_is_over_does_not_conform() -> None:
    (journey,), met_none = played(read(SEQUENCE, timeout="2m"), (0, "S"), (1, "a"), (121, "b"))
    assert (journey.status, journey.state, journey.ended_at, journey.conforms) == ("TIMED_OUT", "B", 120, False)
    assert [(one.event.id, one.reason) for one in met_none] == [("b2", "JourneyEnded")]


def test_after_the_last_event_its_grace_period_passes() -> None:
    assert ends(read(TIMED), (0, "S")) == [("RUNNING", "Late")]
    assert ends(read(TIMED, early="20s"), (0, "S")) == [("RUNNING", "A")]


# ---- many entities --------


def test_entities_go_their_own_ways() -> None:
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(read(SEQUENCE), told.append)
    for at, name, entity in [(0, "S", "1"), (1, "S", "2"), (2, "a", "2"), (3, "a", "1"), (4, "b", "1"), (5, "x", "3")]:
        replaying.take(Event(f"{at}", name, entity, at, at))
    assert (replaying.begun, replaying.open) == (2, 2)
    replaying.finish()
    found = [(one.entity, one.status, one.state) for one in told if isinstance(one, ReplayedJourney)]
    assert found == [("1", "SUCCEEDED", "Done"), ("2", "RUNNING", "B")]
    assert [one.event.entity for one in told if isinstance(one, Deviation)] == ["3"]


def test_what_has_ended_is_told_at_once_and_not_held() -> None:
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(read(SEQUENCE, unexpected="report"), told.append)
    for number in range(3_000):
        for step, name in enumerate("Saub"):
            replaying.take(Event(f"{name}{number}", name, str(number), number * 10.0 + step, number * 10.0 + step))
        assert replaying.open <= 8  # as many as have an event in its grace period
        assert len(replaying._dues) < 2_000
    assert len(told) > 5_900


def test_events_that_are_ignored_do_not_make_it_sort_out_again_and_again_what_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sorted_out = mock.Mock(side_effect=heapify)
    monkeypatch.setattr(replaying_module, "heapify", sorted_out)
    replaying = Replay(read(SEQUENCE, unexpected="report"), lambda told: None)
    for at in range(6_000):
        entity, turn = divmod(at, 20)
        replaying.take(Event(f"{at}", "u" if turn else "S", str(entity), at * 61.0, at * 61.0))
    assert 0 < sorted_out.call_count < 20


@pytest.mark.parametrize("policy", ["report", "fail"])
def test_each_event_is_looked_at_as_often_however_many_wait_beside_it(
    policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: Counter[str] = Counter()
    way_of, deadline = AwaitingState.way_of, journey_module.deadline

    def counted_way(self: AwaitingState, event: Event) -> Transition | None:
        looked["ways"] += 1
        return way_of(self, event)

    def counted_deadline(choreography: Automaton, event: Event) -> float:
        looked["deadlines"] += 1
        return deadline(choreography, event)

    monkeypatch.setattr(AwaitingState, "way_of", counted_way)
    monkeypatch.setattr(journey_module, "deadline", counted_deadline)
    told: list[ReplayedJourney | Deviation] = []
    replaying = Replay(read(SEQUENCE, unexpected=policy, early="1h"), told.append)
    replaying.take(Event("S", "S", "1", 0, 0))
    for at in range(1, 1_001):
        replaying.take(Event(f"{at}", "u", "1", at, at))
    replaying.finish()
    assert 1_000 <= looked["ways"] <= 2_100
    assert 1_000 <= looked["deadlines"] <= 3_100
    journeys = [one for one in told if isinstance(one, ReplayedJourney)]
    assert len([one for one in told if isinstance(one, Deviation)]) + len(journeys[0].deviations) == 1_000


def test_a_journey_that_nothing_holds_up_is_an_error_and_fills_no_memory() -> None:
    choreography = read({"A": {"await": {"a": "B"}}, "B": {"pass": "Done"}, "Done": "succeed"})
    places = {**choreography.places, "Done": replace(choreography.places["B"], name="Done", onward=lambda _: "B")}
    with pytest.raises(EndlessError, match="'B' goes round there for ever"):
        ends(replace(choreography, places=places), (0, "S"), (1, "a"))


def test_events_must_come_in_order() -> None:
    replaying = Replay(read(SEQUENCE), print)
    replaying.take(Event("1", "S", "1", 5, 5))
    with pytest.raises(ValueError, match="older than 5"):
        replaying.take(Event("2", "a", "1", 4, 4))


def test_a_retired_event_lets_time_pass_and_nothing_else() -> None:
    late = {
        "A": {"await": {"a": "Done"}, "timeout": {"after": "10s", "next": "Late"}},
        "Late": "fail",
        "Done": "succeed",
    }
    choreography = read(late, events={"old": {"retired": True}})
    (journey,), met_none = played(choreography, (0, "S"), (1, "old"), (2, "a"), (100, "old"))
    assert (journey.status, journey.state, journey.conforms, met_none) == ("SUCCEEDED", "Done", True, [])
    assert ends(choreography, (0, "S"), (100, "old")) == [("FAILED", "Late")]
    assert deviations(choreography, (0, "S"), (1, "old"), (2, "new")) == [("new2", "JourneyEnded", 62)]


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ([], {"count": 0, "list": [], "any": False, "all": True}),
        ([None, None], {"count": 0, "list": [], "any": False, "all": False}),
        ([None, 0], {"count": 1, "list": [0], "any": True, "all": False}),
        (["y", False], {"count": 2, "list": ["y", False], "any": True, "all": True}),
    ],
)
def test_what_items_remember_is_known_behind_them_in_the_order_of_the_list(
    known: list[Any], found: dict[str, Any]
) -> None:
    body = {"I": {"await": {"i": {"remember": {"m": "detail.m"}, "next": "IEnd"}}}, "IEnd": "succeed"}
    each = {"items": "$.detail.items", "item": "$.detail.item", "states": body}
    states: dict[str, Any] = {
        "E": {"each": each, "remember": {how: {how: "m"} for how in found}, "next": "F"},
    }
    lines = list(enumerate(known))
    answers = [(9 - at, "i", {"item": str(at), **({} if value is None else {"m": value})}) for at, value in lines]
    series = [(0, "S", {"items": [str(at) for at, _ in lines]}), *answers]
    for how, said in found.items():
        states["F"] = {"fail": {"error": f"$.remembered.{how}"}}
        (journey,), met_none = played(read(states), *sorted(series, key=lambda one: one[0]))
        assert (journey.state, journey.error, met_none) == ("F", json.dumps(said), [])
