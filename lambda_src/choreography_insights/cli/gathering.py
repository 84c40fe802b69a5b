"""From files, folders and S3 to the events that a choreography is learned from, of whatever kind each file is."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from choreography_insights.discover.files.envelopes import envelopes
from choreography_insights.discover.files.reading import rows_of
from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError
from choreography_insights.discover.files.tables import table_rows
from choreography_insights.recordings.packing import ENDINGS
from choreography_insights.recordings.source import Connect, NotReadError
from choreography_insights.recordings.sources import source_named
from choreography_insights.replay.envelopes import Say
from choreography_insights.replay.event_files import (
    STANDARD_INPUT,
    Reading,
    Recording,
    UnreadableError,
    is_one_file,
    plain,
    without_events,
)

_TABLES = (".csv", ".tsv")


class Gathered(NamedTuple):
    """What is to be events. *has_cases*: they are those of logs, with the case's id where `envelopes` puts it.

    *notes*: what was left out of logs, and taken for granted of them.
    """

    envelopes: Sequence[Any]
    has_cases: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads files. *source*: of events that are no envelopes. *complain* is told of files that are left out."""

    source: str
    columns: Columns
    connect: Connect
    complain: Say

    def of_all(self, files: Sequence[str]) -> Gathered:
        """Return all events in *files*. Raises `UnreadableLogError`, with the name of the file, or `OSError`."""
        found = [self._of(Recording(name, self.connect)) for name in files]
        notes = list(dict.fromkeys(note for one in found for note in one.notes))
        given = [one for each in found for one in each.envelopes]
        whole = [_with_id(one, number) for number, one in enumerate(given, 1)]
        if without := sum(one is not other for one, other in zip(given, whole, strict=True)):
            notes.append(f"no id       {without:,} events have no 'id', so none of them counts as a repeated one")
        return Gathered(whole, all(each.has_cases for each in found), notes)

    def _of(self, recording: Recording) -> Gathered:
        where = recording.where
        with _named(recording.name):
            if where != STANDARD_INPUT and not is_one_file(where):
                return self._of_folder(recording)
            if where != STANDARD_INPUT:
                with Path(where).open("rb") as file:
                    return self._of_file(file, where)
            if (stream := getattr(sys.stdin, "buffer", None)) is None:  # text that another program has put there
                return Gathered([envelope for _, envelope in Reading(recording, self.complain)])
            return self._of_file(stream, "")

    def _of_folder(self, recording: Recording) -> Gathered:
        """Read all events in a folder; if there are none, all logs in it."""
        reading = Reading(recording, lambda _: None)
        found = [envelope for _, envelope in reading]
        logs = [name for name in reading.strangers if not found and _kind(name) in (*_TABLES, ".xes")]
        others = [name for name in reading.strangers if name not in logs]
        if others:
            self.complain(without_events(others))
        if not logs:
            return Gathered(found)
        each = []
        for name in logs:
            with _named(name), source_named(recording.where, name, self.connect).open() as file:
                each.append(self._of_file(file, name))
        return Gathered(
            [one for log in each for one in log.envelopes],
            has_cases=True,
            notes=[f"{note} ({name})" for name, log in zip(logs, each, strict=True) for note in log.notes],
        )

    def _of_file(self, file: BufferedReader, name: str) -> Gathered:
        with plain(file, name) as content:
            notes = list[str]()
            rows = rows_of(content, self.columns, notes.append, is_csv=_kind(name) in _TABLES)
            if rows is None:
                found = [envelope for _, envelope in Reading(Recording(name), self.complain).of_open(content)]
                rows = _records(found, self.columns)
                if rows is None:
                    return Gathered(found)
            found = envelopes(rows, self.source, self.columns, notes.append)
            return Gathered(found, has_cases=True, notes=notes)


def _with_id(envelope: Any, number: int) -> Any:
    """Return *envelope*, with an id of its own if it has none."""
    if not isinstance(envelope, dict) or "detail-type" not in envelope or envelope.get("id"):
        return envelope
    return {**envelope, "id": f"event-{number}"}


def _records(found: Iterable[Any], columns: Columns) -> list[Row] | None:
    values = list(found)
    if any(isinstance(one, dict) and "detail-type" in one for one in values):
        return None
    return table_rows(values, columns, "record")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Put the file's *name* before what is wrong with it."""
    try:
        yield
    except (UnreadableError, UnreadableLogError, NotReadError) as error:
        raise UnreadableLogError(f"{name}: {error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableLogError(f"{name}: not UTF-8 ({error.reason} at byte {error.start}); convert it") from error


def _kind(name: str) -> str:
    """Return what *name* ends in, but for what says how it is packed."""
    kinds = [suffix.lower() for suffix in Path(name).suffixes]
    return next((kind for kind in reversed(kinds) if kind not in ENDINGS), "")
