"""An automaton whose states are the newest event: all that a picture of what follows what can say."""

from collections.abc import Mapping

from choreography_insights.discover.automaton import Automaton, Edge, Symbol, Word


def by_newest_event(words: Mapping[Word, int]) -> Automaton:
    """Return the automaton with a state for each symbol of *words*."""
    numbers: dict[Symbol, int] = {}
    result = Automaton()
    for word in sorted(words):
        state = 0
        for symbol in word:
            target = numbers.setdefault(symbol, len(numbers) + 1)
            result.edges.setdefault(target, {})
            result.edges[state].setdefault(symbol, Edge(target, 0))
            state = target
    return result
