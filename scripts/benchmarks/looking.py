"""What a look at all journeys takes where many wait: AWS calls, CPU time, read units, dollars.

boto3's own client is called; what DynamoDB would answer is made of nothing, so that a million rows need no table. Of a
view's time only the network is missing.
"""

import gzip
import io
import json
import time
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from benchmarks.prices import MONTH_SECONDS, READ_UNIT
from benchmarks.report import NoLinks
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.reading import Reading
from choreography_insights.insights.rows import written_moment
from choreography_insights.insights.waiting import SHARDS
from choreography_insights.model.flow import flow_of
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.project.definitions import load
from choreography_insights.views import layout_file
from choreography_insights.views.choreography_map import choreography_map
from choreography_insights.views.known import Period
from choreography_insights.views.overview import overview
from choreography_insights.views.parts import Viewer
from choreography_insights.views.words import Clock
from devtools.places import ROOT
from documents.markdown import figures

NOW = 1_767_225_600.0
_CHOREOGRAPHIES, _DAYS, _STREAM_SHARDS = 4, 45, 4
_REFRESH_SECONDS = 300
_PAGE, _ENTRY_BYTES, _UNIT_BYTES = 1_000_000, 150, 4_096
_STATES = ("Announced", "InPreparation", "OnSale", "ReadyForSale", "Reserved", "Sold")
_LATEST = 300


def measure() -> str:
    """CPU time of this process, the rendering included."""
    rows = []
    for waiting in (10_000, 1_000_000):
        for view, look in (("overview", _overview), ("map", _map)):
            table = Table(waiting)
            seconds = look(table)
            dollars = table.units * READ_UNIT
            rows.append(
                (
                    f"{view}, {waiting:,} journeys wait",
                    f"{table.calls:,}",
                    f"{seconds:.2f}",
                    f"{table.units:,.0f}",
                    f"{dollars * MONTH_SECONDS / _REFRESH_SECONDS:.2f}",
                )
            )
    return figures(("", "calls", "CPU seconds", "read units", "dollars a month"), rows)


def _overview(table: "Table") -> float:
    period = Period(NOW - _DAYS * 86_400, NOW)
    began = time.process_time()
    found = table.reading.overview(period)
    overview(found, Viewer(table.reading.clock, NoLinks()))
    seconds = time.process_time() - began
    _expect(sum(one.running for one in found), table.waiting)
    return seconds


def _map(table: "Table") -> float:
    period = Period(NOW - _DAYS * 86_400, NOW)
    began = time.process_time()
    found = table.reading.choreography("car-dealer-0", period)
    if found is None:
        raise RuntimeError("there is no choreography")
    choreography_map(found, "waiting", Viewer(table.reading.clock, NoLinks()))
    seconds = time.process_time() - began
    own = (shard for shard in table.index if shard.startswith("car-dealer-0#"))
    _expect(found.running, sum(len(table.index[shard]) for shard in own))
    return seconds


def _expect(counted: int, waiting: int) -> None:
    if counted != waiting:
        raise RuntimeError(f"{counted} were counted, and {waiting} wait")


@dataclass
class Table:
    """A table in which so many journeys are *waiting*, and counters of many days; it counts what is asked."""

    waiting: int
    calls: int = 0
    units: float = 0.0
    index: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        in_each, more = divmod(self.waiting, _CHOREOGRAPHIES * SHARDS)
        shards = [f"car-dealer-{one}#{shard}" for one in range(_CHOREOGRAPHIES) for shard in range(SHARDS)]
        for position, shard in enumerate(shards):
            self.index[shard] = sorted(_entries(in_each + (position < more)))
        client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="made",
            aws_secret_access_key="made",  # noqa: S106
            config=Config(max_pool_connections=25),
        )
        events: Any = client.meta.events  # a handler may return the answer
        events.register("before-send.dynamodb.*", self._sent)
        self.reading = Reading(client, "journeys", Clock(NOW))

    def _sent(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        asked = json.loads(request.body)
        self.calls += 1
        answer: Mapping[str, Any] = _ANSWERS[operation](self, asked)
        body = _Body(json.dumps(answer).encode())
        headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, body)

    def query(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer a Query."""
        match asked.get("IndexName"):
            case "waiting":
                return self._waiting(asked)
            case None:
                return self._partition(asked)
            case _:
                return self._read([], 0)

    def _waiting(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        there = self.index[values[":at"]]
        first = bisect_left(there, values[":lower"]) if ":lower" in values else 0
        first = bisect_right(there, values[":after"]) if ":after" in values else first
        if "ExclusiveStartKey" in asked:
            first = bisect_right(there, asked["ExclusiveStartKey"]["since"]["S"])
        end = bisect_right(there, values[":upper"]) if ":upper" in values else len(there)
        last = min(end, first + asked.get("Limit", _PAGE // _ENTRY_BYTES))
        found = there[first:last]
        more = {"LastEvaluatedKey": _entry(values[":at"], found[-1])} if found and last < end else {}
        items = [] if asked.get("Select") == "COUNT" else [_entry(values[":at"], since) for since in found]
        return {**self._read(items, len(found) * _ENTRY_BYTES), "Count": len(found), **more}

    def _partition(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        values = asked["ExpressionAttributeValues"]
        if ":pictures" in values:
            rows = [_picture(f"car-dealer-{one}") for one in range(_CHOREOGRAPHIES)]
        elif ":counts" in values:
            rows = [*_counters(values[":first"]["S"], values[":last"]["S"])]
        else:
            rows = []
        return self._read(rows, len(json.dumps(rows)))

    def get_item(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer a GetItem, which is of a picture."""
        row = _picture(asked["Key"]["item"]["S"])
        self._read([], len(json.dumps(row)))
        return {"Item": row}

    def batch_get_item(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer a BatchGetItem: of journeys that wait for all that they can."""
        ((name, wanted),) = asked["RequestItems"].items()
        names = [one for key, one in wanted["ExpressionAttributeNames"].items() if key.startswith("#w")]
        waits = {"M": {one: {"M": {"v": {"S": "2026-01-01T00:00:00.000"}}} for one in names}}
        rows = [{"journey": key["journey"], "waits": waits} for key in wanted["Keys"]]
        self.units += 0.5 * len(rows)
        return {"Responses": {name: rows}}

    def _read(self, items: Sequence[Any], size: int) -> Mapping[str, Any]:
        self.units += 0.5 * max(1, -(-size // _UNIT_BYTES))
        return {"Items": items, "Count": len(items)}


_ANSWERS: Mapping[str, Callable[[Table, Mapping[str, Any]], Mapping[str, Any]]] = {
    "Query": Table.query,
    "GetItem": Table.get_item,
    "BatchGetItem": Table.batch_get_item,
}


class _Body(io.BytesIO):
    """What urllib3 would give."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()

    def release_conn(self) -> None:
        """Nothing is to be given back."""


def _entries(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"{_STATES[number % len(_STATES)]}#{written_moment(NOW - _LATEST - number * 7)}"


def _entry(shard: str, since: str) -> Mapping[str, Any]:
    name = shard.partition("#")[0]
    key = f"{name}#0b5e1c1e-8d2f-4c6e-9d2b-{since[-12:].replace(':', '-')}"
    return {"journey": {"S": key}, "item": {"S": "JOURNEY"}, "at": {"S": shard}, "since": {"S": since}}


def _picture(name: str) -> Mapping[str, Any]:
    packed = b64encode(gzip.compress(_TEXT.encode())).decode()
    return {"item": {"S": name}, "picture": {"B": packed}, "version": {"S": "0123456789ab"}}


_CAR = load(ROOT / "examples" / "car-dealer" / "car-dealer")
_TEXT = layout_file.written(layout(picture_of(_CAR)), flow_of(_CAR))


def _counters(first: str, last: str) -> Iterator[Mapping[str, Any]]:
    for day in range(_DAYS + 1):
        start = f"day#{written_moment(NOW - day * 86_400)[:10]}"
        if first <= start <= last:
            for shard in range(_STREAM_SHARDS):
                yield {"item": {"S": f"{start}#{shard}"}, "counts": {"S": _COUNTS}}


def _counts() -> str:
    counts = Counts()
    for name, state in flow_of(_CAR).states.items():
        for way in state.ways:
            counts.transitions[name, way.event, way.next] += 1_000
        for seconds in range(1, 400):
            counts.stayed(name, 30.0 * seconds**2)
    counts.outcomes["SUCCEEDED", "Completed"] += 900
    return counts.as_text()


_COUNTS = _counts()
