"""Small things that the tests of the functions are made of."""

import json
from typing import Any

from choreography_insights.compile.templates import as_template
from choreography_insights.compile.wait_states import Accepted, Surroundings, wait_task
from choreography_insights.runtime.event import Event
from choreography_insights.runtime.messages import event_from, settings_from
from choreography_insights.runtime.table import JourneyTable
from fake_aws.templates import template

NOW = 1_800_000_000.0
STATE_MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:insights-order"
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
    return event_from(envelope(name, event_id, **more), ORDER)


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
    """Write a wait exactly as a generated wait state does (docs/reference/interfaces.md, section 2)."""
    wait = {
        "t": {"S": token},
        "a": {"L": [{"M": {"e": {"S": name}}} for name in accepts]},
        "v": {"S": entered},
        "r": {"N": str(retries)},
    }
    table.client.update_item(
        TableName=table.name,
        Key={"journey": {"S": key}, "item": {"S": "JOURNEY"}},
        UpdateExpression="SET waits.#wait = :wait, #status = :running",
        ConditionExpression=(
            "#execution = :execution AND"
            " (attribute_not_exists(waits.#wait) OR waits.#wait.v < :v OR (waits.#wait.v = :v AND waits.#wait.r <= :r))"
        ),
        ExpressionAttributeNames={"#wait": state, "#status": "status", "#execution": "execution"},
        ExpressionAttributeValues={
            ":wait": {"M": wait},
            ":execution": {"S": execution},
            ":running": {"S": "RUNNING"},
            ":v": {"S": entered},
            ":r": {"N": str(retries)},
        },
    )


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
    task = json.loads(as_template({"A": wait_task("Sent", accepts, Surroundings(depth=depth, beside=True))}))["A"]
    context = {
        "Execution": {"Name": execution, "Input": {"journey": "order#o-1", "expiresAt": int(NOW) + 9}},
        "State": {"EnteredTime": f"{entered}Z", "RetryCount": retries},
        "Task": {"Token": token},
    }
    keys = {f"item{level + 1}": item for level in range(depth)}
    table.client.update_item(**{**template(task["Parameters"])(keys, context), "TableName": table.name})
