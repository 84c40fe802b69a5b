"""Small things that the tests of the functions are made of."""

import json
from collections.abc import Mapping
from typing import Any

from choreography_insights.compile.groups import count_task, item_line
from choreography_insights.compile.read_model import HERE, Whereabouts
from choreography_insights.compile.templates import as_template
from choreography_insights.compile.wait_states import Accepted, Surroundings, wait_task
from choreography_insights.core.fields import id_of_form
from choreography_insights.runtime.event import Event
from choreography_insights.runtime.messages import event_from, settings_from
from choreography_insights.runtime.read_model import partition
from choreography_insights.runtime.settings import ChoreographySettings
from choreography_insights.runtime.table import JourneyTable
from fake_aws.templates import template

NOW = 1_800_000_000.0
STATE_MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:insights-order"
VERSION = "0123456789ab"
EXECUTION = "o-1-0123456789ab"
EXECUTION_ARN = f"arn:aws:states:eu-west-1:111122223333:execution:insights-order:{EXECUTION}"

SETTINGS: dict[str, Any] = {
    "name": "order",
    "stateMachineArn": STATE_MACHINE,
    "entity": "$.detail.id",
    "time": "$.time",
    "events": ["Order Confirmed", "Order Canceled"],
    "earlySeconds": 60,
    "settleSeconds": 2,
    "unexpected": "fail",
    "timeoutSeconds": 86_400,
    "reads": ["$.detail.result"],
}
ORDER = settings_from(SETTINGS)


def envelope(name: str = "Order Confirmed", event_id: str = "e-1", **more: Any) -> dict[str, Any]:
    """An event as EventBridge hands it on."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": name,
        "source": "order",
        "account": "111122223333",
        "time": "2027-01-15T08:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"id": "o-1"},
    } | more


def event(name: str = "Order Confirmed", event_id: str = "e-1", **more: Any) -> Event:
    """The same, read."""
    return event_in(envelope(name, event_id, **more))


def event_in(envelope: Mapping[str, Any], choreography: ChoreographySettings = ORDER) -> Event:
    """The event in *envelope*, whose entity's id is where the *choreography* says."""
    return event_from(envelope, choreography, id_of_form(choreography.entity))


def write_wait(
    table: JourneyTable,
    state: str = "WaitForConfirmation",
    token: str = "token-1",  # noqa: S107
    *,
    accepts: tuple[str, ...] = ("Order Confirmed",),
    execution: str = EXECUTION,
    entered: str = "2027-01-15T08:00:00.100",
    retries: int = 0,
    key: str = "order#o-1",
) -> None:
    """Write a wait as a generated wait state does (docs/reference/interfaces.md, section 2)."""
    around = Surroundings(whereabouts=Whereabouts(HERE, VERSION))
    task = wait_task(state, [Accepted(name) for name in accepts], around)
    _write(table, task, context_of(state, token, execution=execution, entered=entered, retries=retries, key=key), {})


def write_own_wait(
    table: JourneyTable,
    item: str = "one",
    token: str = "token-1",  # noqa: S107
    *,
    execution: str = EXECUTION,
    entered: str = "2027-01-15T08:00:00.100",
    retries: int = 0,
    depth: int = 1,
) -> None:
    """Write a wait inside an `each` as a generated wait state does (docs/reference/interfaces.md, section 2)."""
    accepts = [Accepted("Order Confirmed", items=(("detail", "item"),) * depth)]
    task = wait_task("Sent", accepts, Surroundings(depth=depth, beside=True))
    keys = {f"item{level + 1}": item for level in range(depth)}
    _write(table, task, context_of("Sent", token, execution=execution, entered=entered, retries=retries), keys)


def count_line(table: JourneyTable, line: str, *, needed: int, since: str = "2027-01-15T08:00:00.100") -> bool:
    """Count a line of a group as its end does; False if so many others were done that it is enough."""
    row = "States.Format('DONE#{}#{}', $$.Execution.Name, States.Hash($.count1.since, 'SHA-1'))"
    task = count_task(row, item_line(1), needed - 1, "Enough")
    try:
        _write(table, task, context_of("Done", "", entered=since), {"item1": line, "count1": {"since": since}})
    except table.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def context_of(
    state: str, token: str, *, execution: str = EXECUTION, entered: str, retries: int = 0, key: str = "order#o-1"
) -> dict[str, Any]:
    """The context object of a Task of an execution that the start function began."""
    return {
        "Execution": {
            "Name": execution,
            "Input": {"journey": key, "expiresAt": int(NOW) + 9, "at": partition(key)},
        },
        "State": {"Name": state, "EnteredTime": f"{entered}Z", "RetryCount": retries},
        "Task": {"Token": token},
    }


def _write(table: JourneyTable, task: Any, context: dict[str, Any], data: dict[str, Any]) -> None:
    parameters = template(json.loads(as_template(task["Parameters"])))(data, context)
    table.client.update_item(**{**parameters, "TableName": table.name})
