"""What follows from a deviation: told with it, once, and not as so many deviations more."""

from collections.abc import Callable
from dataclasses import dataclass, field

from choreography_insights.replay.journey import UNEXPECTED_EVENT, Deviation
from choreography_insights.replay.journey_log import ReplayedJourney

MOST_HELD = 10_000


@dataclass(slots=True)
class Case:
    """A journey, or a deviation that met none, with the deviations that *followed* from it."""

    told: ReplayedJourney | Deviation
    followed: list[Deviation] = field(default_factory=list)


class Consequences:
    """Takes what a replay tells, and holds back what something may follow from; *tell* hears of it all in the end.

    That is a journey which an unexpected event has failed, since the events after that meet no journey; and the first
    event of an entity that has no journey. Of more than *most* held ones the oldest is told of. *follows* hears of each
    deviation that followed from another.
    """

    def __init__(
        self, tell: Callable[[Case], None], follows: Callable[[Deviation], None], most: int = MOST_HELD
    ) -> None:
        self._tell, self._follows, self._most = tell, follows, most
        self._held: dict[str, Case] = {}

    def take(self, told: ReplayedJourney | Deviation) -> None:
        """A replay tells of a journey, or of a deviation that met none."""
        if isinstance(told, ReplayedJourney):
            self._release(told.entity)
            if told.error == UNEXPECTED_EVENT and told.deviations:
                self._hold(told.entity, told)
            else:
                self._tell(Case(told))
        elif told.reason == "NameTaken":
            self._tell(Case(told))
        elif (held := self._held.get(told.event.entity)) is not None:
            held.followed.append(told)
            self._follows(told)
        else:
            self._hold(told.event.entity, told)

    def finish(self) -> None:
        """Nothing follows any more: tell of all that is held, the oldest first."""
        for entity in tuple(self._held):
            self._release(entity)

    def _hold(self, entity: str, told: ReplayedJourney | Deviation) -> None:
        self._held[entity] = Case(told)
        if len(self._held) > self._most:
            self._release(next(iter(self._held)))

    def _release(self, entity: str) -> None:
        held = self._held.pop(entity, None)
        if held is not None:
            self._tell(held)
