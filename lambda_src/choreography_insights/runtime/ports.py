"""Everything outside that the correlation touches, in one hand: table, Step Functions, timers, reports, clock."""

import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from .clients import NewClient, OnFirstUse, client_factory
from .executions import Executions
from .measures import Measures
from .reports import Reports
from .table import JourneyTable
from .timers import Timers


class Ports(NamedTuple):
    """What the handlers get passed in. *clock* gives epoch seconds.

    *redelivery_seconds*: within so long a message whose function failed, or died, has come again, even if that happened
    twice. *state_machine_arn_prefix*: what the ARNs of the choreographies' state machines begin with.
    """

    table: JourneyTable
    executions: Executions
    timers: Timers
    reports: Reports
    measures: Measures
    clock: Callable[[], float]
    redelivery_seconds: float = 0.0
    state_machine_arn_prefix: str = ""


def ports_from(
    environment: Mapping[str, str],
    new_client: NewClient,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    measures: Measures | None = None,
) -> Ports:
    """Make the ports that the function's *environment* names; *new_client* makes a client for a service's name."""
    measures = measures or Measures(
        namespace=environment.get("POWERTOOLS_METRICS_NAMESPACE", "ChoreographyInsights"),
        service=environment.get("POWERTOOLS_SERVICE_NAME", "choreography-insights"),
    )
    return Ports(
        table=JourneyTable(new_client("dynamodb"), environment["JOURNEYS_TABLE"], sleep),
        executions=Executions(new_client("stepfunctions")),
        timers=Timers(
            OnFirstUse(partial(new_client, "sqs")), environment["EVENT_QUEUE_URL"], environment["START_QUEUE_URL"]
        ),
        reports=Reports(OnFirstUse(partial(new_client, "events")), environment["EVENT_BUS_NAME"], measures),
        measures=measures,
        clock=clock,
        redelivery_seconds=2 * float(environment.get("VISIBILITY_TIMEOUT_SECONDS", "60")),
        state_machine_arn_prefix=environment.get("STATE_MACHINE_ARN_PREFIX", ""),
    )


def deployed_ports() -> Ports:
    """The ports of a deployed function."""
    return ports_from(os.environ, client_factory())
