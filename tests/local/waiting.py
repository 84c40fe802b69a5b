"""State machines that wait for task tokens, which they write into a table."""

from typing import Any

from local.stack import Stack, eventually


def waiting(table: str, item: str, **rest: Any) -> dict[str, Any]:
    """Return a task that writes its token into the row of its execution's name and *item*, and waits."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Parameters": {
            "TableName": table,
            "Key": {"pk": {"S.$": "$$.Execution.Name"}, "sk": {"S": item}},
            "UpdateExpression": "SET #token = :token",
            "ExpressionAttributeNames": {"#token": "token"},
            "ExpressionAttributeValues": {":token": {"S.$": "$$.Task.Token"}},
        },
        **rest,
    }


def token(stack: Stack, table: str, execution: str, item: str, *, other_than: str = "") -> str:
    """Wait for the token of an execution's *item* and return it."""
    key = {"pk": {"S": execution.rsplit(":", 1)[1]}, "sk": {"S": item}}

    def look() -> str:
        row = stack.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        found = row.get("token", {}).get("S", "")
        return str(found) if found != other_than else ""

    return eventually(look)
