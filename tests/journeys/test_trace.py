"""What a run leaves out, and when it is over: whatever it holds against replay is certain, however late things are."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fake_aws.clock import EPOCH
from journeys.definitions import Definition
from journeys.plans import Plan
from journeys.series import Happening
from journeys.trace import Ambiguous, Course

_STATES = {"Packing": {"await": {"Packed": "Shipping"}}, "Shipping": {"await": {"Shipped": "Done"}}, "Done": "succeed"}
_SPEC: Mapping[str, Any] = {"choreography": "order", "source": "shop", "start": "Ordered", "states": _STATES}
_WRITTEN = Definition(json.dumps(_SPEC))
_PACKED_BEGINS = Definition(json.dumps({**_SPEC, "start": ["Ordered", "Packed"]}))
_LOST_IS_NOTED = Definition(json.dumps({**_SPEC, "anytime": {"Lost": "stay"}}))


def _sorted(early: str, otherwise: str, **states: Any) -> Definition:
    """Journeys of the sort 1 are packed, all others go *otherwise*."""
    sorting = {"choose": [{"when": {"sort": [1]}, "next": "Packing"}, {"otherwise": otherwise}]}
    return Definition(json.dumps({**_SPEC, "early": early, "states": {"Sorting": sorting, **states, **_STATES}}))


_ENDS_AT_ONCE = _sorted("2000s", "Done")
_PAUSES = _sorted("300s", "Resting", Resting={"wait": "1000s", "next": "Done"})
_PLAN = Plan(1, lag=0.0, settle=0, early=60, loose=True, late_writes=False, answered_too_soon=False)


def _come(course: Course, name: str, at: float, *, alone: bool, **detail: Any) -> None:
    happening = Happening(f"{name}-{at:g}", name, "shop", {"id": "1", **detail}, at, alone)
    event = happening.as_event(course.choreography, 0)
    assert event is not None
    (course.take_alone if alone else course.take_in_burst)(event)


@pytest.mark.parametrize("prompt", [True, False])
def test_an_event_of_a_later_journey_may_come_as_late_as_one_of_the_first(*, prompt: bool) -> None:
    course = Course(_WRITTEN.read, _PLAN, prompt=prompt)
    for at, name in enumerate(["Ordered", "Packed", "Shipped"] * 3):
        _come(course, name, 100.0 * at, alone=True)
        assert course.quiet_from() == EPOCH + 100.0 * at + _PLAN.drift + 1.0


def test_a_start_event_that_is_awaited_may_begin_the_journey_if_another_comes_again_after_a_failure() -> None:
    course = Course(_PACKED_BEGINS.read, _PLAN, prompt=True)
    _come(course, "Ordered", 0.0, alone=False)
    with pytest.raises(Ambiguous):
        _come(course, "Packed", 1.0, alone=False)


@pytest.mark.parametrize(("faults", "at"), [(0, 1.0), (1, _PLAN.drift + 1.0)])
def test_but_not_if_nothing_fails_or_the_other_has_begun_the_journey(faults: int, at: float) -> None:
    course = Course(_PACKED_BEGINS.read, replace(_PLAN, faults=faults), prompt=True)
    _come(course, "Ordered", 0.0, alone=False)
    _come(course, "Packed", at, alone=False)
    assert course.running is not None
    assert course.running.state == "Shipping"


def test_what_follows_an_event_that_is_only_noted_may_lead_on_before_it_is_noted() -> None:
    course = Course(_LOST_IS_NOTED.read, _PLAN, prompt=True)
    _come(course, "Ordered", 0.0, alone=True)
    _come(course, "Lost", 100.0, alone=False)
    with pytest.raises(Ambiguous):
        _come(course, "Packed", 101.0, alone=False)


def test_but_not_if_it_comes_when_that_has_been_noted() -> None:
    course = Course(_LOST_IS_NOTED.read, _PLAN, prompt=True)
    _come(course, "Ordered", 0.0, alone=True)
    _come(course, "Lost", 100.0, alone=False)
    _come(course, "Packed", 100.0 + _PLAN.drift, alone=False)
    assert course.running is not None
    assert course.running.state == "Shipping"


def test_two_start_events_that_wait_may_not_both_begin_a_journey_when_one_ends_and_nobody_tells_of_it() -> None:
    course = Course(_ENDS_AT_ONCE.read, _PLAN, prompt=False)
    _come(course, "Ordered", 0.0, alone=True, sort=1)
    _come(course, "Ordered", 100.0, alone=True)
    _come(course, "Ordered", 200.0, alone=True)
    _come(course, "Packed", 300.0, alone=True)
    with pytest.raises(Ambiguous):
        _come(course, "Shipped", 400.0, alone=True)


@pytest.mark.parametrize(("packed", "is_sure"), [(690.0, False), (400.0, True)])
def test_of_an_event_that_is_kept_when_a_journey_begins_it_is_sure_whether_its_time_was_over(
    packed: float, *, is_sure: bool
) -> None:
    course = Course(_PAUSES.read, _PLAN, prompt=True)
    _come(course, "Ordered", 0.0, alone=True)
    _come(course, "Packed", packed, alone=True)
    _come(course, "Ordered", 800.0, alone=True)
    if is_sure:
        course.let_pass(EPOCH + 1001.0)
        assert course.standing.begun == 2
    else:
        with pytest.raises(Ambiguous):
            course.let_pass(EPOCH + 1001.0)
