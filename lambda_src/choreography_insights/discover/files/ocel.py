"""Object-centric logs. Journeys are those of one type of object.

OCEL 2.0 as JSON, XML and SQLite, 1.0 as JSON and SQLite, and the CSV of pm4py. All are brought into the form that 2.0
has as JSON: https://www.ocel-standard.org/specification/formats/json/
"""

import csv
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import IO, Any
from xml.etree import ElementTree as ET

from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError

_TYPE = "ocel:type:"
"""Begins the columns of CSV that have lists of objects, each of one type."""

_IN_LIST = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def ocel_rows(log: Mapping[str, Any], columns: Columns, note: Callable[[str], None]) -> list[Row]:
    """Return the events of an OCEL log: those about objects of one type, one for each such object of an event.

    Raises `UnreadableLogError`.
    """
    try:
        return _rows(_as_second(log) if "ocel:events" in log else log, columns, note)
    except (AttributeError, KeyError, TypeError) as error:
        raise UnreadableLogError(
            f"it is no OCEL 2.0 log ({type(error).__name__}: {error}); each object has an 'id' and a 'type', each "
            "event these, a 'time' and 'relationships' with an 'objectId'"
        ) from error


def _rows(log: Mapping[str, Any], columns: Columns, note: Callable[[str], None]) -> list[Row]:
    types = {one["id"]: one["type"] for one in log["objects"]}
    known = sorted(set(types.values()))
    wanted = known[0] if columns.case is None and len(known) == 1 else columns.case
    if wanted not in known:
        of = f"of {', '.join(known)}; say by --case of which" if known else "of objects, and there is none in it"
        raise UnreadableLogError(f"an object-centric log has journeys {of}")
    rows, others = list[Row](), 0
    for event in log["events"]:
        about = [one["objectId"] for one in event.get("relationships", ()) if types.get(one["objectId"]) == wanted]
        values = {one["name"]: one["value"] for one in event.get("attributes", ())}
        rows.extend(Row(f"event {event['id']}", one, event["type"], event["time"], values) for one in about)
        others += not about
    if not rows:
        raise UnreadableLogError(
            f"none of its {others:,} events is about an object of the type {wanted!r}; name another by --case"
        )
    if others:
        note(f"not about   {others:,} events are about no object of the type {wanted!r}")
    return rows


def is_ocel(value: Any) -> bool:
    """Whether *value*, parsed JSON, is an OCEL log."""
    return isinstance(value, dict) and (
        (isinstance(value.get("objects"), list) and "eventTypes" in value) or "ocel:events" in value
    )


def _as_second(log: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a log of OCEL 1.0 as one of 2.0."""
    return {
        "objects": [{"id": name, "type": one["ocel:type"]} for name, one in log["ocel:objects"].items()],
        "events": [
            {
                "id": name,
                "type": one["ocel:activity"],
                "time": one["ocel:timestamp"],
                "attributes": [
                    {"name": attribute, "value": value} for attribute, value in one.get("ocel:vmap", {}).items()
                ],
                "relationships": [{"objectId": about} for about in one["ocel:omap"]],
            }
            for name, one in log["ocel:events"].items()
        ],
    }


def of_xml(file: IO[bytes]) -> Mapping[str, Any]:
    """Return the log that *file* has as XML, as JSON has it. Raises `UnreadableLogError`."""
    try:
        log = ET.parse(file).getroot()  # noqa: S314 - a file that the user names
    except ET.ParseError as error:
        raise UnreadableLogError(f"it is not whole ({error}); export it again") from None
    return {
        "objects": [dict(one.attrib) for one in log.iterfind("objects/object")],
        "events": [
            {
                **one.attrib,
                "attributes": [
                    {"name": attribute.get("name"), "value": attribute.text or ""}
                    for attribute in one.iterfind("attributes/attribute")
                ],
                "relationships": [
                    {"objectId": about.get("object-id")} for about in one.iterfind("objects/*[@object-id]")
                ],
            }
            for one in log.iterfind("events/event")
        ],
    }


def of_sqlite(content: bytes) -> Mapping[str, Any]:
    """Return the log that a database's file has as *content*, as JSON has it. Raises `UnreadableLogError`."""
    with closing(sqlite3.connect(":memory:")) as database:
        # A write-ahead log cannot be in memory; bytes 18 and 19 say that the file has none.
        database.deserialize(content[:18] + b"\1\1" + content[20:])
        database.row_factory = sqlite3.Row
        try:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'RELATIONS'").fetchone():
                return _of_first_sqlite(database)
            return {
                "objects": [
                    {"id": one["ocel_id"], "type": one["ocel_type"]} for one in database.execute("SELECT * FROM object")
                ],
                "events": list(_events(database)),
            }
        except (sqlite3.DatabaseError, IndexError) as error:
            raise UnreadableLogError(
                f"it is no OCEL 2.0 log ({error}); it has the tables event, object, event_object, event_map_type, and "
                "one for each type of event"
            ) from error


def _of_first_sqlite(database: sqlite3.Connection) -> Mapping[str, Any]:
    """Return a log of OCEL 1.0."""
    about: dict[Any, list[dict[str, Any]]] = {}
    for one in database.execute("SELECT * FROM RELATIONS"):
        about.setdefault(one["ocel:eid"], []).append({"objectId": one["ocel:oid"]})
    return {
        "objects": [
            {"id": one["ocel:oid"], "type": one["ocel:type"]} for one in database.execute("SELECT * FROM OBJECTS")
        ],
        "events": [
            _event(dict(one), about.get(one["ocel:eid"], [])) for one in database.execute("SELECT * FROM EVENTS")
        ],
    }


def of_csv(lines: Iterable[str]) -> Mapping[str, Any]:
    """Return the log that pm4py has written as CSV, as JSON has it: lists of objects are columns, one for each type."""
    types: dict[str, str] = {}
    events = []
    for one in csv.DictReader(lines):
        about = []
        for column, listed in one.items():
            if isinstance(column, str) and column.startswith(_TYPE):
                ids = [first or second for first, second in _IN_LIST.findall(listed or "")]
                types.update(dict.fromkeys(ids, column.removeprefix(_TYPE)))
                about += [{"objectId": name} for name in ids]
        values = {name: one[name] for name in one if isinstance(name, str) and not name.startswith(_TYPE)}
        events.append(_event(values, about))
    return {"objects": [{"id": name, "type": kind} for name, kind in types.items()], "events": events}


def _event(values: Mapping[str, Any], about: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an event of a table with the columns of OCEL 1.0."""
    return {
        "id": values["ocel:eid"],
        "type": values["ocel:activity"],
        "time": values["ocel:timestamp"],
        "attributes": [
            {"name": name, "value": value} for name, value in values.items() if value and not name.startswith("ocel:")
        ],
        "relationships": about,
    }


def _events(database: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    about: dict[Any, list[dict[str, Any]]] = {}
    for one in database.execute("SELECT * FROM event_object"):
        about.setdefault(one["ocel_event_id"], []).append({"objectId": one["ocel_object_id"]})
    for kind in database.execute("SELECT * FROM event_map_type").fetchall():
        table = str(kind["ocel_type_map"]).replace('"', '""')
        for one in database.execute(f'SELECT * FROM "event_{table}"'):  # noqa: S608 - quoted
            values = {name: one[name] for name in one.keys() if not name.startswith("ocel_")}  # noqa: SIM118
            yield {
                "id": one["ocel_id"],
                "type": kind["ocel_type"],
                "time": one["ocel_time"],
                "attributes": [{"name": name, "value": value} for name, value in values.items() if value is not None],
                "relationships": about.get(one["ocel_id"], []),
            }
