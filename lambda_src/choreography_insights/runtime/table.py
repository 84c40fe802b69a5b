"""The journeys table: one method per call of the correlation protocol, its conditions beside it.

Methods that claim return False when a condition failed or another transaction was in the way: somebody was faster, so
read again and decide again. The forms of the rows are in docs/interfaces.md, section 5.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from .choreography import Choreography
from .decision import EVENT_ROW_DAYS, Deviation
from .events import Event, compact_json
from .faults import NotYet
from .journey import RUNNING, SUCCEEDED, EventRow, Journey, Snapshot, Status, Variant, Wait

_JOURNEY, _EVENT, _WAIT = "JOURNEY", "EVENT#", "wait:"
_AND_NAME = "#"  # ends an id; EventBridge's have none
_DAY = 86_400
#: A journey's row stays this long after all that it can still be needed for.
_JOURNEY_ROW_MARGIN = EVENT_ROW_DAYS * _DAY
_CONFLICT_TRIES = 6

#: So many overdue journeys are looked at each time: enough to say that there are many.
MOST_OVERDUE = 100

Item = Mapping[str, Mapping[str, Any]]


class Overdue(NamedTuple):
    """A journey that is marked running, and was due to have ended. *due_at*: epoch seconds."""

    key: str
    execution_arn: str
    due_at: float

    @property
    def choreography(self) -> str:
        """The choreography's name, which has no ``#``."""
        return self.key.partition("#")[0]

    @property
    def entity_id(self) -> str:
        """The entity's id."""
        return self.key.partition("#")[2]


class _Outcome(Enum):
    DONE = "done"
    REFUSED = "refused: a condition failed"
    CONFLICT = "conflict: another transaction holds a row"


class JourneyTable:
    """The rim towards DynamoDB. *sleep* is called with seconds between tries of a conflicting write."""

    def __init__(self, client: Any, name: str, sleep: Callable[[float], None]) -> None:
        self.client = client
        self.name = name
        self.sleep = sleep

    # ---- reading --------

    def read_journey(self, key: str) -> Snapshot:
        """The JOURNEY row alone, consistently."""
        response = self.client.get_item(TableName=self.name, Key=_key(key, _JOURNEY), ConsistentRead=True)
        return Snapshot(journey_from(key, response.get("Item")))

    def read_all(self, key: str) -> Snapshot:
        """The JOURNEY row and the row of every event, consistently."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="journey = :journey",
            ExpressionAttributeValues={":journey": {"S": key}},
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        journey = next((item for item in items if item["item"]["S"] == _JOURNEY), None)
        rows = [_event_row(item) for item in items if item["item"]["S"].startswith(_EVENT)]
        return Snapshot(journey_from(key, journey), {row.event_id: row for row in rows})

    def overdue(self, now: float) -> list[Overdue]:
        """Journeys that were due before *now*, those due longest first, not more than `MOST_OVERDUE` of them."""
        response = self.client.query(
            TableName=self.name,
            IndexName="overdue",
            KeyConditionExpression="#status = :running AND dueAt <= :now",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":running": _s(RUNNING), ":now": _n(now)},
            Limit=MOST_OVERDUE,
        )
        return [
            Overdue(item["journey"]["S"], item["executionArn"]["S"], float(item["dueAt"]["N"]))
            for item in response["Items"]
        ]

    # ---- a claim: the wait is taken away, the event row says for what --------

    def claim(
        self,
        key: str,
        event: Event,
        wait: Wait,
        now: float,
        deadline: float,
        *,
        was_kept: bool = False,
        memory: Mapping[str, Any] | None = None,
    ) -> bool:
        """The wait is removed if its token is still that one; the event turns from absent or KEPT to CLAIMED.

        Which of the two is what was seen, not what is found: whoever believes a kept event new would not take it out of
        `kept` in the end.
        The payload is not written here: a kept row has it, and otherwise the message that brings the event does, which
        stays on its queue until the event is DONE. What the journey remembers from then on is: it stood in the wait.
        """
        return self._claim(
            self._remove_wait(key, wait),
            self._update(
                _key(key, _EVENT + event.event_id),
                "SET #status = :claimed, #name = :name, #time = :time, #token = :token, #wait = :wait,"
                " #execution = :execution, arrivedAt = if_not_exists(arrivedAt, :now),"
                " deadline = if_not_exists(deadline, :deadline), expiresAt = :expires"
                + ("" if memory is None else ", remembered = :remembered"),
                _unchanged(was_kept=was_kept),
                {
                    ":claimed": _s(Status.CLAIMED),
                    **_kept_value(was_kept=was_kept),
                    ":name": _s(event.name),
                    ":time": _n(event.time),
                    ":token": _s(wait.token),
                    ":wait": _s(wait.state),
                    ":execution": _s(wait.execution),
                    ":now": _n(now),
                    ":deadline": _n(deadline),
                    ":expires": _n(_event_expiry(now)),
                    **({} if memory is None else {":remembered": _s(compact_json(memory))}),
                },
            ),
        )

    def record_done(self, key: str, event: Event, token: str, *, in_kept: bool) -> None:
        """CLAIMED with this token → DONE, and out of `kept`; nothing if somebody else recorded or gave it back."""
        done = self._update(
            _key(key, _EVENT + event.event_id),
            "SET #status = :done REMOVE payload, choreography, #token, remembered",
            "#status = :claimed AND #token = :token",
            {":done": _s(Status.DONE), ":claimed": _s(Status.CLAIMED), ":token": _s(token)},
        )
        if in_kept:
            self._record(done, self._remove_from_kept(key, event))
        else:
            self._write_one(done["Update"])

    def give_back(self, key: str, event: Event, token: str, choreography: Choreography) -> None:
        """CLAIMED with this token → KEPT, back in `kept`: its task was closed by something else."""
        self._record(
            self._update(
                _key(key, _EVENT + event.event_id),
                "SET #status = :kept, payload = :payload, choreography = :choreography"
                " REMOVE #token, #wait, #execution, remembered",
                "#status = :claimed AND #token = :token",
                {
                    ":kept": _s(Status.KEPT),
                    ":claimed": _s(Status.CLAIMED),
                    ":token": _s(token),
                    ":payload": _s(event.payload_json),
                    ":choreography": _s(choreography.to_json()),
                },
            ),
            self._update(_key(key, _JOURNEY), "ADD kept :event", None, _kept(event)),
        )

    # ---- an early or contested event --------

    def keep(
        self,
        journey: Journey,
        event: Event,
        choreography: Choreography,
        *,
        arrived_at: float,
        deadline: float,
        held_for: str | None = None,
        is_start: bool = False,
    ) -> bool:
        """The event's row is put, if there is none, and it is added to `kept`; the journey's row lives long enough."""
        row = {
            **_key(journey.key, _EVENT + event.event_id),
            "status": _s(Status.KEPT),
            "name": _s(event.name),
            "time": _n(event.time),
            "arrivedAt": _n(arrived_at),
            "deadline": _n(deadline),
            "payload": _s(event.payload_json),
            "choreography": _s(choreography.to_json()),
            "expiresAt": _n(max(_event_expiry(arrived_at), int(deadline) + _DAY)),
            **({"heldFor": _s(held_for)} if held_for else {}),
            **({"isStart": {"BOOL": True}} if is_start else {}),
        }
        expression, condition = "ADD kept :event", None
        values = _kept(event)
        if journey.expires_at < deadline + _DAY:
            expression += " SET expiresAt = :expires"
            condition = "attribute_not_exists(expiresAt) OR expiresAt < :expires"
            values[":expires"] = _n(int(deadline) + _JOURNEY_ROW_MARGIN)
        return self._claim(
            {"Put": {"TableName": self.name, "Item": row, "ConditionExpression": "attribute_not_exists(journey)"}},
            self._update(_key(journey.key, _JOURNEY), expression, condition, values),
        )

    # ---- a deviation --------

    def claim_failure(self, key: str, event_id: str, wait: Wait, deviation: Deviation) -> bool:
        """KEPT → FAILING with this wait's token, and the wait is removed if its token is still that one."""
        return self._claim(
            self._remove_wait(key, wait),
            self._update(
                _key(key, _EVENT + event_id),
                "SET #status = :failing, #token = :token, #wait = :wait, #execution = :execution,"
                " deviation = :deviation",
                "#status = :kept",
                {
                    ":failing": _s(Status.FAILING),
                    ":kept": _s(Status.KEPT),
                    ":token": _s(wait.token),
                    ":wait": _s(wait.state),
                    ":execution": _s(wait.execution),
                    ":deviation": _s(compact_json(deviation._asdict())),
                },
            ),
        )

    def claim_report(
        self, key: str, event: Event, deviation: Deviation, now: float, *, was_kept: bool, is_start: bool = False
    ) -> bool:
        """KEPT (or absent, if too old to be kept) → REPORTING, out of `kept`."""
        reporting = self._update(
            _key(key, _EVENT + event.event_id),
            "SET #status = :reporting, #name = :name, #time = :time, payload = :payload, deviation = :deviation,"
            " expiresAt = :expires" + (", isStart = :true" if is_start else ""),
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
        return self._claim(reporting, *([self._remove_from_kept(key, event)] if was_kept else []))

    def give_back_failure(self, key: str, event: Event, token: str) -> None:
        """FAILING with this token → KEPT: its task was closed by something else before the journey failed."""
        self._record(
            self._update(
                _key(key, _EVENT + event.event_id),
                "SET #status = :kept REMOVE #token, #wait, #execution, deviation",
                "#status = :failing AND #token = :token",
                {":kept": _s(Status.KEPT), ":failing": _s(Status.FAILING), ":token": _s(token)},
            ),
            self._update(_key(key, _JOURNEY), "ADD kept :event", None, _kept(event)),
        )

    def record_reported(self, key: str, event: Event, *, in_kept: bool) -> None:
        """FAILING or REPORTING → REPORTED, and out of `kept`."""
        reported = self._update(
            _key(key, _EVENT + event.event_id),
            "SET #status = :reported REMOVE payload, choreography, #token",
            "#status IN (:failing, :reporting)",
            {
                ":reported": _s(Status.REPORTED),
                ":failing": _s(Status.FAILING),
                ":reporting": _s(Status.REPORTING),
            },
        )
        self._record(reported, *([self._remove_from_kept(key, event)] if in_kept else []))

    # ---- a start event --------

    def claim_start(
        self,
        journey: Journey,
        event: Event,
        execution_arn: str,
        choreography: Choreography,
        now: float,
        *,
        was_kept: bool,
    ) -> bool:
        """The journey turns to its new execution if it still has the old one; old waits go; the event is STARTING."""
        old_waits = {f"#w{i}": _WAIT + wait.state for i, wait in enumerate(journey.waits)}
        expires = max(journey.expires_at, int(now + choreography.timeout_seconds) + _JOURNEY_ROW_MARGIN)
        expected = choreography.expected_seconds
        expression = "SET executionArn = :new, startedBy = :id, #status = :running, expiresAt = :expires"
        expression += "" if expected is None else ", dueAt = :due"
        gone = [*old_waits, *(["dueAt"] if expected is None else [])]
        expression += f" REMOVE {', '.join(gone)}" if gone else ""
        expression += " DELETE kept :event" if was_kept else ""
        return self._claim(
            self._update(
                _key(journey.key, _JOURNEY),
                expression,
                "executionArn = :old" if journey.execution_arn else "attribute_not_exists(executionArn)",
                {
                    ":new": _s(execution_arn),
                    ":id": _s(event.event_id),
                    ":running": _s(RUNNING),
                    ":expires": _n(expires),
                    **({} if expected is None else {":due": _n(now + expected)}),
                    **({":old": _s(journey.execution_arn)} if journey.execution_arn else {}),
                    **(_kept(event) if was_kept else {}),
                },
                old_waits,
            ),
            self._update(
                _key(journey.key, _EVENT + event.event_id),
                "SET #status = :starting, #name = :name, #time = :time, isStart = :true, #execution = :execution,"
                " payload = :payload, expiresAt = :expires",
                _unchanged(was_kept=was_kept),
                {
                    ":starting": _s(Status.STARTING),
                    **_kept_value(was_kept=was_kept),
                    ":name": _s(event.name),
                    ":time": _n(event.time),
                    ":true": {"BOOL": True},
                    ":execution": _s(execution_arn),
                    ":payload": _s(event.payload_json),
                    ":expires": _n(_event_expiry(now)),
                },
            ),
        )

    def record_started(self, key: str, event_id: str) -> None:
        """STARTING → DONE."""
        self._write_one(
            self._update(
                _key(key, _EVENT + event_id),
                "SET #status = :done REMOVE payload, choreography",
                "#status = :starting",
                {":done": _s(Status.DONE), ":starting": _s(Status.STARTING)},
            )["Update"]
        )

    def drop_wait(self, key: str, wait: Wait) -> None:
        """The wait goes, if its token is still that one: its state was left without an event."""
        self._write_one(self._remove_wait(key, wait)["Update"])

    def close(self, key: str, execution_arn: str, status: str, now: float) -> Journey | None:
        """The journey's row takes over how its execution ended; None if it is about that execution no longer.

        One that may yet be redriven keeps its row as long as if it ran.
        """
        is_final = status == SUCCEEDED
        closed = self._write_one(
            self._update(
                _key(key, _JOURNEY),
                f"SET #status = :status{', expiresAt = :expires' if is_final else ''} REMOVE dueAt",
                "executionArn = :execution",
                {
                    ":status": _s(status),
                    ":execution": _s(execution_arn),
                    **({":expires": _n(int(now) + _JOURNEY_ROW_MARGIN)} if is_final else {}),
                },
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if closed is None else journey_from(key, closed["Attributes"])

    # ---- parts --------

    def _remove_wait(self, key: str, wait: Wait) -> dict[str, Any]:
        return self._update(
            _key(key, _JOURNEY),
            "REMOVE #wait",
            "#wait.#token = :token",
            {":token": _s(wait.token)},
            {"#wait": _WAIT + wait.state},
        )

    def _remove_from_kept(self, key: str, event: Event) -> dict[str, Any]:
        # The condition keeps the deletion from making a row where the journey's own has expired.
        return self._update(_key(key, _JOURNEY), "DELETE kept :event", "attribute_exists(journey)", _kept(event))

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
        raise NotYet("other transactions hold the rows; the message must come again")

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

    def _write_one(self, update: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """One UpdateItem; None if its condition failed: another has done it. Conflicts with transactions pass."""
        for _ in range(_CONFLICT_TRIES):
            try:
                return dict(self.client.update_item(**update))
            except ClientError as error:
                if _code(error) == "ConditionalCheckFailedException":
                    return None
                if _code(error) != "TransactionConflictException":
                    raise
                self._pause()
        raise NotYet("transactions hold the row; the message must come again")


#: Attributes whose names are reserved words of DynamoDB's expressions, or that share the placeholder's name with one.
_RESERVED = ("status", "name", "time", "token", "wait", "execution")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def _unchanged(*, was_kept: bool) -> str:
    """The condition that an event's row is still as it was seen: KEPT, or not there."""
    return "#status = :kept" if was_kept else "attribute_not_exists(#status)"


def _kept_value(*, was_kept: bool) -> dict[str, Any]:
    return {":kept": _s(Status.KEPT)} if was_kept else {}


def _key(journey: str, item: str) -> dict[str, Any]:
    return {"journey": {"S": journey}, "item": {"S": item}}


def _kept(event: Event) -> dict[str, Any]:
    """The element of `kept` that stands for *event*: its name, too, tells who need not look at it."""
    return {":event": {"SS": [f"{event.event_id}{_AND_NAME}{event.name}"]}}


def _s(value: str) -> dict[str, str]:
    return {"S": str(value)}


def _n(value: float) -> dict[str, str]:
    return {"N": repr(value)}


def _event_expiry(now: float) -> int:
    return int(now) + EVENT_ROW_DAYS * _DAY


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: Item, name: str) -> float:
    return float(item[name]["N"]) if name in item else 0.0


def _json(item: Item, name: str) -> Any:
    return json.loads(item[name]["S"]) if name in item else None


def journey_from(key: str, item: Item | None) -> Journey:
    """The journey that a JOURNEY row tells of, or the image of one in the stream."""
    if item is None:
        return Journey(key)
    waits = [_wait(name.removeprefix(_WAIT), item[name]["M"]) for name in sorted(item) if name.startswith(_WAIT)]
    return Journey(
        key=key,
        execution_arn=_text(item, "executionArn"),
        status=_text(item, "status"),
        waits=tuple(waits),
        kept=dict(element.split(_AND_NAME, 1) for element in item.get("kept", {}).get("SS", ())),
        expires_at=int(_number(item, "expiresAt")),
        started_by=_text(item, "startedBy"),
    )


def _wait(state: str, fields: Item) -> Wait:
    return Wait(
        state=state,
        token=fields["token"]["S"],
        accepts=tuple(_variant(entry["M"]) for entry in fields["accepts"]["L"]),
        execution=fields["execution"]["S"],
        entered_at=datetime.fromisoformat(fields["enteredAt"]["S"]).timestamp(),
        state_name=_text(fields, "state") or state,
        unexpected=_text(fields, "unexpected"),
        early_seconds=_number(fields, "early") if "early" in fields else None,
        memory=_json(fields, "remembered"),
    )


def _variant(entry: Item) -> Variant:
    contested_by: Sequence[Mapping[str, str]] = entry.get("contestedBy", {}).get("L", ())
    return Variant(
        event=entry["event"]["S"],
        when=_json(entry, "when"),
        contested_by=tuple(int(position["N"]) for position in contested_by),
        sources=tuple(source["S"] for source in entry.get("sources", {}).get("L", ())),
        items=tuple((one["M"]["path"]["S"], one["M"]["key"]["S"]) for one in entry.get("items", {}).get("L", ())),
        remembered=_json(entry, "remembered"),
        remember={name: path["S"] for name, path in entry.get("remember", {}).get("M", {}).items()},
    )


def _event_row(item: Item) -> EventRow:
    return EventRow(
        event_id=str(item["item"]["S"]).removeprefix(_EVENT),
        status=Status(item["status"]["S"]),
        name=item["name"]["S"],
        time=_number(item, "time"),
        arrived_at=_number(item, "arrivedAt"),
        deadline=_number(item, "deadline"),
        is_start="isStart" in item,
        token=_text(item, "token"),
        wait=_text(item, "wait"),
        execution=_text(item, "execution"),
        payload=_json(item, "payload"),
        choreography=_json(item, "choreography"),
        deviation=_json(item, "deviation"),
        held_for=_text(item, "heldFor"),
        memory=_json(item, "remembered"),
    )
