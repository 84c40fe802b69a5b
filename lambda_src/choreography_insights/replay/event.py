"""An event as replay sees it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

OtherName = tuple[str, str]
"""Another name of an entity: of which kind it is, and the name itself."""


class Event(Struct, eq=False, gc=False, array_like=True):
    """One event about one entity. Times in epoch seconds.

    *time* orders it among its neighbours. *arrival* is when it is there to be used: as soon as it happens, where
    nothing else is said. *position* tells apart what arrives at the same time. *early*: how long the states that it
    met keep it, each; None where the choreography says it. *repeats*: how often it came again. *under*: the name that
    it comes under instead of an id. *teaches*: other names of the entity that it carries.
    """

    id: str
    name: str
    entity: str
    time: float
    arrival: float
    detail: Mapping[str, Any] = field(default_factory=dict)
    position: int = 0
    source: str = ""
    early: tuple[float | None, ...] = ()
    repeats: int = 0
    under: OtherName | None = None
    teaches: tuple[OtherName, ...] = ()
