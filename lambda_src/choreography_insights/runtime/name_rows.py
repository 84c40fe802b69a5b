"""The rows of other names: whose each is, and the events that wait until somebody teaches it.

A name's partition has a row ``NAME#<kind>`` for each kind of name that is so called, and the rows of the events that
wait. All of them are found through that row: whoever teaches a name learns by the same write who waits for it.
"""

import json
from typing import Any, NamedTuple

from choreography_insights.core.keys import EVENT, NAME

from .claims import Claims, event_expiry, key_of, number, string
from .due_index import shard
from .event import Event, compact_json
from .journey import EventRow, Status, event_row
from .settings import ChoreographySettings
from .steps import Deviation


class NameRow(NamedTuple):
    """What a name's row says: the *entity* that has it, and whether an event ever waited to know that."""

    entity: str | None = None
    was_awaited: bool = False


class Waiting(NamedTuple):
    """The row of an event under a name, and the names that it teaches when it is known whose it is."""

    row: EventRow
    teaches: tuple[tuple[str, str], ...] = ()


class NameRows(Claims):
    """The rows of names."""

    def read_name(self, key: str, kind: str) -> NameRow:
        """Whose the name is, consistently."""
        item = self.client.get_item(TableName=self.name, Key=key_of(key, NAME + kind), ConsistentRead=True).get("Item")
        if item is None:
            return NameRow()
        return NameRow(item["entity"]["S"] if "entity" in item else None, "awaited" in item)

    def read_waiting(self, key: str, event_id: str) -> Waiting | None:
        """The row of an event under a name, consistently."""
        response = self.client.get_item(TableName=self.name, Key=key_of(key, EVENT + event_id), ConsistentRead=True)
        if "Item" not in response:
            return None
        item = response["Item"]
        teaches = json.loads(item["teaches"]["S"]) if "teaches" in item else ()
        return Waiting(event_row(item), tuple((kind, name) for kind, name in teaches))

    def teach(self, key: str, kind: str, entity: str, expires: int) -> tuple[str, ...] | None:
        """The name is the entity's, if it is nobody else's; who waits for it. None: it is another's."""
        taught = self._write_one(
            self._update(
                key_of(key, NAME + kind),
                "SET entity = :entity, expiresAt = :expires",
                "attribute_not_exists(entity) OR entity = :entity",
                {":entity": string(entity), ":expires": number(expires)},
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if taught is None else tuple(sorted(taught["Attributes"].get("waiting", {}).get("SS", ())))

    def note_name(self, key: str, kind: str, name: str, expires: int) -> None:
        """For those who look: the entity has this name."""
        self.client.put_item(
            TableName=self.name,
            Item={**key_of(key, f"{NAME}{kind}#{name}"), "expiresAt": number(expires)},
        )

    def wait_for_name(
        self,
        key: str,
        kind: str,
        event: Event,
        choreography: ChoreographySettings,
        teaches: tuple[tuple[str, str], ...],
        *,
        now: float,
        deadline: float,
        due_at: float | None,
    ) -> bool:
        """The event's row is put, if there is none, and the name's row tells of it, if the name is nobody's yet."""
        expires = number(event_expiry(deadline))
        row = {
            **key_of(key, EVENT + event.event_id),
            "status": string(Status.KEPT),
            "name": string(event.name),
            "time": number(event.time),
            "arrivedAt": number(now),
            "deadline": number(deadline),
            "payload": string(event.payload_json),
            "choreography": string(choreography.to_json()),
            "knownAs": string(kind),
            "expiresAt": expires,
            **({"teaches": string(compact_json(teaches))} if teaches else {}),
            **({} if due_at is None else {"dueAt": number(due_at), "dueShard": string(shard("event", key))}),
        }
        return self._claim(
            {"Put": {"TableName": self.name, "Item": row, "ConditionExpression": "attribute_not_exists(journey)"}},
            self._update(
                key_of(key, NAME + kind),
                "SET awaited = :true, expiresAt = :expires ADD waiting :event",
                "attribute_not_exists(entity)",
                {":true": {"BOOL": True}, ":expires": expires, ":event": _element(event.event_id)},
            ),
        )

    def claim_untaught(self, key: str, kind: str, event: Event, deviation: Deviation, now: float) -> bool:
        """KEPT → REPORTING, if the name is nobody's still; it waits no more."""
        return self._claim(
            self._update(
                key_of(key, EVENT + event.event_id),
                "SET #status = :reporting, deviation = :deviation, expiresAt = :expires REMOVE dueAt, dueShard",
                "#status = :kept",
                {
                    ":reporting": string(Status.REPORTING),
                    ":kept": string(Status.KEPT),
                    ":deviation": string(compact_json(deviation._asdict())),
                    ":expires": number(event_expiry(now)),
                },
            ),
            self._no_more(key, kind, event.event_id, " AND attribute_not_exists(entity)"),
        )

    def leave_name(self, key: str, kind: str, event_id: str) -> None:
        """The event stands in its entity's partition: its row under the name goes."""
        row: dict[str, Any] = {
            "TableName": self.name,
            "Key": key_of(key, EVENT + event_id),
            "ConditionExpression": "#status = :kept",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":kept": string(Status.KEPT)},
        }
        self._record({"Delete": row}, self._no_more(key, kind, event_id))

    def _no_more(self, key: str, kind: str, event_id: str, condition: str = "") -> dict[str, Any]:
        # The condition keeps a deletion from making a row where the name's own has expired.
        return self._update(
            key_of(key, NAME + kind),
            "DELETE waiting :event",
            f"attribute_exists(journey){condition}",
            {":event": _element(event_id)},
        )


def _element(event_id: str) -> dict[str, list[str]]:
    return {"SS": [event_id]}
