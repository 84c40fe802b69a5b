"""Fields of an event: the path to one (``$.detail.id``), and the id or the moment in it.

JSONPath and Step Functions' reference paths both read these paths so.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

FieldPath = tuple[str, ...]
"""The names on the way from an event (or its detail) to a field."""

_STEP = re.compile(r"""\.([^.\[\]'"]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]""")
_PLAIN = r"[A-Za-z_][A-Za-z0-9_]*"
_NAME = r"""[^'"\\<>\x00-\x1f\x7f]+"""

_MILLISECONDS_FROM = 1e11
"""Seconds since 1970 reach this in the year 5138: a larger number counts milliseconds."""

_EARLIEST, _LATEST = (datetime(*day, tzinfo=UTC).timestamp() for day in ((1, 1, 2), (9999, 12, 31)))
"""Between these, moments can be written down."""

_NEVER = 1e16
"""In milliseconds far beyond them. JSON's numbers may have more digits than can be divided."""


class InvalidPath(ValueError):
    """The path is not one of the form ``$.detail.order['line items'][0]``."""


class Absent:
    """The type of `ABSENT`: nothing is there (JSON's ``null`` is something)."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """Split ``$.detail.items[0]`` into ``("detail", "items", 0)``."""
    return tuple(_steps(path))


def _steps(path: str) -> Iterator[str | int]:
    if not path.startswith("$"):
        raise InvalidPath(f"path {path!r} does not begin with '$'; a path looks like '$.detail.id'")
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            raise InvalidPath(f"path {path!r} cannot be read from {path[at:]!r} on; a path looks like '$.detail.id'")
        name, index, single, double = step.groups()
        yield int(index) if index else name or single or double
        at = step.end()


def value_at(path: Sequence[str | int], data: Any) -> Any:
    """The value at the steps *path* in *data*, which is parsed JSON, or `ABSENT`."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step, ABSENT)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return ABSENT
    return data


def read(path: str, data: Any) -> Any:
    """The value at *path* in *data*, or `ABSENT`. Raises `InvalidPath`."""
    return value_at(steps(path), data)


def field_path(text: str) -> FieldPath | None:
    """The names in *text*, which is ``$`` with ``.name`` and ``['any name']`` after it; None for what is not."""
    try:
        names = tuple(name for name in steps(text) if isinstance(name, str) and is_field_name(name))
    except InvalidPath:
        return None
    plainly = re.sub(rf"\['({_PLAIN})'\]", r".\1", text)  # both spellings of a plain name are read
    return names if names and written(names) == plainly else None


def is_field_name(name: str) -> bool:
    """Whether a path can name the field: no quote, backslash, ``<``, ``>`` or control character, and not empty."""
    return re.fullmatch(_NAME, name) is not None


def written(path: Sequence[str], root: str = "$") -> str:
    """Write *path* below *root*: ``.name`` for plain names, ``['any name']`` for others."""
    return root + "".join(f".{name}" if re.fullmatch(_PLAIN, name) else f"['{name}']" for name in path)


def cut(data: Mapping[str, Any], keep: Sequence[str]) -> dict[str, Any]:
    """*data* cut down to what lies at the paths *keep*, each in its place (elements of lists keep the whole list)."""
    result: dict[str, Any] = {}
    for path in keep:
        _copy(data, result, steps(path))
    return result


def _copy(data: Any, into: dict[str, Any], names: Sequence[str | int]) -> None:
    head, *rest = names
    if not isinstance(data, Mapping) or head not in data or not isinstance(head, str):
        return
    value = data[head]
    if rest and isinstance(value, Mapping):
        inner = into.setdefault(head, {})
        if isinstance(inner, dict):
            _copy(value, inner, rest)
    else:
        into[head] = value


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
