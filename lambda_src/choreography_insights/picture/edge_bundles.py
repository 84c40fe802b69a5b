"""Arrows that lead far to one box join on the way, as streams do: a picture of many ways to one end stays narrow.

It is also what keeps the number of places to find near the number of states: an arrow of its own for each of a
thousand states that lead to one end would pass half a million layers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from itertools import groupby

from choreography_insights.picture.layers import Node, Stroke

_MANY = 4
"""So many heads at one edge of a box would be hard to tell apart."""


def with_trunks(strokes: Sequence[Stroke]) -> tuple[list[Node], list[Stroke]]:
    """Give the nodes their layers; return the points where strokes join, and *strokes* with the pieces they share."""
    _rank(strokes)
    leading: dict[tuple[int, bool], list[Stroke]] = {}
    for stroke in strokes:
        if stroke.has_head and _distance(stroke) > 1:
            leading.setdefault((id(stroke.target), stroke.upward), []).append(stroke)
    joints: list[Node] = []
    pieces: list[Stroke] = []
    for several in leading.values():
        for piece in _trunk(sorted(several, key=_distance, reverse=True)):
            joints.append(piece.origin)
            pieces.append(piece)
    return joints, [*strokes, *pieces]


def _trunk(several: Sequence[Stroke]) -> Iterator[Stroke]:
    """Let *several*, the longest first, join from layer to layer; yield the pieces that they go on with."""
    target, upward = several[0].target, several[0].upward
    arriving: list[Stroke] = []
    for _, some in groupby(several, key=_distance):
        arriving += some
        if len(arriving) == 1:
            continue
        rank = arriving[-1].origin.rank + (-1 if upward else 1)
        joint = Node(0.0, 0.0, rank=rank, spine=arriving[0])
        upper, lower = (target, joint) if upward else (joint, target)
        piece = Stroke(None, upper, lower, upward=upward, has_head=True)
        for stroke in arriving:
            stroke.end_at(joint, piece)
        arriving = [piece]
        yield piece


def _distance(stroke: Stroke) -> int:
    return stroke.lower.rank - stroke.upper.rank


def _rank(strokes: Sequence[Stroke]) -> None:
    """Put each node into the highest layer it can have; but labels of arrows that lead back near their origin.

    Where many arrows lead down to one box, there is a layer above it for them to join in.
    """
    nodes = {id(node): node for stroke in strokes for node in (stroke.upper, stroke.lower)}
    before: dict[int, set[int]] = {one: set() for one in nodes}
    for stroke in strokes:
        before[id(stroke.lower)].add(id(stroke.upper))
    arriving = Counter(id(stroke.lower) for stroke in strokes if stroke.has_head and not stroke.upward)
    for one in TopologicalSorter(before).static_order():
        step = 2 if arriving[one] >= _MANY else 1
        nodes[one].rank = max((nodes[other].rank + step for other in before[one]), default=0)
    for stroke in strokes:
        if stroke.upward and not stroke.has_head:
            stroke.upper.rank = stroke.lower.rank - 1
