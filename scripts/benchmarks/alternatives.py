"""What a million orders cost where others follow them: AWS's own sample, and the least that could record an order."""

from collections.abc import Sequence

from benchmarks import prices
from benchmarks.logs import PLATFORM_LINES, charged_bytes
from benchmarks.metering import READ_UNIT_BYTES, WRITE_UNIT_BYTES
from benchmarks.sample_values import ENTITY, event_id
from fake_aws.attribute_values import Item, item_size
from fake_aws.stepfunctions import TOKEN_CHARACTERS

#: As CDK deploys a function where nobody says otherwise.
_GIGABYTES = 0.125


def sample_order(transitions: int, names: Sequence[str]) -> dict[str, float]:
    """A million orders of these events in the original sample, in dollars by service; from what its source says."""
    events, waits = len(names), len(names) - 1
    token_row: Item = {
        "entityId": {"S": ENTITY},
        "eventName": {"S": "Default"},
        "executionArn": {"S": f"arn:aws:states:eu-west-1:111122223333:execution:OrderStateMachine1A2B3C4D:{ENTITY}"},
        "taskToken": {"S": "A" * TOKEN_CHARACTERS},
    }
    writes = (1 + waits) * _units(token_row, WRITE_UNIT_BYTES)  # the execution's ARN, and the token of each wait
    reads = waits * _units(token_row, READ_UNIT_BYTES) / 2  # eventually consistent
    calls = 2 * events  # StartExecution and UpdateItem; then Query and SendTaskSuccess
    # What it prints for an event but the first, each line with time, request and level.
    printed = ("x" * (65 + 69), "x" * (65 + 75), "x" * (65 + 18))
    log_bytes = events * charged_bytes(PLATFORM_LINES) + waits * charged_bytes(printed)
    each = {
        "Step Functions": transitions * prices.TRANSITION,
        "DynamoDB": reads * prices.READ_UNIT + writes * prices.WRITE_UNIT,
        "Lambda": prices.of_functions(events, calls, _GIGABYTES, prices.GIGABYTE_SECOND_X86),
        "CloudWatch Logs": log_bytes / prices.GIGABYTE * prices.LOG_GIGABYTE,
        "X-Ray": events * prices.TRACED * prices.TRACE,
    }
    return {service: price * prices.MILLION for service, price in each.items()}


def bare_order(names: Sequence[str]) -> dict[str, float]:
    """A million orders of these events that are only written down: one UpdateItem an event, which adds to a list."""
    writes = 0
    for number in range(len(names)):
        lines = [_history_line(name, position) for position, name in enumerate(names[: number + 1])]
        writes += _units({"order": {"S": ENTITY}, "history": {"L": lines}}, WRITE_UNIT_BYTES)
    log_line = (
        f'{{"level":"INFO","timestamp":"2026-01-01 12:34:56,789+0000","order":"{ENTITY}","event":"Order Placed"}}'
    )
    each = {
        "DynamoDB": writes * prices.WRITE_UNIT,
        "Lambda": prices.of_functions(len(names), len(names), _GIGABYTES, prices.GIGABYTE_SECOND_ARM),
        "CloudWatch Logs": len(names)
        * charged_bytes((*PLATFORM_LINES, log_line))
        / prices.GIGABYTE
        * prices.LOG_GIGABYTE,
    }
    return {service: price * prices.MILLION for service, price in each.items()}


def _history_line(name: str, position: int) -> dict[str, Item]:
    return {
        "M": {
            "event": {"S": name},
            "id": {"S": event_id(name, position)},
            "time": {"S": "2026-01-01T12:34:56Z"},
        }
    }


def _units(row: Item, unit_bytes: int) -> int:
    return -(-item_size(row) // unit_bytes)
