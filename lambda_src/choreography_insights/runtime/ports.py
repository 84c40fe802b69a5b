"""Everything outside that the correlation touches, in one hand: table, Step Functions, timers, reports, clock."""

import os
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from .batch import BatchResponse, Handler
from .clients import NewClient, OnFirstUse, client_factory
from .executions import Executions
from .metrics import Metrics, detail_from
from .redelivery import Redelivery
from .reports import Reports
from .table import JourneyTable
from .timers import Timers


class Ports(NamedTuple):
    """What the handlers get passed in. *clock* gives epoch seconds.

    *state_machine_arn_prefix*: what the ARNs of the choreographies' state machines begin with, up to their names; empty
    where they are called otherwise, and all that end are ours.
    """

    table: JourneyTable
    executions: Executions
    timers: Timers
    reports: Reports
    metrics: Metrics
    clock: Callable[[], float]
    redelivery: Redelivery
    state_machine_arn_prefix: str = ""


def ports_from(
    environment: Mapping[str, str],
    new_client: NewClient,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    metrics: Metrics | None = None,
    at_once: int = 8,
) -> Ports:
    """Make the ports that the function's *environment* names; *new_client* makes a client for a service's name.

    *at_once*: so many of several like questions are asked at the same time.
    """
    metrics = metrics or Metrics(
        namespace=environment.get("POWERTOOLS_METRICS_NAMESPACE", "ChoreographyInsights"),
        service=environment.get("POWERTOOLS_SERVICE_NAME", "choreography-insights"),
        detail=detail_from(environment.get("METRICS_DETAIL", "per_choreography")),
    )
    sqs = OnFirstUse(partial(new_client, "sqs"))
    event_queue_url, start_queue_url = environment["EVENT_QUEUE_URL"], environment["START_QUEUE_URL"]
    return Ports(
        table=JourneyTable(new_client("dynamodb"), environment["JOURNEYS_TABLE"], sleep),
        executions=Executions(new_client("stepfunctions"), at_once),
        timers=Timers(sqs, event_queue_url, start_queue_url),
        reports=Reports(OnFirstUse(partial(new_client, "events")), environment["EVENT_BUS_NAME"], metrics),
        metrics=metrics,
        clock=clock,
        redelivery=Redelivery(
            sqs, (event_queue_url, start_queue_url), float(environment.get("VISIBILITY_TIMEOUT_SECONDS", "60"))
        ),
        state_machine_arn_prefix=environment.get("STATE_MACHINE_ARN_PREFIX", ""),
    )


def deployed(make_handler: Callable[[Ports], Handler]) -> Handler:
    """What Lambda calls. The ports are made while the function starts: Lambda lends it more of a processor then."""
    made = cache(lambda: make_handler(ports_from(os.environ, client_factory())))
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        made()

    def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
        return made()(event, context)

    return handler
