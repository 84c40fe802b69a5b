"""Places in layers, as Sugiyama taught: few crossings, straight lines. grandalf does the work."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grandalf.graphs import Edge, Vertex, graph_core
from grandalf.layouts import Layer, SugiyamaLayout

from choreography_insights.authoring.drawing.layers import LAYER_GAP, NODE_GAP, Node, Stroke

_DUMMY_WIDTH = 12.0
_ROUNDS = 3


def placed(nodes: Sequence[Node], strokes: Sequence[Stroke], shift: float) -> float:
    """Give *nodes*, which are connected, their places to the right of *shift*; return where they end."""
    vertices = {id(node): Vertex(node) for node in nodes}
    for node in nodes:
        vertices[id(node)].view = node
    edges = [Edge(vertices[id(stroke.upper)], vertices[id(stroke.lower)]) for stroke in strokes]
    graph = graph_core([vertices[id(nodes[0])]])
    # Given everything at once, it would make sure in quadratic time that all is connected, which we know.
    for vertex in list(vertices.values())[1:]:
        graph.sV.add(vertex)
        vertex.c = graph
    for edge in edges:
        graph.sE.add(edge)
        edge.attach()
    sugiyama = _Sugiyama(graph, dict(zip(edges, strokes, strict=True)))
    sugiyama.init_all(roots=[vertex for vertex in graph.sV if not vertex.e_in()], inverted_edges=[])
    sugiyama.draw(_ROUNDS)
    return sugiyama.adopted(shift)


class _Layers(list[Any]):
    """Layers, one below the other. Each asks for its own place again and again: it is not to be looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[int, int] = {}

    def append(self, layer: Any) -> None:
        self._places[id(layer)] = len(self)
        super().append(layer)

    def index(self, layer: Any, *_: Any) -> int:
        return self._places[id(layer)]


class _Sugiyama(SugiyamaLayout):  # type: ignore[misc]
    """Takes the nodes' layers as they are, and lets only the spine of a trunk draw its points to one side."""

    def __init__(self, graph: Any, strokes: Mapping[Any, Stroke]) -> None:
        super().__init__(graph)
        self._strokes = strokes
        self.layers = _Layers()
        for _ in range(1 + max(vertex.view.rank for vertex in graph.sV)):
            self.layers.append(Layer())
        self.xspace, self.yspace, self.dw = NODE_GAP, LAYER_GAP, _DUMMY_WIDTH

    def setrank(self, vertex: Any) -> None:
        rank = self.grx[vertex].rank = vertex.view.rank
        self.layers[rank].append(vertex)

    def _detect_alignment_conflicts(self) -> None:
        super()._detect_alignment_conflicts()
        self.conflicts: set[Any] = {*self.conflicts, *self._joining()}  # a set: each pair of neighbours is asked for

    def _joining(self) -> Iterator[tuple[Any, Any]]:
        """Yield the ends, in two layers, of the last bit of each stroke that joins another."""
        for edge, stroke in self._strokes.items():
            if stroke.joins:
                on_the_way = self.ctrls.get(edge) or {end.view.rank: end for end in edge.v}
                above = stroke.upper.rank if stroke.upward else stroke.lower.rank - 1
                yield on_the_way[above], on_the_way[above + 1]

    def adopted(self, shift: float) -> float:
        """Give the nodes and strokes what was found, to the right of *shift*; return where it ends."""
        views = [vertex.view for layer in self.layers for vertex in layer]
        left = min(view.xy[0] - view.w / 2 for view in views) - shift
        right = max(view.xy[0] + view.w / 2 for view in views) - left
        for edge, stroke in self._strokes.items():
            bends = self.ctrls.get(edge, {})
            stroke.bends = [bends[rank].view.xy[0] - left for rank in range(stroke.upper.rank + 1, stroke.lower.rank)]
        for vertex in self.grx:
            if isinstance(vertex, Vertex):
                vertex.view.xy = (vertex.view.xy[0] - left, vertex.view.xy[1])
        return float(right)
