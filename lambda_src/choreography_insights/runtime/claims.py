"""The rows of a journey in DynamoDB: how they are read, and how an event is claimed, recorded and given back.

Each condition stands beside its write. Methods that claim return False when a condition failed or another transaction
was in the way: somebody was faster, so read again and decide again. The forms of the rows are in
docs/reference/interfaces.md, section 5; `journey` reads them.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Self

from botocore.exceptions import ClientError

from choreography_insights.core.keys import EVENT, JOURNEY

from . import read_model
from .counting import Tally
from .errors import RetryLater, error_code
from .event import Event, compact_json
from .journey import (
    EVENT_ROW_DAYS,
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

DAY = 86_400
_CONFLICT_TRIES = 6
_MOST_KEYS = 100


class _Outcome(Enum):
    DONE = "done"
    REFUSED = "refused: a condition failed"
    CONFLICT = "conflict: another transaction holds a row"


class Claims:
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
        return Snapshot(journey_of(key, self._query(key, " AND #item >= :first", {":first": string(JOURNEY)})))

    def read_row(self, key: str) -> Journey:
        """The JOURNEY row alone, consistently: waits that have rows of their own are not in what it gives."""
        response = self.client.get_item(TableName=self.name, Key=key_of(key, JOURNEY), ConsistentRead=True)
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
            "ExpressionAttributeValues": {":journey": string(key), **(values or {})},
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
                    "Keys": [key_of(key, name) for name in names[first : first + _MOST_KEYS]],
                    "ConsistentRead": True,
                }
            }
            while wanted:
                response = self.client.batch_get_item(RequestItems=wanted)
                found += response["Responses"].get(self.name, [])
                wanted = response.get("UnprocessedKeys")
        return found

    # ---- a claim: the wait is taken away, the event row says for what --------

    def claim(
        self,
        journey: Journey,
        event: Event,
        wait: OpenWait,
        claimed: KeptEvent,
        *,
        now: float,
        variant: int,
        was_kept: bool = False,
        is_cut: bool = False,
        memory: Mapping[str, Any] | None = None,
        tally: Tally | None = None,
    ) -> bool:
        """The wait is removed if its token is still that one; the event turns from absent or KEPT to CLAIMED.

        Which of the two is what was seen, not what is found: whoever believes a kept event new would not take it out of
        `kept`. One that was in `kept`, or is claimed for a wait that is tracked, stands in `claimed` from then on.
        The payload is not written here: a kept row has it, and otherwise the message that brings the event does, which
        stays on its queue until the event is DONE. But of an event that has an id of its own, another message may bring
        another payload, and must finish the claim of this one. What the journey remembers from then on is written, and
        what has come of what is counted: it stood in the wait. *is_cut*: the row has no room for the whole
        of a kept event beside that. *now* and *variant* are for those who look.
        """
        values: dict[str, Any] = {
            ":claimed": string(Status.CLAIMED),
            ":token": string(wait.token),
            ":wait": string(wait.state),
            ":execution": string(journey.execution or ""),
            **kept_value(was_kept=was_kept),
            **({} if memory is None else {":remembered": string(compact_json(memory))}),
            **({} if tally is None else {":tally": string(compact_json(tally)), ":came": number(tally["came"])}),
            ":usedAt": {"N": repr(now)},
            ":entered": {"S": wait.entered},
            ":variant": {"N": str(variant)},
        }
        expression = "SET #status = :claimed, #token = :token, #wait = :wait, #execution = :execution"
        expression += f", {read_model.USED}"
        expression += "" if memory is None else ", remembered = :remembered"
        expression += "" if tally is None else f", tally = :tally, {read_model.COUNTED}"
        if wait.watches:
            expression += ", byFailure = :true"
            values[":true"] = {"BOOL": True}
        writes_payload = is_cut if was_kept else event.bridge_id is not None
        if writes_payload:
            expression += ", payload = :payload"
            values[":payload"] = string(event.payload_json)
        if was_kept:
            expression += " REMOVE dueAt, dueShard, heldFor, isStart"
        else:
            expression += ", #name = :name, #time = :time, arrivedAt = :arrived, expiresAt = :expires"
            values |= {
                ":name": string(event.name),
                ":time": number(event.time),
                ":arrived": number(claimed.arrived_at),
                ":expires": number(event_expiry(claimed.arrived_at)),
            }
        return self._claim(
            *self._remove_listed(
                journey.key,
                wait,
                *_moves(journey, wait, claimed, was_kept=was_kept),
                open_by=wait.accepts[variant].open_by,
            ),
            self._update(key_of(journey.key, EVENT + event.event_id), expression, unchanged(was_kept=was_kept), values),
        )

    def note(
        self,
        journey: Journey,
        event: Event,
        wait: OpenWait,
        kept: KeptEvent,
        *,
        now: float,
        variant: int,
        was_kept: bool,
    ) -> bool:
        """The event turns from absent or KEPT to DONE if the wait's token is still that one; the wait stays.

        Without that condition an event would be noted in a state that another has left.
        """
        expression = f"SET #status = :done, #wait = :wait, #execution = :execution, {read_model.NOTED}"
        values: dict[str, Any] = {
            ":done": string(Status.DONE),
            ":wait": string(wait.state),
            ":execution": string(journey.execution or ""),
            **kept_value(was_kept=was_kept),
            **read_model.noted(now, wait.entered, variant),
        }
        if was_kept:
            expression += " REMOVE payload, choreography, dueAt, dueShard, heldFor"
        else:
            expression += ", #name = :name, #time = :time, arrivedAt = :arrived, expiresAt = :expires"
            values |= {
                ":name": string(event.name),
                ":time": number(event.time),
                ":arrived": number(kept.arrived_at),
                ":expires": number(event_expiry(kept.arrived_at)),
            }
        return self._claim(
            *self._hold_wait(journey.key, wait, kept, was_kept=was_kept),
            self._update(key_of(journey.key, EVENT + event.event_id), expression, unchanged(was_kept=was_kept), values),
        )

    def record_done(self, key: str, event: Event, token: str, claimed: KeptEvent | None) -> None:
        """CLAIMED with this token → DONE, and out of `claimed`; nothing if somebody else recorded or gave it back."""
        done = self._update(
            key_of(key, EVENT + event.event_id),
            "SET #status = :done REMOVE payload, choreography, #token, remembered, tally, byFailure",
            "#status = :claimed AND #token = :token",
            {":done": string(Status.DONE), ":claimed": string(Status.CLAIMED), ":token": string(token)},
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
        *,
        may_begin: bool = False,
    ) -> None:
        """CLAIMED with this token → KEPT, back in `kept`: its task was closed by something else.

        What *may_begin* a journey, too, is a start event again, with the settings that its row has from the beginning.
        """
        lists = {":event": element(kept), **({":claimed": element(claimed)} if claimed else {})}
        settings = "isStart = :true" if may_begin else "choreography = :choreography"
        self._record(
            self._update(
                key_of(key, EVENT + event.event_id),
                f"SET #status = :kept, payload = :payload, {settings}, deadline = :deadline"
                f" REMOVE #token, #wait, #execution, remembered, tally, byFailure, {read_model.USE}",
                "#status = :claimed AND #token = :token",
                {
                    ":kept": string(Status.KEPT),
                    ":claimed": string(Status.CLAIMED),
                    ":token": string(token),
                    ":payload": string(event.payload_json),
                    **({":true": {"BOOL": True}} if may_begin else {":choreography": string(choreography.to_json())}),
                    ":deadline": number(kept.deadline),
                },
            ),
            self._update(
                key_of(key, JOURNEY),
                f"ADD {lists_of(is_start=may_begin, may_move=True)}{' DELETE claimed :claimed' if claimed else ''}",
                None,
                lists,
            ),
        )

    def drop_wait(self, key: str, wait: OpenWait) -> None:
        """The wait goes, if its token is still that one: its state was left without an event.

        The journey's row says so to those who look, if the wait stood in it.
        """
        lapsed = read_model.lapsed(wait.state, wait.entered)
        ((action, parameters),) = self._remove_wait(key, wait, also=f"SET {read_model.LAPSED}", values=lapsed).items()
        self._write_one(parameters, "delete_item" if action == "Delete" else "update_item")

    # ---- parts --------

    def _remove_listed(
        self,
        key: str,
        wait: OpenWait,
        lists: str = "",
        event: KeptEvent | None = None,
        *,
        open_by: Sequence[OpenWait] = (),
    ) -> list[dict[str, Any]]:
        """The writes that remove the wait, if its token is still that one, and change the journey's *lists*.

        *open_by*: the waits that open the gate of what it is used for. They are removed with it, on the same condition:
        their lines are over, and of two events one shuts the gate, or the other goes through.
        """
        if wait.own_row is not None:
            removed = [self._remove_wait(key, one) for one in (wait, *open_by)]
            return [*removed, *([self._change_lists(key, lists, event)] if event else [])]
        values = {":event": element(event)} if event else {}
        return [self._remove_wait(key, wait, open_by, lists, values)]

    def _hold_wait(self, key: str, wait: OpenWait, kept: KeptEvent, *, was_kept: bool) -> list[dict[str, Any]]:
        """The writes that change nothing of the wait if its token is still that one, and take *kept* out of `kept`.

        They are updates, as functions may make those: a mere check of a condition is a right of its own.
        """
        token = {":token": string(wait.token)}
        if wait.own_row is None:
            values, names = {**token, ":event": element(kept)}, {"#wait": wait.state}
            row = key_of(key, JOURNEY)
            return [self._update(row, "DELETE kept :event", "waits.#wait.t = :token", values, names)]
        held = self._update(key_of(key, wait.own_row), "SET #wait.t = :token", "#wait.t = :token", token)
        return [held, *([self._change_lists(key, "DELETE kept :event", kept)] if was_kept else [])]

    def _remove_wait(
        self,
        key: str,
        wait: OpenWait,
        beside: Sequence[OpenWait] = (),
        also: str = "",
        values: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """The write that removes the wait, and those *beside* it in the same row, if their tokens are still those.

        *also*: what is changed beside, with these *values*, in the journey's row if the wait stands in that.
        """
        if wait.own_row is not None:
            delete = {
                "TableName": self.name,
                "Key": key_of(key, wait.own_row),
                "ConditionExpression": "#wait.t = :token",
                "ExpressionAttributeNames": {"#wait": "wait"},
                "ExpressionAttributeValues": {":token": string(wait.token)},
            }
            return {"Delete": delete}
        return self._update(
            key_of(key, JOURNEY),
            f"REMOVE {', '.join(['waits.#wait', *(f'waits.#w{n}' for n in range(len(beside)))])} {also}".strip(),
            " AND ".join(["waits.#wait.t = :token", *(f"waits.#w{n}.t = :t{n}" for n in range(len(beside)))]),
            {
                ":token": string(wait.token),
                **{f":t{n}": string(other.token) for n, other in enumerate(beside)},
                **values,
            },
            {"#wait": wait.state, **{f"#w{n}": other.state for n, other in enumerate(beside)}},
        )

    def _change_lists(self, key: str, expression: str, event: KeptEvent) -> dict[str, Any]:
        # The condition keeps a deletion from making a row where the journey's own has expired.
        return self._update(key_of(key, JOURNEY), expression, "attribute_exists(journey)", {":event": element(event)})

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
            if error_code(error) != "TransactionCanceledException":
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
            if error_code(error) in ("ConditionalCheckFailedException", "TransactionConflictException"):
                return False
            raise
        return True

    def _write_one(self, write: Mapping[str, Any], operation: str = "update_item") -> Mapping[str, Any] | None:
        """One write; None if its condition failed: another has done it. Conflicts with transactions pass."""
        for _ in range(_CONFLICT_TRIES):
            try:
                return dict(getattr(self.client, operation)(**write))
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return None
                if error_code(error) != "TransactionConflictException":
                    raise
                self._pause()
        raise RetryLater("transactions hold the row; the message must come again")


#: Attributes whose names are reserved words of DynamoDB's expressions, or that share the placeholder's name with one.
_RESERVED = ("status", "name", "time", "token", "wait", "execution", "at")


def _moves(
    journey: Journey, wait: OpenWait, claimed: KeptEvent, *, was_kept: bool
) -> tuple[()] | tuple[str, KeptEvent]:
    """How the lists of a journey change when an event is claimed; nothing if none needs to name it.

    What was kept is taken out of `kept` whether the journey, as it was seen, names it or not: its row may have been
    read a moment later, when it had been given back. What stayed there would be looked for for ever.
    """
    if listed := journey.kept.get(claimed.event_id, claimed if was_kept else None):
        lists = lists_of(is_start=claimed.event_id in journey.starts, may_move=True)
        return f"ADD claimed :event DELETE {lists}", listed
    return ("ADD claimed :event", claimed) if wait.tracked else ()


def claimed_as(journey: Journey, wait: OpenWait, claimed: KeptEvent, *, was_kept: bool) -> KeptEvent | None:
    """As what an event stands in `claimed` once it is claimed for *wait*; None if it does not."""
    moves = _moves(journey, wait, claimed, was_kept=was_kept)
    return moves[1] if moves else None


def lists_of(*, is_start: bool, may_move: bool) -> str:
    """Where the journey's row names a kept event (``:event``), as an expression has it: what it may do says that."""
    names = [*(["starts"] if is_start else []), *(["kept"] if may_move or not is_start else [])]
    return ", ".join(f"{name} :event" for name in names)


def unchanged(*, was_kept: bool) -> str:
    """The condition that an event's row is still as it was seen: KEPT, or not there."""
    return "#status = :kept" if was_kept else "attribute_not_exists(#status)"


def kept_value(*, was_kept: bool) -> dict[str, Any]:
    """The value that the condition of `unchanged` names."""
    return {":kept": string(Status.KEPT)} if was_kept else {}


def key_of(journey: str, item: str) -> dict[str, Any]:
    """The primary key of a row."""
    return {"journey": {"S": journey}, "item": {"S": item}}


def element(kept: KeptEvent) -> dict[str, Any]:
    """The element of `kept`, `starts` and `claimed` that stands for *kept*; EventBridge's ids have no ``#``."""
    numbers = "#".join(map(repr, (kept.time, kept.arrived_at, kept.deadline)))
    return {"SS": [f"{kept.event_id}#{numbers}#{kept.name}"]}


def string(value: str) -> dict[str, str]:
    """*value* as DynamoDB takes it."""
    return {"S": str(value)}


def number(value: float) -> dict[str, str]:
    """*value* as DynamoDB takes it."""
    return {"N": repr(value)}


def event_expiry(after: float) -> int:
    """When the row of an event goes that may be asked for until *after*."""
    return int(after) + EVENT_ROW_DAYS * DAY
