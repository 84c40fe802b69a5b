"""How long a contested event is held, so that none that must go before it is overtaken."""

from .event import Event
from .journey import EventRow, KeptEvent, OpenWait, Snapshot, Status, event_of
from .steps import HISTORY_LAG_SECONDS, AskWaits, Question, ReadRows
from .turn import MOST_READ, next_in_turn

#: So long after a line has moved history tells what followed, in whole seconds, as SQS delays; and so many lines move.
_MOVE_SECONDS, _MOST_MOVES = HISTORY_LAG_SECONDS + 1.0, 40


def held_until(wait: OpenWait, variant: int, own: KeptEvent, question: Question) -> float | ReadRows | AskWaits | None:
    """When a contested event may be looked at again; None if nothing holds it. *variant*: as what *wait* accepts it.

    It is held until it has settled, and on while an older one that it must not overtake is on its way. So is one that
    is younger than a start event that waits: it may be the next journey's.
    """
    event = question.event
    contested = bool(wait.accepts[variant].contested_by) or wait.accepts[variant].yields
    starts = question.journey.starts.values()
    is_after_start = any(one.time <= event.time for one in starts if one.event_id != event.event_id)
    if not contested and not is_after_start:
        return None
    settled_at = own.arrived_at + question.choreography.settle_seconds
    if question.now < settled_at:
        return settled_at
    if is_after_start and (behind := _is_behind_another(event, question)):
        return behind if isinstance(behind, ReadRows) else _later(wait, own, question)
    if not contested:
        return None
    yields = wait.accepts[variant].yields
    is_last = wait.must_be_last(variant) or (yields and wait.accepts[variant].stays)
    # A line that goes before may not have stored its wait, or be about to end the one of *wait*. Where nothing but a
    # failure of the whole journey ends lines, that matters only while an older event is kept.
    if yields or (is_last and wait.beside and (wait.races or _older(question, same_time=True))):
        if question.asked is None or question.asked.all_stored is None:
            return AskWaits(stored=True)
        if not question.asked.all_stored:
            return (_when_history_tells if question.asked.lags else _later)(wait, own, question)
    on_its_way = _claimed_before(wait, question, any_line=is_last or yields) or (
        (is_last or yields) and _awaited_before(wait, question, is_last=is_last)
    )
    if isinstance(on_its_way, ReadRows):
        return on_its_way
    return _later(wait, own, question) if on_its_way else None


def _later(wait: OpenWait, own: KeptEvent, question: Question) -> float:
    """As long again as *wait* and the event have both been there; the event may have come long before, early."""
    return question.now + max(1.0, question.now - max(own.arrived_at, wait.entered_at))


def _when_history_tells(wait: OpenWait, own: KeptEvent, question: Question) -> float:
    """When history will tell what followed a move, even if each event that goes before may move a line, too.

    Half as late again each time, since lines may go on to move: a message must not go round for ever.
    """
    waits, since = question.journey.waits, max(own.arrived_at + question.choreography.settle_seconds, wait.entered_at)
    before = [
        one for one in _older(question, same_time=True) if (one.time, one.arrived_at) <= (own.time, own.arrived_at)
    ]
    moves = 1 + sum(any(other.names(one.name) for other in waits) for one in before)
    return question.now + max(min(moves, _MOST_MOVES) * _MOVE_SECONDS, (question.now - since) / 2)


def _is_behind_another(event: Event, question: Question) -> bool | ReadRows:
    """Whether it is an older kept event's turn at some wait, which may end this journey before *event* comes.

    Until its grace period is over: its own judgement waits for what is about to move the journey, and that is *event*.
    """
    journey = question.journey
    older = {
        one.event_id: one for one in journey.kept.values() if one.time < event.time and question.now < one.deadline
    }
    if not older:
        return False
    for wait in journey.waits:
        turn = next_in_turn(wait, question.snapshot)
        if isinstance(turn, ReadRows):
            return turn
        if turn in older:
            return True
    return False


def _claimed_before(wait: OpenWait, question: Question, *, any_line: bool) -> bool:
    """Whether an older event is claimed but not recorded: it may still be given back, or its line be ended."""
    event = question.event
    older = [one for one in in_flight(question.snapshot, event.event_id) if one.time <= event.time]
    return any(wait.names(one.name) for one in older) or (bool(older) and any_line)


def in_flight(snapshot: Snapshot, but: str) -> list[KeptEvent]:
    """The events that are claimed and not recorded, as far as it was read, less the one with the id *but*."""
    found = dict(snapshot.journey.claimed)
    if snapshot.is_whole:
        found = {row.event_id: row.as_kept for row in snapshot.rows.values() if row.in_flight}
    return [kept for kept in found.values() if kept.event_id != but]


def _awaited_before(wait: OpenWait, question: Question, *, is_last: bool) -> bool | ReadRows:
    """Whether an older event is kept that another line waits for: one of the two may end the other's.

    *is_last*: it is the event in question that may, or is only noted; then others of its own time go first, too.
    """
    event, snapshot, journey = question.event, question.snapshot, question.journey
    older = _older(question, same_time=is_last)
    if not older:
        return False
    if unread := [kept.event_id for kept in older if kept.event_id not in snapshot.read]:
        return ReadRows(tuple(unread[:MOST_READ]))
    others = [other for other in journey.waits if other is not wait]
    rows = [row for kept in older if (row := snapshot.row(kept.event_id)) and row.status is Status.KEPT]
    return any(_takes_before(other, row, event, wait) for row in rows if row.payload is not None for other in others)


def _older(question: Question, *, same_time: bool) -> list[KeptEvent]:
    """The journey's kept events that are older than the one in question; *same_time*: or as old."""
    event, journey = question.event, question.journey
    return [
        kept
        for kept in journey.kept.values()
        if kept.event_id != event.event_id
        and (kept.time < event.time or (same_time and kept.time == event.time))
        and journey.has_as_own(kept)
    ]


def _takes_before(other: OpenWait, row: EventRow, event: Event, wait: OpenWait) -> bool:
    """Whether the wait *other* accepts the kept event of *row*, which must go before *event*, of *wait*.

    Of the same time, what a line waits for goes before what ends the line.
    """
    one = event_of(row)
    variant = other.variant_of(one)
    if variant is None:
        return False
    return one.time < event.time or not other.must_be_last(variant) or (wait.watches and not other.watches)
