"""What follows from a deviation: told with it, once, and not as so many deviations more."""

from collections.abc import Callable
from dataclasses import dataclass, field

from choreography_insights.replay.journey import UNEXPECTED_EVENT, Deviation
from choreography_insights.replay.journey_log import ReplayedJourney

MOST_HELD = 10_000

Told = ReplayedJourney | Deviation
"""What a replay tells: a journey, or a deviation that met none."""


def may_be_followed(told: Told) -> bool:
    """Whether something may follow from what is *told*: an unexpected event has failed it, or met no journey."""
    if isinstance(told, ReplayedJourney):
        return told.error == UNEXPECTED_EVENT and bool(told.deviations)
    return told.reason != "NameTaken"


@dataclass(slots=True)
class Case:
    """A journey, or a deviation that met none, with the deviations that *followed* from it."""

    told: Told
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

    def take(self, told: Told) -> None:
        """A replay tells of a journey, or of a deviation that met none."""
        if isinstance(told, ReplayedJourney):
            self.settle(told.entity)
        if not may_be_followed(told):
            self._tell(Case(told))
        elif isinstance(told, ReplayedJourney):
            self._hold(told.entity, told)
        elif (held := self._held.get(told.event.entity)) is not None:
            held.followed.append(told)
            self._follows(told)
        else:
            self._hold(told.event.entity, told)

    def finish(self) -> None:
        """Nothing follows any more: tell of all that is held, the oldest first."""
        for entity in tuple(self._held):
            self.settle(entity)

    def settle(self, entity: str) -> None:
        """Nothing more follows from what is held of *entity*, if anything is."""
        held = self._held.pop(entity, None)
        if held is not None:
            self._tell(held)

    def _hold(self, entity: str, told: Told) -> None:
        self._held[entity] = Case(told)
        if len(self._held) > self._most:
            self.settle(next(iter(self._held)))
