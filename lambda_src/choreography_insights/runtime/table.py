"""The journeys table: one method per call of the correlation protocol, its conditions beside it.

Here is what keeps events, takes them out of play, and begins and ends journeys. What is on the way of every event is in
`claims`, what looks again later in `due_index`.
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from choreography_insights.core.keys import EVENT, JOURNEY

from . import read_model
from .claims import DAY, element, event_expiry, kept_value, key_of, lists_of, number, string, unchanged
from .due_index import DueIndex, shard
from .event import Event, compact_json
from .journey import (
    EVENT_ROW_DAYS,
    RUNNING,
    SUCCEEDED,
    EventRow,
    Journey,
    KeptEvent,
    OpenWait,
    Status,
    journey_from,
)
from .log import logger, reason_of
from .name_rows import NameRows
from .settings import ChoreographySettings
from .steps import Deviation

#: A journey's row stays this long after all that it can still be needed for.
_JOURNEY_ROW_MARGIN = EVENT_ROW_DAYS * DAY


class JourneyTable(DueIndex, NameRows):
    """All that the functions read and write of the journeys table."""

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
        may_move: bool = False,
        listed: bool = True,
    ) -> bool:
        """The event's row is put, if there is none; the journey's row names it (*listed*), and lives long enough.

        What no wait can ask for is not listed: it only waits for its deadline, and costs the journey nothing. A start
        event that *may_move* a journey, too, is in both lists.
        """
        row = {
            **key_of(journey.key, EVENT + event.event_id),
            "status": string(Status.KEPT),
            "name": string(event.name),
            "time": number(event.time),
            "arrivedAt": number(kept.arrived_at),
            "deadline": number(kept.deadline),
            "payload": string(event.payload_json),
            "choreography": string(choreography.to_json()),
            "expiresAt": number(event_expiry(kept.deadline)),
            **(
                {"dueAt": number(due_at), "dueShard": string(shard("event", journey.key))} if due_at is not None else {}
            ),
            **({"heldFor": string(held_for)} if held_for else {}),
            **({"isStart": {"BOOL": True}} if is_start else {}),
            **({"mayMove": {"BOOL": True}} if may_move else {}),
        }
        put = {"TableName": self.name, "Item": row, "ConditionExpression": "attribute_not_exists(journey)"}
        if not listed:
            return self._put_one(put)
        expression, condition = f"ADD {lists_of(is_start=is_start, may_move=may_move)}", None
        values: dict[str, Any] = {":event": element(kept)}
        if journey.expires_at < kept.deadline + DAY:
            expression += " SET expiresAt = :expires"
            condition = "attribute_not_exists(expiresAt) OR expiresAt < :expires"
            values[":expires"] = number(int(kept.deadline) + _JOURNEY_ROW_MARGIN)
        return self._claim({"Put": put}, self._update(key_of(journey.key, JOURNEY), expression, condition, values))

    # ---- a deviation --------

    def claim_failure(self, journey: Journey, row: EventRow, wait: OpenWait, deviation: Deviation) -> bool:
        """KEPT → FAILING with this wait's token, and the wait is removed if its token is still that one."""
        listed = journey.listed(row.event_id)
        lists = (f"ADD claimed :event DELETE {_lists_of(row)}", listed) if listed else ()
        return self._claim(
            *self._remove_listed(journey.key, wait, *lists),
            self._update(
                key_of(journey.key, EVENT + row.event_id),
                "SET #status = :failing, #token = :token, #wait = :wait, #execution = :execution,"
                " deviation = :deviation REMOVE dueAt, dueShard",
                "#status = :kept",
                {
                    ":failing": string(Status.FAILING),
                    ":kept": string(Status.KEPT),
                    ":token": string(wait.token),
                    ":wait": string(wait.state),
                    ":execution": string(journey.execution or ""),
                    ":deviation": string(compact_json(deviation._asdict())),
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
            key_of(key, EVENT + event_id),
            "SET #status = :reporting, #name = :name, #time = :time, payload = :payload, deviation = :deviation,"
            f" expiresAt = :expires{', isStart = :true' if is_start else ''} REMOVE dueAt, dueShard",
            unchanged(was_kept=was_kept),
            {
                ":reporting": string(Status.REPORTING),
                ":name": string(event.name),
                ":time": number(event.time),
                ":payload": string(event.payload_json),
                ":deviation": string(compact_json(deviation._asdict())),
                ":expires": number(event_expiry(now)),
                **kept_value(was_kept=was_kept),
                **({":true": {"BOOL": True}} if is_start else {}),
            },
        )
        if (listed := journey.listed(event_id)) is None:
            return self._claim(reporting)
        lists = lists_of(is_start=event_id in journey.starts, may_move=event_id in journey.kept)
        return self._claim(reporting, self._change_lists(key, f"DELETE {lists}", listed))

    def claim_repeated(self, journey: Journey, event: Event) -> bool:
        """KEPT → REPEATED, and out of `starts`, and `kept` if it was there."""
        repeated = self._update(
            key_of(journey.key, EVENT + event.event_id),
            "SET #status = :repeated REMOVE payload, choreography, dueAt, dueShard",
            "#status = :kept",
            {":repeated": string(Status.REPEATED), ":kept": string(Status.KEPT)},
        )
        listed = journey.starts.get(event.event_id)
        lists = lists_of(is_start=True, may_move=event.event_id in journey.kept)
        return self._claim(repeated, *([self._change_lists(journey.key, f"DELETE {lists}", listed)] if listed else []))

    def give_back_failure(self, key: str, row: EventRow, token: str, claimed: KeptEvent | None) -> None:
        """FAILING with this token → KEPT: its task was closed by something else before the journey failed."""
        kept = self._update(
            key_of(key, EVENT + row.event_id),
            "SET #status = :kept REMOVE #token, #wait, #execution, deviation",
            "#status = :failing AND #token = :token",
            {":kept": string(Status.KEPT), ":failing": string(Status.FAILING), ":token": string(token)},
        )
        change = f"ADD {_lists_of(row)} DELETE claimed :event"
        self._record(kept, *([self._change_lists(key, change, claimed)] if claimed else []))

    def record_reported(self, key: str, event: Event, claimed: KeptEvent | None, *, now: float | None) -> None:
        """FAILING or REPORTING → REPORTED, and out of `claimed`; from *now* on those who look find it, None: never."""
        shown = "" if now is None else f", {read_model.DEVIATED}"
        reported = self._update(
            key_of(key, EVENT + event.event_id),
            f"SET #status = :reported{shown} REMOVE payload, choreography, #token",
            "#status IN (:failing, :reporting)",
            {
                **({} if now is None else read_model.deviated(key, now)),
                ":reported": string(Status.REPORTED),
                ":failing": string(Status.FAILING),
                ":reporting": string(Status.REPORTING),
            },
        )
        self._record(reported, *([self._change_lists(key, "DELETE claimed :event", claimed)] if claimed else []))

    # ---- an event that came again --------

    def note_repeated(self, key: str, event_id: str, now: float) -> None:
        """Say in the event's row that it came again, if the row is still there; whatever is in the way of that passes.

        The row lives no longer for it, and nothing that the functions decide by is changed.
        """
        noted = self._update(
            key_of(key, EVENT + event_id), read_model.REPEATED, read_model.REPEATED_ANEW, read_model.repeated(now)
        )
        try:
            self.client.update_item(**noted["Update"])
        except (ClientError, BotoCoreError) as error:  # it is for those who look, and no message fails by it
            logger.debug("repeated event is not noted", event_id=event_id, reason=reason_of(error))

    # ---- a start event --------

    def claim_start(
        self,
        journey: Journey,
        event: Event,
        execution: str,
        choreography: ChoreographySettings,
        began_at: float,
        *,
        now: float,
        was_kept: bool,
    ) -> bool:
        """The journey turns to its new execution if it still has the old one; the event is STARTING.

        The old waits go with it: out of the row, and those in rows of their own since they name the old execution.
        *now* is for those who look; where the old journey was goes, too.
        """
        expires = max(journey.expires_at, int(began_at + choreography.timeout_seconds) + _JOURNEY_ROW_MARGIN)
        expected, listed = choreography.expected_seconds, journey.starts.get(event.event_id)
        expression = (
            "SET #execution = :new, startedAt = :now, lives = :lives, #status = :running, waits = :none,"
            " expiresAt = :expires, begunBy = :begun"
        )
        expression += "" if expected is None else ", dueAt = :due, dueShard = :shard"
        expression += f" REMOVE endedAt, {read_model.OF_A_JOURNEY}"
        expression += ", dueAt, dueShard" if expected is None else ""
        lists = lists_of(is_start=True, may_move=event.event_id in journey.kept)
        expression += f" DELETE {lists}" if listed else ""
        return self._claim(
            self._update(
                key_of(journey.key, JOURNEY),
                expression,
                "#execution = :old" if journey.execution else "attribute_not_exists(#execution)",
                {
                    ":new": string(execution),
                    ":now": number(began_at),
                    ":lives": number(journey.lives + 1),
                    ":begun": string(event.likeness),
                    ":running": string(RUNNING),
                    ":none": {"M": {}},
                    ":expires": number(expires),
                    **(
                        {}
                        if expected is None
                        else {":due": number(began_at + expected), ":shard": string(shard("journey", journey.key))}
                    ),
                    **({":old": string(journey.execution)} if journey.execution else {}),
                    **({":event": element(listed)} if listed else {}),
                },
            ),
            self._update(
                key_of(journey.key, EVENT + event.event_id),
                "SET #status = :starting, #name = :name, #time = :time, isStart = :true, #execution = :execution,"
                f" payload = :payload, expiresAt = :expires, {read_model.BEGUN} REMOVE dueAt, dueShard",
                unchanged(was_kept=was_kept),
                {
                    **read_model.begun(now),
                    ":starting": string(Status.STARTING),
                    **kept_value(was_kept=was_kept),
                    ":name": string(event.name),
                    ":time": number(event.time),
                    ":true": {"BOOL": True},
                    ":execution": string(execution),
                    ":payload": string(event.payload_json),
                    ":expires": number(event_expiry(began_at)),
                },
            ),
        )

    def record_started(self, key: str, event_id: str) -> None:
        """STARTING → DONE."""
        self._write_one(
            self._update(
                key_of(key, EVENT + event_id),
                "SET #status = :done REMOVE payload, choreography",
                "#status = :starting",
                {":done": string(Status.DONE), ":starting": string(Status.STARTING)},
            )["Update"]
        )

    def close(self, key: str, execution: str, status: str, ended_at: float) -> Journey | None:
        """The journey's row takes over how and when its execution ended; None if it is about that execution no longer.

        One that may yet be redriven keeps its row as long as if it ran, and its waits: they may be those of a redrive.
        Those who look for where journeys are find it no more.
        """
        is_final = status == SUCCEEDED
        closed = self._write_one(
            self._update(
                key_of(key, JOURNEY),
                "SET #status = :status, endedAt = :ended"
                f"{', expiresAt = :expires, waits = :none' if is_final else ''}"
                f" REMOVE dueAt, dueShard, {read_model.WHEREABOUTS}",
                "#execution = :execution",
                {
                    ":status": string(status),
                    ":ended": number(ended_at),
                    ":execution": string(execution),
                    **({":expires": number(int(ended_at) + _JOURNEY_ROW_MARGIN)} if is_final else {}),
                    **({":none": {"M": {}}} if is_final else {}),
                },
            )["Update"]
            | {"ReturnValues": "ALL_NEW"}
        )
        return None if closed is None else journey_from(key, closed["Attributes"])


def _lists_of(row: EventRow) -> str:
    return lists_of(is_start=row.is_start, may_move=row.may_move)
