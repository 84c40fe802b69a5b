"""How often and how long journeys stay in the states of a draft, by those that fit it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from choreography_insights.discover.activities import Activity
from choreography_insights.discover.states import DraftState


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


def stays_of(states: Iterable[DraftState], journeys: Iterable[Walked]) -> Mapping[str, Stays]:
    """Return the stays in each of *states*, the first of which journeys begin in.

    A journey that does not fit counts until it departs.
    """
    by_name = {state.name: state for state in states}
    first = next(iter(by_name.values()), None)
    found: defaultdict[str, Stays] = defaultdict(Stays)
    for began, events in journeys:
        state, entered, missing = first, began, None
        if state is None:
            continue
        found[state.name].visits += 1
        for activity, time in events:
            if state.items:
                missing = set(state.items) if missing is None else missing
                if activity not in missing:
                    break
                missing.discard(activity)
                if missing:
                    continue
                following = state.next
            else:
                way = next((way for way in state.ways if way.activity == activity), None)
                if way is None:
                    break
                following = way.next
            found[state.name].seconds.append(max(0.0, time - entered))
            state, entered, missing = by_name[following], time, None
            found[state.name].visits += 1
    return found
