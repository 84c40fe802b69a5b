"""Where a view leads on to. How one gets there is for the outlet to say: an anchor, an address, a widget's action."""

from dataclasses import dataclass
from typing import Literal, Protocol

from choreography_insights.views.html import Attribute, Content, Html

Painting = Literal["waiting", "time", "taken", "departs"]


@dataclass(frozen=True, slots=True)
class ToOverview:
    """All choreographies."""


@dataclass(frozen=True, slots=True)
class ToMap:
    """The picture of a choreography."""

    choreography: str
    painting: Painting = "waiting"


@dataclass(frozen=True, slots=True)
class ToState:
    """One of its states."""

    choreography: str
    state: str


@dataclass(frozen=True, slots=True)
class ToJourney:
    """A journey."""

    choreography: str
    key: str


@dataclass(frozen=True, slots=True)
class ToJourneys:
    """The list of its journeys."""

    choreography: str


@dataclass(frozen=True, slots=True)
class ToDeviations:
    """What moved nothing."""

    choreography: str


Place = ToOverview | ToMap | ToState | ToJourney | ToJourneys | ToDeviations


class Links(Protocol):
    """Makes what leads to a place."""

    def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
        """Return *content* as an element that leads to *place*; the content itself if there is no way to it."""
        ...

    def search(self) -> Html | None:
        """Return a field that leads from an entity's id to its journeys, if there is one."""
        ...
