"""Closing journeys: Step Functions says that an execution has ended."""

import json

from .deadline import DOUBT_AFTER_SECONDS
from .journey import SUCCEEDED, Journey, Status
from .log import logger
from .messages import ExecutionEnded, settings_from
from .names import execution_arn
from .ports import Ports


class Closing:
    """The resume function's work on status events. They are best effort, so nothing else may depend on it."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def on_execution_ended(self, end: ExecutionEnded) -> None:
        """Close the journey's row, if it is still about this execution, and report the end.

        Word of an end may come again, and late: an execution that has been redriven since goes on. Step Functions is
        asked only where that may be so. It answers to 15 such questions a second, and a mistake may end 50,000 journeys
        within minutes.
        """
        if end.input_json is None:
            end = self.ports.executions.completed(end)
        journey = self._journey(end)
        if journey is None:
            logger.info("an execution without a journey ended", execution_arn=end.execution_arn, status=end.status)
            return
        key, choreography, entity_id = journey
        if self._is_doubted(end, key) and self.ports.executions.was_redriven(end.execution_arn, end.ended_at):
            logger.info("an execution that had ended runs again", execution_arn=end.execution_arn, status=end.status)
            return
        execution = end.execution_arn.rpartition(":")[2]
        closed = self.ports.table.close(key, execution, end.status, end.ended_at)
        if closed is not None and closed.starts:
            self._begin_the_next(closed)
        self.ports.reports.ended(end, choreography, entity_id)

    def _is_doubted(self, end: ExecutionEnded, key: str) -> bool:
        """Whether the execution may run again: the word is old, or the journey waits in a state entered since."""
        if end.status == SUCCEEDED:
            return False
        if self.ports.clock() - end.ended_at > DOUBT_AFTER_SECONDS:
            return True
        waits = self.ports.table.read_journey(key).journey.waits
        return any(wait.entered_at > end.ended_at for wait in waits)

    def _begin_the_next(self, journey: Journey) -> None:
        """Have the start function look at the oldest start event that waits for the end, before it does of itself."""
        oldest = min(journey.starts.values(), key=lambda kept: (kept.time, kept.arrived_at, kept.event_id))
        for row in self.ports.table.read_rows(journey.key, [oldest.event_id]):
            if row.status is Status.KEPT and row.choreography is not None:
                choreography = settings_from(row.choreography)
                self.ports.timers.send("settle", choreography, journey.entity_id, row.event_id, seconds=0, to="start")

    def _journey(self, end: ExecutionEnded) -> tuple[str, str, str] | None:
        """Key, choreography and entity id, from the execution's input.

        None for one of another deployment, if its name begins with that of this one: shop-eu beside shop.
        """
        try:
            data = json.loads(end.input_json or "null")
            key, choreography, entity_id = str(data["journey"]), str(data["choreography"]), str(data["entityId"])
        except (ValueError, TypeError, KeyError):
            return None
        prefix = self.ports.state_machine_arn_prefix
        is_ours = not prefix or end.execution_arn.startswith(execution_arn(f"{prefix}{choreography}", ""))
        return (key, choreography, entity_id) if is_ours else None
