"""What an order goes through. Run with: pytest examples/partner-events.

A webhook on EventBridge is its HTTP headers (`metadata`) and its body (`payload`):
https://shopify.dev/docs/apps/build/webhooks
"""

import pytest

from choreography_insights.testing import event


def webhook(topic):
    headers = {"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": "acme.myshopify.com"}
    headers["X-Shopify-Webhook-Id"] = f"b54557e4-{topic}"
    return event("shopifyWebhook", payload={"currency": "EUR"}, metadata=headers)


CREATED, PAID, CANCELED = webhook("orders/create"), webhook("orders/paid"), webhook("orders/cancelled")


def test_a_paid_order_is_fulfilled(choreography):
    updated = webhook("orders/updated")
    journey = choreography("shop-order").play(CREATED, updated, PAID, updated, webhook("orders/fulfilled"), updated)
    assert journey.ended_in("Fulfilled")
    assert not journey.deviated()


@pytest.mark.parametrize(("paid", "state"), [([], "Canceled"), ([PAID], "Refunding")])
def test_a_canceled_order_is_refunded_if_it_was_paid(choreography, paid, state):
    journey = choreography("shop-order").play(CREATED, *paid, CANCELED)
    assert journey.trace.here == (state,)


def test_a_refund_that_does_not_come_within_a_week_is_told(choreography):
    order = choreography("shop-order")
    assert order.play(CREATED, PAID, CANCELED, webhook("refunds/create")).ended_in("Canceled")
    assert order.play(CREATED, PAID, CANCELED, then_wait="8d").ended_in("NotRefunded")


def test_a_webhook_that_is_sent_again_counts_once(choreography):
    journey = choreography("shop-order").play(CREATED, CREATED, PAID, PAID)
    assert journey.waits_in("Paid")
    assert not journey.deviated()


def test_an_order_that_nobody_pays_is_abandoned(choreography):
    assert choreography("shop-order").play(CREATED, then_wait="15d").ended_in("Abandoned")
