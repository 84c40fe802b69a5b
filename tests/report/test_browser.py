"""The report in a real browser: accessible, whole without a script, and nothing in it does harm."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from choreography_insights.project.definitions import load_workflow
from choreography_insights.report.gathering import Gathered
from choreography_insights.report.page import page as written
from choreography_insights.views.words import Clock, visible
from demonstration.cars import recorded
from support.browser import barriers, missing_axe, missing_browser
from support.browser import browser as started
from support.definitions import EXAMPLES, read
from support.reported import HOSTILE, comparison, gathered, mending

MISSING = missing_browser()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=MISSING or "")

CAR = next(folder for folder in EXAMPLES if folder.name == "car-dealer")
SIZES = [(1440, 900), (1000, 700), (400, 800)]


@pytest.fixture(scope="module")
def found() -> Gathered:
    """What is known of some journeys, those with hostile ids among them."""
    return gathered(read(CAR), recorded(40, entities=HOSTILE))


@pytest.fixture(scope="module")
def file(found: Gathered, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of their report."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert found.known.period
    mended = mending(CAR, recorded(40, entities=HOSTILE))
    assert mended.suggested
    text = (CAR / "workflow.yaml").read_text("utf-8")
    older = load_workflow(text.replace("Car Unpublished: ReadyForSale", "Car Sold: Sold"), "workflow.yaml")
    compared = comparison(read(CAR), older, list(recorded(40, entities=HOSTILE)))
    assert {change.fares for change in compared.changes} >= {"worse", "better"}
    slower = [replace(pace, changed="slower") for pace in compared.paces[:2]]
    compared = replace(compared, paces=(*slower, *compared.paces[2:]))
    path.write_text(written(found, Clock(found.known.period.end), mended, compared), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests here."""
    with started() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which a complaint of the browser fails the test, and from which no request leaves."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    yield watched(context)
    context.close()


def watched(context: BrowserContext) -> Page:
    page = context.new_page()

    def refuse(what: object) -> None:
        raise AssertionError(str(what))

    page.on("pageerror", refuse)
    page.on("console", lambda message: refuse(message.text))
    page.on("dialog", lambda dialog: refuse(dialog.message))
    page.on("request", lambda request: None if request.url.startswith("file:") else refuse(request.url))
    return page


def views(found: Gathered) -> list[str]:
    """Return the ids of one of each view, and of a journey of each status."""
    journeys = {journey.status: f"journey-{journey.key}" for journey in reversed(found.journeys)}
    maps = [f"map-{painting}" for painting in ("waiting", "time", "taken", "departs")]
    return [
        "overview",
        *maps,
        "journeys",
        "ways",
        "times",
        "deviations",
        "mending",
        "differing",
        "state-4",
        "state-8",
        *journeys.values(),
    ]


def violations(page: Page) -> list[str]:
    """Return what keeps people out of the page; what is hidden is taken out meanwhile, for axe takes its time."""
    page.evaluate(
        """() => {
            window.main = document.querySelector('main');
            window.parts = [...main.children];
            main.replaceChildren(...parts.filter(one => !one.hidden));
        }"""
    )
    found = barriers(page)
    page.evaluate("main.replaceChildren(...parts)")
    return found


@pytest.mark.skipif(missing_axe() is not None, reason=missing_axe() or "")
@pytest.mark.parametrize(("scheme", "size"), [("light", SIZES[0]), ("dark", SIZES[-1])])
def test_every_view_is_accessible_in_each_scheme_on_the_widest_and_the_narrowest_screen(
    browser: Browser, file: str, found: Gathered, scheme: Any, size: tuple[int, int]
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    page = watched(context)
    page.goto(file)
    for view in views(found):
        page.evaluate(f"location.hash = '{view}'")
        expect(page.locator(f"#{view}")).to_be_visible()
        assert violations(page) == [], view
    context.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_view_fits_at_every_size(page: Page, file: str, found: Gathered, width: int, height: int) -> None:
    page.goto(file)
    page.set_viewport_size({"width": width, "height": height})
    for view in views(found):
        page.evaluate(f"location.hash = '{view}'")
        expect(page.locator(f"#{view}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_each_place_of_the_picture_lies_on_its_box(page: Page, file: str) -> None:
    page.goto(f"{file}#map-waiting")
    pairs = page.evaluate(
        """() => [...document.querySelectorAll('#map-waiting .ci-place')].map(place => {
            const name = place.title.split(':')[0];
            const text = [...document.querySelectorAll('#map-waiting .ci-svg g > text:not(.ci-small)')]
                .find(one => one.textContent === name);
            const box = text.parentElement.querySelector('rect');
            const edges = one => ['left', 'top', 'right', 'bottom'].map(edge => one.getBoundingClientRect()[edge]);
            return [edges(place), edges(box)];
        })"""
    )
    assert len(pairs) == 9
    for laid, drawn in pairs:
        assert laid == pytest.approx(drawn, abs=2.0)


def test_one_goes_from_the_overview_to_an_event_by_keyboard_and_back_by_the_browser(page: Page, file: str) -> None:
    page.goto(file)
    follow(page, "#overview", "running now", heading="car-dealer")
    follow(page, "#map-waiting", "OnSale: ", heading="OnSale")
    follow(page, ".ci-part:not([hidden])", "car-0", heading="Journey of car-")
    expect(page.get_by_text("Car Announced").locator("visible=true").first).to_be_visible()
    expect(page.locator("[data-list]").locator("visible=true")).to_have_count(0)
    page.go_back()
    expect(page.locator("h2:visible")).to_have_text("OnSale")
    page.go_back()
    expect(page.locator("h2:visible")).to_have_text("car-dealer")
    page.go_back()
    expect(page.locator("h2:visible")).to_have_text("Overview")


def follow(page: Page, where: str, words: str, *, heading: str) -> None:
    """Tab to the first link in *where* that says *words* (or is the number of them), and press Enter."""
    for _ in range(200):
        page.keyboard.press("Tab")
        met: str = page.evaluate(
            """where => {
                const here = document.activeElement;
                if (!here.matches('a') || !here.closest(where)) return '';
                const name = here.closest('.ci-figure')?.querySelector('dt')?.textContent || '';
                return name + ' ' + here.textContent;
            }""",
            where,
        )
        if words in met:
            page.keyboard.press("Enter")
            expect(page.locator("h2:visible")).to_contain_text(heading)
            return
    raise AssertionError(f"no link says {words!r} in {where}")


def test_a_hostile_id_is_shown_as_text_everywhere(page: Page, file: str, found: Gathered) -> None:
    page.goto(f"{file}#journeys")
    shown = {text.strip() for text in page.locator("#journeys tbody bdi").all_inner_texts()}
    assert {visible(one) for one in HOSTILE} <= shown
    told = 0
    for journey in found.journeys:
        if journey.entity in HOSTILE and page.locator(f"#journey-{journey.key}").count():
            page.evaluate(f"location.hash = 'journey-{journey.key}'")
            expect(page.locator("h2:visible bdi")).to_have_text(visible(journey.entity))
            told += 1
    assert told == len(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2


def test_the_list_is_filtered_and_sorted(page: Page, file: str, found: Gathered) -> None:
    page.goto(f"{file}#journeys")
    rows = page.locator("#journeys [data-list] tbody tr:visible")
    expect(rows).to_have_count(len(found.rows))
    page.get_by_label("Entity id").fill("car-000")
    expect(rows).to_have_count(sum("car-000" in row.entity for row in found.rows))
    page.get_by_label("Outcome").select_option("RUNNING")
    expect(rows).to_have_count(sum("car-000" in row.entity and row.status == "RUNNING" for row in found.rows))
    page.get_by_label("Entity id").fill("")
    page.get_by_label("Outcome").select_option("")
    took = page.locator("#journeys [data-list] .ci-sort", has_text="took")
    for ways in (True, False):
        took.click()
        keys = [float(str(cell.get_attribute("data-key"))) for cell in rows.locator("td:nth-child(5)").all()]
        assert keys == sorted(keys, reverse=ways)


def test_the_slider_plays_the_journeys_over_the_picture(page: Page, file: str, found: Gathered) -> None:
    page.goto(f"{file}#map-waiting")
    slider = page.get_by_role("slider", name="Time")
    shown = "[...document.querySelectorAll('.ci-film .ci-badge:not([display=none])')]"
    total = f"{shown}.reduce((sum, one) => sum + Number(one.textContent), 0)"
    before = found.known.started
    middle = int(str(slider.get_attribute("max"))) // 2
    slider.fill(str(middle))
    assert 0 < page.evaluate(total) < before
    played = json.loads(page.locator("#ci-played").text_content() or "")
    assert page.evaluate(total) == sum(box["n"][middle] for box in played["boxes"])
    assert page.locator("output").inner_text() == played["times"][middle]
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".ci-film .ci-moving").first).to_be_attached()
    page.get_by_role("button", name="Pause").click()
    slider.fill(str(slider.get_attribute("max")))
    expect(page.locator(".ci-film")).to_have_count(0)


def test_without_a_script_the_page_is_complete(browser: Browser, file: str, found: Gathered) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file)
    for view in views(found):
        expect(page.locator(f"#{view}")).to_be_visible()
    targets = [link.get_attribute("href") for link in page.locator("#overview a, .ci-banner a, #map-waiting a").all()]
    assert targets
    for target in {str(one) for one in targets}:
        assert page.locator(target).count() == 1, target
    context.close()


def test_the_policy_lets_nothing_but_the_own_script_run(browser: Browser, file: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(file)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    refused = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener('securitypolicyviolation', event => done(event.violatedDirective));
            const other = document.createElement('script');
            other.textContent = 'window.ran = true';
            document.body.append(other);
        })"""
    )
    assert refused == "script-src-elem"
    assert page.evaluate("window.ran") is None
    context.close()
