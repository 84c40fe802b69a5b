"""Events are read in every layout in which AWS's services and the usual tools leave them; what cannot be read is told.

Each file is made by the library that others would use for it.
"""

import gzip
import io
import json
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cramjam
import pyarrow as pa
import pytest
from pyarrow import parquet

from choreography_insights.cli.main import main
from choreography_insights.recordings import packing
from choreography_insights.replay.event_files import Reading, Recording, UnreadableError
from replay.played import envelope

EVENTS = [
    envelope("S", "1"),
    envelope("a", "1", "2026-01-01T00:00:05Z", detail={"id": "1", "amounts": [1, 2.5], "to": {"name": "Zoë"}}),
    envelope("b", "1", "2026-01-01T00:00:09Z"),
]
LINES = "".join(f"{json.dumps(one)}\n" for one in EVENTS).encode()
FIREHOSE = "".join(json.dumps(one) for one in EVENTS).encode()
"""As Firehose writes them, if no delimiter is asked for."""


def read(where: Path, said: list[str] | None = None) -> list[Any]:
    complain: Callable[[str], None] = pytest.fail if said is None else said.append
    return [event for _, event in Reading(Recording(str(where)), complain)]


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events", content)
    return file.getvalue()


def by_hadoop(content: bytes) -> bytes:
    """As Hadoop's codec writes it: blocks of several chunks."""
    chunks = [bytes(cramjam.snappy.compress_raw(content[at : at + 100])) for at in range(0, len(content), 100)]
    packed = b"".join(len(one).to_bytes(4) + one for one in chunks)
    return len(content).to_bytes(4) + packed


PACKED = {
    "e.gz": gzip.compress(FIREHOSE),
    "members.gz": b"".join(gzip.compress(json.dumps(one).encode()) for one in EVENTS),
    "twice.gz": gzip.compress(gzip.compress(FIREHOSE)),
    "by PowerShell.json": LINES.decode().encode("utf-16"),
    "big.json.gz": gzip.compress(b"\xfe\xff" + LINES.decode().encode("utf-16-be")),
    "without an ending": gzip.compress(LINES),
    "e.jsonl.zst": packing._zstd.compress(LINES),
    "frames.zst": b"".join(packing._zstd.compress(json.dumps(one).encode()) for one in EVENTS),
    "e.zip": zipped(FIREHOSE),
    "e.snappy": bytes(cramjam.snappy.compress(FIREHOSE)),
    "e.hsnappy": by_hadoop(FIREHOSE[:300]) + by_hadoop(FIREHOSE[300:]),
}


@pytest.mark.parametrize(("name", "content"), PACKED.items(), ids=PACKED)
def test_what_is_packed_is_read_as_if_it_were_not(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path / name) == EVENTS


@pytest.mark.parametrize("name", ["e.gz", "e.jsonl.zst", "e.snappy", "e.hsnappy", "e.zip"])
def test_what_is_cut_off_is_told_and_never_taken_for_all(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name][:-9])
    with pytest.raises(UnreadableError, match=r"^it is not whole, or packed otherwise than its first bytes say"):
        read(tmp_path / name)


def test_a_document_of_an_office_program_is_not_taken_for_events(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    (tmp_path / "e.xlsx").write_bytes(file.getvalue())
    with pytest.raises(UnreadableError, match="it is a document of an office program; save its sheet as CSV"):
        read(tmp_path / "e.xlsx")


@pytest.mark.parametrize(
    ("name", "library", "extra"), [("e.jsonl.zst", "_zstd", "zstd"), ("e.snappy", "_cramjam", "snappy")]
)
def test_what_is_lacking_to_unpack_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, library: str, extra: str
) -> None:
    (tmp_path / name).write_bytes(PACKED[name])
    monkeypatch.setattr(packing, library, None)
    with pytest.raises(UnreadableError, match=rf"run: pip install 'choreography-insights\[{extra}\]'"):
        read(tmp_path / name)


# ---- Parquet --------


def write_parquet(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    parquet.write_table(pa.Table.from_pylist(list(rows)), file)


def test_parquet_is_read_with_the_detail_as_a_text_or_as_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path / "struct.parquet", EVENTS)
    write_parquet(tmp_path / "text.parquet", [{**one, "detail": json.dumps(one["detail"])} for one in EVENTS])
    assert read(tmp_path / "struct.parquet") == read(tmp_path / "text.parquet") == EVENTS


@pytest.mark.parametrize("column", ["detail_type", "detailtype", "detailType", "DETAIL-TYPE"])
def test_columns_may_be_called_as_hive_has_them(tmp_path: Path, column: str) -> None:
    write_parquet(
        tmp_path / "e", [{column if key == "detail-type" else key: one[key] for key in one} for one in EVENTS]
    )
    assert read(tmp_path / "e") == EVENTS


def test_moments_and_maps_of_parquet_are_what_they_were_in_json(tmp_path: Path) -> None:
    schema = pa.schema([("time", pa.timestamp("ms")), ("detail", pa.map_(pa.string(), pa.string()))])
    rows = [{"time": datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC), "detail": {"id": "1"}}]
    parquet.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "e.parquet")
    assert read(tmp_path / "e.parquet") == [{"time": "2026-01-01T00:00:05Z", "detail": {"id": "1"}}]


def test_parquet_that_is_cut_off_is_told(tmp_path: Path) -> None:
    write_parquet(tmp_path / "whole", EVENTS)
    (tmp_path / "e").write_bytes((tmp_path / "whole").read_bytes()[:-9])
    with pytest.raises(UnreadableError, match=r"^it is no whole Parquet file"):
        read(tmp_path / "e")


def test_what_is_lacking_to_read_parquet_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(tmp_path / "e", EVENTS)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnreadableError, match=r"run: pip install 'choreography-insights\[parquet\]'"):
        read(tmp_path / "e")


# ---- logs --------


def logged(messages: Sequence[str]) -> list[dict[str, Any]]:
    return [{"id": str(number), "timestamp": 0, "message": message} for number, message in enumerate(messages)]


ENVELOPES = [json.dumps(one) for one in EVENTS]
SUBSCRIBED = [
    {"messageType": "CONTROL_MESSAGE", "logEvents": logged(["CWL CONTROL MESSAGE: Checking health of destination"])},
    {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/events/all", "logEvents": logged(ENVELOPES[:2])},
    {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/events/all", "logEvents": logged(ENVELOPES[2:])},
]
OF_LOGS = {
    "a subscription": "".join(map(json.dumps, SUBSCRIBED)),
    "an export": "".join(f"2026-01-01T00:00:00.0{at}0Z {message}\n" for at, message in enumerate(ENVELOPES)),
    "filter-log-events": json.dumps({"events": logged(ENVELOPES), "searchedLogStreams": []}, indent=4),
}


@pytest.mark.parametrize("text", OF_LOGS.values(), ids=OF_LOGS)
def test_envelopes_are_found_in_what_cloudwatch_logs_gives(tmp_path: Path, text: str) -> None:
    (tmp_path / "e").write_text(text, encoding="utf-8")
    assert read(tmp_path / "e") == EVENTS


def test_a_message_of_a_log_that_is_no_event_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "e").write_text(json.dumps({"logEvents": logged(["START", ENVELOPES[0]])}), encoding="utf-8")
    assert read(tmp_path / "e") == ["START", EVENTS[0]]


def of_a_bus(message_type: str, **details: Any) -> dict[str, Any]:
    """A record as EventBridge documents it."""
    return {
        "resource_arn": "arn:aws:events:eu-west-1:111122223333:event-bus/orders",
        "request_id": "r",
        "event_id": "e1",
        "message_timestamp_ms": 1767225606123,
        "message_type": message_type,
        "log_level": "INFO",
        "details": details,
    }


def test_a_buss_log_tells_of_each_event_once(tmp_path: Path) -> None:
    about = {
        "caller_account_id": "111122223333",
        "source_time_ms": 1767225605000,
        "source": "s",
        "detail_type": "a",
        "resources": [],
        "event_detail": '{"id": "1"}',
    }
    kinds = ["EVENT_RECEIPT", "EVENT_INGEST_SUCCESS", "RULE_MATCH_START"]
    records = [*(of_a_bus(kind, **about) for kind in kinds), of_a_bus("RULE_MATCH", rule_arn="r")]
    (tmp_path / "e").write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
    assert read(tmp_path / "e") == [
        {
            "id": "e1",
            "detail-type": "a",
            "source": "s",
            "account": "111122223333",
            "time": "2026-01-01T00:00:05Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": {"id": "1"},
        }
    ]


def test_what_an_archive_replays_is_what_was_published(tmp_path: Path) -> None:
    replayed = [{**one, "replay-name": "again"} for one in EVENTS]
    (tmp_path / "e").write_text("".join(map(json.dumps, replayed)), encoding="utf-8")
    assert read(tmp_path / "e") == replayed


# ---- folders --------


def test_a_folder_is_read_whole_in_the_order_of_names_and_strangers_are_named_once(tmp_path: Path) -> None:
    for at, one in enumerate(EVENTS):
        hour = tmp_path / "2026" / "01" / "01" / f"{at:02}"
        hour.mkdir(parents=True)
        (hour / f"stream-1-2026-01-01-{at:02}-00-00-f1.gz").write_bytes(gzip.compress(json.dumps(one).encode()))
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "aws-logs-write-test").write_text("Permission Check Successful")
    (tmp_path / "2026" / "notes.txt.gz").write_bytes(gzip.compress(b"nothing"))
    said: list[str] = []
    assert read(tmp_path, said) == EVENTS
    assert said == ["left out, as no events are in them: 2026/notes.txt.gz, aws-logs-write-test"]


def test_what_is_wrong_in_a_folder_is_told_with_its_file_and_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definition = tmp_path / "workflow.yaml"
    definition.write_text("choreography: c\nsource: s\nstart: S\nstates: {A: {await: {a: B}}, B: succeed}\n")
    events = tmp_path / "events"
    events.mkdir()
    (events / "1.jsonl").write_bytes(LINES)
    write_parquet(events / "2.parquet", [{**EVENTS[0], "detail": {"no": "id"}}])
    assert main(["replay", str(definition), str(events)]) == 1
    assert capsys.readouterr().err.startswith("2.parquet: row 1: event 4 is left out: its entity id at $.detail.id")

    (events / "3.jsonl").write_bytes(LINES + b"{broken\n")
    assert main(["replay", str(definition), str(events)]) == 2
    printed = capsys.readouterr()
    assert f"{events}: 3.jsonl: line 4: not JSON" in printed.err
    assert main(["discover", str(events)]) == 1
    assert f"{events}: 3.jsonl: line 4: not JSON" in capsys.readouterr().err


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="there is no file in this folder"):
        read(tmp_path)


# ---- messages --------


def message(text: str, number: int) -> dict[str, Any]:
    return {"MessageId": str(number), "ReceiptHandle": "…", "MD5OfBody": "…", "Body": text}


def record(text: str, number: int) -> dict[str, Any]:
    return {"messageId": str(number), "body": text, "eventSource": "aws:sqs", "awsRegion": "eu-west-1"}


def notification(event: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:…", "Message": json.dumps(event)}


def coded(event: dict[str, Any]) -> str:
    return b64encode(json.dumps(event).encode()).decode()


TEXTS = [json.dumps(one) for one in EVENTS]
WRAPPED: dict[str, Any] = {
    "aws sqs receive-message": {"Messages": [message(text, number) for number, text in enumerate(TEXTS)]},
    "a function's batch of a queue": {"Records": [record(text, number) for number, text in enumerate(TEXTS)]},
    "messages of a queue, one by one": [record(text, number) for number, text in enumerate(TEXTS)],
    "a topic's": [notification(one) for one in EVENTS],
    "a topic's through a queue": [message(json.dumps(notification(one)), 1) for one in EVENTS],
    "a function's of a topic": {"Records": [{"EventSource": "aws:sns", "Sns": notification(one)} for one in EVENTS]},
    "a stream's": {"Records": [{"kinesis": {"data": coded(one)}, "eventSource": "aws:kinesis"} for one in EVENTS]},
    "Firehose's to be transformed": {"records": [{"recordId": "1", "data": coded(one)} for one in EVENTS]},
    "of our dead-letter queues": [message(json.dumps({"choreography": {}, "event": one}), 1) for one in EVENTS],
}


@pytest.mark.parametrize("value", WRAPPED.values(), ids=WRAPPED)
def test_events_are_found_in_the_messages_that_wrap_them(tmp_path: Path, value: Any) -> None:
    (tmp_path / "e.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
    assert read(tmp_path / "e.json") == EVENTS


def test_what_is_to_be_published_is_read_as_it_will_be_delivered(tmp_path: Path) -> None:
    entry = {"Source": "s", "DetailType": "A", "Detail": '{"id": "1"}', "Time": "2026-01-01T00:00:00Z"}
    other = {**entry, "Detail": {"id": "2"}, "Resources": ["arn"]}
    (tmp_path / "e.json").write_text(json.dumps({"Entries": [entry, entry, other]}), encoding="utf-8")
    first, again, second = read(tmp_path / "e.json")
    assert first == again
    assert first == {
        "id": first["id"],
        "detail-type": "A",
        "source": "s",
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": {"id": "1"},
    }
    assert (second["detail"], second["resources"]) == ({"id": "2"}, ["arn"])
    assert second["id"] != first["id"]


def test_cloudevents_are_the_details_of_events_of_their_type(tmp_path: Path) -> None:
    event = {
        "specversion": "1.0",
        "id": "e",
        "type": "A",
        "source": "/s",
        "time": "2026-01-01T00:00:00Z",
        "subject": "1",
    }
    binary = {**event, "data_base64": coded({"id": "1"})}
    (tmp_path / "e.json").write_text(json.dumps([{**event, "data": {"id": "1"}}, binary]), encoding="utf-8")
    first, second = read(tmp_path / "e.json")
    assert first == second
    assert first == {
        "id": "e",
        "detail-type": "A",
        "source": "/s",
        "time": "2026-01-01T00:00:00Z",
        "detail": {**event, "data": {"id": "1"}},
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"Records": [{"eventSource": "s3.amazonaws.com"}]}, [{"Records": [{"eventSource": "s3.amazonaws.com"}]}]),
        ({"Messages": [message("hello", 1), {"odd": 1}]}, ["hello", {"odd": 1}]),
        ({"recordId": "1", "data": "%"}, ["%"]),
        ({"Messages": []}, [{"Messages": []}]),
    ],
)
def test_what_wraps_no_event_is_told_as_what_it_is(tmp_path: Path, value: Any, told: list[Any]) -> None:
    (tmp_path / "e.json").write_text(json.dumps(value), encoding="utf-8")
    assert read(tmp_path / "e.json") == told


@pytest.mark.parametrize(
    "text", ["case,activity,time\n1,A,2026-01-01\n", "<log/>", '{"eventTypes": [], "objects": []}']
)
def test_of_a_log_it_is_said_what_makes_events_of_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text, encoding="utf-8")
    with pytest.raises(
        UnreadableError, match=r"^line 1: .*'choreography discover LOG --write-events EVENTS' makes eve"
    ):
        read(tmp_path / "log")
