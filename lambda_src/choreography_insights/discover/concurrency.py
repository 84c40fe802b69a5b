"""What happens at once: activities that come in one order as often as in the other, side by side.

They fall into branches: within one, the order says something. A block of branches becomes a symbol of its own, so that
the rest is learned as if it came in one order; a branch is learned of what the words say of it alone (the parallel cut
of the inductive miner, made where the words have it and not of the whole log).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise

from choreography_insights.discover.automaton import Alphabet, Automaton, Edge, Symbol, Word, counted, product_size
from choreography_insights.discover.merging import merged

_LEAST_SHARE = 0.08
"""In such a share of the cases that have either of two activities once, each must come before the other."""

_TOGETHER = 0.85
"""In such a share of the places where one of a block's branches goes on, all of them must."""

_MOST_STATES = 400

Branches = tuple[frozenset[Symbol], ...]


def with_blocks(words: Mapping[Word, int], activities: int, noise: float) -> tuple[dict[Word, int], Alphabet]:
    """Return *words* with a symbol for each block of branches, and what the symbols stand for.

    The first symbol of a word begins a journey, and is in no block.
    """
    blocks = [block for branches in _candidates(words, noise) if (block := _block(words, branches, noise))]
    alphabet = Alphabet(activities, [block.branches for block in blocks])
    result: Counter[Word] = Counter()
    for word, times in words.items():
        grouped = word
        for number, block in enumerate(blocks):
            grouped = (*grouped[:1], *block.grouped(grouped[1:], activities + number))
        result[grouped] += times
    return dict(result), alphabet


@dataclass(frozen=True, slots=True)
class _Block:
    symbols: Branches
    branches: tuple[Automaton, ...]
    is_repeated: bool
    """Whether what stands together may be several times all branches, each of which has one activity."""

    def grouped(self, word: Word, symbol: Symbol) -> Iterator[Symbol]:
        """Yield *word* with *symbol* for each piece that goes through all branches."""
        for piece, is_inside in _pieces(word, self.symbols, is_repeated=self.is_repeated):
            if is_inside and self._accepts(piece):
                yield symbol
            else:
                yield from piece

    def _accepts(self, piece: Word) -> bool:
        return all(
            accepts(branch, tuple(one for one in piece if one in symbols))
            for symbols, branch in zip(self.symbols, self.branches, strict=True)
        )


def accepts(automaton: Automaton, word: Word) -> bool:
    """Whether *word* leads *automaton* to an end."""
    return _after(automaton, word) in automaton.ends


def begins(automaton: Automaton, word: Word) -> bool:
    """Whether *word* leads *automaton* anywhere."""
    return _after(automaton, word) is not None


def _after(automaton: Automaton, word: Word) -> int | None:
    state = 0
    for symbol in word:
        edge = automaton.edges[state].get(symbol)
        if edge is None:
            return None
        state = edge.target
    return state


def _candidates(words: Mapping[Word, int], noise: float) -> Iterator[Branches]:
    """Yield sets of activities that may be the branches of a block: those of two sets are concurrent, all of them."""
    beside = _concurrent(words, noise)
    for cluster in _components(set(beside), lambda one, other: other in beside[one]):
        branches = _components(cluster, lambda one, other: other not in beside[one])
        if len(branches) > 1:
            yield tuple(sorted(map(frozenset, branches), key=sorted))


def _concurrent(words: Mapping[Word, int], noise: float) -> Mapping[Symbol, set[Symbol]]:
    """Return the activities that come both before and after one another, next to one another too."""
    before: Counter[tuple[Symbol, Symbol]] = Counter()
    next_to: Counter[tuple[Symbol, Symbol]] = Counter()
    for word, times in words.items():
        once = [symbol for symbol, often in Counter(word[1:]).items() if often == 1]
        for pair in combinations(once, 2):  # in the order of the word
            before[pair] += times
        for pair in set(pairwise(word[1:])):
            next_to[pair] += times
    enough = max(2.0, noise * sum(words.values()))
    found: defaultdict[Symbol, set[Symbol]] = defaultdict(set)
    for (one, other), times in before.items():
        whole = times + before[other, one]
        are_mixed = min(times, before[other, one]) > _LEAST_SHARE * whole
        if whole >= enough and are_mixed and next_to[one, other] and next_to[other, one]:
            found[one].add(other)
            found[other].add(one)
    return found


def _components(symbols: set[Symbol], are_joined: Callable[[Symbol, Symbol], bool]) -> list[set[Symbol]]:
    left, found = sorted(symbols), []
    while left:
        todo, part = [left.pop(0)], set()
        while todo:
            one = todo.pop()
            part.add(one)
            joined = [other for other in left if are_joined(one, other)]
            left = [other for other in left if other not in joined]
            todo.extend(joined)
        found.append(part)
    return found


def _block(words: Mapping[Word, int], symbols: Branches, noise: float) -> _Block | None:
    """Return the block with the branches *symbols*; None if they do not stand together, or cannot be said."""
    is_repeated = _has_one_each(words, symbols)
    together = apart = 0
    spoken: list[Counter[Word]] = [Counter() for _ in symbols]
    for word, times in words.items():
        for piece, is_inside in _pieces(word[1:], symbols, is_repeated=is_repeated):
            if not is_inside:
                continue
            parts = [tuple(one for one in piece if one in branch) for branch in symbols]
            if all(parts):
                together += times
                for counts, part in zip(spoken, parts, strict=True):
                    counts[part] += times
            else:
                apart += times
    if together < (_TOGETHER - noise) * (together + apart):
        return None
    branches = tuple(branch_of(counts, noise) for counts in spoken)
    if not all(branches) or product_size([one for one in branches if one]) > _MOST_STATES:
        return None
    return _Block(symbols, tuple(one for one in branches if one), is_repeated)


def _has_one_each(words: Mapping[Word, int], symbols: Branches) -> bool:
    """Whether each branch is one activity, or one of several, wherever the branches stand together."""
    ones = more = 0
    for word, times in words.items():
        for piece, is_inside in _pieces(word[1:], symbols, is_repeated=False):
            if is_inside and len(piece) >= len(symbols):
                lengths = {sum(one in branch for one in piece) for branch in symbols}
                ones += times if lengths == {1} else 0
                more += times if len(lengths) > 1 else 0
    return ones > 4 * more


def _pieces(word: Word, symbols: Branches, *, is_repeated: bool) -> Iterator[tuple[Word, bool]]:
    """Yield *word* in pieces, each with whether it has the activities of a block, and only these.

    If it *is_repeated*, such a piece ends where each branch has had one.
    """
    inside = frozenset().union(*symbols)
    for is_inside, run in groupby(word, key=inside.__contains__):
        if not (is_inside and is_repeated):
            yield tuple(run), is_inside
            continue
        piece: list[Symbol] = []
        for symbol in run:
            piece.append(symbol)
            if all(any(one in branch for one in piece) for branch in symbols):
                yield tuple(piece), True
                piece = []
        if piece:
            yield tuple(piece), True


def branch_of(words: Mapping[Word, int], noise: float) -> Automaton | None:
    """Return the automaton of a branch, with one end; None if it may end where it may also go on."""
    learned = merged(words, noise)
    successor = {
        (state, symbol): edge.target for state, edges in learned.edges.items() for symbol, edge in edges.items()
    }
    automaton = counted(words, successor).without_rare(noise).renumbered()
    if not automaton.ends or any(automaton.edges[state] for state in automaton.ends):
        return None
    return _with_one_end(automaton)


def _with_one_end(automaton: Automaton) -> Automaton:
    end = min(automaton.ends)
    edges = {
        state: {
            symbol: Edge(end if edge.target in automaton.ends else edge.target, edge.count)
            for symbol, edge in own.items()
        }
        for state, own in automaton.edges.items()
        if state == end or state not in automaton.ends
    }
    return Automaton(edges, {end: sum(automaton.ends.values())})
