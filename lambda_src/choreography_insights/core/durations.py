"""Spans of time as people write them: ``30s``, ``5m``, ``2h``, ``14d``, ``2w``."""

import re

YEAR = 365 * 86_400
"""A year in seconds: the longest that Step Functions lets an execution run."""

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")


def seconds_of(text: str) -> int | None:
    """Return the seconds that *text* means, or None if it is no duration."""
    match = _DURATION.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match else None


def in_words(seconds: int) -> str:
    """Write *seconds* in the largest unit that needs no fraction; weeks only as days, which all read alike."""
    for unit in "dhm":
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"
