"""Closing journeys: Step Functions says that an execution has ended."""

import json

from .choreography import Choreography
from .journey import SUCCEEDED, Status
from .log import logger
from .messages import ExecutionEnded
from .ports import Ports

#: Word of an end that is older than this has lain somewhere: the execution may have been redriven since.
DOUBTED_AFTER_SECONDS = 300


class Ending:
    """The resume function's work on status events. They are best effort, so nothing else may depend on it."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def on_end(self, end: ExecutionEnded) -> None:
        """Close the journey's row, if it is still about this execution, and report the end.

        Word of an end may come again, and late: an execution that has been redriven since goes on. Step Functions is
        asked only where that may be so. It answers to 15 such questions a second, and a mistake may end 50,000 journeys
        within minutes.
        """
        journey = self._journey(end)
        if journey is None:
            logger.info("an execution without a journey ended", execution_arn=end.execution_arn, status=end.status)
            return
        key, choreography, entity_id = journey
        if self._is_doubted(end, key) and self.ports.executions.was_redriven(end.execution_arn, end.ended_at):
            logger.info("an execution that had ended runs again", execution_arn=end.execution_arn, status=end.status)
            return
        closed = self.ports.table.close(key, end.execution_arn, end.status, self.ports.clock())
        if closed is not None and closed.kept:
            self._begin_the_next(key, entity_id)
        self.ports.reports.ended(end, choreography, entity_id)

    def _is_doubted(self, end: ExecutionEnded, key: str) -> bool:
        """Whether the execution may run again: the word is old, or the journey waits in a state entered since."""
        if end.status == SUCCEEDED:
            return False
        if self.ports.clock() - end.ended_at > DOUBTED_AFTER_SECONDS:
            return True
        waits = self.ports.table.read_journey(key).journey.open_waits
        return any(wait.entered_at > end.ended_at for wait in waits)

    def _begin_the_next(self, key: str, entity_id: str) -> None:
        """Have the start function look at the oldest start event that waits for the end, before it does of itself."""
        rows = (self.ports.table.read_all(key).rows or {}).values()
        waiting = [row for row in rows if row.is_start and row.status is Status.KEPT and row.choreography]
        if waiting:
            oldest = min(waiting, key=lambda row: (row.time, row.arrived_at, row.event_id))
            choreography = Choreography.from_message(oldest.choreography or {})
            self.ports.timers.send(
                "settle",
                choreography=choreography,
                entity_id=entity_id,
                event_id=oldest.event_id,
                seconds=0,
                to="start",
            )

    def _journey(self, end: ExecutionEnded) -> tuple[str, str, str] | None:
        """Key, choreography and entity id, from the execution's input. EventBridge leaves out an input that is big."""
        text = end.input_json if end.input_json is not None else self.ports.executions.input(end.execution_arn)
        try:
            data = json.loads(text or "null")
            return str(data["journey"]), str(data["choreography"]), str(data["entityId"])
        except (ValueError, TypeError, KeyError):
            return None
