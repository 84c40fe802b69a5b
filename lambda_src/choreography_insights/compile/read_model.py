"""What the state machine writes into the journey's row for those who look: where the journey is, and since when.

No condition and no decision reads it (docs/operations-and-design/correlation.md, "For those who look"). Every wait
outside an `each` writes it in the write that it makes anyhow; where there is none, a small Task does.
"""

from dataclasses import dataclass
from typing import Any

from choreography_insights.compile.data import ENTERED, in_format
from choreography_insights.compile.templates import Template

#: The state that a reference to this is in, and when it was entered; its name may have a ``#``, the time has none.
HERE = f"States.Format('{{}}#{{}}', $$.State.Name, {ENTERED})"
#: The same of the outermost state around, which hands it to the states inside it.
AROUND = "$.since"
#: What a wait or a Task writes, and the names in that.
ASSIGNMENTS = "#at = :at, since = :since, version = :version"
NAMES = {"#at": "at"}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a journey is and since when (*since*: the reference to it), in which *version* of its definition."""

    since: str
    version: str

    @property
    def values(self) -> dict[str, Any]:
        """Return the values of `ASSIGNMENTS`."""
        return {
            ":at": {"S.$": "$$.Execution.Input.at"},
            ":since": {"S.$": self.since},
            ":version": {"S": self.version},
        }


def before(state: str) -> str:
    """Return the reference to what `HERE` is in *state*, for a Task right before it."""
    return f"States.Format('{in_format(state)}#{{}}', {ENTERED})"


def arrival_task(whereabouts: Whereabouts, following: str) -> dict[str, Any]:
    """Return the Task that tells where the journey is, and goes on to *following* whatever becomes of that."""
    return {
        "Type": "Task",
        "Resource": Template("arn:${partition}:states:::aws-sdk:dynamodb:updateItem"),
        "Parameters": {
            "TableName": Template("${journeys_table}"),
            "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S": "JOURNEY"}},
            "UpdateExpression": f"SET {ASSIGNMENTS}",
            "ConditionExpression": "#execution = :execution",
            "ExpressionAttributeNames": {**NAMES, "#execution": "execution"},
            "ExpressionAttributeValues": {**whereabouts.values, ":execution": {"S.$": "$$.Execution.Name"}},
        },
        "ResultPath": None,
        "Retry": [
            {"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "MaxAttempts": 0},
            {
                "ErrorEquals": ["States.TaskFailed"],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
                "JitterStrategy": "FULL",
            },
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": following}],
        "Next": following,
    }
