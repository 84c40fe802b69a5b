"""What a layered layout works on: vertices in layers, and the segments between neighbouring layers."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Vertex:
    """A node, or where a stroke crosses a layer between its ends: that has no width."""

    rank: int
    width: float = 0.0
    above: list["Vertex"] = field(default_factory=list)
    below: list["Vertex"] = field(default_factory=list)
    place: int = 0
    """Its position in its layer, from the left."""
    x: float = 0.0


Segment = tuple[Vertex, Vertex]
"""From a vertex to one in the layer below."""

Layers = Sequence[Sequence[Vertex]]
"""From top to bottom, each from left to right."""
