"""Where time goes: in which states and by which ways, on which days and hours, and to which journeys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from heapq import heappush, heappushpop
from typing import Any

from choreography_insights.analysis.slowness import Common, Slow, Slowness
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.journey import Lapsed, Moved, Passed
from choreography_insights.replay.report import in_words, iso, percent
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.picture import ONWARD, TIMEOUT
from choreography_insights.views.trace import Transition
from choreography_insights.views.words import aligned, number, visible

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEVELS = ".:+#"
_MOST_SLOW = 100


@dataclass(frozen=True, slots=True)
class SlowJourney:
    """A journey that took long: how long in all, and in the state where it was longest."""

    journey: StoriedJourney
    took: float
    state: str
    stayed: float


class Times:
    """Takes journeys, and adds up their stays. *zone*: whose weekdays and hours count."""

    def __init__(self, choreography: Automaton, zone: tzinfo) -> None:
        self.zone = zone
        self.states: dict[str, Histogram] = {}
        self.ways: dict[Transition, Histogram] = {}
        self.hours: dict[tuple[int, int], Histogram] = {}
        self._around = frozenset(name for name, place in choreography.places.items() if place.lines is not None)
        self._slowness = Slowness()
        self._slowest: list[tuple[float, int, SlowJourney]] = []
        self._count = 0

    def take(self, journey: StoriedJourney) -> None:
        """A journey has ended, or runs still when all is over."""
        self._count += 1
        self._slowness.take(journey)
        longest = ("", 0.0)
        for state, way, began, stayed in stays(journey):
            self.states.setdefault(state, Histogram()).add(stayed)
            self.ways.setdefault(way, Histogram()).add(stayed)
            if state not in self._around:
                there = datetime.fromtimestamp(began, self.zone)
                self.hours.setdefault((there.weekday(), there.hour), Histogram()).add(stayed)
                longest = max(longest, (state, stayed), key=lambda one: one[1])
        if journey.ended_at is not None:
            took = journey.ended_at - journey.started_at
            cut_off = (journey.state, journey.ended_at - journey.entered_at)  # its own end did: time, but no stay
            longest = max(longest, cut_off, key=lambda one: one[1])
            item = (took, -self._count, SlowJourney(journey, took, *longest))
            (heappush if len(self._slowest) < _MOST_SLOW else heappushpop)(self._slowest, item)

    def is_around(self, state: str) -> bool:
        """Whether *state* has others in it, whose time is its own."""
        return state in self._around

    def share(self, spent: Histogram) -> float:
        """Return which part of the time in all states *spent* is; what is around others counts once, by these."""
        whole = sum(one.seconds for state, one in self.states.items() if state not in self._around)
        return spent.seconds / whole if whole else 0.0

    def slowest_states(self) -> list[tuple[str, Histogram]]:
        """Return the states, those first in which most time was spent."""
        return sorted(self.states.items(), key=lambda one: (one[0] in self._around, -one[1].seconds))

    def slowest_ways(self) -> list[tuple[Transition, Histogram]]:
        """Return the transitions, those first before which most time was spent."""
        return sorted(self.ways.items(), key=lambda one: (one[0][0] in self._around, -one[1].seconds))

    def slowest(self) -> list[SlowJourney]:
        """Return the journeys that took longest, the slowest first."""
        return [slow for *_, slow in sorted(self._slowest, key=lambda one: one[:2], reverse=True)]

    def slow(self) -> Slow | None:
        """Return what the slowest tenth has in common, if that can be said."""
        return self._slowness.slow()

    # ---- for people --------

    def lines(self, most: int) -> Iterator[str]:
        """Yield tables with the first *most* of each."""
        heads = ("stays", "median", "95 %", "99 %", "share")
        states = [(visible(state), *self._row(state, spent)) for state, spent in self.slowest_states()[:most]]
        yield from aligned([("state", *heads), *states], numbers=range(1, 6))
        yield ""
        ways = [
            (visible(state), visible(event), visible(following), *self._row(state, spent))
            for (state, event, following), spent in self.slowest_ways()[:most]
        ]
        yield from aligned([("from", "by", "to", *heads), *ways], numbers=range(3, 8))
        yield ""
        yield from self._hour_lines()
        slowest = [
            (visible(one.journey.entity), in_words(one.took), one.journey.status, f"{one.state} {in_words(one.stayed)}")
            for one in self.slowest()[: max(1, most // 2)]
        ]
        if slowest:
            yield ""
            yield from aligned([("slowest", "took", "outcome", "longest in"), *slowest], numbers=(1,))
        yield ""
        yield from _common_lines(self.slow(), most)

    def _row(self, state: str, spent: Histogram) -> tuple[str, ...]:
        spans = (in_words(spent.quantile(share)) for share in (0.5, 0.95, 0.99))
        return (number(spent.count), *spans, "-" if state in self._around else percent(self.share(spent)))

    def _hour_lines(self) -> Iterator[str]:
        """Yield a row for each weekday, a letter for each hour: the longer stays were that began then, the darker."""
        medians = sorted(spent.median for spent in self.hours.values())
        limits = (
            [medians[(len(medians) - 1) * part // len(_LEVELS)] for part in range(1, len(_LEVELS))] if medians else []
        )
        named = ", ".join(
            f"{level} {'up to ' + in_words(limit) if limit is not None else 'longer'}"
            for level, limit in zip(_LEVELS, [*limits, None], strict=False)
        )
        yield f"stays by when they began ({self.zone}), by their median: {named}"
        yield f"     {''.join(f'{hour:<3}' for hour in range(0, 24, 3))}  stays  median"
        for day, name in enumerate(WEEKDAYS):
            cells = [self.hours.get((day, hour)) for hour in range(24)]
            whole = Histogram()
            for cell in cells:
                if cell is not None:
                    whole.merge(cell)
            letters = "".join(" " if cell is None else _level(cell.median, limits) for cell in cells)
            median = in_words(whole.median) if whole.count else "-"
            yield f"{name}  {letters}  {number(whole.count):>5}  {median:>6}"

    # ---- for programs --------

    def document(self, most: int) -> dict[str, Any]:
        """Return what programs read; of the slowest journeys, the first *most*."""
        slow = self.slow()
        return {
            "states": [
                {"state": state, **_spans(spent), "share": None if state in self._around else self.share(spent)}
                for state, spent in self.slowest_states()
            ],
            "transitions": [
                {
                    **dict(zip(("from", "by", "to"), way, strict=True)),
                    **_spans(spent),
                    "share": None if way[0] in self._around else self.share(spent),
                }
                for way, spent in self.slowest_ways()
            ],
            "timezone": str(self.zone),
            "hours": [
                {"weekday": WEEKDAYS[day], "hour": hour, **_spans(spent)}
                for (day, hour), spent in sorted(self.hours.items())
            ],
            "slowest": [
                {
                    "entityId": one.journey.entity,
                    "startedAt": iso(one.journey.started_at),
                    "seconds": one.took,
                    "status": one.journey.status,
                    "longestIn": one.state,
                    "longestSeconds": one.stayed,
                }
                for one in self.slowest()[:most]
            ],
            "slow": None if slow is None else _slow_document(slow),
        }


def stays(journey: StoriedJourney) -> Iterator[tuple[str, Transition, float, float]]:
    """Yield each stay in a state that takes time: the state, how it was left, when it began and how long it was."""
    for one in journey.story:
        if isinstance(one, Moved) and one.stayed is not None:
            yield one.state, (one.state, one.event.name, one.next), one.at - one.stayed, one.stayed
        elif isinstance(one, Lapsed) or (isinstance(one, Passed) and one.stayed):
            by = TIMEOUT if isinstance(one, Lapsed) else ONWARD
            yield one.state, (one.state, by, one.next), one.at - one.stayed, one.stayed


def _level(median: float, limits: list[float]) -> str:
    return _LEVELS[sum(median > limit for limit in limits)]


def _spans(spent: Histogram) -> Mapping[str, Any]:
    return {
        "stays": spent.count,
        "seconds": spent.seconds,
        "medianSeconds": spent.median,
        "p95Seconds": spent.quantile(0.95),
        "p99Seconds": spent.quantile(0.99),
        "longestSeconds": spent.longest,
    }


def _common_lines(slow: Slow | None, most: int) -> Iterator[str]:
    if slow is None:
        yield "slow journeys: too few have ended to say what the slow ones have in common, or none is slower than most"
        return
    which = f"the slowest {number(slow.slow)} of {number(slow.journeys)} (from {in_words(slow.after)} on)"
    if not slow.common:
        yield f"slow journeys: {which} have nothing in common that chance does not explain; {number(slow.tried)} tried"
        return
    rows = [
        (percent(one.slow_share), percent(one.other_share), f"{one.probability:.1g}", _trait(one))
        for one in slow.common
    ]
    yield f"what {which} have in common, of {number(slow.tried)} traits tried:"
    yield from aligned([("slow", "others", "chance", "trait"), *rows[:most]], numbers=range(3))


def _trait(common: Common) -> str:
    more = f" (and {len(common.same)} more that go with it)" if common.same else ""
    return f"{visible(str(common.trait))}{more}"


def _slow_document(slow: Slow) -> dict[str, Any]:
    return {
        "journeys": slow.journeys,
        "slow": slow.slow,
        "fromSeconds": slow.after,
        "tried": slow.tried,
        "common": [
            {
                "event": one.trait.event,
                "field": one.trait.field or None,
                "value": one.trait.value if one.trait.field else None,
                "slowShare": one.slow_share,
                "otherShare": one.other_share,
                "probability": one.probability,
                "same": [str(trait) for trait in one.same],
            }
            for one in slow.common
        ],
    }
