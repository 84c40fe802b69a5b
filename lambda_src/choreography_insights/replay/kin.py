"""Which events have to do with one another: those of one entity, and of what goes by one of its other names."""

from collections.abc import Callable, Iterable, Iterator

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


class Kin:
    """Who goes with whom, as far as `links` say: a union-find. It grows with the entities that have other names."""

    def __init__(self) -> None:
        self._before: dict[Node, Node] = {}

    def link(self, linked: Iterable[tuple[Node, Node]]) -> None:
        """These are the same entity, two by two."""
        for one, other in linked:
            self._before[self._first(one)] = self._first(other)

    def shares(self, of: Callable[[Node], int]) -> dict[Node, int]:
        """Return for each of them the share *of* one of those with which it goes, the same for all."""
        return {one: of(self._first(one)) for one in tuple(self._before)}

    def _first(self, one: Node) -> Node:
        before = self._before
        while (first := before.setdefault(one, one)) != one:
            before[one] = one = before.setdefault(first, first)
        return one
