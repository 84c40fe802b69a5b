"""The start function: start events on the start queue begin journeys."""

from .batch import Handler, Takes, handler_of
from .messages import EventMessage, NamingMessage, RecheckMessage, SeveralEntities
from .naming import Naming
from .ports import Ports, deployed
from .starting import Starting


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*."""
    ports = ports._replace(table=ports.table.without_waits)
    starting = Starting(ports)
    takes: Takes = {
        EventMessage: starting.on_event,
        NamingMessage: Naming(ports, starting.on_event).on_event,
        RecheckMessage: starting.on_recheck,
        SeveralEntities: lambda message: ports.timers.hand_out(message.messages, "start"),
    }
    return handler_of(takes, ports.redelivery, ports.metrics)


handler = deployed(make_handler)
