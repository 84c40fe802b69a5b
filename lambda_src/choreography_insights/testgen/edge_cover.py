"""The fewest walks through a graph that together take every edge.

That is a minimum flow: how often each edge is taken, at least once each, so that as few walks as can be begin at the
origin. A first flow comes from walks that greedily turn to what is still new; then every walk that the others can
take over is taken away, and the flow is cut into walks again.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from choreography_insights.model.graph import reachable


@dataclass(frozen=True, slots=True)
class Edge:
    """A step from one node to another. Several may join the same two."""

    origin: str
    target: str


Walk = tuple[int, ...]
"""Positions of edges, each beginning where the one before ends."""


def coverable(edges: Sequence[Edge], origin: str, ends: Iterable[str]) -> list[int]:
    """Return the positions of the edges that lie on some walk from *origin* to one of *ends*."""
    stops = set(ends)
    nodes = {origin, *stops, *(edge.origin for edge in edges), *(edge.target for edge in edges)}
    onward: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    back: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    for edge in edges:
        onward[edge.origin] += (edge.target,)
        back[edge.target] += (edge.origin,)
    seen, finishing = reachable(onward, [origin]), reachable(back, stops)
    return [i for i, edge in enumerate(edges) if edge.origin in seen and edge.target in finishing]


def fewest_walks(edges: Sequence[Edge], origin: str, ends: Iterable[str]) -> list[Walk]:
    """Return as few walks from *origin* to *ends* as take every one of *edges*, all of which must be coverable.

    No edge may lead to the origin or leave an end. The same edges in the same order give the same walks.
    """
    network = _Network(edges, origin, frozenset(ends))
    walks = list(network.greedy_walks())
    flow = [0] * len(edges)
    for walk in walks:
        for position in walk:
            flow[position] += 1
    superfluous = 0
    while network.reroute_one(flow):
        superfluous += 1
    return network.walks_of(flow) if superfluous else walks


class _Network:
    def __init__(self, edges: Sequence[Edge], origin: str, ends: frozenset[str]) -> None:
        self._edges = edges
        self._origin = origin
        self._ends = ends
        nodes = {origin, *ends, *(edge.origin for edge in edges), *(edge.target for edge in edges)}
        self._leaving: Mapping[str, list[int]] = {node: [] for node in nodes}
        self._entering: Mapping[str, list[int]] = {node: [] for node in nodes}
        for position, edge in enumerate(edges):
            self._leaving[edge.origin].append(position)
            self._entering[edge.target].append(position)

    def greedy_walks(self) -> Iterator[Walk]:
        """Yield walks, each turning to the nearest edge that none has taken, until all are."""
        new = set(range(len(self._edges)))
        while new:
            walk = self._greedy_walk(new)
            new.difference_update(walk)
            yield walk

    def _greedy_walk(self, new: Collection[int]) -> Walk:
        node, walk, fresh = self._origin, list[int](), set(new)
        while route := self._route(node, fresh.__contains__):
            walk += route
            fresh.difference_update(route)
            node = self._edges[route[-1]].target
        if node not in self._ends:
            walk += self._route(node, lambda position: self._edges[position].target in self._ends)
        return tuple(walk)

    def _route(self, node: str, wanted: Callable[[int], bool]) -> list[int]:
        """Return the shortest way from *node* that ends with a *wanted* edge; empty if there is none."""
        came_by: dict[str, int | None] = {node: None}
        queue = deque([node])
        while queue:
            here = queue.popleft()
            for position in self._leaving[here]:
                if wanted(position):
                    return [*self._way_to(here, came_by), position]
                target = self._edges[position].target
                if target not in came_by:
                    came_by[target] = position
                    queue.append(target)
        return []

    def _way_to(self, node: str, came_by: Mapping[str, int | None]) -> list[int]:
        way: list[int] = []
        while (position := came_by[node]) is not None:
            way.append(position)
            node = self._edges[position].origin
        return way[::-1]

    def reroute_one(self, flow: list[int]) -> bool:
        """Lower *flow* by one walk if it still covers every edge then; return whether it could be done.

        A path from an end back to the origin is sought that goes against edges taken more than once (once less
        then) and along any edge (once more then).
        """
        came_by: dict[str, tuple[int, int] | None] = {}
        for end in sorted(self._ends):
            came_by[end] = None
        queue = deque(came_by)
        while queue and self._origin not in came_by:
            here = queue.popleft()
            against = ((p, -1, self._edges[p].origin) for p in self._entering[here] if flow[p] > 1)
            along = ((p, 1, self._edges[p].target) for p in self._leaving[here])
            for position, change, there in (*against, *along):
                if there not in came_by:
                    came_by[there] = (position, change)
                    queue.append(there)
        if self._origin not in came_by:
            return False
        node = self._origin
        while (step := came_by[node]) is not None:
            position, change = step
            flow[position] += change
            node = self._edges[position].target if change < 0 else self._edges[position].origin
        return True

    def walks_of(self, flow: Sequence[int]) -> list[Walk]:
        """Cut *flow* into walks: each goes on while it can, loops left over are put in where a walk comes by."""
        left = list(flow)
        walks: list[list[int]] = []
        while any(left[position] for position in self._leaving[self._origin]):
            walks.append(self._follow(self._origin, left))
        for walk in walks:
            place = 0
            while place <= len(walk):
                node = self._edges[walk[place - 1]].target if place else self._origin
                walk[place:place] = self._follow(node, left)
                place += 1
        return [tuple(walk) for walk in walks]

    def _follow(self, node: str, left: list[int]) -> list[int]:
        """Take from *left* the walk that goes on from *node* as long as it can."""
        walk: list[int] = []
        onward = [p for p in self._leaving[node] if left[p]]
        while onward:
            left[onward[0]] -= 1
            walk.append(onward[0])
            onward = [p for p in self._leaving[self._edges[onward[0]].target] if left[p]]
        return walk
