"""Values as long as AWS's own: what a row or a log line costs hangs on them."""

import uuid
from datetime import UTC, datetime
from typing import Any

_OURS = uuid.UUID("5b0b2f4e-6d0c-4a5e-9a4b-3f2f6c1d7e80")


def event_id(*about: object) -> str:
    """An id like EventBridge's, the same for the same."""
    return str(uuid.uuid5(_OURS, repr(about)))


#: The entity of all plays: services like to name theirs by UUIDs.
ENTITY = event_id("entity")

#: What an event's detail has besides the entity's id: some 250 bytes.
DETAIL = {
    "customer": event_id("customer"),
    "occurredAt": "2026-01-01T12:34:56.789Z",
    "total": {"amount": 129.90, "currency": "EUR"},
    "lines": [{"article": "4006381333931", "quantity": 2}, {"article": "4003994155486", "quantity": 1}],
    "channel": "web",
}

#: What the modules put into the functions' environment.
FUNCTION_ENVIRONMENT = {
    "JOURNEYS_TABLE": "journeys",
    "START_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111122223333/start",
    "EVENT_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111122223333/event",
    "EVENT_BUS_NAME": "bus",
    "VISIBILITY_TIMEOUT_SECONDS": "60",
    "STATE_MACHINE_ARN_PREFIX": "arn:aws:states:eu-west-1:111122223333:stateMachine:tests-",
}


def envelope(event_id: str, source: str, name: str, time: float, detail: dict[str, Any]) -> dict[str, Any]:
    """An event as EventBridge delivers it; *time* in epoch seconds."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": name,
        "source": source,
        "account": "111122223333",
        "time": datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }
