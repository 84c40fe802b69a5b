"""What comes in any order: sets of activities that stand beside one another in all their orders.

Where one is found it becomes a symbol of its own, so that the rest is learned as if it came in one order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

from choreography_insights.discover.automaton import Alphabet, Symbol, Word

_LARGEST = 7
_LEAST_SHARE = 0.08
"""In such a share of the cases, either of two members must come before the other."""


def with_unordered(words: Mapping[Word, int], activities: int, noise: float) -> tuple[dict[Word, int], Alphabet]:
    """Return *words* with a symbol for each set that comes in any order, and what the symbols stand for."""
    sets = _sets(words, noise)
    symbols = {members: activities + number for number, members in enumerate(sets)}
    result: Counter[Word] = Counter()
    for word, times in words.items():
        result[tuple(_tiled(word, symbols))] += times
    return dict(result), Alphabet(activities, sets)


def _tiled(word: Word, symbols: Mapping[frozenset[Symbol], Symbol]) -> Iterator[Symbol]:
    at = 0
    while at < len(word):
        for members, symbol in symbols.items():
            if word[at] in members and frozenset(word[at : at + len(members)]) == members:
                yield symbol
                at += len(members)
                break
        else:
            yield word[at]
            at += 1


def _sets(words: Mapping[Word, int], noise: float) -> list[frozenset[Symbol]]:
    """Return the sets that come in any order, none of which shares a member with another; the largest first."""
    windows: Counter[frozenset[Symbol]] = Counter()
    for word, times in words.items():
        for size in range(2, min(_LARGEST, len(word)) + 1):
            for at in range(len(word) - size + 1):
                members = frozenset(word[at : at + size])
                if len(members) == size:
                    windows[members] += times
    found: list[frozenset[Symbol]] = []
    taken: set[Symbol] = set()
    for members, times in sorted(windows.items(), key=lambda one: (-len(one[0]), -one[1], sorted(one[0]))):
        if times >= 2 * len(members) and not taken & members and _come_in_any_order(members, words, noise):
            found.append(members)
            taken |= members
    return found


def _come_in_any_order(members: frozenset[Symbol], words: Mapping[Word, int], noise: float) -> bool:
    """Whether *members* come together, and of any two of them either often comes first.

    Together: in most words that have one of them, each comes as often as the others, beside them. So what goes round
    in a loop is no set, though it is met in both orders: one of its members comes once more than the other.
    """
    first: Counter[tuple[Symbol, Symbol]] = Counter()
    together = apart = whole = 0
    for word, times in words.items():
        met = [position for position, symbol in enumerate(word) if symbol in members]
        if not met:
            continue
        windows = list(_windows(word, members))
        if len(windows) * len(members) == len(met):
            together += times
        else:
            apart += times
        for window in windows:
            whole += times
            for pair in combinations(window, 2):
                first[pair] += times
    least = _LEAST_SHARE * whole
    return together >= (0.85 - noise) * (together + apart) and all(
        min(first[one, other], first[other, one]) > least for one, other in combinations(sorted(members), 2)
    )


def _windows(word: Word, members: frozenset[Symbol]) -> Iterator[Word]:
    """Yield the pieces of *word*, from left to right, that *members* fill, each of them once."""
    at, size = 0, len(members)
    while at + size <= len(word):
        window = word[at : at + size]
        if frozenset(window) == members:
            yield window
            at += size
        else:
            at += 1
