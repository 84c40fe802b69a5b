"""What is still to come, by what others did."""

from typing import Any

import pytest

from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.views.future import Future
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import ChoreographyKnown, StateKnown
from support.definitions import workflow_of

STATES: dict[str, Any] = {
    "Open": {"await": {"Paid": "Packing", "Canceled": "Gone"}, "timeout": {"after": "1d", "next": "Stale"}},
    "Packing": {"all": {"One": "Packed", "Two": "Billed"}, "next": "Done"},
    "Done": "succeed",
    "Gone": "succeed",
    "Stale": "fail",
}


def known(**times: int) -> ChoreographyKnown:
    ways = {
        "Paid": ("Open", "Paid", "Packing"),
        "Canceled": ("Open", "Canceled", "Gone"),
        "Late": ("Open", "(timeout)", "Stale"),
    }
    spent = Histogram()
    spent.add(100.0, 10)
    states = {name: StateKnown(name, spent=spent) for name in ("Open", "Packing")}
    return ChoreographyKnown(
        "test",
        layout(picture_of(workflow_of(STATES))),
        states=states,
        transitions={ways[name]: count for name, count in times.items()},
        exits={"Packing": times.get("Paid", 0)},
    )


def test_each_end_has_its_likeliest_way_the_likeliest_end_first() -> None:
    ways = Future(known(Paid=6, Canceled=3, Late=1)).of("Open")
    assert [(way.end, way.succeeds) for way in ways] == [("Done", True), ("Gone", True), ("Stale", False)]
    assert [way.share for way in ways] == [pytest.approx(0.6), pytest.approx(0.3), pytest.approx(0.1)]
    assert [(step.state, step.by) for step in ways[0].steps] == [("Open", "Paid"), ("Packing", "Packed, Billed")]
    assert ways[2].steps[0].by == "no event after 1d"


def test_the_time_that_it_takes_is_that_of_others_less_what_was_waited() -> None:
    way = Future(known(Paid=6)).of("Open")[0]
    assert way.seconds(0.0) == pytest.approx(200.0, rel=0.05)
    assert way.seconds(30.0) == pytest.approx(170.0, rel=0.05)
    assert way.seconds(5_000.0) == pytest.approx(100.0, rel=0.05)


def test_where_nobody_has_been_nothing_is_said_of_shares() -> None:
    assert {way.share for way in Future(known()).of("Open")} == {None}


def test_a_round_way_comes_to_its_ends() -> None:
    states: dict[str, Any] = {"A": {"await": {"Again": "B", "End": "Z"}}, "B": {"await": {"Back": "A"}}, "Z": "succeed"}
    found = ChoreographyKnown(
        "test",
        layout(picture_of(workflow_of(states))),
        transitions={("A", "Again", "B"): 90, ("B", "Back", "A"): 90, ("A", "End", "Z"): 10},
    )
    (way,) = Future(found).of("B")
    assert way.share == pytest.approx(1.0, abs=0.01)
    assert [step.state for step in way.steps] == ["B", "A"]


def test_what_is_accepted_at_any_time_is_a_way_out_of_each_state_that_does_not_say_more_of_it() -> None:
    anytime = {"Canceled": "Gone", "Rated": "stay", "Paid": "Gone"}
    found = ChoreographyKnown(
        "test",
        layout(picture_of(workflow_of(STATES, anytime=anytime))),
        transitions={
            ("Open", "Paid", "Packing"): 4,
            ("Packing", "Canceled", "Gone"): 1,
            ("Packing", "Paid", "Gone"): 2,
        },
        exits={"Packing": 1},
    )
    ways = {way.end: way for way in Future(found).of("Packing")}
    assert ways["Gone"].steps[0].by == "Canceled or Paid"
    assert ways["Gone"].share == pytest.approx(0.75)
    assert ways["Done"].share == pytest.approx(0.25)
    (gone,) = [way for way in Future(found).of("Open") if way.end == "Gone"]
    assert [step.by for step in gone.steps] == ["Paid", "Canceled or Paid"]


def test_what_came_too_late_to_be_in_place_of_them_all_is_no_way_on() -> None:
    states = {
        "Sold": {"all": {"One": "Packed", "Two": "Billed"}, "instead": {"Canceled": "Gone"}, "next": "Done"},
        "Done": "succeed",
        "Gone": {"await": {"Returned": "Sold", "Refunded": "End"}},
        "End": "fail",
    }
    moved = {("Sold", "Canceled", "Gone"): 5, ("Gone", "Refunded", "End"): 5}
    found = ChoreographyKnown(
        "test", layout(picture_of(workflow_of(states))), transitions=moved, exits={"Sold": 5, "Gone": 5}
    )
    future = Future(found)
    for awaited in ((), ("Packed", "Billed", "Canceled")):
        assert [way.end for way in future.of("Sold", awaited)] == ["Done", "End"]
    assert [(way.end, way.share) for way in future.of("Sold", ("Billed",))] == [("Done", 1.0)]
    assert [way.end for way in future.of("Gone", ("Returned", "Refunded"))] == ["End", "Done"]


def test_of_a_way_by_several_events_those_that_came_too_late_are_not_told_and_not_counted() -> None:
    group = {"all": {"One": "Packed", "Two": "Billed"}, "instead": {"Canceled": "Gone"}, "anytime": {"Wrecked": "Gone"}}
    states = {"Sold": {**group, "next": "Done"}, "Done": "succeed", "Gone": "fail"}
    moved = {("Sold", "Canceled", "Gone"): 6, ("Sold", "Wrecked", "Gone"): 1}
    found = ChoreographyKnown("test", layout(picture_of(workflow_of(states))), transitions=moved, exits={"Sold": 3})
    future = Future(found)
    told = {
        awaited: {way.end: (way.steps[0].by, way.share) for way in future.of("Sold", awaited)}
        for awaited in (("Packed", "Billed", "Canceled", "Wrecked"), ("Billed", "Wrecked"))
    }
    assert [sorted(one["Gone"][0].split(" or ")) for one in told.values()] == [["Canceled", "Wrecked"], ["Wrecked"]]
    assert [one["Gone"][1] for one in told.values()] == [pytest.approx(0.7), pytest.approx(0.25)]
