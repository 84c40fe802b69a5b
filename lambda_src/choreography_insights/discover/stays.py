"""How often and how long journeys stay in the states of a draft, by those that fit it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from choreography_insights.discover.activities import Activity
from choreography_insights.discover.states import STAY, DraftState, Way, nested


@dataclass(slots=True)
class Stays:
    """The stays in one state. *seconds*: of those that an event has ended."""

    visits: int = 0
    seconds: list[float] = field(default_factory=list)

    def within(self, share: float) -> float | None:
        """Return in what time such a share of the stays was over; None if none was."""
        if not self.seconds:
            return None
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Walked = tuple[float, Sequence[tuple[Activity, float]]]
"""When a journey began, and its activities after that with their times, in epoch seconds."""


def stays_of(states: Sequence[DraftState], anytime: Sequence[Way], journeys: Iterable[Walked]) -> Mapping[str, Stays]:
    """Return the stays in each of *states*, the first of which journeys begin in, and in those of their branches.

    A journey that does not fit counts until it departs.
    """
    found: defaultdict[str, Stays] = defaultdict(Stays)
    by_name = {state.name: state for state in nested(states)}
    for began, events in journeys:
        line = _Line(states[0], by_name, found, began, anytime)
        for activity, time in events:
            if not line.takes(activity, time):
                break
    return found


def end_of(states: Sequence[DraftState], anytime: Sequence[Way], activities: Sequence[Activity]) -> str | None:
    """Return the end that *activities*, behind the start event, lead to; None if they lead to none."""
    line = _Line(states[0], {state.name: state for state in nested(states)}, defaultdict(Stays), 0.0, anytime)
    fits = all(line.takes(activity, 0.0) for activity in activities)
    return line.state if fits and line.is_done else None


class _Line:
    """A journey, or a branch of one, on its way. *anytime*: the ways that it may take wherever it is."""

    def __init__(
        self,
        state: DraftState,
        by_name: Mapping[str, DraftState],
        found: Mapping[str, Stays],
        time: float,
        anytime: Sequence[Way] = (),
    ) -> None:
        self._by_name, self._found, self._anytime = by_name, found, anytime
        self._enter(state, time)

    @property
    def state(self) -> str:
        """The name of the state that it is in."""
        return self._state.name

    @property
    def is_done(self) -> bool:
        """Whether it is at its end."""
        return self._state.is_end

    def takes(self, activity: Activity, time: float) -> bool:
        """Go on by *activity*; say whether that is awaited."""
        if any(line.takes(activity, time) for line in self._lines):
            if all(line.is_done for line in self._lines):
                self._leave(self._state.next, time)
            return True
        ways = self._state.ways if self.is_done else (*self._state.ways, *self._anytime)
        way = next((way for way in ways if way.activity == activity), None)
        if way is None:
            return False
        if way.next != STAY:
            self._leave(way.next, time)
        return True

    def _enter(self, state: DraftState, time: float) -> None:
        self._state, self._entered = state, time
        self._found[state.name].visits += 1
        self._lines = [_Line(branch.states[0], self._by_name, self._found, time) for branch in state.branches]

    def _leave(self, following: str, time: float) -> None:
        self._found[self._state.name].seconds.append(max(0.0, time - self._entered))
        self._enter(self._by_name[following], time)
