"""An automaton by merging states of the tree of all prefixes (the red-blue frame of ALERGIA).

Two states are one if what may follow is the same: no activity that is usual after the one is missing after the other,
beyond chance and noise. How usual it is does not matter: a choreography says what may come, not how often.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from choreography_insights.discover.automaton import Automaton, Edge, Symbol, Word

_CHANCE = 8.0
"""Something is missing if so many of it were to be expected and nearly none is there (e^-8: 3 in 10,000 by chance)."""

_FEWEST = 3
"""What comes less often is usual nowhere."""


@dataclass(slots=True, eq=False)
class _Node:
    count: int = 0
    ends: int = 0
    by: Symbol = -1
    children: dict[Symbol, "_Node"] = field(default_factory=dict)


def merged(words: Mapping[Word, int], noise: float, *, first_too: bool = True) -> Automaton:
    """Return an automaton that accepts most of *words*; what less than the share *noise* does is left out.

    *first_too*: also of what words begin with.
    """
    root = _tree(words)
    red: list[_Node] = [root]
    while True:
        blue = _most_frequent(red, noise, first_too=first_too)
        if blue is None:
            break
        parent, symbol, node = blue
        twin = _twin(node, red, noise)
        if twin is None:
            red.append(node)
        else:
            parent.children[symbol] = twin
            _fold(twin, node)
    return _automaton(red)


def _tree(words: Mapping[Word, int]) -> _Node:
    root = _Node()
    for word, times in sorted(words.items()):
        node = root
        node.count += times
        for symbol in word:
            node = node.children.setdefault(symbol, _Node(by=symbol))
            node.count += times
        node.ends += times
    return root


def _most_frequent(red: list[_Node], noise: float, *, first_too: bool) -> tuple[_Node, Symbol, _Node] | None:
    """Return the next node to be looked at: of those right behind *red* the most frequent that is no noise."""
    reds = {id(node) for node in red}
    best: tuple[int, int, Symbol] | None = None
    found: tuple[_Node, Symbol, _Node] | None = None
    for position, node in enumerate(red):
        least = noise * node.count if position or first_too else 0.0
        for symbol, child in node.children.items():
            if id(child) in reds or child.count <= least:
                continue
            key = (-child.count, position, symbol)
            if best is None or key < best:
                best, found = key, (node, symbol, child)
    return found


def _twin(node: _Node, red: list[_Node], noise: float) -> _Node | None:
    """Return the state of *red* that *node* is; None if it is a new one.

    One that the same activity leads to comes first; then one that has most in common.
    """
    best: tuple[bool, float] | None = None
    found: _Node | None = None
    for other in red[1:]:
        common = _common(other, node, noise)
        if common is None:
            continue
        key = (other.by == node.by, common)
        if best is None or key > best:
            best, found = key, other
    if best is not None and not best[0] and best[1] <= 0 and node.children:
        return None  # nothing speaks against it, but nothing for it
    return found


def _common(red: _Node, blue: _Node, noise: float) -> float | None:
    """Return how much speaks for *red* and *blue* being one; None if something speaks against it."""
    score = 0.0
    todo = [(red, blue)]
    while todo:
        one, other = todo.pop()
        our_count, their_count = one.count, other.count
        if _misses(one.ends, our_count, other.ends, their_count, noise):
            return None
        for symbol in one.children.keys() | other.children.keys():
            left, right = one.children.get(symbol), other.children.get(symbol)
            ours, theirs = left.count if left else 0, right.count if right else 0
            if (ours >= _FEWEST or theirs >= _FEWEST) and _misses(ours, our_count, theirs, their_count, noise):
                return None
            if left and right and ours > noise * our_count and theirs > noise * their_count:
                score += math.log1p(min(ours, theirs))
                todo.append((left, right))
        if one.ends > noise * our_count and other.ends > noise * their_count:
            score += math.log1p(min(one.ends, other.ends))
    return score


def _misses(ours: int, our_count: int, theirs: int, their_count: int, noise: float) -> bool:
    """Whether what is usual on one side is missing on the other."""
    return _is_missing(ours, our_count, theirs, their_count, noise) or _is_missing(
        theirs, their_count, ours, our_count, noise
    )


def _is_missing(usual: int, of_all: int, met: int, of: int, noise: float) -> bool:
    if usual < _FEWEST or not of_all or not of:
        return False
    share = usual / of_all
    expected = share * of
    return expected >= _CHANCE and share > 2 * noise and met <= max(noise * of, expected / 8)


def _fold(into: _Node, node: _Node) -> None:
    """Add *node* and all below it to *into*."""
    todo = [(into, node)]
    while todo:
        target, source = todo.pop()
        target.count += source.count
        target.ends += source.ends
        for symbol, child in source.children.items():
            there = target.children.get(symbol)
            if there is None:
                target.children[symbol] = child
            else:
                todo.append((there, child))


def _automaton(red: list[_Node]) -> Automaton:
    number = {id(node): position for position, node in enumerate(red)}
    result = Automaton({}, {})
    for position, node in enumerate(red):
        result.edges[position] = {
            symbol: Edge(number[id(child)], 0) for symbol, child in node.children.items() if id(child) in number
        }
    return result
