"""Reading a value at a path: the small part of JSONPath that names exactly one place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

_STEP = re.compile(r"""\.([^.\[\]'"]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]""")


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


def read(path: str, data: Any) -> Any:
    """The value at *path* in *data*, or `ABSENT`."""
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(data, Sequence) or isinstance(data, str) or step >= len(data):
                return ABSENT
            data = data[step]
        elif isinstance(data, Mapping) and step in data:
            data = data[step]
        else:
            return ABSENT
    return data


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
