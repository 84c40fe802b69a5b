"""A state: who waits there, how long stays took, what leads there and on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log10

from choreography_insights.views.choreography_map import times_along
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.html import Content, Html, element
from choreography_insights.views.known import ChoreographyKnown, StateKnown
from choreography_insights.views.layout import Layout, all_boxes
from choreography_insights.views.parts import (
    Cell,
    Column,
    Viewer,
    empty,
    figures,
    heading,
    journey_link,
    judged,
    section,
    state_link,
    table,
    trail,
)
from choreography_insights.views.picture import ANY, ANYTIME, BEGIN, ENTRY, ONWARD, TIMEOUT, Arrow, Label
from choreography_insights.views.words import at_least, brief, listed, many, number, span, visible

_LOOK_WORDS = {
    "wait": "waits for an event",
    "around": "goes through what lies in it",
    "choose": "goes on by what is known",
    "pause": "lets time pass",
    "pass": "goes on at once",
    "succeed": "ends a journey, or a branch, well",
    "fail": "ends a journey badly",
}


def state_view(known: ChoreographyKnown, state: str, viewer: Viewer) -> Html:
    """The view of the state of that name."""
    box = next((box for box, _ in all_boxes(known.layout) if box.name == state), None)
    if box is None:
        return element(
            "div",
            heading(visible(state), trail=trail(viewer, known)),
            empty("The choreography has no such state now. Look at its map for those that it has."),
            class_="ci-view",
        )
    here = known.state(state)
    ends = box.look in ("succeed", "fail")
    return element(
        "div",
        heading(
            visible(state),
            _LOOK_WORDS.get(box.look, ""),
            f": {visible(box.note)}" if box.note else "",
            trail=trail(viewer, known),
        ),
        figures(_figures(here, viewer, ends=ends)),
        None if ends else _waiters(known, here, viewer),
        None if ends and not here.spent.count else _spent(here, viewer),
        _ways(known, state, viewer),
        class_="ci-view",
    )


def _figures(here: StateKnown, viewer: Viewer, *, ends: bool) -> Iterator[tuple[str, Content]]:
    yield "entered", number(here.entered)
    if here.ended or ends:
        yield "ended here", number(here.ended)
    if ends:
        return
    yield "waiting now", at_least(here.waiting, uncounted=here.uncounted)
    yield "late", number(here.late)
    if here.overdue is not None:
        yield "overdue", number(here.overdue)
    if here.oldest is not None:
        yield "oldest wait", brief(viewer.clock.now - here.oldest)
    if here.spent.count:
        yield "median", brief(here.spent.median)
        yield "95th percentile", brief(here.spent.quantile(0.95))
        yield "longest", brief(here.spent.longest)
    if here.expected is not None:
        yield "target", brief(here.expected)


def _waiters(known: ChoreographyKnown, here: StateKnown, viewer: Viewer) -> Html:
    title = "Who waits here longest"
    if not here.waiting:
        return section(title, empty("Nobody waits here now."))
    now = viewer.clock.now
    rows = [
        (
            journey_link(viewer, known.name, one.entity, one.key),
            Cell(brief(now - one.since), now - one.since),
            judged(here, now - one.since) or "as usual",
            viewer.on_clock(one.since),
            visible(listed(one.accepts)) or "time to pass",
        )
        for one in here.longest
    ]
    shown = len(here.longest)
    note = f"{number(shown)} of {many(here.waiting, 'journey')} that wait." if shown < here.waiting else None
    columns = [Column("entity"), Column("waits", "number"), Column("which is"), Column("since"), Column("for")]
    return section(title, table(title, columns, rows), note=note)


def _spent(here: StateKnown, viewer: Viewer) -> Html:
    title = "Time spent here"
    spent = here.spent
    if not spent.count:
        return section(title, empty("No journey has left this state yet: how long a stay usually takes is not known."))
    waits = [viewer.clock.now - one.since for one in here.longest]
    late = "Whoever is here is done, and not late" if here.done else "A wait longer than 95 % of them is late"
    target = "" if here.expected is None else f" One longer than {span(here.expected)} is overdue."
    return section(
        title,
        distribution(here, waits),
        note=f"{many(spent.count, 'stay')}. Half took over {span(spent.median)}, one in twenty over "
        f"{span(spent.quantile(0.95))}, the longest {span(spent.longest)}. "
        f"{late}.{target}",
    )


_WIDTH, _HEIGHT, _FOOT = 720.0, 150.0, 42.0
_TICKS = (
    *(0.001, 0.01, 0.1, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800),
    *(3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000),
)
_BETWEEN_TICKS, _BESIDE_MARK = 44.0, 60.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """Places on an axis on which each step is as many times longer; from 10 to the power of *start* seconds."""

    start: float
    end: float

    def x(self, seconds: float) -> float:
        return _WIDTH * (log10(min(max(seconds, 10**self.start), 10**self.end)) - self.start) / (self.end - self.start)

    def ticks(self) -> Iterator[tuple[float, float]]:
        """Yield the spans to be written below the axis, and where."""
        last = -_BETWEEN_TICKS
        for tick in _TICKS:
            if 10**self.start <= tick <= 10**self.end and self.x(tick) - last >= _BETWEEN_TICKS:
                last = self.x(tick)
                yield tick, last


def distribution(here: StateKnown, waits: Iterable[float]) -> Html:
    """How long stays took, on a scale on which each step is as many times longer; *waits* of now are marked below."""
    spent = here.spent
    held = sorted(waits, reverse=True)
    low = min(spent.bounds(bucket)[0] for bucket in spent.counts)
    high = max([spent.bounds(bucket)[1] for bucket in spent.counts] + held + ([here.expected] if here.expected else []))
    start = log10(max(low, 0.001))
    scale = _Scale(start, max(log10(max(high, 0.002)), start + 0.5))
    median, most = span(spent.median), span(spent.quantile(0.95))
    return element(
        "figure",
        element(
            "svg",
            _bars(spent, scale),
            _marks(here, scale),
            _dots(here, scale, held[:100]),
            element("line", class_="ci-axis", x1="0", x2=f"{_WIDTH:.0f}", y1=f"{_HEIGHT:.0f}", y2=f"{_HEIGHT:.0f}"),
            (_text(brief(tick), x, _HEIGHT + 32, "middle") for tick, x in scale.ticks()),
            viewBox=f"-16 0 {_WIDTH + 32:.0f} {_HEIGHT + _FOOT:.0f}",
            role="img",
            aria_label=f"Distribution of {many(spent.count, 'stay')}: median {median}, 95th percentile {most}",
            class_="ci-distribution",
        ),
        element("figcaption", "Dots below the axis: those who wait now.") if held else None,
        class_="ci-figure-wide",
    )


def _bars(spent: Histogram, scale: _Scale) -> Iterator[Html]:
    most, late = max(spent.counts.values()), spent.quantile(0.95)
    for bucket, times in sorted(spent.counts.items()):
        lower, upper = spent.bounds(bucket)
        left, high = scale.x(lower), max(2.0, (_HEIGHT - 24) * times / most)
        yield element(
            "rect",
            class_="ci-bar ci-bar-late" if lower >= late else "ci-bar",
            x=f"{left:.1f}",
            y=f"{_HEIGHT - high:.1f}",
            width=f"{max(scale.x(upper) - left - 1, 2.0):.1f}",
            height=f"{high:.1f}",
            rx="1.5",
        )


def _marks(here: StateKnown, scale: _Scale) -> Iterator[Html]:
    marks = [("median", here.spent.median), ("95 %", here.spent.quantile(0.95))]
    if here.expected is not None:
        marks.append(("target", here.expected))
    named: list[float] = []
    for name, seconds in marks:
        x = scale.x(seconds)
        y = 11.0 + 12 * sum(abs(x - other) < _BESIDE_MARK for other in named)  # below what stands there already
        named.append(x)
        yield element("line", class_="ci-mark", x1=f"{x:.1f}", x2=f"{x:.1f}", y1="2", y2=f"{_HEIGHT:.0f}")
        yield _text(name, x - 4, y, "end") if x > _WIDTH - 60 else _text(name, x + 4, y, "start")


def _dots(here: StateKnown, scale: _Scale, held: Iterable[float]) -> Iterator[Html]:
    for seconds in held:
        look = "ci-dot ci-dot-late" if here.is_late(seconds) else "ci-dot"
        yield element("circle", class_=look, cx=f"{scale.x(seconds):.1f}", cy=f"{_HEIGHT + 9:.0f}", r="4")


def _text(text: str, x: float, y: float, anchor: str) -> Html:
    return element("text", text, class_="ci-small", x=f"{x:.1f}", y=f"{y:.0f}", text_anchor=anchor)


_BY = {TIMEOUT: "its time was over", ONWARD: "at once", ANY: "the last of its events", ENTRY: "entered"}


def _ways(known: ChoreographyKnown, state: str, viewer: Viewer) -> Html:
    scope = _scope_of(known.layout, state)
    arrows = [arrow for arrow, _ in scope.labels] if scope else []
    rows = [
        (
            "comes from" if arrow.target == state else "leads to",
            _other(known, arrow, state, viewer),
            _by(label),
            Cell(number(times_along(known, arrow, label)), times_along(known, arrow, label)),
        )
        for arrow in sorted(arrows, key=lambda one: one.target != state)
        if state in (arrow.origin, arrow.target)
        for label in arrow.labels
    ]
    columns = [Column("way"), Column("state"), Column("by"), Column("times", "number")]
    return section("Ways here and on", table("Ways here and on", columns, rows))


def _other(known: ChoreographyKnown, arrow: Arrow, state: str, viewer: Viewer) -> Content:
    other = arrow.origin if arrow.target == state else arrow.target
    if other == ANYTIME:
        return "(at any moment)"
    return "(begin)" if other.startswith(BEGIN) else state_link(viewer, known, other)


def _by(label: Label) -> str:
    text = visible(label.text) or _BY.get(label.event, visible(label.event))
    return f"{text} ({visible(label.condition)})" if label.condition else text


def _scope_of(layout: Layout, state: str) -> Layout | None:
    """The part of the picture in which the state lies."""
    if any(box.name == state for box, _ in layout.boxes):
        return layout
    inside = (lane for lanes in layout.lanes.values() for lane, _ in lanes)
    return next((found for lane in inside if (found := _scope_of(lane, state))), None)
