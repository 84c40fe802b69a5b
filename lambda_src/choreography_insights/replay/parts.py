"""A recording in parts, each of which can be read by itself: how it is cut, and what is in a part.

A part is text of whole lines, as they lie in the file. Where a value goes on beyond the end of a part, the rest of that
file is read in one go, and its parts are values.
"""

import marshal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader, BytesIO, TextIOWrapper
from itertools import chain
from typing import IO, cast

from choreography_insights.replay.event_files import (
    Reading,
    Recorded,
    Recording,
    UnreadableError,
    is_parquet,
    not_utf8,
    recorded,
)

_TEXT_BYTES = 1 << 18
"""So much text is a part, and the rest of its last line."""

_VALUES = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a recording: text of whole lines, or values that were read from it, each with the number of its place.

    *file* is what tells its file from others, *unit* what is counted there. *before*: so many lines come before it.
    """

    content: bytes
    is_text: bool
    file: str
    unit: str
    before: int = 0

    def place(self, number: int) -> str:
        """Return where something of the part is, in words."""
        return f"{self.file}{self.unit} {self.before + number}"


class PartReading(Reading):
    """Reads a *part*: yields what is recorded there, and counts it. Places are those in the part.

    Raises `UnreadableError` or `UnicodeDecodeError` also where a value only goes on beyond its end.
    """

    def __init__(self, part: Part) -> None:
        super().__init__(Recording(part.file), lambda _: None)
        self._part, self.count = part, 0

    def __iter__(self) -> Iterator[Recorded]:
        content = self._part.content
        found = self.of_open(BufferedReader(BytesIO(content))) if self._part.is_text else marshal.loads(content)  # noqa: S302  # it is our own
        for self.count, one in enumerate(found, 1):
            yield one


class Dealing:
    """Cuts a *recording* into parts, and deals them out in order. *complain*, and what is raised, as of `Reading`."""

    def __init__(self, recording: Recording, complain: Callable[[str], None]) -> None:
        self._cutting = _Cutting(recording, complain)
        self._cut = iter(self._cutting)
        self._again: Iterator[Part] = iter(())
        self._kept: deque[Part] = deque()

    def next(self) -> Part | None:
        """Return the next part; None if there is none."""
        part = next(self._again, None)
        if part is None and self._kept:
            part = self._kept.popleft()
        if part is None:
            _, part = next(self._cut, (0, None))
        return part

    def take_back(self, parts: Sequence[Part]) -> None:
        """A value goes on beyond the end of the first of these *parts*, the last that were dealt: none counts.

        They are dealt once more, and those of that file in another form.
        """
        kept = deque((*parts, *self._kept))
        same = []
        while kept and kept[0].file == parts[0].file:
            same.append(kept.popleft())
        self._kept = kept
        if kept or not self._cutting.goes_on_with(same):
            self._again = _named(_values_of(same), same[0].file)


class _Cutting(Reading):
    """Reads a recording as parts: what it yields as recorded is a part."""

    _is_in_file = False
    _lost: Sequence[Part] = ()

    def goes_on_with(self, lost: Sequence[Part]) -> bool:
        """Read anew what was *lost*, and what is left of its file; return whether that is still being read."""
        self._lost = lost if self._is_in_file else ()
        return self._is_in_file

    def of_open(self, file: BufferedReader) -> Iterator[Recorded]:
        if is_parquet(file):
            yield from enumerate(_dealt(super().of_open(file), self._file, "row"))
            return
        self._is_in_file, before = True, 0
        while text := file.read(_TEXT_BYTES):
            text += file.readline()
            yield before, Part(text, is_text=True, file=self._file, unit="line", before=before)
            if self._lost:
                with _lines(file) as more:
                    yield from enumerate(_values_of(self._lost, more))
                break
            before += _count_lines(text)
        self._is_in_file, self._lost = False, ()


def _values_of(parts: Sequence[Part], more: Iterable[str] = ()) -> Iterator[Part]:
    """Yield the values in the text of *parts*, which are one after the other in a file, and in *more* lines of it."""
    text = b"".join(part.content for part in parts)
    lines = chain(_lines(BytesIO(text)), more)
    return _dealt(recorded(lines, first=parts[0].before + 1), parts[0].file, parts[0].unit)


def _dealt(found: Iterable[Recorded], file: str, unit: str) -> Iterator[Part]:
    """Yield what is *found* as parts; before what is wrong is raised, what comes before it, too."""
    some: list[Recorded] = []
    try:
        for one in found:
            some.append(one)
            if len(some) == _VALUES:
                yield _values(some, file, unit)
                some.clear()
    except (UnreadableError, UnicodeDecodeError):
        if some:
            yield _values(some, file, unit)
        raise
    if some:
        yield _values(some, file, unit)


def _values(some: list[Recorded], file: str, unit: str) -> Part:
    return Part(marshal.dumps(some), is_text=False, file=file, unit=unit)


def _named(parts: Iterator[Part], file: str) -> Iterator[Part]:
    """Yield *parts*; name the *file* in what is wrong with it, as a reading of several files does."""
    try:
        yield from parts
    except UnreadableError as error:
        raise UnreadableError(f"{file}{error}") from error
    except UnicodeDecodeError as error:
        if not file:
            raise
        raise not_utf8(file, error) from error


def _lines(file: IO[bytes]) -> TextIOWrapper:
    return TextIOWrapper(cast("BufferedReader", file), encoding="utf-8-sig")


def _count_lines(text: bytes) -> int:
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return len(text) - len(text.replace(b"\n", b""))  # text.count takes four times as long
