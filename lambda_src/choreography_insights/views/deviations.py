"""What moved nothing: the deviations of a time, by event and state, each with its cause in words."""

from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, Deviation, DeviationGroup
from choreography_insights.views.parts import (
    Column,
    Viewer,
    empty,
    heading,
    journey_link,
    state_link,
    table,
    trail,
)
from choreography_insights.views.words import REASON_WORDS, cause, many, number, visible


def deviations_view(known: ChoreographyKnown, viewer: Viewer) -> Html:
    """The view."""
    about = f"{many(known.deviations, 'event')} moved nothing" if known.deviations else "Every event moved its journey"
    return element(
        "div",
        heading("What moved nothing", about, ".", trail=trail(viewer, known, "departs")),
        [_group(known, group, viewer) for group in known.groups]
        if known.groups
        else empty(
            "There is nothing to do. An event that no state accepts within its grace period would be told of "
            "here, with its cause."
        ),
        class_="ci-view",
    )


def _group(known: ChoreographyKnown, group: DeviationGroup, viewer: Viewer) -> Html:
    first = group.examples[0] if group.examples else None
    met: Content = ["in ", state_link(viewer, known, group.state)] if group.state else "with no journey"
    shown = len(group.examples)
    return element(
        "section",
        element(
            "h3",
            element("span", number(group.count), class_="ci-chip ci-chip-depart"),
            " ",
            visible(group.event),
            " ",
            met,
            class_="ci-subtitle",
        ),
        element(
            "p",
            element("strong", REASON_WORDS.get(group.reason, group.reason)),
            ": ",
            visible(cause(first)),
            ".",
            [" Did the service mean ", element("strong", visible(first.nearest)), "?"] if first.nearest else None,
        )
        if first
        else None,
        table(
            f"Deviations by {visible(group.event)} in {visible(group.state) or 'no journey'}",
            [Column("when"), Column("entity"), Column("event id"), Column("the event says")],
            [_row(known, one, viewer) for one in group.examples],
        ),
        element("p", f"{number(shown)} of {number(group.count)} are shown.", class_="ci-note")
        if shown < group.count
        else None,
        class_="ci-section",
    )


def _row(known: ChoreographyKnown, one: Deviation, viewer: Viewer) -> tuple[Content, ...]:
    return (
        viewer.moment(one.at),
        journey_link(viewer, known.name, one.entity, one.key),
        visible(one.event_id),
        viewer.on_clock(one.time),
    )
