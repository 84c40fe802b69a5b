"""The statistics function: its rows of counts, its pictures, and what becomes of what cannot be counted."""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from choreography_insights.insights.counter_rows import CounterRows, Span, spans
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.folding import Happened
from choreography_insights.insights.pictures import picture_text
from choreography_insights.insights.statistics import NotCountedError, make_handler
from choreography_insights.model.workflow import Workflow
from choreography_insights.project import folders
from choreography_insights.views.layout_file import read_flow
from fake_aws import FakeAws, example
from fake_aws.errors import client_error
from insights.streaming import Table, with_picture
from insights.test_folding import AT, claimed, event, journey
from support.definitions import workflow_of

pytestmark = pytest.mark.usefixtures("no_log")

OLD = {"A": {"await": {"Lost": "B", "Paid": "C"}}, "B": "succeed", "C": "succeed"}
NEW = {"A": {"await": {"Paid": "C", "Lost": "B"}}, "B": "succeed", "C": "succeed"}
USED = event(wait="A", variant=0, name="Paid")


def record(number: int, journey: str, item: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    keys = {"journey": {"S": journey}, "item": {"S": item}}
    told = {"Keys": keys, "OldImage": old, "NewImage": {**keys, **new}, "SequenceNumber": str(number)}
    return {"eventSource": "aws:dynamodb", "dynamodb": told}


def paid(number: int, key: str = "test#1") -> dict[str, Any]:
    return record(number, key, f"EVENT#{number}", claimed(), USED)


@pytest.fixture
def table() -> Table:
    found = Table(FakeAws(example("order/order")))
    with_picture(found, workflow_of(NEW))
    return found


def count(table: Table, *records: dict[str, Any], shard: str = "shard-1") -> None:
    handler = make_handler(table, "journeys")
    assert handler({"Records": json.loads(json.dumps(records)), "shardId": shard}, None) == {"state": {}}


def test_there_is_a_row_for_the_hour_and_one_for_the_day_of_each_shard(table: Table) -> None:
    count(table, paid(7))
    count(table, paid(3), shard="shard-2")
    rows = {item: row for (partition, item), row in table.own.items() if partition == "#counts#test"}
    assert set(rows) == {
        *("hour#2026-01-01T00#shard-1", "day#2026-01-01#shard-1"),
        *("hour#2026-01-01T00#shard-2", "day#2026-01-01#shard-2"),
    }
    hour = rows["hour#2026-01-01T00#shard-1"]
    assert hour["last"] == {"S": "0" * 39 + "7"}
    assert hour["expiresAt"] == {"N": "1775001600"}  # 90 days later
    assert json.loads(hour["counts"]["S"])["transitions"] == [["A", "Paid", "C", 1]]
    assert table.counts("test").transitions == {("A", "Paid", "C"): 2}


def test_hours_go_after_90_days_and_days_after_three_years() -> None:
    hour, day = spans(1_767_229_199.9)
    assert (hour, day) == (Span("hour", "2026-01-01T00"), Span("day", "2026-01-01"))
    assert (day.expires_at - hour.expires_at) / 86_400 == 3 * 366 - 90


def test_a_record_that_comes_again_is_not_counted_again_but_what_is_newer_is(table: Table) -> None:
    count(table, paid(1), paid(2))
    count(table, paid(2), paid(3))
    count(table, paid(1))
    assert table.counts("test").transitions == {("A", "Paid", "C"): 3}


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten(table: Table) -> None:
    def meanwhile(_: str) -> None:
        table.before = lambda _: None
        count(table, paid(1), paid(2))

    table.before = meanwhile
    with pytest.raises(NotCountedError, match="ConditionalCheckFailedException"):
        count(table, paid(1))
    count(table, paid(1))
    assert table.counts("test").transitions == {("A", "Paid", "C"): 2}


def test_what_aws_refuses_comes_again_and_nothing_is_quoted_of_it(table: Table) -> None:
    def refuse(_: str) -> None:
        raise client_error("ThrottlingException", "about test#1", "PutItem")

    table.before = refuse
    with pytest.raises(NotCountedError, match=r"^AWS answered ThrottlingException to PutItem$"):
        count(table, paid(1))


def test_one_that_cannot_be_read_holds_nobody_up(table: Table) -> None:
    broken = record(1, "test#2", "EVENT#1", claimed(), {**USED, "usedAt": {"N": "yesterday"}})
    count(table, broken, paid(2))
    assert table.counts("test").transitions == {("A", "Paid", "C"): 1}


def test_a_journey_is_read_by_the_definition_that_it_runs(table: Table) -> None:
    older = workflow_of(OLD)
    with_picture(table, older, current=False)
    lost = event(wait="A", variant=0, name="Lost")
    row = journey(version=version_of(older))
    table.own["test#2", "JOURNEY"] = row
    count(table, record(1, "test#2", "EVENT#1", claimed(), lost), paid(2))
    assert table.counts("test").transitions == {("A", "Lost", "B"): 1, ("A", "Paid", "C"): 1}


def test_a_choreography_without_a_picture_is_not_counted(table: Table) -> None:
    count(table, paid(1, "other#1"))
    assert [partition for partition, _ in table.own if partition.startswith("#counts#")] == []


def test_a_picture_that_becomes_current_is_kept_under_its_version_with_the_one_before(table: Table) -> None:
    old, new = (
        {"version": {"S": version_of(one)}, "picture": {"B": base64_of(one)}, "description": {"S": one.name.text}}
        for one in (workflow_of(OLD), workflow_of(NEW))
    )
    count(table, record(1, "#pictures", "test", old, new))
    count(table, record(2, "#pictures", f"test#{new['version']['S']}", {}, new))  # its own writing
    for one in (workflow_of(OLD), workflow_of(NEW)):
        kept = table.own["#pictures", f"test#{version_of(one)}"]
        assert kept["item"] == {"S": f"test#{version_of(one)}"}
        assert picture_text(kept) == folders.picture_text(one)
        assert kept["description"] == {"S": "test"}
    assert len([item for partition, item in table.own if partition == "#pictures"]) == 3


def test_what_does_not_fit_into_a_row_holds_nobody_up(table: Table) -> None:
    count(table, paid(1))
    events = [f"{'€' * 120}{number}" for number in range(1_200)]
    many = [
        Happened("test", AT, 2, Counts(transitions=Counter({("A", event, "C"): 1 for event in events}))),
        Happened("other", AT, 3, Counts(transitions=Counter({("A", "Paid", "C"): 1}))),
    ]
    CounterRows(table, "journeys").add(many, "shard-1")
    count(table, paid(2), paid(4))
    assert all(len(row["counts"]["S"].encode()) < 400_000 for row in table.own.values() if "counts" in row)
    assert table.counts("test").transitions == {("A", "Paid", "C"): 2}
    assert table.counts("other").transitions == {("A", "Paid", "C"): 1}


UNREADABLE = {
    "none": None,
    "nothing": b"",
    "not packed": b"{}",
    "of another form": gzip.compress(b'{"form":99}'),
    "no states": gzip.compress(b'{"form":1,"flow":{}}'),
}


@pytest.mark.parametrize("picture", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("version", ["0123456789ab", "none"])
def test_a_picture_that_cannot_be_read_holds_nobody_up(table: Table, picture: bytes | None, version: str) -> None:
    row = {"journey": {"S": "#pictures"}, "version": {"S": version}}
    if picture is not None:
        row["picture"] = {"B": base64.b64encode(picture).decode()}
    for item in ("other", "test#0123456789ab"):
        stored = {**row, "item": {"S": item}}
        table.own["#pictures", item] = stored if picture is None else {**stored, "picture": {"B": picture}}
    count(table, record(1, "#pictures", "other", {}, row), paid(2, "other#1"), paid(3))
    assert table.counts("test").transitions == {("A", "Paid", "C"): 1}
    assert table.counts("other").transitions == {}


def test_a_window_that_ends_brings_no_records(table: Table) -> None:
    handler = make_handler(table, "journeys")
    assert handler({"Records": [], "isFinalInvokeForWindow": True}, None) == {"state": {}}
    assert handler({"isFinalInvokeForWindow": True, "shardId": "shard-1", "state": {}}, None) == {"state": {}}


def version_of(workflow: Workflow) -> str:
    return read_flow(folders.picture_text(workflow)).version


def base64_of(workflow: Workflow) -> str:
    return base64.b64encode(gzip.compress(folders.picture_text(workflow).encode())).decode()
