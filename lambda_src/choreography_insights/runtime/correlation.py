"""The correlation protocol: perform what `decision` says, call by call, so that dying between any two loses nothing.

Read it beside the page "correlation protocol": `_claimed` is its steps 5 and 6, `_fail` and `_report` its deadline.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, assert_never

from .choreography import Choreography
from .decision import (
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
    ReadAll,
    SendTimers,
    SettleTimers,
    decide,
    decide_stream,
    event_of,
    grace_seconds,
)
from .events import Event, compact_json, output
from .executions import Answer, Verdict
from .faults import MessageFault, NotYet
from .journey import EventRow, Journey, Snapshot, Status
from .log import logger
from .messages import AgainMessage, EventMessage
from .ports import Ports
from .rounds import MAX_ROUNDS, about_event, about_kept, go_round

#: A deadline that cannot be judged (the journey runs, but no wait is open) is looked at again for this long.
PATIENCE_SECONDS = 14 * 86_400
_LONGEST_PAUSE_SECONDS = 900


class _Held(NamedTuple):
    """A claim: its token and execution, until when the event may be used otherwise, whether it was kept, the memory.

    The state and the seconds for which it had waited are unknown when another worker made the claim.
    """

    token: str
    execution: str
    deadline: float
    in_kept: bool
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

    def on_again(self, message: AgainMessage) -> None:
        """Look again at an event that was kept."""

        def come_back(row: EventRow, now: float) -> None:
            reason = "it is claimed, and the message that brought it, which has its payload, has not finished it"
            self._come_back(message.choreography, message.entity_id, row, message.kind, now, reason)

        if question := about_kept(message, self.ports, without_payload=come_back):
            go_round(question, decide, self._perform, self.ports)

    def on_change(self, journey_key: str) -> None:
        """A journey that has kept events changed: perhaps it accepts one of them now.

        One event is claimed: moving the journey on changes it, and that is the next record. Every claim that somebody
        began is finished before that, since for the last of them no record may be left.
        """
        for _ in range(MAX_ROUNDS):
            now = self.ports.clock()
            snapshot = self.ports.table.read_all(journey_key)
            rows = (snapshot.rows or {}).values()
            settings = next((row.choreography for row in rows if row.choreography), None)
            if settings is None:
                return
            choreography = Choreography.from_message(settings)
            step = decide_stream(snapshot, choreography, now)
            match step:
                case Drop():
                    return
                case Finish(row):
                    self._finish(row, event_of(row), choreography, snapshot)
                case Claim():
                    if self._claim(step, choreography, snapshot, now):
                        return
                case SettleTimers(events):
                    for event_id, at in events:
                        self._timer("settle", choreography, _entity_id(journey_key), event_id, at - now)
                    return
                case _:
                    assert_never(step)
        raise NotYet(f"journey {journey_key!r} changed {MAX_ROUNDS} times while it was looked at")

    # ---- performing a step --------

    def _perform(self, step: EventStep, question: Question) -> bool:
        """Do *step*; False if the table has changed under it."""
        match step:
            case Claim():
                return self._claim(step, question.choreography, question.snapshot, question.now)
            case Keep(settle_at, held_for):
                return self._keep(question, settle_at, held_for)
            case SendTimers(deadline, settle_at):
                self._send_timers(question, deadline, settle_at)
            case Finish(row):
                self._finish(row, question.event, question.choreography, question.snapshot)
            case ClaimFailure():
                return self._claim_failure(step, question)
            case ClaimReport():
                return self._claim_report(step, question)
            case ComeBack(row, reason):
                self._come_back(question.choreography, question.event.entity_id, row, "deadline", question.now, reason)
            case HandToStart():
                self._hand_to_start(question)
            case Drop(duplicate):
                if duplicate and question.kind == "event":
                    self.ports.measures.count("EventsDuplicated", question.choreography.name)
            case ReadAll() | AskExecution() | AskWaits():
                raise AssertionError(step)
            case _:
                assert_never(step)
        return True

    # ---- claim, send, record --------

    def _claim(self, step: Claim, choreography: Choreography, snapshot: Snapshot, now: float) -> bool:
        key, event, wait = snapshot.journey.key, step.event, step.wait
        row = snapshot.row(event.event_id)
        deadline = row.deadline if row else now + grace_seconds(snapshot.journey, choreography)
        memory = wait.memory_after(event)
        answer = compact_json(output(event, memory, choreography))  # before the claim: what does not fit claims nothing
        if not self.ports.table.claim(key, event, wait, now, deadline, was_kept=step.was_kept, memory=memory):
            return False
        state, seconds = wait.state_name or wait.state, round(max(0.0, now - wait.entered_at), 3)
        self.ports.measures.time_in_state(choreography.name, state, seconds)
        held = _Held(wait.token, wait.execution, deadline, step.was_kept, memory, state, seconds)
        self._claimed(key, event, choreography, held, answer)
        return True

    def _claimed(self, key: str, event: Event, choreography: Choreography, held: _Held, answer: str) -> None:
        if self.ports.executions.succeed(held.token, answer) is Answer.REFUSED:
            verdict = self.ports.executions.verdict(held.execution, token=held.token, event_id=event.event_id)
            if verdict is Verdict.OPEN:
                raise NotYet(f"the task that event {event.event_id} answers is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                seconds = held.deadline - self.ports.clock()
                self._timer("deadline", choreography, event.entity_id, event.event_id, seconds)
                self.ports.table.give_back(key, event, held.token, choreography)
                return
        self.ports.table.record_done(key, event, held.token, in_kept=held.in_kept)
        self.ports.measures.count("EventsDelivered", choreography.name)
        logger.info(
            "event moved its journey",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            state=held.state,
            seconds_in_state=held.seconds_in_state,
        )

    def _finish(self, row: EventRow, event: Event, choreography: Choreography, snapshot: Snapshot) -> None:
        """Finish a claim, a failure or a report that somebody began, perhaps died over, perhaps is still at."""
        key, in_kept = snapshot.journey.key, row.event_id in snapshot.journey.kept
        match row.status:
            case Status.CLAIMED:
                held = _Held(_required(row.token), _required(row.execution), row.deadline, in_kept, row.memory)
                answer = compact_json(output(event, held.memory, choreography))
                self._claimed(key, event, choreography, held, answer)
            case Status.FAILING:
                self._fail(snapshot.journey, row, event, choreography)
            case Status.REPORTING:
                self._report(snapshot.journey, row, event, choreography, in_kept=in_kept)
            case _:
                raise AssertionError(row.status)

    # ---- keeping --------

    def _keep(self, question: Question, settle_at: float | None, held_for: str | None) -> bool:
        choreography, event, now = question.choreography, question.event, question.now
        deadline = now + grace_seconds(question.journey, choreography)
        if not self.ports.table.keep(
            question.journey, event, choreography, arrived_at=now, deadline=deadline, held_for=held_for
        ):
            return False
        self.ports.measures.count("EventsKept", choreography.name)
        logger.info(
            "event kept",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            contested=settle_at is not None,
        )
        self._send_timers(question, deadline, settle_at)
        return True

    def _send_timers(self, question: Question, deadline: float | None, settle_at: float | None) -> None:
        """One message: what comes when the event has settled goes on to its deadline if it is not its turn then."""
        event, now = question.event, question.now
        moments = [] if settle_at is None else [settle_at - now]
        if deadline is not None:
            moments.append(deadline - now if deadline > now else _pause(now - deadline))
        kind: Kind = "settle" if deadline is None else "deadline"
        self._timer(kind, question.choreography, event.entity_id, event.event_id, min(moments))

    def _hand_to_start(self, question: Question) -> None:
        event = question.event
        self._timer("settle", question.choreography, event.entity_id, event.event_id, 0, "start")

    def _timer(
        self,
        kind: Kind,
        choreography: Choreography,
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
        key, event = question.journey.key, question.event
        if question.row is None or not self.ports.table.claim_failure(key, event.event_id, step.wait, step.deviation):
            return False
        row = question.row._replace(
            status=Status.FAILING,
            token=step.wait.token,
            execution=step.wait.execution,
            deviation=step.deviation._asdict(),
        )
        self._fail(question.journey, row, event, question.choreography)
        return True

    def _fail(self, journey: Journey, row: EventRow, event: Event, choreography: Choreography) -> None:
        token, execution = _required(row.token), _required(row.execution)
        cause = str((row.deviation or {}).get("cause"))
        if self.ports.executions.fail(token, "UnexpectedEvent", cause) is Answer.REFUSED:
            verdict = self.ports.executions.verdict(execution, token=token, event_id=row.event_id, failure=True)
            if verdict is Verdict.OPEN:
                raise NotYet(f"the task that event {row.event_id} lets fail is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                self._timer("deadline", choreography, event.entity_id, row.event_id, 1)
                self.ports.table.give_back_failure(journey.key, event, token)
                return
        self._report(journey, row, event, choreography, in_kept=True)

    def _claim_report(self, step: ClaimReport, question: Question) -> bool:
        key, event, was_kept = question.journey.key, question.event, question.row is not None
        if not self.ports.table.claim_report(
            key, event, step.deviation, question.now, was_kept=was_kept, is_start=step.is_start
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
        self._report(question.journey, row, event, question.choreography, in_kept=False)
        return True

    def _report(
        self, journey: Journey, row: EventRow, event: Event, choreography: Choreography, *, in_kept: bool
    ) -> None:
        self.ports.reports.deviated(choreography, event.entity_id, row.execution or journey.execution_arn, row)
        self.ports.table.record_reported(journey.key, event, in_kept=in_kept)

    def _come_back(
        self, choreography: Choreography, entity_id: str, row: EventRow, kind: Kind, now: float, reason: str
    ) -> None:
        if now > row.deadline + PATIENCE_SECONDS:
            raise MessageFault(
                f"event {row.event_id} of journey {choreography.journey_key(entity_id)!r} could not be judged for "
                f"{PATIENCE_SECONDS // 86_400} days after its deadline: {reason}"
            )
        self._timer(kind, choreography, entity_id, row.event_id, _pause(now - row.deadline))


def _pause(overdue_seconds: float) -> float:
    """Half as long again as it is overdue: soon at first, a few messages a day in the end."""
    return min(_LONGEST_PAUSE_SECONDS, max(1.0, overdue_seconds / 2))


def _required(value: str | None) -> str:
    if value is None:
        raise AssertionError("a claimed row names its token and its execution")
    return value


def _entity_id(journey_key: str) -> str:
    return journey_key.partition("#")[2]
