"""Where the boxes, labels and arrows of a picture lie."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from choreography_insights.views.picture import Arrow, Box

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
    """One stroke, in the direction of its arrow: straight within layers, bent between them.

    *into*: which of the layout's lines it runs into, if it does not end at a box or a label. What others run into has
    no arrow of its own: `carriers` tells which arrows it is a part of.
    """

    arrow: Arrow | None
    points: tuple[Point, ...]
    has_head: bool
    into: int | None = None


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


def carriers(lines: Sequence[Line], of: Callable[[Arrow], bool]) -> set[int]:
    """Return which of *lines* are part of some arrow that *of* holds for."""
    found: set[int] = set()
    for position, line in enumerate(lines):
        here = position if line.arrow and of(line.arrow) else None
        while here is not None and here not in found:
            found.add(here)
            here = lines[here].into
    return found


def all_boxes(layout: Layout, at: Point = (0.0, 0.0)) -> Iterator[tuple[Box, Placed]]:
    """Yield every box but those where journeys begin, with its place in the whole picture; outer ones first."""
    for box, place in layout.boxes:
        if box.look != "begin":
            yield box, Placed(place.x + at[0], place.y + at[1], place.width, place.height)
        for lane, (x, y) in layout.lanes.get(box.name, ()):
            yield from all_boxes(lane, (at[0] + x, at[1] + y))
