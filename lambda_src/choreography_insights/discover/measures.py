"""How well an automaton fits a log: fitness and precision, as process mining has them.

Fitness is 1 less the cost of alignments, by what that would be if nothing fitted (Adriansyah, 2014). Precision
compares, after each beginning of the aligned runs, what the automaton allows with what is seen (escaping edges:
Muñoz-Gama and Carmona, 2010).
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

from choreography_insights.discover.alignments import Alignment
from choreography_insights.discover.automaton import Automaton, Edge, Symbol, Word


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
