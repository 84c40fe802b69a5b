"""What a file is, told by what is in it, and its rows."""

import json
import re
from collections.abc import Callable
from io import BufferedReader, TextIOWrapper

from choreography_insights.discover.files.ocel import is_ocel, ocel_rows, of_csv, of_sqlite, of_xml
from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError
from choreography_insights.discover.files.tables import csv_rows, delimited, has_columns
from choreography_insights.discover.files.xes import xes_rows

_SQLITE = b"SQLite format 3\0"
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_XML_OF_OCEL = re.compile(rb"<(?:object-types|event-types|objects)\b")
_FIRST_XML_OF_OCEL = re.compile(rb'"(?:ocel:activity|object-types)"')
_CSV_OF_OCEL = re.compile(rb"(?:\xef\xbb\xbf)?[^\r\n]*ocel:activity")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_OCEL = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:objectTypes|eventTypes|objects|events|ocel:[\w-]+)"')
_PARTS_OF_OCEL = re.compile(rb'"(?:objectTypes|eventTypes|relationships|ocel:[\w-]+)"')
_ENOUGH = 8_192


def rows_of(file: BufferedReader, columns: Columns, note: Callable[[str], None], *, is_csv: bool) -> list[Row] | None:
    """Return the rows of a log; None for what may be events, of which nothing has been read then.

    *is_csv*: whether its name says so. Raises `UnreadableLogError`.
    """
    start = file.peek(_ENOUGH)
    if start.startswith(_SQLITE):
        return ocel_rows(of_sqlite(file.read()), columns, note)
    if _XML.match(start):
        if _FIRST_XML_OF_OCEL.search(start):
            raise UnreadableLogError("it is OCEL 1.0 as XML, which is not read; export it as JSON, or as OCEL 2.0")
        return ocel_rows(of_xml(file), columns, note) if _XML_OF_OCEL.search(start) else xes_rows(file, columns, note)
    if not is_csv and _JSON.match(start):
        return _ocel(file, columns, note) if _OCEL.match(start) and _PARTS_OF_OCEL.search(start) else None
    is_object_centric = _CSV_OF_OCEL.match(start) is not None
    if not (is_csv or is_object_centric or _heads_a_log(start, columns)):
        return None
    try:
        with TextIOWrapper(file, encoding=columns.encoding or "utf-8-sig", newline="") as text:
            return ocel_rows(of_csv(text), columns, note) if is_object_centric else csv_rows(text, columns)
    except UnicodeDecodeError as error:
        raise UnreadableLogError(
            f"it is not {columns.encoding or 'UTF-8'} ({error.reason}); name what it is by --encoding, such as "
            "windows-1252"
        ) from error


def _ocel(file: BufferedReader, columns: Columns, note: Callable[[str], None]) -> list[Row]:
    try:
        log = json.load(file)
    except ValueError as error:
        raise UnreadableLogError(f"it begins as an OCEL log does, and is not JSON ({error})") from error
    if not is_ocel(log):
        raise UnreadableLogError("it begins as an OCEL log does, and lacks 'objects' or 'eventTypes'; add them")
    return ocel_rows(log, columns, note)


def _heads_a_log(start: bytes, columns: Columns) -> bool:
    """Whether a file that may be anything begins with the heading of a log."""
    lines = start.decode(columns.encoding or "utf-8-sig", "replace").strip().splitlines()
    heading = [name.strip() for name in delimited(lines[0])] if lines else []
    said = {columns.case, columns.activity, columns.time} - {None}
    return len(heading) > 2 and (has_columns(heading) or (bool(said) and said <= set(heading)))
