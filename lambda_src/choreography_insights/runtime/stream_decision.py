"""What follows from a stream record: a journey that has kept events changed."""

from .contested import held_until
from .journey import Status, event_of
from .steps import (
    AskWait,
    AskWaits,
    Claim,
    Drop,
    Finish,
    Note,
    Question,
    ReadRows,
    SettleTimers,
    StreamQuestion,
    StreamStep,
)
from .turn import next_in_turn


def decide_stream(known: StreamQuestion) -> StreamStep:
    """Finish what is claimed; else claim the event whose turn it is at some wait; else have those held looked at again.

    The first wait's that is free, though another's may be older: what must let an older event of another line go first
    is held for it, of all others any order will do. The claim changes the journey, so the next has a record of its own.
    """
    snapshot, journey = known.snapshot, known.snapshot.journey
    if unread := [event_id for event_id in journey.claimed if event_id not in snapshot.read]:
        return ReadRows(tuple(unread))
    for event_id in journey.claimed:
        row = snapshot.row(event_id)
        if row is not None and row.status is Status.CLAIMED and row.payload is not None:
            return Finish(row)
    held: dict[str, float] = {}
    for wait in journey.waits:
        turn = next_in_turn(wait, snapshot)
        if turn is None:
            continue
        if isinstance(turn, ReadRows):
            return turn
        if turn not in snapshot.read:
            return ReadRows((turn,))
        row = snapshot.row(turn)
        if row is None or row.status is not Status.KEPT or row.payload is None:
            continue  # somebody has it in hand
        event = event_of(row)
        variant = next((variant for one, variant in journey.accepting(event) if one is wait), None)
        if variant is None:
            continue
        question = Question("settle", event, known.choreography, snapshot, known.now, asked=known.asked)
        settle_at = held_until(wait, variant, row.as_kept, question)
        if settle_at is None:
            if not wait.accepts[variant].stays:
                return Claim(event, wait, variant, row)
            return Note(event, wait, variant, row) if known.open_token == wait.token else AskWait(wait)
        if isinstance(settle_at, ReadRows | AskWaits):
            return settle_at
        if row.held_for != wait.token:  # else whoever has kept it has it looked at again
            held[turn] = settle_at
    return SettleTimers(tuple(held.items())) if held else Drop()
