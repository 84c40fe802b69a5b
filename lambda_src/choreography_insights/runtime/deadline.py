"""A deadline has passed and nothing accepts the event: it is looked at later, or it is a deviation, in words."""

from collections.abc import Sequence

from .contested import in_flight
from .event import Event
from .journey import MAX_AGE_SECONDS, EventRow, OpenWait
from .settings import ChoreographySettings
from .steps import (
    AskExecution,
    AskWaits,
    ClaimFailure,
    ClaimRepeated,
    ClaimReport,
    ComeBack,
    Deviation,
    EventStep,
    ExecutionState,
    Question,
    ReadAgain,
    ReadAll,
    ReadRows,
)
from .turn import next_in_turn

#: Before an event is said to have come after the end, word of an end is believed for so long: a bad deployment ends
#: thousands of journeys, and Step Functions answers few questions a second.
DOUBT_AFTER_SECONDS = 300.0
_QUICK_SECONDS = 900.0
_LONGEST_PAUSE_SECONDS = 6 * 3600.0


def is_over(question: Question, believed_seconds: float = 0.0) -> bool | None:
    """Whether there is no journey, or the table knows that it ended; None if Step Functions must be asked first.

    An end that is younger than *believed_seconds* is believed unasked.
    """
    journey = question.journey
    if not (journey.is_over and journey.may_be_redriven):
        return journey.is_over
    if question.execution is not None:
        return question.execution is not ExecutionState.RUNNING
    return True if question.now - journey.ended_at < believed_seconds else None


def deviation(question: Question, row: EventRow) -> EventStep:
    """What becomes of the event of *row*, whose grace period is over and which no wait accepts."""
    journey, snapshot, now = question.journey, question.snapshot, question.now
    if not row.is_start and not journey.has_as_own(row.as_kept):
        return ClaimReport(_without_journey(question))
    over = is_over(question, DOUBT_AFTER_SECONDS)
    if over is not False:
        return _deviation_without_journey(question, row) if over else AskExecution()
    back = now + pause(now - (row.deadline or now))
    judging = [wait for wait in journey.waits if not wait.watches]
    failing = [wait for wait in judging if (wait.unexpected or question.choreography.unexpected) == "fail"]
    if not snapshot.is_whole and (failing or any(wait.retries for wait in journey.waits)):
        return ReadAll()  # once for a journey that fails: its wait may be there again, written twice, after a claim
    if in_flight(snapshot, row.event_id):
        return ComeBack(row, back, "another event of this journey is on its way")
    for wait in journey.waits:
        turn = next_in_turn(wait, snapshot)
        if isinstance(turn, ReadRows):
            return turn
        if turn is not None:
            return ComeBack(row, back, "a kept event of this journey is about to move it")
    waits = journey.waits
    beside = any(wait.beside for wait in waits)
    if waits and (question.asked is None or (beside and question.asked.all_stored is None)):
        # A state that was left without its event (by a timeout, say) has left its wait in the table, and one that was
        # entered may not have stored its own.
        return AskWaits(stored=beside)
    if waits and beside and question.asked is not None and not question.asked.all_stored:
        return ComeBack(row, back, "a state was entered whose wait is not stored yet")
    if question.asked and any(queue.may_await(question.event) for queue in question.asked.to_begin):
        return ComeBack(row, back, "a line that may await it has yet to begin")
    if judging:
        return _judged_by_waits(question, row, failing, back)
    if question.execution is None:
        return AskExecution()
    if question.execution is ExecutionState.ENDED:
        return _deviation_without_journey(question, row)
    return ComeBack(row, back, "the journey's execution runs, and no wait is open")


def _judged_by_waits(question: Question, row: EventRow, failing: Sequence[OpenWait], back: float) -> EventStep:
    """The journey waits, and not for this event. *failing*: the waits by which it fails.

    Rows of waits are not read at one moment: one wait may have been claimed, and another stored or an event kept after
    that, and all be read. What is read twice, and the same, was there at once.
    """
    waits, asked = question.journey.waits, question.asked
    if any(wait.own_row is not None for wait in waits) and (asked is None or not asked.of_one_moment):
        if asked is None or asked.of_one_moment is None:
            return ReadAgain()
        return ComeBack(row, back, "the journey has changed while it was looked at")
    if row.is_start and question.journey.was_begun_by(question.event):
        return ClaimRepeated()
    deviation = _unexpected(question, row, waits, "fail" if failing else "report")
    return ClaimFailure(failing[0], deviation) if failing else ClaimReport(deviation, row.is_start)


def pause(overdue_seconds: float) -> float:
    """Four times as late each time at first, so that a chain of messages stays short; then half as long again."""
    quick = max(1.0, 3 * overdue_seconds)
    return quick if quick < _QUICK_SECONDS else min(_LONGEST_PAUSE_SECONDS, max(_QUICK_SECONDS, overdue_seconds / 2))


def _deviation_without_journey(question: Question, row: EventRow) -> EventStep:
    """Report the event, unless a start event is kept: that begins the next journey, which may accept the event.

    It does so at the start event's deadline at the latest; until then this one comes back.
    """
    if any(start.event_id != row.event_id for start in question.journey.starts.values()):
        back = question.now + pause(question.now - (row.deadline or question.now))
        return ComeBack(row, back, "a kept start event is about to begin the next journey")
    return ClaimReport(_without_journey(question), row.is_start)


def _unexpected(question: Question, row: EventRow, waits: Sequence[OpenWait], policy: str) -> Deviation:
    accepted = ((one.state, tuple(dict.fromkeys(v.event for v in one.accepts if not v.is_shut))) for one in waits)
    states = tuple((state, events) for state, events in accepted if events)
    met = "; ".join(f"state {state!r} accepts {_names(accepts, question.event.name)}" for state, accepts in states)
    grace = _within(question, row)
    if row.is_start:
        cause = f"Start {describe(question)} met a journey that runs and did not end {grace}: {met}."
        return Deviation("SecondStart", cause, states, policy)
    return Deviation("UnexpectedEvent", f"No state accepted {describe(question)} {grace}: {met}.", states, policy)


def _within(question: Question, row: EventRow | None) -> str:
    """The grace period in words, as the user has set it."""
    given = None if row is None or row.deadline is None else row.deadline - row.arrived_at
    usual = question.choreography.early_seconds
    return f"within {usual if given is None else given - question.redelivery_seconds:g} s"


def _names(names: Sequence[str], own: str) -> str:
    return f"{' or '.join(repr(name) for name in names)}{', but none like this one' if own in names else ''}"


def _without_journey(question: Question) -> Deviation:
    journey = question.journey
    grace = f"within {question.choreography.early_seconds:g} s"
    others = journey.lives if question.row is None or journey.has_as_own(question.row.as_kept) else journey.lives - 1
    if others < 1:
        return Deviation("NoJourney", f"No journey began {grace} for {describe(question)}.")
    return Deviation("JourneyEnded", f"The journey had ended, and no other began {grace}, for {describe(question)}.")


def too_old(question: Question) -> Deviation:
    """The deviation of an event that could meet no row of its own any more."""
    days = MAX_AGE_SECONDS // 86_400
    return Deviation("TooOld", f"Refused {describe(question)}: older than the {days} days that are remembered.")


def retired(question: Question) -> Deviation:
    """What is said of a retired event that no journey awaits."""
    return Deviation("Retired", f"No state accepted {describe(question)}, which is retired.")


def too_big(event: Event, choreography: ChoreographySettings, why: str) -> Deviation:
    """The deviation of an event whose turn it is, and which no execution can be given."""
    cause = f"Set aside event {event.name!r} (id {event.ids_in_words}): {why}"
    return Deviation("TooBigToRemember", cause, policy=choreography.unexpected)


def describe(question: Question) -> str:
    """The event in question, as a cause names it."""
    event = question.event
    known = "" if question.is_known else ", which the choreography does not know"
    return f"event {event.name!r} (id {event.ids_in_words}, time {event.payload['time']}{known})"
