"""Decisions that the simplest promises do not show: values in, one step out."""

import pytest

from choreography_insights.runtime.decision import (
    AskExecution,
    AskWaits,
    Claim,
    ClaimFailure,
    ExecutionState,
    HandToStart,
    Kind,
    Question,
    SendTimers,
    decide,
)
from choreography_insights.runtime.journey import EventRow, Journey, Snapshot, Status, Variant, Wait

from .samples import EXECUTION, NOW, ORDER, event

WAIT = Wait("WaitForConfirmation", "token-1", (Variant("Order Confirmed"),), EXECUTION, NOW)
RUNNING = Journey("order#o-1", EXECUTION, "RUNNING", (WAIT,), {"e-9": "Order Placed"})
SECOND_START = event("Order Placed", "e-9")
ROW = EventRow("e-9", Status.KEPT, "Order Placed", NOW, NOW, NOW + 60, is_start=True, payload=SECOND_START.payload)


def asked(row: EventRow, kind: Kind = "deadline", journey: Journey = RUNNING, now: float = NOW + 61) -> Question:
    return Question(kind, SECOND_START, ORDER, Snapshot(journey, {row.event_id: row}), now)


@pytest.mark.parametrize("kind", ["deadline", "settle", "finish"])
def test_a_start_that_somebody_died_over_is_finished_by_any_message_about_it(kind: Kind) -> None:
    assert decide(asked(ROW._replace(status=Status.STARTING), kind)) == HandToStart()


def test_a_second_start_begins_the_next_journey_if_the_first_has_ended() -> None:
    assert decide(asked(ROW, journey=RUNNING._replace(status="SUCCEEDED"))) == HandToStart()


def test_a_second_start_fails_the_journey_only_if_step_functions_says_that_it_runs() -> None:
    assert decide(asked(ROW)) == AskExecution()
    assert decide(asked(ROW)._replace(execution=ExecutionState.ENDED)) == HandToStart()
    running = asked(ROW)._replace(execution=ExecutionState.RUNNING)
    assert decide(running) == AskWaits()
    step = decide(running._replace(asked_waits=True))
    assert isinstance(step, ClaimFailure)
    assert (step.wait, step.deviation.reason) == (WAIT, "SecondStart")


@pytest.mark.parametrize(("status", "goes"), [(Status.CLAIMED, False), (Status.DONE, True)])
def test_an_event_that_contests_itself_goes_only_when_an_older_one_of_another_line_is_recorded(
    status: Status, *, goes: bool
) -> None:
    """Its failure might reach the journey before the older one does, whose wait is gone already."""
    wait = WAIT._replace(accepts=(Variant("Order Rejected", contested_by=(0,)),))
    rejected = event("Order Rejected", "e-2")
    own = EventRow("e-2", Status.KEPT, "Order Rejected", NOW, NOW, NOW + 60, payload=rejected.payload)
    older = EventRow("e-1", status, "Order Confirmed", NOW - 1, token="token-2", wait="Beside", execution=EXECUTION)
    journey = RUNNING._replace(waits=(wait,))
    question = Question("settle", rejected, ORDER, Snapshot(journey, {"e-1": older, "e-2": own}), NOW + 3)
    assert decide(question) == (Claim(rejected, wait, was_kept=True) if goes else SendTimers(None, NOW + 5))


def test_a_wait_of_an_earlier_execution_is_not_open() -> None:
    assert RUNNING.open_waits == (WAIT,)
    assert RUNNING._replace(execution_arn=EXECUTION + "-2").open_waits == ()
