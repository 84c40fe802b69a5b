"""Where each vertex of a layer stands: after Brandes and Köpf, Fast and Simple Horizontal Coordinate Assignment (2001).

Vertices that a segment joins stand above one another, in blocks, where that hurts no other that has to stand so more.
That is done from the top and from the bottom, with the left and with the right first, and the middle of the four taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter
from itertools import chain, pairwise, product

from choreography_insights.picture.grid import Layers, Segment, Vertex
from choreography_insights.picture.layers import LINE_GAP, NODE_GAP

_SAME = 0.01
_ROUNDS = 2


def assign_coordinates(layers: Layers, slanting: AbstractSet[Segment], upright: AbstractSet[Segment]) -> None:
    """Give each vertex its x: *upright* segments stand straight before others do, *slanting* ones need not."""
    bent = {*slanting, *_yielding(layers, slanting, upright)}
    every = [vertex for layer in layers for vertex in layer]
    found: list[list[float]] = []
    edges: list[tuple[float, float]] = []
    for downwards, from_left in product((True, False), repeat=2):
        rows = [layer if from_left else layer[::-1] for layer in (layers if downwards else layers[::-1])]
        places = _compacted(rows, _blocks(rows, bent, downwards=downwards))
        xs = [places[vertex] if from_left else -places[vertex] for vertex in every]
        left = min(x - vertex.width / 2 for x, vertex in zip(xs, every, strict=True))
        right = max(x + vertex.width / 2 for x, vertex in zip(xs, every, strict=True))
        found.append(xs)
        edges.append((left, right))
    narrowest = min(edges, key=lambda one: one[1] - one[0])
    shifts = [narrowest[side] - one[side] for one, side in zip(edges, (0, 1, 0, 1), strict=True)]
    shifted = [[x + shift for x in xs] for xs, shift in zip(found, shifts, strict=True)]
    for vertex, four in zip(every, zip(*shifted, strict=True), strict=True):
        _, one, other, _ = sorted(four)
        vertex.x = (one + other) / 2


def gap(one: Vertex, other: Vertex) -> float:
    """Return how far apart the middles of two neighbours stand at least."""
    return (one.width + other.width) / 2 + (NODE_GAP if one.width or other.width else LINE_GAP)


def _yielding(layers: Layers, slanting: AbstractSet[Segment], upright: AbstractSet[Segment]) -> Iterable[Segment]:
    """Yield the segments that cross, or share an end with, one that has to be straight more than they."""

    def strength(segment: Segment) -> int:
        return 2 if segment in upright else int(not (segment[0].width or segment[1].width))

    for layer in layers:
        segments = [(upper, lower) for upper in layer for lower in upper.below if (upper, lower) not in slanting]
        strong = [(strength(segment), segment) for segment in segments if strength(segment)]
        for segment in segments:
            upper, lower = segment
            for other, (above, below) in strong:
                share = other == 2 and (upper is above) != (lower is below)
                cross = (upper.place - above.place) * (lower.place - below.place) < 0
                if (share or cross) and other > strength(segment):
                    yield segment
                    break


def _blocks(rows: Layers, bent: AbstractSet[Segment], *, downwards: bool) -> Mapping[Vertex, Vertex]:
    """Return for each vertex the first one of the block that it stands in."""
    first = {vertex: vertex for row in rows for vertex in row}
    for before, row in pairwise(rows):
        places = {vertex: place for place, vertex in enumerate(before)}
        taken = -1
        for vertex in row:
            others = (
                [other for other in vertex.above if (other, vertex) not in bent]
                if downwards
                else [other for other in vertex.below if (vertex, other) not in bent]
            )
            others.sort(key=places.__getitem__)
            for middle in others[(len(others) - 1) // 2 : len(others) // 2 + 1]:
                if places[middle] > taken:
                    first[vertex], taken = first[middle], places[middle]
                    break
    return first


def _compacted(rows: Layers, first: Mapping[Vertex, Vertex]) -> Mapping[Vertex, float]:
    """Return the places of vertices whose blocks stand as far left as they can, and then as near to what is right."""
    before: dict[Vertex, dict[Vertex, float]] = {block: {} for block in first.values()}
    after: dict[Vertex, dict[Vertex, float]] = {block: {} for block in first.values()}
    for row in rows:
        for one, other in pairwise(row):
            left, right = first[one], first[other]
            before[right][left] = after[left][right] = max(before[right].get(left, 0.0), gap(one, other))
    order = list(TopologicalSorter(before).static_order())
    x: dict[Vertex, float] = {}
    for block in order:
        x[block] = max((x[left] + room for left, room in before[block].items()), default=0.0)
    for block in reversed(order):
        if after[block]:
            x[block] = min(x[right] - room for right, room in after[block].items())
    return {vertex: x[block] for vertex, block in first.items()}


def straighten(layers: Layers, every: Sequence[Vertex]) -> None:
    """Move what hangs together, if there is room, to where most of its segments lead: first lines, then all straight.

    No move makes segments longer in sum. What the mean of four leaves askew becomes straight so.
    """
    for _ in range(_ROUNDS):
        for lines_only in (True, False):
            seen: set[Vertex] = set()
            for vertex in every:
                if vertex not in seen:
                    unit = _unit(vertex, lines_only=lines_only)
                    seen |= unit
                    _move(unit, layers)


def _unit(vertex: Vertex, *, lines_only: bool) -> set[Vertex]:
    """Return what stands straight above and below *vertex*, by segments that join it."""
    found, open_ends = {vertex}, [vertex]
    if lines_only and vertex.width:
        return found
    while open_ends:
        here = open_ends.pop()
        for other in chain(here.above, here.below):
            is_straight = abs(other.x - here.x) < _SAME and not (lines_only and other.width)
            if is_straight and other not in found:
                found.add(other)
                open_ends.append(other)
    return found


def _move(unit: AbstractSet[Vertex], layers: Layers) -> None:
    aims = [other.x - vertex.x for vertex in unit for other in chain(vertex.above, vertex.below) if other not in unit]
    for side in (1, -1):
        ahead = [aim * side for aim in aims if aim * side > _SAME]
        if 2 * len(ahead) > len(aims):
            step = _room(unit, layers, side, min(ahead))
            if step > _SAME:
                for vertex in unit:
                    vertex.x += side * step


def _room(unit: AbstractSet[Vertex], layers: Layers, side: int, most: float) -> float:
    """Return how far *unit* can move to the *side*, at *most* so far."""
    for vertex in unit:
        layer, place = layers[vertex.rank], vertex.place + side
        if 0 <= place < len(layer) and layer[place] not in unit:
            most = min(most, abs(layer[place].x - vertex.x) - gap(vertex, layer[place]))
            if most < _SAME:
                break
    return most
