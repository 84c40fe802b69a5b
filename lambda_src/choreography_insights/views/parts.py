"""What several views are made of: times, ids, numbers with their names, tables, the picture with its places."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from choreography_insights.views.html import Attribute, Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, StateKnown, Status
from choreography_insights.views.layout import Layout, all_boxes
from choreography_insights.views.links import Links, Painting, ToJourney, ToMap, ToOverview, ToState
from choreography_insights.views.painting import Paint
from choreography_insights.views.svg import MARGIN, inline, size
from choreography_insights.views.words import STATUS_WORDS, Clock, listed, visible

_SMALLEST, _LARGEST = 0.65, 1.25
"""How much smaller, and larger, than it was laid out a picture may be."""

_BESIDE = 760.0
"""Next to a picture that is wider than this is no room for anything."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: at what time, and how links lead on."""

    clock: Clock
    links: Links

    def ago(self, at: float) -> Html:
        """A moment, as how long ago it was; in full where one points at it."""
        return element("time", self.clock.ago(at), datetime=self.clock.iso(at), title=self.clock.moment(at))

    def on_clock(self, at: float) -> Html:
        """A moment in full, in one line."""
        return element("span", self.clock.moment(at), class_="ci-moment")

    def moment(self, at: float) -> Html:
        """A moment in full, and how long ago it was."""
        return element(
            "time",
            element("span", self.clock.moment(at), class_="ci-moment"),
            " ",
            element("span", self.clock.ago(at), class_="ci-muted"),
            datetime=self.clock.iso(at),
        )


def entity_id(entity: str) -> Html:
    """An entity's id, which may be any text: it turns nothing round, and hides nothing."""
    return element("bdi", visible(entity), class_="ci-id")


def journey_link(viewer: Viewer, choreography: str, entity: str, key: str | None) -> Html:
    """An entity's id that leads to its journey, where there is more to see of it."""
    told = entity_id(entity)
    return told if key is None else viewer.links.to(ToJourney(choreography, key), told, class_="ci-link")


def state_link(viewer: Viewer, choreography: ChoreographyKnown, state: str) -> Html:
    """A state's name that leads to it; the plain name of what is no state of the choreography's own."""
    owner = owner_of(choreography, state)
    name = breakable(state)
    if owner is None:
        return element("span", name)
    return viewer.links.to(ToState(choreography.name, owner), name, class_="ci-link")


_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[._-])")


def breakable(name: str) -> list[Content]:
    """A name that may go on in a new line where a word in it ends: ``WaitFor`` and ``Confirmation``."""
    first, *others = _JOINT.split(visible(name))
    return [first, *([element("wbr"), word] for word in others)]


def owner_of(choreography: ChoreographyKnown, state: str) -> str | None:
    """The author's state that *state*, with keys of items or a part of an ``all``, belongs to."""
    name = state
    while name not in choreography.owners and "[" in name:
        name = name[: name.rindex("[")]
    return choreography.owners.get(name)


def status_pill(status: Status) -> Html:
    """A status in a word, with a look of its own."""
    return element("span", STATUS_WORDS[status], class_=f"ci-pill ci-{look_of(status)}")


def judged(state: StateKnown, seconds: float) -> Html | None:
    """What is to be said of a stay in *state* that takes so long; None if it is as ever."""
    found = {"late": state.is_late(seconds), "overdue": state.is_overdue(seconds)}
    words = [word for word, holds in found.items() if holds]
    return element("span", listed(words, "and"), class_="ci-late") if words else None


def look_of(status: Status) -> str:
    """The name of the look that a status has."""
    return status.lower().replace("_", "-")


def heading(title: Content, *about: Content, trail: Iterable[Html] = ()) -> Html:
    """The head of a view: the way that led here, what it is, what is to be said of it in a line."""
    steps = [*trail]
    return element(
        "header",
        element(
            "nav",
            element("ol", [element("li", step) for step in steps], class_="ci-trail"),
            aria_label="The way here",
        )
        if steps
        else None,
        element("h2", title, class_="ci-title"),
        element("p", *about, class_="ci-about") if about else None,
        class_="ci-head-line",
    )


def trail(viewer: Viewer, choreography: ChoreographyKnown, painting: Painting = "waiting") -> list[Html]:
    """The way from the overview to a choreography."""
    return [
        viewer.links.to(ToOverview(), "Overview", class_="ci-link"),
        viewer.links.to(ToMap(choreography.name, painting), choreography.name, class_="ci-link"),
    ]


def figures(pairs: Iterable[tuple[str, Content]]) -> Html:
    """Numbers with their names."""
    return element(
        "dl",
        [element("div", element("dt", name), element("dd", value), class_="ci-figure") for name, value in pairs],
        class_="ci-figures",
    )


def section(title: str, *content: Content, note: Content = None) -> Html:
    """A part of a view under a title of its own."""
    return element(
        "section",
        element("h3", title, class_="ci-subtitle"),
        element("p", note, class_="ci-note") if note else None,
        *content,
        class_="ci-section",
    )


def empty(text: str, *more: Content) -> Html:
    """What stands where there is nothing: what that means, and what to do."""
    return element("p", text, *more, class_="ci-empty")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: *kind* is ``text`` or ``number``."""

    title: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and what a table may be sorted by instead of that."""

    shown: Content
    key: str | float


def table(label: str, columns: Sequence[Column], rows: Iterable[Sequence[Content | Cell]], **more: Attribute) -> Html:
    """A table that may be wider than its place."""
    heads = [element("th", column.title, scope="col", class_=f"ci-{column.kind}") for column in columns]
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", heads)),
            element("tbody", (element("tr", _cells(columns, row)) for row in rows)),
            class_="ci-table",
            **more,
        ),
        class_="ci-scroll",
        role="region",
        tabindex="0",
        aria_label=label,
    )


def _cells(columns: Sequence[Column], row: Sequence[Content | Cell]) -> Iterator[Html]:
    for position, (cell, column) in enumerate(zip(row, columns, strict=True)):
        shown, key = (cell.shown, cell.key) if isinstance(cell, Cell) else (cell, None)
        kind = None if column.kind == "text" else f"ci-{column.kind}"
        if position:
            yield element("td", shown, class_=kind, data_key=key)
        else:
            yield element("th", shown, scope="row", class_=kind, data_key=key)


def picture(
    choreography: ChoreographyKnown,
    paint: Paint,
    viewer: Viewer,
    *,
    name: str,
    label: str,
    layout: Layout | None = None,
    told: Mapping[str, str] | None = None,
) -> Html:
    """The painted picture, and on it the places that lead on to the states; *told* says what each is told with."""
    placed = layout or choreography.layout
    width, _ = size(placed)
    return element(
        "div",
        element(
            "div",
            inline(placed, paint, name=name, label=label),
            _places(placed, choreography, viewer, told or {}),
            class_="ci-picture",
            style=f"max-width:{width * _LARGEST:.0f}px;min-width:{width * _SMALLEST:.0f}px",
        ),
        class_="ci-scroll",
        role="region",
        aria_label=f"Picture: {label}",
    )


def columns(layout: Layout, *content: Content) -> Html:
    """A picture and what is beside it; below it, if the picture is wide."""
    is_wide = size(layout)[0] > _BESIDE
    return element("div", *content, class_="ci-columns ci-wide" if is_wide else "ci-columns")


def _places(placed: Layout, choreography: ChoreographyKnown, viewer: Viewer, told: Mapping[str, str]) -> Iterator[Html]:
    width, height = size(placed)
    for box, place in all_boxes(placed):
        if box.inside:
            continue
        more = told.get(box.name)
        text = f"{visible(box.name)}: {more}" if more else visible(box.name)
        where = (
            f"left:{100 * (place.x + MARGIN) / width:.2f}%;top:{100 * (place.y + MARGIN) / height:.2f}%;"
            f"width:{100 * place.width / width:.2f}%;height:{100 * place.height / height:.2f}%"
        )
        yield viewer.links.to(
            ToState(choreography.name, box.name),
            element("span", text, class_="ci-hidden"),
            class_="ci-place",
            style=where,
            title=text,
        )


PAINTINGS: Sequence[tuple[Painting, str, str]] = (
    ("waiting", "Where journeys are", "how many wait in each state now, and how long the oldest has"),
    ("time", "Where time goes", "how long stays in each state took"),
    ("taken", "What is taken", "how often each way was taken"),
    ("departs", "What departs", "events that moved nothing, at the state that they met"),
)
