"""The start function: start events on the start queue begin journeys."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from .batch import BatchResponse, TimeLeft, process_batch
from .errors import InvalidMessage
from .messages import EventMessage, Message, NotMeant, RecheckMessage
from .ports import Ports, deployed_ports
from .starting import Starting

Handler = Callable[[Mapping[str, Any], Any], BatchResponse]


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*."""
    starting = Starting(ports._replace(table=ports.table.without_waits))

    def handle(message: Message) -> None:
        match message:
            case EventMessage():
                starting.on_event(message)
            case RecheckMessage():
                starting.on_again(message)
            case NotMeant():
                return
            case _:
                raise InvalidMessage(
                    f"a {type(message).__name__} came on the start queue; it belongs on the event queue"
                )

    def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
        try:
            return process_batch(event, handle, redelivery=ports.redelivery, time_left=TimeLeft.of(context))
        finally:
            ports.metrics.write()

    return handler


@cache
def _deployed() -> Handler:
    return make_handler(deployed_ports())


def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
    """What Lambda calls: a batch of SQS messages in, the ids of the failed ones out."""
    return _deployed()(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # while a function starts, Lambda lends it more of a processor than later
    _deployed()
