"""What a pattern of a message or of a wait matches: `core.patterns` says it. What is wrong with one is said here."""

from collections.abc import Mapping
from typing import Any

from choreography_insights.core import patterns

from .errors import InvalidMessage


def matches(pattern: Mapping[str, Any], detail: Any) -> bool:
    """Whether *detail* matches *pattern*. Raises `InvalidMessage` for what is not in the language."""
    try:
        return patterns.matches(pattern, detail)
    except patterns.InvalidPattern as fault:
        raise InvalidMessage(f"{fault}") from fault
