"""Deploys small things to an embedded AWS, for tests."""

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import Any, TypeVar

from choreography_insights.local import EmbeddedAws

Found = TypeVar("Found")

ROLE = "arn:aws:iam::123456789012:role/tests"
ACCOUNT_ARN = "eu-west-1:123456789012"

_numbers = itertools.count(1)


def eventually(look: Callable[[], Found], *, seconds: float = 120) -> Found:
    """Return what *look* finds as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"found only {found!r} in {seconds} s"
        time.sleep(0.03)
    return found


def zipped(source: str, path: str = "handlers.py") -> bytes:
    """Return a zip file with *source* in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr(path, dedent(source))
    return archive.getvalue()


def make_role(aws: EmbeddedAws) -> None:
    """Make the role that all functions have here; nothing is refused to it."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    aws.client("iam").create_role(RoleName=ROLE.rsplit("/", 1)[1], AssumeRolePolicyDocument=document)


class Stack:
    """Things deployed to *aws* under names of their own."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self._mappings: list[str] = []
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a client of *service*, one for the whole stack."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    def counted(self, namespace: str, metric: str, **dimensions: str) -> float:
        """Return what a metric of AWS's own comes to in these hours."""
        now = datetime.now(tz=UTC)
        points = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=86_400,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    def name(self, kind: str) -> str:
        """Return a name that nothing else has."""
        return f"{kind}-{next(_numbers)}"

    def function(self, source: str, *, handler: str = "handlers.handler", **configuration: Any) -> str:
        """Deploy *source* and return the function's name."""
        name = self.name("function")
        configuration = {"Timeout": 10, "Runtime": "python3.13", **configuration}
        self.client("lambda").create_function(
            FunctionName=name, Role=ROLE, Handler=handler, Code={"ZipFile": zipped(source)}, **configuration
        )
        return name

    def invoke(self, function: str, event: Any = None) -> Any:
        """Invoke *function* and return its result; fail if it fails."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        payload = json.load(answer["Payload"])
        assert "FunctionError" not in answer, payload
        return payload

    def queue(self, **attributes: Any) -> str:
        """Make a queue and return its URL."""
        return str(
            self.client("sqs").create_queue(
                QueueName=self.name("queue"), Attributes={name: str(value) for name, value in attributes.items()}
            )["QueueUrl"]
        )

    def queue_arn(self, url: str) -> str:
        """Return the ARN of the queue at *url*."""
        return f"arn:aws:sqs:{ACCOUNT_ARN}:{url.rsplit('/', 1)[1]}"

    def redriven_queue(self, *, tries: int, **attributes: Any) -> tuple[str, str]:
        """Make a queue with a dead-letter queue and return both URLs."""
        dead = self.queue()
        policy = {"deadLetterTargetArn": self.queue_arn(dead), "maxReceiveCount": tries}
        return self.queue(RedrivePolicy=json.dumps(policy), **attributes), dead

    def open_queue(self, **attributes: Any) -> str:
        """Make a queue to which EventBridge may send."""
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        return self.queue(Policy=json.dumps({"Statement": [allow | {"Resource": "*"}]}), **attributes)

    def send(self, url: str, *bodies: str) -> None:
        """Send messages."""
        for body in bodies:
            self.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def received(self, url: str, *, count: int = 1, seconds: float = 15) -> list[str]:
        """Take *count* messages from a queue and return their bodies."""
        bodies: list[str] = []

        def take() -> bool:
            answer = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                bodies.append(message["Body"])
                self.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return len(bodies) >= count

        eventually(take, seconds=seconds)
        return bodies

    def is_empty(self, url: str) -> bool:
        """Whether nothing is in the queue, visible or not."""
        answer = self.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )
        return all(int(value) == 0 for value in answer["Attributes"].values())

    def table(self, *, view: str = "NEW_AND_OLD_IMAGES") -> tuple[str, str]:
        """Make a table with keys ``pk`` and ``sk`` and a stream; return its name and the stream's ARN."""
        name = self.name("table")
        made = self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )
        return name, made["TableDescription"]["LatestStreamArn"]

    def map(self, source_arn: str, function: str, **settings: Any) -> str:
        """Make an event source mapping and return its id."""
        uuid = str(
            self.client("lambda").create_event_source_mapping(
                EventSourceArn=source_arn, FunctionName=function, **settings
            )["UUID"]
        )
        self._mappings.append(uuid)
        return uuid

    def delete_mappings(self) -> None:
        """Stop all polling."""
        for uuid in self._mappings:
            self.client("lambda").delete_event_source_mapping(UUID=uuid)

    def machine(self, definition: dict[str, Any], **settings: Any) -> str:
        """Make a state machine and return its ARN."""
        return str(
            self.client("stepfunctions").create_state_machine(
                name=self.name("machine"), definition=json.dumps(definition), roleArn=ROLE, **settings
            )["stateMachineArn"]
        )

    def start(self, machine: str, execution_input: Any = None, **settings: Any) -> str:
        """Start an execution and return its ARN."""
        return str(
            self.client("stepfunctions").start_execution(
                stateMachineArn=machine, input=json.dumps(execution_input or {}), **settings
            )["executionArn"]
        )

    def ended(self, execution: str, *, seconds: float = 15) -> dict[str, Any]:
        """Wait until an execution has ended and return its description."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.client("stepfunctions").describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        described = eventually(look, seconds=seconds)
        assert described is not None
        return described
