"""The report as one HTML file: all views, one below the other; a script shows them one at a time."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

from choreography_insights.analysis.comparison import Comparison
from choreography_insights.report.differing import differing_view
from choreography_insights.report.gathering import Gathered
from choreography_insights.report.mending import Mending, mending_view
from choreography_insights.report.timeline import Timeline
from choreography_insights.report.times import times_view
from choreography_insights.report.ways import ways_view
from choreography_insights.views.choreography_map import choreography_map
from choreography_insights.views.deviations import deviations_view
from choreography_insights.views.future import Future
from choreography_insights.views.html import (
    Attribute,
    Content,
    Html,
    element,
    joined,
    json_text,
    own_markup,
    style_sheet,
)
from choreography_insights.views.journey import journey_view
from choreography_insights.views.journeys import journeys_view
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.layout import Layout, Line, Point, all_boxes
from choreography_insights.views.links import (
    Place,
    ToDeviations,
    ToJourney,
    ToJourneys,
    ToMap,
    ToOverview,
    ToState,
)
from choreography_insights.views.overview import overview
from choreography_insights.views.parts import PAINTINGS, Viewer
from choreography_insights.views.picture import ANY, Arrow
from choreography_insights.views.state import state_view
from choreography_insights.views.style import STYLE
from choreography_insights.views.svg import way_of
from choreography_insights.views.trace import Transition
from choreography_insights.views.words import Clock, many, number

_SCRIPT = Path(__file__).with_name("report.js")
_LOOKS = Path(__file__).with_name("report.css")

PAGE_BYTES, STORIES_BYTES = 4_900_000, 2_600_000
"""So much room the page has, and of it at most the journeys that are told in full."""

_PICTURES_SHARE = 0.6
"""The part of that room in which journeys are told with their picture."""


@dataclass(slots=True)
class Anchors:
    """Links within the page."""

    states: Mapping[str, int]
    journeys: set[str] = field(default_factory=set)

    def name_of(self, place: Place) -> str | None:
        """Return the id of the section that shows *place*; None if there is none."""
        match place:
            case ToOverview():
                return "overview"
            case ToMap(painting=painting):
                return f"map-{painting}"
            case ToState(state=state):
                return f"state-{self.states[state]}" if state in self.states else None
            case ToJourney(key=key):
                return f"journey-{key}" if key in self.journeys else None
            case ToJourneys():
                return "journeys"
            case ToDeviations():
                return "deviations"

    def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
        """Return a link to *place*."""
        name = self.name_of(place)
        return joined(content) if name is None else element("a", *content, href=f"#{name}", **attributes)

    def search(self) -> Html | None:
        """Return nothing: the script puts a field where there is a list."""
        return None


@dataclass(frozen=True, slots=True)
class _More:
    """What is shown where it was asked for."""

    mending: Mending | None
    comparison: Comparison | None

    @property
    def links(self) -> list[tuple[str, str]]:
        """The sections that there are, each with its words."""
        found = [("mending", "What would mend it")] if self.mending else []
        return [*found, ("differing", "What differs")] if self.comparison else found


def page(gathered: Gathered, clock: Clock, mending: Mending | None = None, comparison: Comparison | None = None) -> str:
    """Return the text of the file; *mending*: what would mend it, *comparison*: what differs, where that is shown."""
    more = _More(mending, comparison)
    known = gathered.known
    states = [box.name for box, _ in all_boxes(known.layout) if not box.inside]
    anchors = Anchors({state: position for position, state in enumerate(states, 1)})
    viewer = Viewer(clock, anchors)
    script, looks = _SCRIPT.read_text(encoding="utf-8"), _LOOKS.read_text(encoding="utf-8")
    played = _data(_played(gathered, clock))
    anchors.journeys.update(journey.key for journey in gathered.journeys)  # as if there were room for all
    others = [*_views(gathered, viewer, anchors, len(gathered.journeys), more), played]
    taken = sum(len(part.text.encode()) for part in others) + len(STYLE) + len(looks) + len(script)
    stories = [*_stories(gathered, viewer, min(STORIES_BYTES, PAGE_BYTES - taken))]
    anchors.journeys.clear()
    anchors.journeys.update(key for key, _ in stories)
    body = joined(
        _banner(known, viewer, more),
        element(
            "main",
            _views(gathered, viewer, anchors, len(stories), more),
            (_section(f"journey-{key}", f"Journey {key}", view) for key, view in stories),
            id="ci-main",
        ),
        element("footer", _about(gathered), class_="ci-foot"),
    )
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'; base-uri 'none'; "
        "form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{known.name}: report"),
        style_sheet(STYLE + looks),
    )
    document = element(
        "html",
        head,
        element(
            "body",
            body,
            played,
            own_markup(f"<script>{script}</script>"),
            class_="ci-root ci-auto ci-report",
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{document}\n"


def _section(name: str, label: str, view: Html) -> Html:
    return element("section", view, "\n", id=name, class_="ci-part", aria_label=label)


def _views(gathered: Gathered, viewer: Viewer, anchors: Anchors, told: int, more: _More) -> Iterator[Html]:
    """Yield all views but those of journeys, of which *told* are in the page."""
    known = gathered.known
    yield _section("overview", "Overview", overview([known], viewer))
    for painting, title, _ in PAINTINGS:
        name = f"map-{painting}"
        yield _section(name, title, choreography_map(known, painting, viewer, name=name))
    note = _left_out(gathered, told)
    yield _section("journeys", "Journeys", journeys_view(known, gathered.rows, viewer, note=note))
    yield _section("ways", "Ways", ways_view(known, gathered.ways, gathered.untold, viewer))
    yield _section("times", "Time", times_view(known, gathered.times, viewer))
    yield _section("deviations", "What moved nothing", deviations_view(known, viewer))
    if more.mending is not None:
        yield _section("mending", "What would mend it", mending_view(known, more.mending, viewer))
    if more.comparison is not None:
        keys = {journey.entity: journey.key for journey in reversed(gathered.journeys)}
        yield _section("differing", "What differs", differing_view(known, more.comparison, keys, viewer))
    for state, position in anchors.states.items():
        yield _section(f"state-{position}", f"State {state}", state_view(known, state, viewer))


def _stories(gathered: Gathered, viewer: Viewer, most: int) -> Iterator[tuple[str, Html]]:
    """Yield the journeys' views, as many as there is room for; the first of them with pictures."""
    future = Future(gathered.known)
    room = most
    for journey in gathered.journeys:
        drawn = room > most * (1 - _PICTURES_SHARE)
        view = journey_view(gathered.known, journey, viewer, future, name=f"journey-{journey.key}", drawn=drawn)
        room -= len(view.text.encode())
        if room < 0:
            return
        yield journey.key, view


def _banner(known: ChoreographyKnown, viewer: Viewer, more: _More) -> Html:
    links = viewer.links
    places: list[tuple[Place, str]] = [
        (ToOverview(), "Overview"),
        (ToMap(known.name), "Map"),
        (ToJourneys(known.name), "Journeys"),
    ]
    own = [
        element("a", words, href=f"#{name}", class_="ci-link") for name, words in (("ways", "Ways"), ("times", "Time"))
    ]
    return element(
        "header",
        element("h1", known.name, class_="ci-name"),
        element(
            "nav",
            [links.to(place, words, class_="ci-link") for place, words in places],
            own,
            links.to(ToDeviations(known.name), "What moved nothing", class_="ci-link"),
            [element("a", words, href=f"#{name}", class_="ci-link") for name, words in more.links],
            aria_label="Views",
            class_="ci-views",
        ),
        class_="ci-banner",
    )


def _left_out(gathered: Gathered, told: int) -> str:
    started, listed = gathered.known.started, len(gathered.rows)
    if told == started:
        return "Each has its story in this page."
    rows = "" if listed == started else f" {number(listed)} are in the list; the others only count in the numbers."
    return (
        f"Of {many(started, 'journey')} {number(told)} have their story in this page: those with deviations, those "
        f"that wait longest, the slowest, and some of each way.{rows}"
    )


def _about(gathered: Gathered) -> str:
    summary = gathered.summary
    out = [
        many(times, what, what)
        for times, what in (
            (summary.repeated, "delivered again"),
            (summary.unheard, "of others"),
            (summary.retired, "retired"),
            (summary.unusable, "unusable"),
        )
        if times
    ]
    left = f" Left out: {', '.join(out)}." if out else ""
    made = f"Made from {many(summary.events, 'event')} by choreography report."
    return f"{made} Now is when the last of them happened.{left}"


# ---- what the script plays --------


def _data(value: Mapping[str, Any]) -> Html:
    return own_markup(f'<script type="application/json" id="ci-played">{json_text(value)}</script>')


def _played(gathered: Gathered, clock: Clock) -> Mapping[str, Any]:
    """Return how many were in each state at the end of each step of time, and how many took each way in it."""
    layout, occupied, taken = gathered.known.layout, gathered.occupied, gathered.taken
    step = max(occupied.step, taken.step)
    start = min(occupied.start, taken.start) // step * step
    count = max(_end(occupied, step, start), _end(taken, step, start))
    held = _by_key(occupied, step, start, count)
    ways = _by_key(taken, step, start, count)
    boxes = [
        {"x": round(place.x + place.width, 1), "y": round(place.y, 1), "n": [*accumulate(held[box.name])]}
        for box, place in all_boxes(layout)
        if box.name in held
    ]
    return {
        "times": [clock.moment(min(start + step * (position + 1), clock.now)) for position in range(count)],
        "boxes": boxes,
        "ways": [*_ways(layout, ways, (0.0, 0.0))],
    }


def _end(timeline: Timeline[Any], step: int, start: int) -> int:
    steps = len(timeline.steps())
    return -(-(timeline.start + steps * timeline.step - start) // step) if steps else 0


def _by_key(timeline: Timeline[Any], step: int, start: int, count: int) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * count)
    for position, sums in enumerate(timeline.steps()):
        here = (timeline.start + position * timeline.step - start) // step
        for key, times in sums.items():
            found[key][here] += times
    return dict(found)


def _ways(layout: Layout, ways: Mapping[Transition, list[int]], at: Point) -> Iterator[Mapping[str, Any]]:
    """Yield each arrow that was taken: where it goes, and how often it was taken in which step."""
    for arrow, _ in layout.labels:
        times = _times(arrow, ways)
        if times:
            yield {"d": [*_strokes(layout, arrow, at)], "n": {str(place): one for place, one in times.items()}}
    for lanes in layout.lanes.values():
        for lane, (x, y) in lanes:
            yield from _ways(lane, ways, (at[0] + x, at[1] + y))


def _times(arrow: Arrow, ways: Mapping[Transition, list[int]]) -> Mapping[int, int]:
    found: dict[int, int] = {}
    events = {label.event for label in arrow.labels}
    for (origin, event, target), times in ways.items():
        if (origin, target) == (arrow.origin, arrow.target) and (event in events or ANY in events):
            for position, number_ in enumerate(times):
                if number_:
                    found[position] = found.get(position, 0) + number_
    return found


def _strokes(layout: Layout, arrow: Arrow, at: Point) -> Iterable[str]:
    """Yield the pieces of *arrow*, from its origin to its target."""
    own = [line for line in layout.lines if line.arrow is arrow or line.arrow == arrow]
    for line in sorted(own, key=lambda line: line.has_head or line.into is not None):
        here: Line | None = line
        while here is not None:
            yield way_of(_moved(here, at))
            here = layout.lines[here.into] if here.into is not None else None


def _moved(line: Line, at: Point) -> Line:
    points = tuple((x + at[0], y + at[1]) for x, y in line.points)
    return Line(line.arrow, points, line.has_head, line.into)
