"""From the cases of a log to the journeys in it: which events begin one, and which journeys are over."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from choreography_insights.discover.event_log import Case, EventLog, Occurrence

_MOST_ELSEWHERE = 0.2
"""An event that begins journeys stands elsewhere in such a share of its occurrences at most."""

_RARELY_ELSEWHERE = 0.05
"""One that begins few journeys (`_FEW` of the noise) stands elsewhere in such a share at most."""

_FEW = 0.2

_GOES_ON = 0.02
"""Such a share of the occurrences of an event at most is the last of a case, if something always follows it."""

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

    A start event begins the next journey of its entity, unless these *are_cases*, each a journey, or it follows an
    event that no case ends with. What comes shortly before it belongs to it: it was overtaken.
    """
    begin = tuple(starts) or _starts(log, noise)
    journeys: list[Case] = []
    without_start = 0
    going_on = _going_on(log)
    for case in log.cases.values():
        parts = _parts(case, frozenset(begin), going_on)
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

    def begin(least: float, most_elsewhere: float) -> list[str]:
        return [
            name
            for name in often
            if first[name] > least * len(log.cases)
            and elsewhere[name] <= most_elsewhere * (first[name] + elsewhere[name])
        ]

    usual = begin(max(noise, 0.02), _MOST_ELSEWHERE) or often[:1]
    rare = [name for name in begin(_FEW * noise, _RARELY_ELSEWHERE) if name not in usual]
    return (*usual, *_that_lead_to_the_same(log, usual, rare))


def _that_lead_to_the_same(log: EventLog, usual: Collection[str], rare: Sequence[str]) -> Iterator[str]:
    """Yield those of *rare* behind which mostly comes what comes in cases that begin with one of *usual*, too."""
    known = {one.name for case in log.cases.values() if case[0].name in usual for one in case}
    for name in rare:
        cases = [case for case in log.cases.values() if case[0].name == name]
        if 2 * sum(len(case) > 1 and case[1].name in known for case in cases) > len(cases):
            yield name


def _going_on(log: EventLog) -> frozenset[str]:
    """Return the events that something always follows, but for chance."""
    times: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for case in log.cases.values():
        times.update(one.name for one in case)
        last[case[-1].name] += 1
    return frozenset(name for name, often in times.items() if last[name] <= _GOES_ON * often)


def _parts(case: Case, begin: frozenset[str], going_on: frozenset[str]) -> list[Case]:
    """Split *case* into journeys. Events before the first start event go behind it, if they are few."""
    found: list[list[Occurrence]] = []
    early: list[Occurrence] = []
    before: str | None = None
    for one in case:
        if one.name in begin and not (found and before in going_on):
            found.append([one, *early])
            early = []
        elif found:
            found[-1].append(one)
        elif len(early) < _OVERTAKEN:
            early.append(one)
        else:
            early = []
            break
        before = one.name
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
