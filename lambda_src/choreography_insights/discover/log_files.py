"""Logs that are no envelopes of EventBridge, as such: CSV, XES, and OCEL 2.0 in JSON.

Each event becomes an envelope: the activity is its ``detail-type``, and the case's id lies at ``$.detail.case``. So
what is learned of it is what the events would be, if a service published them.
"""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any, TextIO
from xml.etree import ElementTree as ET

from choreography_insights.core.fields import is_field_name

CASE = "case"
"""The field of the detail that has the case's id."""

_BEGINNING = 1_577_836_800.0
"""With 2020 begin logs that know no moments."""

_INTEGER = re.compile(r"-?[0-9]{1,15}")

_CLOCKS_FROM = 1972
_LATER = timedelta(days=18_262)
"""The clocks of simulations begin with 1970, when nothing happened that anybody recorded: they count 50 years later."""

_CASES = ("case:concept:name", "case_id", "caseid", "case id", "case", "id")
_ACTIVITIES = ("concept:name", "activity", "event", "event_name", "eventname", "detail-type")
_TIMES = ("time:timestamp", "timestamp", "time", "complete timestamp", "start timestamp", "date")


class UnreadableLogError(Exception):
    """The log cannot be read; the message says where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns (or attributes) of a log are called; None: one of the usual names."""

    case: str | None = None
    activity: str | None = None
    time: str | None = None


def csv_events(lines: TextIO, source: str, columns: Columns) -> Iterator[dict[str, Any]]:
    """Yield the events of a CSV file with a heading; commas, semicolons or tabs are between its columns."""
    sample = lines.readline()
    delimiter = max(",;\t", key=sample.count)
    heading = next(csv.reader([sample], delimiter=delimiter), [])
    case = _column(heading, columns.case, _CASES, "--case")
    activity = _column(heading, columns.activity, _ACTIVITIES, "--activity")
    time = _column(heading, columns.time, _TIMES, "--time")
    for number, row in enumerate(csv.DictReader(lines, heading, delimiter=delimiter), 2):
        others = {
            name: _value(value)
            for name, value in row.items()
            if name not in (case, activity, time) and value is not None
        }
        yield _envelope(f"line {number}", row[case], row[activity], row[time], source, others)


def xes_events(file: IO[bytes], source: str, columns: Columns) -> Iterator[dict[str, Any]]:
    """Yield the events of an XES file (IEEE 1849). Of an activity with a lifecycle, only what completes it counts."""
    activity, time = columns.activity or "concept:name", columns.time or "time:timestamp"
    number = 0
    try:
        for _, element in ET.iterparse(file):  # noqa: S314 - a file that the user names
            if _tag(element) != "trace":
                continue
            case = _attributes(element).get(columns.case or "concept:name")
            for event in element:
                if _tag(event) != "event":
                    continue
                number += 1
                # Without a moment the order in the file is all that is known.
                values = _attributes(event)
                if str(values.get("lifecycle:transition", "complete")).lower() != "complete":
                    continue
                others = {name: value for name, value in values.items() if name not in (activity, time)}
                moment = values.get(time) or datetime.fromtimestamp(_BEGINNING + number, UTC).isoformat()
                yield _envelope(f"event {number}", case, values.get(activity), moment, source, others)
            element.clear()
    except ET.ParseError as error:
        raise UnreadableLogError(f"it is no XML ({error}); an XES file is") from None


def ocel_events(log: Mapping[str, Any], source: str, columns: Columns) -> Iterator[dict[str, Any]]:
    """Yield the events of an OCEL 2.0 log: those about objects of one type, one for each such object of an event."""
    try:
        yield from _ocel_events(log, source, columns)
    except (AttributeError, KeyError, TypeError) as error:
        raise UnreadableLogError(
            f"it is no OCEL 2.0 log ({type(error).__name__}: {error}); each object has an 'id' and a 'type', each "
            "event these, a 'time' and 'relationships' with an 'objectId'"
        ) from error


def _ocel_events(log: Mapping[str, Any], source: str, columns: Columns) -> Iterator[dict[str, Any]]:
    types = {one["id"]: one["type"] for one in log["objects"]}
    wanted = columns.case
    if wanted is None and len(set(types.values())) == 1:
        wanted = next(iter(types.values()))
    if wanted not in set(types.values()):
        raise UnreadableLogError(
            f"an object-centric log has journeys of {', '.join(sorted(set(types.values())))}; say by --case of which"
        )
    for event in log["events"]:
        others = {one["name"]: one["value"] for one in event.get("attributes", ())}
        for relation in event.get("relationships", ()):
            if types.get(relation["objectId"]) == wanted:
                yield _envelope(
                    f"event {event['id']}", relation["objectId"], event["type"], event["time"], source, others
                )


def is_ocel(value: Any) -> bool:
    """Whether *value*, parsed JSON, is an OCEL 2.0 log."""
    return isinstance(value, dict) and isinstance(value.get("objects"), list) and "eventTypes" in value


def read_ocel(text: str) -> Mapping[str, Any] | None:
    """Return the OCEL 2.0 log that *text* is; None if it is something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if is_ocel(value) else None


def _column(heading: Iterable[str], said: str | None, usual: Iterable[str], option: str) -> str:
    names = list(heading)
    if said is not None:
        if said in names:
            return said
        raise UnreadableLogError(f"line 1: there is no column {said!r}, which {option} names, but {', '.join(names)}")
    by_lower = {name.strip().lower(): name for name in reversed(names)}
    found = next((by_lower[name] for name in usual if name in by_lower), None)
    if found is None:
        raise UnreadableLogError(f"line 1: name by {option} which of the columns it is: {', '.join(names)}")
    return found


def _envelope(
    where: str, case: object, activity: object, time: object, source: str, others: Mapping[str, Any]
) -> dict[str, Any]:
    if not case or not activity or not time:
        missing = "case" if not case else "activity" if not activity else "time"
        raise UnreadableLogError(f"{where}: it has no {missing}; each event needs a case, an activity and a time")
    moment = _moment(where, str(time))
    told = json.dumps([where, str(case), str(activity), moment])
    return {
        "id": hashlib.sha256(told.encode()).hexdigest()[:32],
        "detail-type": str(activity),
        "source": source,
        "time": moment,
        "detail": {CASE: str(case), **{name: value for name, value in others.items() if is_field_name(name)}},
    }


_FORMS = ("%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y:%H.%M", "%d/%m/%Y %H:%M")
"""How moments are written in logs, if not as ISO 8601 has it."""


def _moment(where: str, text: str) -> str:
    ways: list[Callable[[str], datetime]] = [datetime.fromisoformat, *(partial(_written_as, form) for form in _FORMS)]
    for read in ways:
        try:
            moment = read(text)
        except ValueError:
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment + _LATER if moment.year < _CLOCKS_FROM else moment).isoformat()
    raise UnreadableLogError(f"{where}: its time is {text!r}; it must be ISO 8601: 2026-03-01T12:00:00Z")


def _written_as(form: str, text: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def _value(text: str) -> str | int | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if _INTEGER.fullmatch(text) else text


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
