"""What slow journeys have in common: events, and fields of events, that the slowest tenth has more often by far."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappush, heappushpop
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from choreography_insights.analysis.significance import Counts, significant
from choreography_insights.replay.storied_journey import StoriedJourney

MOST_JOURNEYS = 20_000
FEWEST_JOURNEYS = 50
_SLOW_SHARE, _TOO_MANY = 0.1, 0.25
_MOST_VALUES, _MOST_OF_ONE, _DEEPEST, _LONGEST = 500, 200, 4, 64


class Trait(NamedTuple):
    """What a journey may have: an *event*, or (with a *field*) an event in which a field has such a *value*."""

    event: str
    field: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.event}: {self.field} = {self.value}" if self.field else self.event


@dataclass(frozen=True, slots=True)
class Common:
    """A trait that slow journeys have more often than others. *same*: traits that the very same journeys have.

    *counts* are among the journeys in which its event came; where the trait is the event, among all. *probability*: how
    likely chance does as much to any of all traits that were tried.
    """

    trait: Trait
    counts: Counts
    probability: float
    same: tuple[Trait, ...] = ()

    @property
    def slow_share(self) -> float:
        """Which part of the slow ones has it."""
        return self.counts.both / self.counts.group

    @property
    def other_share(self) -> float:
        """Which part of the others has it."""
        return (self.counts.have - self.counts.both) / (self.counts.all - self.counts.group)


@dataclass(frozen=True, slots=True)
class Slow:
    """The slowest tenth of so many *journeys*: how many, from how many seconds on, what of all *tried* they share."""

    journeys: int
    slow: int
    after: float
    common: tuple[Common, ...]
    tried: int


class Slowness:
    """Takes journeys, and holds the length and traits of so many that have ended; of more, of some by their id."""

    def __init__(self, most: int = MOST_JOURNEYS) -> None:
        self._most = most
        self._held: list[tuple[int, int, float, tuple[Trait, ...]]] = []
        self._known: dict[Trait, Trait] = {}
        self._count = 0

    def take(self, journey: StoriedJourney) -> None:
        """A journey has ended, or runs still when all is over."""
        if journey.ended_at is None:
            return
        self._count += 1
        traits = tuple(self._known.setdefault(one, one) for one in traits_of(journey))
        item = (-crc32(journey.entity.encode()), self._count, journey.ended_at - journey.started_at, traits)
        if len(self._held) < self._most:
            heappush(self._held, item)
        else:
            heappushpop(self._held, item)

    def slow(self) -> Slow | None:
        """Return what the slowest tenth has in common; None if there are too few, or no slow ones among them."""
        held = sorted(self._held, key=lambda one: one[1])
        if len(held) < FEWEST_JOURNEYS:
            return None
        times = sorted((took for _, _, took, _ in held), reverse=True)
        after = times[max(1, int(len(times) * _SLOW_SHARE)) - 1]
        slow = {position for position, (_, _, took, _) in enumerate(held) if took >= after}
        if len(slow) > len(held) * _TOO_MANY:
            return None
        having = _having([traits for *_, traits in held])
        tried = [*_tried(having, slow, len(held))]
        found = significant([counts for _, counts, _ in tried])
        common = [
            Common(trait, counts, probability, same)
            for (trait, counts, same), probability in zip(tried, found, strict=True)
            if probability is not None
        ]
        common.sort(key=lambda one: (one.probability, one.trait))
        return Slow(len(held), len(slow), after, tuple(common), len(tried))


def traits_of(journey: StoriedJourney) -> list[Trait]:
    """Return the traits of *journey*, each once."""
    found: dict[Trait, None] = {}
    for event in journey.used:
        found[Trait(event.name)] = None
        for field, value in islice(_fields(event.detail, "$.detail", 0), _MOST_OF_ONE):
            found[Trait(event.name, field, value)] = None
    return [*found]


def _fields(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if depth < _DEEPEST:
            for key, inner in value.items():
                yield from _fields(inner, f"{path}.{key}", depth + 1)
    elif isinstance(value, list):
        if depth < _DEEPEST:
            for inner in value:
                yield from _fields(inner, f"{path}[*]", depth + 1)
    elif isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= _LONGEST):
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _having(held: list[tuple[Trait, ...]]) -> Mapping[Trait, frozenset[int]]:
    """Return which journeys have each trait, without fields that have a value of its own in almost each."""
    having: defaultdict[Trait, set[int]] = defaultdict(set)
    values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for position, traits in enumerate(held):
        for trait in traits:
            having[trait].add(position)
            values[trait.event, trait.field].add(trait.value)
    return {
        trait: frozenset(those)
        for trait, those in having.items()
        if len(values[trait.event, trait.field]) <= _MOST_VALUES
    }


def _tried(
    having: Mapping[Trait, frozenset[int]], slow: set[int], journeys: int
) -> Iterator[tuple[Trait, Counts, tuple[Trait, ...]]]:
    """Yield each trait that some have and some lack, with those that the very same journeys have."""
    alike: defaultdict[tuple[frozenset[int], frozenset[int]], list[Trait]] = defaultdict(list)
    everybody = frozenset(range(journeys))
    for trait, those in having.items():
        among = having.get(Trait(trait.event), everybody) if trait.field else everybody
        if those != among:
            alike[those, among].append(trait)
    for (those, among), traits in alike.items():
        counts = Counts(len(among), len(among & slow), len(those), len(those & slow))
        if 0 < counts.group < counts.all:
            yield traits[0], counts, tuple(traits[1:])
