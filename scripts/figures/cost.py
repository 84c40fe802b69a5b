"""What a million journeys cost, service by service."""

from collections.abc import Callable
from typing import Any

from figures.series import Series
from figures.sheet import Sheet
from figures.transitions import JOURNEYS, played
from figures.units import Metered, dynamodb_local_tables
from world import World

_MILLION = 1_000_000

#: Dollars in us-east-1, without free tiers. From AWS's pricing pages, as quoted in March 2026 (Step Functions, SQS,
#: EventBridge), July 2025 (DynamoDB on demand) and 2024 (Lambda on arm64).
PER_TRANSITION = 0.025 / 1_000
PER_READ_UNIT = 0.125 / _MILLION
PER_WRITE_UNIT = 0.625 / _MILLION
PER_QUEUE_REQUEST = 0.40 / _MILLION
PER_CUSTOM_EVENT = 1.00 / _MILLION
PER_INVOCATION = 0.20 / _MILLION
PER_GIGABYTE_SECOND = 0.0000133334

#: As the modules deploy the functions, and what one invocation is taken to last: its AWS calls, mostly.
_GIGABYTES = 0.5
_SECONDS = 0.06
#: Sent, received, deleted: one message at a time, the dearest case. A full batch of ten needs a tenth of the last two.
_REQUESTS_PER_MESSAGE = 3


def measure() -> Sheet:
    """Play each journey, in order and undisturbed, and count."""
    with dynamodb_local_tables() as new_client:
        costs = {name: _dollars(journey, new_client) for name, (journey, _) in JOURNEYS.items()}
    services = list(next(iter(costs.values())))
    return Sheet(
        "Cost of a million journeys",
        "Dollars in us-east-1 for journeys whose events come in order, without free tiers: Step Functions standard "
        "$0.025 per 1,000 transitions; DynamoDB on demand $0.625 per million write units, $0.125 per million read "
        "units; SQS $0.40 per million requests; EventBridge $1 per million custom events (`Journey Ended`); Lambda on "
        f"arm64 $0.20 per million invocations and $0.0000133334 per GB-second, taken to last {_SECONDS * 1000:g} ms at "
        f"{_GIGABYTES * 1024:g} MB. Each message is taken to come alone; in batches SQS and Lambda cost less.",
        ("journey", *services, "all", "of a million events"),
        [
            (
                name,
                *(f"${dollars:,.2f}" for dollars in cost.values()),
                f"${sum(cost.values()):,.2f}",
                f"${sum(cost.values()) / len(JOURNEYS[name][0].events):,.2f}",
            )
            for name, cost in costs.items()
        ],
        "From AWS's pricing pages for [Step Functions](https://aws.amazon.com/step-functions/pricing/), "
        "[SQS](https://aws.amazon.com/sqs/pricing/) and [EventBridge](https://aws.amazon.com/eventbridge/pricing/) as "
        "quoted in March 2026, [DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/) as quoted in July 2025, "
        "[Lambda](https://aws.amazon.com/lambda/pricing/) as quoted in 2024. Left out: the services' own events, "
        "logs and metrics in CloudWatch, storage, backups, KMS, data transfer, cold starts, and empty receives of idle "
        "queues.",
    )


def _dollars(journey: Series, new_client: Callable[[], Any]) -> dict[str, float]:
    """Of a million such journeys."""
    meters: list[Metered] = []

    def prepare(world: World) -> None:
        meters.append(Metered.put_into(world, new_client()))

    world = played(journey, prepare)
    units = meters[0].units
    messages = sum(queue.sent for queue in world.queues.values())
    (execution,) = world.executions
    each = {
        "Step Functions": len(execution.path()) * PER_TRANSITION,
        "DynamoDB": units["reads"] * PER_READ_UNIT + (units["charged writes"] + units["waits"]) * PER_WRITE_UNIT,
        "SQS": messages * _REQUESTS_PER_MESSAGE * PER_QUEUE_REQUEST,
        "EventBridge": len(world.reports) * PER_CUSTOM_EVENT,
        "Lambda": world.invocations * (PER_INVOCATION + _SECONDS * _GIGABYTES * PER_GIGABYTE_SECOND),
    }
    return {service: dollars * _MILLION for service, dollars in each.items()}
