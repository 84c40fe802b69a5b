"""The id of an entity and the time of an event, as EventBridge's events carry them."""

import math
from datetime import UTC, datetime
from typing import Any

_MILLISECONDS_FROM = 1e11
"""Seconds since 1970 reach this in the year 5138: a larger number counts milliseconds."""

_EARLIEST, _LATEST = (datetime(*day, tzinfo=UTC).timestamp() for day in ((1, 1, 2), (9999, 12, 31)))
"""Between these, moments can be written down."""

_NEVER = 1e16
"""In milliseconds far beyond them. JSON's numbers may have more digits than can be divided."""


def id_text(value: Any) -> str | None:
    """An id as text; None for what is no id. The id 5 is the id 5.0: JSON does not tell them apart."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def epoch_seconds(time: Any) -> float:
    """The moment *time* (ISO 8601, seconds or milliseconds since 1970) in epoch seconds; `ValueError` if it is none."""
    if isinstance(time, str):
        moment = datetime.fromisoformat(time)
        epoch = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    else:
        is_number = isinstance(time, int | float) and not isinstance(time, bool)
        epoch = time if is_number else math.nan
        if epoch > _MILLISECONDS_FROM:
            epoch = min(epoch, _NEVER) / 1000
    if not _EARLIEST < epoch < _LATEST:
        raise ValueError("it is no moment")
    return float(epoch)


def iso_text(epoch: float) -> str:
    """Write a moment in ISO 8601, with milliseconds where it has some."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
