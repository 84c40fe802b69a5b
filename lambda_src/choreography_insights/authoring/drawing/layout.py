"""Where boxes, labels and arrows lie: in layers from top to bottom, as Sugiyama taught; grandalf finds the places.

Every label is laid out like a box between its arrow's ends, so that nothing covers it. Arrows that lead back up are
turned round for the layout.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from choreography_insights.authoring.drawing.measures import size_of_labels, size_of_words
from choreography_insights.authoring.drawing.picture import Arrow, Box, Picture

LAYER_GAP, NODE_GAP, LANE_GAP, PADDING = 30.0, 26.0, 18.0, 12.0
_DUMMY_WIDTH = 12.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """One stroke, in the direction of its arrow: straight within layers, bent between them."""

    arrow: Arrow
    points: tuple[Point, ...]
    has_head: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with its places, and that of the pictures in its boxes. The upper left corner is 0, 0."""

    width: float
    height: float
    boxes: Sequence[tuple[Box, Placed]]
    labels: Sequence[tuple[Arrow, Placed]]
    lines: Sequence[Line]
    lanes: Mapping[str, Sequence[tuple["Layout", Point]]]
    """Of each box with lanes, their layouts, and where in this picture each lies."""


def layout(picture: Picture) -> Layout:
    """Lay *picture* out."""
    return _Drawing(picture).laid_out()


@dataclass(eq=False)
class _Node:
    """A box or a label in the layered graph; grandalf reads and writes *w*, *h* and *xy*."""

    w: float
    h: float
    xy: Point = (0.0, 0.0)
    rank: int = 0
    box: Box | None = None
    arrow: Arrow | None = None
    above: list[tuple[float, "_Stroke"]] = field(default_factory=list)
    below: list[tuple[float, "_Stroke"]] = field(default_factory=list)


@dataclass(eq=False)
class _Stroke:
    """Half an arrow: from a box to the label or from the label to a box. *upper* lies in the higher layer."""

    arrow: Arrow
    upper: _Node
    lower: _Node
    upward: bool
    has_head: bool
    bends: list[float] = field(default_factory=list)
    """Where it crosses each layer between its ends, from top to bottom."""
    leaves_at: float = 0.0
    enters_at: float = 0.0


class _Drawing:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._lanes = {box.name: [layout(lane) for lane in box.lanes] for box in picture.boxes if box.lanes}
        self._nodes = {box.name: _Node(*self._size(box), box=box) for box in picture.boxes}
        self._labels = [_Node(*size_of_labels(arrow.labels), arrow=arrow) for arrow in picture.arrows]
        self._strokes = [*self._halves()]

    def _size(self, box: Box) -> tuple[float, float]:
        width, height = size_of_words(box)
        lanes = self._lanes.get(box.name)
        if not lanes:
            return width, height
        inner = sum(lane.width for lane in lanes) + LANE_GAP * (len(lanes) - 1)
        return max(width, inner + 2 * PADDING), height + max(lane.height for lane in lanes) + PADDING

    def _halves(self) -> Iterator[_Stroke]:
        backward = _backward(self._picture)
        for label in self._labels:
            arrow = label.arrow
            assert arrow is not None  # noqa: S101  # labels have one
            origin, target = self._nodes[arrow.origin], self._nodes[arrow.target]
            if origin is target:  # down to its label and up again
                yield _Stroke(arrow, origin, label, upward=False, has_head=False)
                yield _Stroke(arrow, origin, label, upward=True, has_head=True)
            elif arrow in backward:
                yield _Stroke(arrow, target, label, upward=True, has_head=True)
                yield _Stroke(arrow, label, origin, upward=True, has_head=False)
            else:
                yield _Stroke(arrow, origin, label, upward=False, has_head=False)
                yield _Stroke(arrow, label, target, upward=False, has_head=True)

    def laid_out(self) -> Layout:
        nodes = [*self._nodes.values(), *self._labels]
        if self._strokes:
            _place(nodes, self._strokes)
        self._assign_ports()
        tops = _layers(nodes)
        left = min(self._leftmost(nodes))
        for node in nodes:
            top, height = tops[node.rank]
            node.xy = (node.xy[0] - left, top + height / 2)
        lines = [self._line(stroke, tops, left) for stroke in self._strokes]
        boxes = [(box, _rectangle(self._nodes[box.name])) for box in self._picture.boxes]
        return Layout(
            width=max(0, *(node.xy[0] + node.w / 2 for node in nodes), *(x for line in lines for x, _ in line.points)),
            height=max(top + height for top, height in tops.values()),
            boxes=boxes,
            labels=[(label.arrow, _rectangle(label)) for label in self._labels if label.arrow],
            lines=lines,
            lanes={box.name: [*self._lane_places(box, place)] for box, place in boxes if box.lanes},
        )

    def _leftmost(self, nodes: Sequence[_Node]) -> Iterator[float]:
        yield from (node.xy[0] - node.w / 2 for node in nodes)
        yield from (x for stroke in self._strokes for x in stroke.bends)

    def _assign_ports(self) -> None:
        """Spread the strokes along the edges of their nodes, in the order in which they come."""
        for stroke in self._strokes:
            stroke.upper.below.append((stroke.bends[0] if stroke.bends else stroke.lower.xy[0], stroke))
            stroke.lower.above.append((stroke.bends[-1] if stroke.bends else stroke.upper.xy[0], stroke))
        for node in (*self._nodes.values(), *self._labels):
            for side, attribute in ((node.below, "leaves_at"), (node.above, "enters_at")):
                ordered = sorted(side, key=lambda one: one[0])
                for position, (_, stroke) in enumerate(ordered):
                    share = (position + 1) / (len(ordered) + 1) - 0.5
                    setattr(stroke, attribute, node.xy[0] + share * min(node.w, 40.0 * len(ordered)))

    @staticmethod
    def _line(stroke: _Stroke, tops: Mapping[int, tuple[float, float]], left: float) -> Line:
        def edges(rank: int) -> tuple[float, float]:
            top, height = tops[rank]
            return top, top + height

        upper, lower = stroke.upper, stroke.lower
        points = [(stroke.leaves_at - left, upper.xy[1] + upper.h / 2), (stroke.leaves_at - left, edges(upper.rank)[1])]
        for rank, x in enumerate(stroke.bends, upper.rank + 1):
            points += [(x - left, edge) for edge in edges(rank)]
        points += [
            (stroke.enters_at - left, edges(lower.rank)[0]),
            (stroke.enters_at - left, lower.xy[1] - lower.h / 2),
        ]
        rounded = [(round(x, 1), round(y, 1)) for x, y in points]
        distinct = [rounded[0], *(after for before, after in pairwise(rounded) if after != before)]
        return Line(stroke.arrow, tuple(reversed(distinct) if stroke.upward else distinct), stroke.has_head)

    def _lane_places(self, box: Box, place: Placed) -> Iterator[tuple[Layout, Point]]:
        lanes = self._lanes[box.name]
        inner = sum(lane.width for lane in lanes) + LANE_GAP * (len(lanes) - 1)
        x = place.x + (place.width - inner) / 2
        y = place.y + size_of_words(box)[1]
        for lane in lanes:
            yield lane, (x, y)
            x += lane.width + LANE_GAP


def _rectangle(node: _Node) -> Placed:
    x, y = node.xy
    return Placed(x - node.w / 2, y - node.h / 2, node.w, node.h)


def _layers(nodes: Sequence[_Node]) -> dict[int, tuple[float, float]]:
    """Return top and height of each layer, one below the other."""
    heights: dict[int, float] = {}
    for node in nodes:
        heights[node.rank] = max(heights.get(node.rank, 0.0), node.h)
    found, top = {}, 0.0
    for rank in range(max(heights) + 1):
        found[rank] = (top, heights.get(rank, 0.0))
        top += heights.get(rank, 0.0) + LAYER_GAP
    return found


def _backward(picture: Picture) -> set[Arrow]:
    """Return the arrows that lead back to where a walk from the first box came from, itself included."""
    leaving: dict[str, list[Arrow]] = {box.name: [] for box in picture.boxes}
    for arrow in picture.arrows:
        leaving[arrow.origin].append(arrow)
    found: set[Arrow] = set()
    done: set[str] = set()
    for box in picture.boxes:
        if box.name in done:
            continue
        on_the_way = {box.name}
        stack = [(box.name, iter(leaving[box.name]))]
        while stack:
            name, arrows = stack[-1]
            for arrow in arrows:
                if arrow.target in on_the_way:
                    found.add(arrow)
                elif arrow.target not in done:
                    on_the_way.add(arrow.target)
                    stack.append((arrow.target, iter(leaving[arrow.target])))
                    break
            else:
                stack.pop()
                on_the_way.discard(name)
                done.add(name)
    return found


def _place(nodes: Sequence[_Node], strokes: Sequence[_Stroke]) -> None:
    """Let grandalf give each node its layer and its x, and each stroke its bends."""
    shift = 0.0
    for some in _connected(nodes, strokes):
        own = {id(node) for node in some}
        shift = _place_connected(some, [stroke for stroke in strokes if id(stroke.upper) in own], shift)


def _connected(nodes: Sequence[_Node], strokes: Sequence[_Stroke]) -> Iterator[list[_Node]]:
    """Yield *nodes* in groups that no stroke joins."""
    neighbours: dict[int, list[_Node]] = {id(node): [] for node in nodes}
    for stroke in strokes:
        neighbours[id(stroke.upper)].append(stroke.lower)
        neighbours[id(stroke.lower)].append(stroke.upper)
    seen: set[int] = set()
    for node in nodes:
        group: list[_Node] = []
        open_ends = [node]
        while open_ends:
            here = open_ends.pop()
            if id(here) not in seen:
                seen.add(id(here))
                group.append(here)
                open_ends += neighbours[id(here)]
        if group:
            yield group


def _place_connected(nodes: Sequence[_Node], strokes: Sequence[_Stroke], shift: float) -> float:
    """Place what is connected to the right of *shift*; return where the next may begin."""
    from grandalf.graphs import Edge, Vertex, graph_core  # noqa: PLC0415  # takes a moment to import
    from grandalf.layouts import SugiyamaLayout  # noqa: PLC0415

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
    sugiyama = SugiyamaLayout(graph)
    sugiyama.layers = _Layers()
    sugiyama.xspace, sugiyama.yspace, sugiyama.dw = NODE_GAP, LAYER_GAP, _DUMMY_WIDTH
    sugiyama.init_all(roots=[vertex for vertex in graph.sV if not vertex.e_in()], inverted_edges=[])
    sugiyama.draw(3)
    return _adopt(graph, sugiyama, dict(zip(edges, strokes, strict=True)), shift)


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


def _adopt(component: Any, sugiyama: Any, strokes: Mapping[Any, _Stroke], shift: float) -> float:
    """Take over what *sugiyama* found, to the right of *shift*; return where the next component may begin."""
    left = min(v.view.xy[0] - v.view.w / 2 for layer in sugiyama.layers for v in layer)
    for vertex in component.sV:
        node = vertex.view
        node.rank = sugiyama.grx[vertex].rank
        node.xy = (node.xy[0] - left + shift, node.xy[1])
    for edge in component.sE:
        stroke = strokes[edge]
        bends = sugiyama.ctrls.get(edge, {})
        stroke.bends = [
            bends[rank].view.xy[0] - left + shift for rank in range(stroke.upper.rank + 1, stroke.lower.rank)
        ]
    return float(max(v.view.xy[0] + v.view.w / 2 for layer in sugiyama.layers for v in layer) - left + shift + NODE_GAP)
