"""Logs of process mining: what a row is, when it happened, and what is said of what lacks."""

import json
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BufferedReader, BytesIO, StringIO
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from choreography_insights.discover.files.envelopes import envelopes
from choreography_insights.discover.files.lifecycle import counted
from choreography_insights.discover.files.moments import UncertainDatesError, clock_for
from choreography_insights.discover.files.reading import rows_of
from choreography_insights.discover.files.row import Columns, Row, UnreadableLogError
from choreography_insights.discover.files.tables import csv_rows, table_rows
from choreography_insights.discover.files.xes import xes_rows


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2011-10-01 08:36:00", "2011-10-01T08:36:00"),
        ("2011-10-01T08:36:00+02:00", "2011-10-01T06:36:00"),
        ("2011-10-01T08:36:00.123456789Z", "2011-10-01T08:36:00.123456"),
        ("2011-10-01 08:36:00,5", "2011-10-01T08:36:00.500000"),
        ("2011-10-01T08:36:00+02:00[Europe/Berlin]", "2011-10-01T06:36:00"),
        ("2011-10-01 08:36:00 UTC", "2011-10-01T08:36:00"),
        ("2011-10-01 8:36", "2011-10-01T08:36:00"),
        ("2011/10/01 08:36:00.000", "2011-10-01T08:36:00"),
        ("1.10.2011 08:36:00.123", "2011-10-01T08:36:00.123000"),
        ("30-12-2010:11.02", "2010-12-30T11:02:00"),
        ("13/10/2011", "2011-10-13T00:00:00"),
        ("10/13/2011 1:05:06 PM", "2011-10-13T13:05:06"),
        ("10/13/2011 12:05 a.m.", "2011-10-13T00:05:00"),
        ("01-Oct-2011 08:36:00", "2011-10-01T08:36:00"),
        ("Sat, 01 Oct 2011 08:36:00 +0200", "2011-10-01T06:36:00"),
        ("October 1, 2011, 8:36 PM", "2011-10-01T20:36:00"),
        ("20111001083600", "2011-10-01T08:36:00"),
        ("20111001083600123", "2011-10-01T08:36:00.123000"),
        ("1317458160", "2011-10-01T08:36:00"),
        ("1317458160.5", "2011-10-01T08:36:00.500000"),
        ("1317458160123", "2011-10-01T08:36:00.123000"),
        ("1112121412345", "2005-03-29T18:36:52.345000"),  # ISO 8601 would be a day of the year 1112
        ("1317458160123456", "2011-10-01T08:36:00.123456"),
        ("1970-01-01T00:00:05Z", "1970-01-01T00:00:05"),  # clocks of simulations begin so
    ],
)
def test_moments_are_read_as_they_are_written(text: str, moment: str) -> None:
    clock = clock_for([("line 2", text)], None, None)
    assert clock.read(text).astimezone(UTC).isoformat() == f"{moment}+00:00"


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "08:36", "46001.25", "1.76e9", "0000-00-00 00:00:00", "2011-10-01 08:36 CET", "31.02.2011"),
        *("1 Foo 2011", "10/13/2011 13:05 PM", "9999-12-31T23:59:59-14:00", "01/02/03 08:36", ""),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        clock_for([], None, None).read(text)


def test_a_moment_without_a_zone_belongs_where_it_is_said_and_is_counted() -> None:
    clock = clock_for([], None, ZoneInfo("Europe/Berlin"))
    assert clock.read("2011-10-01 08:36:00").isoformat() == "2011-10-01T08:36:00+02:00"
    assert clock.read("2011-10-01T08:36:00Z").isoformat() == "2011-10-01T08:36:00+00:00"
    assert clock.without_zone == 1


def test_a_form_that_is_said_is_the_only_one() -> None:
    clock = clock_for([("line 2", "02/03/2011")], "%m/%d/%Y", None)
    assert clock.read("02/03/2011").date() == datetime(2011, 2, 3).date()  # noqa: DTZ001
    with pytest.raises(ValueError, match="does not match"):
        clock.read("2011-02-03")


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["03/10/2011", "13/10/2011"], "2011-10-03"),
        (["03/10/2011", "10/13/2011"], "2011-03-10"),
        (["03.10.2011", "04.10.2011"], "2011-10-03"),
        (["03.10.2011", "10.13.2011"], "2011-03-10"),
        (["10/10/2011", "11/11/2011"], "2011-10-10"),
    ],
)
def test_the_dates_of_a_log_tell_the_day_from_the_month(dates: Sequence[str], first: str) -> None:
    clock = clock_for([(f"line {number}", one) for number, one in enumerate(dates, 2)], None, None)
    assert clock.read(dates[0]).date().isoformat() == first


@pytest.mark.parametrize(
    ("dates", "complaint"),
    [
        (["10/10/2011", "03/10/2011 08:36"], "line 3: its time is '03/10/2011 08:36', and no date in the log tells"),
        (["03-10-2011"], "'%d-%m-%Y %H:%M' or '%m-%d-%Y %H:%M'"),
        (
            ["13/10/2011", "10/13/2011"],
            "line 2, '13/10/2011', has the day first, and that at line 3, '10/13/2011', the",
        ),
    ],
)
def test_a_day_is_never_guessed(dates: Sequence[str], complaint: str) -> None:
    with pytest.raises(UncertainDatesError) as refused:
        clock_for([(f"line {number}", one) for number, one in enumerate(dates, 2)], None, None)
    assert complaint in str(refused.value)
    assert "--time-format" in str(refused.value)


def lived(*events: str) -> list[Row]:
    """Rows of "Activity/transition"."""
    parted = [event.partition("/") for event in events]
    return [Row("", "1", activity, "2026-01-01", {}, transition) for activity, _, transition in parted]


@pytest.mark.parametrize(
    ("events", "names"),
    [
        (["A", "B"], ["A", "B"]),
        (["A/start", "A/complete", "B/COMPLETE"], ["A", "B"]),
        (["A/start", "B/start"], ["A", "B"]),
        (["A/complete", "B/ate_abort", "B/withdraw"], ["A", "B+ate_abort", "B+withdraw"]),
        (["A/Open.Running", "A/Closed.Completed.Success"], ["A"]),
        (
            ["Accepted/In Progress", "Accepted/Wait", "Queued/Awaiting Assignment", "Completed/Closed"],
            ["Accepted+In Progress", "Accepted+Wait", "Queued", "Completed"],
        ),
        (["A/start", "A/complete", "A/Sent Back"], ["A", "A+Sent Back"]),
    ],
)
def test_an_unknown_lifecycle_swallows_no_event(events: Sequence[str], names: Sequence[str]) -> None:
    assert [row.activity for row in counted(lived(*events), print, by_name_alone=False)] == names


def test_who_names_the_activity_has_it_without_its_lifecycle(capsys: pytest.CaptureFixture[str]) -> None:
    rows = lived("A/Sent", "A/Seen", "B/start", "B/complete")
    assert [row.activity for row in counted(rows, print, by_name_alone=True)] == ["A", "A", "B"]
    assert capsys.readouterr().out == "lifecycle   counted is what completes an activity; not start (1)\n"


HEAD = "case,activity,time"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\r\n1,A,2026\r\n",
        f"{HEAD}\n1,A,2026,,\n\n , ,\n",
        f"\n\n{HEAD}\n1,A,2026",
        "sep=;\ncase;activity;time\n1;A;2026\n",
        "case\tactivity\ttime\n1\tA\t2026\n",
        "case|activity|time\n1|A|2026\n",
        '"Case ID","Activity Name"," Event-Time "\n"1","A",2026\n',
        "_CASE_KEY,ACTIVITY_EN,EVENTTIME\n1,A,2026\n",
        "time:timestamp,case:concept:name,concept:name\n2026,1,A\n",
    ],
)
def test_tables_are_read_as_programs_write_them(text: str) -> None:
    rows = csv_rows(StringIO(text, newline=""), Columns())
    assert [(row.case, row.activity, row.time, row.lacks) for row in rows] == [("1", "A", "2026", "")]


def test_a_row_is_where_it_begins_and_other_columns_are_told_apart() -> None:
    text = f'{HEAD},note,note\n1,A,2026,"two\nlines",007\n2,B,2026,7,true\n'
    first, second = csv_rows(StringIO(text, newline=""), Columns())
    assert (first.place, first.others) == ("line 2", {"note": "two\nlines", "note 2": "007"})
    assert (second.place, second.others) == ("line 4", {"note": 7, "note 2": True})


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("1,A", "it has no time"),
        (",A,2026", "it has no case"),
        ("1,A,b,2026", "it has 4 cells, and the heading 3; quote what has the delimiter in it"),
        ('1,"A,2026\n1,B,2026\n', "its last cell goes on over line ends; close its quotes"),
        ("1,A,soon", "its time 'soon' is in no form that is known"),
    ],
)
def test_a_row_that_lacks_something_is_named_and_the_others_count(row: str, complaint: str) -> None:
    notes: list[str] = []
    rows = csv_rows(StringIO(f"{HEAD}\n0,A,2026-01-01T00:00:00Z\n{row}"), Columns())
    found = envelopes(rows, "desk", Columns(), notes.append)
    assert [one["detail"] for one in found] == [{"case": "0"}]
    assert [note for note in notes if note.startswith(f"left out    line 3: {complaint}")] == notes


def test_of_many_rows_that_lack_something_the_first_are_named() -> None:
    notes: list[str] = []
    lacking = [Row(f"line {number}", "", "A", "2026", {}) for number in range(9)]
    envelopes([*lived("A"), *lacking], "desk", Columns(), notes.append)
    assert [note[12:19] for note in notes[:4]] == ["line 0:", "line 1:", "line 2:", "6 rows "]


def test_names_that_no_bus_carries_are_changed_and_that_is_said() -> None:
    notes: list[str] = []
    found = envelopes(lived("Amount <1000"), "desk", Columns(), notes.append)
    assert found[0]["detail-type"] == "Amount 1000"
    assert notes[0].startswith("renamed     'Amount <1000' to 'Amount 1000'")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "it is empty; the first line of CSV names its columns"),
        ("case,activity,time,time\n", "line 1: 2 columns are called 'time', which is to be the time; rename one"),
        ("\n1,A,2026\n", "line 2: name by --case, --activity, --time which of the columns it is: 1, A, 2026"),
    ],
)
def test_a_table_whose_columns_are_not_clear_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(UnreadableLogError) as refused:
        csv_rows(StringIO(text), Columns())
    assert str(refused.value) == complaint


def test_records_with_fields_of_such_names_are_rows() -> None:
    records = [{"order": 1, "what": "A", "at": 5, "note": "x"}, {"order": 2}, "no object"]
    rows = table_rows(records, Columns("order", "what", "at"), "record")
    assert rows is not None
    assert rows[0] == Row("record 1", 1, "A", 5, {"note": "x"})
    assert rows[1].time is None
    assert rows[2].lacks == "it is 'no object', and no object"
    assert table_rows(records, Columns(), "record") is None


def test_fields_of_records_may_lie_deep() -> None:
    records = [{"order": {"id": 1}, "activity": "A", "time": 5}, {"activity": "B", "time": 6}]
    rows = table_rows(records, Columns(case="$.order.id"), "record")
    assert rows is not None
    assert [(row.case, row.activity) for row in rows] == [(1, "A"), (None, "B")]
    for path, complaint in (
        ("$.order.no", "there is no column '$.order.no', which --case names"),
        ("$$", "is no path"),
    ):
        with pytest.raises(UnreadableLogError, match=re.escape(complaint)):
            table_rows(records, Columns(case=path), "record")


def xes(*traces: str) -> BytesIO:
    return BytesIO(f"<log>{''.join(f'<trace>{one}</trace>' for one in traces)}</log>".encode())


def event(name: str, time: str = "") -> str:
    when = f'<date key="time:timestamp" value="{time}"/>' if time else ""
    return f'<event><string key="concept:name" value="{name}"/>{when}</event>'


def test_a_trace_without_a_name_is_named_by_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    rows = xes_rows(xes('<string key="concept:name" value="x"/>' + event("A", "1"), event("A", "2")), Columns(), print)
    assert [row.case for row in rows] == ["x", "trace-2"]
    assert "1 of 2 traces have no 'concept:name': their places name them, as trace-1" in capsys.readouterr().out


def test_an_event_without_a_time_stays_in_its_place() -> None:
    trace = [event("A"), event("B", "2026-01-01T00:00:00Z"), event("C"), event("D"), event("E", "2026-01-02T00:00:00Z")]
    rows = xes_rows(xes("".join(trace)), Columns(), print)
    found = envelopes(rows, "desk", Columns(), print)
    moments = [datetime.fromisoformat(one["time"]) for one in found]
    assert [one["detail-type"] for one in found] == list("ABCDE")
    assert all(first < second for first, second in pairwise(moments))


@pytest.mark.parametrize(
    ("text", "columns", "complaint"),
    [
        ("<html><p/></html>", Columns(), "there is no <trace> in its <html>; an XES file has one for each case"),
        ("<log><trace>", Columns(), "it is no XML, or not whole ("),
        (
            f"<log><trace>{event('A')}</trace></log>",
            Columns(time="at"),
            "no <event> has an attribute 'at', which --time",
        ),
        (f"<log><trace>{event('A')}</trace></log>", Columns(activity="a"), "an attribute 'a', which --activity names"),
        ("<log><trace/></log>", Columns(case="nr"), "no <trace> has an attribute 'nr', which --case names"),
    ],
)
def test_xml_that_is_no_log_is_refused(text: str, columns: Columns, complaint: str) -> None:
    with pytest.raises(UnreadableLogError) as refused:
        xes_rows(BytesIO(text.encode()), columns, print)
    assert complaint in str(refused.value)


FIRST = {
    "ocel:objects": {"o1": {"ocel:type": "order"}, "i1": {"ocel:type": "item"}},
    "ocel:events": {
        "e1": {"ocel:activity": "A", "ocel:timestamp": "2026-01-01", "ocel:omap": ["o1", "i1"], "ocel:vmap": {"n": 1}},
        "e2": {"ocel:activity": "B", "ocel:timestamp": "2026-01-02", "ocel:omap": ["i1"]},
    },
}
SECOND = {
    "events": [
        {
            "id": "e1",
            "type": "A",
            "time": "2026-01-01",
            "attributes": [{"name": "n", "value": 1}],
            "relationships": [{"objectId": "o1"}, {"objectId": "i1"}],
        },
        {"id": "e2", "type": "B", "time": "2026-01-02", "relationships": [{"objectId": "i1"}]},
    ],
    "objects": [{"id": "o1", "type": "order"}, {"id": "i1", "type": "item"}],
    "eventTypes": [],
}
AS_XML = """<?xml version="1.0"?><log><event-types><event-type name="A"/></event-types>
<objects><object id="o1" type="order"/><object id="i1" type="item"/></objects><events>
<event id="e1" type="A" time="2026-01-01"><attributes><attribute name="n">1</attribute></attributes>
<objects><relationship object-id="o1" qualifier=""/><relationship object-id="i1" qualifier=""/></objects></event>
<event id="e2" type="B" time="2026-01-02"><objects><relationship object-id="i1" qualifier=""/></objects></event>
</events></log>"""
AS_SQL = """CREATE TABLE object(ocel_id, ocel_type); CREATE TABLE event(ocel_id, ocel_type);
CREATE TABLE event_object(ocel_event_id, ocel_object_id, ocel_qualifier);
CREATE TABLE event_map_type(ocel_type, ocel_type_map); CREATE TABLE event_a(ocel_id, ocel_time, n);
CREATE TABLE event_b(ocel_id, ocel_time);
INSERT INTO object VALUES('o1', 'order'), ('i1', 'item'); INSERT INTO event VALUES('e1', 'A'), ('e2', 'B');
INSERT INTO event_object VALUES('e1', 'o1', ''), ('e1', 'i1', ''), ('e2', 'i1', '');
INSERT INTO event_map_type VALUES('A', 'a'), ('B', 'b');
INSERT INTO event_a VALUES('e1', '2026-01-01', 1); INSERT INTO event_b VALUES('e2', '2026-01-02');"""


AS_FIRST_SQL = """CREATE TABLE "EVENTS"("ocel:eid", "ocel:timestamp", "ocel:activity", n);
CREATE TABLE "OBJECTS"("ocel:oid", "ocel:type"); CREATE TABLE "RELATIONS"("ocel:eid", "ocel:oid");
INSERT INTO EVENTS VALUES('e1', '2026-01-01', 'A', 1), ('e2', '2026-01-02', 'B', NULL);
INSERT INTO OBJECTS VALUES('o1', 'order'), ('i1', 'item');
INSERT INTO RELATIONS VALUES('e1', 'o1'), ('e1', 'i1'), ('e2', 'i1');"""
AS_CSV = """ocel:eid,ocel:timestamp,ocel:activity,n,ocel:type:order,ocel:type:item
e1,2026-01-01,A,1,['o1'],"['i1']"
e2,2026-01-02,B,,[],['i1']
"""


def database(text: str) -> bytes:
    made = sqlite3.connect(":memory:")
    made.executescript(text)
    return made.serialize()


def read(content: bytes, **columns: Any) -> list[Row] | None:
    file: BufferedReader = BufferedReader(BytesIO(content))
    return rows_of(file, Columns(**columns), print, is_csv=False)


@pytest.mark.parametrize(
    "content",
    [
        *(json.dumps(FIRST).encode(), database(AS_FIRST_SQL), AS_CSV.encode()),
        *(json.dumps(SECOND, indent=1).encode(), AS_XML.encode(), database(AS_SQL)),
    ],
    ids=["1.0 as JSON", "1.0 as SQLite", "CSV", "JSON", "XML", "SQLite"],
)
def test_object_centric_logs_are_told_by_what_is_in_them(content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    orders = read(content, case="order")
    assert orders is not None
    assert [(row.case, row.activity, row.time, str(row.others["n"])) for row in orders] == [
        ("o1", "A", "2026-01-01", "1")
    ]
    assert "1 events are about no object of the type 'order'" in capsys.readouterr().out
    items = read(content, case="item")
    assert items is not None
    assert [row.activity for row in items] == ["A", "B"]
    with pytest.raises(UnreadableLogError, match="has journeys of item, order; say by --case of which"):
        read(content)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (database("CREATE TABLE mine(x)"), "it is no OCEL 2.0 log (no such table: object)"),
        (b'<log><global scope="event"><string key="ocel:activity" value=""/></global>', "it is OCEL 1.0 as XML, which"),
        (b'{"eventTypes": [', "it begins as an OCEL log does, and is not JSON"),
        (b'{"eventTypes": []}', "it begins as an OCEL log does, and lacks 'objects'"),
        ("case,activity,time\n1,\u00fc,2026".encode("latin-1"), "it is not UTF-8"),
    ],
)
def test_what_begins_as_a_log_and_is_none_is_refused(content: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableLogError) as refused:
        read(content)
    assert complaint in str(refused.value)


def test_another_encoding_is_read_if_it_is_said() -> None:
    rows = read("case,activity,time\n1,\u20ac,2026".encode("cp1252"), encoding="cp1252")
    assert rows is not None
    assert rows[0].activity == "\u20ac"


@pytest.mark.parametrize(
    "text", ['{"detail-type": "A"}', '[{"events": []}]', '{"events": [{"wait": 1}]}', "hello\n", ""]
)
def test_events_are_left_to_who_reads_events(text: str) -> None:
    assert read(text.encode()) is None


def test_a_table_is_known_by_its_heading_whatever_the_file_is_called() -> None:
    assert read(b"case;activity;time\n1;A;2026\n") is not None
    assert read(b"order;what;at\n1;A;2026\n", case="order", activity="what", time="at") is not None
    assert read(b"order;what;at\n1;A;2026\n") is None
