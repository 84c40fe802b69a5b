"""The map of a choreography: its picture, with where journeys are, where time goes, what is taken, what departs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, sqrt

from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, StateKnown
from choreography_insights.views.layout import all_boxes
from choreography_insights.views.links import Painting, ToDeviations, ToMap
from choreography_insights.views.painting import ArrowPaint, Badge, BoxPaint, LabelPaint, Paint, Side, times_of
from choreography_insights.views.parts import (
    PAINTINGS,
    Cell,
    Column,
    Viewer,
    columns,
    empty,
    heading,
    owner_of,
    picture,
    section,
    state_link,
    table,
    trail,
)
from choreography_insights.views.picture import ANY, BEGIN, ENTRY, ONWARD, TIMEOUT, Arrow, Box, Label
from choreography_insights.views.words import at_least, brief, many, number, share, short_number, span, visible

_LEVELS = 4


def choreography_map(known: ChoreographyKnown, painting: Painting, viewer: Viewer, *, name: str = "map") -> Html:
    """The view. *name* tells the ids of its picture from those of others in the page."""
    title, what = next((title, what) for one, title, what in PAINTINGS if one == painting)
    paint, told = _PAINTERS[painting](known, viewer)
    return element(
        "div",
        heading(known.name, f"{title}: {what}.", trail=trail(viewer, known)[:1]),
        element(
            "nav",
            [
                viewer.links.to(
                    ToMap(known.name, one),
                    title,
                    class_="ci-tab",
                    aria_current="page" if one == painting else None,
                )
                for one, title, _ in PAINTINGS
            ],
            class_="ci-tabs",
            aria_label="What is painted",
        ),
        columns(
            known.layout,
            element(
                "div",
                picture(known, paint, viewer, name=name, label=f"{known.name}: {what}", told=told),
                _legend(painting),
                class_=f"ci-stage ci-paint-{painting}",
            ),
            element("div", _TABLES[painting](known, viewer), class_="ci-aside"),
        ),
        class_="ci-view",
    )


Told = Mapping[str, str]
"""In words, what is painted on each state."""


def level(part: float, most: float) -> str:
    """Return the look of a box that has so much of what the one with the most has."""
    return f"heat-{min(_LEVELS, max(1, ceil(_LEVELS * sqrt(part / most))))}" if part > 0 and most > 0 else "plain"


def _waiting(known: ChoreographyKnown, viewer: Viewer) -> tuple[Paint, Told]:
    most = max((state.waiting for state in known.states.values()), default=0)

    def box(one: Box) -> BoxPaint:
        state = known.state(one.name)
        if not state.waiting:
            return BoxPaint()
        count = short_number(state.waiting) + ("+" if state.uncounted else "")
        badges = [Badge(count, "count", "bottom" if one.inside else "top")]
        if state.late:
            badges.append(Badge(f"{short_number(state.late)}\N{BLACK UP-POINTING SMALL TRIANGLE}", "late"))
        if state.oldest is not None and not one.inside:
            badges.append(Badge(brief(viewer.clock.now - state.oldest), "age", _foot(one)))
        return BoxPaint(_fill(one, state.waiting, most), tuple(badges))

    ends = {one.name for one, _ in all_boxes(known.layout) if one.look in ("succeed", "fail")}
    told = {name: _waiting_in_words(state, viewer) for name, state in known.states.items() if name not in ends}
    return Paint(box), told


def _fill(box: Box, part: float, most: float) -> str:
    """The look of *box*; what has ways in it stays pale, so that they can be seen."""
    return "plain" if any(lane.arrows for lane in box.lanes) else level(part, most)


def _foot(box: Box) -> Side:
    """Where there is room for a second badge: what has boxes in it has theirs at its lower edge."""
    return "left" if box.lanes else "bottom"


def _waiting_in_words(state: StateKnown, viewer: Viewer) -> str:
    words = ("over " if state.uncounted else "") + many(state.waiting, "journey", "journeys") + " here"
    if state.late:
        words += f", {number(state.late)} late"
    if state.overdue:
        words += f", {number(state.overdue)} overdue"
    if state.oldest is not None:
        words += f", the oldest for {span(viewer.clock.now - state.oldest)}"
    return words


def _time(known: ChoreographyKnown, _: Viewer) -> tuple[Paint, Told]:
    most = max((state.spent.median for state in known.states.values()), default=0.0)

    def box(one: Box) -> BoxPaint:
        spent = known.state(one.name).spent
        if not spent.longest:
            return BoxPaint()
        text = f"{brief(spent.median)} · {brief(spent.quantile(0.95))}"
        return BoxPaint(_fill(one, spent.median, most), (Badge(text, "time", _foot(one)),))

    told = {
        name: f"half of {many(state.spent.count, 'stay')} took over {span(state.spent.median)}, one in twenty over "
        f"{span(state.spent.quantile(0.95))}{_target(state)}"
        for name, state in known.states.items()
        if state.spent.longest
    }
    return Paint(box), told


def _target(state: StateKnown) -> str:
    return "" if state.expected is None else f"; the target is {span(state.expected)}"


def times_along(known: ChoreographyKnown, arrow: Arrow, label: Label) -> int:
    """How often *arrow* was taken because of *label*."""
    if label.event == ANY:
        return known.exits.get(arrow.origin, 0)
    if label.event == ENTRY:
        return known.state(arrow.target).entered
    return times_of(known.transitions, arrow, label)


def _taken(known: ChoreographyKnown, _: Viewer) -> tuple[Paint, Told]:
    def total(arrow: Arrow) -> int:
        return sum(times_along(known, arrow, label) for label in arrow.labels)

    entered = {name: state.entered for name, state in known.states.items()}
    used: Counter[tuple[str, str]] = Counter()
    for (origin, event, _to), times in known.transitions.items():
        used[origin, event] += times
    most = max([1, *known.transitions.values(), *known.exits.values()])

    def box(one: Box) -> BoxPaint:
        times = used[one.inside, one.note] if one.inside else entered.get(one.name, 0)
        badges = (Badge(short_number(times), "quiet", "bottom"),) if one.inside else ()  # else the arrows tell it
        return BoxPaint("plain", badges) if times else BoxPaint("pale")

    def arrow_paint(arrow: Arrow) -> ArrowPaint:
        times = total(arrow)
        return ArrowPaint("taken", times, short_number(times)) if times else ArrowPaint("pale")

    def label_paint(arrow: Arrow, label: Label) -> LabelPaint:
        return LabelPaint("by" if times_along(known, arrow, label) else "pale")

    told = {name: f"entered {many(times, 'time')}" for name, times in entered.items()}
    return Paint(box, arrow_paint, label_paint, widest=float(most) * 1.2), told


def _departs(known: ChoreographyKnown, _: Viewer) -> tuple[Paint, Told]:
    met = departures(known)
    most = max(met.values(), default=0)

    def box(one: Box) -> BoxPaint:
        times = 0 if one.inside else met.get(one.name, 0)
        return (
            BoxPaint(_fill(one, times, most), (Badge(f"{short_number(times)} !", "depart"),)) if times else BoxPaint()
        )

    return Paint(box), {name: many(times, "deviation") for name, times in met.items()}


def departures(known: ChoreographyKnown) -> Mapping[str, int]:
    """How many deviations met each state."""
    met: Counter[str] = Counter()
    for group in known.groups:
        owner = owner_of(known, group.state)
        if owner is not None:
            met[owner] += group.count
    return met


_PAINTERS = {"waiting": _waiting, "time": _time, "taken": _taken, "departs": _departs}


def _legend(painting: Painting) -> Html:
    swatches = [element("span", class_=f"ci-swatch ci-heat-{number}") for number in range(1, _LEVELS + 1)]
    scale = element("span", swatches, class_="ci-scale")
    says: Content = None
    match painting:
        case "waiting":
            says = [
                element("span", "12", class_="ci-chip ci-chip-count"),
                " wait there · ",
                element("span", "3\N{BLACK UP-POINTING SMALL TRIANGLE}", class_="ci-chip ci-chip-late"),
                " of them late: longer than 95 % did · ",
                element("span", "2 d", class_="ci-chip ci-chip-quiet"),
                " the oldest wait · few ",
                scale,
                " many",
            ]
        case "time":
            says = [
                element("span", "2 d · 5 d", class_="ci-chip ci-chip-quiet"),
                " half took longer than the one, one in twenty longer than the other · short ",
                scale,
                " long",
            ]
        case "taken":
            says = ["The wider an arrow, the more often it was taken. What is pale was never taken."]
        case "departs":
            says = [
                element("span", "2 !", class_="ci-chip ci-chip-depart"),
                " events that moved nothing. Few ",
                scale,
                " many",
            ]
    return element("p", says, class_=f"ci-legend ci-painting-{painting}")


# ---- beside the picture --------


def _states_in_order(known: ChoreographyKnown) -> list[StateKnown]:
    return [known.state(box.name) for box, _ in all_boxes(known.layout) if not box.inside]


def _waiting_table(known: ChoreographyKnown, viewer: Viewer) -> Html:
    held = sorted((one for one in _states_in_order(known) if one.waiting), key=lambda one: -one.waiting)
    if not held:
        return section(
            "Waiting now",
            empty("Nobody waits: every journey has ended. See what was taken, or choose another range of time."),
        )
    targets = any(state.overdue is not None for state in held)
    rows: list[Sequence[Content | Cell]] = [
        (
            state_link(viewer, known, state.name),
            Cell(at_least(state.waiting, uncounted=state.uncounted), state.waiting),
            Cell(_marked(state.late), state.late),
            *([Cell("-", 0) if state.overdue is None else Cell(_marked(state.overdue), state.overdue)] * targets),
            Cell("-", 0) if state.oldest is None else _age(state.oldest, viewer),
        )
        for state in held
    ]
    heads = [Column("state"), Column("waiting", "number"), Column("late", "number"), Column("oldest", "number")]
    if targets:
        heads.insert(3, Column("overdue", "number"))
    return section("Waiting now", table("How many wait in each state", heads, rows))


def _age(since: float, viewer: Viewer) -> Cell:
    return Cell(brief(viewer.clock.now - since), viewer.clock.now - since)


def _marked(times: int) -> Content:
    return element("span", number(times), class_="ci-late") if times else "0"


def _time_table(known: ChoreographyKnown, viewer: Viewer) -> Html:
    spent = sorted((one for one in _states_in_order(known) if one.spent.longest), key=lambda one: -one.spent.median)
    if not spent:
        return section(
            "Time in each state", empty("No state has been left yet. Times are there once journeys move on.")
        )
    whole = sum(state.spent.seconds for state in spent)
    targets = any(state.expected is not None for state in spent)
    rows: list[Sequence[Content | Cell]] = [
        (
            state_link(viewer, known, state.name),
            Cell(brief(state.spent.median), state.spent.median),
            Cell(brief(state.spent.quantile(0.95)), state.spent.quantile(0.95)),
            Cell(share(state.spent.seconds, whole), state.spent.seconds),
            *(
                [Cell("-", 0) if state.expected is None else Cell(brief(state.expected), state.expected)]
                if targets
                else []
            ),
        )
        for state in spent
    ]
    heads = [Column("state"), Column("median", "number"), Column("95 %", "number"), Column("share", "number")]
    if targets:
        heads.append(Column("target", "number"))
    note = "Share: of all the time that all journeys spent. States inside others count there, too."
    return section("Time in each state", table("How long stays took", heads, rows), note=note)


_BY = {TIMEOUT: "its time was over", ONWARD: "at once", "": "an event"}


def _taken_table(known: ChoreographyKnown, viewer: Viewer) -> Html:
    if not known.transitions:
        return section("Ways taken", empty("No way was taken in this time. Choose a longer range of time."))
    order = {state.name: position for position, state in enumerate(_states_in_order(known))}
    rows: list[Sequence[Content | Cell]] = [
        (
            _end(known, viewer, origin),
            _BY.get(event, visible(event)),
            _end(known, viewer, target),
            Cell(number(times), times),
        )
        for (origin, event, target), times in sorted(
            known.transitions.items(), key=lambda one: (order.get(one[0][0], -1), -one[1], one[0])
        )
    ]
    heads = [Column("from"), Column("by"), Column("to"), Column("times", "number")]
    never = [*_never(known)]
    return section(
        "Ways taken",
        table("How often each way was taken", heads, rows),
        note=f"Never taken: {many(len(never), 'way')}, pale in the picture." if never else "Every way was taken.",
    )


def _never(known: ChoreographyKnown) -> Iterator[Arrow]:
    layouts = [known.layout]
    while layouts:
        here = layouts.pop()
        yield from (
            arrow for arrow, _ in here.labels if not any(times_along(known, arrow, one) for one in arrow.labels)
        )
        layouts += (lane for lanes in here.lanes.values() for lane, _ in lanes)


def _end(known: ChoreographyKnown, viewer: Viewer, state: str) -> Content:
    return "(begin)" if state == BEGIN else state_link(viewer, known, state)


def _departs_table(known: ChoreographyKnown, viewer: Viewer) -> Html:
    if not known.groups:
        return section(
            "Deviations", empty("Nothing departed: every event of this time was accepted where its journey was.")
        )
    rows: list[Sequence[Content | Cell]] = [
        (
            visible(group.event),
            state_link(viewer, known, group.state) if group.state else "no journey",
            Cell(number(group.count), group.count),
        )
        for group in known.groups
    ]
    heads = [Column("event"), Column("met"), Column("times", "number")]
    return section(
        "Deviations",
        table("Deviations by event and state", heads, rows),
        element(
            "p", viewer.links.to(ToDeviations(known.name), "Each with its cause and its journeys", class_="ci-link")
        ),
    )


_TABLES = {"waiting": _waiting_table, "time": _time_table, "taken": _taken_table, "departs": _departs_table}
