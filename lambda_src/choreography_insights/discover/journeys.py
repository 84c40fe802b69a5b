"""From the cases of a log to the journeys in it: which events begin one, and which journeys are over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from choreography_insights.discover.event_log import Case, EventLog, Occurrence

_MOST_ELSEWHERE = 0.2
"""An event that begins journeys stands elsewhere in such a share of its occurrences at most."""

_OVERTAKEN = 3
"""A start event that so many others have overtaken at most still begins its journey."""


@dataclass(frozen=True, slots=True)
class Journeys:
    """*over*: those that have ended, or have rested longer than such journeys do; *running*: the others.

    *without_start*: the cases in which nothing begins a journey.
    """

    starts: tuple[str, ...]
    over: Sequence[Case]
    running: Sequence[Case]
    without_start: int


def journeys_of(log: EventLog, noise: float, starts: Sequence[str] = (), *, are_cases: bool = False) -> Journeys:
    """Return the journeys of *log*. *starts*: the events that begin one; found out if there are none.

    A start event begins the next journey of its entity, unless these *are_cases*, each a journey. What comes shortly
    before it belongs to it: it was overtaken.
    """
    begin = tuple(starts) or _starts(log, noise)
    journeys: list[Case] = []
    without_start = 0
    for case in log.cases.values():
        parts = _parts(case, frozenset(begin))
        if are_cases and parts:
            parts = [tuple(one for part in parts for one in part)]
        journeys.extend(parts)
        without_start += not parts
    over, running = _by_state(journeys, noise)
    return Journeys(begin, over, running, without_start)


def _starts(log: EventLog, noise: float) -> tuple[str, ...]:
    """Return the events that cases begin with, the most frequent first."""
    first: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for case in log.cases.values():
        first[case[0].name] += 1
        elsewhere.update(one.name for one in case[1:])
    often = sorted(first, key=lambda name: (-first[name], name))
    found = [
        name
        for name in often
        if first[name] > max(noise, 0.02) * len(log.cases)
        and elsewhere[name] <= _MOST_ELSEWHERE * (first[name] + elsewhere[name])
    ]
    return tuple(found or often[:1])


def _parts(case: Case, begin: frozenset[str]) -> list[Case]:
    """Split *case* into journeys. Events before the first start event go behind it, if they are few."""
    found: list[list[Occurrence]] = []
    early: list[Occurrence] = []
    for one in case:
        if one.name in begin:
            found.append([one, *early])
            early = []
        elif found:
            found[-1].append(one)
        elif len(early) < _OVERTAKEN:
            early.append(one)
        else:
            early = []
            break
    return [tuple(part) for part in found]


def _by_state(journeys: Iterable[Case], noise: float) -> tuple[list[Case], list[Case]]:
    """Tell those that may still go on when the log ends from those that are over.

    A journey may go on if its last event is mostly followed by another, and has been the last for less than twice the
    time that nearly all others take for that.
    """
    whole = list(journeys)
    pauses: defaultdict[str, list[float]] = defaultdict(list)
    last: Counter[str] = Counter()
    for journey in whole:
        last[journey[-1].name] += 1
        for one, following in pairwise(journey):
            pauses[one.name].append(max(0.0, following.time - one.time))
    end = max((journey[-1].time for journey in whole), default=0.0)
    patience: Mapping[str, float] = {
        name: 2 * sorted(times)[int(0.95 * (len(times) - 1))]
        for name, times in pauses.items()
        if len(times) > max(noise, 0.1) * (len(times) + last[name])
    }
    over: list[Case] = []
    running: list[Case] = []
    for journey in whole:
        rests = end - journey[-1].time
        (running if rests < patience.get(journey[-1].name, 0.0) else over).append(journey)
    return (over, running) if over else (running, [])
