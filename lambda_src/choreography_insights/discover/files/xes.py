"""XES (IEEE 1849): cases as traces of events, with attributes of their own."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, Any
from xml.etree import ElementTree as ET

from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError

_BEGINNING = 1_577_836_800.0
"""With 2020 begin logs that know no moments."""

_INTEGER = re.compile(r"-?[0-9]{1,15}")


def xes_rows(file: IO[bytes], columns: Columns, note: Callable[[str], None]) -> list[Row]:
    """Return the events of an XES file. *note* is told of what it lacks, and what stands for that.

    Raises `UnreadableLogError`.
    """
    rows, traces, unnamed = list[Row](), 0, 0
    key = columns.case or "concept:name"
    tag = ""
    try:
        for _, element in ET.iterparse(file):  # noqa: S314 - a file that the user names
            tag = _tag(element)  # the last is that of all
            if tag != "trace":
                continue
            traces += 1
            case = _attributes(element).get(key)
            if case is None:
                unnamed += 1
                case = f"trace-{traces}"
            rows.extend(_events(element, case, columns, len(rows)))
            element.clear()
    except ET.ParseError as error:
        raise UnreadableLogError(f"it is no XML, or not whole ({error}); an XES file is XML") from None
    if not traces:
        raise UnreadableLogError(f"there is no <trace> in its <{tag}>; an XES file has one for each case")
    if unnamed == traces and columns.case:
        raise UnreadableLogError(f"no <trace> has an attribute {key!r}, which --case names; leave it out, or mend it")
    for what, said in (("activity", columns.activity), ("time", columns.time)):
        if said and rows and all(getattr(row, what) is None for row in rows):
            raise UnreadableLogError(
                f"no <event> has an attribute {said!r}, which --{what} names; leave it out, or mend it"
            )
    if unnamed:
        note(f"case        {unnamed:,} of {traces:,} traces have no {key!r}: their places name them, as trace-1")
    return _with_times(rows, note)


def _events(trace: ET.Element, case: Any, columns: Columns, before: int) -> Iterator[Row]:
    activity, time = columns.activity or "concept:name", columns.time or "time:timestamp"
    for number, event in enumerate((one for one in trace if _tag(one) == "event"), before + 1):
        values = _attributes(event)
        others = {name: value for name, value in values.items() if name not in (activity, time)}
        transition = str(values.get("lifecycle:transition", ""))
        yield Row(f"event {number}", case, values.get(activity), values.get(time), others, transition)


def _with_times(rows: Sequence[Row], note: Callable[[str], None]) -> list[Row]:
    """Return *rows*, each with a time: where it lacks, with that of its neighbour, since a trace is in order."""
    without = sum(row.time is None for row in rows)
    if without == len(rows):
        if rows:
            note("time        no event has one, so the order in the file counts")
        return [
            row._replace(time=datetime.fromtimestamp(_BEGINNING + number, UTC).isoformat())
            for number, row in enumerate(rows, 1)
        ]
    if not without:
        return list(rows)
    note(f"time        {without:,} events have none, so they have that of their neighbour in the trace")
    return _filled(_filled(rows, 1)[::-1], -1)[::-1]


def _filled(rows: Sequence[Row], later: int) -> list[Row]:
    """Return *rows*, those without a time with that of the one before them in the same case, and so much *later*."""
    found: list[Row] = []
    for row in rows:
        before = found[-1] if found else None
        if row.time is None and before is not None and before.case == row.case:
            found.append(row._replace(time=before.time, later=before.later + later))
        else:
            found.append(row)
    return found


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attributes(element: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        key, value = child.get("key"), child.get("value")
        if key is None or value is None:
            continue
        match _tag(child):
            case "int" if _INTEGER.fullmatch(value):
                found[key] = int(value)
            case "boolean":
                found[key] = value.lower() == "true"
            case "string" | "date" | "id" | "float" | "int":
                found[key] = value
    return found
