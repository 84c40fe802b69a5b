"""What is painted on a picture: what of it a trace has touched, or numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from choreography_insights.views.layout import Line
from choreography_insights.views.picture import ANY, ANYTIME, ENTRY, Arrow, Box, Label
from choreography_insights.views.trace import Trace, Transition

Side = Literal["top", "bottom", "left"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A short text on the edge of a box: *kind* is its look, *side* where it sits.

    Those at the ``top`` and at the ``bottom`` begin at the right corner, those at the ``left`` at the upper left one.
    """

    text: str
    kind: str = "count"
    side: Side = "top"


@dataclass(frozen=True, slots=True)
class BoxPaint:
    """How a box looks: *kind* on top of its own look, ``pale`` fades all of it."""

    kind: str = "plain"
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True, slots=True)
class ArrowPaint:
    """How an arrow looks, and how many went along it: its width goes by that. *badge* stands on it."""

    kind: str = ""
    weight: float = 0.0
    badge: str = ""


@dataclass(frozen=True, slots=True)
class LabelPaint:
    """How a label looks, and what is added to its first line."""

    kind: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Paint:
    """What is painted on each part of a picture."""

    box: Callable[[Box], BoxPaint] = lambda _: BoxPaint()
    arrow: Callable[[Arrow], ArrowPaint] = lambda _: ArrowPaint()
    label: Callable[[Arrow, Label], LabelPaint] = lambda _, __: LabelPaint()
    widest: float = 0.0
    """The weight of the widest arrow; 0 where all are of one width."""


PLAIN = Paint()


def traced(trace: Trace) -> Paint:
    """Return what a journey's *trace* paints: where it is, what it has passed, what it has not."""

    def arrow_paint(arrow: Arrow) -> ArrowPaint:
        return ArrowPaint("taken" if is_taken(arrow, trace) else "pale")

    def label_paint(arrow: Arrow, label: Label) -> LabelPaint:
        times = times_taken(arrow, label, trace)
        return LabelPaint("by" if times else "pale", f" \N{MULTIPLICATION SIGN}{times}" if times > 1 else "")

    def box_paint(box: Box) -> BoxPaint:
        if is_here(box, trace):
            return BoxPaint("here")
        return BoxPaint("taken" if is_passed(box, trace) else "pale")

    return Paint(box_paint, arrow_paint, label_paint)


def is_taken(arrow: Arrow, trace: Trace) -> bool:
    """Whether the journey went along *arrow*."""
    return any(times_taken(arrow, label, trace) for label in arrow.labels)


def is_here(box: Box, trace: Trace) -> bool:
    """Whether the journey is in *box* itself, for one item at least, not only in something that lies in it."""
    return box.name in trace.places


def is_passed(box: Box, trace: Trace) -> bool:
    """Whether the journey was in *box*; in a box that lies in another, whether what it waits for has come."""
    if box.inside:
        return any((origin, event) == (box.inside, box.note) for origin, event, _ in trace.transitions)
    return box.name in trace.states


def times_taken(arrow: Arrow, label: Label, trace: Trace) -> int:
    """How often the journey went along *arrow* because of *label*; into a branch, whether it did."""
    if label.event == ANY:
        return trace.exits.get(arrow.origin, 0)
    if label.event == ENTRY:
        return int(arrow.target in trace.states)
    return times_of(trace.transitions, arrow, label)


def times_of(transitions: Mapping[Transition, int], arrow: Arrow, label: Label) -> int:
    """How often *label* led along *arrow*; from wherever that was, if it may at any time."""
    if arrow.origin == ANYTIME:
        wanted = (label.event, arrow.target)
        return sum(times for (_, event, target), times in transitions.items() if (event, target) == wanted)
    return transitions.get((arrow.origin, label.event, arrow.target), 0)


def weights(lines: Sequence[Line], of: Callable[[Arrow], float]) -> list[float]:
    """Return how much goes along each of *lines*, those that others run into included."""
    found = [0.0] * len(lines)
    for position, line in enumerate(lines):
        weight = of(line.arrow) if line.arrow else 0.0
        here: int | None = position
        while weight and here is not None:
            found[here] += weight
            here = lines[here].into
    return found
