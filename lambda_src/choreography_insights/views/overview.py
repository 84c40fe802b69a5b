"""All choreographies at a look."""

from collections.abc import Iterator, Sequence

from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ENDS, ChoreographyKnown, Curve, Status
from choreography_insights.views.links import ToDeviations, ToJourneys, ToMap
from choreography_insights.views.parts import Viewer, empty, figures, heading, look_of, state_link
from choreography_insights.views.words import STATUS_WORDS, at_least, brief, many, number, span

_CURVE_WIDTH, _CURVE_HEIGHT = 520.0, 76.0


def overview(choreographies: Sequence[ChoreographyKnown], viewer: Viewer) -> Html:
    """The view."""
    if not choreographies:
        return element(
            "div",
            heading("Overview"),
            empty(
                "There is no choreography yet. Write one (choreography init), generate it, deploy it with "
                "modules/choreography, and look here again."
            ),
            class_="ci-view",
        )
    return element(
        "div",
        heading("Overview", many(len(choreographies), "choreography", "choreographies")),
        viewer.links.search(),
        [_card(one, viewer) for one in choreographies],
        class_="ci-view",
    )


def _card(known: ChoreographyKnown, viewer: Viewer) -> Html:
    period = known.period
    return element(
        "article",
        element("h3", viewer.links.to(ToMap(known.name), known.name, class_="ci-link"), class_="ci-card-title"),
        element("p", known.description, class_="ci-about") if known.description else None,
        element(
            "p",
            "From ",
            viewer.clock.moment(period.start),
            " to ",
            viewer.clock.moment(period.end),
            f", {span(period.end - period.start)}.",
            class_="ci-note",
        )
        if period
        else None,
        _body(known, viewer),
        class_="ci-card",
    )


def _body(known: ChoreographyKnown, viewer: Viewer) -> Content:
    if not known.started and not known.running and not known.deviations:
        return empty(
            "No journey has begun in this time. Choose a longer range of time, or see that the start event's source "
            "and name are those that the services publish."
        )
    return [
        figures(_figures(known, viewer)),
        curve(known.curve, viewer) if known.curve and known.curve.points else None,
    ]


def _figures(known: ChoreographyKnown, viewer: Viewer) -> Iterator[tuple[str, Content]]:
    links = viewer.links
    yield (
        "running now",
        links.to(ToMap(known.name), at_least(known.running, uncounted=known.uncounted), class_="ci-link"),
    )
    yield "started", links.to(ToJourneys(known.name), number(known.started), class_="ci-link")
    for status in ENDS:
        if times := known.ended(status):
            yield STATUS_WORDS[status], links.to(ToJourneys(known.name), number(times), class_="ci-link")
    yield "deviations", links.to(ToDeviations(known.name), number(known.deviations), class_="ci-link")
    yield "late", links.to(ToMap(known.name), number(known.late), class_="ci-link")
    if known.overdue is not None:
        yield "overdue", links.to(ToMap(known.name), number(known.overdue), class_="ci-link")
    if slowest := known.slowest:
        half = brief(slowest.spent.median)
        yield "slowest step", [state_link(viewer, known, slowest.name), element("small", f"half take over {half}")]
    oldest = known.oldest
    if oldest and oldest.oldest is not None:
        waits = brief(viewer.clock.now - oldest.oldest)
        yield "oldest wait", [state_link(viewer, known, oldest.name), element("small", f"for {waits}")]


_STACK: Sequence[tuple[Status, str]] = tuple((status, f"ci-{look_of(status)}-bar") for status in ENDS)


def curve(found: Curve, viewer: Viewer) -> Html:
    """What began (a line) and what ended (bars, by outcome), hour by hour or day by day."""
    points = found.points
    most = max(1, *(max(point.started, sum(point.ended.values())) for point in points))
    room = _CURVE_WIDTH / len(points)
    bars: list[Html] = []
    way: list[str] = []
    for position, point in enumerate(points):
        top = _CURVE_HEIGHT
        for status, look in _STACK:
            high = _CURVE_HEIGHT * point.ended.get(status, 0) / most
            if high:
                top -= high
                x, width = room * position + room * 0.12, max(room * 0.76, 0.6)
                place = {"x": f"{x:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "height": f"{high:.1f}"}
                bars.append(element("rect", class_=look, **place))
        way.append(f"{room * (position + 0.5):.1f},{_CURVE_HEIGHT * (1 - point.started / most):.1f}")
    every = "day" if found.step >= 86_400 else "hour"
    told = f"Journeys that began and ended by the {every}, at most {many(most, 'journey')}"
    shown = [status for status in ENDS if any(point.ended.get(status) for point in points)]
    return element(
        "figure",
        element(
            "svg",
            bars,
            element("polyline", class_="ci-started-line", points=" ".join(way)) if len(points) > 1 else None,
            viewBox=f"0 -4 {_CURVE_WIDTH:.0f} {_CURVE_HEIGHT + 6:.0f}",
            preserveAspectRatio="none",
            role="img",
            aria_label=told,
            class_="ci-curve",
        ),
        element(
            "figcaption",
            element("span", viewer.clock.day(points[0].at)),
            element(
                "span",
                element("span", "started", class_="ci-key ci-key-started"),
                [element("span", STATUS_WORDS[one], class_=f"ci-key ci-key-{look_of(one)}") for one in shown],
                f" by the {every}, at most {number(most)}",
            ),
            element("span", viewer.clock.day(points[-1].at)),
        ),
        class_="ci-curve-figure",
    )
