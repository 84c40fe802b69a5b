"""The ways that journeys took, each with its picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from choreography_insights.analysis.variants import Departure
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, Status
from choreography_insights.views.painting import traced
from choreography_insights.views.parts import (
    Viewer,
    empty,
    heading,
    journey_link,
    picture,
    state_link,
    status_pill,
    trail,
)
from choreography_insights.views.trace import Trace
from choreography_insights.views.words import STATUS_WORDS, brief, many, number, share, visible

_MOST_STATES = 24
_MOST_DRAWN, _DRAWN_BYTES = 12, 600_000


@dataclass(frozen=True, slots=True)
class WayShown:
    """A way that journeys took, state by state; how many did, how long that took, and where they departed.

    *trace*: that of one of them. *keys*: key and entity of some.
    """

    states: tuple[str, ...]
    status: Status
    departures: tuple[Departure, ...]
    count: int
    took: Histogram
    trace: Trace
    keys: tuple[tuple[str, str], ...] = ()


def ways_view(known: ChoreographyKnown, ways: Sequence[WayShown], left: int, viewer: Viewer) -> Html:
    """The view: *ways* in the order in which they are shown; *left*: how many journeys went others."""
    listed = element("ol", _listed(known, ways, viewer), class_="ci-variants")
    return element(
        "div",
        heading("Ways", f"Which states {many(known.started, 'journey')} went through.", trail=trail(viewer, known)),
        listed if ways else empty("No journey has begun."),
        element("p", f"{many(left, 'journey')} went ways that are not shown.", class_="ci-note") if left else None,
        class_="ci-view",
    )


def _listed(known: ChoreographyKnown, ways: Sequence[WayShown], viewer: Viewer) -> Iterator[Html]:
    room = _DRAWN_BYTES
    for position, way in enumerate(ways, 1):
        drawn = _drawn(known, way, viewer, f"way-{position}") if position <= _MOST_DRAWN else None
        if drawn is not None:
            room -= len(drawn.text.encode())
        yield _way(known, way, viewer, drawn if room > 0 else None)


def _drawn(known: ChoreographyKnown, way: WayShown, viewer: Viewer, name: str) -> Html:
    label = f"A way that {many(way.count, 'journey')} took: {STATUS_WORDS[way.status]}"
    return element(
        "details",
        element("summary", "Its picture"),
        picture(known, traced(way.trace), viewer, name=name, label=label),
    )


def _way(known: ChoreographyKnown, way: WayShown, viewer: Viewer, drawn: Html | None) -> Html:
    cut = len(way.states) - _MOST_STATES
    states = [element("li", visible(state)) for state in way.states[:_MOST_STATES]]
    if cut > 0:
        states.append(element("li", f"{number(cut)} more"))
    examples: Content = [[" ", journey_link(viewer, known.name, entity, key)] for key, entity in way.keys]
    took = (
        f", half took over {brief(way.took.median)}, one in twenty over {brief(way.took.quantile(0.95))}"
        if way.took.count
        else ""
    )
    return element(
        "li",
        element(
            "p",
            element("strong", many(way.count, "journey")),
            f", {share(way.count, known.started)}{took} ",
            status_pill(way.status),
            ["; such as", examples] if examples else None,
        ),
        [_departure(known, one, viewer) for one in way.departures],
        element("ol", states, class_="ci-path"),
        drawn,
    )


def _departure(known: ChoreographyKnown, departure: Departure, viewer: Viewer) -> Html:
    event, state = departure
    return element(
        "p",
        element("span", "departs", class_="ci-chip ci-chip-depart"),
        f" by {visible(event)} in ",
        state_link(viewer, known, state),
    )
