"""Which events have to do with one another: those of one entity, and of what goes by one of its other names."""

from collections.abc import Iterator

from choreography_insights.replay.event import Event

Node = tuple[str, str]
"""An entity's id, of kind "", or another name of an entity, with its kind."""


def node(event: Event) -> Node:
    """Return what *event* comes under."""
    return event.under or ("", event.entity)


def links(event: Event) -> Iterator[tuple[Node, Node]]:
    """Yield what *event* says to be the same entity, both ways."""
    own = node(event)
    for name in event.teaches:
        yield own, name
        yield name, own
