"""Reads one table's stream for one function."""

import base64
import json
import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from moto.awslambda.models import EventSourceMapping
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamShard
from moto.sqs.models import sqs_backends

from choreography_insights.local.clock import clock
from choreography_insights.local.event_sources.batches import REPORTS_ITEMS, failed_items
from choreography_insights.local.event_sources.filters import passes
from choreography_insights.local.functions.pool import PoolEndedError
from choreography_insights.local.functions.process import Outcome
from choreography_insights.local.patches.stream_records import grown
from choreography_insights.local.patches.table_writes import tables

log = logging.getLogger(__name__)

Invoke = Callable[[str], Outcome]
Record = dict[str, Any]

# A stream keeps its records for a day.
RETENTION_SECONDS = 86_400.0
LONGEST_BACKOFF_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.1
# Each stream here has one shard.
SHARD = "shardId-00000001541626099285-f35f62ef"


@dataclass(slots=True)
class Position:
    """How far a mapping has read; kept while the mapping is disabled. One poller at a time holds it."""

    next_number: int
    held: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)


def starting_position(mapping: EventSourceMapping) -> Position:
    """Return where a new *mapping* begins to read."""
    with tables:
        shard = _shard(mapping)
        if shard is None:
            return Position(0)
        if mapping.starting_position == "LATEST":
            return Position(shard.starting_sequence_number + len(shard.items))
        return Position(shard.starting_sequence_number)


def _shard(mapping: EventSourceMapping) -> StreamShard | None:
    _, _, _, region, account, resource = mapping.event_source_arn.split(":", 5)
    _, table_name, _, label = resource.split("/", 3)
    table = dynamodb_backends[account][region].tables.get(table_name)
    return table.stream_shard if table and table.latest_stream_label == label else None


class StreamPoller:
    """Hands the records of the mapping's stream to the function in their order, until it is stopped.

    With a ParallelizationFactor it hands out several batches at a time; what has one partition key stays in order.
    A batch that fails is tried again until it succeeds, is given up after the mapping's retries, or is too old; the
    records behind it wait.
    """

    def __init__(self, mapping: EventSourceMapping, invoke: Invoke, position: Position) -> None:
        self._mapping = mapping
        self._invoke = invoke
        self._position = position
        self._window_ends = 0.0
        self._stopped = threading.Event()
        self._region = mapping.event_source_arn.split(":")[3]
        self._thread = threading.Thread(target=self._read, daemon=True, name=f"read {mapping.event_source_arn}")

    def start(self) -> None:
        """Begin to read."""
        clock.watch(self)
        self._thread.start()

    def stop(self) -> None:
        """Hand out no more batches; the one that was handed out counts as read once the function has processed it."""
        self._stopped.set()
        clock.unwatch(self)
        grown.tell()

    def is_pending(self) -> bool:
        """Whether there are records that have not been processed, and do not wait for others to fill their batch."""
        return not self._fills_a_batch() and self._unread() > 0

    def seconds_until_due(self) -> float | None:
        """Return in how many seconds the batching window ends; other records come by writes alone."""
        return self._window_ends - clock.time() if self._fills_a_batch() else None

    def _read(self) -> None:
        with self._position.held:  # a batch of the poller before may be with the function still
            self._read_on()

    def _read_on(self) -> None:
        while not self._stopped.is_set():
            records = self._next_records()
            if not records:
                continue
            wanted = [record for record in records if passes(record, self._mapping.filter_criteria)]
            try:
                are_processed = self._process_lanes(self._lanes(wanted))
            except PoolEndedError:
                return
            except Exception:
                log.exception("stream %s: a batch could not be processed", self._mapping.event_source_arn)
                self._stopped.wait(1)
                continue
            if are_processed:
                self._position.next_number += len(records)

    def _next_records(self) -> list[Record]:
        """Return what comes next, up to a batch; nothing after a while, so that changes of the mapping count."""
        seen = grown.times
        records = self._read_records()
        if not records:
            grown.wait(seen, 1)
            records = self._read_records()
        window = float(self._mapping.max_batch_window or 0)
        if records and window:
            self._window_ends = clock.time() + window
            while self._fills_a_batch() and self._unread() < self._mapping.batch_size and not self._stopped.is_set():
                grown.wait(seen, _LOOK_EVERY_SECONDS)  # the clock may have been turned
                seen = grown.times
            records = self._read_records()
            self._window_ends = 0.0
        return records

    def _unread(self) -> int:
        with tables:
            shard = _shard(self._mapping)
            return shard.starting_sequence_number + len(shard.items) - self._position.next_number if shard else 0

    def _fills_a_batch(self) -> bool:
        return clock.time() < self._window_ends

    def _read_records(self) -> list[Record]:
        with tables:
            shard = _shard(self._mapping)
            if shard is None:
                return []
            start = max(self._position.next_number, shard.starting_sequence_number)
            self._position.next_number = start
            first = start - shard.starting_sequence_number
            found = [item.to_json() for item in shard.items[first : first + self._mapping.batch_size * self._at_a_time]]
        return [self._record(record) for record in found]

    @property
    def _at_a_time(self) -> int:
        return int(self._mapping.parallelization_factor or 1)

    def _lanes(self, records: list[Record]) -> list[list[Record]]:
        """Return *records* in as many lists as there may be batches at a time."""
        shard = _shard(self._mapping)
        if self._at_a_time == 1 or shard is None:
            return [records]
        lanes: dict[int, list[Record]] = {}
        for record in records:
            key = json.dumps(record["dynamodb"]["Keys"][shard.table.hash_key_attr])
            lanes.setdefault(crc32(key.encode()) % self._at_a_time, []).append(record)
        return list(lanes.values())

    def _process_lanes(self, lanes: list[list[Record]]) -> bool:
        """Return whether all of them are over, and not stopped before."""
        if len(lanes) <= 1:
            return all(map(self._process_in_batches, lanes))
        with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
            return all(list(pool.map(self._process_in_batches, lanes)))

    def _process_in_batches(self, records: list[Record]) -> bool:
        size = int(self._mapping.batch_size)
        return all(self._process(records[begin : begin + size]) for begin in range(0, len(records), size))

    def _record(self, found: Record) -> Record:
        data = dict(found["dynamodb"])
        data |= {name: _as_json(data[name]) for name in ("Keys", "NewImage", "OldImage") if name in data}
        data["ApproximateCreationDateTime"] = data["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()
        return {
            "eventID": found["eventID"],
            "eventName": found["eventName"],
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self._region,
            "dynamodb": data,
            "eventSourceARN": self._mapping.event_source_arn,
        }

    def _process(self, records: list[Record]) -> bool:
        """Return whether each of *records* was processed or given up; False if this was stopped before."""
        tries = 0
        while not self._stopped.is_set():
            outcome = self._handed_out(records)
            numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
            reports = REPORTS_ITEMS in (self._mapping.function_response_types or [])
            failed = failed_items(outcome, numbers, reports_items=reports)
            if not failed:
                return True
            done = numbers.index(failed[0])  # what comes before the first failure has been processed
            if done:
                records, tries = records[done:], 0
            if self._mapping.bisect_on_error and len(records) > 1:
                middle = len(records) // 2
                return self._process(records[:middle]) and self._process(records[middle:])
            tries += 1
            if self._is_hopeless(records, tries):
                self._give_up(records, tries, outcome)
                return True
            self._stopped.wait(min(LONGEST_BACKOFF_SECONDS, 0.1 * 2 ** min(tries, 10)))
        return False

    def _handed_out(self, records: list[Record]) -> Outcome:
        """Invoke the function; one with a tumbling window is told of the window, and must answer with a state.

        Every batch is a window of its own here: no state is handed on.
        https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
        """
        seconds = int(self._mapping.tumbling_window or 0)
        if not seconds:
            return self._invoke(json.dumps({"Records": records}))
        begin = records[0]["dynamodb"]["ApproximateCreationDateTime"] // seconds * seconds
        window = {"start": _iso(begin), "end": _iso(begin + seconds)}
        event = {
            "Records": records,
            "window": window,
            "state": {},
            "shardId": SHARD,
            "eventSourceARN": self._mapping.event_source_arn,
            "isFinalInvokeForWindow": False,
            "isWindowTerminatedEarly": False,
        }
        outcome = self._invoke(json.dumps(event))
        if outcome.failed or "state" in (json.loads(outcome.payload) or {}):
            return outcome
        return replace(outcome, failed=True)

    def _is_hopeless(self, records: list[Record], tries: int) -> bool:
        retries = self._mapping.max_retry_attempts
        oldest = self._mapping.max_record_age
        age = clock.time() - records[0]["dynamodb"]["ApproximateCreationDateTime"]
        limit = float(oldest) if oldest is not None and int(oldest) >= 0 else RETENTION_SECONDS
        return (retries is not None and 0 <= int(retries) < tries) or age > limit

    def _give_up(self, records: list[Record], tries: int, outcome: Outcome) -> None:
        destination = ((self._mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        log.warning(
            "stream %s: gave up %d record(s) after %d tries; destination: %s",
            self._mapping.event_source_arn,
            len(records),
            tries,
            destination,
        )
        if not destination or ":sqs:" not in destination:
            return
        _, _, _, region, account, name = destination.split(":")
        message = json.dumps(self._failure(records, tries, outcome))
        sqs_backends[account][region].send_message(queue_name=name, message_body=message)

    def _failure(self, records: list[Record], tries: int, outcome: Outcome) -> Record:
        retries = self._mapping.max_retry_attempts
        exhausted = retries is not None and 0 <= int(retries) < tries
        return {
            "requestContext": {
                "requestId": outcome.request_id or str(uuid.uuid4()),
                "functionArn": self._mapping.function_arn,
                "condition": "RetryAttemptsExhausted" if exhausted else "RecordAgeExceeded",
                "approximateInvokeCount": tries,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                **({"functionError": "Unhandled"} if outcome.failed else {}),
            },
            "version": "1.0",
            "timestamp": _iso(clock.time()),
            "DDBStreamBatchInfo": {
                "shardId": SHARD,
                "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
                "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _iso(records[0]["dynamodb"]["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _iso(records[-1]["dynamodb"]["ApproximateCreationDateTime"]),
                "batchSize": len(records),
                "streamArn": self._mapping.event_source_arn,
            },
        }


def _as_json(image: Record) -> Record:
    """Return *image* as it stands in JSON: bytes in Base64."""
    text = json.dumps(image, default=lambda data: base64.b64encode(bytes(data)).decode())
    return dict(json.loads(text))


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
