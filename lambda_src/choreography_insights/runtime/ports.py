"""Everything outside that the correlation touches, in one hand: table, Step Functions, timers, reports, clock."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from .executions import Executions
from .measures import Measures
from .reports import Reports
from .table import JourneyTable
from .timers import Timers

#: Journeys of a batch are handled at the same time, so as many connections are wanted as a batch has messages.
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=25, connect_timeout=3)

NewClient = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the handlers get passed in. *clock* gives epoch seconds."""

    table: JourneyTable
    executions: Executions
    timers: Timers
    reports: Reports
    measures: Measures
    clock: Callable[[], float]


def ports_from(
    environment: Mapping[str, str],
    new_client: NewClient,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Ports:
    """Make the ports that the function's *environment* names; *new_client* makes a client for a service's name."""
    measures = Measures(
        namespace=environment.get("POWERTOOLS_METRICS_NAMESPACE", "ChoreographyInsights"),
        service=environment.get("POWERTOOLS_SERVICE_NAME", "choreography-insights"),
    )
    return Ports(
        table=JourneyTable(new_client("dynamodb"), environment["JOURNEYS_TABLE"], sleep),
        executions=Executions(new_client("stepfunctions")),
        timers=Timers(new_client("sqs"), environment["EVENT_QUEUE_URL"], environment["START_QUEUE_URL"]),
        reports=Reports(new_client("events"), environment["EVENT_BUS_NAME"], measures),
        measures=measures,
        clock=clock,
    )


def deployed_ports() -> Ports:
    """The ports of a deployed function. botocore's own session imports far less than boto3's."""
    session: Session = get_session()
    return ports_from(os.environ, lambda service: session.create_client(service, config=_CONFIG))
