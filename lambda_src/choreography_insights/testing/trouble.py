"""Why a journey on the embedded AWS has not gone on: its table rows, its executions, the queues, the functions' log."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
_COMPLAINTS = ('"level":"ERROR"', '"level":"WARNING"', "[ERROR]", "Task timed out", "Runtime exited")
_LINES = 20


def state_of_affairs(
    clients: Mapping[str, Any], queues: Mapping[str, str], items: Sequence[Mapping[str, Any]], execution: str | None
) -> str:
    """Say what there is to see of the journey with these *items*.

    *queues*: the url of each, by name; *execution*: the ARN of the one that the journey is.
    """
    executions = [_status(clients["stepfunctions"], execution)] if execution else []
    waiting = {name: _waiting(clients["sqs"], url) for name, url in queues.items()}
    journey = next((item for item in items if item["item"]["S"] == "JOURNEY"), {})
    of_items = [item["wait"]["M"]["state"]["S"] for item in items if item["item"]["S"].startswith("WAIT#")]
    waits = sorted([*journey.get("waits", {}).get("M", {}), *of_items])
    log = "\n".join(list(_complaints(clients["logs"]))[-_LINES:]) or "no errors, no warnings"
    return (
        f"executions {executions}; messages there, in flight, delayed {waiting}; waits in the table {waits}; "
        f"the functions' log:\n{log}"
    )


def _status(states: Any, arn: str) -> str:
    try:
        return str(states.describe_execution(executionArn=arn)["status"])
    except states.exceptions.ExecutionDoesNotExist:
        return "not started"


def _waiting(sqs: Any, url: str) -> tuple[int, ...]:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
    return tuple(int(attributes[name]) for name in _COUNTS)


def _complaints(logs: Any) -> Iterator[str]:
    """Yield the lines of the functions' logs that speak of errors and warnings, oldest first in each group."""
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for line in page["events"]:
                if any(word in line["message"] for word in _COMPLAINTS):
                    yield f"{group['logGroupName']} {line['message']}"
