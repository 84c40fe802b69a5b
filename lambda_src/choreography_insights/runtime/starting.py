"""Beginning journeys: the start half of the correlation protocol, call by call."""

from typing import Literal, assert_never

from .decision import (
    AskExecution,
    ClaimReport,
    ClaimStart,
    Drop,
    Finish,
    HandToResume,
    Keep,
    Kind,
    Question,
    SendTimers,
    StartStep,
    decide_start,
)
from .events import Event, compact_json, first_memory, output
from .log import logger
from .messages import AgainMessage, EventMessage
from .names import execution_arn, execution_name
from .ports import Ports
from .rounds import about_event, about_kept, go_round


class Starting:
    """The start function's work."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def on_event(self, message: EventMessage) -> None:
        """Take in a start event that came by its rule."""
        go_round(about_event(message, self.ports), decide_start, self._perform, self.ports)

    def on_again(self, message: AgainMessage) -> None:
        """Look again at a start event that met a running journey."""
        if question := about_kept(message, self.ports):
            go_round(question, decide_start, self._perform, self.ports)

    def _perform(self, step: StartStep, question: Question) -> bool:
        """Do *step*; False if the table has changed under it."""
        event, choreography, journey = question.event, question.choreography, question.journey
        match step:
            case ClaimStart(old, was_kept):
                arn, data = _arn(question), _input(question)  # before the claim: what does not fit claims nothing
                if not self.ports.table.claim_start(old, event, arn, choreography, question.now, was_kept=was_kept):
                    return False
                self._start(question, data)
            case Finish():
                self._start(question, _input(question))
            case Keep(poll_at):
                deadline = question.now + choreography.early_seconds
                if not self.ports.table.keep(
                    journey, event, choreography, arrived_at=question.now, deadline=deadline, is_start=True
                ):
                    return False
                self.ports.measures.count("EventsKept", choreography.name)
                logger.info(
                    "start event kept: a journey runs",
                    choreography=choreography.name,
                    entity_id=event.entity_id,
                    event_name=event.name,
                    event_id=event.event_id,
                )
                self._send_timers(question, deadline, poll_at)
            case SendTimers(deadline_again, poll_again):
                self._send_timers(question, deadline_again, poll_again)
            case ClaimReport(deviation, is_start):
                # Reporting is the resume function's: it finds the row, finishes what is begun here.
                if not self.ports.table.claim_report(
                    journey.key, event, deviation, question.now, was_kept=False, is_start=is_start
                ):
                    return False
                self._hand_to_resume(question)
            case HandToResume():
                self._hand_to_resume(question)
            case Drop(duplicate):
                if duplicate and question.kind == "event":
                    self.ports.measures.count("EventsDuplicated", choreography.name)
            case AskExecution():
                raise AssertionError(step)
            case _:
                assert_never(step)
        return True

    def _start(self, question: Question, data: str) -> None:
        event, choreography = question.event, question.choreography
        name = execution_name(question.journey.key, event.entity_id, event.event_id)
        self.ports.executions.start(choreography.state_machine_arn, name, data)
        self.ports.table.record_started(question.journey.key, event.event_id)
        self.ports.measures.count("JourneysStarted", choreography.name)
        logger.info(
            "journey started",
            choreography=choreography.name,
            entity_id=event.entity_id,
            execution_arn=_arn(question),
            event_name=event.name,
            event_id=event.event_id,
        )

    def _send_timers(self, question: Question, deadline: float | None, poll_at: float | None) -> None:
        if deadline is not None:
            self._timer(question, "deadline", deadline, "event")
        if poll_at is not None:
            self._timer(question, "settle", poll_at, "start")

    def _hand_to_resume(self, question: Question) -> None:
        self._timer(question, "finish", question.now, "event")

    def _timer(self, question: Question, kind: Kind, at: float, to: Literal["event", "start"]) -> None:
        event: Event = question.event
        self.ports.timers.send(
            kind,
            choreography=question.choreography,
            entity_id=event.entity_id,
            event_id=event.event_id,
            seconds=at - question.now,
            to=to,
        )


def _arn(question: Question) -> str:
    event = question.event
    name = execution_name(question.journey.key, event.entity_id, event.event_id)
    return execution_arn(question.choreography.state_machine_arn, name)


def _input(question: Question) -> str:
    """The execution's input, made of the start event alone: the same bytes whenever it is made again."""
    event, choreography = question.event, question.choreography
    return compact_json(
        {
            "choreography": choreography.name,
            "entityId": event.entity_id,
            "journey": question.journey.key,
            "event": output(event, first_memory(event, choreography), choreography),
        }
    )
