"""The examples of events that others publish: AWS's services on the default bus, a partner on its own bus."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from demonstration.deployment import Stage, Workspace

from .conftest import dead_letters, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

KEY, ORDER = "2026/11/orders über alles.csv", 820982911946154508


def job_of(key: str, status: str) -> dict[str, Any]:
    """What AWS Batch says of a job, as far as it matters here.

    https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html
    """
    arn = "arn:aws:batch:eu-west-1:123456789012:job/4c7599ae-0a82-49aa-ba5a-4727fcce14a8"
    told = {"jobArn": arn, "jobId": arn.rsplit("/", 1)[1], "jobName": "ingest", "parameters": {"key": key}}
    return {
        "Source": "aws.batch",
        "DetailType": "Batch Job State Change",
        "Resources": [arn],
        "Detail": json.dumps({**told, "status": status, "attempts": [], "createdAt": 1641944200058}),
    }


def put(stage: Stage, entry: Mapping[str, Any]) -> None:
    """Put an event on the default bus."""
    assert stage.aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def waits(stage: Stage, choreography: str, entity: str, state: str) -> None:
    """Wait until the journey of *entity* waits in *state*."""
    until(lambda: stage.journey(choreography, entity).waits_in == (state,), stage.rows)


def test_an_object_is_ingested(ingest: Stage) -> None:
    s3 = ingest.aws.client("s3")
    s3.put_object(Bucket=ingest.outputs["bucket_name"], Key=KEY, Body=b"1;2;3")
    waits(ingest, "ingest", KEY, "WaitForJob")
    for status in ("RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"):
        put(ingest, job_of(KEY, status))
    waits(ingest, "ingest", KEY, "WaitForResult")
    put(ingest, {"Source": "catalog", "DetailType": "Result Published", "Detail": json.dumps({"key": KEY})})
    until(lambda: ingest.journey("ingest", KEY).has_ended, ingest.rows)

    assert ingest.journey("ingest", KEY).last_state == "Ingested"
    rows = [row for row in ingest.rows() if row["journey"]["S"] == f"ingest#{KEY}"]
    names = [row["name"]["S"] for row in rows if row["item"]["S"].startswith("EVENT#")]
    assert sorted(names) == ["Batch Job State Change", "Object Created", "Result Published"], rows
    assert dead_letters(ingest) == {}


@pytest.mark.usefixtures("ingest", "shop_order")
@pytest.mark.parametrize("of", ["ingest_workspace", "shop_order_workspace"])
def test_a_second_plan_shows_no_difference(of: str, request: pytest.FixtureRequest) -> None:
    workspace: Workspace = request.getfixturevalue(of)
    assert workspace.differences() == set()


def webhook(stage: Stage, topic: str, payload: Mapping[str, Any]) -> None:
    """Publish as the partner does: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPartnerEvents.html."""
    headers = {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": f"b54557e4-{topic}"}
    entry = {
        "Source": stage.outputs["event_bus_name"],
        "DetailType": "shopifyWebhook",
        "Detail": json.dumps({"payload": payload, "metadata": headers}),
    }
    assert stage.aws.client("events").put_partner_events(Entries=[entry])["FailedEntryCount"] == 0


def test_an_order_is_paid_canceled_and_refunded_by_webhooks_on_a_partners_bus(shop_order: Stage) -> None:
    assert shop_order.outputs["event_bus_name"] == "aws.partner/shopify.com/1234567/orders"
    for topic, state in (("create", "Unpaid"), ("paid", "Paid"), ("cancelled", "Refunding")):
        for _ in range(2):  # sent again, it counts once
            webhook(shop_order, f"orders/{topic}", {"id": ORDER})
        waits(shop_order, "shop-order", str(ORDER), state)
    webhook(shop_order, "refunds/create", {"id": 1, "order_id": ORDER})
    until(lambda: shop_order.journey("shop-order", str(ORDER)).has_ended, shop_order.rows)

    assert shop_order.journey("shop-order", str(ORDER)).last_state == "Canceled"
    statuses = [row["status"]["S"] for row in shop_order.rows() if row["item"]["S"].startswith("EVENT#")]
    assert statuses == ["DONE"] * 4
    assert dead_letters(shop_order) == {}
