"""Ids of entities that simulations and tests are about, put where a choreography looks for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from choreography_insights.core.fields import PLACE, EntityId, EventPath


def sample_texts(entity: EntityId, text: str) -> Iterator[tuple[EventPath, str]]:
    """Yield what an event about the entity *text* has in its detail: the first part of the id is *text*, others count.

    What is outside the detail is for the bus to say.
    """
    for number, field in enumerate(entity, 1):
        part = text if number == 1 else str(number)
        if field.path[0] == "detail":
            yield field.path[1:], part if field.like is None else field.like.replace("*", "any").replace(PLACE, part)


def with_id(detail: Mapping[str, Any], entity: EntityId, text: str) -> dict[str, Any]:
    """Return *detail* with what an event about the entity *text* has there, where nothing else is."""
    whole: Any = dict(detail)
    for path, part in sample_texts(entity, text):
        whole = _with(whole, path, part)
    return dict(whole)


def _with(inside: Any, path: EventPath, text: str) -> Any:
    """Return *inside* with *text* at *path*; lists grow as far as that needs."""
    if not path:
        return text if inside is None else inside
    first, *rest = path
    if isinstance(first, int):
        elements = list(inside) if isinstance(inside, list) else []
        elements += [None] * (first + 1 - len(elements))
        elements[first] = _with(elements[first], tuple(rest), text)
        return elements
    fields = dict(inside) if isinstance(inside, Mapping) else {}
    fields[first] = _with(fields.get(first), tuple(rest), text)
    return fields
