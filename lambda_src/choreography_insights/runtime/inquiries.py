"""Read, decide, perform: round by round, until something is done about an event."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from .errors import RetryLater
from .journey import EVENT_ROW_DAYS, EventRow, Journey, Snapshot, Status, event_of
from .messages import EventMessage, RecheckMessage
from .names import execution_arn
from .ports import Ports
from .steps import (
    Asked,
    AskExecution,
    AskWaits,
    ExecutionState,
    Question,
    ReadAgain,
    ReadAll,
    ReadRows,
)

#: So often two workers that meet may send each other back to reading before the message has to come again.
MAX_ROUNDS = 20
#: Step Functions forgets an execution 90 days after its end; one that is not there so long after its start has ended.
FORGOTTEN_AFTER_SECONDS = EVENT_ROW_DAYS * 86_400

Step = TypeVar("Step")


def about_event(message: EventMessage, ports: Ports) -> Question:
    """The question that an event raises: the JOURNEY row alone is read for it. The clock is read before the table."""
    now = ports.clock()
    snapshot = ports.table.read_journey(message.journey_key)
    return Question(
        "event",
        message.event,
        message.choreography,
        snapshot,
        now,
        redelivery_seconds=ports.redelivery_seconds,
    )


def about_kept(
    message: RecheckMessage, ports: Ports, *, without_payload: Callable[[EventRow, float], None] | None = None
) -> Question | None:
    """The question that word to look again raises; None if the event is done, reported or forgotten.

    *without_payload* is called, with the row and the time, for an event whose row holds no payload.
    """
    now = ports.clock()
    snapshot = _of_one_moment(ports.table.read_with(message.journey_key, [message.event_id]), ports)
    row = snapshot.row(message.event_id)
    if row is None or row.status in (Status.DONE, Status.REPORTED):
        return None
    if row.payload is None and without_payload:
        without_payload(row, now)
        return None
    return Question(
        message.kind,
        event_of(row),
        message.choreography,
        snapshot,
        now,
        redelivered=message.receive_count > 1,
        redelivery_seconds=ports.redelivery_seconds,
    )


def go_round(
    question: Question,
    decide: Callable[[Question], Step],
    perform: Callable[[Step, Question], bool],
    ports: Ports,
) -> None:
    """Decide and perform; where a step needs to know more, or the table has changed under it, read and decide again."""
    for _ in range(MAX_ROUNDS):
        step, question = decide_knowing(question, decide, ports)
        if perform(step, question):
            return
        question = again(question, ports)
    raise RetryLater(f"event {question.event.event_id} met other workers {MAX_ROUNDS} times; it must come again")


def decide_knowing(question: Question, decide: Callable[[Question], Step], ports: Ports) -> tuple[Step, Question]:
    """The step that follows from all that had to be known for it, and what was known."""
    while True:
        step = decide(question)
        match step:
            case ReadRows(event_ids):
                snapshot = with_rows(question.snapshot, event_ids, ports, but=question.event.event_id)
                question = question._replace(snapshot=snapshot)
            case ReadAll():
                now, snapshot = ports.clock(), ports.table.read_all(question.journey.key)
                question = question._replace(
                    now=now, snapshot=_slim(snapshot, question.event.event_id), execution=None, asked=None
                )
            case ReadAgain():
                question = _looked_at_twice(question, ports)
            case AskExecution():
                question = _with_execution(question, ports)
            case AskWaits(stored):
                arn = question.choreography.state_machine_arn
                asked, journey = ask_waits(question.journey, arn, ports, stored=stored)
                question = question._replace(snapshot=question.snapshot._replace(journey=journey), asked=asked)
            case _:
                return step, question


def again(question: Question, ports: Ports) -> Question:
    """The same question after the table has changed."""
    now = ports.clock()
    event_id = question.event.event_id
    snapshot = ports.table.read_with(question.journey.key, [event_id, *sorted(question.snapshot.read)])
    snapshot = _slim(_of_one_moment(snapshot, ports), event_id)
    return question._replace(now=now, snapshot=snapshot, execution=None, asked=None)


def _looked_at_twice(question: Question, ports: Ports) -> Question:
    """The same question, knowing if the journey is still as it was seen: then it was all so at once, in between."""
    journey = ports.table.read_journey(question.journey.key).journey
    unchanged = _lines(journey) == _lines(question.journey)
    return question._replace(asked=(question.asked or Asked())._replace(of_one_moment=unchanged))


def _lines(journey: Journey) -> tuple[object, ...]:
    """What there is to say of where a journey is, and of its events."""
    return journey.execution, journey.status, journey.waits, journey.kept, journey.starts, journey.claimed


def with_rows(snapshot: Snapshot, event_ids: Iterable[str], ports: Ports, but: str = "") -> Snapshot:
    """*snapshot* with the rows of some events more."""
    asked = list(event_ids)
    found = snapshot.with_rows(ports.table.read_rows(snapshot.journey.key, asked), asked)
    return _slim(_of_one_moment(found, ports), but)


def _of_one_moment(snapshot: Snapshot, ports: Ports) -> Snapshot:
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


def _with_execution(question: Question, ports: Ports) -> Question:
    """Ask Step Functions for the journey's execution.

    One that is not there is about to start; but where that was to be long ago, it ended so long ago (90 days) that Step
    Functions has forgotten it.
    """
    journey = question.journey
    if journey.execution is None:
        return question._replace(execution=ExecutionState.ENDED)
    arn = execution_arn(question.choreography.state_machine_arn, journey.execution)
    state, ended_at = ports.executions.state(arn)
    if state is ExecutionState.MISSING and question.now - journey.started_at > FORGOTTEN_AFTER_SECONDS:
        state = ExecutionState.ENDED
    if ended_at is not None:  # the table may not know of it
        journey = journey._replace(ended_at=ended_at)
    return question._replace(execution=state, snapshot=question.snapshot._replace(journey=journey))


def ask_waits(journey: Journey, state_machine_arn: str, ports: Ports, *, stored: bool) -> tuple[Asked, Journey]:
    """Take out of the table the waits that Step Functions holds open no longer; *stored*: ask if it has others."""
    if not journey.waits or journey.execution is None:
        return Asked(all_stored=True), journey
    found = ports.executions.waits(
        execution_arn(state_machine_arn, journey.execution),
        [wait.token for wait in journey.waits],
        look_for_unstored=stored,
        now=ports.clock(),
    )
    closed = [wait for wait in journey.waits if wait.token in found.closed]
    for wait in closed:
        ports.table.drop_wait(journey.key, wait)
    left = journey._replace(waits=tuple(wait for wait in journey.waits if wait not in closed))
    return Asked(all_stored=not found.unstored if stored else None), left
