"""The order of the vertices in each layer: with few crossings of the segments between layers.

Each layer in turn is sorted by where its vertices' neighbours stand (barycenters), downwards and upwards, and then
neighbours change places where that helps. The best order that was met is kept.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from choreography_insights.picture.grid import Layers, Vertex

_SWEEPS, _PATIENCE, _EXCHANGES = 16, 3, 20


def reduce_crossings(every: Sequence[Vertex]) -> Layers:
    """Return *every* vertex in its layer, and each layer in order."""
    count, layers = _improved(_in_layers(_depth_first(every)))
    if count:
        layers = min((count, layers), _improved(_in_layers(every)), key=lambda one: one[0])[1]
    for layer in layers:
        _number(layer)
    return layers


def _depth_first(every: Sequence[Vertex]) -> list[Vertex]:
    found: dict[Vertex, None] = {}
    for start in every:
        stack = [start]
        while stack:
            vertex = stack.pop()
            if vertex not in found:
                found[vertex] = None
                stack += reversed([*vertex.below, *vertex.above])
    return list(found)


def _in_layers(vertices: Iterable[Vertex]) -> list[list[Vertex]]:
    layers: dict[int, list[Vertex]] = {}
    for vertex in vertices:
        layers.setdefault(vertex.rank, []).append(vertex)
    return [layers[rank] for rank in sorted(layers)]


def _number(layer: Iterable[Vertex]) -> None:
    for place, vertex in enumerate(layer):
        vertex.place = place


def _improved(layers: list[list[Vertex]]) -> tuple[int, list[list[Vertex]]]:
    """Return the order with the fewest crossings that sweeps from *layers* come to, and how many it has."""
    for layer in layers:
        _number(layer)
    best = _count(layers), [list(layer) for layer in layers]
    in_vain = 0
    for sweep in range(_SWEEPS):
        if best[0] == 0 or in_vain == _PATIENCE:
            break
        downwards, keeping = sweep % 2 == 0, sweep % 4 < 2
        for layer in layers[1:] if downwards else layers[-2::-1]:
            _sort(layer, _above if downwards else _below, keeping=keeping)
        _exchange(layers)
        count = _count(layers)
        in_vain += 1
        if count < best[0]:
            best, in_vain = (count, [list(layer) for layer in layers]), 0
    return best


def _above(vertex: Vertex) -> list[int]:
    return sorted([other.place for other in vertex.above])


def _below(vertex: Vertex) -> list[int]:
    return sorted([other.place for other in vertex.below])


def _sort(layer: list[Vertex], places: Callable[[Vertex], list[int]], *, keeping: bool) -> None:
    """Sort *layer* by the mean of its neighbours' *places*, equal ones as they are or (not *keeping*) turned round."""
    means = {vertex: sum(some) / len(some) for vertex in layer if (some := places(vertex))}
    moving = sorted(means, key=lambda vertex: (means[vertex], vertex.place if keeping else -vertex.place))
    following = iter(moving)
    layer[:] = [next(following) if vertex in means else vertex for vertex in layer]
    _number(layer)


def _exchange(layers: Iterable[list[Vertex]]) -> None:
    """Let neighbours change places as long as segments cross less for it."""
    for _ in range(_EXCHANGES):
        if not sum([_exchange_in(layer) for layer in layers]):
            break


def _exchange_in(layer: list[Vertex]) -> bool:
    if len(layer) == 1:
        return False
    sides = [(_above(vertex), _below(vertex)) for vertex in layer]
    is_better = False
    for right in range(1, len(layer)):
        left = right - 1
        (above, below), (other_above, other_below) = sides[left], sides[right]
        now = _inversions(above, other_above) + _inversions(below, other_below)
        if now and now > _inversions(other_above, above) + _inversions(other_below, below):
            layer[left], layer[right] = layer[right], layer[left]
            sides[left], sides[right] = sides[right], sides[left]
            is_better = True
    _number(layer)
    return is_better


def _inversions(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many segments of two neighbours cross that lead to the places *left* and *right*, both sorted."""
    if not left or not right or left[-1] <= right[0]:
        return 0
    return sum([len(left) - bisect_right(left, place) for place in right])


def _count(layers: Layers) -> int:
    total = 0
    for layer in layers:
        passed: list[int] = []
        for vertex in layer:
            for place in _below(vertex):
                position = bisect_right(passed, place)
                total += len(passed) - position
                passed.insert(position, place)
    return total
