"""Values as long as AWS's own: what a row or a log line costs hangs on them."""

import uuid

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
