"""From words to the automaton that says best what they are: several are made, the one that measures best is kept."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from choreography_insights.discover.alignments import Alignment, aligned
from choreography_insights.discover.anytime import Anytime, candidates
from choreography_insights.discover.automaton import Alphabet, Automaton, Edge, Symbol, Word, counted, expanded
from choreography_insights.discover.concurrency import with_blocks
from choreography_insights.discover.measures import Measures, measured, recounted
from choreography_insights.discover.merging import merged
from choreography_insights.discover.newest_event import by_newest_event

AS_GOOD = 0.01
"""A smaller automaton is preferred if it is so little worse; so much again if it is half as large, and so on."""


_MOST_WORDS = 1_000
"""So many different words tell what there is to learn; more only take time."""


@dataclass(frozen=True, slots=True)
class Learned:
    """An automaton over the symbols of *alphabet*, with what may come in each of its states, and what it is worth."""

    automaton: Automaton
    alphabet: Alphabet
    anytime: Anytime
    measures: Measures
    noise: float

    @property
    def size(self) -> int:
        """How many ways it takes to say it, those in branches too."""
        used = {symbol for edges in self.automaton.edges.values() for symbol in edges}
        inside = sum(branch.size for symbol in used for branch in self.alphabet.branches(symbol))
        return self.automaton.size + inside + self.anytime.size

    def f_score(self, words: Mapping[Word, int]) -> float:
        """Return how well it fits other *words*."""
        flat = self.anytime.within(expanded(self.automaton, self.alphabet))
        return measured(words, flat, aligned(words, flat)).f_score


def learn(
    words: Mapping[Word, int],
    activities: int,
    noise: float,
    whole: Collection[Symbol] = (),
    known: Anytime = Anytime(),  # noqa: B008 - a value
) -> Learned:
    """Return what fits *words* best, which are over so many *activities*. *noise*: a share to be left out.

    *whole*: the activities that are all events of a name; others never come at any time. *known*: what does.
    """
    some = _sample(words)
    best = _best(_drafts(some, activities, noise, known), noise)
    left = candidates(some, noise, [one for one in whole if one not in known.notes])
    while left:
        rejected = []
        for one in left:
            tried = _best([best, *_drafts(some, activities, noise, best.anytime | one)], noise)
            if tried is best:
                rejected.append(one)
            best = tried
        left = rejected if len(rejected) < len(left) else []  # what did not help may help now
    return best


def _best(drafts: Iterable[Learned], noise: float) -> Learned:
    """Return that which fits best; of those that are about as good the smallest."""
    drafts = list(drafts)
    if not noise:  # nothing may be left out
        most = max(draft.measures.fitting for draft in drafts)
        drafts = [draft for draft in drafts if draft.measures.fitting == most]
    best = max(drafts, key=lambda draft: draft.measures.f_score)
    good = [draft for draft in drafts if draft.measures.f_score >= best.measures.f_score - _worth(best, draft)]
    return min(good, key=lambda draft: (draft.size, -draft.measures.f_score))


def _worth(best: Learned, draft: Learned) -> float:
    """Return how much worse *draft* may be, as it is so much smaller than the *best*."""
    return AS_GOOD * max(1.0, math.log2(best.size / draft.size) if best.size and draft.size else 1.0)


def _sample(words: Mapping[Word, int]) -> Mapping[Word, int]:
    """Return the most frequent words, and of those that are equally frequent some of all kinds, if there are many."""
    if len(words) <= _MOST_WORDS:
        return words
    by_frequency = sorted(words, key=lambda word: (-words[word], word))
    often = [word for word in by_frequency if words[word] > 1][:_MOST_WORDS]
    rest = by_frequency[len(often) :]
    step = max(1, -(-len(rest) // max(1, _MOST_WORDS - len(often))))
    return {word: words[word] for word in (*often, *rest[::step])}


def _drafts(words: Mapping[Word, int], activities: int, noise: float, anytime: Anytime) -> Iterator[Learned]:
    others = anytime.without(words)
    grouped, alphabet = with_blocks(others, activities, noise)
    learners: tuple[Callable[[Mapping[Word, int]], Automaton], ...] = (
        lambda some: merged(some, noise, first_too=False),
        by_newest_event,
    )
    for learner in learners:
        yield _settled(words, _pruned(learner(grouped), grouped, noise), alphabet, anytime, noise)
        if alphabet.blocks:
            plain = Alphabet(activities)
            yield _settled(words, _pruned(learner(others), others, noise), plain, anytime, noise)


def _pruned(automaton: Automaton, words: Mapping[Word, int], noise: float) -> Automaton:
    """Leave out what hardly any of *words* takes, as far as they fit; but nothing that they begin with."""
    successor = {
        (state, symbol): edge.target for state, edges in automaton.edges.items() for symbol, edge in edges.items()
    }
    return _without_rare(counted(words, successor), noise)


def _without_rare(automaton: Automaton, noise: float) -> Automaton:
    """Leave out what is rare, but for that without which no end is left, as behind what is repeated very often."""
    kept = automaton.without_rare(noise, first_too=False)
    return (kept if kept.ends else automaton).renumbered()


def _settled(
    words: Mapping[Word, int], automaton: Automaton, alphabet: Alphabet, anytime: Anytime, noise: float
) -> Learned:
    """Leave out what hardly any of *words* takes now that what does not fit is aligned, and measure what is left."""
    alignments: Mapping[Word, Alignment] | None = None
    while True:
        flat = anytime.within(expanded(automaton, alphabet))
        alignments = aligned(words, flat, alignments)
        counts = _regrouped(recounted(words, flat, alignments), automaton, alphabet)
        kept = _without_rare(counts, noise)
        if kept.size == automaton.size and len(kept.ends) == len(automaton.ends):
            return Learned(kept, alphabet, anytime, measured(words, flat, alignments), noise)
        automaton = kept


def _regrouped(flat: Automaton, automaton: Automaton, alphabet: Alphabet) -> Automaton:
    """Return *automaton* with the counts of *flat*, in which its blocks are expanded."""
    return Automaton(
        {
            state: {
                symbol: Edge(edge.target, sum(_count(flat, state, one) for one in alphabet.members(symbol)))
                for symbol, edge in edges.items()
            }
            for state, edges in automaton.edges.items()
        },
        {state: count for state, count in flat.ends.items() if state in automaton.edges},
    )


def _count(automaton: Automaton, state: int, symbol: Symbol) -> int:
    edge = automaton.edges[state].get(symbol)
    return edge.count if edge else 0
