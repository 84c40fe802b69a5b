"""Deviations: the journey fails by an event, or the event is only reported. Each is claimed before it is told.

Read it beside the page "correlation protocol", "A deadline passes".
"""

from choreography_insights.core.keys import id_of, is_of_name, kind_in

from .errors import RetryLater
from .event import Event
from .executions import Answer, Verdict
from .journey import EventRow, Journey, KeptEvent, Status
from .names import execution_arn
from .ports import Ports
from .settings import ChoreographySettings
from .steps import ClaimFailure, Deviation, Question


class Deviations:
    """The resume function's work on events that no state accepted."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def claim_failure(self, step: ClaimFailure, question: Question) -> bool:
        """Take the event out of play together with the wait, and let the journey fail; False if either has changed."""
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
        self.fail(journey._replace(claimed=claimed), failing, question.event, question.choreography)
        return True

    def fail(self, journey: Journey, row: EventRow, event: Event, choreography: ChoreographySettings) -> None:
        """Let the journey fail by the event of *row*, which is FAILING, and report it."""
        token, claimed = row.token or "", journey.claimed.get(row.event_id)
        arn = execution_arn(choreography.state_machine_arn, row.execution or "")
        cause = str((row.deviation or {}).get("cause"))
        if self.ports.executions.fail(token, "UnexpectedEvent", cause) is Answer.REFUSED:
            verdict = self.ports.executions.verdict(arn, token=token, event_id=row.event_id, failure=True)
            if verdict is Verdict.OPEN:
                raise RetryLater(f"the task that event {row.event_id} lets fail is not open yet; the claim stays")
            if verdict is Verdict.CLOSED:
                self.ports.timers.send("deadline", choreography, event.entity_id, row.event_id, seconds=1)
                self.ports.table.give_back_failure(journey.key, row, token, claimed)
                return
        self.report(journey, row, event, choreography, claimed=claimed)

    def claim_report(
        self,
        journey: Journey,
        event: Event,
        choreography: ChoreographySettings,
        deviation: Deviation,
        now: float,
        *,
        was_kept: bool,
        is_start: bool = False,
    ) -> bool:
        """Take the event out of play, and report it; False if it has changed."""
        if not self.ports.table.claim_report(journey, event, deviation, now, was_kept=was_kept, is_start=is_start):
            return False
        told = deviation._asdict()
        row = EventRow(event.event_id, Status.REPORTING, event.name, event.time, is_start=is_start, deviation=told)
        self.report(journey, row, event, choreography, claimed=None)
        return True

    def report(
        self,
        journey: Journey,
        row: EventRow,
        event: Event,
        choreography: ChoreographySettings,
        *,
        claimed: KeptEvent | None,
    ) -> None:
        """Report the event of *row*, and record that; *claimed*: as what the journey's row names it."""
        if (row.deviation or {}).get("reason") == "Retired":
            self.ports.metrics.count("EventsRetired", choreography.name)
            self.ports.table.record_reported(journey.key, event, claimed, now=None)
            return
        execution = row.execution or journey.execution
        arn = None if execution is None else execution_arn(choreography.state_machine_arn, execution)
        name = (row.known_as or kind_in(journey.key), id_of(journey.key)) if is_of_name(journey.key) else None
        self.ports.reports.deviated(choreography, event, arn, row, name)
        self.ports.table.record_reported(journey.key, event, claimed, now=self.ports.clock())
