"""Both handlers on moto: a real table, real queues, and the generated state machine of the order run by moto."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state import state

from benchmarks.table_schema import journeys_table
from choreography_insights.local.patches.times import text
from choreography_insights.runtime import resume, start
from choreography_insights.runtime.batch import TimeLeft
from choreography_insights.runtime.messages import Message, NotMeant
from choreography_insights.runtime.names import execution_arn
from choreography_insights.runtime.ports import ports_from
from choreography_insights.runtime.stream_records import JourneyChange, process_stream_records

from .samples import SETTINGS, envelope

ORDER = Path(__file__).parents[2] / "examples" / "order" / "order"
PATIENCE_SECONDS = 20


@dataclass
class Aws:
    """The order's choreography deployed on moto, with both handlers beside it."""

    new_client: Any
    now: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        dynamodb, states, sqs = (self.new_client(name) for name in ("dynamodb", "stepfunctions", "sqs"))
        # A test leaves threads of moto's executions behind, which must not find the table of the next one.
        table = f"journeys-{uuid4()}"
        dynamodb.create_table(**journeys_table().creation(table))
        definition = (ORDER / "definition.asl.json").read_text()
        definition = definition.replace("${partition}", "aws").replace("${journeys_table}", table)
        created = states.create_state_machine(
            name="insights-order", definition=definition, roleArn="arn:aws:iam::123456789012:role/order"
        )
        self.settings = SETTINGS | {"stateMachineArn": created["stateMachineArn"]}
        self.new_client("events").create_event_bus(Name="bus")
        environment = {
            "JOURNEYS_TABLE": table,
            "EVENT_QUEUE_URL": sqs.create_queue(QueueName="events")["QueueUrl"],
            "START_QUEUE_URL": sqs.create_queue(QueueName="start")["QueueUrl"],
            "EVENT_BUS_NAME": "bus",
        }
        ports = ports_from(environment, self.new_client, clock=lambda: self.now)
        self.start, self.resume = start.make_handler(ports), resume.make_handler(ports)
        self.ports = ports

    def wrap(self, *events: dict[str, Any]) -> list[str]:
        return [json.dumps({"choreography": self.settings, "event": event}) for event in events]

    def execution(self) -> dict[str, Any]:
        name = self.ports.table.read_journey("order#o-1").journey.execution
        assert name is not None
        arn = execution_arn(self.settings["stateMachineArn"], name)
        described: dict[str, Any] = self.new_client("stepfunctions").describe_execution(executionArn=arn)
        return described

    def waits_in(self, *states: str) -> None:
        """Wait until the journey's open waits are those of *states*."""
        self._until(lambda: {w.state for w in self.ports.table.read_journey("order#o-1").journey.waits}, set(states))

    def ends(self, status: str) -> None:
        """Wait until the execution has ended with *status*."""
        self._until(lambda: self.execution()["status"], status)

    def _until(self, read: Any, wanted: Any) -> None:
        began = time.monotonic()
        while (seen := read()) != wanted:
            assert time.monotonic() - began < PATIENCE_SECONDS, f"{seen} is not {wanted}"
            time.sleep(0.02)


def batch(*bodies: str) -> dict[str, Any]:
    """An SQS batch as Lambda hands it on; the messages are named m-0, m-1, ..."""
    return {
        "Records": [
            {
                "messageId": f"m-{number}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(1_800_000_000_000 + number)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:events",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failures(*numbers: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": f"m-{number}"} for number in numbers]}


def at(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 + seconds))


@pytest.fixture
def aws(aws_client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    # As AWS writes it, and the embedded AWS; moto's has "+00:00" at its end, which the waits do not take.
    monkeypatch.setattr(
        state, "StateData", lambda Name, EnteredTime: {"Name": Name, "EnteredTime": text(datetime.now(UTC))}
    )
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Aws(aws_client)


def test_an_order_goes_its_way_from_start_to_end(aws: Aws) -> None:
    placed, confirmed = envelope("Order Placed", "e-0", time=at(0)), envelope("Order Confirmed", "e-1", time=at(1))
    assert aws.start(batch(*aws.wrap(placed)), None) == failures()
    aws.waits_in("WaitForConfirmation")
    assert json.loads(aws.execution()["input"]) == {
        "choreography": "order",
        "entityId": "o-1",
        "journey": "order#o-1",
        "event": {
            "eventName": "Order Placed",
            "eventId": "e-0",
            "source": "order",
            "time": placed["time"],
            "entityId": "o-1",
            "detail": {"id": "o-1"},
        },
        "expiresAt": int(datetime.fromisoformat(placed["time"]).timestamp()) + 60 + (30 + 45 + 1 + 45) * 86_400,
        "at": "order#14",
    }
    assert aws.resume(batch(*aws.wrap(confirmed)), None) == failures()
    aws.waits_in("WaitForServiceProviderAccept")
    assert aws.resume(batch(*aws.wrap(envelope("Order Accepted", "e-2", time=at(2)))), None) == failures()
    aws.waits_in("WaitForServiceProviderDelivery")
    assert aws.resume(batch(*aws.wrap(envelope("Order Delivered", "e-3", time=at(3)))), None) == failures()
    aws.ends("SUCCEEDED")
    assert json.loads(aws.execution()["output"])["event"]["eventName"] == "Order Delivered"


def test_a_start_event_delivered_again_begins_nothing(aws: Aws) -> None:
    placed = aws.wrap(envelope("Order Placed", "e-0", time=at(0)))
    assert aws.start(batch(*placed, *placed), None) == failures()
    assert aws.start(batch(*placed), None) == failures()
    executions = aws.new_client("stepfunctions").list_executions(stateMachineArn=aws.settings["stateMachineArn"])
    assert len(executions["executions"]) == 1


def test_bad_messages_are_named_for_the_dead_letter_queue_and_their_neighbours_are_not_disturbed(
    aws: Aws, logged: Any
) -> None:
    aws.start(batch(*aws.wrap(envelope("Order Placed", "e-0", time=at(0)))), None)
    aws.waits_in("WaitForConfirmation")
    without_id = envelope("Order Confirmed", "e-7", time=at(1), detail={"secret": "s3cret"})
    good = envelope("Order Confirmed", "e-1", time=at(1))
    logged()
    answer = aws.resume(batch("{not json", *aws.wrap(without_id, good), '{"some": "thing"}'), None)
    assert {f["itemIdentifier"] for f in answer["batchItemFailures"]} == {"m-0", "m-1", "m-3"}
    aws.waits_in("WaitForServiceProviderAccept")
    errors = {line["message_id"]: line for line in logged() if line["level"] == "ERROR"}
    assert "is not JSON" in errors["m-0"]["reason"]
    assert "carries no entity id at '$.detail.id'" in errors["m-1"]["reason"]
    assert "has no 'choreography'" in errors["m-3"]["reason"]
    assert "s3cret" not in json.dumps(errors)


def test_an_unknown_state_machine_is_named_in_the_log_and_its_message_comes_again(aws: Aws, logged: Any) -> None:
    aws.settings["stateMachineArn"] += "-gone"
    assert aws.start(batch(*aws.wrap(envelope("Order Placed", "e-0", time=at(0)))), None) == failures(0)
    (line,) = [line for line in logged() if line["level"] == "ERROR"]
    assert line["reason"] == "AWS answered StateMachineDoesNotExist to StartExecution"
    assert line["exception_name"] == "StateMachineDoesNotExist"
    assert "executions.py" in line["exception"]
    assert line["journey"] == "order#o-1"


def test_an_unknown_event_fails_the_journey_when_its_grace_period_is_over(aws: Aws, logged: Any) -> None:
    aws.start(batch(*aws.wrap(envelope("Order Placed", "e-0", time=at(0)))), None)
    aws.waits_in("WaitForConfirmation")
    painted = envelope("Order Painted", "e-1", time=at(1))
    assert aws.resume(batch(*aws.wrap(painted)), None) == failures()
    deadline = json.dumps(
        {"choreography": aws.settings, "again": {"kind": "deadline", "entityId": "o-1", "eventId": "e-1"}}
    )
    assert aws.resume(batch(deadline), None) == failures()
    assert aws.execution()["status"] == "RUNNING"
    aws.now += 60 + 2 * 60 + 1  # and an older event has had twice the visibility timeout to come again
    assert aws.resume(batch(deadline), None) == failures()
    aws.ends("FAILED")
    assert aws.execution()["error"] == "UnexpectedEvent"
    (line,) = [line for line in logged() if line["message"] == "journey deviated"]
    assert line["reason"] == "UnexpectedEvent"
    assert line["cause"] == (
        f"No state accepted event 'Order Painted' (id e-1, time {painted['time']}, which the choreography does not "
        "know) within 60 s: state 'WaitForConfirmation' accepts 'Order Confirmed'."
    )


def test_the_end_of_an_execution_closes_its_journey(aws: Aws, logged: Any) -> None:
    aws.start(batch(*aws.wrap(envelope("Order Placed", "e-0", time=at(0)))), None)
    aws.waits_in("WaitForConfirmation")
    described = aws.execution()
    detail = {
        "executionArn": described["executionArn"],
        "status": "ABORTED",
        "input": described["input"],
        "startDate": 1_000,
        "stopDate": 61_000,
    }
    assert aws.resume(batch(json.dumps({"source": "aws.states", "detail": detail})), None) == failures()
    assert aws.ports.table.read_journey("order#o-1").journey.status == "ABORTED"
    (line,) = [line for line in logged() if line["message"] == "journey ended"]
    assert (line["status"], line["duration_seconds"], line["entity_id"]) == ("ABORTED", 60.0, "o-1")


def change_of(key: str, number: str, item: str = "JOURNEY") -> dict[str, Any]:
    """A stream record of a journey's own row, or of that of one of its waits."""
    keys = {"journey": {"S": key}, "item": {"S": item}}
    return {"eventSource": "aws:dynamodb", "dynamodb": {"Keys": keys, "SequenceNumber": number, "NewImage": keys}}


def test_a_stream_record_that_fails_is_named_and_others_are_not() -> None:
    seen: list[JourneyChange] = []

    def on_change(changed: JourneyChange) -> None:
        seen.append(changed)
        if changed.key == "order#bad":
            raise RuntimeError("no")

    records = [
        change_of(f"order#{key}", number) for key, number in (("a", "1"), ("bad", "2"), ("a", "3"), ("bad", "4"))
    ]
    assert process_stream_records(records, on_change, time_left=TimeLeft.of(None)) == {
        "batchItemFailures": [{"itemIdentifier": "2"}]
    }
    assert sorted(seen) == [JourneyChange("order#a", keeps=True), JourneyChange("order#bad", keeps=True)]


def test_of_a_journey_whose_waits_alone_came_nobody_says_that_it_keeps_events() -> None:
    seen: list[JourneyChange] = []
    records = [
        change_of("order#a", "1", "WAIT#x#1"),
        change_of("order#a", "2", "WAIT#x#2"),
        change_of("order#b", "3", "WAIT#x#1"),
        change_of("order#b", "4"),
    ]
    assert process_stream_records(records, seen.append, time_left=TimeLeft.of(None)) == {"batchItemFailures": []}
    assert sorted(seen) == [JourneyChange("order#a", keeps=False), JourneyChange("order#b", keeps=True)]


def test_the_resume_function_takes_every_kind_of_message(aws_client: Any) -> None:
    ports = ports_from(
        {"JOURNEYS_TABLE": "journeys", "START_QUEUE_URL": "s", "EVENT_QUEUE_URL": "e", "EVENT_BUS_NAME": "bus"},
        aws_client,
    )
    assert {*resume.takes(ports), NotMeant} == set(get_args(Message))
