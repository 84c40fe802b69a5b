"""The journeys table: one method per call of the correlation protocol, its conditions beside it.

Methods that claim return False when a condition failed or another transaction was in the way: somebody was faster, so
read again and decide again. The forms of the rows are in docs/reference/interfaces.md, section 5.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Self
from zlib import crc32

from botocore.exceptions import ClientError

from .envelope import Event, compact_json
from .errors import RetryLater
from .journey import (
    EVENT,
    EVENT_ROW_DAYS,
    JOURNEY,
    RUNNING,
    SUCCEEDED,
    EventRow,
    Item,
    Journey,
    KeptEvent,
    OpenWait,
    Snapshot,
    Status,
    event_row,
    event_rows,
    journey_from,
    journey_of,
)
from .settings import ChoreographySettings
from .steps import Deviation

_DAY = 86_400
#: A journey's row stays this long after all that it can still be needed for.
_JOURNEY_ROW_MARGIN = EVENT_ROW_DAYS * _DAY
_CONFLICT_TRIES = 6
_MOST_KEYS = 100

#: So many overdue journeys are looked at each time: enough to say that there are many.
MOST_OVERDUE = 100
#: The index of what is due has so many partitions of each kind: one takes 1,000 writes a second.
DUE_SHARDS = 16
#: So many due events are taken from a shard at a time: all of them take two or three of the function's ten seconds.
MOST_DUE = 50


class Overdue(NamedTuple):
    """A journey that is marked running, and was due to have ended. *due_at*: epoch seconds."""

    key: str
    execution: str
    due_at: float

    @property
    def choreography(self) -> str:
        """The choreography's name, which has no ``#``."""
        return self.key.partition("#")[0]

    @property
    def entity_id(self) -> str:
        """The entity's id."""
        return self.key.partition("#")[2]


class Due(NamedTuple):
    """A kept event that has to be looked at again at *due_at* (epoch seconds)."""

    key: str
    event_id: str
    due_at: float


class _Outcome(Enum):
    DONE = "done"
    REFUSED = "refused: a condition failed"
    CONFLICT = "conflict: another transaction holds a row"


class JourneyTable:
    """The rim towards DynamoDB. *sleep* is called with seconds between tries of a conflicting write.

    *reads_waits*: reading a journey reads the rows of its waits with it, which takes the right to query.
    """

    def __init__(self, client: Any, name: str, sleep: Callable[[float], None], *, reads_waits: bool = True) -> None:
        self.client = client
        self.name = name
        self.sleep = sleep
        self.reads_waits = reads_waits

    @property
    def without_waits(self) -> Self:
        """The same for whoever asks for no wait: of a journey the JOURNEY row alone is read."""
        return type(self)(self.client, self.name, self.sleep, reads_waits=False)

    # ---- reading --------

    def read_journey(self, key: str) -> Snapshot:
        """The JOURNEY row and those of its waits, consistently, but not all at the same instant."""
        if not self.reads_waits:
            return Snapshot(self.read_row(key))
        return Snapshot(journey_of(key, self._query(key, " AND #item >= :first", {":first": _s(JOURNEY)})))

    def read_row(self, key: str) -> Journey:
        """The JOURNEY row alone, consistently: waits that have rows of their own are not in what it gives."""
        response = self.client.get_item(TableName=self.name, Key=_key(key, JOURNEY), ConsistentRead=True)
        return journey_from(key, response.get("Item"))

    def read_with(self, key: str, event_ids: Iterable[str]) -> Snapshot:
        """The journey as `read_journey` reads it, and after it the rows of some events, consistently."""
        asked = list(dict.fromkeys(event_ids))
        if self.reads_waits:
            return self.read_journey(key).with_rows(self.read_rows(key, asked), asked)
        items = self._items(key, [JOURNEY, *(EVENT + one for one in asked)])
        return Snapshot(journey_of(key, items)).with_rows(event_rows(items), asked)

    def read_rows(self, key: str, event_ids: Sequence[str]) -> list[EventRow]:
        """The rows of these events, as far as there are any, consistently."""
        return [event_row(item) for item in self._items(key, [EVENT + one for one in event_ids])]

    def read_all(self, key: str) -> Snapshot:
        """The journey and the row of every event, consistently, but not all at the same instant."""
        items = self._query(key)
        rows = event_rows(items)
        return Snapshot(journey_of(key, items), is_whole=True).with_rows(rows, [row.event_id for row in rows])

    def _query(self, key: str, more: str = "", values: Mapping[str, Any] | None = None) -> list[Item]:
        """The items of a journey, or those of them that fit the key condition *more*, page by page."""
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": f"journey = :journey{more}",
            "ExpressionAttributeValues": {":journey": _s(key), **(values or {})},
            **({"ExpressionAttributeNames": {"#item": "item"}} if more else {}),
            "ConsistentRead": True,
        }
        found: list[Item] = []
        while True:  # making botocore's paginator takes longer than reading a page
            page = self.client.query(**asked)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _items(self, key: str, names: Sequence[str]) -> list[Item]:
        """The items of these sort keys, in any order. DynamoDB answers 16 MB at a time, and says what is left."""
        found: list[Item] = []
        for first in range(0, len(names), _MOST_KEYS):
            wanted: Any = {
                self.name: {
                    "Keys": [_key(key, name) for name in names[first : first + _MOST_KEYS]],
                    "ConsistentRead": True,
                }
            }
            while wanted:
                response = self.client.batch_get_item(RequestItems=wanted)
                found += response["Responses"].get(self.name, [])
                wanted = response.get("UnprocessedKeys")
        return found

    # ---- what is due --------

    def due(self, shard: int, until: float) -> list[Due]:
        """Kept events of a shard that have to be looked at before *until*, those due longest first, so many at most."""
        return [
            Due(item["journey"]["S"], item["item"]["S"].removeprefix(EVENT), float(item["dueAt"]["N"]))
            for item in self._due(f"event-{shard}", until, MOST_DUE)
        ]

    def overdue(self, now: float) -> list[Overdue]:
        """Journeys that were due before *now*, those due longest first, not more than `MOST_OVERDUE` of them."""
        items = [item for shard in range(DUE_SHARDS) for item in self._due(f"journey-{shard}", now, MOST_OVERDUE)]
        found = [
            Overdue(item["journey"]["S"], item["execution"]["S"], float(item["dueAt"]["N"]))
            for item in items
            if "execution" in item
        ]
        return sorted(found, key=lambda one: one.due_at)[:MOST_OVERDUE]

    def _due(self, shard: str, until: float, limit: int) -> list[Item]:
        response = self.client.query(
            TableName=self.name,
            IndexName="due",
            KeyConditionExpression="dueShard = :shard AND dueAt <= :until",
            ExpressionAttributeValues={":shard": _s(shard), ":until": _n(until)},
            Limit=limit,
        )
        items: list[Item] = response["Items"]
        return items

    def lease(self, due: Due, until: float) -> EventRow | None:
        """Move *due* on to *until*, so that no other sweep takes it; None if somebody has, or it is kept no more."""
        taken = self._write_one(
            self._update(
                _key(due.key, EVENT + due.event_id),
                "SET dueAt = :until",
                "dueAt = :due AND #status = :kept",
                {":until": _n(until), ":due": _n(due.due_at), ":kept": _s(Status.KEPT)},
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if taken is None else event_row(taken["Attributes"])

    def set_due(self, key: str, event_id: str, at: float) -> None:
        """Have the sweep look at a kept event at *at*; its row lives long enough for that."""
        self._write_one(
            self._update(
                _key(key, EVENT + event_id),
                "SET dueAt = :at, dueShard = :shard, expiresAt = :expires",
                "#status = :kept",
                {
                    ":at": _n(at),
                    ":shard": _s(_shard("event", key)),
                    ":expires": _n(_event_expiry(at)),
                    ":kept": _s(Status.KEPT),
                },
            )["Update"]
        )

    # ---- a claim: the wait is taken away, the event row says for what --------

    def claim(
        self,
        journey: Journey,
        event: Event,
        wait: OpenWait,
        claimed: KeptEvent,
        *,
        was_kept: bool = False,
        memory: Mapping[str, Any] | None = None,
    ) -> bool:
        """The wait is removed if its token is still that one; the event turns from absent or KEPT to CLAIMED.

        Which of the two is what was seen, not what is found: whoever believes a kept event new would not take it out of
        `kept`. One that was in `kept`, or is claimed for a wait that is tracked, stands in `claimed` from then on.
        The payload is not written here: a kept row has it, and otherwise the message that brings the event does, which
        stays on its queue until the event is DONE. What the journey remembers from then on is: it stood in the wait.
        """
        values = {
            ":claimed": _s(Status.CLAIMED),
            ":token": _s(wait.token),
            ":wait": _s(wait.state),
            ":execution": _s(journey.execution or ""),
            **_kept_value(was_kept=was_kept),
            **({} if memory is None else {":remembered": _s(compact_json(memory))}),
        }
        expression = "SET #status = :claimed, #token = :token, #wait = :wait, #execution = :execution"
        expression += "" if memory is None else ", remembered = :remembered"
        if was_kept:
            expression += " REMOVE dueAt, dueShard, heldFor"
        else:
            expression += ", #name = :name, #time = :time, arrivedAt = :arrived, expiresAt = :expires"
            values |= {
                ":name": _s(event.name),
                ":time": _n(event.time),
                ":arrived": _n(claimed.arrived_at),
                ":expires": _n(_event_expiry(claimed.arrived_at)),
            }
        return self._claim(
            *self._remove_wait(journey.key, wait, *_moves(journey, wait, claimed, was_kept=was_kept)),
            self._update(_key(journey.key, EVENT + event.event_id), expression, _unchanged(was_kept=was_kept), values),
        )

    def record_done(self, key: str, event: Event, token: str, claimed: KeptEvent | None) -> None:
        """CLAIMED with this token → DONE, and out of `claimed`; nothing if somebody else recorded or gave it back."""
        done = self._update(
            _key(key, EVENT + event.event_id),
            "SET #status = :done REMOVE payload, choreography, #token, remembered",
            "#status = :claimed AND #token = :token",
            {":done": _s(Status.DONE), ":claimed": _s(Status.CLAIMED), ":token": _s(token)},
        )
        if claimed is None:
            self._write_one(done["Update"])
        else:
            self._record(done, self._change_lists(key, "DELETE claimed :event", claimed))

    def give_back(
        self,
        key: str,
        event: Event,
        token: str,
        choreography: ChoreographySettings,
        kept: KeptEvent,
        claimed: KeptEvent | None,
    ) -> None:
        """CLAIMED with this token → KEPT, back in `kept`: its task was closed by something else."""
        lists = {":event": _element(kept), **({":claimed": _element(claimed)} if claimed else {})}
        self._record(
            self._update(
                _key(key, EVENT + event.event_id),
                "SET #status = :kept, payload = :payload, choreography = :choreography, deadline = :deadline"
                " REMOVE #token, #wait, #execution, remembered",
                "#status = :claimed AND #token = :token",
                {
                    ":kept": _s(Status.KEPT),
                    ":claimed": _s(Status.CLAIMED),
                    ":token": _s(token),
                    ":payload": _s(event.payload_json),
                    ":choreography": _s(choreography.to_json()),
                    ":deadline": _n(kept.deadline),
                },
            ),
            self._update(
                _key(key, JOURNEY), f"ADD kept :event{' DELETE claimed :claimed' if claimed else ''}", None, lists
            ),
        )

    # ---- an early or contested event --------

    def keep(
        self,
        journey: Journey,
        event: Event,
        choreography: ChoreographySettings,
        kept: KeptEvent,
        *,
        due_at: float | None = None,
        held_for: str | None = None,
        is_start: bool = False,
        listed: bool = True,
    ) -> bool:
        """The event's row is put, if there is none; the journey's row names it (*listed*), and lives long enough.

        What no wait can ask for is not listed: it only waits for its deadline, and costs the journey nothing.
        """
        row = {
            **_key(journey.key, EVENT + event.event_id),
            "status": _s(Status.KEPT),
            "name": _s(event.name),
            "time": _n(event.time),
            "arrivedAt": _n(kept.arrived_at),
            "deadline": _n(kept.deadline),
            "payload": _s(event.payload_json),
            "choreography": _s(choreography.to_json()),
            "expiresAt": _n(_event_expiry(kept.deadline)),
            **({"dueAt": _n(due_at), "dueShard": _s(_shard("event", journey.key))} if due_at is not None else {}),
            **({"heldFor": _s(held_for)} if held_for else {}),
            **({"isStart": {"BOOL": True}} if is_start else {}),
        }
        put = {"TableName": self.name, "Item": row, "ConditionExpression": "attribute_not_exists(journey)"}
        if not listed:
            return self._put_one(put)
        expression, condition = f"ADD {'starts' if is_start else 'kept'} :event", None
        values: dict[str, Any] = {":event": _element(kept)}
        if journey.expires_at < kept.deadline + _DAY:
            expression += " SET expiresAt = :expires"
            condition = "attribute_not_exists(expiresAt) OR expiresAt < :expires"
            values[":expires"] = _n(int(kept.deadline) + _JOURNEY_ROW_MARGIN)
        return self._claim({"Put": put}, self._update(_key(journey.key, JOURNEY), expression, condition, values))

    # ---- a deviation --------

    def claim_failure(self, journey: Journey, row: EventRow, wait: OpenWait, deviation: Deviation) -> bool:
        """KEPT → FAILING with this wait's token, and the wait is removed if its token is still that one."""
        listed = journey.listed(row.event_id)
        lists = (f"ADD claimed :event DELETE {_list_of(row)} :event", listed) if listed else ()
        return self._claim(
            *self._remove_wait(journey.key, wait, *lists),
            self._update(
                _key(journey.key, EVENT + row.event_id),
                "SET #status = :failing, #token = :token, #wait = :wait, #execution = :execution,"
                " deviation = :deviation REMOVE dueAt, dueShard",
                "#status = :kept",
                {
                    ":failing": _s(Status.FAILING),
                    ":kept": _s(Status.KEPT),
                    ":token": _s(wait.token),
                    ":wait": _s(wait.state),
                    ":execution": _s(journey.execution or ""),
                    ":deviation": _s(compact_json(deviation._asdict())),
                },
            ),
        )

    def claim_report(
        self,
        journey: Journey,
        event: Event,
        deviation: Deviation,
        now: float,
        *,
        was_kept: bool,
        is_start: bool = False,
    ) -> bool:
        """KEPT (or absent, if it is not to be kept) → REPORTING, and out of what the journey's row names."""
        key, event_id = journey.key, event.event_id
        reporting = self._update(
            _key(key, EVENT + event_id),
            "SET #status = :reporting, #name = :name, #time = :time, payload = :payload, deviation = :deviation,"
            f" expiresAt = :expires{', isStart = :true' if is_start else ''} REMOVE dueAt, dueShard",
            _unchanged(was_kept=was_kept),
            {
                ":reporting": _s(Status.REPORTING),
                ":name": _s(event.name),
                ":time": _n(event.time),
                ":payload": _s(event.payload_json),
                ":deviation": _s(compact_json(deviation._asdict())),
                ":expires": _n(_event_expiry(now)),
                **_kept_value(was_kept=was_kept),
                **({":true": {"BOOL": True}} if is_start else {}),
            },
        )
        lists = [
            self._change_lists(key, f"DELETE {name} :event", listed)
            for name, listed in (("kept", journey.kept.get(event_id)), ("starts", journey.starts.get(event_id)))
            if listed
        ]
        return self._claim(reporting, *lists)

    def give_back_failure(self, key: str, row: EventRow, token: str, claimed: KeptEvent | None) -> None:
        """FAILING with this token → KEPT: its task was closed by something else before the journey failed."""
        kept = self._update(
            _key(key, EVENT + row.event_id),
            "SET #status = :kept REMOVE #token, #wait, #execution, deviation",
            "#status = :failing AND #token = :token",
            {":kept": _s(Status.KEPT), ":failing": _s(Status.FAILING), ":token": _s(token)},
        )
        change = f"ADD {_list_of(row)} :event DELETE claimed :event"
        self._record(kept, *([self._change_lists(key, change, claimed)] if claimed else []))

    def record_reported(self, key: str, event: Event, claimed: KeptEvent | None) -> None:
        """FAILING or REPORTING → REPORTED, and out of `claimed`."""
        reported = self._update(
            _key(key, EVENT + event.event_id),
            "SET #status = :reported REMOVE payload, choreography, #token",
            "#status IN (:failing, :reporting)",
            {
                ":reported": _s(Status.REPORTED),
                ":failing": _s(Status.FAILING),
                ":reporting": _s(Status.REPORTING),
            },
        )
        self._record(reported, *([self._change_lists(key, "DELETE claimed :event", claimed)] if claimed else []))

    # ---- a start event --------

    def claim_start(
        self,
        journey: Journey,
        event: Event,
        execution: str,
        choreography: ChoreographySettings,
        began_at: float,
        *,
        was_kept: bool,
    ) -> bool:
        """The journey turns to its new execution if it still has the old one; the event is STARTING.

        The old waits go with it: out of the row, and those in rows of their own since they name the old execution.
        """
        expires = max(journey.expires_at, int(began_at + choreography.timeout_seconds) + _JOURNEY_ROW_MARGIN)
        expected, listed = choreography.expected_seconds, journey.starts.get(event.event_id)
        expression = (
            "SET #execution = :new, startedAt = :now, lives = :lives, #status = :running, waits = :none,"
            " expiresAt = :expires"
        )
        expression += "" if expected is None else ", dueAt = :due, dueShard = :shard"
        expression += " REMOVE endedAt" + (", dueAt, dueShard" if expected is None else "")
        expression += " DELETE starts :event" if listed else ""
        return self._claim(
            self._update(
                _key(journey.key, JOURNEY),
                expression,
                "#execution = :old" if journey.execution else "attribute_not_exists(#execution)",
                {
                    ":new": _s(execution),
                    ":now": _n(began_at),
                    ":lives": _n(journey.lives + 1),
                    ":running": _s(RUNNING),
                    ":none": {"M": {}},
                    ":expires": _n(expires),
                    **(
                        {}
                        if expected is None
                        else {":due": _n(began_at + expected), ":shard": _s(_shard("journey", journey.key))}
                    ),
                    **({":old": _s(journey.execution)} if journey.execution else {}),
                    **({":event": _element(listed)} if listed else {}),
                },
            ),
            self._update(
                _key(journey.key, EVENT + event.event_id),
                "SET #status = :starting, #name = :name, #time = :time, isStart = :true, #execution = :execution,"
                " payload = :payload, expiresAt = :expires REMOVE dueAt, dueShard",
                _unchanged(was_kept=was_kept),
                {
                    ":starting": _s(Status.STARTING),
                    **_kept_value(was_kept=was_kept),
                    ":name": _s(event.name),
                    ":time": _n(event.time),
                    ":true": {"BOOL": True},
                    ":execution": _s(execution),
                    ":payload": _s(event.payload_json),
                    ":expires": _n(_event_expiry(began_at)),
                },
            ),
        )

    def record_started(self, key: str, event_id: str) -> None:
        """STARTING → DONE."""
        self._write_one(
            self._update(
                _key(key, EVENT + event_id),
                "SET #status = :done REMOVE payload, choreography",
                "#status = :starting",
                {":done": _s(Status.DONE), ":starting": _s(Status.STARTING)},
            )["Update"]
        )

    def drop_wait(self, key: str, wait: OpenWait) -> None:
        """The wait goes, if its token is still that one: its state was left without an event."""
        ((action, parameters),) = self._remove_wait(key, wait)[0].items()
        self._write_one(parameters, "delete_item" if action == "Delete" else "update_item")

    def close(self, key: str, execution: str, status: str, ended_at: float) -> Journey | None:
        """The journey's row takes over how and when its execution ended; None if it is about that execution no longer.

        One that may yet be redriven keeps its row as long as if it ran, and its waits: they may be those of a redrive.
        """
        is_final = status == SUCCEEDED
        closed = self._write_one(
            self._update(
                _key(key, JOURNEY),
                "SET #status = :status, endedAt = :ended"
                f"{', expiresAt = :expires, waits = :none' if is_final else ''} REMOVE dueAt, dueShard",
                "#execution = :execution",
                {
                    ":status": _s(status),
                    ":ended": _n(ended_at),
                    ":execution": _s(execution),
                    **({":expires": _n(int(ended_at) + _JOURNEY_ROW_MARGIN), ":none": {"M": {}}} if is_final else {}),
                },
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if closed is None else journey_from(key, closed["Attributes"])

    # ---- parts --------

    def _remove_wait(
        self, key: str, wait: OpenWait, lists: str = "", event: KeptEvent | None = None
    ) -> list[dict[str, Any]]:
        """The writes, the first of which removes the wait on the condition that its token is still that one."""
        if wait.own_row is not None:
            delete = {
                "TableName": self.name,
                "Key": _key(key, wait.own_row),
                "ConditionExpression": "#wait.t = :token",
                "ExpressionAttributeNames": {"#wait": "wait"},
                "ExpressionAttributeValues": {":token": _s(wait.token)},
            }
            return [{"Delete": delete}, *([self._change_lists(key, lists, event)] if event else [])]
        return [
            self._update(
                _key(key, JOURNEY),
                f"REMOVE waits.#wait {lists}".strip(),
                "waits.#wait.t = :token",
                {":token": _s(wait.token), **({":event": _element(event)} if event else {})},
                {"#wait": wait.state},
            )
        ]

    def _change_lists(self, key: str, expression: str, event: KeptEvent) -> dict[str, Any]:
        # The condition keeps a deletion from making a row where the journey's own has expired.
        return self._update(_key(key, JOURNEY), expression, "attribute_exists(journey)", {":event": _element(event)})

    def _update(
        self,
        key: Item,
        expression: str,
        condition: str | None,
        values: Mapping[str, Any],
        names: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        text = f"{expression} {condition or ''}"
        known = {f"#{word}": word for word in _RESERVED if f"#{word}" in text} | (names or {})
        return {
            "Update": {
                "TableName": self.name,
                "Key": key,
                "UpdateExpression": expression,
                "ExpressionAttributeValues": values,
                **({"ConditionExpression": condition} if condition else {}),
                **({"ExpressionAttributeNames": known} if known else {}),
            }
        }

    def _claim(self, *actions: Mapping[str, Any]) -> bool:
        return self._transact(actions) is _Outcome.DONE

    def _record(self, *actions: Mapping[str, Any]) -> None:
        """A transaction whose failed condition means that another has done it. Conflicts pass."""
        for _ in range(_CONFLICT_TRIES):
            if self._transact(actions) is not _Outcome.CONFLICT:
                return
        raise RetryLater("other transactions hold the rows; the message must come again")

    def _transact(self, actions: Sequence[Mapping[str, Any]]) -> _Outcome:
        try:
            self.client.transact_write_items(TransactItems=list(actions))
        except ClientError as error:
            if _code(error) != "TransactionCanceledException":
                raise
            codes = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
            if "ConditionalCheckFailed" in codes:
                return _Outcome.REFUSED
            if codes <= {"None", "TransactionConflict"}:
                self._pause()
                return _Outcome.CONFLICT
            raise
        return _Outcome.DONE

    def _pause(self) -> None:
        self.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - two writers that met should not meet again

    def _put_one(self, put: Mapping[str, Any]) -> bool:
        """One PutItem; False if its condition failed, or a transaction holds the row."""
        try:
            self.client.put_item(**put)
        except ClientError as error:
            if _code(error) in ("ConditionalCheckFailedException", "TransactionConflictException"):
                return False
            raise
        return True

    def _write_one(self, write: Mapping[str, Any], operation: str = "update_item") -> Mapping[str, Any] | None:
        """One write; None if its condition failed: another has done it. Conflicts with transactions pass."""
        for _ in range(_CONFLICT_TRIES):
            try:
                return dict(getattr(self.client, operation)(**write))
            except ClientError as error:
                if _code(error) == "ConditionalCheckFailedException":
                    return None
                if _code(error) != "TransactionConflictException":
                    raise
                self._pause()
        raise RetryLater("transactions hold the row; the message must come again")


#: Attributes whose names are reserved words of DynamoDB's expressions, or that share the placeholder's name with one.
_RESERVED = ("status", "name", "time", "token", "wait", "execution")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def _list_of(row: EventRow) -> str:
    return "starts" if row.is_start else "kept"


def _moves(
    journey: Journey, wait: OpenWait, claimed: KeptEvent, *, was_kept: bool
) -> tuple[()] | tuple[str, KeptEvent]:
    """How the lists of a journey change when an event is claimed; nothing if none needs to name it.

    What was kept is taken out of `kept` whether the journey, as it was seen, names it or not: its row may have been
    read a moment later, when it had been given back. What stayed there would be looked for for ever.
    """
    if listed := journey.kept.get(claimed.event_id, claimed if was_kept else None):
        return "ADD claimed :event DELETE kept :event", listed
    return ("ADD claimed :event", claimed) if wait.tracked else ()


def claimed_as(journey: Journey, wait: OpenWait, claimed: KeptEvent, *, was_kept: bool) -> KeptEvent | None:
    """As what an event stands in `claimed` once it is claimed for *wait*; None if it does not."""
    moves = _moves(journey, wait, claimed, was_kept=was_kept)
    return moves[1] if moves else None


def _unchanged(*, was_kept: bool) -> str:
    """The condition that an event's row is still as it was seen: KEPT, or not there."""
    return "#status = :kept" if was_kept else "attribute_not_exists(#status)"


def _kept_value(*, was_kept: bool) -> dict[str, Any]:
    return {":kept": _s(Status.KEPT)} if was_kept else {}


def _shard(kind: str, key: str) -> str:
    return f"{kind}-{crc32(key.encode()) % DUE_SHARDS}"


def _key(journey: str, item: str) -> dict[str, Any]:
    return {"journey": {"S": journey}, "item": {"S": item}}


def _element(kept: KeptEvent) -> dict[str, Any]:
    """The element of `kept`, `starts` and `claimed` that stands for *kept*; EventBridge's ids have no ``#``."""
    numbers = "#".join(map(repr, (kept.time, kept.arrived_at, kept.deadline)))
    return {"SS": [f"{kept.event_id}#{numbers}#{kept.name}"]}


def _s(value: str) -> dict[str, str]:
    return {"S": str(value)}


def _n(value: float) -> dict[str, str]:
    return {"N": repr(value)}


def _event_expiry(after: float) -> int:
    return int(after) + EVENT_ROW_DAYS * _DAY
