"""What of a picture a course has touched."""

from choreography_insights.picture.picture import ANY, ENTRY, Arrow, Box, Label
from choreography_insights.trace.trace import Course


def is_here(box: Box, course: Course) -> bool:
    """Whether the journey is in *box* itself, for one item at least, not only in something that lies in it."""
    return box.name in course.places


def is_passed(box: Box, course: Course) -> bool:
    """Whether the journey was in *box*; in a box that lies in another, whether what it waits for has come."""
    if box.inside:
        return any((origin, event) == (box.inside, box.note) for origin, event, _ in course.transitions)
    return box.name in course.states


def times_taken(arrow: Arrow, label: Label, course: Course) -> int:
    """How often the journey went along *arrow* because of *label*; into a branch, whether it did."""
    if label.event == ANY:
        return course.exits.get(arrow.origin, 0)
    if label.event == ENTRY:
        return int(arrow.target in course.states)
    return course.transitions.get((arrow.origin, label.event, arrow.target), 0)
