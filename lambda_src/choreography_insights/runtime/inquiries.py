"""What a decision asks for before it is made: rows, the journey once more, waits and executions in Step Functions."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from .errors import RetryLater
from .journey import EVENT_ROW_DAYS, EventRow, Journey, OpenWait, Snapshot, Status, event_of
from .names import execution_arn
from .ports import Ports
from .steps import (
    Asked,
    AskExecution,
    AskWait,
    AskWaits,
    ExecutionState,
    Inquiry,
    Question,
    ReadAgain,
    ReadAll,
    ReadRows,
    StreamQuestion,
)

#: So often two workers that meet may send each other back to reading before the message has to come again.
MAX_ROUNDS = 20
#: Step Functions forgets an execution 90 days after its end; one that is not there so long after its start has ended.
FORGOTTEN_AFTER_SECONDS = EVENT_ROW_DAYS * 86_400

AnyQuestion = TypeVar("AnyQuestion", Question, StreamQuestion)


def inquire(inquiry: Inquiry, question: AnyQuestion, ports: Ports) -> AnyQuestion:
    """*question*, knowing what the inquiry is for."""
    snapshot = question.snapshot
    match inquiry:
        case ReadRows(event_ids):
            found = with_rows(snapshot, event_ids, ports, but=question.event_id)
            return as_recorded(question._replace(snapshot=found))
        case ReadAll():
            now, whole = ports.clock(), ports.table.read_all(snapshot.journey.key)
            return question._replace(now=now, snapshot=_slim(whole, question.event_id), execution=None, asked=None)
        case ReadAgain():
            unchanged = _is_unchanged(snapshot.journey, ports)
            return question._replace(asked=(question.asked or Asked())._replace(of_one_moment=unchanged))
        case AskExecution():
            return _with_execution(question, ports)
        case AskWait(wait):
            arn = question.choreography.state_machine_arn
            _, journey = _ask_waits(snapshot.journey, [wait], arn, ports, stored=False)
            return question._replace(snapshot=snapshot._replace(journey=journey), open_token=wait.token)
        case AskWaits(stored):
            arn, waits = question.choreography.state_machine_arn, snapshot.journey.waits
            asked, journey = _ask_waits(snapshot.journey, waits, arn, ports, stored=stored)
            return question._replace(snapshot=snapshot._replace(journey=journey), asked=asked)


def as_recorded(question: AnyQuestion) -> AnyQuestion:
    """*question*, of which rows were read, about its event as the table has it.

    Of two messages with the same id of their own the first that was recorded counts, with all that is in it.
    """
    if not isinstance(question, Question) or question.row is None or question.row.payload is None:
        return question
    return question._replace(event=event_of(question.row))


def reread(question: Question, ports: Ports) -> Question:
    """The same question after the table has changed."""
    now, event_id = ports.clock(), question.event_id
    snapshot = ports.table.read_with(question.journey.key, [event_id, *sorted(question.snapshot.read)])
    snapshot = _slim(of_one_moment(snapshot, ports), event_id)
    return as_recorded(question._replace(now=now, snapshot=snapshot, execution=None, asked=None, open_token=""))


def _is_unchanged(seen: Journey, ports: Ports) -> bool:
    """Whether the journey is still as it was *seen*: then it was all so at once, in between."""
    return _lines(ports.table.read_journey(seen.key).journey) == _lines(seen)


def _lines(journey: Journey) -> tuple[object, ...]:
    """What there is to say of where a journey is, and of its events."""
    return journey.execution, journey.status, journey.waits, journey.kept, journey.starts, journey.claimed


def with_rows(snapshot: Snapshot, event_ids: Iterable[str], ports: Ports, but: str = "") -> Snapshot:
    """*snapshot* with the rows of some events more."""
    asked = list(event_ids)
    found = snapshot.with_rows(ports.table.read_rows(snapshot.journey.key, asked), asked)
    return _slim(of_one_moment(found, ports), but)


def of_one_moment(snapshot: Snapshot, ports: Ports) -> Snapshot:
    """*snapshot*, read again where a row has changed since the journey was read: its waits are others by now, too."""
    for _ in range(MAX_ROUNDS):
        journey = snapshot.journey
        kept = [row for one in (*journey.kept, *journey.starts) if (row := snapshot.row(one))]
        claimed = [row for one in journey.claimed if (row := snapshot.row(one))]
        if all(row.status is Status.KEPT for row in kept) and all(row.status is not Status.KEPT for row in claimed):
            return snapshot
        snapshot = ports.table.read_with(journey.key, sorted(snapshot.read))
    raise RetryLater(f"journey {snapshot.journey.key!r} changed {MAX_ROUNDS} times while it was read")


def _slim(snapshot: Snapshot, but: str) -> Snapshot:
    """*snapshot* without the payloads that no wait asks for: a thousand of them would not fit into memory."""
    rows = {
        event_id: row if event_id == but or not _is_idle(row, snapshot.journey) else row._replace(payload=None)
        for event_id, row in snapshot.rows.items()
    }
    return snapshot._replace(rows=rows)


def _is_idle(row: EventRow, journey: Journey) -> bool:
    if row.status is not Status.KEPT or row.is_start or row.payload is None:
        return False
    event = event_of(row)
    return all(wait.variant_of(event) is None for wait in journey.waits)


def _with_execution(question: AnyQuestion, ports: Ports) -> AnyQuestion:
    """Ask Step Functions for the journey's execution.

    One that is not there is about to start; but where that was to be long ago, it ended so long ago (90 days) that Step
    Functions has forgotten it.
    """
    journey = question.snapshot.journey
    if journey.execution is None:
        return question._replace(execution=ExecutionState.ENDED)
    arn = execution_arn(question.choreography.state_machine_arn, journey.execution)
    state, ended_at = ports.executions.state(arn)
    if state is ExecutionState.MISSING and question.now - journey.started_at > FORGOTTEN_AFTER_SECONDS:
        state = ExecutionState.ENDED
    if ended_at is not None:  # the table may not know of it
        journey = journey._replace(ended_at=ended_at)
    return question._replace(execution=state, snapshot=question.snapshot._replace(journey=journey))


def _ask_waits(
    journey: Journey, waits: Sequence[OpenWait], state_machine_arn: str, ports: Ports, *, stored: bool
) -> tuple[Asked, Journey]:
    """Take out of the table those of *waits* that Step Functions holds open no longer; *stored*: say if it has more."""
    if not waits or journey.execution is None:
        return Asked(all_stored=True), journey
    found = ports.executions.waits(
        execution_arn(state_machine_arn, journey.execution),
        [wait.token for wait in waits],
        look_for_unstored=stored,
        now=ports.clock(),
    )
    closed = [wait for wait in waits if wait.token in found.closed]
    for wait in closed:
        ports.table.drop_wait(journey.key, wait)
    left = journey._replace(waits=tuple(wait for wait in journey.waits if wait not in closed))
    return Asked(not found.unstored if stored else None, found.lags, found.to_begin), left
