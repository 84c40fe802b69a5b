"""Alignments, as process mining has them: the cheapest way to make a word and a run of an automaton one.

Each event that only the word has, or only the run, costs 1. What the rest of a word costs is found first, from behind:
for all states at once, and once for all words that end alike. So of all ways only the cheapest are gone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from choreography_insights.discover.automaton import Automaton, Symbol, Word


class Alignment(NamedTuple):
    """*cost*: events that only the word or only the run has; *run*: the edges that the automaton takes."""

    cost: int
    run: tuple[tuple[int, Symbol], ...]

    @property
    def symbols(self) -> Word:
        """What the run takes."""
        return tuple(symbol for _, symbol in self.run)


def aligned(
    words: Mapping[Word, int], automaton: Automaton, before: Mapping[Word, Alignment] | None = None
) -> dict[Word, Alignment]:
    """Align each of *words*; *automaton* is over activities alone.

    *before*: how they were aligned to one that accepts all that this does, and more. What this accepts too stays so.
    """
    misfits = _Misfits(automaton)
    found = {}
    for word in words:
        symbols, cost = (before[word].symbols, before[word].cost) if before else (word, 0)
        found[word] = _taking(symbols, automaton, cost) or misfits.aligned(word)
    return found


def _taking(symbols: Iterable[Symbol], automaton: Automaton, cost: int) -> Alignment | None:
    """Return the alignment whose run takes *symbols*; None if *automaton* does not accept these."""
    state, run = 0, []
    for symbol in symbols:
        edge = automaton.edges[state].get(symbol)
        if edge is None:
            return None
        run.append((state, symbol))
        state = edge.target
    return Alignment(cost, tuple(run)) if state in automaton.ends else None


_States = int
"""A set of states: the bit of each is 1."""

_Node = tuple[int, int]
"""How much of the word is behind, and the state of the automaton."""


class _Left:
    """What is left of words. *within*: from which states *least*, and one more each, leads to an end.

    The last of these goes on if it is all states that lead to one. *leading*: the states from which a step leads to it.
    *after*: what is left behind its first symbol; *longer*: what it is left of, by the symbol before it.
    """

    __slots__ = ("after", "leading", "least", "longer", "symbol", "within")

    def __init__(self, symbol: Symbol, after: "_Left | None") -> None:
        self.symbol, self.after = symbol, after
        self.least = 0
        self.within: list[_States] = []
        self.leading: _States = 0
        self.longer: dict[Symbol, _Left] = {}

    def near(self, cost: int) -> _States:
        """Return from which states *cost* leads to an end, as far as that is noted."""
        if cost < self.least or not self.within:
            return 0
        return self.within[min(cost - self.least, len(self.within) - 1)]


class _Misfits:
    """Aligns words that *automaton* does not accept."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._nothing = _Left(-1, None)
        self._before: dict[int, _States] = {}
        by: defaultdict[Symbol, Counter[int]] = defaultdict(Counter)
        for state, edges in automaton.edges.items():
            for symbol, edge in edges.items():
                self._before[edge.target] = self._before.get(edge.target, 0) | 1 << state
                by[symbol][edge.target] |= 1 << state
        self._by = {
            symbol: [(1 << target, states) for target, states in targets.items()] for symbol, targets in by.items()
        }
        self._ends = sum(1 << state for state in automaton.ends)
        self._leading_to_ends = self._ends
        todo = list(automaton.ends)
        while todo:
            fresh = self._before.get(todo.pop(), 0) & ~self._leading_to_ends
            self._leading_to_ends |= fresh
            todo.extend(state for state in automaton.edges if fresh >> state & 1)

    def aligned(self, word: Word) -> Alignment:
        """Return the cheapest alignment; of several the first by position and state, cost by cost."""
        if not self._leading_to_ends & 1:
            return Alignment(len(word), ())
        left = self._left(word)
        cost = self._cost(left)
        return Alignment(cost, self._run(word, left, cost))

    def _run(self, word: Word, left: Sequence[_Left], whole: int) -> tuple[tuple[int, Symbol], ...]:
        came: dict[_Node, tuple[_Node, Symbol | None]] = {}
        dearer: list[tuple[_Node, _Node, Symbol | None]] = [((0, 0), (0, 0), None)]
        length = len(word)
        for cost in range(whole, -1, -1):  # what may still be spent
            todo = []
            for node, before, symbol in dearer:
                if node not in came:
                    came[node] = before, symbol
                    todo.append(node)
            todo.sort(key=lambda node: (node[0], -node[1]))
            dearer = []
            while todo:
                at, state = node = todo.pop()
                edges = self._automaton.edges[state]
                if at == length and state in self._automaton.ends:
                    return _run_to(node, came)
                if at < length:
                    symbol = word[at]
                    if symbol in edges:
                        target = edges[symbol].target
                        if (at + 1, target) not in came and left[at + 1].near(cost) >> target & 1:
                            came[at + 1, target] = node, symbol
                            todo.append((at + 1, target))
                    if cost and left[at + 1].near(cost - 1) >> state & 1:
                        dearer.append(((at + 1, state), node, None))
                if cost:
                    enough = left[at].near(cost - 1)
                    dearer.extend(
                        ((at, edge.target), node, symbol) for symbol, edge in edges.items() if enough >> edge.target & 1
                    )
        raise AssertionError(word)  # what it costs is known

    def _left(self, word: Word) -> Sequence[_Left]:
        """Return what is left of *word* at each position."""
        found = [self._nothing]
        for symbol in reversed(word):
            after = found[-1]
            if symbol not in after.longer:
                after.longer[symbol] = _Left(symbol, after)
            found.append(after.longer[symbol])
        return found[::-1]

    def _cost(self, left: Sequence[_Left]) -> int:
        """Return what the cheapest alignment costs, and note on the way from where an end is so near."""
        cost, whole, nearest = 0, left[0], len(left) - 1
        while True:
            for at in range(nearest, -1, -1):
                one = left[at]
                if one.within and cost < one.least:
                    break
                if cost - one.least >= len(one.within) and not self._is_done(one) and not self._goes_on(one, cost):
                    break  # the longer, the dearer
            while nearest and self._is_done(left[nearest]):
                nearest -= 1
            if whole.near(cost) & 1:
                return cost
            cost += 1

    def _is_done(self, left: _Left) -> bool:
        return bool(left.within) and left.within[-1] == self._leading_to_ends

    def _goes_on(self, left: _Left, cost: int) -> bool:
        """Note from which states *cost* leads to an end, as is noted for what is left then; say whether any does."""
        after, found = left.after, 0
        if after is None:
            found = self._ends
        else:
            near = after.near(cost)
            for target, states in self._by.get(left.symbol, ()):
                if near & target:
                    found |= states
            found |= after.near(cost - 1)
        fresh = found
        if left.within:
            last = left.within[-1]
            found |= left.leading | last
            fresh = found & ~last
        elif found:
            left.least = cost
        else:
            return False
        left.within.append(found)
        while fresh:
            one = fresh & -fresh
            left.leading |= self._before.get(one.bit_length() - 1, 0)
            fresh ^= one
        return True


def _run_to(node: _Node, came: Mapping[_Node, tuple[_Node, Symbol | None]]) -> tuple[tuple[int, Symbol], ...]:
    run: list[tuple[int, Symbol]] = []
    while node != (0, 0):
        node, symbol = came[node]
        if symbol is not None:
            run.append((node[1], symbol))
    return tuple(reversed(run))
