"""The simulation's state machine as modules/simulation deploys it, run by the interpreter of the embedded AWS."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from choreography_insights.local import EmbeddedAws, embedded_aws
from devtools.places import ROOT

ROLE = "arn:aws:iam::123456789012:role/simulation"
BUS = "simulated"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        yield running


@pytest.fixture(scope="module")
def queue_url(aws: EmbeddedAws) -> str:
    """A queue that every event of the bus arrives at."""
    sqs, events = aws.client("sqs"), aws.client("events")
    url: str = sqs.create_queue(QueueName="arrived")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed | {"Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])
    return url


@pytest.fixture(scope="module")
def state_machine_arn(aws: EmbeddedAws) -> str:
    return deploy(aws, "simulation", BUS)


def deploy(aws: EmbeddedAws, name: str, bus: str) -> str:
    template = (ROOT / "modules" / "simulation" / "simulation.asl.json").read_text(encoding="utf-8")
    definition = template.replace("${partition}", "aws").replace("${event_bus}", bus)
    machine = aws.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=ROLE)
    arn: str = machine["stateMachineArn"]
    return arn


def run(aws: EmbeddedAws, state_machine_arn: str, series: dict[str, Any]) -> dict[str, Any]:
    """Run the simulation to its end, and say how it ended."""
    client = aws.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=state_machine_arn, input=json.dumps(series))["executionArn"]
    deadline = time.monotonic() + 30
    while True:
        execution: dict[str, Any] = client.describe_execution(executionArn=arn)
        if execution["status"] != "RUNNING":
            return execution
        assert time.monotonic() < deadline, execution
        time.sleep(0.05)


def arrived(aws: EmbeddedAws, queue_url: str) -> list[dict[str, Any]]:
    sqs, found = aws.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_events_arrive_in_order_with_waits_as_text_as_number_or_absent(
    aws: EmbeddedAws, queue_url: str, state_machine_arn: str
) -> None:
    series = {
        "events": [
            {"source": "order", "detailType": "Order Placed", "detail": {"id": "1", "total": 9.5}, "wait": "0"},
            {"source": "order", "detailType": "Order Confirmed", "detail": {"id": "1"}, "wait": "1"},
            {"source": "order", "detailType": "Order Accepted", "detail": {"id": "1"}, "wait": 1},
            {"source": "car", "detailType": "Car Announced", "detail": {"id": "1", "options": ["roof", None]}},
        ],
        "expect": {"1": "is not read"},
    }
    began = time.monotonic()
    execution = run(aws, state_machine_arn, series)
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"published": 4})
    assert time.monotonic() - began >= 2
    assert [(event["source"], event["detail-type"], event["detail"]) for event in arrived(aws, queue_url)] == [
        ("order", "Order Placed", {"id": "1", "total": 9.5}),
        ("order", "Order Confirmed", {"id": "1"}),
        ("order", "Order Accepted", {"id": "1"}),
        ("car", "Car Announced", {"id": "1", "options": ["roof", None]}),
    ]


def test_an_event_that_the_bus_refuses_fails_the_simulation(
    aws: EmbeddedAws, queue_url: str, state_machine_arn: str
) -> None:
    series = {"events": [{"source": "", "detailType": "Order Placed", "detail": {"id": "1"}}]}
    execution = run(aws, state_machine_arn, series)
    assert (execution["status"], execution["error"]) == ("FAILED", "EventBridge.FailedEntry")
    assert arrived(aws, queue_url) == []


def test_an_event_without_a_source_fails_the_simulation(
    aws: EmbeddedAws, queue_url: str, state_machine_arn: str
) -> None:
    execution = run(aws, state_machine_arn, {"events": [{"detailType": "Order Placed", "detail": {"id": "1"}}]})
    assert execution["status"] == "FAILED"
    assert arrived(aws, queue_url) == []


@pytest.mark.parametrize(
    "scenario", sorted(ROOT.glob("examples/complete/simulations/*.json")), ids=lambda path: path.stem
)
def test_a_scenario_of_the_complete_example_waits_little_and_expects_something_of_each_of_its_entities(
    scenario: Any,
) -> None:
    series = json.loads(scenario.read_text(encoding="utf-8"))
    assert sum(int(event.get("wait", 0)) for event in series["events"]) <= 25
    assert {event["detail"]["id"] for event in series["events"]} == set(series["expect"])
    for expected in series["expect"].values():
        definition = ROOT / "examples" / expected["choreography"] / expected["choreography"] / "definition.asl.json"
        states = json.loads(definition.read_text(encoding="utf-8"))["States"]
        assert (states[expected["state"]]["Type"], expected["status"]) == ("Succeed", "SUCCEEDED")
