"""What was found of an entity in the choreographies, and what is said where there is nothing to see."""

from collections.abc import Sequence

from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import JourneyRow
from choreography_insights.views.links import ToMap, ToOverview, ToState
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    empty,
    entity_id,
    heading,
    journey_link,
    status_pill,
    table,
)
from choreography_insights.views.words import brief, many, number, visible


def found_view(entity: str, rows: Sequence[tuple[str, JourneyRow]], viewer: Viewer) -> Html:
    """The view: *rows* are journeys of *entity*, each with its choreography."""
    trail = [viewer.links.to(ToOverview(), "Overview", class_="ci-link")]
    if not entity:
        title: Content = "Find"
        found = empty("Type the id of an entity, just as its events have it: capital letters and spaces count.")
        about = None
    elif not rows:
        title = ["Nothing of ", entity_id(entity)]
        found = empty(
            "No choreography has a journey of this entity. See that the id is written just as the events have it: "
            "capital letters and spaces count. Journeys that have ended are kept for some days only. If its start "
            "event was published, compare the event's source and name with the choreography's. A choreography that was "
            "deployed without its picture.json is not looked at: generate and apply it anew."
        )
        about = None
    else:
        title = ["Journeys of ", entity_id(entity)]
        columns = [
            Column("choreography"),
            Column("journey"),
            Column("outcome"),
            Column("state"),
            Column("began"),
            Column("took", "number"),
            Column("deviations", "number"),
        ]
        found = table("Journeys of the entity", columns, [_row(name, row, viewer) for name, row in rows])
        about = f"In {many(len(rows), 'choreography', 'choreographies')}, the newest journey in each."
    return element(
        "div",
        heading(title, *([about] if about else []), trail=trail),
        viewer.links.search(),
        found,
        class_="ci-view",
    )


def _row(name: str, row: JourneyRow, viewer: Viewer) -> Sequence[Content | Cell]:
    took = (viewer.clock.now if row.ended is None else row.ended) - row.started
    return (
        viewer.links.to(ToMap(name), visible(name), class_="ci-link"),
        journey_link(viewer, name, row.entity, row.key),
        status_pill(row.status),
        viewer.links.to(ToState(name, row.state), visible(row.state), class_="ci-link") if row.state else "-",
        Cell(viewer.on_clock(row.started), row.started),
        Cell(brief(took), took),
        Cell(number(row.deviations), row.deviations),
    )


def nothing_to_see(title: str, what: str, viewer: Viewer, *more: Content) -> Html:
    """A view that says *what* is missing, or went wrong, and what to do; *more* may lead on."""
    return element(
        "div",
        heading(title, trail=[viewer.links.to(ToOverview(), "Overview", class_="ci-link")]),
        empty(what),
        *more,
        class_="ci-view",
    )
