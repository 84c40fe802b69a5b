"""What to do with an event, a deadline or a stream record: values in, one step out, nothing touched.

This is the protocol's reading half (the page "correlation protocol"); `correlation` performs the steps. Where several
workers look at one journey at once, each decides on what it saw, and the conditions of its claim (in `table`) send it
back here if that is no longer so.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Literal, NamedTuple

from .choreography import Choreography
from .events import Event, event_from_payload
from .journey import EventRow, Journey, Snapshot, Status, Wait

Kind = Literal["event", "deadline", "settle", "finish"]


class ExecutionState(Enum):
    """What Step Functions says of a journey's execution. MISSING: its start is in flight."""

    RUNNING = "RUNNING"
    MISSING = "MISSING"
    ENDED = "ENDED"


class Deviation(NamedTuple):
    """An unexpected event, in the words of the report (docs/interfaces.md, section 9)."""

    reason: Literal["UnexpectedEvent", "NoJourney", "JourneyEnded", "SecondStart", "TooOld"]
    cause: str
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policy: str | None = None


class _Bare:
    """A step that says all by its type."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class ReadAll(_Bare):
    """Decide again on the whole partition: events are kept, or a contest or a deadline is judged."""


class AskExecution(_Bare):
    """Decide again knowing whether the journey's execution runs."""


class AskWaits(_Bare):
    """Decide again knowing which of the open waits Step Functions still holds open."""


class Claim(NamedTuple):
    """Claim this event for this wait, and finish the claim."""

    event: Event
    wait: Wait
    was_kept: bool


class Keep(NamedTuple):
    """Keep the event; *settle_at* and the token that it is *held_for* are None unless it is contested."""

    settle_at: float | None = None
    held_for: str | None = None


class SendTimers(NamedTuple):
    """Have the event looked at again: at its deadline, or before that, when it has settled, if it is contested."""

    deadline: float | None
    settle_at: float | None = None


class SettleTimers(NamedTuple):
    """Have each of these contested events looked at again: event id, and when."""

    events: tuple[tuple[str, float], ...]


class Finish(NamedTuple):
    """Finish what somebody began with this row: a claim, a failure or a report."""

    row: EventRow


class ClaimFailure(NamedTuple):
    """The journey fails: take the event out of play together with the wait whose token reports it."""

    wait: Wait
    deviation: Deviation


class ClaimReport(NamedTuple):
    """Take the event out of play and report it; no journey fails."""

    deviation: Deviation
    is_start: bool = False


class ComeBack(NamedTuple):
    """Nothing can be said yet; look again later."""

    row: EventRow
    reason: str


class ClaimStart(NamedTuple):
    """A start event begins a new journey in place of *journey* (which has ended, or never was)."""

    journey: Journey
    was_kept: bool


class HandToStart(_Bare):
    """A kept start event may begin its journey now: that is the start function's to do."""


class HandToResume(_Bare):
    """A start event is being reported: that is the resume function's to finish."""


class Drop(NamedTuple):
    """Nothing to do. *duplicate*: the event was done before."""

    duplicate: bool = False


EventStep = (
    ReadAll
    | AskExecution
    | AskWaits
    | Claim
    | Keep
    | SendTimers
    | Finish
    | ClaimFailure
    | ClaimReport
    | ComeBack
    | HandToStart
    | Drop
)
StartStep = AskExecution | ClaimStart | Finish | Keep | SendTimers | HandToResume | ClaimReport | Drop
StreamStep = Finish | Claim | SettleTimers | Drop


class Question(NamedTuple):
    """All that a decision may rest on. *now* was read before the table was.

    *asked_waits*: the snapshot's open waits are open in Step Functions too, not only in the table.
    """

    kind: Kind
    event: Event
    choreography: Choreography
    snapshot: Snapshot
    now: float
    execution: ExecutionState | None = None
    asked_waits: bool = False

    @property
    def row(self) -> EventRow | None:
        """The table's row of the event in question."""
        return self.snapshot.row(self.event.event_id)

    @property
    def journey(self) -> Journey:
        """The journey in question."""
        return self.snapshot.journey


#: An event row outlives every retention its message can have: 1 day on EventBridge, 14 on a queue, 14 on its
#: dead-letter queue. Events older than MAX_AGE could meet no row of their own any more and are refused.
EVENT_ROW_DAYS = 45
MAX_AGE_SECONDS = 30 * 86_400


# ---- an event, its deadline, its settling --------


def decide(question: Question) -> EventStep:
    """The next step for one event of a journey."""
    row, snapshot = question.row, question.snapshot
    if row is not None and (step := _already_begun(row)):
        return step
    if snapshot.rows is None and _needs_rows(question):
        return ReadAll()
    if row is None and question.kind != "event":
        return Drop()  # its row has expired: there is nothing left to judge
    if row is not None and row.is_start:
        return _decide_kept_start(question, row)
    return _decide_open(question, row)


def _already_begun(row: EventRow) -> Finish | Drop | None:
    if row.status in (Status.DONE, Status.REPORTED):
        return Drop(duplicate=True)
    if row.status in (Status.CLAIMED, Status.FAILING, Status.REPORTING):
        return Finish(row)
    return None


def _needs_rows(question: Question) -> bool:
    """Whether the JOURNEY row alone does not tell what to do.

    It is enough for an event that comes if none of those kept can take its turn; and to hold one that is contested,
    unless that need not settle.
    """
    journey, event = question.journey, question.event
    if question.kind != "event" or event.event_id in journey.kept:
        return True
    accepting = [wait for wait in journey.open_waits if wait.variant_of(event) is not None]
    return any(
        journey.keeps_for(wait) or (_contested(wait, event) and not question.choreography.settle_seconds)
        for wait in accepting
    )


def _decide_open(question: Question, row: EventRow | None) -> EventStep:
    event, now = question.event, question.now
    if row is None and now - event.published > MAX_AGE_SECONDS:
        return ClaimReport(_too_old(question))
    accepting = [wait for wait in question.journey.open_waits if wait.variant_of(event) is not None]
    settle_at = held_for = None
    for wait in accepting:
        if _oldest(wait, question, _arrival(row, now)) != event.event_id:
            continue
        settle_at, held_for = _held_until(wait, event, _arrival(row, now), question), wait.token
        if settle_at is None:
            return Claim(event, wait, was_kept=row is not None)
    if row is None:
        return Keep(settle_at, held_for)
    if question.kind in ("event", "finish") or accepting or now < row.deadline:
        return _timers(question, row, settle_at)
    return _deviation(question, row)


def _timers(question: Question, row: EventRow, settle_at: float | None) -> SendTimers | Drop:
    """A settle message that finds its event settled and still not its turn needs no successor: the deadline has one."""
    if question.kind == "settle":
        return SendTimers(None, settle_at) if settle_at is not None else Drop()
    return SendTimers(row.deadline, settle_at)


def _arrival(row: EventRow | None, now: float) -> float:
    return now if row is None else row.arrived_at


def _contested(wait: Wait, event: Event) -> bool:
    variant = wait.variant_of(event)
    return variant is not None and bool(wait.accepts[variant].contested_by)


def _held_until(wait: Wait, event: Event, arrived_at: float, question: Question) -> float | None:
    """When a contested event may be looked at again; None if nothing holds it.

    It is held until it has settled, and on while an older one that it must not overtake is on its way.
    """
    if not _contested(wait, event):
        return None
    settled_at = arrived_at + question.choreography.settle_seconds
    if question.now < settled_at:
        return settled_at
    on_its_way = _claimed_before(wait, event, question) or _awaited_before(wait, event, question)
    return question.now + max(1.0, question.choreography.settle_seconds) if on_its_way else None


def _must_be_last(wait: Wait, event: Event) -> bool:
    """Whether *event* contests itself: perhaps since it ends the journey, and with it the lines beside its own."""
    variant = wait.variant_of(event)
    return variant is not None and variant in wait.accepts[variant].contested_by


def _claimed_before(wait: Wait, event: Event, question: Question) -> bool:
    """Whether an older event is claimed but not recorded: it may still be given back, or its line be ended."""
    rows = (question.snapshot.rows or {}).values()
    older = [row for row in rows if row.in_flight and row.event_id != event.event_id and row.time <= event.time]
    return any(wait.names(row.name) for row in older) or (bool(older) and _must_be_last(wait, event))


def _awaited_before(wait: Wait, event: Event, question: Question) -> bool:
    """Whether an older event is kept that another line waits for, which *event* might end."""
    if not _must_be_last(wait, event):
        return False
    older = [event_of(row) for row in question.snapshot.kept_rows if row.payload is not None and row.time <= event.time]
    others = [other for other in question.journey.open_waits if other is not wait]
    return any(
        other.variant_of(one) is not None and (one.time < event.time or not _must_be_last(other, one))
        for one in older
        for other in others
    )


def _oldest(wait: Wait, question: Question, arrived_at: float) -> str | None:
    """The id of the oldest event that *wait* accepts, among those kept and the one in question."""
    own = _Candidate(question.event, arrived_at)
    others = [c for c in _candidates(question.snapshot.kept_rows) if c.event.event_id != own.event.event_id]
    return oldest_accepted(wait, [own, *others])


class _Candidate(NamedTuple):
    event: Event
    arrived_at: float


def _candidates(rows: Iterable[EventRow]) -> list[_Candidate]:
    return [_Candidate(event_of(row), row.arrived_at) for row in rows if row.payload is not None]


def event_of(row: EventRow) -> Event:
    """The event that a row with a payload remembers."""
    if row.payload is None:
        raise ValueError(f"the row of event {row.event_id} holds no payload any more")
    return event_from_payload(row.payload, row.time)


def oldest_accepted(wait: Wait, candidates: Sequence[_Candidate]) -> str | None:
    """Oldest event time first; of the same time, the one after which another could still come; then arrival."""
    accepted = [(variant, c) for c in candidates if (variant := wait.variant_of(c.event)) is not None]
    if not accepted:
        return None
    first_time = min(candidate.event.time for _, candidate in accepted)
    tied = [(variant, c) for variant, c in accepted if c.event.time == first_time]
    variants = {variant for variant, _ in tied}
    leaders = [(v, c) for v, c in tied if not any(_goes_before(wait, other, v) for other in variants)]
    return min(leaders or tied, key=lambda pair: (pair[1].arrived_at, pair[1].event.event_id))[1].event.event_id


def _goes_before(wait: Wait, first: int, second: int) -> bool:
    """Whether the variant *second* could still come after *first*, but not the other way round."""
    return first in wait.accepts[second].contested_by and second not in wait.accepts[first].contested_by


# ---- a deadline has passed, and nothing accepts the event --------


def _is_over(question: Question) -> bool | None:
    """Whether there is no journey, or the table knows that it ended; None if Step Functions must be asked first."""
    journey = question.journey
    if not (journey.is_over and journey.may_be_redriven):
        return journey.is_over
    return None if question.execution is None else question.execution is not ExecutionState.RUNNING


def _deviation(question: Question, row: EventRow) -> EventStep:
    journey, snapshot = question.journey, question.snapshot
    over = _is_over(question)
    if over is not False:
        return _deviation_without_journey(question, row) if over else AskExecution()
    waits = journey.open_waits
    if any(other.status is Status.CLAIMED for other in (snapshot.rows or {}).values()):
        return ComeBack(row, "another event of this journey is on its way")
    if any(oldest_accepted(wait, _candidates(snapshot.kept_rows)) for wait in waits):
        return ComeBack(row, "a kept event of this journey is about to move it")
    if waits and not question.asked_waits:
        return AskWaits()  # a state that was left without its event (by a timeout, say) has left its wait in the table
    if waits:
        failing = [wait for wait in waits if (wait.unexpected or question.choreography.unexpected) == "fail"]
        deviation = _unexpected(question, row, waits, "fail" if failing else "ignore")
        return ClaimFailure(failing[0], deviation) if failing else ClaimReport(deviation, row.is_start)
    if question.execution is None:
        return AskExecution()
    if question.execution is ExecutionState.ENDED:
        return _deviation_without_journey(question, row)
    return ComeBack(row, "the journey's execution runs, and no wait is open")


def _deviation_without_journey(question: Question, row: EventRow) -> EventStep:
    """A start event that was kept while the last journey ran begins the next, at its own deadline at the latest.

    It may only not have been looked at since, and its journey may accept the event.
    """
    rows = (question.snapshot.rows or {}).values()
    if any(other.is_start and other.status is Status.KEPT and other is not row for other in rows):
        return ComeBack(row, "a kept start event is about to begin the next journey")
    return ClaimReport(_without_journey(question), row.is_start)


def _decide_kept_start(question: Question, row: EventRow) -> EventStep:
    """A start event that met a running journey may begin the next one, until its deadline.

    One that is STARTING has begun it, and its worker may have died over that: the start function finishes it.
    """
    over = _is_over(question)
    if over or row.status is Status.STARTING:
        return HandToStart()
    if over is None:
        return AskExecution()
    if question.now < row.deadline:
        return SendTimers(row.deadline)
    if question.execution is None:
        return AskExecution()
    return HandToStart() if question.execution is ExecutionState.ENDED else _deviation(question, row)


def _describe(question: Question) -> str:
    event = question.event
    known = "" if event.name in question.choreography.events else ", which the choreography does not know"
    return f"event {event.name!r} (id {event.event_id}, time {event.payload['time']}{known})"


def grace_seconds(journey: Journey, choreography: Choreography) -> float:
    """How long an event is kept that comes now: what the states say that the journey waits in, the longest of them."""
    usual = choreography.early_seconds
    said = [usual if wait.early_seconds is None else wait.early_seconds for wait in journey.open_waits]
    return max(said, default=usual)


def _unexpected(question: Question, row: EventRow, waits: Sequence[Wait], policy: str) -> Deviation:
    states = tuple((wait.state, tuple(dict.fromkeys(v.event for v in wait.accepts))) for wait in waits)
    met = "; ".join(f"state {state!r} accepts {_names(accepts, question.event.name)}" for state, accepts in states)
    own = any(wait.early_seconds is not None for wait in waits)
    grace = f"within {row.deadline - row.arrived_at if own else question.choreography.early_seconds:g} s"
    if row.is_start:
        cause = f"Start {_describe(question)} met a journey that runs and did not end {grace}: {met}."
        return Deviation("SecondStart", cause, states, policy)
    return Deviation("UnexpectedEvent", f"No state accepted {_describe(question)} {grace}: {met}.", states, policy)


def _names(names: Sequence[str], own: str) -> str:
    return f"{' or '.join(repr(name) for name in names)}{', but none like this one' if own in names else ''}"


def _without_journey(question: Question) -> Deviation:
    grace = f"within {question.choreography.early_seconds:g} s"
    if question.journey.execution_arn is None:
        return Deviation("NoJourney", f"No journey began {grace} for {_describe(question)}.")
    return Deviation("JourneyEnded", f"The journey had ended, and no other began {grace}, for {_describe(question)}.")


def _too_old(question: Question) -> Deviation:
    days = MAX_AGE_SECONDS // 86_400
    return Deviation("TooOld", f"Refused {_describe(question)}: older than the {days} days that are remembered.")


# ---- a start event --------


def decide_start(question: Question) -> StartStep:
    """The next step of the start function for a start event."""
    row, journey = question.row, question.journey
    if row is not None:
        if row.status in (Status.DONE, Status.REPORTED):
            return Drop(duplicate=True)
        if row.status in (Status.FAILING, Status.REPORTING):
            return HandToResume()
        if row.status is Status.STARTING:
            return Finish(row)
    elif question.kind != "event":
        return Drop()  # its row has expired: there is nothing left to judge
    elif question.now - question.event.published > MAX_AGE_SECONDS:
        return ClaimReport(_too_old(question), is_start=True)
    if _is_over(question) or question.execution is ExecutionState.ENDED:
        return ClaimStart(journey, was_kept=question.event.event_id in journey.kept)
    if question.execution is None:
        return AskExecution()
    poll_at = question.now + _poll_seconds(question, row)
    if row is None:
        return Keep(poll_at)
    if question.now >= row.deadline:  # handed over at its deadline, but another start event was faster
        return SendTimers(row.deadline)
    return SendTimers(row.deadline if question.kind == "event" else None, poll_at)


def _poll_seconds(question: Question, row: EventRow | None) -> float:
    """Look again after as long as the event has waited already, so that a long grace period costs few messages."""
    return max(1.0, question.choreography.settle_seconds, question.now - _arrival(row, question.now))


# ---- a stream record: a journey with kept events changed --------


def decide_stream(snapshot: Snapshot, choreography: Choreography, now: float) -> StreamStep:
    """Finish what is claimed; else claim the oldest deliverable; else have the contested ones looked at again."""
    rows = snapshot.rows or {}
    for row in rows.values():
        if row.status is Status.CLAIMED and row.event_id in snapshot.journey.kept:
            return Finish(row)
    held: dict[str, float] = {}
    candidates = _candidates(snapshot.kept_rows)
    for wait in snapshot.journey.open_waits:
        oldest = oldest_accepted(wait, candidates)
        if oldest is None:
            continue
        row = rows[oldest]
        question = Question("settle", event_of(row), choreography, snapshot, now)
        settle_at = _held_until(wait, question.event, row.arrived_at, question)
        if settle_at is None:
            return Claim(question.event, wait, was_kept=True)
        if row.held_for != wait.token:  # else whoever has kept it has it looked at again
            held[oldest] = settle_at
    return SettleTimers(tuple(held.items())) if held else Drop()
