"""How well an automaton fits a log: alignments, fitness and precision, as process mining has them.

An alignment is the cheapest way to make a word and a run of the automaton one: each event that only the word has, or
only the run, costs 1. Fitness is 1 less the cost, by what it would be if nothing fitted (Adriansyah, 2014). Precision
compares, after each beginning of the aligned runs, what the automaton allows with what is seen (escaping edges:
Muñoz-Gama and Carmona, 2010).
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from choreography_insights.discover.automaton import Automaton, Edge, Symbol, Word


class Alignment(NamedTuple):
    """*cost*: events that only the word or only the run has; *run*: the edges that the automaton takes."""

    cost: int
    run: tuple[tuple[int, Symbol], ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """Each from 0 to 1. *fitting*: the share of cases that fit without any change."""

    fitness: float
    precision: float
    fitting: float

    @property
    def f_score(self) -> float:
        """The harmonic mean of fitness and precision."""
        whole = self.fitness + self.precision
        return 2 * self.fitness * self.precision / whole if whole else 0.0


def aligned(words: Mapping[Word, int], automaton: Automaton) -> dict[Word, Alignment]:
    """Align each of *words*; *automaton* is over activities alone."""
    return {word: _fitting(word, automaton) or _cheapest(word, automaton) for word in words}


def measured(words: Mapping[Word, int], automaton: Automaton, alignments: Mapping[Word, Alignment]) -> Measures:
    """Measure *automaton* by the *alignments* of *words* to it."""
    whole = sum(words.values())
    shortest = _distances_to_end(automaton).get(0, 0)
    fitness = sum(times * (1 - alignments[word].cost / max(1, len(word) + shortest)) for word, times in words.items())
    fitting = sum(times for word, times in words.items() if not alignments[word].cost)
    return Measures(fitness / whole, _precision(words, automaton, alignments), fitting / whole)


def recounted(words: Mapping[Word, int], automaton: Automaton, alignments: Mapping[Word, Alignment]) -> Automaton:
    """Return *automaton* with how often the aligned *words* take each edge."""
    result = Automaton({state: {} for state in automaton.edges}, {})
    for word, times in words.items():
        state = 0
        for state, symbol in alignments[word].run:
            target = automaton.edges[state][symbol].target
            edge = result.edges[state].setdefault(symbol, Edge(target, 0))
            edge.count += times
        if alignments[word].run:
            last, symbol = alignments[word].run[-1]
            state = automaton.edges[last][symbol].target
        result.ends[state] = result.ends.get(state, 0) + times
    return result


def _fitting(word: Word, automaton: Automaton) -> Alignment | None:
    state, run = 0, []
    for symbol in word:
        edge = automaton.edges[state].get(symbol)
        if edge is None:
            return None
        run.append((state, symbol))
        state = edge.target
    return Alignment(0, tuple(run)) if state in automaton.ends else None


_Node = tuple[int, int]
"""How much of the word is behind, and the state of the automaton."""


def _cheapest(word: Word, automaton: Automaton) -> Alignment:
    """Return the cheapest alignment, cost by cost; of several the first by position and state."""
    came: dict[_Node, tuple[_Node, Symbol | None]] = {}
    dearer: list[tuple[_Node, _Node, Symbol | None]] = [((0, 0), (0, 0), None)]
    cost, length = 0, len(word)
    while dearer:
        todo = []
        for node, before, symbol in dearer:
            if node not in came:
                came[node] = before, symbol
                todo.append(node)
        todo.sort(key=lambda node: (node[0], -node[1]))
        dearer = []
        while todo:
            at, state = node = todo.pop()
            edges = automaton.edges[state]
            if at < length:
                symbol = word[at]
                if symbol in edges:
                    target = at + 1, edges[symbol].target
                    if target not in came:
                        came[target] = node, symbol
                        todo.append(target)
                if (at + 1, state) not in came:
                    dearer.append(((at + 1, state), node, None))
            elif state in automaton.ends:
                return Alignment(cost, _run(node, came))
            for symbol, edge in edges.items():
                if (at, edge.target) not in came:
                    dearer.append(((at, edge.target), node, symbol))
        cost += 1
    return Alignment(length, ())


def _run(node: _Node, came: Mapping[_Node, tuple[_Node, Symbol | None]]) -> tuple[tuple[int, Symbol], ...]:
    run: list[tuple[int, Symbol]] = []
    while node != (0, 0):
        node, symbol = came[node]
        if symbol is not None:
            run.append((node[1], symbol))
    return tuple(reversed(run))


def _distances_to_end(automaton: Automaton) -> dict[int, int]:
    before: defaultdict[int, list[int]] = defaultdict(list)
    for state, edges in automaton.edges.items():
        for edge in edges.values():
            before[edge.target].append(state)
    found = dict.fromkeys(automaton.ends, 0)
    todo = deque(automaton.ends)
    while todo:
        state = todo.popleft()
        for earlier in before[state]:
            if earlier not in found:
                found[earlier] = found[state] + 1
                todo.append(earlier)
    return found


def _precision(words: Mapping[Word, int], automaton: Automaton, alignments: Mapping[Word, Alignment]) -> float:
    class Seen:
        __slots__ = ("following", "state", "weight")

        def __init__(self, state: int) -> None:
            self.state, self.weight = state, 0
            self.following: dict[Symbol, Seen] = {}

    root = Seen(0)
    for word, times in words.items():
        seen = root
        seen.weight += times
        for state, symbol in alignments[word].run:
            seen = seen.following.setdefault(symbol, Seen(automaton.edges[state][symbol].target))
            seen.weight += times
    allowed = observed = 0
    todo = [root]
    while todo:
        seen = todo.pop()
        allowed += seen.weight * len(automaton.edges[seen.state])
        observed += seen.weight * len(seen.following)
        todo.extend(seen.following.values())
    return observed / allowed if allowed else 1.0
