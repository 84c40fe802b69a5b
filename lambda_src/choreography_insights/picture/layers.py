"""What lies in layers from top to bottom: boxes, labels, and the strokes between them."""

from dataclasses import dataclass, field

from choreography_insights.views.layout import Point
from choreography_insights.views.picture import Arrow, Box

LAYER_GAP, NODE_GAP, LINE_GAP = 30.0, 26.0, 20.0


@dataclass(eq=False)
class Node:
    """A box, a label, or (neither) a point where strokes join, in layer *rank*; `place` finds *xy*."""

    w: float
    h: float
    xy: Point = (0.0, 0.0)
    rank: int = 0
    box: Box | None = None
    arrow: Arrow | None = None
    spine: "Stroke | None" = None
    """Of a point where strokes join: the one from farthest away, with which it is to lie in line."""
    above: list[tuple[float, "Stroke"]] = field(default_factory=list)
    below: list[tuple[float, "Stroke"]] = field(default_factory=list)


@dataclass(eq=False)
class Stroke:
    """Half an arrow: from a box to the label or from the label to a box. *upper* lies in the higher layer.

    It may run *into* another, which many share: that is a piece of a trunk, and has no arrow of its own.
    """

    arrow: Arrow | None
    upper: Node
    lower: Node
    upward: bool
    has_head: bool
    into: "Stroke | None" = None
    bends: list[float] = field(default_factory=list)
    """Where it crosses each layer between its ends, from top to bottom."""
    leaves_at: float = 0.0
    enters_at: float = 0.0

    @property
    def origin(self) -> Node:
        """Where its arrow comes from."""
        return self.lower if self.upward else self.upper

    @property
    def target(self) -> Node:
        """Where its arrow leads."""
        return self.upper if self.upward else self.lower

    def end_at(self, joint: Node, piece: "Stroke") -> None:
        """Lead to *joint* only, and go on from there with *piece*."""
        if self.upward:
            self.upper = joint
        else:
            self.lower = joint
        self.has_head, self.into = False, piece

    @property
    def joins(self) -> bool:
        """Whether it comes from the side to one that goes on."""
        return self.target.spine not in (None, self)
