"""The ways that journeys took, by frequency, with time and outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney, in_one_place
from choreography_insights.replay.report import in_words, percent
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.words import aligned, many, number, visible

MOST_TRACKED = 4_000
_OF_EACH, _MOST_DEPARTURES = 3, 3
_LONGEST_WAY = 12

Departure = tuple[str, str]
"""An unexpected event, and the state that it met."""


@dataclass(slots=True)
class Way:
    """A way: its states, how journeys on it stand, and where they first departed from the choreography.

    *took*: how long those took that have ended. *some*: the first that went it.
    """

    states: tuple[str, ...]
    status: str
    departures: tuple[Departure, ...] = ()
    count: int = 0
    took: Histogram = field(default_factory=Histogram)
    some: list[StoriedJourney] = field(default_factory=list)

    @property
    def deviates(self) -> bool:
        """Whether the journeys on it do not conform."""
        return bool(self.departures) or self.status == "TIMED_OUT"


class Variants:
    """Takes journeys, and groups them by their way. Of more than so many ways the later ones are only counted."""

    def __init__(self, most: int = MOST_TRACKED) -> None:
        self._most = most
        self._ways: dict[tuple[str, tuple[str, ...], tuple[Departure, ...]], Way] = {}
        self.journeys = self.untold = 0

    def take(self, journey: StoriedJourney) -> None:
        """A journey has ended, or runs still when all is over."""
        self.journeys += 1
        key = (journey.status, journey.path, departures(journey))
        way = self._ways.get(key)
        if way is None:
            if len(self._ways) >= self._most:
                self.untold += 1
                return
            way = self._ways[key] = Way(key[1], key[0], key[2])
        way.count += 1
        if journey.ended_at is not None:
            way.took.add(journey.ended_at - journey.started_at)
        if len(way.some) < _OF_EACH:
            way.some.append(journey)

    def ways(self, *, deviating_first: bool = False) -> list[Way]:
        """Return all of them, the most frequent first; of equal ones the one that was taken first."""
        return sorted(self._ways.values(), key=lambda way: (deviating_first and not way.deviates, -way.count))

    def lines(self, most: int, *, deviating_first: bool = False) -> Iterator[str]:
        """Yield a table of the first *most*."""
        ways = self.ways(deviating_first=deviating_first)
        heads = ("journeys", "share", "median", "95 %", "outcome", "way")
        yield from aligned([heads, *map(self._row, ways[:most])], numbers=range(4))
        left = sum(way.count for way in ways[most:]) + self.untold
        if left:
            others = f"{many(len(ways) - most, 'other way')}" if len(ways) > most else "ways that are not told apart"
            yield f"{number(left)} of {many(self.journeys, 'journey')} went {others}"

    def _row(self, way: Way) -> tuple[str, ...]:
        times = (in_words(way.took.median), in_words(way.took.quantile(0.95))) if way.took.count else ("-", "-")
        share = percent(way.count / self.journeys)
        return (number(way.count), share, *times, way.status, f"{_states(way.states)}{_departed(way)}")

    def document(self, most: int, *, deviating_first: bool = False) -> dict[str, Any]:
        """Return what programs read of the first *most*."""
        ways = self.ways(deviating_first=deviating_first)
        return {
            "journeys": self.journeys,
            "variants": len(ways),
            "untold": sum(way.count for way in ways[most:]) + self.untold,
            "told": [
                {
                    "journeys": way.count,
                    "share": way.count / self.journeys,
                    "status": way.status,
                    "states": list(way.states),
                    "deviations": [{"event": event, "state": state} for event, state in way.departures],
                    "medianSeconds": way.took.median if way.took.count else None,
                    "p95Seconds": way.took.quantile(0.95) if way.took.count else None,
                    "longestSeconds": way.took.longest if way.took.count else None,
                    "examples": [journey.entity for journey in way.some],
                }
                for way in ways[:most]
            ],
        }


def departures(journey: ReplayedJourney) -> tuple[Departure, ...]:
    """Return where *journey* first departed from the choreography, and what met it there."""
    first = [(one.event.name, met(one)) for one, _ in in_one_place(journey.deviations)]
    return tuple(first[:_MOST_DEPARTURES])


def met(deviation: Deviation) -> str:
    """Return the wait that *deviation* met, whichever item it is for; empty if it met no journey."""
    wait = deviation.states[0][0] if deviation.states else ""
    return wait.partition("[")[0] if wait.endswith("]") else wait


def _states(states: Sequence[str]) -> str:
    """Write a way: a state that comes again at once is counted, and of a long way the middle is left out."""
    runs: list[tuple[str, int]] = []
    for state in states:
        if runs and runs[-1][0] == state:
            runs[-1] = state, runs[-1][1] + 1
        else:
            runs.append((state, 1))
    words = [visible(state) + (f" \N{MULTIPLICATION SIGN}{times}" if times > 1 else "") for state, times in runs]
    if len(words) > _LONGEST_WAY:
        half = _LONGEST_WAY // 2
        words = [*words[:half], f"({len(words) - _LONGEST_WAY} more)", *words[-half:]]
    return " > ".join(words)


def _departed(way: Way) -> str:
    said = ", ".join(f"{event!r} in {state}" if state else repr(event) for event, state in way.departures)
    return f"  ! {said}" if said else ""
