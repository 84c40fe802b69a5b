"""Beginning journeys: the start half of the correlation protocol, call by call."""

from typing import Literal

from . import read_model
from .correlation import Deciding, about_event, about_kept, note_repeated, until_done
from .decision import as_kept
from .event import Event, compact_json, first_memory, output
from .journey import EVENT_ROW_DAYS, MAX_AGE_SECONDS, Journey
from .log import logger
from .messages import EventMessage, RecheckMessage
from .names import execution_arn, execution_name
from .ports import Ports
from .settings import ChoreographySettings
from .start_decision import decide_start
from .steps import (
    ClaimReport,
    ClaimStart,
    Drop,
    Finish,
    GiveWay,
    HandToResume,
    Keep,
    Kind,
    Question,
    SendTimers,
    StartAction,
)
from .timers import LONGEST_DELAY_SECONDS

_DAY = 86_400


class Starting:
    """The start function's work."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self._starts: Deciding[Question, StartAction] = Deciding(decide_start, ports)

    def on_event(self, message: EventMessage) -> None:
        """Take in a start event that came by its rule."""
        known = until_done(about_event(message, self.ports), self._starts, self._perform)
        if message.event.event_id in known.snapshot.rows:
            note_repeated(message, known, self.ports)

    def on_recheck(self, message: RecheckMessage) -> None:
        """Look again at a start event that met a running journey."""
        if question := about_kept(message, self.ports):
            until_done(question, self._starts, self._perform)

    def _perform(self, action: StartAction, question: Question) -> bool:
        """Do it; False if the table has changed under it."""
        match action:
            case ClaimStart(old, row):
                return self._claim(old, question, was_kept=row is not None)
            case Finish():
                return self._start(question, _input(question))
            case GiveWay():
                return self._give_way(action, question)
            case Keep(poll_at):
                return self._keep(question, poll_at)
            case SendTimers(deadline, poll_at):
                return self._send_timers(question, deadline, poll_at)
            case ClaimReport(deviation, is_start):
                # Reporting is the resume function's: it finds the row, finishes what is begun here.
                return self.ports.table.claim_report(
                    question.journey, question.event, deviation, question.now, was_kept=False, is_start=is_start
                ) and self._timer(question, "finish", question.now, "event")
            case HandToResume():
                return self._timer(question, "finish", question.now, "event")
            case Drop(duplicate):
                if duplicate and question.kind == "event":
                    self.ports.metrics.count("EventsDuplicated", question.choreography.name)
                return True

    def _claim(self, old: Journey, question: Question, *, was_kept: bool) -> bool:
        event, choreography = question.event, question.choreography
        name, data = _name(question), _input(question)  # before the claim: what does not fit claims nothing
        return self.ports.table.claim_start(
            old, event, name, choreography, _begins_at(question), now=question.now, was_kept=was_kept
        ) and self._start(question, data)

    def _give_way(self, step: GiveWay, question: Question) -> bool:
        is_kept = question.row is not None or self._keep(question, step.poll_at)
        if question.row is not None:
            self._send_timers(question, None, step.poll_at)
        self.ports.timers.send(
            "settle", question.choreography, question.event.entity_id, step.first, seconds=0, to="start"
        )
        return is_kept

    def _keep(self, question: Question, poll_at: float | None) -> bool:
        event, choreography = question.event, question.choreography
        # How long a state keeps events is about those that are none of the next journey.
        deadline = round(question.now + choreography.early_seconds + self.ports.redelivery.longest_seconds, 3)
        kept = as_kept(question)._replace(deadline=deadline)
        later = deadline if deadline - question.now > LONGEST_DELAY_SECONDS else None
        may_move = event.name in choreography.moves
        if not self.ports.table.keep(
            question.journey, event, choreography, kept, due_at=later, is_start=True, may_move=may_move
        ):
            return False
        self.ports.metrics.count("EventsKept", choreography.name)
        logger.info(
            "start event kept: a journey runs",
            choreography=choreography.name,
            entity_id=event.entity_id,
            event_name=event.name,
            event_id=event.event_id,
            eventbridge_id=event.bridge_id,
        )
        return self._send_timers(question, deadline, poll_at)

    def _start(self, question: Question, data: str) -> bool:
        event, choreography = question.event, question.choreography
        name = _name(question)
        self.ports.executions.start(choreography.state_machine_arn, name, data)
        self.ports.table.record_started(question.journey.key, event.event_id)
        self.ports.metrics.count("JourneysStarted", choreography.name)
        logger.info(
            "journey started",
            choreography=choreography.name,
            entity_id=event.entity_id,
            execution_arn=execution_arn(choreography.state_machine_arn, name),
            event_name=event.name,
            event_id=event.event_id,
            eventbridge_id=event.bridge_id,
        )
        return True

    def _send_timers(self, question: Question, deadline: float | None, poll_at: float | None) -> bool:
        """What is more than a quarter of an hour away is found by the sweep: the row of the event says when."""
        if deadline is not None and deadline - question.now <= LONGEST_DELAY_SECONDS:
            self._timer(question, "deadline", deadline, "event")
        if poll_at is None:
            return True
        if poll_at - question.now <= LONGEST_DELAY_SECONDS:
            self._timer(question, "settle", poll_at, "start")
        elif question.row is not None and question.row.deadline is not None:
            until = min(poll_at, question.row.deadline)
            self.ports.table.set_due(question.journey.key, question.event.event_id, until)
        return True

    def _timer(self, question: Question, kind: Kind, at: float, to: Literal["event", "start"]) -> bool:
        event = question.event
        self.ports.timers.send(kind, question.choreography, event.entity_id, event.event_id, at - question.now, to)
        return True


def _begins_at(question: Question) -> float:
    """Since when events are the new journey's: since its start event was there, and the last journey had ended."""
    arrived_at = question.now if question.row is None else question.row.arrived_at
    return round(max(arrived_at, question.journey.ended_at), 3)


def _name(question: Question) -> str:
    event = question.event
    return execution_name(question.journey.key, event.entity_id, event.event_id)


def _input(question: Question) -> str:
    """The execution's input, made of the start event alone: the same bytes whenever it is made again."""
    event, choreography = question.event, question.choreography
    memory = first_memory(event, choreography)
    return compact_json(
        {
            "choreography": choreography.name,
            "entityId": event.entity_id,
            "journey": question.journey.key,
            "event": output(event, {} if memory is None else {"remembered": memory}, choreography),
            "expiresAt": _outlived_by_waits(event, choreography),
            "at": read_model.partition(question.journey.key),
        }
    )


def _outlived_by_waits(event: Event, choreography: ChoreographySettings) -> int:
    """When nobody can ask any more for what a wait of the journey has written (epoch seconds).

    It begins when its start event may be as old as one is taken, and was kept, and had its row for all the time that it
    has one; it takes its timeout; and then its row stays for as long as the journey's does.
    """
    begins = int(event.published) + MAX_AGE_SECONDS + int(choreography.early_seconds) + EVENT_ROW_DAYS * _DAY
    return begins + int(choreography.timeout_seconds) + EVENT_ROW_DAYS * _DAY
