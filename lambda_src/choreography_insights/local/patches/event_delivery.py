"""Patches how moto's EventBridge delivers an event to the targets of its rules.

moto 5.2.5 puts the event's time into an input transformer as a number (AWS: ISO 8601), fails in PutEvents where a
template's path finds nothing, where a queue is gone or where a target is a Lambda function or a state machine,
delivers for disabled rules too, and takes a rule that has a schedule and no pattern for one that matches every event.

AWS: a delivery that fails is the rule's business, never the caller's; it ends on the target's dead-letter queue. Where
that refuses it too, as a queue does that is too small for the event, the event is lost, and only metrics say so.
"""

import copy
import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.events.models import EventsBackend, Rule, events_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.event_templates import Event, render
from choreography_insights.local.patches.queue_policies import lets_rule_send
from choreography_insights.local.patches.source_digests import patch

log = logging.getLogger(__name__)

# How an event reaches a Lambda function; whoever runs the functions says so.
_functions: list[Callable[[str, str], None]] = []


def deliver_to_functions_by(invoke: Callable[[str, str], None]) -> None:
    """Let *invoke*, which takes a function's ARN and the event, deliver to targets that are Lambda functions."""
    _functions[:] = [invoke]


class UndeliverableError(Exception):
    """An event cannot reach a target; *code* is one of EventBridge's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def now() -> str:
    """Return the time as EventBridge writes it."""
    return _iso(clock.time())


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def install() -> None:
    """Deliver to targets as EventBridge does."""

    @patch(Rule, "send_to_targets", source_digest="472e002e2dab")
    def send_to_targets(original: Any, self: Rule, original_event: Event, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002
        if self.state != "ENABLED" or not _matches(self, original_event):
            return
        event = dict(original_event)
        ingested = _iso(float(event.pop("ingestion-time", clock.time())))
        event["time"] = _moment(event["time"])
        for target in list(self.targets):
            if _service(target["Arn"]) in _WAYS:
                _deliver_to(self, target, event, ingested)
            else:
                _leave_to_moto(original, self, target, original_event, transform_input=transform_input)


def _matches(rule: Rule, event: Event) -> bool:
    if rule.scheduled_expression and not rule.event_pattern.get_pattern():
        return False
    return bool(rule.event_pattern.matches_event(event))  # type: ignore[arg-type]


def fire(rule: Rule) -> None:
    """Send what a *rule* with a schedule sends when its time has come."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": now(),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }
    for target in list(rule.targets):
        if _service(target["Arn"]) in _WAYS:
            _deliver_to(rule, target, event, now())
        else:
            log.warning("rule %s: target %s: schedules do not reach it here", rule.name, target["Arn"])


def deliver(backend: EventsBackend, bus: str, event: Event) -> None:
    """Offer *event*, complete as it is, to the rules of *bus*."""
    for rule in list(backend.event_buses[bus].rules.values()):
        rule.send_to_targets(event)  # type: ignore[arg-type]


def _service(arn: str) -> str:
    _, _, service, _, _, resource = arn.split(":", 5)
    return "event-bus" if service == "events" and resource.startswith("event-bus/") else service


def _moment(time: Any) -> str:
    """An event's time as EventBridge writes it, of what moto has: a number, its text, or ISO 8601 in some form."""
    try:
        return _iso(float(time))
    except ValueError:
        return _iso(datetime.fromisoformat(time).timestamp())


def _leave_to_moto(original: Any, rule: Rule, target: dict[str, Any], event: Event, *, transform_input: bool) -> None:
    """Let moto deliver to the kinds of targets it knows: log groups, archives, API destinations."""
    alone = copy.copy(rule)
    alone.targets = [target]
    try:
        original(alone, {"ingestion-time": 0.0, **event}, transform_input=transform_input)
    except Exception:
        log.exception("rule %s: target %s: not delivered", rule.name, target["Arn"])


def _deliver_to(rule: Rule, target: dict[str, Any], event: Event, ingested: str) -> None:
    message = render(target, event, rule_name=rule.name, rule_arn=rule.arn, ingested=ingested)
    try:
        _WAYS[_service(target["Arn"])](rule, target, event, message)
    except Exception as failure:  # noqa: BLE001  # whatever a target says, the sender of the event must not hear it
        _give_up(rule, target, event, failure)


def _count(rule: Rule, metric: str) -> None:
    """Add one to a metric that EventBridge keeps of *rule*.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    datum = {"MetricName": metric, "Dimensions": [{"Name": "RuleName", "Value": rule.name}], "Unit": "Count"}
    cloudwatch_backends[rule.account_id][rule.region_name].put_metric_data(
        "AWS/Events", [{**datum, "Value": 1.0, "Timestamp": clock.now().replace(tzinfo=None)}]
    )


def _to_queue(rule: Rule, target: dict[str, Any], event: Event, message: str) -> None:
    del event
    _, _, _, region, account, name = target["Arn"].split(":")
    if name not in sqs_backends[account][region].queues:
        raise UndeliverableError("NO_RESOURCE", f"The queue {target['Arn']} does not exist.")
    queue = sqs_backends[account][region].queues[name]
    if not lets_rule_send(queue.policy, rule_arn=rule.arn, queue_arn=target["Arn"]):
        raise UndeliverableError("NO_PERMISSIONS", f"The policy of {target['Arn']} does not let {rule.arn} send to it.")
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    sqs_backends[account][region].send_message(queue_name=name, message_body=message, group_id=group)


def _to_bus(rule: Rule, target: dict[str, Any], event: Event, message: str) -> None:
    del rule, message
    _, _, _, region, account, resource = target["Arn"].split(":")
    backend = events_backends[account][region]
    name = resource.removeprefix("event-bus/")
    if name not in backend.event_buses:
        raise UndeliverableError("NO_RESOURCE", f"The event bus {target['Arn']} does not exist.")
    deliver(backend, name, event)


def _to_function(rule: Rule, target: dict[str, Any], event: Event, message: str) -> None:
    del rule, event
    for invoke in _functions:
        invoke(target["Arn"], message)


def _to_state_machine(rule: Rule, target: dict[str, Any], event: Event, message: str) -> None:
    del rule, event
    _, _, _, region, account, *_ = target["Arn"].split(":")
    stepfunctions_parser_backends[account][region].start_execution(target["Arn"], None, message)  # type: ignore[arg-type]


_WAYS: dict[str, Callable[[Rule, dict[str, Any], Event, str], None]] = {
    "sqs": _to_queue,
    "event-bus": _to_bus,
    "lambda": _to_function,
    "states": _to_state_machine,
}


def _give_up(rule: Rule, target: dict[str, Any], event: Event, failure: Exception) -> None:
    """Put the event on the target's dead-letter queue; without one it is gone, as on AWS, but not in silence."""
    code = getattr(failure, "code", "SDK_CLIENT_ERROR")
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    log.warning("rule %s: target %s: %s: %s", rule.name, target["Arn"], code, failure)
    _count(rule, "FailedInvocations")
    if not queue:
        return
    about = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": str(code),
        "ERROR_MESSAGE": str(failure),
        "RETRY_ATTEMPTS": "0",
    }
    _, _, _, region, account, name = queue.split(":")
    try:
        sqs_backends[account][region].send_message(
            queue_name=name,
            message_body=json.dumps(event),
            message_attributes={key: {"DataType": "String", "StringValue": value} for key, value in about.items()},
        )
    except Exception as refusal:  # noqa: BLE001  # likewise
        log.warning("rule %s: dead-letter queue %s: %s: the event is lost", rule.name, queue, refusal)
        _count(rule, "InvocationsFailedToBeSentToDlq")
    else:
        _count(rule, "InvocationsSentToDlq")
