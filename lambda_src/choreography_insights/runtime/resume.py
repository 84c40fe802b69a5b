"""The resume function: events, deadlines, ends of executions and changes of journeys move journeys on."""

from .batch import Handler, Takes, handler_of
from .closing import Closing
from .correlation import Correlation
from .due_sweep import DueSweep
from .messages import (
    EventMessage,
    ExecutionEnded,
    NameRecheck,
    NamingMessage,
    RecheckMessage,
    ScanOverdue,
    SeveralEntities,
    SweepDue,
)
from .naming import Naming
from .overdue_scan import OverdueScan
from .ports import Ports, deployed
from .stream_records import process_stream_records


def takes(ports: Ports) -> Takes:
    """What it does with each kind of message."""
    correlation, closing = Correlation(ports), Closing(ports)
    naming = Naming(ports, correlation.on_event)
    return {
        EventMessage: correlation.on_event,
        RecheckMessage: correlation.on_recheck,
        NamingMessage: naming.on_event,
        NameRecheck: naming.on_recheck,
        ExecutionEnded: closing.on_execution_ended,
        ScanOverdue: OverdueScan(ports, closing).on_scan_overdue,
        SweepDue: DueSweep(ports).on_sweep_due,
        SeveralEntities: lambda message: ports.timers.hand_out(message.messages, "event"),
    }


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*, for SQS batches and for batches of the table's stream."""
    on_change = Correlation(ports).on_change
    return handler_of(
        takes(ports),
        ports.redelivery,
        ports.metrics,
        lambda records, time_left: process_stream_records(records, on_change, time_left=time_left),
    )


handler = deployed(make_handler)
