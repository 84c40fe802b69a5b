"""The scan for journeys that are overdue: nothing else would notice an event that never comes."""

from collections import Counter

from .closing import Closing
from .due_index import Overdue
from .errors import Throttled
from .log import logger, reason_of
from .messages import ScanOverdue
from .names import execution_arn
from .ports import Ports

#: Not longer than this is Step Functions asked; then the others are taken to run, until the next look.
_LOOK_SECONDS = 3


class OverdueScan:
    """The resume function's regular look, by an index that holds only journeys with a due time."""

    def __init__(self, ports: Ports, closing: Closing) -> None:
        self.ports = ports
        self.closing = closing

    def on_scan_overdue(self, _: ScanOverdue) -> None:
        """Count and log the journeys that are overdue, those due longest first.

        One whose execution has ended is closed: Step Functions' word of it got lost. Where Step Functions throttles
        that question, or answers slowly, the others are taken to run.
        """
        now = self.ports.clock()
        numbers: Counter[str] = Counter()
        may_ask = True
        for journey in self.ports.table.overdue(now):
            try:
                runs = not may_ask or self._may_run(journey)
            except Throttled:
                runs = True
                may_ask = False
            may_ask = may_ask and self.ports.clock() - now < _LOOK_SECONDS
            if runs:
                numbers[journey.choreography] += 1
                self._tell(journey, now - journey.due_at)
        self.ports.metrics.level("JourneysOverdue", numbers)

    def _arn(self, journey: Overdue) -> str:
        return execution_arn(f"{self.ports.state_machine_arn_prefix}{journey.choreography}", journey.execution)

    def _may_run(self, journey: Overdue) -> bool:
        """Whether *journey* runs, or cannot be looked at, which is told and keeps no other from being counted."""
        try:
            return self._still_runs(journey)
        except Throttled:
            raise
        except Exception as error:  # noqa: BLE001 - said here; the next look comes in a few minutes
            logger.exception(
                "overdue journey could not be looked at", execution_arn=self._arn(journey), reason=reason_of(error)
            )
            return True

    def _still_runs(self, journey: Overdue) -> bool:
        if end := self.ports.executions.end(self._arn(journey)):
            # The index lags behind the table: somebody may have closed it a moment ago.
            if not self.ports.table.read_journey(journey.key).journey.is_over:
                self.closing.on_execution_ended(end)
            return False
        return True

    def _tell(self, journey: Overdue, seconds: float) -> None:
        self.ports.metrics.duration("OverdueBy", journey.choreography, seconds)
        logger.warning(
            "journey overdue",
            choreography=journey.choreography,
            entity_id=journey.entity_id,
            execution_arn=self._arn(journey),
            overdue_seconds=round(seconds),
        )
