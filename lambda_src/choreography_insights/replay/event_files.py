"""Recorded events, as they lie in files.

JSON lines, JSON objects one after the other (what Firehose writes to S3 of a replayed archive), a JSON array, Parquet,
what CloudWatch Logs and a bus's log have of events, messages of queues and topics, or a simulation
(docs/reference/interfaces.md, section 7), told apart by what is in them; packed or not; one file, a folder of them, or
a prefix of S3.
"""

import gc
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from choreography_insights.recordings import logs
from choreography_insights.recordings.source import S3, Connect, NotReadError, Source
from choreography_insights.recordings.sources import source_named, sources
from choreography_insights.recordings.wrappers import wrapped

Recorded = tuple[int, Any]
"""The line on which it ends, and what is to be an event."""

Decode = Callable[[Sequence[str]], Sequence[Any] | None]
"""What reads several lines, each of which is an object of JSON, and may make something else of it; else gives None."""

plainly: Callable[[str], Any] = msgspec.json.Decoder().decode

_AT_ONCE = 32
"""So many lines of a file are read at once."""

_BETWEEN = " \t\r\n,[]"

_BEGINNING = 1_577_836_800.0
"""When simulations begin, which do not say it: with 2020. The moments in generated ones are over then."""


STANDARD_INPUT = "-"

_TEXT = b"{[ \t\r\n\xef0123456789"
"""What a file of text with events begins with; a digit begins the moment before a message of a log."""

_PARQUET = b"PAR1"
_BEGINS_AS_EVENTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[{\[]|\d{4}-\d\d-\d\dT\S+ +[{\[])")

_LOGS = "; of a log (CSV, XES, OCEL) 'choreography discover LOG --write-events EVENTS' makes events"

_STRANGERS_SHOWN = 5


class UnreadableError(Exception):
    """This is not JSON; the message says where."""


def no_aws() -> Any:
    """Stand in for the user's credentials where there are none to read S3 with."""
    raise NotReadError("objects in S3 are not read here; copy them to a folder")


@dataclass(frozen=True, slots=True)
class Recording:
    """Where recorded events are: a file, a folder, ``s3://BUCKET/PREFIX``, or ``-`` for standard input.

    *connect* gives boto3's client of S3 if that is to be read. *only*: of several files, the one of that name.
    """

    where: str
    connect: Connect = no_aws
    only: str | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "standard input" if self.where == STANDARD_INPUT else self.where


@contextmanager
def garbage_left_lying() -> Iterator[None]:
    """Look for garbage in cycles seldom: events make none, and looking takes as long as reading a fifth of them."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def is_one_file(where: str) -> bool:
    """Whether *where* names a single file, not all that lies below it."""
    return not where.startswith(S3) and not Path(where).is_dir()


class Reading:
    """Reads a `Recording`, one file after the other. Raises `UnreadableError`, with the file's name if there are more.

    *complain* is told of files in a folder that hold no events: *strangers*. *decode*: how lines are read, see
    `recorded`.
    """

    def __init__(self, recording: Recording, complain: Callable[[str], None]) -> None:
        self._recording, self._complain = recording, complain
        self._file, self._unit = "", "line"
        self.decode: Decode | None = None
        self.strangers: list[str] = []

    def place(self, number: int) -> str:
        """Return where the event of that number is, in words."""
        return f"{self._file}{self._unit} {number}"

    def __iter__(self) -> Iterator[Recorded]:
        where = self._recording.where
        try:
            if where == STANDARD_INPUT:
                yield from self._of_standard_input()
            elif self._recording.only is not None:
                yield from self._of_all([source_named(where, self._recording.only, self._recording.connect)])
            elif is_one_file(where):
                with Path(where).open("rb") as file, plain(file, where) as content:
                    yield from self.of_open(content)
            else:
                yield from self._of_all(sources(where, self._recording.connect))
                if self.strangers:
                    self._complain(without_events(self.strangers))
        except NotReadError as error:
            raise UnreadableError(str(error)) from error

    def _of_standard_input(self) -> Iterator[Recorded]:
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:  # text that another program has put there
            yield from recorded(sys.stdin, self.decode)
        else:
            with plain(stream, "") as content:
                yield from self.of_open(content)

    def _of_all(self, found: Sequence[Source]) -> Iterator[Recorded]:
        for source in found:
            try:
                with source.open() as file, plain(file, source.name) as content:
                    if _holds_events(content):
                        self._file = f"{source.name}: "
                        yield from self.of_open(content)
                    elif content.peek(1):
                        self.strangers.append(source.name)
            except (NotReadError, UnreadableError) as error:
                raise UnreadableError(f"{source.name}: {error}") from error
            except UnicodeDecodeError as error:
                raise not_utf8(f"{source.name}: ", error) from error

    def of_open(self, file: BufferedReader) -> Iterator[Recorded]:
        """Yield what the open *file* holds, which is not packed."""
        if is_parquet(file):
            from choreography_insights.recordings.parquet import rows  # noqa: PLC0415 # it needs an extra

            self._unit = "row"
            yield from enumerate(rows(file), 1)
        else:
            self._unit = "line"
            with TextIOWrapper(file, encoding="utf-8-sig") as lines:
                yield from recorded(lines, self.decode, at_once=_AT_ONCE)


def not_utf8(file: str, error: UnicodeDecodeError) -> UnreadableError:
    """Say of one of several files, by what tells it from others, that it is no text as it should be."""
    return UnreadableError(f"{file}not UTF-8 ({error.reason}); convert it")


def without_events(strangers: Sequence[str]) -> str:
    """Say which files are left out."""
    more = f" and {len(strangers) - _STRANGERS_SHOWN} more" if len(strangers) > _STRANGERS_SHOWN else ""
    return f"left out, as no events are in them: {', '.join(strangers[:_STRANGERS_SHOWN])}{more}"


@contextmanager
def plain(file: BufferedReader, name: str) -> Iterator[BufferedReader]:
    """The bytes of *file* without what packs them, which its first bytes tell."""
    if file.peek(1)[:1] in _TEXT:
        yield file
        return
    from choreography_insights.recordings.packing import unpacked  # noqa: PLC0415 # most files are text

    with unpacked(file, name) as content:
        yield content


def is_parquet(file: BufferedReader) -> bool:
    """Whether what comes next in *file* is Parquet, and no text."""
    return file.peek(len(_PARQUET))[: len(_PARQUET)] == _PARQUET


def _holds_events(file: BufferedReader) -> bool:
    """Whether a file that nobody has named begins as events do."""
    return is_parquet(file) or _BEGINS_AS_EVENTS.match(file.peek(1)) is not None


def recorded(
    lines: Iterable[str], decode: Decode | None = None, first: int = 1, at_once: int = 1
) -> Iterator[Recorded]:
    """Yield each event in *lines*. So many lines are read *at_once*, and no more of them held where each is complete.

    What *decode* makes of them is passed on as it is. The number of the *first* line is given; a value begins with it.
    """
    scan = json.JSONDecoder().raw_decode
    text, number, enough = "", 0, 0
    for some in _some_of(lines, at_once):
        found = None if text or decode is None else decode(some)
        if found is not None:
            yield from _each_of(found, first)
            first += len(some)
            continue
        for number, line in enumerate(some, first):
            if not text and line[:1] == "{":  # as it mostly is: an event, and nothing else
                try:
                    value = plainly(line)
                except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):  # Python may take it all the same
                    pass
                else:
                    yield from _events_in(value, number)
                    continue
            text += logs.without_moment(line) if not text and line[:1].isdecimal() else line
            if len(text) < enough:  # a value over many lines: look again when there is twice as much
                continue
            at = _skip(text, 0)
            while at < len(text):
                try:
                    value, at = scan(text, at)
                except json.JSONDecodeError as error:
                    if error.pos < len(text.rstrip()):
                        raise _unreadable(number, error) from None
                    break
                except RecursionError:
                    raise UnreadableError(f"line {number}: JSON that is nested too deep; leave the event out") from None
                yield from _events_in(value, number)
                at = _skip(text, at)
            text = text[at:]
            enough = 2 * len(text)
        first += len(some)
    while text:
        try:
            value, at = scan(text, 0)
        except json.JSONDecodeError as error:
            raise _unreadable(number, error) from None
        yield from _events_in(value, number)
        text = text[_skip(text, at) :]


def _each_of(found: Sequence[Any], first: int) -> Iterator[Recorded]:
    for number, value in enumerate(found, first):
        if type(value) is dict:
            yield from _events_in(value, number)
        else:
            yield number, value


def _some_of(lines: Iterable[str], at_once: int) -> Iterator[list[str]]:
    """Yield *lines*, some at once; before what is wrong with one is raised, those that come before it, too."""
    lines, some = iter(lines), [""]
    while some:
        some = []
        try:
            some.extend(islice(lines, at_once))
        except Exception:
            yield some
            raise
        yield some


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _unreadable(line: int, error: json.JSONDecodeError) -> UnreadableError:
    may_be_a_log = line == 1 and error.doc.lstrip()[:1] not in ("{", "[")
    return UnreadableError(
        f"line {line}: not JSON ({error.msg}); give one event a line, a JSON array of events, or a simulation"
        f"{_LOGS if may_be_a_log else ''}"
    )


def _events_in(value: Any, line: int) -> Iterator[Recorded]:
    """Yield the events that *value* is, or has in it; itself, if it is nothing known."""
    if not isinstance(value, dict) or "detail-type" in value:
        yield line, value
    elif "ocel:events" in value or {"objects", "eventTypes"} <= value.keys():
        raise UnreadableError(f"line {line}: it is an object-centric log{_LOGS}")
    elif "events" in value and logs.ASKED_FOR.isdisjoint(value):
        yield from _simulated(value["events"], line)
    elif "logEvents" in value or "events" in value:
        for message in logs.messages(value):
            yield from _of_message(message, line)
    elif logs.is_of_a_bus(value):
        envelope = logs.envelope(value)
        if envelope is not None:
            yield line, envelope
    elif (inner := wrapped(value)) is not None:
        for one in inner:
            yield from _of_message(one, line) if isinstance(one, str) else _events_in(one, line)
    else:
        yield line, value


def _of_message(message: str, line: int) -> Iterator[Recorded]:
    try:
        value = json.loads(message)
    except ValueError:
        yield line, message  # it is told as what it is: no event
    else:
        yield from _events_in(value, line)


def _simulated(events: Any, line: int) -> Iterator[Recorded]:
    """Turn the events of a simulation into envelopes; its waits make their times, from `_BEGINNING` on."""
    time = _BEGINNING
    for number, event in enumerate(events if isinstance(events, list) else [], 1):
        try:
            time += float(event.get("wait") or 0)
        except (AttributeError, TypeError, ValueError):
            raise UnreadableError(
                f"line {line}: event {number} of the simulation is {event!r}; it must be an object whose 'wait' is a "
                "number of seconds"
            ) from None
        envelope = {
            "id": f"simulated-{number}",
            "detail-type": event.get("detailType"),
            "source": event.get("source"),
            "time": time,
            "detail": event.get("detail"),
        }
        yield line, envelope
