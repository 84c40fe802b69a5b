"""Adds up journeys as they are told of, and keeps those that a page is to show in full.

What is kept does not grow with the number of journeys that have ended.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from heapq import heappush, heappushpop
from typing import Any, cast

from choreography_insights.analysis.times import Times
from choreography_insights.analysis.variants import Variants, Way
from choreography_insights.model.workflow import Await, Workflow, anytime, leaving, nested
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Began, Deviation, Lapsed, Moved, Passed
from choreography_insights.replay.journey_log import ReplayedJourney, Summary
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.report.story import lines, story_steps, visits, waits
from choreography_insights.report.timeline import Timeline
from choreography_insights.report.times import TimesShown
from choreography_insights.report.ways import WayShown
from choreography_insights.trace.scopes import Scopes
from choreography_insights.trace.trace import of_replay
from choreography_insights.views import known
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.known import (
    ChoreographyKnown,
    Curve,
    CurvePoint,
    DeviationGroup,
    JourneyKnown,
    JourneyRow,
    Period,
    StateKnown,
    Status,
    Waiter,
)
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT
from choreography_insights.views.trace import Transition

MOST_ROWS = 2_000
MOST_VARIANTS = 40
_MOST_GROUPS, _OF_EACH_GROUP = 200, 6
_MOST_EXAMPLES = 60
_SLOWEST, _WAITING_LONGEST, _WAITING_IN_EACH = 30, 60, 20
_HOUR, _DAY = 3_600, 86_400
_HOURS_SHOWN, _DAYS_SHOWN = 100, 400


@dataclass(slots=True)
class _Group:
    count: int = 0
    some: deque[tuple[Deviation, StoriedJourney | None]] = field(default_factory=lambda: deque(maxlen=_OF_EACH_GROUP))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a report shows. *journeys* are those that are told in full, the most telling first.

    *untold*: how many journeys went other *ways*.
    """

    known: ChoreographyKnown
    journeys: Sequence[JourneyKnown]
    rows: Sequence[JourneyRow]
    ways: Sequence[WayShown]
    untold: int
    times: TimesShown
    summary: Summary
    occupied: Timeline[str]
    taken: Timeline[Transition]


class Gathering:
    """Takes journeys and deviations as a replay tells of them; days and hours are those of *zone*."""

    def __init__(self, workflow: Workflow, choreography: Automaton, zone: tzinfo = UTC) -> None:
        self.summary = Summary(choreography)
        self._workflow, self._choreography = workflow, choreography
        self._scopes = Scopes.of(workflow)
        self._expected = choreography.expected
        self._done = {state.name.text for state in nested(workflow.states) if isinstance(state, Await) and state.done}
        self._running_since: list[float] = []
        self._spent: dict[str, Histogram] = {}
        self._ended: Counter[tuple[Status, str]] = Counter()
        self._began_at: Counter[int] = Counter()
        self._ended_at: Counter[tuple[int, Status]] = Counter()
        self._waiting: dict[str, list[float]] = {}
        self._waiters: dict[str, list[tuple[float, int, tuple[str, ...], StoriedJourney]]] = {}
        self._groups: dict[tuple[str, str, str], _Group] = {}
        self._variants = Variants()
        self._times = Times(choreography, zone)
        self._zone = zone
        self._slowest: list[tuple[float, int, StoriedJourney]] = []
        self._oldest: list[tuple[float, int, StoriedJourney]] = []
        self._examples: list[StoriedJourney] = []
        self._latest: deque[StoriedJourney] = deque(maxlen=MOST_ROWS)
        self._count = 0
        self._first = self._last = 0.0
        self._occupied: Timeline[str] = Timeline()
        self._taken: Timeline[Transition] = Timeline()

    def happens(self, event: Event) -> None:
        """An event is taken, and counted then: the time of the report reaches from the first to the last."""
        if not self.summary.events:
            self._first = event.time
        self._last = max(self._last, event.time)

    def tell(self, told: ReplayedJourney | Deviation) -> None:
        """Count a journey, or a deviation that met none."""
        self.summary.add(told)
        if isinstance(told, Deviation):
            self._deviates(told, None)
            return
        journey = cast("StoriedJourney", told)
        self._count += 1
        self._add_times(journey)
        self._add_steps(journey)
        for deviation in journey.deviations:
            self._deviates(deviation, journey)
        self._variants.take(journey)
        self._times.take(journey)
        self._began_at[int(journey.started_at // _HOUR)] += 1
        if journey.ended_at is None:
            self._waits(journey)
        else:
            status = _status(journey)
            self._ended[status, journey.state] += 1
            self._ended_at[int(journey.ended_at // _HOUR), status] += 1
            _keep(self._slowest, (journey.ended_at - journey.started_at, self._count, journey), _SLOWEST)
        self._latest.append(journey)

    def single_out(self, journey: ReplayedJourney) -> None:
        """*journey* is an example of something; its story is told, if it is not one of too many."""
        if len(self._examples) < _MOST_EXAMPLES:
            self._examples.append(cast("StoriedJourney", journey))

    def _add_times(self, journey: StoriedJourney) -> None:
        for one in journey.story:
            if isinstance(one, Moved | Passed | Lapsed) and one.stayed is not None:
                spent = self._spent.get(one.state)
                if spent is None:
                    spent = self._spent[one.state] = Histogram()
                spent.add(one.stayed)

    def _add_steps(self, journey: StoriedJourney) -> None:
        for one in journey.story:
            if isinstance(one, Moved):
                self._taken.add((one.state, one.event.name, one.next), one.at)
            elif isinstance(one, Passed | Lapsed):
                self._taken.add((one.state, TIMEOUT if isinstance(one, Lapsed) else ONWARD, one.next), one.at)
            elif isinstance(one, Began):
                self._taken.add((BEGIN, one.event.name, one.state), one.at)
        for visit in visits(journey):
            if visit.left is None or visit.left > visit.entered:
                self._occupied.add(visit.state, visit.entered)
                if visit.left is not None:
                    self._occupied.add(visit.state, visit.left, -1)

    def _deviates(self, deviation: Deviation, journey: StoriedJourney | None) -> None:
        state = self._scopes.met(deviation.states)
        key = (deviation.event.name, state, deviation.reason)
        if key not in self._groups and len(self._groups) >= _MOST_GROUPS:
            key = ("other events", "", deviation.reason)
        group = self._groups.setdefault(key, _Group())
        group.count += 1
        group.some.append((deviation, journey))

    def _waits(self, journey: StoriedJourney) -> None:
        self._running_since.append(journey.started_at)
        held: dict[str, tuple[float, tuple[str, ...]]] = {}
        for name, wait in waits(journey, self._scopes):
            if name not in self._scopes.states:  # a part of an `all`
                self._waiting.setdefault(name, []).append(wait.since)
        for line in lines(journey):
            name = line.place.name
            self._waiting.setdefault(name, []).append(line.entered_at)
            accepts = tuple(event for wait in line.open_waits for event in wait.accepts)
            since = min(line.entered_at, held[name][0]) if name in held else line.entered_at
            held[name] = since, accepts
        for name, (since, accepts) in held.items():
            some = self._waiters.setdefault(name, [])
            _keep(some, (-since, self._count, accepts, journey), _WAITING_IN_EACH)
        if journey.running is not None:
            _keep(self._oldest, (-journey.running.entered_at, self._count, journey), _WAITING_LONGEST)

    # ---- what it comes to --------

    def gathered(self, *, deviating_first: bool = False) -> Gathered:
        """Return all of it. *deviating_first*: of the ways, those that deviate."""
        told = [*self._telling()]
        keys = {id(journey): str(number) for number, journey in enumerate(told, 1)}
        now = self._last
        states = {name: self._state(name, now, keys) for name in self._names()}
        summary = self.summary
        placed = layout(picture_of(self._workflow))
        transitions = dict(summary.transitions)
        found = ChoreographyKnown(
            name=self._workflow.name.text,
            layout=placed,
            period=Period(self._first, now) if summary.events else None,
            description=(self._workflow.description or "").strip(),
            running=summary.statuses["RUNNING"],
            started=summary.journeys,
            outcomes=dict(self._ended),
            states=states,
            transitions=transitions,
            exits=self._exits(transitions),
            curve=self._curve(self._zone),
            deviations=summary.deviations.total(),
            groups=tuple(self._deviation_groups(keys)),
            overdue=_longer(self._running_since, self._workflow.expected_seconds, now),
        )
        ways = self._variants.ways(deviating_first=deviating_first)[:MOST_VARIANTS]
        return Gathered(
            found,
            [self._journey(journey, keys) for journey in told],
            [self._row(journey, keys, now) for journey in self._listed(told)],
            [*self._ways_shown(ways, keys)],
            self._variants.journeys - sum(way.count for way in ways),
            TimesShown(self._times, self._times.slow(), keys),
            summary,
            self._occupied,
            self._taken,
        )

    def _names(self) -> Iterable[str]:
        return dict.fromkeys((*self.summary.states, *self._waiting))

    def _state(self, name: str, now: float, keys: Mapping[int, str]) -> StateKnown:
        summed = self.summary.states.get(name)
        held = self._waiting.get(name, [])
        spent = self._spent.get(name, Histogram())
        done = name in self._done
        waiters = sorted(self._waiters.get(name, []), key=lambda one: (-one[0], one[1]))
        return StateKnown(
            name,
            waiting=len(held),
            oldest=min(held, default=None),
            late=sum(spent.is_late(now - since) for since in held) if held and not done else 0,
            entered=summed.entered if summed else 0,
            ended=summed.ended if summed else 0,
            spent=spent,
            expected=self._expected.get(name),
            overdue=_longer(held, self._expected.get(name), now),
            longest=tuple(
                Waiter(journey.entity, -since, accepts, keys.get(id(journey))) for since, _, accepts, journey in waiters
            ),
            done=done,
        )

    def _exits(self, transitions: Mapping[Transition, int]) -> Mapping[str, int]:
        lapsed: Counter[str] = Counter()
        for (origin, event, _), times in transitions.items():
            state = self._scopes.states.get(origin)
            if event == TIMEOUT or (state and event in {entry.event.text for entry in leaving(anytime(state))}):
                lapsed[origin] += times
        return {name: spent.count - lapsed[name] for name, spent in self._spent.items() if spent.count > lapsed[name]}

    def _telling(self) -> Iterator[StoriedJourney]:
        """Yield whose story is told: of deviations, who waits and who took longest, and some of each variant."""
        seen: set[int] = set()
        for journey in self._telling_ones():
            if id(journey) not in seen:
                seen.add(id(journey))
                yield journey

    def _telling_ones(self) -> Iterator[StoriedJourney]:
        groups = sorted(self._groups.values(), key=lambda one: -one.count)
        ways = self._variants.ways()[:MOST_VARIANTS]
        yield from self._examples
        rounds: list[list[StoriedJourney]] = [
            [journey for _, journey in group.some if journey is not None] for group in groups
        ]
        rounds += [_largest_first(some) for some in self._waiters.values()]
        rounds += [_largest_first(self._oldest), _largest_first(self._slowest)]
        rounds += [way.some for way in ways]
        for position in range(max(map(len, rounds), default=0)):
            for some in rounds:
                if position < len(some):
                    yield some[position]

    def _listed(self, told: Sequence[StoriedJourney]) -> list[StoriedJourney]:
        """Return those that a list holds: whose story is told, then those that were told of last."""
        found = {id(journey): journey for journey in (*told, *reversed(self._latest))}
        return [*found.values()][:MOST_ROWS]

    def _row(self, journey: StoriedJourney, keys: Mapping[int, str], now: float) -> JourneyRow:
        late = any(
            self._spent[line.place.name].is_late(now - line.entered_at)
            for line in lines(journey)
            if line.place.name in self._spent and line.place.name not in self._done
        )
        return JourneyRow(
            journey.entity,
            _status(journey),
            journey.state,
            journey.started_at,
            journey.ended_at,
            journey.events,
            len(journey.deviations),
            late,
            keys.get(id(journey)),
        )

    def _ways_shown(self, ways: Iterable[Way], keys: Mapping[int, str]) -> Iterator[WayShown]:
        for way in ways:
            examples = [(keys[id(one)], one.entity) for one in way.some if id(one) in keys]
            departures = tuple((event, self._scopes.owner(wait) or wait) for event, wait in way.departures)
            status = cast("Status", way.status)
            trace = of_replay(self._workflow, way.some[0])
            yield WayShown(way.states, status, departures, way.count, way.took, trace, tuple(examples))

    def _deviation_groups(self, keys: Mapping[int, str]) -> Iterator[DeviationGroup]:
        for (event, state, reason), group in sorted(self._groups.items(), key=lambda one: (-one[1].count, one[0])):
            examples = [
                self._deviation(deviation, None if journey is None else keys.get(id(journey)))
                for deviation, journey in reversed(group.some)
            ]
            yield DeviationGroup(event, state, reason, group.count, tuple(examples))

    def _deviation(self, deviation: Deviation, key: str | None) -> known.Deviation:
        event = deviation.event
        return known.Deviation(
            deviation.at,
            event.entity,
            event.name,
            event.id,
            event.time,
            deviation.reason,
            deviation.states,
            self._nearest(event.name),
            key,
        )

    def _nearest(self, name: str) -> str | None:
        """Return the event that is known and may be meant by one that is not."""
        if name in self._choreography.known:
            return None
        return next(iter(get_close_matches(name, sorted(self._choreography.known), n=1)), None)

    def _journey(self, journey: StoriedJourney, keys: Mapping[int, str]) -> JourneyKnown:
        key = keys[id(journey)]
        return JourneyKnown(
            key=key,
            entity=journey.entity,
            status=_status(journey),
            state=journey.state,
            started=journey.started_at,
            ended=journey.ended_at,
            events=journey.events,
            trace=of_replay(self._workflow, journey),
            story=tuple(story_steps(journey)),
            visits=tuple(visits(journey)),
            waits=tuple(wait for _, wait in waits(journey, self._scopes)),
            deviations=tuple(self._deviation(one, key) for one in journey.deviations),
            error=journey.error,
        )

    def _curve(self, zone: tzinfo) -> Curve | None:
        hours = sorted({*self._began_at, *(hour for hour, _ in self._ended_at)})
        if not hours:
            return None
        if hours[-1] - hours[0] < _HOURS_SHOWN:
            places = {hour: float(hour * _HOUR) for hour in range(hours[0], hours[-1] + 1)}
            return Curve(_HOUR, tuple(self._points(places)))
        return Curve(_DAY, tuple(self._points(_days(hours, zone))))

    def _points(self, places: Mapping[int, float]) -> Iterator[CurvePoint]:
        """Yield what began and ended in the hours that have the same of *places*."""
        began: Counter[float] = Counter()
        ended: dict[float, Counter[Status]] = {at: Counter() for at in places.values()}
        for hour, times in self._began_at.items():
            began[places[hour]] += times
        for (hour, status), times in self._ended_at.items():
            ended[places[hour]][status] += times
        for at, several in ended.items():
            yield CurvePoint(at, began[at], dict(several))


def _longer(since: Iterable[float], expected: float | None, now: float) -> int | None:
    """How many last longer *now* than is *expected*; None if nobody said."""
    return None if expected is None else sum(now - one > expected for one in since)


def _status(journey: ReplayedJourney) -> Status:
    return cast("Status", journey.status)


def _days(hours: Sequence[int], zone: tzinfo) -> dict[int, float]:
    """Return the day that each hour from the first to the last belongs to; of many, only days with something."""
    spread = range(hours[0], hours[-1] + 1) if hours[-1] - hours[0] < _DAYS_SHOWN * 24 else hours
    found = {}
    for hour in spread:
        there = datetime.fromtimestamp(hour * _HOUR, zone)
        found[hour] = (there - timedelta(hours=there.hour, minutes=there.minute)).timestamp()
    return found


def _largest_first(heap: Iterable[Any]) -> list[StoriedJourney]:
    return [journey for *_, journey in sorted(heap, key=lambda one: one[:2], reverse=True)]


def _keep(heap: list[Any], item: Any, most: int) -> None:
    """Put *item* into *heap*, and drop the smallest if there are more than *most*."""
    if len(heap) < most:
        heappush(heap, item)
    else:
        heappushpop(heap, item)
