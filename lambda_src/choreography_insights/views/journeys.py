"""Journeys in a list."""

from collections.abc import Sequence

from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, JourneyRow
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    empty,
    heading,
    journey_link,
    section,
    state_link,
    status_pill,
    table,
    trail,
)
from choreography_insights.views.words import brief, many, number, visible


def journeys_view(
    known: ChoreographyKnown,
    rows: Sequence[JourneyRow],
    viewer: Viewer,
    *,
    note: Content = None,
    none: str = "There is no journey to show. One begins with the choreography's start event.",
) -> Html:
    """The view: *rows* are some of the journeys, *note* says which.

    *none* is said where there are no rows.
    """
    if not rows:
        listed: Content = empty(none)
    else:
        columns = [
            Column("entity"),
            Column("outcome"),
            Column("state"),
            Column("began"),
            Column("took", "number"),
            Column("events", "number"),
            Column("deviations", "number"),
        ]
        listed = table("Journeys one by one", columns, [_row(known, row, viewer) for row in rows], data_list="journeys")
    return element(
        "div",
        heading("Journeys", f"{many(known.started, 'journey')} began.", trail=trail(viewer, known)),
        viewer.links.search(),
        section("One by one", listed, note=note),
        class_="ci-view",
    )


def _row(known: ChoreographyKnown, row: JourneyRow, viewer: Viewer) -> Sequence[Content | Cell]:
    took = (viewer.clock.now if row.ended is None else row.ended) - row.started
    late: Content = [" ", element("span", "late", class_="ci-late")] if row.late else None
    return (
        Cell(journey_link(viewer, known.name, row.entity, row.key), visible(row.entity)),
        Cell(element("span", status_pill(row.status), late), row.status),
        state_link(viewer, known, row.state) if row.state else "-",
        Cell(viewer.on_clock(row.started), row.started),
        Cell(brief(took), round(took, 3)),
        Cell("-", 0) if row.events is None else Cell(number(row.events), row.events),
        Cell(number(row.deviations), row.deviations),
    )
