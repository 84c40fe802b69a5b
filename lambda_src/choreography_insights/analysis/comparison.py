"""Two definitions on the same events, or two periods: which entities fare differently, which states got slower."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist
from typing import Any, Literal

from choreography_insights.analysis.significance import Counts, significant
from choreography_insights.analysis.times import stays
from choreography_insights.analysis.variants import Departure, met
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.replay.report import in_words, iso, percent
from choreography_insights.replay.storied_journey import StoriedJourney
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.words import aligned, many, number, visible

_LIMIT, _FEWEST, _WORTH_SAYING = 0.05, 20, 0.1
_MOST_EXAMPLES = 3

Fares = Literal["worse", "better", "otherwise"]


@dataclass(slots=True)
class Fate:
    """What became of an entity: how its journeys ended or where they are, and by what it departed first."""

    ends: list[tuple[str, str]] = field(default_factory=list)
    fits: bool = True
    departure: tuple[float, Departure] | None = None

    def departs(self, at: float, departure: Departure) -> None:
        """Something unexpected has met it."""
        self.fits = False
        if self.departure is None or at < self.departure[0]:
            self.departure = at, departure

    def __str__(self) -> str:
        said = ", ".join(f"{status} in {state}" for status, state in self.ends) or "no journey"
        if self.departure is None:
            return said
        _, (event, state) = self.departure
        return f"{said}; {event!r} unexpected{f' in {state}' if state else ''}"


class Fates:
    """Takes what a replay tells, and keeps what became of each entity, and how long stays were."""

    def __init__(self) -> None:
        self.of: defaultdict[str, Fate] = defaultdict(Fate)
        self.spent: defaultdict[str, Histogram] = defaultdict(Histogram)

    def take(self, told: ReplayedJourney | Deviation) -> None:
        """A journey has ended, or an event has met none."""
        if isinstance(told, Deviation):
            self.of[told.event.entity].departs(told.at, (told.event.name, met(told)))
            return
        fate = self.of[told.entity]
        fate.ends.append((told.status, told.state))
        fate.fits = fate.fits and told.conforms
        for deviation in told.deviations:
            fate.departs(deviation.at, (deviation.event.name, met(deviation)))
        if isinstance(told, StoriedJourney):
            for state, _, _, stayed in stays(told):
                self.spent[state].add(stayed)

    @property
    def fitting(self) -> int:
        """How many entities nothing unexpected met."""
        return sum(fate.fits for fate in self.of.values())


@dataclass(frozen=True, slots=True)
class Change:
    """So many entities fared as *before* says, and fare as *after* says; *some* of them."""

    fares: Fares
    before: str
    after: str
    count: int
    some: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many entities fared so before and after; *grew*: by more than chance; *bad*: whether they do not fit."""

    words: str
    before: int
    after: int
    bad: bool
    grew: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """How long stays in a state were before and after; *changed*: whether by more than chance, and a tenth."""

    state: str
    before: Histogram
    after: Histogram
    changed: Literal["slower", "faster"] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs. *names*: what before and after are. *changes* are of the same entities, *outcomes* of others.

    *worse_in*: the waits in which those that fare worse depart now, and how many do.
    """

    names: tuple[str, str]
    fitting: tuple[int, int]
    entities: tuple[int, int]
    changes: tuple[Change, ...]
    outcomes: tuple[Outcome, ...]
    paces: tuple[Pace, ...]
    worse_in: Mapping[str, int] = field(default_factory=dict)

    def fare(self, fares: Fares) -> int:
        """Return how many entities fare so."""
        return sum(change.count for change in self.changes if change.fares == fares)

    @property
    def slower(self) -> list[str]:
        """The states that got slower."""
        return [pace.state for pace in self.paces if pace.changed == "slower"]

    @property
    def is_worse(self) -> bool:
        """Whether an entity fares worse, more do not fit than chance explains, or a state got slower."""
        return bool(self.fare("worse") or self.slower or any(one.grew and one.bad for one in self.outcomes))


class Definitions:
    """Takes what a replay of a definition tells, to compare it with *before*, what an older one said."""

    def __init__(self, before: Fates, names: tuple[str, str]) -> None:
        self._before, self._after, self._names = before, Fates(), names
        self._met: Counter[tuple[Fares, str, str]] = Counter()

    def take(self, told: ReplayedJourney | Deviation) -> bool:
        """Take it; whether it shows one of the first entities that fare so."""
        self._after.take(told)
        if isinstance(told, Deviation):
            return False
        difference = difference_of(self._before, self._after, told.entity)
        if difference is None:
            return False
        self._met[difference] += 1
        return self._met[difference] <= _MOST_EXAMPLES

    def comparison(self) -> Comparison:
        """Return what differs."""
        return by_definitions(self._before, self._after, self._names)


class Periods:
    """Takes what a replay tells, to compare what began before the moment *split* with what did since."""

    def __init__(self, split: float) -> None:
        self._split, self._before, self._after = split, Fates(), Fates()

    def take(self, told: ReplayedJourney | Deviation) -> bool:
        """Take it; of other entities none is an example of what differs."""
        began = told.event.time if isinstance(told, Deviation) else told.started_at
        (self._before if began < self._split else self._after).take(told)
        return False

    def comparison(self) -> Comparison:
        """Return what differs."""
        return by_periods(self._before, self._after, (f"before {iso(self._split)}", "since"))


def by_definitions(before: Fates, after: Fates, names: tuple[str, str]) -> Comparison:
    """Compare what two definitions say of the same events."""
    grouped: dict[tuple[Fares, str, str], list[str]] = {}
    worse_in: Counter[str] = Counter()
    for entity in dict.fromkeys((*after.of, *before.of)):
        difference = difference_of(before, after, entity)
        if difference is None:
            continue
        grouped.setdefault(difference, []).append(entity)
        departure = after.of[entity].departure if entity in after.of else None
        if difference[0] == "worse" and departure is not None:
            worse_in[departure[1][1]] += 1
    order = ("worse", "better", "otherwise")
    changes = [
        Change(fares, old, new, len(those), tuple(those[:_MOST_EXAMPLES]))
        for (fares, old, new), those in sorted(
            grouped.items(), key=lambda one: (order.index(one[0][0]), -len(one[1]), one[0])
        )
    ]
    return _comparison(before, after, names, changes, (), worse_in)


def difference_of(before: Fates, after: Fates, entity: str) -> tuple[Fares, str, str] | None:
    """Return how *entity* fares now, and what became of it before and after; None if that is the same."""
    nothing = Fate()
    old, new = before.of.get(entity, nothing), after.of.get(entity, nothing)
    if str(old) == str(new) and old.fits == new.fits:
        return None
    return "otherwise" if old.fits == new.fits else "worse" if old.fits else "better", str(old), str(new)


def by_periods(before: Fates, after: Fates, names: tuple[str, str]) -> Comparison:
    """Compare what became of entities in two periods."""
    counts = [Counter((str(fate), fate.fits) for fate in one.of.values()) for one in (before, after)]
    kinds = sorted({*counts[0], *counts[1]}, key=lambda one: (-counts[0][one] - counts[1][one], one))
    total, late = len(before.of) + len(after.of), len(after.of)
    found = significant([Counts(total, late, counts[0][one] + counts[1][one], counts[1][one]) for one in kinds], _LIMIT)
    outcomes = [
        Outcome(one[0], counts[0][one], counts[1][one], not one[1], grew is not None)
        for one, grew in zip(kinds, found, strict=True)
    ]
    return _comparison(before, after, names, (), outcomes, {})


def _comparison(
    before: Fates,
    after: Fates,
    names: tuple[str, str],
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    worse_in: Mapping[str, int],
) -> Comparison:
    return Comparison(
        names,
        (before.fitting, after.fitting),
        (len(before.of), len(after.of)),
        tuple(changes),
        tuple(outcomes),
        tuple(_paces(before.spent, after.spent)),
        worse_in,
    )


def _paces(before: Mapping[str, Histogram], after: Mapping[str, Histogram]) -> Iterator[Pace]:
    """Yield each state that was left before and after, the one that changed most first."""
    both = [state for state in before if state in after]
    tests = sum(min(before[state].count, after[state].count) >= _FEWEST for state in both)
    paces = [Pace(state, before[state], after[state], _changed(before[state], after[state], tests)) for state in both]
    yield from sorted(paces, key=lambda pace: (pace.changed is None, -abs(pace.after.median - pace.before.median)))


def _changed(before: Histogram, after: Histogram, tests: int) -> Literal["slower", "faster"] | None:
    if min(before.count, after.count) < _FEWEST or probability(before, after) * tests > _LIMIT:
        return None
    if after.median > before.median * (1 + _WORTH_SAYING):
        return "slower"
    return "faster" if after.median < before.median * (1 - _WORTH_SAYING) else None


def probability(before: Histogram, after: Histogram) -> float:
    """Return how likely stays differ as much by chance: the test of Mann and Whitney, where a bucket is a tie."""
    many_before, many_after = before.count, after.count
    total = many_before + many_after
    below, ranked, ties = 0.0, 0.0, 0.0
    for bucket in sorted({*before.counts, *after.counts}):
        old, new = before.counts.get(bucket, 0), after.counts.get(bucket, 0)
        ranked += new * (below + old / 2)
        below += old
        ties += (old + new) ** 3 - (old + new)
    variance = many_before * many_after / 12 * ((total + 1) - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return 2 * NormalDist().cdf(-abs(ranked - many_before * many_after / 2) / sqrt(variance))


# ---- for people --------


def headline(found: Comparison) -> str:
    """Return what it comes to, in a sentence."""
    said = []
    if found.outcomes:
        grown = [one.words for one in found.outcomes if one.grew]
        said.append(f"more frequent now: {', '.join(grown)}" if grown else "no outcome is more frequent now")
    else:
        kinds = [(found.fare(one), one) for one in ("worse", "better", "otherwise")]
        counts = [
            f"{many(times, 'entity', 'entities')} {'fares' if times == 1 else 'fare'} {one}"
            for times, one in kinds
            if times
        ]
        said.append(", ".join(counts) or "all entities fare as before")
    said.append(f"slower: {', '.join(found.slower)}" if found.slower else "no state got slower")
    return "; ".join(said)


def _tables(found: Comparison, most: int) -> Iterator[tuple[str, list[tuple[str, ...]], range]]:
    """Yield each table with its title, its rows (the first are heads), and which columns are numbers."""
    before, after = found.names
    yield (
        "fit",
        [
            ("", "entities", "fit", "share"),
            *(
                (name, number(entities), number(fitting), percent(fitting / entities) if entities else "-")
                for name, entities, fitting in zip(found.names, found.entities, found.fitting, strict=True)
            ),
        ],
        range(1, 4),
    )
    if found.changes:
        rows = [
            (number(one.count), one.fares, visible(one.before), visible(one.after), visible(", ".join(one.some)))
            for one in found.changes[:most]
        ]
        yield "entities", [("entities", "fare", before, after, "such as"), *rows], range(1)
    if found.outcomes:
        shares = [
            (
                visible(one.words),
                *(
                    f"{number(times)} ({percent(times / whole) if whole else '-'})"
                    for times, whole in zip((one.before, one.after), found.entities, strict=True)
                ),
                "more" if one.grew else "",
            )
            for one in found.outcomes[:most]
        ]
        yield "outcomes", [("outcome", before, after, ""), *shares], range(1, 3)
    if found.paces:
        paces = [
            (
                visible(pace.state),
                number(pace.before.count),
                number(pace.after.count),
                in_words(pace.before.median),
                in_words(pace.after.median),
                in_words(pace.before.quantile(0.95)),
                in_words(pace.after.quantile(0.95)),
                pace.changed or "",
            )
            for pace in found.paces[:most]
        ]
        heads = ("state", "stays", "then", "median", "then", "95 %", "then", "")
        yield "states", [heads, *paces], range(1, 7)


def lines(found: Comparison, most: int) -> Iterator[str]:
    """Yield tables with the first *most* rows of each."""
    yield headline(found)
    for _, rows, numbers in _tables(found, most):
        yield ""
        yield from aligned(rows, numbers=numbers)


def markdown(found: Comparison, most: int) -> Iterator[str]:
    """Yield the same for a pull request."""
    yield f"**{_escaped(headline(found))}**"
    for _, (heads, *rows), numbers in _tables(found, most):
        yield ""
        yield _row(heads)
        yield _row(["---:" if position in numbers else "---" for position in range(len(heads))])
        yield from (_row([_escaped(cell) for cell in row]) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|" else letter for letter in text)


# ---- for programs --------


def document(found: Comparison) -> dict[str, Any]:
    """Return what programs read."""
    return {
        "isWorse": found.is_worse,
        "before": {"name": found.names[0], "entities": found.entities[0], "fitting": found.fitting[0]},
        "after": {"name": found.names[1], "entities": found.entities[1], "fitting": found.fitting[1]},
        "changes": [
            {
                "fares": one.fares,
                "before": one.before,
                "after": one.after,
                "entities": one.count,
                "examples": [*one.some],
            }
            for one in found.changes
        ],
        "outcomes": [
            {"outcome": one.words, "before": one.before, "after": one.after, "fits": not one.bad, "grew": one.grew}
            for one in found.outcomes
        ],
        "states": [
            {
                "state": pace.state,
                "before": {"stays": pace.before.count, "medianSeconds": pace.before.median},
                "after": {"stays": pace.after.count, "medianSeconds": pace.after.median},
                "changed": pace.changed,
            }
            for pace in found.paces
        ],
    }
