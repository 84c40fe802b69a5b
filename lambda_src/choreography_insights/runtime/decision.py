"""What to do with an event, when it comes, has settled or is due: values in, one step out, nothing touched.

This is the protocol's reading half (the page "correlation protocol"); `correlation` performs the steps. Where several
workers look at one journey at once, each decides on what it saw, and the conditions of its claim (in `claims`) send it
back here if that is no longer so. Whose turn it is says `turn`, what is held `contested`, what is judged `deadline`;
start events and stream records have files of their own.
"""

from collections.abc import Sequence

from .contested import held_until
from .deadline import describe, deviation, is_over, retired, too_old
from .journey import MAX_AGE_SECONDS, SETTLED, EventRow, KeptEvent, OpenWait, Status
from .steps import (
    AskExecution,
    AskWait,
    AskWaits,
    Claim,
    ClaimFailure,
    ClaimReport,
    ComeBack,
    Deviation,
    Drop,
    EventStep,
    ExecutionState,
    Finish,
    HandToStart,
    Keep,
    Note,
    Question,
    ReadRows,
    SendTimers,
)
from .turn import next_in_turn

#: A journey's row names so many kept events at most. It may have 400 KB, and they leave the rest to waits.
MOST_KEPT, MOST_KEPT_BYTES = 1_000, 230_000


def decide(question: Question) -> EventStep:
    """The next step for one event of a journey."""
    event_id, snapshot = question.event.event_id, question.snapshot
    journey, row = snapshot.journey, snapshot.rows.get(event_id)
    if row is None:
        if event_id not in snapshot.read and (
            event_id in journey.kept or event_id in journey.claimed or event_id in journey.starts
        ):
            return ReadRows((event_id,))
        if question.kind != "event":
            return Drop()  # its row has expired: there is nothing left to judge
        if question.now - question.event.published > MAX_AGE_SECONDS:
            return _unless_retired(question, ClaimReport(too_old(question)))
    elif row.status in SETTLED:
        return Drop(duplicate=True)
    elif row.status in (Status.CLAIMED, Status.FAILING, Status.REPORTING):
        return Finish(row)
    elif row.is_start:
        return _decide_kept_start(question, row)
    return _decide_open(question, row)


def _decide_open(question: Question, row: EventRow | None) -> EventStep:
    event, now, snapshot = question.event, question.now, question.snapshot
    journey, own = snapshot.journey, as_kept(question)
    accepting = journey.accepting(event) if journey.has_as_own(own) else []
    settle_at = held_for = None
    for wait, variant in accepting:
        turn = next_in_turn(wait, snapshot, own, variant) if journey.kept else own.event_id
        if isinstance(turn, ReadRows):
            return turn
        if turn != own.event_id:
            continue
        accepted = wait.accepts[variant]
        may_be_held = journey.starts or accepted.contested_by or accepted.yields
        held = held_until(wait, variant, own, question) if may_be_held else None
        if isinstance(held, ReadRows | AskWaits):
            return held
        settle_at, held_for = held, wait.token
        if settle_at is None:
            if not accepted.stays:
                return Claim(event, wait, variant, row)
            # Step Functions hears nothing of a note: that the wait is still open must be asked for.
            return Note(event, wait, variant, row) if question.open_token == wait.token else AskWait(wait)
    if row is None:
        return _keep(question, settle_at, held_for, listed=bool(accepting) or question.is_known)
    deadline = own.deadline
    if question.kind in ("event", "finish") or accepting or now < deadline:
        return _timers(question, deadline, settle_at)
    if question.redelivered and now < deadline + question.redelivery_seconds:
        # What it waits for may have met the same trouble, and come again a little later.
        return ComeBack(row, now + question.redelivery_seconds, "its message had to come again")
    return _unless_retired(question, deviation(question, row))


def _unless_retired(question: Question, step: EventStep) -> EventStep:
    """The *step*; but where it would report a retired event, or let the journey fail by it, that is only counted."""
    if isinstance(step, ClaimFailure | ClaimReport) and question.event.name in question.choreography.retired:
        return ClaimReport(retired(question))
    return step


def as_kept(question: Question, but: OpenWait | None = None) -> KeptEvent:
    """The event as the journey's row says it of those kept; *but*: a wait that has no say in how long that is."""
    event, row = question.event, question.snapshot.rows.get(question.event.event_id)
    if row is not None and row.deadline is not None:
        return row.as_kept
    waits = [wait for wait in question.snapshot.journey.waits if wait is not but and not wait.watches]
    arrived_at = question.now if question.arrived_at is None else question.arrived_at
    deadline = round(arrived_at + grace_seconds(question, waits), 3)
    return KeptEvent(event.event_id, event.time, round(arrived_at, 3), deadline, event.name)


def grace_seconds(question: Question, waits: Sequence[OpenWait]) -> float:
    """How long the event may wait for its turn: by what the states say that the journey is in, the longest.

    An older event may lie on its queue after a failure, or a death of the function; it gets the time to come again.
    """
    usual = question.choreography.early_seconds
    said = [usual if wait.early_seconds is None else wait.early_seconds for wait in waits]
    return max(said, default=usual) + question.redelivery_seconds


def _keep(question: Question, settle_at: float | None, held_for: str | None, *, listed: bool) -> EventStep:
    if question.asked is None and any(wait.early_seconds is not None for wait in question.journey.waits):
        return AskWaits()  # a state that was left has no say in how long an event is kept
    if listed and is_full(question):
        return _unless_retired(question, ClaimReport(too_many(question)))
    return Keep(settle_at, held_for, listed)


def is_full(question: Question) -> bool:
    """Whether the journey's row has no room to name the event, too: what Step Functions writes there goes first."""
    journey = question.journey
    named = len(journey.kept) + len(journey.starts)
    return named >= MOST_KEPT or journey.listed_bytes + as_kept(question).size > MOST_KEPT_BYTES


def _timers(question: Question, deadline: float, settle_at: float | None) -> SendTimers | Drop:
    """A settle message that finds its event settled and still not its turn needs no successor: the deadline has one."""
    if question.kind == "settle":
        return SendTimers(None, settle_at) if settle_at is not None else Drop()
    return SendTimers(deadline, settle_at)


def _decide_kept_start(question: Question, row: EventRow) -> EventStep:
    """A start event that met a running journey may begin the next one, until its deadline.

    So this comes first; whoever judged it a deviation instead would do so by the order of two messages alone. One that
    may move the journey is an event like any other as long as that runs.
    """
    over = is_over(question)
    if over is None:
        return AskExecution()
    if over or question.execution is ExecutionState.ENDED:
        return HandToStart()
    if row.may_move:
        return _decide_open(question, row)
    if question.kind != "deadline" or question.now < (row.deadline or 0.0):
        return _timers(question, row.deadline or 0.0, None)
    return deviation(question, row)


def too_many(question: Question) -> Deviation:
    """Say that so many events are kept already."""
    named = len(question.journey.kept) + len(question.journey.starts)
    cause = f"Refused {describe(question)}: {named} events of this entity are kept for their turn already."
    return Deviation("TooManyKept", cause)
