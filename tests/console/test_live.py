"""The console of the deployed function, which reads a table, in a real browser: from the overview to an event."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from choreography_insights.console.function import deployed as deployed_function
from choreography_insights.console.server import Server
from choreography_insights.views.words import visible
from console.live import CHOREOGRAPHY, FUNCTION, deployed
from support.browser import PATIENCE_MILLISECONDS, barriers, browser, missing_axe, missing_browser
from support.reported import HOSTILE

pytestmark = pytest.mark.skipif(missing_browser() is not None, reason=missing_browser() or "")

WIDE, MIDDLE, NARROW = (1440, 900), (1000, 700), (400, 800)
TITLE = "#cwdb-widget .ci-title"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A console as `choreography console` makes it."""
    with deployed() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        console = Server(deployed_function(FUNCTION, profile=None, region=None), 0)
        console.start()
        yield console
        console.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A page of the console in which whatever the browser complains of fails the test."""
    context = chromium.new_context(viewport={"width": 1000, "height": 700})
    yield entered(context, server)
    context.close()


def entered(context: BrowserContext, server: Server) -> Page:
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()

    def refuse(what: object) -> None:
        raise AssertionError(str(what))

    page.on("pageerror", refuse)
    page.on("console", lambda message: refuse(message.text))
    page.on("dialog", lambda dialog: refuse(dialog.message))
    page.on("request", lambda request: None if request.url.startswith(server.url) else refuse(request.url))
    page.goto(server.entrance)
    return page


def address(server: Server, **params: str) -> str:
    return f"{server.url}/?{urlencode(params)}"


def of_car_dealer(view: str, **params: str) -> dict[str, str]:
    return {"view": view, "choreography": CHOREOGRAPHY, **params}


PICTURES = [of_car_dealer("map"), of_car_dealer("journey", journey="car-6")]
OTHERS = [
    {},
    *(of_car_dealer("map", painting=painting) for painting in ("time", "taken", "departs")),
    of_car_dealer("state", state="InPreparation"),
    of_car_dealer("journeys"),
    of_car_dealer("deviations"),
    {"view": "find", "forms": '{"entity": "nobody"}'},
    {"view": "map", "choreography": "unknown"},
]


@pytest.mark.skipif(missing_axe() is not None, reason=missing_axe() or "")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible_and_fits_at_every_size(chromium: Browser, server: Server, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = entered(context, server)
    whole = (
        WIDE if scheme == "dark" else NARROW
    )  # where all views are looked at for barriers; pictures fit at all sizes
    for width, height in (WIDE, MIDDLE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()  # which tells the console of the size
        for params in PICTURES + (OTHERS if (width, height) == whole else []):
            page.goto(address(server, **params))
            expect(page.locator(f".ci-{scheme} .ci-title")).to_be_visible()
            if (width, height) == whole:
                assert barriers(page) == [], (params, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (params, width)
            assert page.locator(".console-problems").count() == 0, params
    context.close()


def follow(page: Page, words: str, heading: str) -> None:
    """Tab to the first link of the widget that says *words*, or is the number of them, and press Enter."""
    page.locator("#cwdb-widget").focus()
    for _ in range(150):
        page.keyboard.press("Tab")
        met: str = page.evaluate(
            """() => {
                const here = document.activeElement;
                if (!here.matches('#cwdb-widget a')) return '';
                return `${here.closest('.ci-figure')?.querySelector('dt')?.textContent || ''} ${here.textContent}`;
            }"""
        )
        if words in met:
            page.keyboard.press("Enter")
            expect(page.locator(TITLE)).to_contain_text(heading)
            return
    raise AssertionError(f"no link says {words!r}")


def test_one_goes_from_the_overview_to_an_event_by_keyboard_and_back_by_the_browser(page: Page) -> None:
    expect(page.locator(TITLE)).to_have_text("Overview")
    follow(page, "running now", CHOREOGRAPHY)
    follow(page, "OnSale: 1 journey here", "OnSale")
    follow(page, "car-6", "Journey of car-6")
    expect(page.locator("table", has_text="Car Published").get_by_text("Car Announced")).to_be_visible()
    expect(page.get_by_text("What it waits for")).to_be_visible()
    for heading in ("OnSale", CHOREOGRAPHY, "Overview"):
        page.go_back()
        expect(page.locator(TITLE)).to_have_text(heading)
    page.go_forward()
    expect(page.locator(TITLE)).to_have_text(CHOREOGRAPHY)
    page.reload()
    expect(page.locator(TITLE)).to_have_text(CHOREOGRAPHY)


def test_the_map_says_how_many_wait_in_each_state(page: Page, server: Server) -> None:
    page.goto(address(server, **of_car_dealer("map")))
    told = {
        str(place.get_attribute("title")).partition(":")[0]: str(place.get_attribute("title"))
        for place in page.locator(".ci-place").all()
    }
    waiting = {state: int(words.split()[1]) for state, words in told.items() if "here" in words}
    hostile_ones = len(HOSTILE[::2])
    assert waiting == {
        "Announced": 1 + hostile_ones,
        "InPreparation": 3,
        "ReadyForSale": 1,
        "OnSale": 1,
        "Reserved": 1,
        "Sold": 2,
    }


def test_what_is_typed_leads_to_the_journey_or_says_what_to_do(page: Page) -> None:
    field = page.get_by_label("Entity id")
    field.fill("car-3")
    field.press("Enter")
    expect(page.locator(TITLE)).to_have_text("Journey of car-3")
    page.go_back()
    field.fill("car-33")
    page.get_by_text("Find", exact=True).click()
    expect(page.locator(TITLE)).to_have_text("Nothing of car-33")
    expect(field).to_have_value("car-33")
    expect(page.get_by_text("No choreography has a journey of this entity.")).to_be_visible()


def test_a_hostile_id_is_text_wherever_it_leads(page: Page, server: Server) -> None:
    page.goto(address(server, **of_car_dealer("journeys")))
    shown = {text.strip() for text in page.locator("tbody bdi").all_inner_texts()}
    assert {visible(one) for one in HOSTILE} <= shown
    links = [
        (entity, page.locator("tbody a", has=page.locator("bdi").get_by_text(visible(entity), exact=True)))
        for entity in HOSTILE
    ]
    for entity, address_of_it in [(entity, str(link.first.get_attribute("href"))) for entity, link in links]:
        page.goto(server.url + address_of_it)
        expect(page.locator(f"{TITLE} bdi")).to_have_text(visible(entity))
        assert page.locator("#cwdb-widget img, #cwdb-widget script").count() == 0
