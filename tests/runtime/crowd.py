"""Workers that really run at the same time: threads over DynamoDB Local, each with its own clients and handlers.

Step Functions and SQS are those of `aws`, behind a lock and on the real clock; Step Functions stores its waits in
DynamoDB Local too, and the table's stream is DynamoDB Local's own.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from choreography_insights.runtime import resume, start
from choreography_insights.runtime.ports import Ports, ports_from
from fake_aws import bus
from fake_aws.choreographies import Deployed
from fake_aws.clock import Clock, iso_seconds
from fake_aws.queues import Message, Queue, SqsClient
from fake_aws.stepfunctions import StepFunctions, StepFunctionsClient

_BATCH = 10
_PAUSE_SECONDS = 0.005


class RealClock(Clock):
    """The time of day."""

    @property
    def now(self) -> float:
        """Epoch seconds."""
        return time.time()

    @now.setter
    def now(self, _moment: float) -> None:
        """Time passes by itself."""


class Locked:
    """A client of which one call is made at a time."""

    def __init__(self, client: Any, lock: threading.RLock) -> None:
        self._client, self._lock = client, lock

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            with self._lock:
                return getattr(self._client, operation)(**parameters)

        return call


class Stream:
    """The records of the one shard of a table's stream, each once."""

    def __init__(self, client: Any, arn: str) -> None:
        (shard,) = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self._client, self._shard = client, {"StreamArn": arn, "ShardId": shard["ShardId"]}
        self._position: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
        self._iterator: str | None = None

    def next(self) -> list[dict[str, Any]]:
        """The next records; none if there are none yet."""
        if self._iterator is None:
            self._iterator = self._client.get_shard_iterator(**self._shard, **self._position)["ShardIterator"]
        try:
            page = self._client.get_records(ShardIterator=self._iterator)
        except self._client.exceptions.TrimmedDataAccessException:
            # DynamoDB Local says so of an iterator made before the shard's first record (aws/aws-sdk-java issue 2923).
            self._iterator = None
            return []
        records: list[dict[str, Any]] = page["Records"]
        self._iterator = page["NextShardIterator"]
        if records:
            last = records[-1]["dynamodb"]["SequenceNumber"]
            self._position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
        return records


class Crowd:
    """*workers* threads that take messages in any order, one that reads the stream, and one that is Step Functions."""

    def __init__(self, choreography: Deployed, table: str, new_client: Callable[[str], Any], *, workers: int) -> None:
        self.choreography, self.table, self.new_client, self.workers = choreography, table, new_client, workers
        self.lock, self.over, self.clock = threading.RLock(), threading.Event(), RealClock()
        self.random = random.Random(8)  # noqa: S311 - an order of messages is no secret
        self.queues = {name: Queue(name, self.clock, 1.0, max_receives=50) for name in ("start", "event")}
        self.stepfunctions = StepFunctions(self.clock, new_client("dynamodb"), lambda _execution: None)
        definition = choreography.definition.replace('"TableName": "journeys"', f'"TableName": "{table}"')
        self.stepfunctions.create(choreography.machine_arn, definition)
        self.events = bus.EventsClient(self.clock, "bus", lambda _event: None)

    def publish(self, name: str, entity: str, event_id: str, *, at: float, copies: int) -> None:
        """Put an event that happened *at* on the bus: so many *copies* of its message are on the queue at once."""
        event = {
            "id": event_id,
            "detail-type": name,
            "source": self.choreography.source,
            "time": iso_seconds(at),
            "detail": {"id": entity},
        }
        rule = next(rule for rule in self.choreography.rules if bus.matches(rule.pattern, event))
        for _ in range(copies):
            self.queues[rule.queue].send(f'{{"choreography":{rule.settings},"event":{json.dumps(event)}}}')

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody works until the block is left; what went wrong in a thread is raised then."""
        jobs = [self._play_step_functions, self._read_stream, *[self._work] * self.workers]
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(job) for job in jobs]
            try:
                yield
            finally:
                self.over.set()
        for one in running:
            one.result()

    def ports(self) -> Ports:
        """Clients of one's own."""
        clients = {
            "dynamodb": self.new_client("dynamodb"),
            "stepfunctions": Locked(StepFunctionsClient(self.stepfunctions), self.lock),
            "sqs": Locked(SqsClient(*self.queues.values()), self.lock),
            "events": Locked(self.events, self.lock),
        }
        environment = {
            "JOURNEYS_TABLE": self.table,
            "START_QUEUE_URL": self.queues["start"].url,
            "EVENT_QUEUE_URL": self.queues["event"].url,
            "EVENT_BUS_NAME": "bus",
        }
        return ports_from(environment, clients.__getitem__)

    def _work(self) -> None:
        ports = self.ports()
        handlers = {"start": start.make_handler(ports), "event": resume.make_handler(ports)}
        while not self.over.is_set():
            taken = [self._take(queue) for queue in self.queues.values()]
            for queue, batch in zip(self.queues.values(), taken, strict=True):
                if batch:
                    answer = handlers[queue.name]({"Records": [record for _, record in batch]}, None)
                    self._give_back(queue, batch, {str(one["itemIdentifier"]) for one in answer["batchItemFailures"]})
            if not any(taken):
                time.sleep(_PAUSE_SECONDS)

    def _take(self, queue: Queue) -> list[tuple[Message, Any]]:
        with self.lock:
            there = queue.visible()
            some = self.random.sample(there, min(self.random.randint(1, _BATCH), len(there)))
            return [(message, record) for message in some if (record := queue.receive(message)) is not None]

    def _give_back(self, queue: Queue, batch: list[tuple[Message, Any]], failed: set[str]) -> None:
        with self.lock:
            for message, _ in batch:
                (queue.failed if message.id in failed else queue.done)(message)

    def _play_step_functions(self) -> None:
        while not self.over.is_set():
            with self.lock:
                for step in list(self.stepfunctions.steps()):
                    step.do()
            time.sleep(_PAUSE_SECONDS)

    def _read_stream(self) -> None:
        """As Lambda reads it: in order, again from the first that failed; filtered by docs/reference/interfaces.md."""
        handler = resume.make_handler(self.ports())
        arn = self.new_client("dynamodb").describe_table(TableName=self.table)["Table"]["LatestStreamArn"]
        stream = Stream(self.new_client("dynamodbstreams"), arn)
        while not self.over.is_set():
            records = [one | {"eventSource": "aws:dynamodb"} for one in stream.next() if _passes(one["dynamodb"])]
            while records and not self.over.is_set():
                answer = handler({"Records": records}, None)
                failed = {str(one["itemIdentifier"]) for one in answer["batchItemFailures"]}
                numbers = [one["dynamodb"]["SequenceNumber"] for one in records]
                records = records[min(map(numbers.index, failed), default=len(records)) :]
            time.sleep(_PAUSE_SECONDS)


def _passes(change: Any) -> bool:
    name, image = change["Keys"]["item"]["S"], change.get("NewImage", {})
    return bool((name == "JOURNEY" and image.get("kept", {}).get("SS")) or (name.startswith("WAIT#") and image))
