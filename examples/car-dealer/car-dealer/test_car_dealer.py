"""What a second-hand car goes through. Run with: pytest examples/car-dealer."""

import pytest

from choreography_insights.testing import event

PASSED = event("Inspection Completed", result="Success")
PREPARED = ("Car Cleaned", "Car Repaired", "Car Priced")


def test_a_car_that_fails_its_inspection_is_rejected(choreography):
    journey = choreography("car-dealer").play("Car Announced", event("Inspection Completed", result="Rejected"))
    assert journey.ended_in("Rejected")


@pytest.mark.parametrize("missing", range(3))
def test_a_car_is_ready_only_when_all_is_prepared(choreography, missing):
    some = [name for number, name in enumerate(PREPARED) if number != missing]
    car = choreography("car-dealer")
    assert car.play("Car Announced", PASSED, *some).waits_in("InPreparation")
    assert car.play("Car Announced", PASSED, *reversed(PREPARED)).waits_in("ReadyForSale")


def test_a_reservation_may_come_to_nothing(choreography):
    journey = choreography("car-dealer").play(
        *("Car Announced", PASSED, *PREPARED, "Car Published"),
        *("Car Reserved", "Car Unreserved", "Car Reserved", "Car Sold", "Invoice Sent"),
    )
    assert journey.waits_in("Sold.Delivery")
    assert not journey.deviated()


def test_a_car_that_nobody_publishes_goes_stale_after_two_weeks(choreography):
    car = choreography("car-dealer")
    assert car.play("Car Announced", PASSED, *PREPARED, then_wait="13d").waits_in("ReadyForSale")
    assert car.play("Car Announced", PASSED, *PREPARED, then_wait="15d").ended_in("Stale")


def test_a_car_may_be_announced_after_its_inspection(choreography):
    journey = choreography("car-dealer").play(PASSED, event("Car Announced", after="30s"))
    assert journey.waits_in("InPreparation")
