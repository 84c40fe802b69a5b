"""An automaton over activities: what a draft says before it is one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Symbol = int
"""An activity, or (from those on) a block of `Alphabet`: branches at once."""

Word = tuple[Symbol, ...]


@dataclass(slots=True)
class Edge:
    """Leads to *target*, and was taken *count* times."""

    target: int
    count: int


@dataclass(slots=True)
class Automaton:
    """States are numbers, 0 is where every word begins. *ends*: how many words ended in a state."""

    edges: dict[int, dict[Symbol, Edge]] = field(default_factory=lambda: {0: {}})
    ends: dict[int, int] = field(default_factory=dict)

    def without_rare(self, noise: float, *, first_too: bool = True) -> "Automaton":
        """Return what is left if all is taken away that happens in less than the share *noise* of a state's visits.

        *first_too*: of the first state as well; else all that words begin with is left.
        """
        kept = Automaton({}, {})
        todo = [0]
        while todo:
            state = todo.pop()
            if state in kept.edges:
                continue
            edges, ends = self.edges[state], self.ends.get(state, 0)
            visits = sum(edge.count for edge in edges.values()) + ends
            least = noise * visits if state or first_too else 0.0
            kept.edges[state] = {
                symbol: Edge(one.target, one.count) for symbol, one in edges.items() if one.count > least
            }
            if ends > least:
                kept.ends[state] = ends
            todo.extend(edge.target for edge in kept.edges[state].values())
        return kept._trimmed()

    def _trimmed(self) -> "Automaton":
        """Leave away what leads to no end."""
        leading = set(self.ends)
        before: dict[int, set[int]] = {}
        for state, edges in self.edges.items():
            for edge in edges.values():
                before.setdefault(edge.target, set()).add(state)
        todo = list(leading)
        while todo:
            for state in before.get(todo.pop(), ()):
                if state not in leading:
                    leading.add(state)
                    todo.append(state)
        left = {
            state: {symbol: edge for symbol, edge in own.items() if edge.target in leading}
            for state, own in self.edges.items()
            if state in leading or state == 0
        }
        return Automaton(left, {state: count for state, count in self.ends.items() if state in left})

    def reachable(self) -> "Automaton":
        """Leave away what nothing leads to."""
        met = set(self.in_order())
        return Automaton(
            {state: edges for state, edges in self.edges.items() if state in met},
            {state: count for state, count in self.ends.items() if state in met},
        )

    def renumbered(self) -> "Automaton":
        """Number the states as they are met, the most frequent edges first: equal automata become equal values."""
        order = list(self.in_order())
        number = {state: position for position, state in enumerate(order)}
        return Automaton(
            {
                number[state]: {
                    symbol: Edge(number[edge.target], edge.count)
                    for symbol, edge in sorted(self.edges[state].items(), key=lambda one: (-one[1].count, one[0]))
                }
                for state in order
            },
            {number[state]: count for state, count in self.ends.items() if state in number},
        )

    def in_order(self) -> Iterator[int]:
        """Yield the states from the first on, along the edges taken most."""
        seen: set[int] = set()
        todo = [0]
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            seen.add(state)
            yield state
            ways = sorted(self.edges[state].items(), key=lambda one: (one[1].count, -one[0]))
            todo.extend(edge.target for _, edge in ways)

    @property
    def size(self) -> int:
        """How many edges there are."""
        return sum(map(len, self.edges.values()))


@dataclass(frozen=True, slots=True)
class Alphabet:
    """*activities*: the first symbols, by number. *blocks*: the branches of each symbol after them.

    A branch is an automaton over activities with one end, which nothing leads away from.
    """

    activities: int
    blocks: Sequence[tuple[Automaton, ...]] = ()

    def branches(self, symbol: Symbol) -> tuple[Automaton, ...]:
        """Return the branches that *symbol* stands for; none if it is an activity."""
        return () if symbol < self.activities else self.blocks[symbol - self.activities]

    def members(self, symbol: Symbol) -> frozenset[Symbol]:
        """Return the activities that *symbol* stands for."""
        if symbol < self.activities:
            return frozenset((symbol,))
        return frozenset(
            member for branch in self.branches(symbol) for edges in branch.edges.values() for member in edges
        )


def expanded(automaton: Automaton, alphabet: Alphabet) -> Automaton:
    """Return *automaton* over activities alone: each block becomes all the ways to go through its branches at once.

    Counts are those of the block's edge, on each of the edges that it becomes.
    """
    result = Automaton({state: {} for state in automaton.edges}, dict(automaton.ends))
    fresh = max(automaton.edges) + 1
    for state, edges in automaton.edges.items():
        for symbol, edge in edges.items():
            branches = alphabet.branches(symbol)
            if not branches:
                result.edges[state][symbol] = edge
                continue
            last = tuple(next(iter(branch.ends)) for branch in branches)
            numbers = {(0,) * len(branches): state, last: edge.target}
            todo = [(0,) * len(branches)]
            while todo:
                places = todo.pop()
                for at, member, target in _steps(places, branches):
                    after = (*places[:at], target, *places[at + 1 :])
                    if after not in numbers:
                        numbers[after] = fresh
                        result.edges[fresh] = {}
                        fresh += 1
                        todo.append(after)
                    result.edges[numbers[places]].setdefault(member, Edge(numbers[after], edge.count))
    return result


def _steps(places: Sequence[int], branches: Sequence[Automaton]) -> Iterator[tuple[int, Symbol, int]]:
    for at, (place, branch) in enumerate(zip(places, branches, strict=True)):
        for symbol, edge in branch.edges[place].items():
            yield at, symbol, edge.target


def product_size(branches: Sequence[Automaton]) -> int:
    """Return how many states it takes to go through *branches* at once."""
    return math.prod(len(branch.edges) for branch in branches)


def counted(words: Mapping[Word, int], successor: Mapping[tuple[int, Symbol], int]) -> Automaton:
    """Return the automaton that *successor* describes, with how often *words* take its edges, as far as they can."""
    result = Automaton()
    for word, times in words.items():
        state = 0
        for symbol in word:
            target = successor.get((state, symbol))
            if target is None:
                break
            edge = result.edges[state].setdefault(symbol, Edge(target, 0))
            edge.count += times
            result.edges.setdefault(target, {})
            state = target
        else:
            result.ends[state] = result.ends.get(state, 0) + times
    return result
