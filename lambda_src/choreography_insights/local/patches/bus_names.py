"""Patches which bus is meant by a name with slashes in it.

moto 5.2.5 takes what follows the last slash for the bus. The buses of partners are called like their event sources,
``aws.partner/example.com/acme/orders``:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html
"""

from moto.events.models import EventsBackend

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Find buses by their whole name, or by their ARN."""

    @patch(EventsBackend, "_normalize_event_bus_arn", source_digest="bccdd124f592")
    def normalize_event_bus_arn(_: object, __: EventsBackend, event_bus_arn: str | None) -> str:
        if event_bus_arn is None:
            return "default"
        return event_bus_arn.partition(":event-bus/")[2] if event_bus_arn.startswith("arn:") else event_bus_arn
