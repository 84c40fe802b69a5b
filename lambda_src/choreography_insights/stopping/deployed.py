"""What is deployed of a choreography, asked for and changed by boto3's clients."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from choreography_insights.stopping.names import RuleKind, parameter_name, rule_kind, rule_name_prefix
from choreography_insights.stopping.planning import Journey, Rule, Sight

Client = Any
_CAUSE = "choreography stop"
_EVENT = "<aws.events.event.json>"
"""What stands in a rule's message for the event."""


class NotThereError(Exception):
    """There is no such choreography; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One choreography of the insights *prefix*."""

    prefix: str
    choreography: str
    bus: str
    state_machine_arn: str
    events: Client
    stepfunctions: Client

    def seen(self, at: datetime, rested_at: datetime | None = None) -> Sight:
        """Look at its rules, then at its journeys: so none that begins between goes unseen."""
        rules = list(self._rules())
        return Sight(at, rules, list(self._journeys()), rested_at)

    def disable(self, rule: Rule) -> None:
        """Let a rule rest."""
        self.events.disable_rule(Name=rule.name, EventBusName=self.bus)

    def stop(self, journey: Journey) -> None:
        """End a journey; one that has ended meanwhile stays as it ended."""
        self.stepfunctions.stop_execution(executionArn=journey.arn, error="Stopped", cause=_CAUSE)

    def _rules(self) -> Iterator[Rule]:
        prefix = rule_name_prefix(self.prefix, self.choreography)
        for found in _pages(self.events.list_rules, "Rules", EventBusName=self.bus, NamePrefix=prefix):
            if kind := rule_kind(self.prefix, self.choreography, found["Name"]):
                yield Rule(found["Name"], kind, enabled=found["State"] != "DISABLED")

    def _journeys(self) -> Iterator[Journey]:
        wanted = {"stateMachineArn": self.state_machine_arn, "statusFilter": "RUNNING", "maxResults": 1000}
        for found in _pages(self.stepfunctions.list_executions, "executions", token="nextToken", **wanted):  # noqa: S106
            yield Journey(found["executionArn"], found["startDate"])


def insights_of(ssm: Client, prefix: str) -> Mapping[str, Any]:
    """Return what the insights *prefix* say of themselves; raise `NotThereError` if there are none."""
    name = parameter_name(prefix)
    try:
        found: Mapping[str, Any] = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound as error:
        raise NotThereError(
            f"there is no parameter {name} in {ssm.meta.region_name}; "
            "name the insights' name_prefix in --prefix, and their Region in --region"
        ) from error
    return found


def rules_told(events: Client, prefix: str, choreography: str, bus: str) -> Iterator[tuple[RuleKind, dict[str, Any]]]:
    """Yield each rule of a choreography as ``events.json`` has it, with all that its messages say besides."""
    wanted = {"EventBusName": bus, "NamePrefix": rule_name_prefix(prefix, choreography)}
    for found in _pages(events.list_rules, "Rules", **wanted):
        if kind := rule_kind(prefix, choreography, found["Name"]):
            (target,) = events.list_targets_by_rule(Rule=found["Name"], EventBusName=bus)["Targets"]
            message = json.loads(target["InputTransformer"]["InputTemplate"].replace(_EVENT, "null"))
            yield kind, {**message["choreography"], "pattern": json.loads(found["EventPattern"])}


def find(clients: Mapping[str, Client], prefix: str, choreography: str, bus: str | None) -> Deployed:
    """Find the choreography by what its insights say of themselves; raise `NotThereError` if there is none."""
    events, stepfunctions = clients["events"], clients["stepfunctions"]
    insights = insights_of(clients["ssm"], prefix)
    arn = f"{insights['state_machine_arn_prefix']}{choreography}"
    try:
        stepfunctions.describe_state_machine(stateMachineArn=arn)
    except stepfunctions.exceptions.StateMachineDoesNotExist as error:
        raise NotThereError(f"there is no state machine {arn}; is it {choreography!r} that is deployed?") from error
    return Deployed(prefix, choreography, bus or insights["event_bus_name"], arn, events, stepfunctions)


def _pages(operation: Any, key: str, token: str = "NextToken", **wanted: Any) -> Iterator[Any]:  # noqa: S107
    answer = operation(**wanted)
    yield from answer[key]
    while answer.get(token):
        answer = operation(**wanted, **{token: answer[token]})
        yield from answer[key]
