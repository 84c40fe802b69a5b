"""A journey: its way on the picture, its story, what it waits for, and what is still to come."""

from collections.abc import Iterator, Sequence

from choreography_insights.views.future import Future, WayToCome
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, JourneyKnown, StoryStep, Visit
from choreography_insights.views.painting import traced
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    columns,
    empty,
    entity_id,
    figures,
    heading,
    judged,
    owner_of,
    picture,
    section,
    state_link,
    status_pill,
    table,
    trail,
)
from choreography_insights.views.words import (
    REASON_WORDS,
    STATUS_WORDS,
    brief,
    came_again,
    cause,
    listed,
    number,
    share,
    span,
    visible,
)

_WAYS_SHOWN = 6

_MARK_WORDS = {
    "early": "kept until its turn",
    "contested": "contested",
    "unexpected": "unexpected",
    "again": "does not count again",
}
_WHAT_WORDS = {
    "began": "begins the journey",
    "moved": "moves it on",
    "counted": "is counted",
    "noted": "is noted",
    "onward": "goes on at once",
    "timeout": "the state's time was over",
    "unexpected": "moves nothing",
    "ended": "the journey ends",
}


def journey_view(
    known: ChoreographyKnown, journey: JourneyKnown, viewer: Viewer, future: Future, *, name: str, drawn: bool = True
) -> Html:
    """The view. *name* tells the ids of its picture from others'; *drawn*: whether there is a picture at all."""
    aside = [
        _waits(known, journey, viewer),
        _to_come(known, journey, viewer, future),
        _deviations(journey, viewer),
        _elsewhere(journey),
    ]
    return element(
        "div",
        heading(
            ["Journey of ", entity_id(journey.entity)],
            status_pill(journey.status),
            " ",
            "waits in " if journey.status == "RUNNING" else "in ",
            state_link(viewer, known, journey.state),
            f", {visible(journey.error)}" if journey.error else None,
            trail=trail(viewer, known),
        ),
        _names(journey),
        element(
            "p",
            "It runs an older definition, which this is the picture of.",
            class_="ci-note ci-older",
        )
        if journey.layout
        else None,
        figures(_figures(journey, viewer)),
        columns(
            journey.layout or known.layout,
            element(
                "div",
                picture(
                    known,
                    traced(journey.trace),
                    viewer,
                    name=name,
                    label=f"The way of the journey: {STATUS_WORDS[journey.status]}, in "
                    f"{visible(listed(journey.trace.here, 'and'))}",
                    layout=journey.layout,
                ),
                element("p", "Blue: the way that was taken. Orange: where it is.", class_="ci-legend"),
                class_="ci-stage",
            )
            if drawn
            else None,
            element("div", aside, class_="ci-aside"),
        ),
        _story(known, journey, viewer),
        _visits(known, journey, viewer),
        class_="ci-view",
    )


def _names(journey: JourneyKnown) -> Content:
    """Say under which other names events know the entity."""
    if not journey.names:
        return None
    names: list[Content] = []
    for kind, name in journey.names:
        names += [", " if names else None, f"{visible(kind)} ", entity_id(name)]
    return element("p", "Also known as ", names, ".", class_="ci-note")


def _figures(journey: JourneyKnown, viewer: Viewer) -> Iterator[tuple[str, Content]]:
    yield "began", [viewer.ago(journey.started), element("small", viewer.clock.moment(journey.started))]
    if journey.ended is None:
        yield "runs for", brief(viewer.clock.now - journey.started)
    else:
        yield "ended", [viewer.ago(journey.ended), element("small", viewer.clock.moment(journey.ended))]
        yield "took", brief(journey.ended - journey.started)
    yield "events", number(journey.events)
    yield "deviations", number(len(journey.deviations))


def _waits(known: ChoreographyKnown, journey: JourneyKnown, viewer: Viewer) -> Content:
    if journey.status != "RUNNING":
        return None
    lines = []
    for wait in journey.waits:
        waited = viewer.clock.now - wait.since
        state = known.state(owner_of(known, wait.state) or wait.state)
        usual = f"; half waited over {span(state.spent.median)}" if state.spent.count else ""
        late = judged(state, waited)
        what = listed([visible(name) for name in wait.accepts]) or "time to pass"
        lines.append(
            element(
                "li",
                element("strong", what),
                element("small", visible(wait.state), f", for {span(waited)}{usual}", late and [" ", late]),
            )
        )
    return section("What it waits for", element("ul", lines, class_="ci-list"))


def _to_come(known: ChoreographyKnown, journey: JourneyKnown, viewer: Viewer, future: Future) -> Content:
    if journey.status != "RUNNING":
        return None
    awaited = (event for wait in journey.waits for event in wait.accepts)
    to_come = future.of(journey.state, awaited)
    ways = [way for way in to_come if way.share is None or way.share > 0 or not way.succeeds][:_WAYS_SHOWN]
    if not ways:
        return section("Still to come", empty("No end can be reached from here by events."))
    since = max((visit.entered for visit in journey.visits if visit.left is None), default=journey.started)
    waited = viewer.clock.now - since
    return section(
        "Still to come",
        element("ul", [_way(known, way, viewer, waited) for way in ways], class_="ci-list"),
        note="The likeliest way to each end, by what other journeys did from here.",
    )


def _way(known: ChoreographyKnown, way: WayToCome, viewer: Viewer, waited: float) -> Html:
    if way.share is None:
        part = "nobody has gone on from here yet"
    else:
        part = f"{share(way.share, 1.0)} end there" if way.share else "nobody has come there from here"
    seconds = way.seconds(waited)
    takes = "" if seconds is None else f", usually {span(seconds)} from now" if seconds > 0 else ", usually by now"
    steps = [element("li", visible(step.by) or f"out of {visible(step.state)}") for step in way.steps]
    return element(
        "li",
        element("strong", state_link(viewer, known, way.end)),
        element("small", f"{part}{takes}"),
        element("ol", steps, class_="ci-steps"),
    )


def _deviations(journey: JourneyKnown, viewer: Viewer) -> Content:
    if not journey.deviations:
        return None
    return section(
        "What moved nothing",
        element(
            "ul",
            [
                element(
                    "li",
                    element("strong", visible(one.event)),
                    element("small", REASON_WORDS.get(one.reason, one.reason), ", ", viewer.clock.moment(one.at)),
                    element("p", visible(cause(one)), "."),
                )
                for one in journey.deviations
            ],
            class_="ci-list",
        ),
    )


def _elsewhere(journey: JourneyKnown) -> Content:
    if not journey.elsewhere:
        return None
    links = [element("li", element("a", words, href=address, class_="ci-link")) for words, address in journey.elsewhere]
    return section("Elsewhere", element("ul", links, class_="ci-list"))


def _story(known: ChoreographyKnown, journey: JourneyKnown, viewer: Viewer) -> Html:
    rows = [_told(known, one, journey, viewer) for one in journey.story]
    heads = [Column("when"), Column("after", "number"), Column("event"), Column("what it does"), Column("state")]
    note = "It has more events than could be read: some of them are missing here." if journey.untold else None
    return section("Its story", table("Events of the journey in order", heads, rows), note=note)


def _told(known: ChoreographyKnown, one: StoryStep, journey: JourneyKnown, viewer: Viewer) -> Sequence[Content | Cell]:
    after = one.at - journey.started
    marks: Content = [[" ", element("span", _MARK_WORDS[mark], class_=f"ci-tag ci-tag-{mark}")] for mark in one.marks]
    again: Content = None
    if one.repeats:
        again = [" ", element("span", came_again(one.repeats), class_="ci-tag ci-tag-repeated")]
    count = f": {number(one.count[0])} of {number(one.count[1])}" if one.count else None
    what: Content = [_WHAT_WORDS[one.what], count, marks, again]
    held = [element("small", f"it says {viewer.clock.moment(one.time)}")] if "early" in one.marks else None
    last = None if one.repeated is None else element("small", f"last came again {viewer.clock.moment(one.repeated)}")
    names = [element("strong", visible(one.event)), element("small", visible(one.event_id))]
    event: Content = [names, held, last] if one.event else "-"
    if one.next == one.state:
        where: Content = [state_link(viewer, known, one.state), element("small", "others are waited for, too")]
    elif one.what in ("began", "ended", "unexpected"):
        where = state_link(viewer, known, one.next or one.state) if one.next or one.state else "-"
    else:
        where = [state_link(viewer, known, one.state), " → ", state_link(viewer, known, one.next)]
    return (viewer.on_clock(one.at), Cell("+" + brief(after), after), event, what, where)


def _visits(known: ChoreographyKnown, journey: JourneyKnown, viewer: Viewer) -> Html:
    end = viewer.clock.now if journey.ended is None else journey.ended
    whole = max(end - journey.started, 0.001)
    rows = [_visit(known, visit, journey.started, whole, end, viewer) for visit in journey.visits]
    heads = [
        Column("state"),
        Column("its time on the way"),
        Column("stayed", "number"),
        Column("usual"),
        Column("so it is"),
    ]
    return section("Time in each state", table("How long the journey was in each state", heads, rows))


def _visit(
    known: ChoreographyKnown, visit: Visit, start: float, whole: float, end: float, viewer: Viewer
) -> Sequence[Content | Cell]:
    left = end if visit.left is None else visit.left
    stayed = left - visit.entered
    state = known.state(visit.state)
    spent = state.spent
    x, width = 100 * (visit.entered - start) / whole, max(100 * stayed / whole, 0.6)
    look = "ci-stay ci-stay-open" if visit.left is None else "ci-stay"
    bar = element(
        "svg",
        element("rect", class_="ci-stay-track", x="0", y="6", width="100", height="2"),
        element("rect", class_=look, x=f"{min(x, 99.4):.2f}", y="2", width=f"{width:.2f}", height="10", rx="0.6"),
        viewBox="0 0 100 14",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="ci-stay-bar",
    )
    how: Content = "cut off" if visit.cut else judged(state, stayed)
    if how is None:
        how = "still there" if visit.left is None else "as usual" if spent.count else "-"
    usual = f"{brief(spent.median)}, at most {brief(spent.quantile(0.95))}" if spent.count else "not known"
    if state.expected is not None:
        usual += f"; target {brief(state.expected)}"
    return (state_link(viewer, known, visit.state), bar, Cell(brief(stayed), stayed), usual, how)
