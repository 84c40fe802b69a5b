"""Places in layers, after Sugiyama: an order with few crossings first, then coordinates with straight lines."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from choreography_insights.picture.coordinates import assign_coordinates, straighten
from choreography_insights.picture.crossings import reduce_crossings
from choreography_insights.picture.grid import Layers, Segment, Vertex
from choreography_insights.picture.layers import NODE_GAP, Node, Stroke


def place(nodes: Sequence[Node], strokes: Sequence[Stroke]) -> None:
    """Give each node its x, and each stroke its bends; what nothing connects lies side by side."""
    shift = 0.0
    for some in _connected(nodes, strokes):
        own = {id(node) for node in some}
        shift = _placed(some, [stroke for stroke in strokes if id(stroke.upper) in own], shift) + NODE_GAP


def _connected(nodes: Sequence[Node], strokes: Sequence[Stroke]) -> Iterator[list[Node]]:
    """Yield *nodes* in groups that no stroke joins."""
    neighbours: dict[int, list[Node]] = {id(node): [] for node in nodes}
    for stroke in strokes:
        neighbours[id(stroke.upper)].append(stroke.lower)
        neighbours[id(stroke.lower)].append(stroke.upper)
    seen: set[int] = set()
    for node in nodes:
        group: list[Node] = []
        open_ends = [node]
        while open_ends:
            here = open_ends.pop()
            if id(here) not in seen:
                seen.add(id(here))
                group.append(here)
                open_ends += neighbours[id(here)]
        if group:
            yield group


def _placed(nodes: Sequence[Node], strokes: Sequence[Stroke], shift: float) -> float:
    """Give *nodes*, which are connected, their places to the right of *shift*; return where they end."""
    vertices = {id(node): Vertex(node.rank, node.w) for node in nodes}
    routes = {id(stroke): _route(stroke, vertices) for stroke in strokes}
    every = list(dict.fromkeys([*vertices.values(), *(vertex for route in routes.values() for vertex in route)]))
    layers = reduce_crossings(every)
    _assign(layers, every, strokes, routes)
    left = min(vertex.x - vertex.width / 2 for vertex in every) - shift
    for node in nodes:
        node.xy = (vertices[id(node)].x - left, 0.0)
    for stroke in strokes:
        stroke.bends = [vertex.x - left for vertex in routes[id(stroke)][1:-1]]
    return max(vertex.x + vertex.width / 2 for vertex in every) - left


def _route(stroke: Stroke, vertices: Mapping[int, Vertex]) -> list[Vertex]:
    """Return what *stroke* passes from top to bottom, its ends included: one vertex in each layer."""
    between = [Vertex(rank) for rank in range(stroke.upper.rank + 1, stroke.lower.rank)]
    route = [vertices[id(stroke.upper)], *between, vertices[id(stroke.lower)]]
    for upper, lower in pairwise(route):
        upper.below.append(lower)
        lower.above.append(upper)
    return route


def _assign(
    layers: Layers, every: Sequence[Vertex], strokes: Sequence[Stroke], routes: Mapping[int, Sequence[Vertex]]
) -> None:
    """Find the coordinates of *every* vertex, with the longest path upright where that makes lines shorter.

    It does in long choreographies: where each state stands beside the one before it, all lines lean.
    """
    segments = {id(stroke): list(pairwise(routes[id(stroke)])) for stroke in strokes}
    # The last bit of a stroke that joins another from the side; the one that it joins stands straight there.
    joining = {segments[id(stroke)][0 if stroke.upward else -1] for stroke in strokes if stroke.joins}
    longest = {segment for stroke in _longest_path(strokes) for segment in segments[id(stroke)]}
    found: list[tuple[float, list[float]]] = []
    for upright in (longest - joining, set[Segment]()):
        assign_coordinates(layers, joining, upright)
        if not found or _slant(every) < 2 * found[0][0]:  # otherwise it would not come to be the better one
            straighten(layers, every)
            found.append((_slant(every), [vertex.x for vertex in every]))
    for vertex, x in zip(every, min(reversed(found), key=lambda one: one[0])[1], strict=True):
        vertex.x = x


def _slant(every: Sequence[Vertex]) -> float:
    """Return how far aside segments lead in sum."""
    return sum([abs(vertex.x - lower.x) for vertex in every for lower in vertex.below])


def _longest_path(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Return the strokes of the path through most states, from its end."""
    longest: dict[int, tuple[int, Stroke]] = {}
    for stroke in sorted(strokes, key=lambda stroke: stroke.upper.rank):
        if stroke.arrow and not stroke.upward:
            length = longest[id(stroke.upper)][0] + 1 if id(stroke.upper) in longest else 1
            if id(stroke.lower) not in longest or length > longest[id(stroke.lower)][0]:
                longest[id(stroke.lower)] = (length, stroke)
    path: list[Stroke] = []
    last = max(longest.values(), key=lambda one: one[0], default=None)
    while last is not None:
        path.append(last[1])
        last = longest.get(id(last[1].upper))
    return path
