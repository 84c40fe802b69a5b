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

CHANGING = ROOT / "tests" / "definitions" / "good" / "ids-that-change"
REPORTED, OPENED, ASSESSED = "Damage Reported", "Claim Opened", "Claim Assessed"
ODD_PLACES = ROOT / "tests" / "definitions" / "good" / "ids-in-odd-places"
QUORUM = ROOT / "tests" / "definitions" / "good" / "loan-by-quorum"
ANN, BEN, CAT = (event("Loan Approved", reviewer=name, rate=2.5) for name in ("ann", "ben", "cat"))
WHERE = ROOT / "tests" / "definitions" / "good" / "payments-of-orders"
PLACED_IN_SHOP = event("Order Placed", source="shop")
INVOICED, PAYMENT_IN = (event(name, kind="order", source="billing") for name in ("Invoice Opened", "Payment Received"))
OF_ANOTHER_KIND = event("Payment Received", kind="subscription", source="billing")
RETIRED = ROOT / "tests" / "definitions" / "good" / "retired-events"
EXPECTED = ROOT / "tests" / "definitions" / "good" / "expected-in-states"

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
    ("folder", "events", "then_wait", "state"),
    [
        (CHANGING, [REPORTED, OPENED, ASSESSED, "Payment Ordered", "Payment Bounced"], 0, "Assessed"),
        (CHANGING, [REPORTED, ASSESSED, OPENED, "Payment Ordered", "Payment Made"], 0, "Paid"),
        (QUORUM, ["Loan Requested", ANN, ANN, BEN], 0, "Deciding"),
        (QUORUM, ["Loan Requested", ANN, ANN, BEN, CAT], 0, "Cheap"),
        (QUORUM, ["Loan Requested", ANN, "Loan Refused", BEN, "Loan Refused"], 0, "Denied"),
        (QUORUM, ["Loan Requested", ANN, BEN], "15d", "Lapsed"),
        (WHERE, [PLACED_IN_SHOP, INVOICED, OF_ANOTHER_KIND, event("Payment Refused", kind="order")], 0, "Open"),
        (WHERE, [PLACED_IN_SHOP, INVOICED, PAYMENT_IN, event("Parcel Sent", source="warehouse")], 0, "Sent"),
        (RETIRED, ["Parcel Handed In", "Parcel Scanned", "Parcel Weighed", "Parcel Measured"], 0, "OnTheWay"),
        (EXPECTED, ["Order Placed"], "3h", "WaitForPayment"),
    ],
    ids=[
        *("another-name", "a-name-before-it-is-taught", "counting", "a-quorum", "refused-twice", "a-quorum-too-late"),
        *("not-where", "where", "retired", "expected"),
    ],
)
def test_each_form_fares_on_aws_as_replay_says(
    choreography: Find, folder: object, events: list[Any], then_wait: str | float, state: str
) -> None:
    real = choreography(folder, engine="aws").play(*events, then_wait=then_wait)
    told = choreography(folder).play(*events, then_wait=then_wait)
    assert real.trace.here == told.trace.here == (state,)
    assert (real.status, real.states, real.trace.transitions) == (told.status, told.states, told.trace.transitions)
    assert real.deviations == told.deviations == ()


def test_ids_are_found_in_odd_places_and_in_two_cases(choreography: Find) -> None:
    def play(finding: Choreography) -> Any:
        imported = {"Id": "f-1", "Owner": "ANN", "Severity": "HIGH", "UpdatedAt": None}
        return finding.play(
            event("Finding Imported", findings=[imported]),
            event("Report Written", object={"key": "reports/2026/f-1/report.json"}, owner="Ann"),
            event("Report Written", object={"key": "reports/index.json"}, owner="Ann"),
            event("Finding Resolved", id="f-1", owner="ann"),
            entity="f-1|ann",
        )

    real, told = play(choreography(ODD_PLACES, engine="aws")), play(choreography(ODD_PLACES))
    assert real.states == told.states
    assert real.trace.here == told.trace.here == ("Resolved",)
    assert real.deviations == told.deviations == ()


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
