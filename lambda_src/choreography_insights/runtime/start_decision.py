"""What the start function does with a start event."""

from .deadline import is_over, too_old
from .decision import as_kept, is_full, too_many
from .journey import MAX_AGE_SECONDS, SETTLED, EventRow, Status
from .steps import (
    AskExecution,
    ClaimReport,
    ClaimStart,
    Drop,
    ExecutionState,
    Finish,
    GiveWay,
    HandToResume,
    Keep,
    Question,
    ReadRows,
    SendTimers,
    StartStep,
)


def decide_start(question: Question) -> StartStep:
    """The next step of the start function for a start event."""
    row, journey, event = question.row, question.journey, question.event
    if row is None and event.event_id in journey.starts and event.event_id not in question.snapshot.read:
        return ReadRows((event.event_id,))
    if row is not None:
        if row.status in SETTLED:
            return Drop(duplicate=True)
        if row.status in (Status.CLAIMED, Status.FAILING, Status.REPORTING):
            return HandToResume()
        if row.status is Status.STARTING:
            return Finish(row)
    elif question.kind != "event":
        return Drop()  # its row has expired: there is nothing left to judge
    elif question.now - event.published > MAX_AGE_SECONDS:
        return ClaimReport(too_old(question), is_start=True)
    poll_at = question.now + _poll_seconds(question, row)
    if is_over(question) or question.execution is ExecutionState.ENDED:
        own = as_kept(question)
        first = min((*journey.starts.values(), own), key=lambda one: (one.time, one.arrived_at, one.event_id))
        if first.event_id == own.event_id:
            return ClaimStart(journey, row)
        if row is None and is_full(question):
            return _too_many(question)
        return GiveWay(first.event_id, poll_at)
    if question.execution is None and not (row is None and _is_awaited(question)):
        return AskExecution()
    if row is None:
        return _too_many(question) if is_full(question) else Keep(poll_at)
    deadline = row.deadline or 0.0
    if question.now >= deadline:  # handed over at its deadline, but another start event was faster
        return SendTimers(deadline)
    return SendTimers(deadline if question.kind == "event" else None, poll_at)


def _is_awaited(question: Question) -> bool:
    """Whether a wait asks for events of that name: then the event most likely moves the journey, if only once kept."""
    name = question.event.name
    return name in question.choreography.moves and any(wait.names(name) for wait in question.journey.waits)


def _too_many(question: Question) -> ClaimReport:
    return ClaimReport(too_many(question), is_start=True)


def _poll_seconds(question: Question, row: EventRow | None) -> float:
    """Look again after three times as long as the event has waited already: a long grace period costs few looks."""
    waited = 0.0 if row is None else question.now - row.arrived_at
    return max(1.0, question.choreography.settle_seconds, 3 * waited)
