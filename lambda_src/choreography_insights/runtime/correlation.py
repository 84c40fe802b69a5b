"""The correlation protocol: perform what `decision` says, call by call, so that dying between any two loses nothing.

Read it beside the page "correlation protocol": `_claimed` is its steps 5 and 6, `_fail` and `_report` its deadline.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, assert_never

from .claims import claimed_as
from .deadline import pause, too_big
from .decision import decide
from .envelope import Event, compact_json, output
from .errors import InvalidMessage, RetryLater
from .executions import Answer, Verdict
from .inquiries import MAX_ROUNDS, about_event, about_kept, ask_waits, go_round, with_rows
from .journey import EventRow, Journey, KeptEvent, Snapshot, Status, event_of
from .log import logger
from .messages import EventMessage, RecheckMessage
from .names import execution_arn
from .ports import Ports
from .settings import ChoreographySettings
from .steps import (
    Asked,
    AskExecution,
    AskWaits,
    Claim,
    ClaimFailure,
    ClaimReport,
    ComeBack,
    Drop,
    EventStep,
    Finish,
    HandToStart,
    Keep,
    Kind,
    Question,
    ReadAgain,
    ReadAll,
    ReadRows,
    SendTimers,
    SettleTimers,
    StreamStep,
)
from .stream_decision import decide_stream
from .stream_records import JourneyChange
from .timers import LONGEST_DELAY_SECONDS


class _Held(NamedTuple):
    """A claim: its token and execution, as what the event stands in `claimed`, until when it may be used otherwise.

    The state and the seconds for which it had waited are unknown when another worker made the claim.
    """

    token: str
    execution: str
    kept: KeptEvent
    claimed: KeptEvent | None
    memory: Mapping[str, Any] | None
    state: str | None = None
    seconds_in_state: float | None = None


class Correlation:
    """The resume function's work: events, deadlines and stream records of journeys."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    # ---- ways in --------

    def on_event(self, message: EventMessage) -> None:
        """Take in an event of a choreography that came by its rule."""
        go_round(about_event(message, self.ports), decide, self._perform, self.ports)

    def on_recheck(self, message: RecheckMessage) -> None:
        """Look again at an event that was kept."""

        def come_back(row: EventRow, now: float) -> None:
            at = now + pause(now - row.arrived_at)
            self._look_again(message.choreography, message.journey_key, row, message.kind, at, now)

        if question := about_kept(message, self.ports, without_payload=come_back):
            go_round(question, decide, self._perform, self.ports)

    def on_change(self, changed: JourneyChange) -> None:
        """A journey that has kept events changed: perhaps it accepts one of them now.

        One event is claimed: moving the journey on changes it, and that is the next record. Every claim that somebody
        began is finished before that, since for the last of them no record may be left.
        Where only a wait came, mostly nothing is kept that it could ask for.
        """
        if not changed.keeps and not _may_matter(self.ports.table.read_row(changed.key)):
            return
        for _ in range(MAX_ROUNDS):
            now = self.ports.clock()
            snapshot = self.ports.table.read_journey(changed.key)
            # If no wait asks for what is kept, the next change that could matter has a record of its own.
            if not (snapshot.journey.may_accept_kept or snapshot.journey.claimed):
                return
            settings, snapshot = self._with_settings(snapshot)
            if settings is None:
                return
            choreography = ChoreographySettings.from_message(settings)
            step, snapshot = self._stream_step(snapshot, choreography, now)
            match step:
                case Drop():
                    return
                case Finish(row):
                    self._finish(row, event_of(row), choreography, snapshot)
                case Claim():
                    if self._claim_or_set_aside(step, choreography, snapshot, now):
                        return
                case SettleTimers(events):
                    for event_id, at in events:
                        self._timer("settle", choreography, snapshot.journey.entity_id, event_id, at - now)
                    return
                case ReadRows() | AskWaits():
                    raise AssertionError(step)
                case _:
                    assert_never(step)
        raise RetryLater(f"journey {changed.key!r} changed {MAX_ROUNDS} times while it was looked at")

    def _with_settings(self, snapshot: Snapshot) -> tuple[Mapping[str, Any] | None, Snapshot]:
        """The choreography's settings, which every kept event has with it, and its row with them; None if none is."""
        journey = snapshot.journey
        listed = sorted((*journey.kept.values(), *journey.claimed.values()), key=lambda one: one.time)
        for kept in listed:
            snapshot = with_rows(snapshot, [kept.event_id], self.ports)
            row = snapshot.row(kept.event_id)
            if row is not None and row.choreography is not None:
                return row.choreography, snapshot
        return None, snapshot

    def _stream_step(
        self, snapshot: Snapshot, choreography: ChoreographySettings, now: float
    ) -> tuple[StreamStep, Snapshot]:
        """What follows from all that had to be known for it, and what was known."""
        asked: Asked | None = None
        while True:
            step = decide_stream(snapshot, choreography, now, asked)
            match step:
                case ReadRows(event_ids):
                    snapshot = with_rows(snapshot, event_ids, self.ports)
                case AskWaits(stored):
                    arn = choreography.state_machine_arn
                    asked, journey = ask_waits(snapshot.journey, arn, self.ports, stored=stored)
                    snapshot = snapshot._replace(journey=journey)
                case _:
                    return step, snapshot

    # ---- performing a step --------

    def _perform(self, step: EventStep, question: Question) -> bool:
        """Do *step*; False if the table has changed under it."""
        match step:
            case Claim():
                return self._claim_or_set_aside(step, question.choreography, question.snapshot, question.now)
            case Keep():
                return self._keep(question, step)
            case SendTimers(deadline, settle_at):
                self._send_timers(question, deadline, settle_at)
            case Finish(row):
                self._finish(row, question.event, question.choreography, question.snapshot)
            case ClaimFailure():
                return self._claim_failure(step, question)
            case ClaimReport():
                return self._claim_report(step, question)
            case ComeBack(row, at, reason):
                logger.debug("event is looked at again", event_id=row.event_id, reason=reason)
                self._look_again(question.choreography, question.journey.key, row, "deadline", at, question.now)
            case HandToStart():
                self._hand_to_start(question)
            case Drop(duplicate):
                if duplicate and question.kind == "event":
                    self.ports.metrics.count("EventsDuplicated", question.choreography.name)
            case ReadRows() | ReadAll() | ReadAgain() | AskExecution() | AskWaits():
                raise AssertionError(step)
            case _:
                assert_never(step)
        return True

    # ---- claim, send, record --------

    def _claim_or_set_aside(
        self, step: Claim, choreography: ChoreographySettings, snapshot: Snapshot, now: float
    ) -> bool:
        """As `_claim`; what no execution can be given is reported, so that it does not stand before what comes after.

        An event that is awaited when it comes goes to the dead-letter queue, with its message. This one has none.
        """
        try:
            return self._claim(step, choreography, snapshot, now)
        except InvalidMessage as fault:
            if step.row is None and not self.ports.table.read_rows(snapshot.journey.key, [step.event.event_id]):
                raise  # else it was kept, done or set aside before, and only its message comes once more
            deviation = too_big(step.event, choreography, str(fault))
        if step.row is None or not self.ports.table.claim_report(
            snapshot.journey, step.event, deviation, now, was_kept=True
        ):
            return False
        row = step.row._replace(status=Status.REPORTING, deviation=deviation._asdict())
        self._report(snapshot.journey, row, step.event, choreography, claimed=None)
        return True

    def _claim(self, step: Claim, choreography: ChoreographySettings, snapshot: Snapshot, now: float) -> bool:
        journey, event, wait, row = snapshot.journey, step.event, step.wait, step.row
        # Should the claim be given back, then since this wait is closed: it has no say in how long the event is kept.
        waits = tuple(one for one in journey.waits if one is not wait)
        others = snapshot._replace(journey=journey._replace(waits=waits))
        redelivery = self.ports.redelivery_seconds
        kept = Question("event", event, choreography, others, now, redelivery_seconds=redelivery).as_kept
        memory = wait.memory_after(event)
        answer = compact_json(output(event, memory, choreography))  # before the claim: what does not fit claims nothing
        if not self.ports.table.claim(journey, event, wait, kept, was_kept=row is not None, memory=memory):
            return False
        state, seconds = wait.state_name or wait.state, round(max(0.0, now - wait.entered_at), 3)
        self.ports.metrics.time_in_state(choreography.name, state, seconds)
        claimed = claimed_as(journey, wait, kept, was_kept=row is not None)
        held = _Held(wait.token, journey.execution or "", kept, claimed, memory, state, seconds)
        self._claimed(journey.key, event, choreography, held, answer)
        return True

    def _claimed(self, key: str, event: Event, choreography: ChoreographySettings, held: _Held, answer: str) -> None:
        if self.ports.executions.succeed(held.token, answer) is Answer.REFUSED:
            arn = execution_arn(choreography.state_machine_arn, held.execution)
            verdict = self.ports.executions.verdict(arn, token=held.token, event_id=event.event_id)
            if verdict is Verdict.OPEN:
                raise RetryLater(f"the task that event {event.event_id} answers is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                seconds = held.kept.deadline - self.ports.clock()
                self._timer("deadline", choreography, event.entity_id, event.event_id, seconds)
                self.ports.table.give_back(key, event, held.token, choreography, held.kept, held.claimed)
                return
        self.ports.table.record_done(key, event, held.token, held.claimed)
        self.ports.metrics.count("EventsDelivered", choreography.name)
        logger.info(
            "event moved its journey",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            state=held.state,
            seconds_in_state=held.seconds_in_state,
        )

    def _finish(self, row: EventRow, event: Event, choreography: ChoreographySettings, snapshot: Snapshot) -> None:
        """Finish a claim, a failure or a report that somebody began, perhaps died over, perhaps is still at."""
        # The row of a claim was read, so a journey's row that is read now names the claim, if it has to.
        journey = self.ports.table.read_journey(snapshot.journey.key).journey
        claimed = journey.claimed.get(row.event_id)
        match row.status:
            case Status.CLAIMED:
                question = Question("finish", event, choreography, Snapshot(journey), row.arrived_at)
                kept = claimed or question._replace(redelivery_seconds=self.ports.redelivery_seconds).as_kept
                held = _Held(_required(row.token), _required(row.execution), kept, claimed, row.memory)
                answer = compact_json(output(event, held.memory, choreography))
                self._claimed(journey.key, event, choreography, held, answer)
            case Status.FAILING:
                self._fail(journey, row, event, choreography)
            case Status.REPORTING:
                self._report(journey, row, event, choreography, claimed=claimed)
            case _:
                raise AssertionError(row.status)

    # ---- keeping --------

    def _keep(self, question: Question, step: Keep) -> bool:
        choreography, event, now = question.choreography, question.event, question.now
        kept = question.as_kept
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
            contested=step.settle_at is not None,
        )
        moments = [one for one in (step.settle_at, None if later else kept.deadline) if one is not None]
        if moments:
            self._timer("deadline", choreography, event.entity_id, event.event_id, min(moments) - now)
        return True

    def _send_timers(self, question: Question, deadline: float | None, settle_at: float | None) -> None:
        """One message: what comes when the event has settled goes on to its deadline if it is not its turn then."""
        now, row = question.now, question.row
        moments = [] if settle_at is None else [settle_at]
        if deadline is not None:
            moments.append(deadline if deadline > now else now + pause(now - deadline))
        if row is None:
            raise AssertionError("only what has a row is looked at again")
        kind: Kind = "settle" if deadline is None else "deadline"
        self._look_again(question.choreography, question.journey.key, row, kind, min(moments), now)

    def _look_again(
        self, choreography: ChoreographySettings, key: str, row: EventRow, kind: Kind, at: float, now: float
    ) -> None:
        """Have the event of *row* looked at again at *at*: soon by a message, later by the sweep of what is due.

        Lambda stops a chain of messages from a function to its own queue after some 16; so what is far away is none.
        """
        if at - now <= LONGEST_DELAY_SECONDS or row.status is not Status.KEPT:
            self._timer(kind, choreography, key.partition("#")[2], row.event_id, at - now)
        elif row.due_at is None or not now + LONGEST_DELAY_SECONDS < row.due_at <= at:  # sooner: the sweep's own lease
            self.ports.table.set_due(key, row.event_id, at)

    def _hand_to_start(self, question: Question) -> None:
        event = question.event
        self._timer("settle", question.choreography, event.entity_id, event.event_id, 0, "start")

    def _timer(
        self,
        kind: Kind,
        choreography: ChoreographySettings,
        entity_id: str,
        event_id: str,
        seconds: float,
        to: Literal["event", "start"] = "event",
    ) -> None:
        self.ports.timers.send(
            kind, choreography=choreography, entity_id=entity_id, event_id=event_id, seconds=seconds, to=to
        )

    # ---- a deadline has passed --------

    def _claim_failure(self, step: ClaimFailure, question: Question) -> bool:
        journey, row = question.journey, question.row
        if row is None or not self.ports.table.claim_failure(journey, row, step.wait, step.deviation):
            return False
        failing = row._replace(
            status=Status.FAILING,
            token=step.wait.token,
            execution=journey.execution,
            deviation=step.deviation._asdict(),
        )
        listed = journey.listed(row.event_id)
        claimed = {**journey.claimed, **({row.event_id: listed} if listed else {})}
        self._fail(journey._replace(claimed=claimed), failing, question.event, question.choreography)
        return True

    def _fail(self, journey: Journey, row: EventRow, event: Event, choreography: ChoreographySettings) -> None:
        token, claimed = _required(row.token), journey.claimed.get(row.event_id)
        arn = execution_arn(choreography.state_machine_arn, _required(row.execution))
        cause = str((row.deviation or {}).get("cause"))
        if self.ports.executions.fail(token, "UnexpectedEvent", cause) is Answer.REFUSED:
            verdict = self.ports.executions.verdict(arn, token=token, event_id=row.event_id, failure=True)
            if verdict is Verdict.OPEN:
                raise RetryLater(f"the task that event {row.event_id} lets fail is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                self._timer("deadline", choreography, event.entity_id, row.event_id, 1)
                self.ports.table.give_back_failure(journey.key, row, token, claimed)
                return
        self._report(journey, row, event, choreography, claimed=claimed)

    def _claim_report(self, step: ClaimReport, question: Question) -> bool:
        journey, event, was_kept = question.journey, question.event, question.row is not None
        if not self.ports.table.claim_report(
            journey, event, step.deviation, question.now, was_kept=was_kept, is_start=step.is_start
        ):
            return False
        row = EventRow(
            event.event_id,
            Status.REPORTING,
            event.name,
            event.time,
            is_start=step.is_start,
            deviation=step.deviation._asdict(),
        )
        self._report(journey, row, event, question.choreography, claimed=None)
        return True

    def _report(
        self,
        journey: Journey,
        row: EventRow,
        event: Event,
        choreography: ChoreographySettings,
        *,
        claimed: KeptEvent | None,
    ) -> None:
        execution = row.execution or journey.execution
        arn = None if execution is None else execution_arn(choreography.state_machine_arn, execution)
        self.ports.reports.deviated(choreography, event.entity_id, arn, row)
        self.ports.table.record_reported(journey.key, event, claimed)


def _may_matter(journey: Journey) -> bool:
    """Whether there is anything that a wait could ask for, or that somebody may have begun."""
    return bool(journey.kept or journey.claimed)


def _required(value: str | None) -> str:
    if value is None:
        raise AssertionError("a claimed row names its token and its execution")
    return value
