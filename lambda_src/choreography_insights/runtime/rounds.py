"""Read, decide, perform: round by round, until something is done about an event."""

from collections.abc import Callable
from typing import TypeVar

from .decision import AskExecution, ExecutionState, Question, ReadAll, event_of
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
            question = question._replace(execution=_execution_state(question, ports))
        elif isinstance(step, ReadAll) or not perform(step, question):
            now = ports.clock()
            question = question._replace(now=now, snapshot=ports.table.read_all(question.journey.key), execution=None)
        else:
            return
    raise NotYet(f"event {question.event.event_id} met other workers {MAX_ROUNDS} times; it must come again")


def _execution_state(question: Question, ports: Ports) -> ExecutionState:
    arn = question.journey.execution_arn
    return ports.executions.state(arn) if arn else ExecutionState.ENDED
