"""Plays events at the real thing: the functions and the generated state machine, on an embedded AWS.

Table, queues and functions are made once, as `modules/insights` makes them; each choreography has a bus and a state
machine of its own, as `modules/choreography` makes them. The clock of that AWS stands still until nothing moves; then
it is turned to what happens next. So days pass in no time, and no result hangs on how fast a machine is.
"""

import io
import json
import math
import re
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import choreography_insights
from choreography_insights.model.workflow import Workflow, retired_events
from choreography_insights.project.folders import generate
from choreography_insights.testing.event_series import Published
from choreography_insights.testing.journey import NOT_BEGUN, Journey
from choreography_insights.testing.trouble import state_of_affairs
from choreography_insights.trace.journeys import executed
from choreography_insights.views.trace import Trace

if TYPE_CHECKING:
    from choreography_insights.local import EmbeddedAws

_ROLE = "arn:aws:iam::123456789012:role/tests"
_SERVICES = ("dynamodb", "events", "iam", "lambda", "logs", "sqs", "stepfunctions")
_TABLE, _REPORTS = "journeys", "reports"
_LONGEST_EARLY_SECONDS = 900
"""What is kept longer is found by a schedule and an index, which `modules/insights` makes."""
_PATIENCE = 120.0
"""Seconds in which the functions must be done with what happens."""
_PATIENT = 10
"""How many times as long functions and their calls may take: machines are slow, and tests are not about that."""
_A_TICK = 0.001
"""Seconds on the clock that make no difference."""
_WRITES = 25
"""So many fit in one BatchWriteItem."""
_UNDISTURBED = {"DONE", "REPORTED", "REPEATED", "KEPT"}
_STREAM_FILTERS = (
    {"dynamodb": {"Keys": {"item": {"S": ["JOURNEY"]}}, "NewImage": {"kept": {"SS": [{"exists": True}]}}}},
    {
        "dynamodb": {
            "Keys": {"item": {"S": [{"prefix": "WAIT#"}]}},
            "NewImage": {"wait": {"M": {"t": {"S": [{"exists": True}]}}}},
        }
    },
)

Row = Mapping[str, Any]


@contextmanager
def deployed_aws() -> "Iterator[Aws]":
    """Run an embedded AWS with everything on it that choreographies share."""
    try:
        from choreography_insights.local import embedded_aws  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise RuntimeError('engine="aws" needs more packages: pip install "choreography-insights[local]"') from error
    with embedded_aws(patience=_PATIENT, clock_stands=True) as running:
        yield Aws(running)


@dataclass(frozen=True, slots=True)
class _Deployed:
    """A choreography that is there."""

    bus: str
    machine: str
    early_seconds: float

    def execution(self, items: Sequence[Mapping[str, Any]]) -> str | None:
        """Return the ARN of the execution that the journey with these *items* is, if it has begun."""
        names = [item["execution"]["S"] for item in items if item["item"]["S"] == "JOURNEY" and "execution" in item]
        return f"{self.machine.replace(':stateMachine:', ':execution:')}:{names[0]}" if names else None


class Aws:
    """An AWS to play events at; called with a choreography it deploys it, once."""

    def __init__(self, aws: "EmbeddedAws") -> None:
        self._aws = aws
        self._clients = {name: aws.client(name) for name in _SERVICES}
        self._deployed: dict[str, _Deployed] = {}
        self._queues = {
            name: self._clients["sqs"].create_queue(QueueName=name)["QueueUrl"] for name in ("start", "event")
        }
        self._make_shared()

    def __call__(self, workflow: Workflow, events: Sequence[Published], entity: str, then_wait: float) -> Journey:
        """Publish *events*, each at its time, let the last one's grace period pass, and say where the journey is."""
        deployed = self._deploy(workflow)
        key = f"{workflow.name.text}#{entity}"
        begun = math.ceil(self._aws.time())  # EventBridge's times are whole seconds
        try:
            for event in events:
                self._let_pass(deployed, key, until=begun + event.at)
                self._publish(deployed, event, begun + event.at)
            last = events[-1].at if events else 0.0
            self._let_pass(deployed, key, until=begun + last + then_wait + deployed.early_seconds)
            rows = self._rows(key)
            if not all(row["status"] in _UNDISTURBED for row in rows.values()):
                raise RuntimeError(f"the functions have left events of {key} undone: {self._affairs(deployed, key)}")
            trace = self._trace(workflow, deployed, key, entity)
        finally:
            self._forget(deployed, key)
        retired = retired_events(workflow)  # these are reported too, but to nobody: they are only counted
        reported = [row for row in rows.values() if row["status"] == "REPORTED" and row["name"] not in retired]
        unexpected = sorted((float(row["time"]), row["name"]) for row in reported)
        return Journey(workflow, trace, [one.name for one in events], tuple(name for _, name in unexpected))

    # ---- playing --------

    def _publish(self, deployed: _Deployed, event: Published, moment: float) -> None:
        entry = {
            "EventBusName": deployed.bus,
            "Source": event.source,
            "DetailType": event.name,
            "Detail": json.dumps(event.detail),
            "Time": datetime.fromtimestamp(moment, tz=UTC),
        }
        self._clients["events"].put_events(Entries=[entry])

    def _let_pass(self, deployed: _Deployed, key: str, *, until: float) -> None:
        """Turn the clock to *until*, from one thing that happens to the next, each time when nothing moves any more."""
        deadline = time.monotonic() + _PATIENCE
        rest = self._aws.rest(_PATIENCE)
        while rest.rests and (left := until - rest.now) >= _A_TICK:
            by = left if rest.due is None else min(left, rest.due)
            rest = self._aws.rest(max(0.0, deadline - time.monotonic()), after_turning=by)
        if not rest.rests:
            raise TimeoutError(
                f"the functions have not dealt with all events of {key} in {_PATIENCE:.0f} s: "
                f"{self._affairs(deployed, key)}"
            )

    def _affairs(self, deployed: _Deployed, key: str) -> str:
        items = self._items(key)
        affairs = state_of_affairs(self._clients, self._queues, items, deployed.execution(items))
        return f"{self._rows(key)}; {affairs}"

    def _items(self, key: str) -> list[dict[str, Any]]:
        answer = self._clients["dynamodb"].query(
            TableName=_TABLE,
            KeyConditionExpression="journey = :journey",
            ExpressionAttributeValues={":journey": {"S": key}},
            ConsistentRead=True,
        )
        return list(answer["Items"])

    def _rows(self, key: str) -> dict[str, Row]:
        """Return status, name and time of each event, by its id."""
        found: dict[str, Row] = {}
        for item in self._items(key):
            kind, _, event_id = item["item"]["S"].partition("#")
            if kind == "EVENT":
                found[event_id] = {name: next(iter(item[name].values())) for name in ("status", "name", "time")}
        return found

    def _trace(self, workflow: Workflow, deployed: _Deployed, key: str, entity: str) -> Trace:
        arn = deployed.execution(self._items(key))
        return executed(workflow, arn, self._clients["stepfunctions"]) if arn else Trace(entity, NOT_BEGUN, ())

    def _forget(self, deployed: _Deployed, key: str) -> None:
        """Let the next test find nothing of this one."""
        if arn := deployed.execution(self._items(key)):
            self._clients["stepfunctions"].stop_execution(executionArn=arn)
            self._aws.rest(_PATIENCE)  # the functions hear of the end, and write it down
        rows = [{"journey": item["journey"], "item": item["item"]} for item in self._items(key)]
        for first in range(0, len(rows), _WRITES):
            deletes = [{"DeleteRequest": {"Key": row}} for row in rows[first : first + _WRITES]]
            self._clients["dynamodb"].batch_write_item(RequestItems={_TABLE: deletes})

    # ---- deploying --------

    def _deploy(self, workflow: Workflow) -> _Deployed:
        files = generate(workflow)
        definition = _filled(files["definition.asl.json"])
        if definition not in self._deployed:
            name = f"{workflow.name.text}-{len(self._deployed)}"
            machine = self._clients["stepfunctions"].create_state_machine(
                name=f"tests-{name}", definition=definition, roleArn=_ROLE
            )["stateMachineArn"]
            self._clients["events"].create_event_bus(Name=name)
            settings = json.loads(files["events.json"])
            early = min(settings["earlySeconds"], _LONGEST_EARLY_SECONDS)
            for kind, queue in (("startEvents", "start"), ("events", "event")):
                for number, entry in enumerate(settings[kind]):
                    message = _message({**settings, "earlySeconds": early}, entry, machine)
                    self._route(name, f"{queue}-{number}", entry["pattern"], queue, message)
            self._deployed[definition] = _Deployed(name, machine, settings["earlySeconds"])
        return self._deployed[definition]

    def _route(self, bus: str, rule: str, pattern: Mapping[str, Any], queue: str, template: str | None) -> None:
        events = self._clients["events"]
        events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(pattern))
        transformer = {} if template is None else {"InputTransformer": {"InputTemplate": template}}
        target = {"Id": "queue", "Arn": self._arn(queue), **transformer}
        events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])

    def _arn(self, queue: str) -> str:
        return f"arn:aws:sqs:eu-west-1:123456789012:{queue}"

    def _make_shared(self) -> None:
        clients = self._clients
        statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        clients["iam"].create_role(RoleName=_ROLE.rpartition("/")[2], AssumeRolePolicyDocument=trust)
        for name, url in self._queues.items():
            clients["sqs"].set_queue_attributes(QueueUrl=url, Attributes={"Policy": _open_to_events(self._arn(name))})
        clients["events"].create_event_bus(Name=_REPORTS)
        stream = clients["dynamodb"].create_table(
            TableName=_TABLE,
            KeySchema=[{"AttributeName": "journey", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("journey", "item")],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]["LatestStreamArn"]
        for name, queue in (("start", "start"), ("resume", "event")):
            self._make_function(name)
            self._map(self._arn(queue), name)
        filters = {"Filters": [{"Pattern": json.dumps(one)} for one in _STREAM_FILTERS]}
        self._map(stream, "resume", StartingPosition="TRIM_HORIZON", FilterCriteria=filters)
        ends = {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"status": ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]},
        }
        self._route("default", "status", ends, "event", None)

    def _make_function(self, name: str) -> None:
        variables = {
            "JOURNEYS_TABLE": _TABLE,
            "START_QUEUE_URL": self._queues["start"],
            "EVENT_QUEUE_URL": self._queues["event"],
            "EVENT_BUS_NAME": _REPORTS,
            "VISIBILITY_TIMEOUT_SECONDS": "0",  # no message has to come again here: grace is what it is set to
            "POWERTOOLS_SERVICE_NAME": "tests",
            "POWERTOOLS_METRICS_NAMESPACE": "ChoreographyInsights",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        self._clients["lambda"].create_function(
            FunctionName=name,
            Role=_ROLE,
            Runtime="python3.13",
            Handler=f"choreography_insights.runtime.{name}.handler",
            Code={"ZipFile": _functions()},
            Timeout=30,
            Environment={"Variables": variables},
        )

    def _map(self, source: str, function: str, **settings: Any) -> None:
        self._clients["lambda"].create_event_source_mapping(
            EventSourceArn=source,
            FunctionName=function,
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **settings,
        )


def _message(settings: Mapping[str, Any], entry: Mapping[str, Any], machine: str) -> str:
    """Return the input template of a rule: docs/reference/interfaces.md, section 4."""
    choreography = {
        "name": settings["choreography"],
        "stateMachineArn": machine,
        **{
            key: entry[key]
            for key in ("entity", "also", "id", "time", "events", "remember", "when", "unless", "moves")
            if key in entry
        },
        **{key: settings[key] for key in ("unexpected", "timeoutSeconds", "reads", "earlySeconds")},
        "settleSeconds": min(settings["settleSeconds"], settings["earlySeconds"]),
    }
    text = json.dumps(choreography).replace("<", r"\u003c").replace(">", r"\u003e")
    return f'{{"choreography":{text},"event":<aws.events.event.json>}}'


def _filled(definition: str) -> str:
    """Return what Terraform's ``templatefile`` makes of *definition*."""
    values = {"${partition}": "aws", "${journeys_table}": _TABLE, "$${": "${", "%%{": "%{"}
    return re.sub(r"\$\$\{|%%\{|\$\{\w+\}", lambda found: values[found[0]], definition)


def _open_to_events(arn: str) -> str:
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]})


def _functions() -> bytes:
    """Return the zip of the functions, from this very package."""
    package = Path(choreography_insights.__file__).parent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        rooms = [file for room in ("core", "runtime") for file in sorted((package / room).rglob("*.py"))]
        for module in (package / "__init__.py", *rooms):
            archive.write(module, module.relative_to(package.parent))
    return buffer.getvalue()
