"""What views are made of: nothing that CloudWatch strips, that touches the page around them, or that is hostile."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from choreography_insights.console.sanitising import sanitised
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.report.gathering import Gathered
from choreography_insights.report.times import times_view
from choreography_insights.report.ways import ways_view
from choreography_insights.views.choreography_map import choreography_map
from choreography_insights.views.deviations import deviations_view
from choreography_insights.views.future import Future
from choreography_insights.views.histogram import Histogram
from choreography_insights.views.html import Attribute, Content, Html, element, joined
from choreography_insights.views.journey import journey_view
from choreography_insights.views.journeys import journeys_view
from choreography_insights.views.known import ChoreographyKnown, Period, StateKnown, StoryStep, Waiter
from choreography_insights.views.links import Place, ToState
from choreography_insights.views.overview import overview
from choreography_insights.views.parts import PAINTINGS, Viewer, judged
from choreography_insights.views.state import state_view
from choreography_insights.views.style import STYLE, sheet, themed
from choreography_insights.views.words import Clock
from demonstration.cars import recorded
from support.definitions import EXAMPLES, GOOD, name_of, read
from support.reported import HOSTILE, gathered
from support.seen import seen

CAR = next(folder for folder in EXAMPLES if folder.name == "car-dealer")


class Anchors:
    """Links to what is named as it is told."""

    def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
        return element("a", *content, href=f"#{type(place).__name__}", **attributes)

    def search(self) -> Html | None:
        return None


def viewer(known: ChoreographyKnown) -> Viewer:
    return Viewer(Clock(known.period.end if known.period else 0.0), Anchors())


@cache
def cars() -> Gathered:
    return gathered(read(CAR), recorded(150, entities=HOSTILE))


def without_targets(known: ChoreographyKnown) -> ChoreographyKnown:
    """Return the same, had nobody said how long a stay takes at most."""
    plain = {name: replace(state, expected=None, overdue=None) for name, state in known.states.items()}
    return replace(known, states=plain)


def all_views(found: Gathered) -> Iterator[tuple[str, Html]]:
    """Yield every view of all that is known, once."""
    known, looks = found.known, viewer(found.known)
    yield "overview", overview([known], looks)
    for painting, _, _ in PAINTINGS:
        yield painting, choreography_map(known, painting, looks)
    for box, _ in known.layout.boxes:
        if box.look != "begin":
            yield f"state {box.name}", state_view(known, box.name, looks)
    future = Future(known)
    for journey in found.journeys[:40]:
        yield f"journey {journey.key}", journey_view(known, journey, looks, future, name=f"journey-{journey.key}")
    yield "journeys", journeys_view(known, found.rows, looks)
    yield "ways", ways_view(known, found.ways, found.untold, looks)
    yield "times", times_view(known, found.times, looks)
    yield "deviations", deviations_view(known, looks)


def test_what_cloudwatch_strips_is_not_there() -> None:
    for name, view in all_views(cars()):
        whole = joined(sheet(), themed("dark", view)).text
        assert seen(sanitised(whole)).met == seen(whole).met, name


@pytest.mark.parametrize(
    "bad", ["<script>1</script>", "<iframe></iframe>", '<p onclick="1">a</p>', "<svg><use/></svg>"]
)
def test_the_sanitiser_does_strip(bad: str) -> None:
    assert seen(sanitised(bad)).met != seen(bad).met


@pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)
def test_a_map_of_which_nothing_is_known_is_whole_too(folder: Path) -> None:
    workflow = read(folder)
    known = ChoreographyKnown(workflow.name.text, layout(picture_of(workflow)))
    for painting, _, _ in PAINTINGS:
        text = choreography_map(known, painting, viewer(known)).text
        assert "ci-empty" in text
        assert seen(sanitised(text)).met == seen(text).met


def test_every_class_and_id_has_the_prefix_and_ids_are_not_taken_twice() -> None:
    for _, view in all_views(cars()):
        names = seen(view.text).names
        assert [name for name in names if not name.startswith("ci-")] == []
        ids = re.findall(r' id="([^"]*)"', view.text)
        assert len(ids) == len({*ids})
        assert {*re.findall(r"url\(#([^)]*)\)", view.text)} <= {*ids}


def test_no_rule_of_the_style_sheet_is_about_anything_but_views() -> None:
    rules = re.sub(r"@media[^{]*\{", "", STYLE)
    selectors = [one for found in re.findall(r"([^{}]+)\{[^{}]*\}", rules) for one in found.split(",")]
    bare = [one for one in selectors if not re.match(r"^\s*(\.ci-|\[class\*=ci-)", one)]
    assert len(selectors) > 100
    assert bare == []


def test_every_look_of_a_view_is_in_the_style_sheet() -> None:
    used = {name for _, view in all_views(cars()) for name in seen(view.text).names}
    markers = {name for name in used if re.search(r"-(taken-)?head$", name)}
    known = {*re.findall(r"\.(ci-[a-z0-9-]+)", STYLE)}
    plain = {"ci-plain", "ci-view", "ci-text", "ci-number", "ci-badge-count", "ci-painting-taken", "ci-paint-taken"}
    assert used - known - markers - plain == set()


def test_a_hostile_id_is_text_wherever_it_is_shown() -> None:
    text = "".join(view.text for _, view in all_views(cars()))
    assert "<img" not in text
    assert "<script" not in text
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;" in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert "line\N{SYMBOL FOR LINE FEED}break" in text


def test_every_state_is_a_place_on_the_picture_that_leads_on() -> None:
    known = cars().known
    asked: list[Place] = []

    class Noting(Anchors):
        def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
            if attributes.get("class_") == "ci-place":
                asked.append(place)
                assert "left:" in str(attributes["style"])
            return super().to(place, *content, **attributes)

    text = choreography_map(known, "waiting", replace(viewer(known), links=Noting())).text
    states = [box.name for box, _ in known.layout.boxes if box.look != "begin"]
    assert asked == [ToState(known.name, state) for state in states]
    assert re.search(r"<svg.*</svg>", text, re.DOTALL)
    assert "<a" not in "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))


def test_numbers_sit_on_the_picture() -> None:
    known = cars().known
    waiting = choreography_map(known, "waiting", viewer(known)).text
    state = known.states["OnSale"]
    assert f">{state.waiting}</text>" in waiting
    assert f"OnSale: {state.waiting} journeys here" in waiting
    taken = choreography_map(known, "taken", viewer(known)).text
    times = known.transitions["OnSale", "Car Reserved", "Reserved"]
    assert f">{times}</text>" in taken


def test_a_target_stands_beside_what_was_measured() -> None:
    aimed = cars().known
    known = without_targets(aimed)
    assert ">target</th>" in choreography_map(aimed, "time", viewer(aimed)).text
    assert ">target</text>" in state_view(aimed, "Sold", viewer(aimed)).text
    assert "target" not in choreography_map(known, "time", viewer(known)).text
    assert "target" not in state_view(known, "Sold", viewer(known)).text


def test_who_waits_longer_than_95_percent_did_is_late() -> None:
    spent = Histogram()
    spent.add(10.0, 100)
    waiters = (Waiter("slow", 0.0, ("Paid",)), Waiter("new", 995.0, ("Paid",)))
    known = cars().known
    state = StateKnown("OnSale", waiting=2, oldest=0.0, late=1, spent=spent, longest=waiters)
    here = replace(known, states={"OnSale": state}, period=Period(0.0, 1_000.0))
    text = state_view(here, "OnSale", Viewer(Clock(1_000.0), Anchors())).text
    rows = re.findall(r"<tr>.*?</tr>", text)
    assert ["late" in row for row in rows if "slow" in row or "new" in row] == [True, False]


def expecting(known: ChoreographyKnown) -> ChoreographyKnown:
    """Return a choreography of which one waits in OnSale for longer than a target, and one does not."""
    waiters = (Waiter("slow", 0.0, ("Paid",)), Waiter("new", 995.0, ("Paid",)))
    state = StateKnown("OnSale", waiting=2, oldest=0.0, expected=300.0, overdue=1, longest=waiters)
    return replace(known, states={**known.states, "OnSale": state}, period=Period(0.0, 1_000.0), overdue=3)


def test_who_waits_longer_than_the_target_is_overdue() -> None:
    known = expecting(cars().known)
    looks = Viewer(Clock(1_000.0), Anchors())
    text = state_view(known, "OnSale", looks).text
    assert "<dt>overdue</dt><dd>1</dd>" in text
    rows = re.findall(r"<tr>.*?</tr>", text)
    assert ["overdue" in row for row in rows if "slow" in row or "new" in row] == [True, False]
    plain = without_targets(cars().known)
    assert "overdue" not in state_view(plain, "OnSale", viewer(plain)).text


def test_a_stay_may_be_late_and_overdue() -> None:
    spent = Histogram()
    spent.add(10.0, 100)
    state = StateKnown("OnSale", spent=spent, expected=20.0)
    told = [judged(state, seconds) for seconds in (5.0, 15.0, 25.0)]
    assert [one and one.text for one in told] == [
        None,
        '<span class="ci-late">late</span>',
        '<span class="ci-late">late and overdue</span>',
    ]
    assert state.is_overdue(20.0) is False


def test_the_map_says_how_many_are_overdue_where_there_is_a_target() -> None:
    known = expecting(cars().known)
    text = choreography_map(known, "waiting", Viewer(Clock(1_000.0), Anchors())).text
    assert "OnSale: 2 journeys here, 1 overdue" in text
    heads = re.findall(r"<th[^>]*>([^<]*)</th>", text)
    assert heads == ["state", "waiting", "late", "overdue", "oldest"]
    rows = [re.findall(r"<t[dh].*?</t[dh]>", row) for row in re.findall(r"<tr>.*?</tr>", text) if "<td" in row]
    assert {len(row) for row in rows} == {5}
    plain = without_targets(cars().known)
    assert "overdue" not in choreography_map(plain, "waiting", viewer(plain)).text


def test_the_overview_says_how_many_journeys_are_overdue_where_there_is_a_target() -> None:
    known = cars().known
    assert ">overdue</dt>" not in overview([known], viewer(known)).text
    text = overview([expecting(known)], viewer(known)).text
    assert re.search(r"<dt>overdue</dt><dd><a[^>]*>3</a></dd>", text)


def test_a_journey_shows_its_stays_beside_their_targets() -> None:
    found = cars()
    (journey, *_) = (one for one in found.journeys if one.waits and one.state == "OnSale")
    known = replace(found.known, states={"OnSale": StateKnown("OnSale", expected=1.0)})
    text = journey_view(known, journey, viewer(found.known), Future(known), name="it").text
    assert '<span class="ci-late">overdue</span></small>' in text
    assert "not known; target 1\N{NARROW NO-BREAK SPACE}s" in text
    plain = without_targets(known)
    assert "overdue" not in journey_view(plain, journey, viewer(found.known), Future(known), name="it").text


def test_an_event_that_came_again_says_how_often_and_when_last() -> None:
    found = cars()
    first, *others = found.journeys[0].story
    assert first.what == "began"
    now = viewer(found.known)
    once, often = replace(first, repeats=1), replace(first, repeats=1_000, repeated=now.clock.now)
    tag = '<span class="ci-tag ci-tag-repeated">{}</span>'

    def text(one: StoryStep) -> str:
        journey = replace(found.journeys[0], story=(one, *others))
        return journey_view(found.known, journey, now, Future(found.known), name="it").text

    assert "came again" not in text(first)
    assert tag.format("came again") in text(once)
    assert tag.format("came again 1,000 times") in text(often)
    assert f"<small>last came again {now.clock.moment(now.clock.now)}</small>" in text(often)


def test_an_older_definition_is_drawn_and_said() -> None:
    found = cars()
    order = next(folder for folder in EXAMPLES if folder.name == "order")
    older = layout(picture_of(read(order)))
    journey = replace(found.journeys[0], layout=older)
    text = journey_view(found.known, journey, viewer(found.known), Future(found.known), name="it").text
    assert "older definition" in text
    assert "WaitForConfirmation" in text


def test_a_state_that_is_gone_says_so() -> None:
    known = cars().known
    assert "has no such state now" in state_view(known, "Gone", viewer(known)).text


def test_without_a_choreography_the_overview_says_what_to_do() -> None:
    assert "There is no choreography yet" in overview([], Viewer(Clock(0.0), Anchors())).text
