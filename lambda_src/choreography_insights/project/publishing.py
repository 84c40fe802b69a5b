"""Puts the events of a simulation on a bus, as the simulation's state machine would."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


class NotPublishedError(Exception):
    """EventBridge refused an event; the message says which and why."""


def publish(
    document: Mapping[str, Any],
    bus: str,
    events: Any,
    *,
    pauses: bool,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Publish the events of *document* one after another by the client *events*; return how many there were.

    With *pauses* each waits as long as it says. Without, all are sent at once; so that their order is known all the
    same, each bears the time that it would have had if the last of them were now.
    """
    waits = [float(event.get("wait") or 0) for event in document["events"]]
    ahead = sum(waits)
    for event, wait in zip(document["events"], waits, strict=True):
        ahead -= wait
        entry = {
            "EventBusName": bus,
            "Source": event["source"],
            "DetailType": event["detailType"],
            "Detail": json.dumps(event["detail"], ensure_ascii=False),
        }
        if pauses:
            sleep(wait)
        else:
            entry["Time"] = now() - timedelta(seconds=ahead)
        answer = events.put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in answer:
            raise NotPublishedError(f"{event['detailType']}: {answer['ErrorCode']}: {answer.get('ErrorMessage', '')}")
    return len(waits)
