"""Patches which bus is meant by a name with slashes in it.

moto 5.2.5 takes what follows the last slash for the bus, also where tags are asked for, and puts what a partner
publishes on the default bus. The buses of partners are called like their event sources,
``aws.partner/example.com/acme/orders``:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html
"""

from typing import Any

from moto.events.models import EventsBackend

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Find buses by their whole name, or by their ARN; bring a partner's events to the bus of their source."""

    @patch(EventsBackend, "_normalize_event_bus_arn", source_digest="bccdd124f592")
    def normalize_event_bus_arn(_: object, __: EventsBackend, event_bus_arn: str | None) -> str:
        if event_bus_arn is None:
            return "default"
        return event_bus_arn.partition(":event-bus/")[2] if event_bus_arn.startswith("arn:") else event_bus_arn

    @patch(EventsBackend, "list_tags_for_resource", source_digest="afce89aed356")
    def list_tags_for_resource(original: Any, self: EventsBackend, arn: str) -> Any:
        return self.tagger.list_tags_for_resource(arn) if _is_bus(self, arn) else original(self, arn)

    @patch(EventsBackend, "tag_resource", source_digest="4df5182f7600")
    def tag_resource(original: Any, self: EventsBackend, arn: str, tags: Any) -> None:
        if _is_bus(self, arn):
            self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            original(self, arn, tags)

    @patch(EventsBackend, "untag_resource", source_digest="8b94800ac5db")
    def untag_resource(original: Any, self: EventsBackend, arn: str, tag_keys: list[str]) -> None:
        if _is_bus(self, arn):
            self.tagger.untag_resource_using_names(arn, tag_keys)
        else:
            original(self, arn, tag_keys)

    @patch(EventsBackend, "put_partner_events", source_digest="c670908d1e9a")
    def put_partner_events(original: Any, self: EventsBackend, entries: list[dict[str, Any]]) -> None:
        original(self, [{**entry, "EventBusName": entry["Source"]} for entry in entries])


def _is_bus(backend: EventsBackend, arn: str) -> bool:
    return arn.partition(":event-bus/")[2] in backend.event_buses
