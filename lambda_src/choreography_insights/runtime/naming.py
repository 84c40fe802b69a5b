"""Ids that change on the way: what comes before an event is looked at as its entity's, and what comes after.

Read it beside the page "correlation protocol", "Other names". Nothing in between knows of names.
"""

from collections.abc import Callable

from choreography_insights.core.keys import id_of, journey_key, name_key, taken_key

from .claims import DAY
from .deviations import Deviations
from .errors import RetryLater
from .event import event_under_id
from .inquiries import MAX_ROUNDS
from .journey import EVENT_ROW_DAYS, EventRow, Journey, Status, event_of
from .log import logger
from .messages import EventMessage, NameRecheck, Names, NamingMessage, settings_from
from .name_rows import Waiting
from .ports import Ports
from .settings import ChoreographySettings
from .steps import Deviation, Kind
from .timers import LONGEST_DELAY_SECONDS


class Naming:
    """What is done for a message whose event teaches names, or comes under one. *take* looks at it as its entity's."""

    def __init__(self, ports: Ports, take: Callable[[EventMessage], None]) -> None:
        self.ports = ports
        self.take = take
        self.deviations = Deviations(ports)

    # ---- ways in --------

    def on_event(self, message: NamingMessage) -> None:
        """Take in an event that came by its rule."""
        about, kind = message.about, message.known_as
        if kind is None:
            self._take(about, message.teaches)
            return
        key, event = about.journey_key, about.event
        for _ in range(MAX_ROUNDS):
            name = self.ports.table.read_name(key, kind)
            # It may have waited, and be reported: nobody reports it any more once the name is known to be taught.
            found = self.ports.table.read_waiting(key, event.event_id) if name.was_awaited else None
            if found is not None and found.row.status is not Status.KEPT:
                if found.row.status is Status.REPORTED:
                    self.ports.metrics.count("EventsDuplicated", about.choreography.name)
                self._finish(key, found.row, about.choreography)
                return
            if name.entity is not None:
                self._take_as(about, kind, message.teaches, name.entity, found)
                return
            if found is not None:
                self._look_again(about.choreography, key, kind, found.row)
                return
            if self._wait(about, kind, message.teaches):
                return
        raise RetryLater(f"event {event.event_id} met others of its name {MAX_ROUNDS} times; it must come again")

    def on_recheck(self, message: NameRecheck) -> None:
        """Look again at an event that waits under a name, or is being reported there."""
        key, kind = message.journey_key, message.known_as
        for _ in range(MAX_ROUNDS):
            now = self.ports.clock()
            name = self.ports.table.read_name(key, kind)
            found = self.ports.table.read_waiting(key, message.event_id)
            if found is None:
                return
            # Who teaches a name has read its own event by its own settings; those of this one are in its row.
            own = found.row.choreography
            message = message if own is None else message._replace(choreography=settings_from(own))
            if found.row.status is not Status.KEPT:
                self._finish(key, found.row, message.choreography)
                return
            if name.entity is not None:
                about = EventMessage(message.choreography, event_of(found.row), key, message.receive_count)
                self._take_as(about, kind, found.teaches, name.entity, found)
                return
            row, patience = found.row, self.ports.redelivery.longest_seconds
            deadline = row.deadline or 0.0
            if message.receive_count > 1 and now < deadline + patience:
                # Who teaches the name may have met the same trouble, and come again a little later.
                self._send(message.choreography, key, kind, row.event_id, patience)
                return
            if self._claim_untaught(message, kind, row, now):
                return
        raise RetryLater(f"event {message.event_id} met others of its name {MAX_ROUNDS} times; it must come again")

    # ---- an event that teaches --------

    def _take(self, message: EventMessage, teaches: Names) -> None:
        """Look at an event as its entity's; the names that it teaches are taught before, and told of after.

        So who waits for a name does not overtake who teaches it. Each delivery does both: the one before may have died.
        """
        waiting = [found for kind, name in teaches for found in self._teach(message, kind, name)]
        self.take(message)
        for key, kind, event_id in waiting:
            self._send(message.choreography, key, kind, event_id, 0)

    def _teach(self, message: EventMessage, kind: str, name: str) -> list[tuple[str, str, str]]:
        """Who waits for the name: its key and kind, and the event. If it is another entity's, that is a deviation."""
        choreography, entity_id = message.choreography, message.event.entity_id
        key = name_key(choreography.name, name)
        # As long as the row of a journey that begins at the end of the grace period.
        lives = choreography.early_seconds + choreography.timeout_seconds + EVENT_ROW_DAYS * DAY
        expires = int(self.ports.clock() + lives)
        waiting = self.ports.table.teach(key, kind, entity_id, expires)
        if waiting is None:
            self._claim_taken(message, kind, name)
            return []
        self.ports.table.note_name(journey_key(choreography.name, entity_id), kind, name, expires)
        return [(key, kind, event_id) for event_id in waiting]

    def _claim_taken(self, message: EventMessage, kind: str, name: str) -> None:
        """Take the teaching out of play, and have it reported: that is the resume function's to do."""
        event, choreography = message.event, message.choreography
        key = taken_key(choreography.name, kind, name)
        cause = (
            f"Event {event.name!r} (id {event.event_id}) teaches that {kind} {name!r} is {event.entity_id!r}; "
            "another entity has that name."
        )
        deviation, now = Deviation("NameTaken", cause, policy="report"), self.ports.clock()
        if not self.ports.table.claim_report(Journey(key), event, deviation, now, was_kept=False):
            found = self.ports.table.read_waiting(key, event.event_id)
            if found is None:
                raise RetryLater(f"the name that event {event.event_id} teaches is being written; it must come again")
            if found.row.status is not Status.REPORTING:
                return
        self._send(choreography, key, kind, event.event_id, 0, "finish")

    # ---- an event under a name --------

    def _take_as(self, message: EventMessage, kind: str, teaches: Names, entity_id: str, found: Waiting | None) -> None:
        """Look at the event as the entity's, as of when it first came; then its row under the name goes."""
        own = message._replace(
            event=event_under_id(message.event, entity_id),
            journey_key=journey_key(message.choreography.name, entity_id),
            arrived_at=None if found is None else found.row.arrived_at,
        )
        self._take(own, teaches)
        if found is not None:
            self.ports.table.leave_name(message.journey_key, kind, message.event.event_id)

    def _wait(self, message: EventMessage, kind: str, teaches: Names) -> bool:
        """Keep the event until its name is taught; False if that is so by now, or it is kept."""
        choreography, event, key = message.choreography, message.event, message.journey_key
        now = round(self.ports.clock(), 3)
        deadline = round(now + choreography.early_seconds + self.ports.redelivery.longest_seconds, 3)
        later = deadline if deadline - now > LONGEST_DELAY_SECONDS else None
        if not self.ports.table.wait_for_name(
            key, kind, event, choreography, teaches, now=now, deadline=deadline, due_at=later
        ):
            return False
        self.ports.metrics.count("EventsKept", choreography.name)
        logger.info(
            "event kept: its name is not known",
            choreography=choreography.name,
            entity_id=event.entity_id,
            known_as=kind,
            event_name=event.name,
            event_id=event.event_id,
        )
        if later is None:
            self._send(choreography, key, kind, event.event_id, deadline - now)
        return True

    def _claim_untaught(self, message: NameRecheck, kind: str, row: EventRow, now: float) -> bool:
        """Take the event out of play, and report it; False if it has changed, or its name is known by now."""
        event, choreography = event_of(row), message.choreography
        cause = (
            f"No event told within {choreography.early_seconds:g} s whose {kind} {event.entity_id!r} is, for event "
            f"{event.name!r} (id {event.event_id}, time {event.payload['time']})."
        )
        # Nobody is told of a retired one: the report is only counted.
        deviation = Deviation("Retired" if event.name in choreography.retired else "NoJourney", cause)
        if not self.ports.table.claim_untaught(message.journey_key, kind, event, deviation, now):
            return False
        reporting = row._replace(status=Status.REPORTING, deviation=deviation._asdict())
        self._finish(message.journey_key, reporting, choreography)
        return True

    def _finish(self, key: str, row: EventRow, choreography: ChoreographySettings) -> None:
        """Finish a report that somebody began."""
        if row.status is Status.REPORTING:
            self.deviations.report(Journey(key), row, event_of(row), choreography, claimed=None)

    def _look_again(self, choreography: ChoreographySettings, key: str, kind: str, row: EventRow) -> None:
        """Send word of its deadline again; if that is far away, the sweep of what is due finds it."""
        seconds = max(0.0, (row.deadline or 0.0) - self.ports.clock())
        if seconds <= LONGEST_DELAY_SECONDS:
            self._send(choreography, key, kind, row.event_id, seconds)

    def _send(
        self,
        choreography: ChoreographySettings,
        key: str,
        known_as: str,
        event_id: str,
        seconds: float,
        kind: Kind = "deadline",
    ) -> None:
        self.ports.timers.send(kind, choreography, id_of(key), event_id, seconds, known_as=known_as)
