"""A row of a log: one event, as its file has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, NamedTuple


class UnreadableLogError(Exception):
    """The log cannot be read; the message says where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns (or attributes) of a log are called; None: one of the usual names.

    *form*: how moments are written, for `datetime.strptime`. *zone*: where moments without a zone belong. *encoding*:
    of a file of text.
    """

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    form: str | None = None
    zone: tzinfo | None = None
    encoding: str | None = None


class Row(NamedTuple):
    """An event of a log. *place*: where it is, in words. *transition*: in the lifecycle of its activity; or empty.

    What is None, or an empty text, is missing. *lacks*: in words what else keeps it from being used. *later*: than its
    time, in microseconds, where that is only known of its neighbour.
    """

    place: str
    case: Any
    activity: Any
    time: Any
    others: Mapping[str, Any]
    transition: str = ""
    lacks: str = ""
    later: int = 0
