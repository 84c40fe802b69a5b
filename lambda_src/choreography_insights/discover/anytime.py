"""What may come at any place of a journey: events that are only noted, and events that end it wherever it is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from choreography_insights.discover.automaton import Automaton, Edge, Symbol, Word

_FEWEST_PLACES, _PLACES = 3, 0.5
"""It must come behind so many activities, and behind such a share of those that something follows."""

_LAST = 0.95
"""In such a share of the words that have an exit it must come last."""

_MOST = 4
"""So many are tried."""

_LEFT = 0.4
"""Such a share of the words must have no exit, or they would not tell what goes on without one."""


@dataclass(frozen=True, slots=True)
class Anytime:
    """*notes* leave a journey where it is, *exits* end it, in whatever state it is."""

    notes: tuple[Symbol, ...] = ()
    exits: tuple[Symbol, ...] = ()

    @property
    def size(self) -> int:
        """How many ways it takes to say it."""
        return len(self.notes) + len(self.exits)

    def __or__(self, other: "Anytime") -> "Anytime":
        """Return what both say."""
        return Anytime((*self.notes, *other.notes), (*self.exits, *other.exits))

    def without(self, words: Mapping[Word, int]) -> Mapping[Word, int]:
        """Return what *words* say besides: those with an exit do not say how they would have gone on."""
        if not self.size:
            return words
        found: Counter[Word] = Counter()
        for word, times in words.items():
            if not any(symbol in self.exits for symbol in word):
                found[tuple(symbol for symbol in word if symbol not in self.notes)] += times
        return found

    def within(self, automaton: Automaton) -> Automaton:
        """Return *automaton*, which is over activities alone, with what may come in each state but the first and ends.

        Their edges have no counts.
        """
        if not self.size:
            return automaton
        end = max(automaton.edges) + 1
        edges = {
            state: {
                **dict.fromkeys(self.exits, Edge(end, 0)),
                **dict.fromkeys(self.notes, Edge(state, 0)),
                **own,
            }
            if state and own
            else dict(own)
            for state, own in automaton.edges.items()
        }
        ends = dict(automaton.ends)
        if self.exits:
            edges[end], ends[end] = {}, 0
        return Automaton(edges, ends)


def candidates(words: Mapping[Word, int], noise: float, among: Collection[Symbol]) -> list[Anytime]:
    """Return what may be meant to come at any time: some of *among*, each by itself, that behind most others first."""
    last: Counter[Symbol] = Counter()
    for word, times in words.items():
        last[word[-1]] += times
    whole, found = sum(words.values()), []
    for symbol, times, places in _scattered(words, noise):
        if symbol not in among:
            continue
        if last[symbol] <= (1 - _LAST) * times:
            found.append((-places, Anytime(notes=(symbol,))))
        elif last[symbol] >= _LAST * times and whole - times >= _LEFT * whole:
            found.append((-places, Anytime(exits=(symbol,))))
    return [one for _, one in sorted(found, key=lambda one: (one[0], one[1].notes, one[1].exits))[:_MOST]]


def _scattered(words: Mapping[Word, int], noise: float) -> Iterator[tuple[Symbol, int, int]]:
    """Yield the activities that come behind many others: in how many words they do, and behind how many others."""
    having: Counter[Symbol] = Counter()
    behind: defaultdict[Symbol, Counter[Symbol]] = defaultdict(Counter)
    for word, times in words.items():
        for symbol in set(word[1:]):
            having[symbol] += times
        for before, symbol in pairwise(word):
            behind[symbol][before] += times
    followed = {before for counts in behind.values() for before in counts}
    enough = noise * sum(words.values())
    for symbol, times in having.items():
        counts = behind[symbol]
        places = sum(count > noise / 2 * counts.total() for before, count in counts.items() if before != symbol)
        if times > enough and places >= max(_FEWEST_PLACES, _PLACES * (len(followed) - (symbol in followed))):
            yield symbol, times, places
