"""Paths to a field of an event, as JSONPath and Step Functions' reference paths both read them: ``$.detail.id``."""

import re
from collections.abc import Iterator, Sequence

FieldPath = tuple[str, ...]
"""The names on the way from an event (or its detail) to a field."""

_PLAIN = r"[A-Za-z_][A-Za-z0-9_]*"
_QUOTED = r"""[^'"\\<>\x00-\x1f\x7f]+"""
_PART = re.compile(rf"\.({_PLAIN})|\['({_QUOTED})'\]")


def is_field_name(name: str) -> bool:
    """Whether a path can name the field: no quote, backslash, ``<``, ``>`` or control character, and not empty."""
    return re.fullmatch(_QUOTED, name) is not None


def written(path: Sequence[str], root: str = "$") -> str:
    """Write *path* below *root*: ``.name`` for plain names, ``['any name']`` for others."""
    return root + "".join(f".{name}" if re.fullmatch(_PLAIN, name) else f"['{name}']" for name in path)


def read(text: str) -> FieldPath | None:
    """Return the names in *text*, or None if it is not ``$`` with ``.name`` and ``['any name']`` after it."""
    names = tuple(_names(text))
    return names if names and written(names) == _canonical(text) else None


def _names(text: str) -> Iterator[str]:
    for match in _PART.finditer(text):
        yield match[1] or match[2]


def _canonical(text: str) -> str:
    """Return *text* with ``['name']`` as ``.name`` where that is possible, so that both spellings are read."""
    return re.sub(rf"\['({_PLAIN})'\]", r".\1", text)
