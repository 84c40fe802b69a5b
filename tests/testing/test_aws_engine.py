"""``engine="aws"`` says what replay says, from the real functions and the real state machine."""

from collections.abc import Callable
from typing import Any

import pytest

from choreography_insights.testing import Choreography, event
from devtools.places import ROOT

ORDER, CAR = ROOT / "examples" / "order" / "order", ROOT / "examples" / "car-dealer" / "car-dealer"
SUCCESS = event("Inspection Completed", result="Success")
PREPARED = ("Car Cleaned", "Car Repaired", "Car Priced", "Car Published")

CLAIM = ROOT / "tests" / "definitions" / "good" / "claim-with-escalation"
EARLY = event("Papers Received")
PARCELS = ROOT / "tests" / "definitions" / "good" / "each-parcel"
BRANCHES = ROOT / "tests" / "definitions" / "good" / "parallel-branches"
CANCEL = ROOT / "tests" / "definitions" / "good" / "cancel-anytime"
ONE_NAME = ROOT / "tests" / "definitions" / "good" / "one-name-for-all-events"
PLACED, PAID, SHIPPED = (event("Order Status Changed", status=status) for status in ("PLACED", "PAID", "SHIPPED"))
ANOTHERS = event("Order Status Changed", status="SHIPPED", id="another")
OWN_IDS = ROOT / "tests" / "definitions" / "good" / "own-event-ids"
HANDED_IN, WEIGHED = event("Parcel Handed In", messageId="a"), event("Parcel Weighed", weighings=[{"id": 7}])
SEVERAL = ROOT / "tests" / "definitions" / "good" / "several-entities"
REGISTERED, PAID_OUT = (event(name, claims=[{}, {"number": "x"}]) for name in ("Claims Registered", "Claims Paid Out"))
BY_KIND = ROOT / "tests" / "definitions" / "good" / "ids-by-kind"
PAYMENT = event("webhook", topic="checkouts/paid")
SHIPMENT = event("webhook", topic="fulfillments/create")
PACKED = event("Order Packed", parcels=[{"number": 1, "weight": 40}, {"number": 2, "weight": 5}])

Find = Callable[..., Choreography]


@pytest.mark.parametrize(
    ("folder", "events"),
    [
        (ORDER, ["Order Placed", "Order Confirmed"]),
        (ORDER, ["Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered"]),
        (ORDER, ["Order Placed", "Order Delivered"]),
        (ORDER, ["Order Delivered"]),
        (CAR, ["Car Announced", SUCCESS, *PREPARED, "Car Reserved", "Car Unreserved", "Car Reserved", "Car Sold"]),
        (PARCELS, [PACKED, event("Lift Booked", parcel=1), event("Parcel Returned", returned={"parcel": 2})]),
        (PARCELS, [PACKED, event("Parcel Burnt", parcel=2)]),
        (BRANCHES, ["Contract Signed", "Desk Set Up", "Mail Created"]),
        (BRANCHES, ["Contract Signed", "Desk Set Up", "First Day Begun"]),
        (CANCEL, ["Order Placed", event("Order Canceled", reason="fraud")]),
        (CANCEL, ["Order Placed", "Order Checked", event("Order Canceled", reason="mistake"), "Payment Refunded"]),
        (CANCEL, ["Order Placed", "Order Checked", event("Stock Picked", after="61m"), "Box Broken", "Stock Burnt"]),
        (
            CANCEL,
            ["Order Placed", "Order Checked", event("Payment Taken", after="61m"), event("Order Canceled", reason="x")],
        ),
        (ONE_NAME, [PLACED, PAID, SHIPPED]),
        (ONE_NAME, [PLACED, PLACED, PAID]),
        (ONE_NAME, [PLACED, PAID, ANOTHERS]),
        (
            OWN_IDS,
            [event("Parcel Handed In", messageId="a"), event("Parcel Handed In", messageId="a"), WEIGHED, WEIGHED],
        ),
        (SEVERAL, [REGISTERED, "Claim Checked", PAID_OUT]),
        (BY_KIND, [PAYMENT, SHIPMENT, event("webhook", topic="refunds/create", amount=0)]),
    ],
    ids=[
        *("waiting", "completed", "deviating", "not-begun", "looping"),
        *("each", "ended-in-each", "parallel", "deviating-in-parallel"),
        *("anytime", "anytime-in-a-pause", "anytime-in-parallel", "anytime-of-all-in-parallel"),
        *("one-name", "one-name-twice-begun", "one-name-of-another", "published-again", "several", "ids-by-kind"),
    ],
)
def test_both_engines_agree(choreography: Find, folder: object, events: list[object]) -> None:
    real = choreography(folder, engine="aws").play(*events)  # type: ignore[arg-type]
    told = choreography(folder).play(*events)  # type: ignore[arg-type]
    assert (real.status, real.trace.here, real.states) == (told.status, told.trace.here, told.states)
    assert (real.deviations, real.trace.transitions) == (told.deviations, told.trace.transitions)


@pytest.mark.parametrize(
    ("events", "then_wait", "state"),
    [
        (["Claim Filed"], "47h", "Filed"),
        (["Claim Filed"], "49h", "WithSuperior"),
        (["Claim Filed"], "5d", "Overdue"),
        (["Claim Filed", event("Claim Assigned", after="47h")], "4d", "WithAssessor"),
        (["Claim Filed", event("Claim Assigned", after="47h"), event("Papers Requested", after="4d")], "31d", "Lapsed"),
        (["Claim Filed", event("Claim Assessed", after="49h", verdict="not covered")], 0, "Declined"),
        (
            ["Claim Filed", EARLY, event("Claim Assigned", after="9m"), "Papers Requested"],
            0,
            "WithAssessor",
        ),
        (["Claim Filed", EARLY, event("Claim Assigned", after="11m"), "Papers Requested"], 0, "PapersWanted"),
    ],
)
def test_days_pass_for_both_engines_alike(choreography: Find, events: list[Any], then_wait: str, state: str) -> None:
    real = choreography(CLAIM, engine="aws").play(*events, then_wait=then_wait)
    told = choreography(CLAIM).play(*events, then_wait=then_wait)
    assert real.trace.here == told.trace.here == (state,)
    assert (real.status, real.states, real.deviations) == (told.status, told.states, told.deviations)
    assert real.trace.transitions == told.trace.transitions
