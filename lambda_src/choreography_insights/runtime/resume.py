"""The resume function: events, deadlines, ends of executions and changes of journeys move journeys on."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, assert_never

from .batch import BatchResponse, TimeLeft, process_batch
from .closing import Closing
from .correlation import Correlation
from .due_sweep import DueSweep
from .messages import EventMessage, ExecutionEnded, Message, NotMeant, RecheckMessage, ScanOverdue, SweepDue
from .overdue_scan import OverdueScan
from .ports import Ports, deployed_ports
from .stream_records import process_stream_records

Handler = Callable[[Mapping[str, Any], Any], BatchResponse]

_STREAM = "aws:dynamodb"


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*, for SQS batches and for batches of the table's stream."""
    correlation, ending = Correlation(ports), Closing(ports)
    watching, sweeping = OverdueScan(ports, ending), DueSweep(ports)

    def handle(message: Message) -> None:
        match message:
            case EventMessage():
                correlation.on_event(message)
            case RecheckMessage():
                correlation.on_again(message)
            case ExecutionEnded():
                ending.on_execution_ended(message)
            case ScanOverdue():
                watching.on_scan_overdue()
            case SweepDue():
                sweeping.on_sweep_due()
            case NotMeant():
                return
            case _:
                assert_never(message)

    def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
        time_left, redelivery = TimeLeft.of(context), ports.redelivery
        try:
            records = event["Records"]
            if records and records[0].get("eventSource") == _STREAM:
                return process_stream_records(records, correlation.on_change, time_left=time_left)
            return process_batch(event, handle, redelivery=redelivery, time_left=time_left)
        finally:
            ports.metrics.write()

    return handler


@cache
def _deployed() -> Handler:
    return make_handler(deployed_ports())


def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
    """What Lambda calls: a batch of SQS messages or stream records in, the failed ones out."""
    return _deployed()(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # while a function starts, Lambda lends it more of a processor than later
    _deployed()
