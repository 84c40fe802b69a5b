"""Read, decide, perform: round by round, until something is done about an event."""

from collections.abc import Callable
from typing import TypeVar

from .decision import AskExecution, AskWaits, ExecutionState, Question, ReadAll, event_of
from .faults import NotYet
from .journey import EventRow, Status
from .messages import AgainMessage, EventMessage
from .ports import Ports

#: So often two workers that meet may send each other back to reading before the message has to come again.
MAX_ROUNDS = 20

Step = TypeVar("Step")


def about_event(message: EventMessage, ports: Ports) -> Question:
    """The question that an event raises: the JOURNEY row alone is read for it. The clock is read before the table."""
    now = ports.clock()
    return Question("event", message.event, message.choreography, ports.table.read_journey(message.journey_key), now)


def about_kept(
    message: AgainMessage, ports: Ports, *, without_payload: Callable[[EventRow, float], None] | None = None
) -> Question | None:
    """The question that word to look again raises; None if the event is done, reported or forgotten.

    *without_payload* is called, with the row and the time, for an event whose row holds no payload.
    """
    now = ports.clock()
    snapshot = ports.table.read_all(message.journey_key)
    row = snapshot.row(message.event_id)
    if row is None or row.status in (Status.DONE, Status.REPORTED):
        return None
    if row.payload is None and without_payload:
        without_payload(row, now)
        return None
    return Question(message.kind, event_of(row), message.choreography, snapshot, now)


def go_round(
    question: Question,
    decide: Callable[[Question], Step],
    perform: Callable[[Step, Question], bool],
    ports: Ports,
) -> None:
    """Decide and perform; where a step needs to know more, or the table has changed under it, read and decide again."""
    for _ in range(MAX_ROUNDS):
        step = decide(question)
        if isinstance(step, AskExecution):
            question = _with_execution(question, ports)
        elif isinstance(step, AskWaits):
            question = _without_closed_waits(question, ports)
        elif isinstance(step, ReadAll) or not perform(step, question):
            now = ports.clock()
            snapshot = ports.table.read_all(question.journey.key)
            question = question._replace(now=now, snapshot=snapshot, execution=None, asked_waits=False)
        else:
            return
    raise NotYet(f"event {question.event.event_id} met other workers {MAX_ROUNDS} times; it must come again")


def _with_execution(question: Question, ports: Ports) -> Question:
    """Ask Step Functions for the journey's execution.

    One that is not there is about to start; but where even the row of its start event has expired, it ended so long ago
    (90 days) that Step Functions has forgotten it.
    """
    journey = question.journey
    if journey.execution_arn is None or journey.started_by is None:
        return question._replace(execution=ExecutionState.ENDED)
    state = ports.executions.state(journey.execution_arn)
    if state is ExecutionState.MISSING:
        snapshot = question.snapshot if question.snapshot.rows is not None else ports.table.read_all(journey.key)
        if snapshot.row(journey.started_by) is None:
            state = ExecutionState.ENDED
    return question._replace(execution=state)


def _without_closed_waits(question: Question, ports: Ports) -> Question:
    """Take the waits out of the table that Step Functions holds open no longer, and decide without them."""
    journey = question.journey
    waits = journey.open_waits  # all of one execution: the journey's own
    tokens = ports.executions.waits(waits[0].execution, [wait.token for wait in waits]).closed if waits else ()
    closed = [wait for wait in waits if wait.token in tokens]
    for wait in closed:
        ports.table.drop_wait(journey.key, wait)
    journey = journey._replace(waits=tuple(wait for wait in journey.waits if wait not in closed))
    return question._replace(snapshot=question.snapshot._replace(journey=journey), asked_waits=True)
