"""Events in logs: what CloudWatch Logs wraps messages in, and what an event bus writes down of each event.

A rule whose target is a log group puts envelopes there, a bus log records of its own. From there they come by a
subscription (Firehose), an export to S3, or `aws logs filter-log-events`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ")

ASKED_FOR = frozenset(("searchedLogStreams", "nextForwardToken", "nextBackwardToken"))
"""Beside "events" in what `aws logs filter-log-events` and `get-log-events` print."""

_INGESTED = "EVENT_INGEST_SUCCESS"
"""Of the records about an event, the one that there is once for each."""


def without_moment(line: str) -> str:
    """Return a line of an export without the moment before its message."""
    found = _MOMENT.match(line)
    return line[found.end() :] if found else line


def messages(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the messages that CloudWatch Logs has wrapped in *value*."""
    if value.get("messageType") == "CONTROL_MESSAGE":
        return
    entries = value.get("logEvents", value.get("events"))
    for entry in entries if isinstance(entries, list) else ():
        yield entry["message"] if isinstance(entry, dict) and isinstance(entry.get("message"), str) else repr(entry)


def is_of_a_bus(value: Mapping[str, Any]) -> bool:
    """Whether *value* is a record of an event bus's log."""
    return "message_type" in value and "event_id" in value and isinstance(value.get("details"), dict)


def envelope(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the envelope of the event that *record* of a bus's log is about; None if another record tells of it.

    Its detail is no object where the log leaves it out.
    """
    if record["message_type"] != _INGESTED:
        return None
    details = record["details"]
    arn = str(record.get("resource_arn", "")).split(":")
    return {
        "id": record["event_id"],
        "detail-type": details.get("detail_type"),
        "source": details.get("source"),
        "account": details.get("caller_account_id"),
        "time": _time(details.get("source_time_ms", record.get("message_timestamp_ms"))),
        "region": arn[3] if len(arn) > 3 else None,
        "resources": details.get("resources", []),
        "detail": parsed(details.get("event_detail")),
    }


def parsed(detail: Any) -> Any:
    """Return the object that *detail* is the text of; what is none stays as it is, and is told with its event."""
    try:
        return json.loads(detail) if isinstance(detail, str) else detail
    except ValueError:
        return detail


def _time(milliseconds: Any) -> Any:
    """Return the moment as an envelope has it; what is none stays as it is, and is told with its event."""
    try:
        return datetime.fromtimestamp(float(milliseconds) / 1000, UTC).isoformat().replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError, OSError):
        return milliseconds
