"""What an order goes through. Run with: pytest examples/order (the fixture `choreography` comes with the package)."""

import pytest


def test_a_confirmed_order_waits_for_a_service_provider(choreography):
    journey = choreography("order").play("Order Placed", "Order Confirmed")
    assert journey.waits_in("WaitForServiceProviderAccept")


def test_a_delivered_order_is_completed(choreography):
    journey = choreography("order").play("Order Placed", "Order Confirmed", "Order Accepted", "Order Delivered")
    assert journey.ended_in("OrderCompleted")
    assert journey.status == "SUCCEEDED"


@pytest.mark.parametrize("answer", ["Order Accepted", "Order Rejected"])
def test_an_order_can_be_canceled_whatever_the_answer(choreography, answer):
    journey = choreography("order").play("Order Placed", "Order Confirmed", answer, "Order Canceled")
    assert journey.ended_in("OrderCanceled")


def test_an_order_that_is_delivered_before_it_was_accepted_deviates(choreography):
    journey = choreography("order").play("Order Placed", "Order Confirmed", "Order Delivered")
    assert journey.deviated("Order Delivered")
    assert journey.status == "FAILED"
