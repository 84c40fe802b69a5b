"""What was counted in a range of time: which rows of counters tell it, and what follows from their sum."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from choreography_insights.insights import counter_rows
from choreography_insights.insights.counter_rows import span_of
from choreography_insights.insights.counts import Counts
from choreography_insights.views.flow import Flow
from choreography_insights.views.known import Curve, CurvePoint, Period, Status
from choreography_insights.views.picture import BEGIN, TIMEOUT

HOUR, DAY = 3_600, 86_400
_HOURS_UP_TO = 4 * DAY
_HOURS_ARE_KEPT = 90 * DAY
_MOST_DAYS = 500


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows of counters that follow one another: their sort keys lie between *first* and *last*."""

    first: str
    last: str


def key_ranges(period: Period, now: float) -> tuple[list[KeyRange], float]:
    """Return which rows tell of *period*, the newest first, and how long is the step of a curve over it.

    Up to four days, those of hours. Of more, those of days; the first day, and the last where it is over, may be part
    of the period only, and is told by its hours, as long as there are any.
    """
    if period.end - period.start <= _HOURS_UP_TO:
        return [_between(counter_rows.HOUR, period.start, period.end)], HOUR
    before: list[KeyRange] = []
    behind: list[KeyRange] = []
    first, last = _midnight(period.start), _midnight(period.end)
    if period.start > first and now - first < _HOURS_ARE_KEPT:
        first += DAY
        before.append(_between(counter_rows.HOUR, period.start, first - 1))
    if period.end < now - HOUR and now - last < _HOURS_ARE_KEPT:
        behind.append(_between(counter_rows.HOUR, last, period.end))
        last -= DAY
    return [*behind, _between(counter_rows.DAY, first, last), *before], DAY


def _between(kind: str, first: float, last: float) -> KeyRange:
    ends = f"{span_of(kind, last).key}$"  # `$` comes after the `#` that a shard stands behind
    return KeyRange(span_of(kind, first).key, ends)


def _midnight(at: float) -> float:
    return at - at % DAY


def exits(flow: Flow, counts: Counts) -> Mapping[str, int]:
    """Return how often each ``all`` was left by its events, all of them."""
    lapsed: Counter[str] = Counter()
    for (origin, event, _), times in counts.transitions.items():
        if event == TIMEOUT or flow.ends_it(origin, event):
            lapsed[origin] += times
    found = {
        name: spent.count - lapsed[name]
        for name, spent in counts.spent.items()
        if name in flow.states and flow.states[name].kind == "all"
    }
    return {name: times for name, times in found.items() if times > 0}


def entered(flow: Flow, counts: Counts) -> Mapping[str, int]:
    """Return how often each state was entered: as often as a way led there.

    Each branch of a state is entered as often as that is. How many lines an ``each`` has nobody counted: so many as
    left its first state.
    """
    left = exits(flow, counts)
    found: Counter[str] = Counter()
    for (origin, event, target), times in counts.transitions.items():
        state = flow.states.get(origin)
        leads_on = event == TIMEOUT or flow.ends_it(origin, event)
        if state is None or state.kind != "all" or leads_on:  # of an `all` each event is a transition
            found[target] += times
    for name, times in left.items():
        found[flow.states[name].ways[0].next] += times
    for name, state in flow.states.items():  # each before those inside it
        for begin in state.begins:
            found[begin] += found[name] if state.kind == "parallel" else _left(counts, begin)
    return found


def _left(counts: Counts, state: str) -> int:
    return counts.spent[state].count if state in counts.spent else 0


def started(counts: Counts) -> int:
    """Return how many journeys began."""
    return sum(times for (origin, _, _), times in counts.transitions.items() if origin == BEGIN)


@dataclass(slots=True)
class Bounds:
    """How many journeys began in a time, and how they ended."""

    started: int = 0
    ended: Counter[Status] = field(default_factory=Counter)

    def count(self, counts: Counts) -> None:
        """Count in what *counts* has."""
        self.started += started(counts)
        for (status, _), times in counts.outcomes.items():
            self.ended[status] += times


def curve(bounds: Mapping[float, Bounds], period: Period, step: float) -> Curve | None:
    """Return what began and ended hour by hour, or day by day as they are in UTC; *bounds* are by when they begin."""
    if not bounds:
        return None
    first, last = period.start - period.start % step, period.end - period.end % step
    if (last - first) / step > _MOST_DAYS:
        places = sorted(bounds)
    else:
        places = [first + step * number for number in range(int((last - first) / step) + 1)]
    return Curve(step, tuple(_point(at, bounds.get(at, Bounds())) for at in places))


def _point(at: float, bounds: Bounds) -> CurvePoint:
    return CurvePoint(at, bounds.started, dict(bounds.ended))
