"""How often and how long journeys stay in the states of a draft, by those that fit it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from choreography_insights.discover.activities import Activity
from choreography_insights.discover.states import STAY, DraftState, DraftStates, Way, nested


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


class Step(NamedTuple):
    """An activity and its *time*, in epoch seconds; *lines*: if it stands for items, the steps of each of them."""

    activity: Activity
    time: float = 0.0
    lines: "tuple[tuple[Step, ...], ...]" = ()


def stays_of(draft: DraftStates, journeys: Iterable[Sequence[Step]]) -> Mapping[str, Stays]:
    """Return the stays of *journeys* in each of the states of *draft*, and in those of their branches.

    A journey that does not fit counts until it departs.
    """
    found: defaultdict[str, Stays] = defaultdict(Stays)
    by_name = {state.name: state for state in nested(draft.states)}
    for first, *steps in journeys:
        beginning = draft.beginnings.get(first.activity.event)
        if beginning is None:
            continue
        line = _Line(by_name[beginning], by_name, found, first.time, draft.anytime)
        for step in steps:
            if not line.takes(step):
                break
    return found


def end_of(draft: DraftStates, activities: Sequence[Activity]) -> str | None:
    """Return the end that *activities*, the first of which begins a journey, lead to; None if they lead to none."""
    by_name = {state.name: state for state in nested(draft.states)}
    first, *others = activities
    beginning = draft.beginnings.get(first.event)
    if beginning is None:
        return None
    line = _Line(by_name[beginning], by_name, defaultdict(Stays), 0.0, draft.anytime)
    fits = all(line.takes(Step(activity)) for activity in others)
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

    def takes(self, step: Step) -> bool:
        """Go on by *step*; say whether that is awaited."""
        activity, time, lines = step
        if self._state.each and activity.event == self._state.each.done:
            for line in lines:
                item = _Line(self._state.branches[0].states[0], self._by_name, self._found, self._entered)
                all(item.takes(one) for one in line)
            self._leave(self._state.next, time)
            return True
        if any(line.takes(step) for line in self._lines):
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
        branches = () if state.each else state.branches
        self._lines = [_Line(branch.states[0], self._by_name, self._found, time) for branch in branches]

    def _leave(self, following: str, time: float) -> None:
        self._found[self._state.name].seconds.append(max(0.0, time - self._entered))
        self._enter(self._by_name[following], time)
