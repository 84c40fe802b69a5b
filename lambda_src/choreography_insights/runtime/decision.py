"""What to do with an event, a deadline or a stream record: values in, one step out, nothing touched.

This is the protocol's reading half (the page "correlation protocol"); `correlation` performs the steps. Where several
workers look at one journey at once, each decides on what it saw, and the conditions of its claim (in `table`) send it
back here if that is no longer so.
"""

from collections.abc import Sequence
from enum import Enum
from itertools import groupby
from typing import Literal, NamedTuple

from .envelope import Event, event_from_payload
from .journey import EventRow, Journey, KeptEvent, OpenWait, Snapshot, Status
from .settings import ChoreographySettings

Kind = Literal["event", "deadline", "settle", "finish"]


class ExecutionState(Enum):
    """What Step Functions says of a journey's execution. MISSING: its start is in flight."""

    RUNNING = "RUNNING"
    MISSING = "MISSING"
    ENDED = "ENDED"


class Asked(NamedTuple):
    """What Step Functions said of the open waits: those it holds open no longer are gone from the snapshot.

    *all_stored*: it waits nowhere but where the table says. *of_one_moment*: the table said the same of the journey
    before it was asked and after. Each is None if nobody has looked.
    """

    all_stored: bool | None = None
    of_one_moment: bool | None = None


class Deviation(NamedTuple):
    """An unexpected event, in the words of the report (docs/reference/interfaces.md, section 9)."""

    reason: Literal[
        "UnexpectedEvent", "NoJourney", "JourneyEnded", "SecondStart", "TooOld", "TooManyKept", "TooBigToRemember"
    ]
    cause: str
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policy: str | None = None


class _Bare:
    """A step that says all by its type."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class ReadRows(NamedTuple):
    """Decide again knowing the rows of these events."""

    event_ids: tuple[str, ...]


class ReadAll(_Bare):
    """Decide again knowing every row of the journey: a claim for a wait that is not tracked shows nowhere else."""


class ReadAgain(_Bare):
    """Decide again knowing whether the journey is still as it was read: its rows were not read at one moment."""


class AskExecution(_Bare):
    """Decide again knowing whether the journey's execution runs."""


class AskWaits(NamedTuple):
    """Decide again knowing which waits Step Functions still holds open, and (*stored*) if it has others, too."""

    stored: bool = False


class Claim(NamedTuple):
    """Claim this event for this wait, and finish the claim. *row*: its row, where it was kept."""

    event: Event
    wait: OpenWait
    row: EventRow | None = None


class Keep(NamedTuple):
    """Keep the event; *settle_at* and the token that it is *held_for* are None unless it is contested.

    *listed*: a wait could ask for it, so that the journey's row has to name it.
    """

    settle_at: float | None = None
    held_for: str | None = None
    listed: bool = True


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

    wait: OpenWait
    deviation: Deviation


class ClaimReport(NamedTuple):
    """Take the event out of play and report it; no journey fails."""

    deviation: Deviation
    is_start: bool = False


class ComeBack(NamedTuple):
    """Nothing can be said yet; look again at *at*."""

    row: EventRow
    at: float
    reason: str


class ClaimStart(NamedTuple):
    """A start event begins a new journey in place of *journey* (which has ended, or never was)."""

    journey: Journey
    row: EventRow | None = None


class GiveWay(NamedTuple):
    """An older start event waits as well: have that one looked at now, and this one again at *poll_at*."""

    first: str
    poll_at: float


class HandToStart(_Bare):
    """A kept start event may begin its journey now: that is the start function's to do."""


class HandToResume(_Bare):
    """A start event is being reported: that is the resume function's to finish."""


class Drop(NamedTuple):
    """Nothing to do. *duplicate*: the event was done before."""

    duplicate: bool = False


EventStep = (
    ReadRows
    | ReadAll
    | ReadAgain
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
StartStep = (
    ReadRows | AskExecution | ClaimStart | GiveWay | Finish | Keep | SendTimers | HandToResume | ClaimReport | Drop
)
StreamStep = ReadRows | AskWaits | Finish | Claim | SettleTimers | Drop


class Question(NamedTuple):
    """All that a decision may rest on. *now* was read before the table was.

    *asked*: what Step Functions said of the open waits. *redelivered*: the message had come before, in vain.
    *redelivery_seconds*: how long a message may take to come again.
    """

    kind: Kind
    event: Event
    choreography: ChoreographySettings
    snapshot: Snapshot
    now: float
    execution: ExecutionState | None = None
    asked: Asked | None = None
    redelivered: bool = False
    redelivery_seconds: float = 0.0

    @property
    def row(self) -> EventRow | None:
        """The table's row of the event in question."""
        return self.snapshot.row(self.event.event_id)

    @property
    def journey(self) -> Journey:
        """The journey in question."""
        return self.snapshot.journey

    @property
    def grace_seconds(self) -> float:
        """How long the event may wait for its turn: by what the states say that the journey is in, the longest.

        An older event may lie on its queue after a failure, or a death of the function; it gets the time to come again.
        """
        usual = self.choreography.early_seconds
        waits = self.journey.waits
        said = [usual if wait.early_seconds is None else wait.early_seconds for wait in waits]
        return max(said, default=usual) + self.redelivery_seconds

    @property
    def as_kept(self) -> KeptEvent:
        """The event as the journey's row says it of those kept."""
        if self.row is not None and self.row.deadline is not None:
            return self.row.as_kept
        event, now = self.event, round(self.now, 3)
        return KeptEvent(event.event_id, event.time, now, round(now + self.grace_seconds, 3), event.name)


#: An event row outlives every retention its message can have: 1 day on EventBridge, 14 on a queue, 14 on its
#: dead-letter queue. Events older than MAX_AGE could meet no row of their own any more and are refused.
EVENT_ROW_DAYS = 45
MAX_AGE_SECONDS = 30 * 86_400
#: A journey's row names so many kept events at most: they take 100 of the 400 KB that it may have; waits need room.
MOST_KEPT = 1_000
#: Before an event is said to have come after the end, word of an end is believed for so long: a bad deployment ends
#: thousands of journeys, and Step Functions answers few questions a second.
DOUBT_AFTER_SECONDS = 300.0
#: Step Functions forgets an execution 90 days after its end; one that is not there so long after its start has ended.
FORGOTTEN_AFTER_SECONDS = EVENT_ROW_DAYS * 86_400
_QUICK_SECONDS = 900.0
_LONGEST_PAUSE_SECONDS = 6 * 3600.0
#: Rows are read a few at first; where that was not enough, as many again as were read already.
_FIRST_READ = 5
_MOST_READ = 50


# ---- an event, its deadline, its settling --------


def decide(question: Question) -> EventStep:
    """The next step for one event of a journey."""
    row, event_id = question.row, question.event.event_id
    if row is None and _is_listed(question.journey, event_id) and event_id not in question.snapshot.read:
        return ReadRows((event_id,))
    if row is not None and (step := _already_begun(row)):
        return step
    if row is None and question.kind != "event":
        return Drop()  # its row has expired: there is nothing left to judge
    if row is not None and row.is_start:
        return _decide_kept_start(question, row)
    return _decide_open(question, row)


def _is_listed(journey: Journey, event_id: str) -> bool:
    return event_id in journey.kept or event_id in journey.claimed or event_id in journey.starts


def _already_begun(row: EventRow) -> Finish | Drop | None:
    if row.status in (Status.DONE, Status.REPORTED):
        return Drop(duplicate=True)
    if row.status in (Status.CLAIMED, Status.FAILING, Status.REPORTING):
        return Finish(row)
    return None


def _decide_open(question: Question, row: EventRow | None) -> EventStep:
    event, now, journey = question.event, question.now, question.journey
    if row is None and now - event.published > MAX_AGE_SECONDS:
        return ClaimReport(_too_old(question))
    own = question.as_kept
    accepting = [wait for wait in journey.waits if _is_of(journey, own) and wait.variant_of(event) is not None]
    settle_at = held_for = None
    for wait in accepting:
        turn = next_in_turn(wait, question.snapshot, own, event)
        if isinstance(turn, ReadRows):
            return turn
        if turn != event.event_id:
            continue
        held = _held_until(wait, event, own, question)
        if isinstance(held, ReadRows | AskWaits):
            return held
        settle_at, held_for = held, wait.token
        if settle_at is None:
            return Claim(event, wait, row)
    if row is None:
        return _keep(question, settle_at, held_for, listed=bool(accepting) or _is_known(question))
    deadline = own.deadline
    if question.kind in ("event", "finish") or accepting or now < deadline:
        return _timers(question, deadline, settle_at)
    if question.redelivered and now < deadline + question.redelivery_seconds:
        # What it waits for may have met the same trouble, and come again a little later.
        return ComeBack(row, now + question.redelivery_seconds, "its message had to come again")
    return _deviation(question, row)


def _is_known(question: Question) -> bool:
    return question.event.name in question.choreography.events


def _is_of(journey: Journey, kept: KeptEvent) -> bool:
    """Whether *kept* is this journey's: one that began after an event's grace period neither uses it nor minds it."""
    return journey.started_at <= kept.deadline


def _keep(
    question: Question, settle_at: float | None, held_for: str | None, *, listed: bool
) -> Keep | ClaimReport | AskWaits:
    if question.asked is None and any(wait.early_seconds is not None for wait in question.journey.waits):
        return AskWaits()  # a state that was left has no say in how long an event is kept
    if listed and len(question.journey.kept) >= MOST_KEPT:
        return ClaimReport(_too_many(question))
    return Keep(settle_at, held_for, listed)


def _timers(question: Question, deadline: float, settle_at: float | None) -> SendTimers | Drop:
    """A settle message that finds its event settled and still not its turn needs no successor: the deadline has one."""
    if question.kind == "settle":
        return SendTimers(None, settle_at) if settle_at is not None else Drop()
    return SendTimers(deadline, settle_at)


# ---- whose turn it is --------


def next_in_turn(
    wait: OpenWait, snapshot: Snapshot, own: KeptEvent | None = None, event: Event | None = None
) -> str | ReadRows | None:
    """The id of the event whose turn it is at *wait*: of those kept, and *own* (the event in question) if it is given.

    Oldest event time first; of the same time, the one after which another could still come; then arrival. Rows are
    asked for only where a name alone does not say whether the wait accepts.
    """
    journey = snapshot.journey
    others = [
        kept
        for kept in journey.kept.values()
        if (own is None or kept.event_id != own.event_id) and wait.names(kept.name) and _is_of(journey, kept)
    ]
    candidates = sorted([*others, *([own] if own else [])], key=lambda one: (one.time, one.arrived_at, one.event_id))
    known = {own.event_id: event} if own and event else {}
    for _, group in groupby(candidates, key=lambda one: one.time):
        tied = list(group)
        unread = [kept for kept in tied if not _can_say(wait, kept, snapshot, known)]
        if unread:
            return _read_on(unread[0], candidates, snapshot, known)
        accepted = [(variant, kept) for kept in tied if (variant := _variant(wait, kept, snapshot, known)) is not None]
        if accepted:
            return _leader(wait, accepted).event_id
    return None


_Known = dict[str, Event]


def _can_say(wait: OpenWait, kept: KeptEvent, snapshot: Snapshot, known: _Known) -> bool:
    """Whether it can be said if *wait* accepts *kept*, and as which variant."""
    return kept.event_id in known or kept.event_id in snapshot.read or wait.by_name(kept.name) is not None


def _variant(wait: OpenWait, kept: KeptEvent, snapshot: Snapshot, known: _Known) -> int | None:
    event = known.get(kept.event_id)
    if event is None and kept.event_id in snapshot.read:
        row = snapshot.row(kept.event_id)
        if row is None or row.status is not Status.KEPT or row.payload is None:
            return None
        event = event_of(row)
    return wait.by_name(kept.name) if event is None else wait.variant_of(event)


def _read_on(first: KeptEvent, candidates: Sequence[KeptEvent], snapshot: Snapshot, known: _Known) -> ReadRows:
    """Read *first* and some of those behind it: more of them the more were read in vain."""
    behind = candidates[candidates.index(first) :]
    unread = [one.event_id for one in behind if one.event_id not in snapshot.read and one.event_id not in known]
    return ReadRows(tuple(unread[: min(_MOST_READ, max(_FIRST_READ, len(snapshot.read)))]))


def _leader(wait: OpenWait, accepted: Sequence[tuple[int, KeptEvent]]) -> KeptEvent:
    variants = {variant for variant, _ in accepted}
    leaders = [(v, kept) for v, kept in accepted if not any(_goes_before(wait, other, v) for other in variants)]
    return min(leaders or accepted, key=lambda pair: (pair[1].arrived_at, pair[1].event_id))[1]


def _goes_before(wait: OpenWait, first: int, second: int) -> bool:
    """Whether the variant *second* could still come after *first*, but not the other way round."""
    return first in wait.accepts[second].contested_by and second not in wait.accepts[first].contested_by


def event_of(row: EventRow) -> Event:
    """The event that a row with a payload remembers."""
    if row.payload is None:
        raise ValueError(f"the row of event {row.event_id} holds no payload any more")
    return event_from_payload(row.payload, row.time)


# ---- contested events --------


def _held_until(wait: OpenWait, event: Event, own: KeptEvent, question: Question) -> float | ReadRows | AskWaits | None:
    """When a contested event may be looked at again; None if nothing holds it.

    It is held until it has settled, and on while an older one that it must not overtake is on its way. So is one that
    is younger than a start event that waits: it may be the next journey's.
    """
    journey = question.journey
    contested = _contested(wait, event)
    is_after_start = any(start.time <= event.time for start in journey.starts.values())
    if not contested and not is_after_start:
        return None
    settled_at = own.arrived_at + question.choreography.settle_seconds
    if question.now < settled_at:
        return settled_at
    if is_after_start and (behind := _is_behind_another(event, question)):
        return behind if isinstance(behind, ReadRows) else _later(wait, own, question)
    if not contested:
        return None
    on_its_way = _claimed_before(wait, event, question) or _awaited_before(wait, event, question)
    if isinstance(on_its_way, ReadRows | AskWaits):
        return on_its_way
    return _later(wait, own, question) if on_its_way else None


def _later(wait: OpenWait, own: KeptEvent, question: Question) -> float:
    """Twice as late each time since *wait* and the event met: the event may have been there for long, early."""
    return question.now + max(1.0, question.now - max(own.arrived_at, wait.entered_at))


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


def _contested(wait: OpenWait, event: Event) -> bool:
    variant = wait.variant_of(event)
    return variant is not None and bool(wait.accepts[variant].contested_by)


def _must_be_last(wait: OpenWait, event: Event) -> bool:
    """Whether *event* contests itself: perhaps since it ends the journey, and with it the lines beside its own."""
    variant = wait.variant_of(event)
    return variant is not None and variant in wait.accepts[variant].contested_by


def _claimed_before(wait: OpenWait, event: Event, question: Question) -> bool:
    """Whether an older event is claimed but not recorded: it may still be given back, or its line be ended."""
    older = [one for one in in_flight(question.snapshot, event.event_id) if one.time <= event.time]
    return any(wait.names(one.name) for one in older) or (bool(older) and _must_be_last(wait, event))


def in_flight(snapshot: Snapshot, but: str) -> list[KeptEvent]:
    """The events that are claimed and not recorded, as far as it was read, less the one with the id *but*."""
    found = dict(snapshot.journey.claimed)
    if snapshot.is_whole:
        found = {row.event_id: row.as_kept for row in snapshot.rows.values() if row.in_flight}
    return [kept for kept in found.values() if kept.event_id != but]


def _awaited_before(wait: OpenWait, event: Event, question: Question) -> bool | ReadRows | AskWaits:
    """Whether an older event is kept that another line waits for, or is about to, which *event* might end."""
    if not _must_be_last(wait, event):
        return False
    snapshot, journey = question.snapshot, question.journey
    older = [
        kept
        for kept in journey.kept.values()
        if kept.event_id != event.event_id and kept.time <= event.time and _is_of(journey, kept)
    ]
    if not older:
        return False
    if unread := [kept.event_id for kept in older if kept.event_id not in snapshot.read]:
        return ReadRows(tuple(unread[:_MOST_READ]))
    others = [other for other in journey.waits if other is not wait]
    rows = [row for kept in older if (row := snapshot.row(kept.event_id)) and row.status is Status.KEPT]
    if any(_takes_before(other, row, event) for row in rows if row.payload is not None for other in others):
        return True
    if not wait.beside or not any(row.time < event.time for row in rows):
        return False
    if question.asked is None or question.asked.all_stored is None:
        return AskWaits(stored=True)
    return not question.asked.all_stored


def _takes_before(other: OpenWait, row: EventRow, event: Event) -> bool:
    """Whether the wait *other* accepts the kept event of *row*, which must go before *event*."""
    one = event_of(row)
    if other.variant_of(one) is None:
        return False
    return one.time < event.time or not _must_be_last(other, one)


# ---- a deadline has passed, and nothing accepts the event --------


def _is_over(question: Question, believed_seconds: float = 0.0) -> bool | None:
    """Whether there is no journey, or the table knows that it ended; None if Step Functions must be asked first.

    An end that is younger than *believed_seconds* is believed unasked.
    """
    journey = question.journey
    if not (journey.is_over and journey.may_be_redriven):
        return journey.is_over
    if question.execution is not None:
        return question.execution is not ExecutionState.RUNNING
    return True if question.now - journey.ended_at < believed_seconds else None


def _deviation(question: Question, row: EventRow) -> EventStep:
    journey, snapshot, now = question.journey, question.snapshot, question.now
    if not row.is_start and not _is_of(journey, row.as_kept):
        return ClaimReport(_without_journey(question))
    over = _is_over(question, DOUBT_AFTER_SECONDS)
    if over is not False:
        return _deviation_without_journey(question, row) if over else AskExecution()
    back = now + pause(now - (row.deadline or now))
    failing = [wait for wait in journey.waits if (wait.unexpected or question.choreography.unexpected) == "fail"]
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
    if waits:
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
    deviation = _unexpected(question, row, waits, "fail" if failing else "ignore")
    return ClaimFailure(failing[0], deviation) if failing else ClaimReport(deviation, row.is_start)


def pause(overdue_seconds: float) -> float:
    """Four times as late each time at first, so that a chain of messages stays short; then half as long again."""
    quick = max(1.0, 3 * overdue_seconds)
    return quick if quick < _QUICK_SECONDS else min(_LONGEST_PAUSE_SECONDS, max(_QUICK_SECONDS, overdue_seconds / 2))


def _deviation_without_journey(question: Question, row: EventRow) -> EventStep:
    """A start event that was kept while the last journey ran begins the next, at its own deadline at the latest.

    It may only not have been looked at since, and its journey may accept the event.
    """
    if any(start.event_id != row.event_id for start in question.journey.starts.values()):
        back = question.now + pause(question.now - (row.deadline or question.now))
        return ComeBack(row, back, "a kept start event is about to begin the next journey")
    return ClaimReport(_without_journey(question), row.is_start)


def _decide_kept_start(question: Question, row: EventRow) -> EventStep:
    """A start event that met a running journey may begin the next one, until its deadline.

    So this comes first; whoever judged it a deviation instead would do so by the order of two messages alone.
    """
    over = _is_over(question)
    if over is None:
        return AskExecution()
    if over or question.execution is ExecutionState.ENDED:
        return HandToStart()
    if question.kind != "deadline" or question.now < (row.deadline or 0.0):
        return _timers(question, row.deadline or 0.0, None)
    return _deviation(question, row)


def _unexpected(question: Question, row: EventRow, waits: Sequence[OpenWait], policy: str) -> Deviation:
    states = tuple((wait.state, tuple(dict.fromkeys(v.event for v in wait.accepts))) for wait in waits)
    met = "; ".join(f"state {state!r} accepts {_names(accepts, question.event.name)}" for state, accepts in states)
    grace = _within(question, row)
    if row.is_start:
        cause = f"Start {_describe(question)} met a journey that runs and did not end {grace}: {met}."
        return Deviation("SecondStart", cause, states, policy)
    return Deviation("UnexpectedEvent", f"No state accepted {_describe(question)} {grace}: {met}.", states, policy)


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
    others = journey.lives if question.row is None or _is_of(journey, question.row.as_kept) else journey.lives - 1
    if others < 1:
        return Deviation("NoJourney", f"No journey began {grace} for {_describe(question)}.")
    return Deviation("JourneyEnded", f"The journey had ended, and no other began {grace}, for {_describe(question)}.")


def _too_old(question: Question) -> Deviation:
    days = MAX_AGE_SECONDS // 86_400
    return Deviation("TooOld", f"Refused {_describe(question)}: older than the {days} days that are remembered.")


def _too_many(question: Question) -> Deviation:
    cause = f"Refused {_describe(question)}: {MOST_KEPT} events of this entity are kept for their turn already."
    return Deviation("TooManyKept", cause)


def too_big(event: Event, choreography: ChoreographySettings, why: str) -> Deviation:
    """The deviation of an event whose turn it is, and which no execution can be given."""
    cause = f"Set aside event {event.name!r} (id {event.event_id}): {why}"
    return Deviation("TooBigToRemember", cause, policy=choreography.unexpected)


def _describe(question: Question) -> str:
    event = question.event
    known = "" if _is_known(question) else ", which the choreography does not know"
    return f"event {event.name!r} (id {event.event_id}, time {event.payload['time']}{known})"


# ---- a start event --------


def decide_start(question: Question) -> StartStep:
    """The next step of the start function for a start event."""
    row, journey, event = question.row, question.journey, question.event
    if row is None and event.event_id in journey.starts and event.event_id not in question.snapshot.read:
        return ReadRows((event.event_id,))
    if row is not None:
        if row.status in (Status.DONE, Status.REPORTED):
            return Drop(duplicate=True)
        if row.status in (Status.FAILING, Status.REPORTING):
            return HandToResume()
        if row.status is Status.STARTING:
            return Finish(row)
    elif question.kind != "event":
        return Drop()  # its row has expired: there is nothing left to judge
    elif question.now - event.published > MAX_AGE_SECONDS:
        return ClaimReport(_too_old(question), is_start=True)
    poll_at = question.now + _poll_seconds(question, row)
    if _is_over(question) or question.execution is ExecutionState.ENDED:
        own = question.as_kept
        first = min((*journey.starts.values(), own), key=lambda one: (one.time, one.arrived_at, one.event_id))
        return ClaimStart(journey, row) if first.event_id == own.event_id else GiveWay(first.event_id, poll_at)
    if question.execution is None:
        return AskExecution()
    if row is None:
        return Keep(poll_at)
    deadline = row.deadline or 0.0
    if question.now >= deadline:  # handed over at its deadline, but another start event was faster
        return SendTimers(deadline)
    return SendTimers(deadline if question.kind == "event" else None, poll_at)


def _poll_seconds(question: Question, row: EventRow | None) -> float:
    """Look again after three times as long as the event has waited already: a long grace period costs few looks."""
    waited = 0.0 if row is None else question.now - row.arrived_at
    return max(1.0, question.choreography.settle_seconds, 3 * waited)


# ---- a stream record: a journey with kept events changed --------


def decide_stream(
    snapshot: Snapshot, choreography: ChoreographySettings, now: float, asked: Asked | None = None
) -> StreamStep:
    """Finish what is claimed; else claim the oldest deliverable; else have the contested ones looked at again."""
    journey = snapshot.journey
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
        question = Question("settle", event_of(row), choreography, snapshot, now, asked=asked)
        settle_at = _held_until(wait, question.event, row.as_kept, question)
        if settle_at is None:
            return Claim(question.event, wait, row)
        if isinstance(settle_at, ReadRows | AskWaits):
            return settle_at
        if row.held_for != wait.token:  # else whoever has kept it has it looked at again
            held[turn] = settle_at
    return SettleTimers(tuple(held.items())) if held else Drop()
