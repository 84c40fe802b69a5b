"""A replayed journey that remembers all that happened to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Began, Counted, Lapsed, Moved, Noted, Passed, Record
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.table import Move


@dataclass(slots=True)
class StoriedJourney(ReplayedJourney):
    """A journey with its *story*, from the event that began it on."""

    keeps_events: ClassVar[bool] = True

    story: list[Record] = field(default_factory=list)

    @classmethod
    def begun(cls, began: Began, expected: Mapping[str, float]) -> "StoriedJourney":
        """A journey that has just begun; of some states it is *expected* how many seconds a stay takes at most."""
        journey = super(StoriedJourney, cls).begun(began, expected)
        assert isinstance(journey, StoriedJourney)  # noqa: S101  # `begun` makes one of its own class
        journey.story.append(began)
        return journey

    def move(self, event: Event, now: float, move: Move, inside: Sequence[float]) -> None:
        """*event* makes the *move*: the lines inside it were where they are since the times *inside*."""
        for record in move.happens(event, now, (self.entered_at, *inside)):
            self.note(record)

    def note(self, record: Record) -> None:
        """Remember what has happened to it."""
        super(StoriedJourney, self).note(record)
        self.story.append(record)

    @property
    def path(self) -> tuple[str, ...]:
        """The states that it came to as a whole, one after the other."""
        found = [one.state for one in self.story[:1] if isinstance(one, Began)]
        found += (
            one.next
            for one in self.story
            if isinstance(one, Moved | Passed | Lapsed) and one.whole and one.stayed is not None
        )
        if self.ended_at is not None and found[-1] != self.state:
            found.append(self.state)
        return tuple(found)

    @property
    def used(self) -> Iterator[Event]:
        """The events that it used, the one that began it first."""
        yield from (one.event for one in self.story if isinstance(one, Began | Moved | Counted | Noted))
