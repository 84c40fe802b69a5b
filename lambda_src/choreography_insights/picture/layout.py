"""Where boxes, labels and arrows lie: in layers from top to bottom.

Every label is laid out like a box between its arrow's ends, so that nothing covers it. Arrows that lead back up are
turned round for the layout; those that lead far down to one box join on the way (`edge_bundles`).
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from choreography_insights.picture.edge_bundles import with_trunks
from choreography_insights.picture.layers import LAYER_GAP, Node, Stroke
from choreography_insights.picture.sugiyama import place
from choreography_insights.views.layout import Layout, Line, Placed, Point
from choreography_insights.views.picture import Arrow, Box, Picture
from choreography_insights.views.text_metrics import size_of_labels, size_of_words

LANE_GAP, PADDING = 18.0, 12.0
PORT_GAP, CORNER = 14.0, 18.0
"""Between two arrows at one edge of a box, so that their heads are apart; and where a box's edge begins to be round."""


def layout(picture: Picture) -> Layout:
    """Lay *picture* out."""
    return _Drawing(picture).laid_out()


class _Drawing:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._lanes = {box.name: [layout(lane) for lane in box.lanes] for box in picture.boxes if box.lanes}
        self._nodes = {box.name: Node(*self._size(box), box=box) for box in picture.boxes}
        self._labels = [Node(*size_of_labels(arrow.labels), arrow=arrow) for arrow in picture.arrows]
        self._strokes = [*self._halves()]

    def _size(self, box: Box) -> tuple[float, float]:
        width, height = size_of_words(box)
        lanes = self._lanes.get(box.name)
        if not lanes:
            return width, height
        inner = sum(lane.width for lane in lanes) + LANE_GAP * (len(lanes) - 1)
        return max(width, inner + 2 * PADDING), height + max(lane.height for lane in lanes) + PADDING

    def _halves(self) -> Iterator[Stroke]:
        backward = _backward(self._picture)
        for label in self._labels:
            arrow = label.arrow
            assert arrow is not None  # noqa: S101  # labels have one
            origin, target = self._nodes[arrow.origin], self._nodes[arrow.target]
            if origin is target:  # down to its label and up again
                yield Stroke(arrow, origin, label, upward=False, has_head=False)
                yield Stroke(arrow, origin, label, upward=True, has_head=True)
            elif arrow in backward:
                yield Stroke(arrow, target, label, upward=True, has_head=True)
                yield Stroke(arrow, label, origin, upward=True, has_head=False)
            else:
                yield Stroke(arrow, origin, label, upward=False, has_head=False)
                yield Stroke(arrow, label, target, upward=False, has_head=True)

    def laid_out(self) -> Layout:
        joints, self._strokes = with_trunks(self._strokes)
        nodes = [*self._nodes.values(), *self._labels, *joints]
        if self._strokes:
            place(nodes, self._strokes)
        self._assign_ports(nodes)
        tops = _layers(nodes)
        left = min(self._leftmost(nodes))
        for node in nodes:
            top, height = tops[node.rank]
            share = 0.5 if node.spine is None else 1.0 if node.spine.upward else 0.0
            node.xy = (node.xy[0] - left, top + share * height)
        positions = {id(stroke): position for position, stroke in enumerate(self._strokes)}
        lines = [self._line(stroke, tops, left, positions.get(id(stroke.into))) for stroke in self._strokes]
        boxes = [(box, _rectangle(self._nodes[box.name])) for box in self._picture.boxes]
        return Layout(
            width=max(0, *(node.xy[0] + node.w / 2 for node in nodes), *(x for line in lines for x, _ in line.points)),
            height=max(top + height for top, height in tops.values()),
            boxes=boxes,
            labels=[(label.arrow, _rectangle(label)) for label in self._labels if label.arrow],
            lines=lines,
            lanes={box.name: [*self._lane_places(box, place)] for box, place in boxes if box.lanes},
        )

    def _leftmost(self, nodes: Sequence[Node]) -> Iterator[float]:
        yield from (node.xy[0] - node.w / 2 for node in nodes)
        yield from (x for stroke in self._strokes for x in stroke.bends)

    def _assign_ports(self, nodes: Sequence[Node]) -> None:
        """Let strokes leave and enter their nodes in the order in which they come, and as straight as there is room."""
        for stroke in self._strokes:
            stroke.upper.below.append((stroke.bends[0] if stroke.bends else stroke.lower.xy[0], stroke))
            stroke.lower.above.append((stroke.bends[-1] if stroke.bends else stroke.upper.xy[0], stroke))
        for node in nodes:
            for side, attribute in ((node.below, "leaves_at"), (node.above, "enters_at")):
                ordered = sorted(side, key=lambda one: one[0])
                for (_, stroke), x in zip(ordered, ports(node, [x for x, _ in ordered]), strict=True):
                    setattr(stroke, attribute, x)

    @staticmethod
    def _line(stroke: Stroke, tops: Mapping[int, tuple[float, float]], left: float, into: int | None) -> Line:
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
        # What lies at its layer's edge may be rounded to beyond it: going back for that would turn the arrow's head.
        distinct = [rounded[0]]
        for x, y in rounded[1:]:
            if x != distinct[-1][0] or y > distinct[-1][1] + 0.15:
                distinct.append((x, y))
        return Line(stroke.arrow, tuple(reversed(distinct) if stroke.upward else distinct), stroke.has_head, into)

    def _lane_places(self, box: Box, place: Placed) -> Iterator[tuple[Layout, Point]]:
        lanes = self._lanes[box.name]
        inner = sum(lane.width for lane in lanes) + LANE_GAP * (len(lanes) - 1)
        x = place.x + (place.width - inner) / 2
        y = place.y + size_of_words(box)[1]
        for lane in lanes:
            yield lane, (x, y)
            x += lane.width + LANE_GAP


def ports(node: Node, wanted: Sequence[float]) -> list[float]:
    """Return where strokes that come from or go to the places *wanted*, from left to right, meet the edge of *node*."""
    x, count = node.xy[0], len(wanted)
    room = node.w - 2 * CORNER - (count - 1) * PORT_GAP
    if room < 0 or node.box is None:  # evenly, around the middle
        width = min(node.w, 40.0 * count)
        return [x + ((position + 1) / (count + 1) - 0.5) * width for position in range(count)]
    left = x - node.w / 2 + CORNER
    # Less the gaps before them, ports need only be in order: neighbours that are not meet in their middle.
    groups: list[list[float]] = []
    for position, there in enumerate(wanted):
        groups.append([there - position * PORT_GAP])
        while len(groups) > 1 and fmean(groups[-2]) > fmean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    places = [min(max(fmean(group), left), left + room) for group in groups for _ in group]
    return [port + position * PORT_GAP for position, port in enumerate(places)]


def _rectangle(node: Node) -> Placed:
    x, y = node.xy
    return Placed(x - node.w / 2, y - node.h / 2, node.w, node.h)


def _layers(nodes: Sequence[Node]) -> dict[int, tuple[float, float]]:
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
