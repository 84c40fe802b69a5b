"""Which records an event source mapping's filter criteria let through."""

import json
from typing import Any

from moto.events.models import EventPattern

Record = dict[str, Any]


def passes(record: Record, criteria: dict[str, Any] | None) -> bool:
    """Whether *record* matches any of the filters; without filters, every record passes."""
    patterns = [one["Pattern"] for one in (criteria or {}).get("Filters", []) if one.get("Pattern")]
    return not patterns or any(EventPattern.load(pattern).matches_event(record) for pattern in patterns)  # type: ignore[arg-type]


def with_body_as_data(record: Record) -> Record:
    """Return an SQS *record* as filters see it: a body that is JSON is looked into."""
    try:
        return record | {"body": json.loads(record["body"])}
    except ValueError:
        return record
