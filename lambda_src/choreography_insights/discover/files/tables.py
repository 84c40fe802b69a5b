"""Rows of tables: CSV, and other records of which some fields are a case, an activity and a time."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TextIO

from choreography_insights.core.fields import ABSENT, EventPath, event_path, value_at
from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1 << 30
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_MORE_DIGITS = re.compile(r"-?0[0-9]+")

_USUAL = {
    "case": "caseconceptname caseid casekey case caseno casenumber traceid id",
    "activity": "conceptname activity activityname activityen event eventname task taskname action detailtype",
    "time": "timetimestamp timestamp time completetimestamp completetime endtimestamp endtime eventtime "
    "eventtimestamp end starttimestamp starttime start datetime date ts occurredat",
}
"""What columns are mostly called, in letters and digits alone, the likeliest first."""

_TRANSITIONS = ("lifecycletransition", "lifecycle")


def csv_rows(lines: TextIO, columns: Columns) -> list[Row]:
    """Return the rows of a CSV file with a heading; commas, semicolons, tabs or bars are between its columns.

    Raises `UnreadableLogError`.
    """
    csv.field_size_limit(_LONGEST_CELL)
    before = 0
    first = ""
    for first in lines:
        if first.strip() and not first.startswith("sep="):  # so Excel says what is between columns
            break
        before += 1
    if not first.strip():
        raise UnreadableLogError("it is empty; the first line of CSV names its columns")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(chain([first], lines), delimiter=delimiter)
    heading = [name.strip() for name in next(reader, [])]
    places = _places(heading, columns, f"line {before + 1}")
    layout = _Layout(heading, places)
    rows, line = [], before + 1 + reader.line_num
    for cells in reader:
        if any(map(str.strip, cells)):
            rows.append(layout.row(f"line {line}", cells))
        line = before + 1 + reader.line_num
    return rows


def table_rows(records: Sequence[Any], columns: Columns, unit: str) -> list[Row] | None:
    """Return *records*, which are no envelopes, as rows; None if no fields of theirs are called so.

    A column may be a path: ``$.order.id``. *unit*: what is counted in messages, such as "record". Raises
    `UnreadableLogError` for names that are said and are nowhere.
    """
    records = _with_paths(records, columns)
    known = [one for one in records if isinstance(one, Mapping)]
    heading = list(dict.fromkeys(name for one in known for name in one))
    said = (columns.case, columns.activity, columns.time)
    if not heading or (said == (None, None, None) and not has_columns(heading)):
        return None
    places = _places(heading, columns, "its records")
    used = {heading[at] for at in places.values()}
    return [_record(f"{unit} {number}", one, heading, places, used) for number, one in enumerate(records, 1)]


def _with_paths(records: Sequence[Any], columns: Columns) -> Sequence[Any]:
    """Return *records*, each with what lies at the paths that *columns* are, under the path as its name."""
    paths: dict[str, EventPath] = {}
    for name in (columns.case, columns.activity, columns.time):
        if name and name.startswith("$"):
            path = event_path(name)
            if path is None:
                raise UnreadableLogError(f"{name!r} is no path; a path looks like '$.order.id'")
            paths[name] = path
    return [{**one, **_at(paths, one)} if isinstance(one, Mapping) else one for one in records]


def _at(paths: Mapping[str, EventPath], record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, path in paths.items() if (value := value_at(path, record)) is not ABSENT}


def has_columns(heading: Iterable[str]) -> bool:
    """Whether each of the columns that a log needs has one of its usual names in *heading*."""
    return all(_found(list(heading), usual) is not None for usual in _USUAL.values())


def delimited(line: str) -> list[str]:
    """Return the cells of a *line* of CSV."""
    return next(csv.reader([line], delimiter=max(_DELIMITERS, key=line.count)), [])


def _places(heading: Sequence[str], columns: Columns, where: str) -> dict[str, int]:
    """Return which column of *heading* is which; where there is none for a lifecycle, that is left out."""
    said = {"case": columns.case, "activity": columns.activity, "time": columns.time}
    places: dict[str, int] = {}
    for what, name in said.items():
        if name is not None and name.strip() not in heading:
            raise UnreadableLogError(
                f"{where}: there is no column {name!r}, which --{what} names, but {', '.join(heading)}"
            )
        found = heading.index(name.strip()) if name is not None else _found(heading, _USUAL[what])
        if found is not None:
            places[what] = found
    if missing := [f"--{what}" for what in said if what not in places]:
        raise UnreadableLogError(
            f"{where}: name by {', '.join(missing)} which of the columns it is: {', '.join(heading)}"
        )
    for what, at in places.items():
        if heading.count(heading[at]) > 1:
            raise UnreadableLogError(
                f"{where}: {heading.count(heading[at])} columns are called {heading[at]!r}, which is to be the {what}; "
                "rename one"
            )
    lifecycle = _found(heading, " ".join(_TRANSITIONS))
    return places if lifecycle is None else {**places, "lifecycle": lifecycle}


def _found(heading: Sequence[str], usual: str) -> int | None:
    plain = [re.sub(r"[^a-z0-9]+", "", name.lower()) for name in heading]
    return next((plain.index(name) for name in usual.split() if name in plain), None)


class _Layout:
    """What the columns of a CSV file are."""

    def __init__(self, heading: Sequence[str], places: Mapping[str, int]) -> None:
        self._width, self._places = len(heading), places
        used = set(places.values())
        self._others = [(at, name) for at, name in enumerate(_told_apart(heading)) if at not in used]

    def row(self, place: str, cells: Sequence[str]) -> Row:
        """Return the *cells* of a line as a row."""
        lacks = ""
        if any(map(str.strip, cells[self._width :])):
            lacks = f"it has {len(cells)} cells, and the heading {self._width}; quote what has the delimiter in it"
        elif len(cells) < self._width and "\n" in cells[-1]:
            lacks = "its last cell goes on over line ends; close its quotes"
        others = {name: _value(cells[at]) for at, name in self._others if at < len(cells)}
        case, activity, time, transition = (
            cells[at].strip() if (at := self._places.get(what, self._width)) < min(len(cells), self._width) else ""
            for what in ("case", "activity", "time", "lifecycle")
        )
        return Row(place, case, activity, time, others, transition, lacks)


def _record(place: str, record: Any, heading: Sequence[str], places: Mapping[str, int], used: set[str]) -> Row:
    if not isinstance(record, Mapping):
        return Row(place, None, None, None, {}, lacks=f"it is {record!r}, and no object")
    case, activity, time, lifecycle = (
        record.get(heading[places[what]]) if what in places else None
        for what in ("case", "activity", "time", "lifecycle")
    )
    others = {name: value for name, value in record.items() if name not in used}
    return Row(place, case, activity, time, others, str(lifecycle or ""))


def _told_apart(heading: Sequence[str]) -> list[str]:
    """Return the names of *heading*; the second of the same name has a 2 behind it."""
    times: Counter[str] = Counter()
    names = []
    for name in heading:
        times[name] += 1
        names.append(name if times[name] == 1 else f"{name} {times[name]}")
    return names


def _value(text: str) -> str | int | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if _INTEGER.fullmatch(text) and not _MORE_DIGITS.fullmatch(text) else text
