"""What of a picture a trace has touched."""

from choreography_insights.views.picture import ANY, ENTRY, Arrow, Box, Label
from choreography_insights.views.trace import Trace


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
    return trace.transitions.get((arrow.origin, label.event, arrow.target), 0)
