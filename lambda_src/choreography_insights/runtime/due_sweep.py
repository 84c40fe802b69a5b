"""Sweeping up what is due: kept events whose next look is more than a quarter of an hour after the last."""

from choreography_insights.core.keys import id_of

from .batch import side_by_side
from .due_index import DUE_SHARDS, MOST_DUE, Due
from .messages import SweepDue, settings_from
from .ports import Ports

#: The sweep comes every minute, and a message may be delayed: so nothing comes later than it is due.
_AHEAD_SECONDS = 60.0
#: A leased event is taken up again after so long, should its message be lost.
_LEASE_SECONDS = 900.0


class DueSweep:
    """The resume function's work every minute, by an index that holds only events with a due time."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def on_sweep_due(self, _: SweepDue) -> None:
        """Send a message about every kept event that is due within the next minute, to come when it is.

        Each message begins a chain of its own. Where a shard had more than could be taken, word to sweep is sent again.
        """
        now = self.ports.clock()
        found = side_by_side(range(DUE_SHARDS), lambda shard: self.ports.table.due(shard, now + _AHEAD_SECONDS))
        side_by_side([due for shard in found for due in shard], lambda due: self._take(due, now))
        if any(len(shard) >= MOST_DUE for shard in found):
            self.ports.timers.sweep_again()

    def _take(self, due: Due, now: float) -> None:
        row = self.ports.table.lease(due, now + _LEASE_SECONDS)
        if row is None or row.choreography is None:
            return
        polled = row.is_start and row.deadline is not None and now < row.deadline
        self.ports.timers.send(
            "settle" if polled else "deadline",
            settings_from(row.choreography),
            id_of(due.key),
            due.event_id,
            due.due_at - now,
            "start" if polled else "event",
            known_as=row.known_as,
        )
