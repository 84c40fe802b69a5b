"""JSON that knows where each of its parts is written."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')

Path = tuple[str | int, ...]
"""Keys and positions on the way from the root to a part."""


@dataclass(frozen=True, slots=True)
class Document:
    """The value that a file holds, and the places of its parts."""

    file: str
    value: Any
    repeated: Sequence[Path]
    """Every key that its object has already; JSON takes the last of them and says nothing."""
    _offsets: Mapping[Path, int]
    _lines: Sequence[int]

    def spot(self, path: Path) -> Spot:
        """Return where *path* is written; of a part that is missing, where the one around it is."""
        there = path
        while there not in self._offsets:
            there = there[:-1]
        return Spot(self.location(self._offsets[there]), written(path))

    def paths(self) -> Iterable[Path]:
        """Return the path of every part."""
        return self._offsets.keys()

    def location(self, offset: int) -> Location:
        """Return line and column of *offset* in the text."""
        line = bisect_right(self._lines, offset)
        return Location(self.file, line, offset - self._lines[line - 1] + 1)


def read(text: str, file: str) -> Document | Problem:
    """Return the JSON in *text*, or the problem that keeps it from being read."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        spot = Spot(Location(file, error.lineno, error.colno), "")
        return spot.problem(catalogue.INVALID_JSON, f"this is not JSON: {error.msg}; mend it here or just before")
    except RecursionError:
        spot = Spot(Location(file, 1, 1), "")
        return spot.problem(catalogue.NESTED_TOO_DEEP, "objects and lists are nested too deep; write fewer levels")
    scan = _Scan()
    for found in _TOKEN.finditer(text):
        scan.take(found[0], found.start())
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    return Document(file, value, scan.repeated, scan.offsets, lines)


def written(path: Path) -> str:
    """Return *path* for people: ``States.Paid.Retry[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


@dataclass(slots=True)
class _Open:
    """An object or list that has not been closed yet, and the key or position that comes next in it."""

    path: Path
    next: str | int | None


@dataclass(slots=True)
class _Scan:
    """Goes through the words of sound JSON and notes where each part begins; an entry of an object at its key."""

    offsets: dict[Path, int] = field(default_factory=lambda: {(): 0})
    repeated: list[Path] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _second: set[Path] = field(default_factory=set)
    """What belongs to a repeated key, and is repeated only because of that."""

    def take(self, word: str, offset: int) -> None:
        here = self._open[-1] if self._open else None
        if word in "}]":
            self._open.pop()
        elif word == "," and here:
            here.next = here.next + 1 if isinstance(here.next, int) else None
        elif here and here.next is None:
            self._key(here, word, offset)
        elif word != ":":
            self._value(here, word, offset)

    def _key(self, here: _Open, word: str, offset: int) -> None:
        key: str = json.loads(word)
        here.next = key
        path = (*here.path, key)
        if path in self.offsets and here.path not in self._second:
            self.repeated.append(path)
            self._second.add(path)
        elif here.path in self._second:
            self._second.add(path)
        self.offsets[path] = offset

    def _value(self, here: _Open | None, word: str, offset: int) -> None:
        path: Path = () if here is None or here.next is None else (*here.path, here.next)
        self.offsets.setdefault(path, offset)
        if word in "{[":
            self._open.append(_Open(path, None if word == "{" else 0))
