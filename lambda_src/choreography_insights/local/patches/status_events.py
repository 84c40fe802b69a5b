"""Adds the event that Step Functions puts on the default bus when an execution starts or ends."""

import uuid
from typing import Any

from moto.events.models import EventsBackend, events_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import Execution

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.event_delivery import deliver, now
from choreography_insights.local.patches.source_digests import patch

# Step Functions leaves input and output out where both come to more.
# https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html
PAYLOAD_LIMIT = 248 * 1024


def install() -> None:
    """Publish the event at the start of every execution; its end is published where it is patched."""

    @patch(Execution, "start", source_digest="07e927c2d5f9")
    def start(original: Any, self: Execution) -> None:
        self.start_date = clock.now()
        self.exec_status = ExecutionStatus.RUNNING
        publish(self)  # before it can end
        original(self)


def publish(execution: Execution) -> None:
    """Put ``Step Functions Execution Status Change`` for the state that *execution* is in now."""
    backend: EventsBackend = events_backends[execution.account_id][execution.region_name]
    deliver(
        backend,
        "default",
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "account": execution.account_id,
            "time": now(),
            "region": execution.region_name,
            "resources": [execution.exec_arn],
            "detail": _detail(execution),
        },
    )


def _detail(execution: Execution) -> dict[str, Any]:
    stopped = execution.stop_date
    has_output = execution.status == "SUCCEEDED"
    given = execution.execution_input
    output = to_json_str(execution.output, separators=(",", ":")) if has_output else None
    fits = len(given.encode()) + len((output or "").encode()) <= PAYLOAD_LIMIT
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(stopped) if stopped else None,
        "input": given if fits else None,
        "output": output if fits else None,
        "inputDetails": {"included": fits},
        "outputDetails": {"included": fits} if has_output else None,
        "error": execution.error,
        "cause": execution.cause,
    }


def _milliseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
