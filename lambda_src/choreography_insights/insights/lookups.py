"""What the statistics function asks of the table beside the stream's records, for one batch of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from choreography_insights.core.keys import EVENT, JOURNEY
from choreography_insights.insights.changes import Change, Item, text
from choreography_insights.insights.pictures import Pictures
from choreography_insights.insights.queries import all_items
from choreography_insights.views.flow import Flow

_ASKED = ("item", "status", "name", "wait", "execution", "entered", "variant", "usedAt")


class Lookups:
    """The rim towards DynamoDB. It asks nothing twice, and never for what events hold."""

    def __init__(self, client: Any, table: str, pictures: Pictures, changes: Sequence[Change]) -> None:
        self._client, self._table, self._pictures = client, table, pictures
        self._flows: dict[str, Mapping[str, Flow]] = {}
        self._events: dict[str, Sequence[Item]] = {}
        self._versions = {
            change.journey: version
            for change in changes
            if change.item == JOURNEY and (version := text(change.new, "version"))
        }

    def flow(self, change: Change) -> Flow | None:
        """The flow of the definition that the row's journey runs; where that says none, of the current one."""
        flows = self._flows.get(change.choreography)
        if flows is None:
            flows = self._flows[change.choreography] = self._pictures.flows(change.choreography)
        if len(flows) <= 1:
            return next(iter(flows.values()), None)
        own = text(change.new, "version") or self._version(change.journey)
        return flows.get(own) or next(iter(flows.values()))

    def _version(self, journey: str) -> str:
        if journey not in self._versions:
            row = self._client.get_item(
                TableName=self._table,
                Key={"journey": {"S": journey}, "item": {"S": JOURNEY}},
                ConsistentRead=True,
                ProjectionExpression="#version",
                ExpressionAttributeNames={"#version": "version"},
            )
            self._versions[journey] = text(row.get("Item", {}), "version")
        return self._versions[journey]

    def events(self, journey: str) -> Sequence[Item]:
        """The rows of the journey's events."""
        if journey not in self._events:
            self._events[journey] = [*self._read_events(journey)]
        return self._events[journey]

    def _read_events(self, journey: str) -> Iterator[Item]:
        return all_items(
            self._client.query,
            TableName=self._table,
            KeyConditionExpression="journey = :journey AND begins_with(#item, :event)",
            ProjectionExpression=", ".join(f"#{name}" for name in _ASKED),
            ExpressionAttributeNames={f"#{name}": name for name in _ASKED},
            ExpressionAttributeValues={":journey": {"S": journey}, ":event": {"S": EVENT}},
            ConsistentRead=True,
        )
