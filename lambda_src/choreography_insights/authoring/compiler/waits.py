"""A wait state: a Task that writes its token into the journeys table and then waits to be told of an event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from choreography_insights.authoring.generated_names import UNEXPECTED_EVENT
from choreography_insights.authoring.patterns import Pattern
from choreography_insights.authoring.rendering import Template

_ENTERED = "States.Format('{}#{}', $$.State.EnteredTime, $$.State.RetryCount)"
_EXECUTION = {"S.$": "$$.Execution.Id"}
_TRANSIENT = (
    "DynamoDb.TransactionConflictException",
    "DynamoDb.ProvisionedThroughputExceededException",
    "DynamoDb.RequestLimitExceeded",
    "DynamoDb.ThrottlingException",
    "DynamoDb.InternalServerErrorException",
    "DynamoDb.SdkClientException",
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that a wait accepts, and the positions of those after which it could still come."""

    event: str
    when: Pattern | None = None
    contested_by: tuple[int, ...] = ()


def wait_task(name: str, accepts: Sequence[Accepted]) -> dict[str, Any]:
    """Return the Task that waits under *name*, up to (not including) what becomes of its result."""
    return {
        "Type": "Task",
        "Resource": Template("arn:${partition}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"),
        "Parameters": {
            "TableName": Template("${journeys_table}"),
            "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S": "JOURNEY"}},
            "UpdateExpression": "SET #wait = :wait, #status = :running",
            "ConditionExpression": "executionArn = :execution AND (attribute_not_exists(#wait) OR #wait.v < :v)",
            "ExpressionAttributeNames": {"#wait": f"wait:{name}", "#status": "status"},
            "ExpressionAttributeValues": {
                ":wait": {
                    "M": {
                        "token": {"S.$": "$$.Task.Token"},
                        "accepts": {"L": [{"M": _accepted(one)} for one in accepts]},
                        "execution": _EXECUTION,
                        "enteredAt": {"S.$": "$$.State.EnteredTime"},
                        "v": {"S.$": _ENTERED},
                    }
                },
                ":execution": _EXECUTION,
                ":running": {"S": "RUNNING"},
                ":v": {"S.$": _ENTERED},
            },
        },
    }


def _accepted(one: Accepted) -> dict[str, Any]:
    form: dict[str, Any] = {"event": {"S": one.event}}
    if one.when is not None:
        form["when"] = {"S": json.dumps(one.when.source, ensure_ascii=False, separators=(",", ":"))}
    if one.contested_by:
        form["contestedBy"] = {"L": [{"N": str(position)} for position in one.contested_by]}
    return form


def transient_retry() -> list[dict[str, Any]]:
    """Return what a wait does about DynamoDB's passing errors.

    Fewer than ten attempts, because the retry count is part of ``v``, which is compared as text.
    """
    return [
        {
            "ErrorEquals": list(_TRANSIENT),
            "IntervalSeconds": 1,
            "MaxAttempts": 8,
            "BackoffRate": 2,
            "MaxDelaySeconds": 30,
            "JitterStrategy": "FULL",
        }
    ]


def catches(timeout_target: str | None) -> list[dict[str, Any]]:
    """Return the ways out of a state that waits when something else than its event comes."""
    caught: list[dict[str, Any]] = [{"ErrorEquals": ["UnexpectedEvent"], "Next": UNEXPECTED_EVENT}]
    if timeout_target is not None:
        caught.append({"ErrorEquals": ["States.Timeout"], "ResultPath": "$.timeout", "Next": timeout_target})
    return caught
