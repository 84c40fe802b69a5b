"""The whole: bus, queues, functions, table, stream and Step Functions, deployed as Terraform does it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from fake_aws import bus
from fake_aws.choreographies import MACHINE_ARN_PREFIX, Deployed
from fake_aws.clock import Clock, iso_seconds
from fake_aws.dynamodb import DynamoDbClient
from fake_aws.executions import Execution
from fake_aws.functions import Counted, Environment, Stepper
from fake_aws.gates import Fault, Gatekeeper
from fake_aws.queues import Message, Queue, SqsClient
from fake_aws.scheduling import Action, Strategy, in_order
from fake_aws.stepfunctions import StepFunctions, StepFunctionsClient
from fake_aws.table import Table

_STREAM_TRIES = 11
_STREAM_PAUSE = 1.0
_SWEEP_EVERY = _SWEEP_AHEAD = 60.0
_INPUT_IN_EVENT_LIMIT = 248 * 1024
_BUS = "tests"
_LISTS = ("kept", "starts", "claimed")


@dataclass(eq=False)
class _Shard:
    """The stream records of one journey, in order; the first is tried until it passes or has had its tries."""

    tries: int = 0
    not_before: float = 0.0
    busy: bool = False


@dataclass(eq=False)
class Invocation:
    """A function at work call by call."""

    label: str
    stepper: Stepper
    finish: Callable[[set[str] | None], None]

    @property
    def is_over(self) -> bool:
        """Whether it has returned or died."""
        return self.stepper.is_over

    def step(self) -> None:
        """Make one call."""
        self.stepper.step()
        if self.stepper.is_over:
            self.finish(self.stepper.failed)


class FakeAws:
    """An AWS in memory with the choreographies deployed.

    *status_events*: Step Functions sends them as best effort; "dropped" means never. *quiet*: metrics are counted, not
    written. *watching*: every AWS call of a function is written down in `keeper.calls`. *settings*: what else is in the
    functions' environment.
    """

    def __init__(
        self,
        *choreographies: Deployed,
        visibility_timeout: float = 60.0,
        max_receives: int = 12,
        status_events: Literal["sent", "dropped"] = "sent",
        quiet: bool = True,
        watching: bool = False,
        fault: Fault | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = Clock()
        self.settings = settings or {}
        self.choreographies = choreographies
        self.table = Table()
        self.dynamodb = DynamoDbClient(self.table)
        self.queues = {
            name: Queue(f"tests-{name}", self.clock, visibility_timeout, max_receives) for name in ("start", "event")
        }
        self.stepfunctions = StepFunctions(self.clock, self.dynamodb, self._on_end)
        for one in choreographies:
            self.stepfunctions.create(one.machine_arn, one.definition)
        self.events = bus.EventsClient(self.clock, _BUS, self._route)
        self.status_events = status_events
        self.metrics = Counted() if quiet else None
        self.keeper = Gatekeeper(watching=watching, fault=fault)
        self.clients: dict[str, Any] = {
            "dynamodb": self.dynamodb,
            "stepfunctions": StepFunctionsClient(self.stepfunctions),
            "sqs": SqsClient(*self.queues.values()),
            "events": self.events,
        }
        self.shards: dict[str, _Shard] = {}
        self.stream_dead_letters: list[dict[str, Any]] = []
        self.published = 0
        self._swept_at = self.clock.now
        self._idle: dict[str, list[Environment]] = {"start": [], "resume": []}

    def deploy(self, choreography: Deployed) -> None:
        """Put *choreography* in the place of all that is deployed; journeys that run go on as they began."""
        self.choreographies = (choreography,)
        self.stepfunctions.create(choreography.machine_arn, choreography.definition)

    # ---- events --------

    def publish(
        self,
        name: str,
        entity: str | float,
        detail: Mapping[str, Any] | None = None,
        *,
        source: str | None = None,
        event_id: str | None = None,
        time: float | None = None,
        delay: float = 0.0,
        copies: int = 1,
    ) -> str:
        """Put an event on the bus; its messages arrive after *delay*, *copies* of them. *time* is seconds from now."""
        self.published += 1
        event = {
            "version": "0",
            "id": event_id or f"{self.published:08}-{name.replace(' ', '-').replace('#', '-')}",
            "detail-type": name,
            "source": source or self.choreographies[0].source,
            "account": "111122223333",
            "time": iso_seconds(self.clock.now + (time or 0.0)),
            "region": "eu-west-1",
            "resources": [],
            "detail": {"id": entity, **(detail or {})},
        }
        self._route(event, delay, copies)
        return str(event["id"])

    def publish_detail(
        self, name: str, detail: Mapping[str, Any], *, source: str, time: float = 0.0, delay: float = 0.0
    ) -> str:
        """Put an event on the bus with just this detail."""
        self.published += 1
        event = {
            "version": "0",
            "id": f"{self.published:08}-{name.replace(' ', '-').replace('#', '-')}",
            "detail-type": name,
            "source": source,
            "account": "111122223333",
            "time": iso_seconds(self.clock.now + time),
            "region": "eu-west-1",
            "resources": [],
            "detail": detail,
        }
        self._route(event, delay)
        return str(event["id"])

    def watch(self) -> None:
        """Send word to look for overdue journeys, as the schedule does."""
        self.queues["event"].send('{"watch":"overdue"}')

    def sweep(self) -> None:
        """Send word to look for what is due, as the schedule does every minute."""
        self._swept_at = self.clock.now
        self.queues["event"].send('{"sweep":"due"}')

    @property
    def is_sweep_due(self) -> bool:
        """Whether the schedule's word comes now, and finds something."""
        due = self._sweep_due_at()
        return due is not None and due <= self.clock.now

    def _sweep_due_at(self) -> float | None:
        """At which full minute the schedule's word finds something; it is not sent where it would find nothing."""
        moments = [at for shard, at in self.table.due.values() if shard.startswith("event-")]
        if not moments:
            return None
        first = -(-(min(moments) - _SWEEP_AHEAD) // _SWEEP_EVERY) * _SWEEP_EVERY
        return max(first, (self._swept_at // _SWEEP_EVERY + 1) * _SWEEP_EVERY)

    def _route(self, event: Mapping[str, Any], delay: float = 0.0, copies: int = 1) -> None:
        text = None
        for choreography in self.choreographies:
            for rule in choreography.rules:
                if bus.matches(rule.pattern, event):
                    text = text or json.dumps(event, ensure_ascii=False, separators=(",", ":"))
                    for _ in range(copies):
                        self.queues[rule.queue].send(f'{{"choreography":{rule.settings},"event":{text}}}', delay)

    def _on_end(self, execution: Execution) -> None:
        if self.status_events == "dropped":
            return
        text = execution.input_text if len(execution.input_text.encode()) <= _INPUT_IN_EVENT_LIMIT else None
        detail = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": int(execution.started_at * 1000),
            "stopDate": int((execution.stopped_at or 0) * 1000),
            "input": text,
            "error": execution.error,
            "cause": execution.cause,
        }
        event = {
            "id": f"status-{execution.name}",
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "time": iso_seconds(self.clock.now),
            "detail": detail,
        }
        self.queues["event"].send(json.dumps(event))

    # ---- what can happen --------

    def actions(self) -> Iterator[Action]:
        """Everything that can happen now, in an order that depends on the state of this AWS alone."""
        for step in self.stepfunctions.steps():
            yield Action(step.label, step.do)
        for queue in self.queues.values():
            for message in queue.visible():
                yield Action(f"deliver {message.id}", partial(self.deliver, queue, message))
        for journey in self.journeys_with_records():
            yield Action(f"deliver the stream's record of {journey}", partial(self.deliver_record, journey))
        if self.is_sweep_due:
            yield Action("sweep", self.sweep)

    def journeys_with_records(self) -> list[str]:
        """The journeys of which the stream has a record for somebody to take."""
        now, found = self.clock.now, dict.fromkeys(_journey(record) for record in self.table.stream)
        shards = ((key, self.shards.setdefault(key, _Shard())) for key in found)
        return [key for key, shard in shards if not shard.busy and shard.not_before <= now]

    def _due_times(self) -> Iterator[float]:
        yield from self.stepfunctions.due_times()
        for queue in self.queues.values():
            yield from queue.due_times()
        for journey in {_journey(record) for record in self.table.stream}:
            yield self.shards[journey].not_before
        if (due := self._sweep_due_at()) is not None:
            yield due

    def run(self, strategy: Strategy = in_order, *, seconds: float = 3600.0) -> None:
        """Let everything happen that can, as *strategy* picks, and let time pass, for so many *seconds* at most."""
        until = self.clock.now + seconds
        while True:
            while (action := strategy(self.actions())) is not None:
                action.do()
            due = min((moment for moment in self._due_times() if moment > self.clock.now), default=None)
            if due is None or due > until:
                break
            self.clock.advance_to(due)
        self.clock.advance_to(until)

    def settle(self, strategy: Strategy = in_order) -> None:
        """Let everything happen that can without time passing."""
        while (action := strategy(self.actions())) is not None:
            action.do()

    # ---- functions at work --------

    def deliver(self, queue: Queue, *messages: Message) -> None:
        """Hand *messages* to the queue's function as one batch."""
        taken = [(message, record) for message in messages if (record := queue.receive(message)) is not None]
        if taken:
            event = {"Records": [record for _, record in taken]}
            self._answer_batch(queue, [message for message, _ in taken], self._invoke(_consumer(queue), event))

    def begin_delivery(self, queue: Queue, message: Message) -> Invocation:
        """Hand *message* to the queue's function, which then stands before its first AWS call."""
        record = queue.receive(message)
        if record is None:
            raise AssertionError(f"{message.id} has had its tries")
        return self._begin(
            _consumer(queue),
            {"Records": [record]},
            f"{_consumer(queue)}({message.id})",
            lambda failed: self._answer_batch(queue, [message], failed),
        )

    def deliver_record(self, journey: str) -> None:
        """Hand the oldest stream record of *journey* to the resume function."""
        record = self._next_record(journey)
        self._answer_record(record, self._invoke("resume", {"Records": [record]}))

    def begin_record(self, journey: str) -> Invocation:
        """Hand the oldest stream record of *journey* over; the function stands before its first AWS call."""
        record = self._next_record(journey)
        self.shards[journey].busy = True

        def finish(failed: set[str] | None) -> None:
            self.shards[journey].busy = False
            self._answer_record(record, failed)

        return self._begin("resume", {"Records": [record]}, f"resume(stream of {journey})", finish)

    def _next_record(self, journey: str) -> dict[str, Any]:
        self.shards.setdefault(journey, _Shard())
        return next(record for record in self.table.stream if _journey(record) == journey)

    def _answer_batch(self, queue: Queue, messages: list[Message], failed: set[str] | None) -> None:
        for message in messages:
            if failed is None or message.id in failed:
                queue.failed(message)
            else:
                queue.done(message)

    def _answer_record(self, record: dict[str, Any], failed: set[str] | None) -> None:
        shard = self.shards[_journey(record)]
        if failed is not None and not failed:
            self.table.stream.remove(record)
            shard.tries = 0
            return
        shard.tries += 1
        shard.not_before = self.clock.now + _STREAM_PAUSE
        if shard.tries >= _STREAM_TRIES:
            self.table.stream.remove(record)
            self.stream_dead_letters.append(record)
            shard.tries, shard.not_before = 0, 0.0

    def _environment(self, function: str) -> Environment:
        idle = self._idle[function]
        if idle:
            return idle.pop()
        settings = {
            "JOURNEYS_TABLE": self.table.name,
            "START_QUEUE_URL": self.queues["start"].url,
            "EVENT_QUEUE_URL": self.queues["event"].url,
            "EVENT_BUS_NAME": _BUS,
            "VISIBILITY_TIMEOUT_SECONDS": str(self.queues["event"].visibility_timeout),
            "STATE_MACHINE_ARN_PREFIX": MACHINE_ARN_PREFIX,
            "METRICS_DETAIL": "per_state",  # all that can be written
            **self.settings,
        }
        return Environment(function, settings, self.clients, self.keeper, self.clock, self.metrics)

    def _invoke(self, function: str, event: Mapping[str, Any]) -> set[str] | None:
        environment = self._environment(function)
        failed = environment.invoke(event)
        if failed is not None:  # or else the environment has died with it
            self._idle[function].append(environment)
        return failed

    def _begin(
        self, function: str, event: Mapping[str, Any], label: str, finish: Callable[[set[str] | None], None]
    ) -> Invocation:
        environment = self._environment(function)

        def finished(failed: set[str] | None) -> None:
            if failed is not None:
                self._idle[function].append(environment)
            finish(failed)

        invocation = Invocation(label, Stepper(environment, event), finished)
        if invocation.is_over:
            finished(invocation.stepper.failed)
        return invocation

    # ---- looking --------

    @property
    def reports(self) -> list[dict[str, Any]]:
        """What the functions have put on the bus."""
        return self.events.put

    def deviations(self) -> list[dict[str, Any]]:
        """The details of all `Journey Deviated`."""
        return [one["detail"] for one in self.reports if one["detail-type"] == "Journey Deviated"]

    @property
    def executions(self) -> list[Execution]:
        """All executions, in the order of their start."""
        return list(self.stepfunctions.executions.values())

    def journeys(self, entity: str) -> list[tuple[str, str]]:
        """Status and last state of each journey of *entity*."""
        found = [one for one in self.executions if one.input["entityId"] == entity]
        return [(one.status, one.end) for one in found]

    def moved(self) -> dict[tuple[str, str], int]:
        """How often each event (journey and id) moved a journey or began one."""
        counts: dict[tuple[str, str], int] = {}
        for execution in self.executions:
            for event in (execution.input["event"], *execution.history.answers()):
                key = execution.input["journey"], event["eventId"]
                counts[key] = counts.get(key, 0) + 1
        return counts

    def noted_in(self, execution: Execution) -> list[str]:
        """The ids of the events that were only noted in the journey of *execution*."""
        rows = self.table.partitions[execution.input["journey"]].items()
        return [
            item.removeprefix("EVENT#")
            for item, row in rows
            if "noted" in row and row["execution"]["S"] == execution.name
        ]

    def outcome(self) -> "Outcome":
        """How everything ended."""
        return Outcome(
            journeys=sorted((one.input["journey"], one.status, one.end, one.error or "") for one in self.executions),
            deviations=sorted({(*_subject(one), one["event"]["eventId"], one["reason"]) for one in self.deviations()}),
            events={
                (journey, item.removeprefix("EVENT#")): _end_of(content)
                for journey, items in self.table.partitions.items()
                for item, content in items.items()
                if item.startswith("EVENT#")
            },
            kept={
                journey: [one for name in _LISTS for one in content.get(name, {}).get("SS", ())]
                for journey, items in self.table.partitions.items()
                if (content := items.get("JOURNEY", {})) and any(name in content for name in _LISTS)
            },
            dead_letters=[message.body for queue in self.queues.values() for message in queue.dead_letters],
        )


@dataclass
class Outcome:
    """How everything ended, to be compared with another run's."""

    journeys: list[tuple[str, str, str, str]]
    deviations: list[tuple[str, str, str, str]]
    events: dict[tuple[str, str], str]
    kept: dict[str, list[str]]
    dead_letters: list[str] = field(default_factory=list)


def _end_of(row: Mapping[str, Any]) -> str:
    """The status of an event; RETIRED, if it is out of play and nobody was told; NOTED, if its journey stayed."""
    reason = json.loads(row.get("deviation", {}).get("S", "{}")).get("reason")
    status = str(row["status"]["S"])
    if "noted" in row:
        return "NOTED"
    return "RETIRED" if (status, reason) == ("REPORTED", "Retired") else status


def _consumer(queue: Queue) -> str:
    return "start" if queue.name.endswith("start") else "resume"


def _journey(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["journey"]["S"])


def _subject(deviation: Mapping[str, Any]) -> tuple[str, str]:
    return deviation["choreography"], deviation["entityId"]
