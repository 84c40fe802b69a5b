"""The correlation protocol: read, decide, perform, call by call, so that dying between any two loses nothing.

Read it beside the page "correlation protocol": `_send_and_record` is its steps 5 and 6, `deviations` its deadline.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from choreography_insights.core.keys import id_of

from .claims import claimed_as
from .counting import Tally, handed_on, since_when
from .deadline import pause, too_big
from .decision import as_kept, decide
from .deviations import Deviations
from .errors import InvalidMessage, RetryLater
from .event import Event, compact_json, fitting_row, output
from .executions import Answer, Verdict
from .inquiries import MAX_ROUNDS, AnyQuestion, inquire, of_one_moment, reread, with_rows
from .journey import SETTLED, EventRow, Journey, KeptEvent, Snapshot, Status, event_of
from .log import logger
from .messages import EventMessage, RecheckMessage, settings_from
from .names import execution_arn
from .ports import Ports
from .settings import ChoreographySettings
from .steps import (
    Claim,
    ClaimFailure,
    ClaimRepeated,
    ClaimReport,
    ComeBack,
    Drop,
    EventAction,
    Finish,
    HandToStart,
    Inquiry,
    Keep,
    Kind,
    Note,
    Question,
    SendTimers,
    SettleTimers,
    StreamAction,
    StreamQuestion,
)
from .stream_decision import decide_stream
from .stream_records import JourneyChange
from .timers import LONGEST_DELAY_SECONDS

Action = TypeVar("Action")


def about_event(message: EventMessage, ports: Ports) -> Question:
    """The question that an event raises. The clock is read before the table."""
    now = ports.clock()
    snapshot = ports.table.read_journey(message.journey_key)
    seconds = ports.redelivery.longest_seconds
    return Question(
        "event",
        message.event,
        message.choreography,
        snapshot,
        now,
        redelivery_seconds=seconds,
        arrived_at=message.arrived_at,
    )


def about_kept(
    message: RecheckMessage, ports: Ports, *, without_payload: Callable[[EventRow, float], None] | None = None
) -> Question | None:
    """The question that a recheck message raises; None if the event is done, reported or forgotten.

    *without_payload* is called, with the row and the time, for an event whose row holds no payload.
    """
    now = ports.clock()
    snapshot = of_one_moment(ports.table.read_with(message.journey_key, [message.event_id]), ports)
    row = snapshot.row(message.event_id)
    if row is None or row.status in SETTLED:
        return None
    if row.payload is None and without_payload:
        without_payload(row, now)
        return None
    # Some settings stand in the rules of start events alone: a message that a stream record led to has another event's.
    choreography = settings_from(row.choreography) if row.may_move and row.choreography else message.choreography
    return Question(
        message.kind,
        event_of(row),
        choreography,
        snapshot,
        now,
        redelivered=message.receive_count > 1,
        redelivery_seconds=ports.redelivery.longest_seconds,
    )


class Deciding(Generic[AnyQuestion, Action]):
    """A decision with all that it wants to know: *decide* is asked again until it says what to do."""

    def __init__(self, decide: Callable[[AnyQuestion], Inquiry | Action], ports: Ports) -> None:
        self.decide: Callable[[AnyQuestion], Inquiry | Action] = decide
        self.ports = ports

    def on(self, question: AnyQuestion) -> tuple[Action, AnyQuestion]:
        """What to do, and what was known."""
        while isinstance(step := self.decide(question), Inquiry):
            question = inquire(step, question, self.ports)
        return step, question


def until_done(
    question: Question, deciding: Deciding[Question, Action], perform: Callable[[Action, Question], bool]
) -> Question:
    """Decide and perform; where the table has changed under it, read and decide again. Give what was known at last."""
    for _ in range(MAX_ROUNDS):
        action, question = deciding.on(question)
        if perform(action, question):
            return question
        question = reread(question, deciding.ports)
    raise RetryLater(f"event {question.event.event_id} met other workers {MAX_ROUNDS} times; it must come again")


def note_repeated(message: EventMessage, known: Question, ports: Ports) -> None:
    """Tell those who look that an event whose row was there came again.

    A message that comes again after a failure tells nothing, as the row may be its own.
    """
    if message.receive_count == 1:
        ports.table.note_repeated(message.journey_key, message.event.event_id, known.now)


class _Claimed(NamedTuple):
    """A claim: for what, as what the event is *kept* if it is given back, and as what it is *listed* in `claimed`.

    The state and the seconds for which it had waited are unknown when another worker made the claim. *may_begin*: it is
    a start event, too.
    """

    token: str
    execution: str
    kept: KeptEvent
    listed: KeptEvent | None
    memory: Mapping[str, Any] | None
    tally: Tally | None = None
    state: str | None = None
    seconds_in_state: float | None = None
    may_begin: bool = False


class Correlation:
    """The resume function's work: events, deadlines and stream records of journeys."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self.deviations = Deviations(ports)
        self._events: Deciding[Question, EventAction] = Deciding(decide, ports)
        self._changes: Deciding[StreamQuestion, StreamAction] = Deciding(decide_stream, ports)

    # ---- ways in --------

    def on_event(self, message: EventMessage) -> None:
        """Take in an event of a choreography that came by its rule."""
        known = until_done(about_event(message, self.ports), self._events, self._perform)
        if message.event.event_id in known.snapshot.rows:
            note_repeated(message, known, self.ports)

    def on_recheck(self, message: RecheckMessage) -> None:
        """Look again at an event that was kept."""

        def come_back(row: EventRow, now: float) -> None:
            at = now + pause(now - row.arrived_at)
            self._look_again(message.choreography, message.journey_key, row, message.kind, at, now)

        if question := about_kept(message, self.ports, without_payload=come_back):
            until_done(question, self._events, self._perform)

    def on_change(self, changed: JourneyChange) -> None:
        """A journey that has kept events changed: perhaps it accepts one of them now.

        One event is claimed: moving the journey on changes it, and that is the next record. Every claim that somebody
        began is finished before that, since for the last of them no record may be left.
        Where only a wait was stored, mostly nothing is kept that it could ask for: the journey's row alone tells.
        """
        if not changed.keeps and not _may_matter(self.ports.table.read_row(changed.key)):
            return
        for _ in range(MAX_ROUNDS):
            if (question := self._about_change(changed.key)) is None:
                return
            action, question = self._changes.on(question)
            if self._perform_on_change(action, question):
                return
        raise RetryLater(f"journey {changed.key!r} changed {MAX_ROUNDS} times while it was looked at")

    def _about_change(self, key: str) -> StreamQuestion | None:
        """The question that a changed journey raises, with the settings that every kept event has with it.

        If no wait asks for what is kept, the next change that could matter has a record of its own.
        """
        now = self.ports.clock()
        snapshot = self.ports.table.read_journey(key)
        journey = snapshot.journey
        if not (journey.may_accept_kept or journey.claimed):
            return None
        for kept in sorted((*journey.kept.values(), *journey.claimed.values()), key=lambda one: one.time):
            snapshot = with_rows(snapshot, [kept.event_id], self.ports)
            row = snapshot.row(kept.event_id)
            if row is not None and row.choreography is not None:
                return StreamQuestion(settings_from(row.choreography), snapshot, now)
        return None

    # ---- performing what was decided --------

    def _perform(self, action: EventAction, question: Question) -> bool:
        """Do it; False if the table has changed under it."""
        match action:
            case Claim():
                return self._claim_or_set_aside(action, question)
            case Note():
                return self._note(action, question)
            case Keep():
                return self._keep(question, action)
            case SendTimers(deadline, settle_at):
                return self._send_timers(question, deadline, settle_at)
            case Finish(row):
                return self._finish(row, question.event, question)
            case ClaimFailure():
                return self.deviations.claim_failure(action, question)
            case ClaimReport(deviation, is_start):
                return self.deviations.claim_report(
                    question.journey,
                    question.event,
                    question.choreography,
                    deviation,
                    question.now,
                    was_kept=question.row is not None,
                    is_start=is_start,
                )
            case ClaimRepeated():
                return self._claim_repeated(question)
            case ComeBack(row, at, reason):
                logger.debug("event is looked at again", event_id=row.event_id, reason=reason)
                return self._look_again(question.choreography, question.journey.key, row, "deadline", at, question.now)
            case HandToStart():
                event = question.event
                self.ports.timers.send(
                    "settle", question.choreography, event.entity_id, event.event_id, seconds=0, to="start"
                )
                return True
            case Drop(duplicate):
                if duplicate and question.kind == "event":
                    self.ports.metrics.count("EventsDuplicated", question.choreography.name)
                return True

    def _claim_repeated(self, question: Question) -> bool:
        is_claimed = self.ports.table.claim_repeated(question.journey, question.event)
        if is_claimed:
            self._note_repeated_start(question)
        return is_claimed

    def _note_repeated_start(self, question: Question) -> None:
        event, choreography = question.event, question.choreography
        self.ports.metrics.count("EventsDuplicated", choreography.name)
        logger.info(
            "start event dropped: it is the one that began the journey, published again",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
        )

    def _perform_on_change(self, action: StreamAction, question: StreamQuestion) -> bool:
        """Do it; False if the journey has to be looked at again."""
        match action:
            case Finish(row):
                self._finish(row, event_of(row), question)
                return False
            case Claim():
                return self._claim_or_set_aside(action, question)
            case Note():
                return self._note(action, question)
            case SettleTimers(events):
                entity_id = question.snapshot.journey.entity_id
                for event_id, at in events:
                    self.ports.timers.send("settle", question.choreography, entity_id, event_id, at - question.now)
                return True
            case Drop():
                return True

    # ---- claim, send, record --------

    def _claim_or_set_aside(self, step: Claim, question: Question | StreamQuestion) -> bool:
        """As `_claim`; what no execution can be given is reported, so that it does not stand before what comes after.

        An event that is awaited when it comes goes to the dead-letter queue, with its message. This one has none.
        """
        event, choreography, journey = step.event, question.choreography, question.snapshot.journey
        try:
            return self._claim(step, question)
        except InvalidMessage as fault:
            if step.row is None and not self.ports.table.read_rows(journey.key, [event.event_id]):
                raise  # else it was kept, done or set aside before, and only its message comes once more
            deviation = too_big(event, choreography, str(fault))
        return step.row is not None and self.deviations.claim_report(
            journey, event, choreography, deviation, question.now, was_kept=True
        )

    def _claim(self, step: Claim, asked: Question | StreamQuestion) -> bool:
        event, wait, was_kept = step.event, step.wait, step.row is not None
        journey, choreography, now = asked.snapshot.journey, asked.choreography, asked.now
        question = self._about(event, asked)
        # Should the claim be given back, then since this wait is closed: it has no say in how long the event is kept.
        kept = as_kept(question, but=wait)
        memory = wait.memory_after(event, step.variant)
        tally = None if wait.tally is None else wait.tally_after(event, step.variant)
        # Before the claim: what does not fit claims nothing.
        answer = _answer(event, memory, tally, choreography, now, by_failure=wait.watches)
        stored = event
        if memory is not None or tally is not None:
            stored = fitting_row(event, {**(memory or {}), **(tally or {})}, choreography)
        if not self.ports.table.claim(
            journey,
            stored,
            wait,
            kept,
            now=now,
            variant=step.variant,
            was_kept=was_kept,
            is_cut=stored is not event,
            memory=memory,
            tally=tally,
        ):
            return False
        entered_at = wait.entered_at if tally is None else since_when(tally)
        state, seconds = wait.state_name or wait.state, round(max(0.0, now - entered_at), 3)
        if tally is None or wait.is_left_with(tally, step.variant):
            self.ports.metrics.time_in_state(choreography.name, state, seconds)
        listed = claimed_as(journey, wait, kept, was_kept=was_kept)
        may_begin = step.row is not None and step.row.may_move
        claimed = _Claimed(wait.token, journey.execution or "", kept, listed, memory, tally, state, seconds, may_begin)
        self._send_and_record(journey.key, event, choreography, claimed, answer)
        return True

    def _about(self, event: Event, asked: Question | StreamQuestion) -> Question:
        """The question about *event* that was *asked*; of a changed journey, the one that the event would raise."""
        if isinstance(asked, Question):
            return asked
        seconds = self.ports.redelivery.longest_seconds
        return Question("event", event, asked.choreography, asked.snapshot, asked.now, redelivery_seconds=seconds)

    def _note(self, step: Note, asked: Question | StreamQuestion) -> bool:
        """One write, and nothing is left to do: no execution hears of the event."""
        event, wait, choreography = step.event, step.wait, asked.choreography
        kept, was_kept = as_kept(self._about(event, asked)), step.row is not None
        if not self.ports.table.note(
            asked.snapshot.journey, event, wait, kept, now=asked.now, variant=step.variant, was_kept=was_kept
        ):
            return False
        self.ports.metrics.count("EventsDelivered", choreography.name)
        logger.info(
            "event noted",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            eventbridge_id=event.bridge_id,
            state=wait.state_name or wait.state,
        )
        return True

    def _send_and_record(
        self, key: str, event: Event, choreography: ChoreographySettings, claimed: _Claimed, answer: str
    ) -> None:
        if self.ports.executions.succeed(claimed.token, answer) is Answer.REFUSED:
            arn = execution_arn(choreography.state_machine_arn, claimed.execution)
            verdict = self.ports.executions.verdict(arn, token=claimed.token, event_id=event.event_id)
            if verdict is Verdict.OPEN:
                raise RetryLater(f"the task that event {event.event_id} answers is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                seconds = claimed.kept.deadline - self.ports.clock()
                self.ports.timers.send("deadline", choreography, event.entity_id, event.event_id, seconds)
                if claimed.may_begin:
                    self.ports.timers.send("settle", choreography, event.entity_id, event.event_id, 1, to="start")
                self.ports.table.give_back(
                    key,
                    event,
                    claimed.token,
                    choreography,
                    claimed.kept,
                    claimed.listed,
                    may_begin=claimed.may_begin,
                )
                return
        self.ports.table.record_done(key, event, claimed.token, claimed.listed)
        self.ports.metrics.count("EventsDelivered", choreography.name)
        logger.info(
            "event moved its journey",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            eventbridge_id=event.bridge_id,
            state=claimed.state,
            seconds_in_state=claimed.seconds_in_state,
        )

    def _finish(self, row: EventRow, event: Event, asked: Question | StreamQuestion) -> bool:
        """Finish a claim, a failure or a report that somebody began, perhaps died over, perhaps is still at."""
        # The row of a claim was read, so a journey's row that is read now names the claim, if it has to.
        journey, choreography = self.ports.table.read_journey(asked.snapshot.journey.key).journey, asked.choreography
        listed = journey.claimed.get(row.event_id)
        if row.status is Status.CLAIMED:
            seconds = self.ports.redelivery.longest_seconds
            question = Question(
                "finish", event, choreography, Snapshot(journey), row.arrived_at, redelivery_seconds=seconds
            )
            kept = listed or as_kept(question)
            claimed = _Claimed(
                row.token or "", row.execution or "", kept, listed, row.memory, row.tally, may_begin=row.may_move
            )
            clock = self.ports.clock()
            answer = _answer(event, claimed.memory, claimed.tally, choreography, clock, by_failure=row.by_failure)
            self._send_and_record(journey.key, event, choreography, claimed, answer)
        elif row.status is Status.FAILING:
            self.deviations.fail(journey, row, event, choreography)
        else:
            self.deviations.report(journey, row, event, choreography, claimed=listed)
        return True

    # ---- keeping --------

    def _keep(self, question: Question, step: Keep) -> bool:
        choreography, event, now = question.choreography, question.event, question.now
        kept = as_kept(question)
        later = kept.deadline if kept.deadline - now > LONGEST_DELAY_SECONDS else None
        if not self.ports.table.keep(
            question.journey, event, choreography, kept, due_at=later, held_for=step.held_for, listed=step.listed
        ):
            return False
        self.ports.metrics.count("EventsKept", choreography.name)
        logger.info(
            "event kept",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            eventbridge_id=event.bridge_id,
            contested=step.settle_at is not None,
        )
        moments = [one for one in (step.settle_at, None if later else kept.deadline) if one is not None]
        if moments:  # the first message goes on to the deadline by itself, so it is of that kind from the beginning
            self.ports.timers.send("deadline", choreography, event.entity_id, event.event_id, min(moments) - now)
        return True

    def _send_timers(self, question: Question, deadline: float | None, settle_at: float | None) -> bool:
        """One message: what comes when the event has settled goes on to its deadline if it is not its turn then."""
        now, row = question.now, question.row
        moments = [] if settle_at is None else [settle_at]
        if deadline is not None:
            moments.append(deadline if deadline > now else now + pause(now - deadline))
        kind: Kind = "settle" if deadline is None else "deadline"
        return row is not None and self._look_again(
            question.choreography, question.journey.key, row, kind, min(moments), now
        )

    def _look_again(
        self, choreography: ChoreographySettings, key: str, row: EventRow, kind: Kind, at: float, now: float
    ) -> bool:
        """Have the event of *row* looked at again at *at*: soon by a message, later by the sweep of what is due.

        Lambda stops a chain of messages from a function to its own queue after some 16; so what is far away is none.
        """
        if at - now <= LONGEST_DELAY_SECONDS or row.status is not Status.KEPT:
            self.ports.timers.send(kind, choreography, id_of(key), row.event_id, at - now)
        elif row.due_at is None or not now + LONGEST_DELAY_SECONDS < row.due_at <= at:  # sooner: the sweep's own lease
            self.ports.table.set_due(key, row.event_id, at)
        return True


def _answer(
    event: Event,
    memory: Mapping[str, Any] | None,
    tally: Tally | None,
    choreography: ChoreographySettings,
    now: float,
    *,
    by_failure: bool,
) -> str:
    if memory is None and tally is None and not by_failure:  # as it mostly is
        return compact_json(event.payload)
    remembered = {} if memory is None else {"remembered": memory}
    come = {} if tally is None else {"tally": handed_on(tally, now)}
    return compact_json(output(event, {**remembered, **come}, choreography, by_failure=by_failure))


def _may_matter(journey: Journey) -> bool:
    """Whether there is anything that a wait could ask for, or that somebody may have begun."""
    return bool(journey.kept or journey.claimed)
