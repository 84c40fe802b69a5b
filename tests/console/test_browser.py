"""The console in a real browser, with a sample widget."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect

from choreography_insights.console.function import Function
from choreography_insights.console.server import Server
from choreography_insights.console.trouble import Trouble
from console.hostile import HOSTILE as HOSTILE_HTML
from console.sample_widget import HOSTILE, SampleWidget
from support.browser import PATIENCE_MILLISECONDS, barriers, browser, missing_axe, missing_browser

pytestmark = pytest.mark.skipif(missing_browser() is not None, reason=missing_browser() or "")

ONION = HOSTILE[0]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@dataclass
class Console:
    """A console and a browser that has entered it."""

    server: Server
    widget: SampleWidget
    context: BrowserContext
    page: Page
    answer: Callable[[Mapping[str, Any]], Any] | None = None
    """Stands in for the sample widget."""

    @property
    def last(self) -> Any:
        return self.widget.events[-1]

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.server.url + path)
        return self.page

    def see(self, heading: str) -> None:
        expect(self.page.locator("#cwdb-widget h1:visible")).to_have_text(heading)

    def refresh(self) -> None:
        with self.page.expect_response(re.compile("/widget")):
            self.page.click("#console-refresh")
        self.page.wait_for_function("document.querySelector('#console-banner').hidden")


Open = Callable[..., Console]


@pytest.fixture
def enter(chromium: Browser) -> Iterator[Open]:
    """Make a console, and a browser with the settings given that has entered it."""
    made: list[Console] = []

    def entered(**settings: Any) -> Console:
        widget = SampleWidget()

        def call(event: Mapping[str, Any]) -> Any:
            return (console.answer or widget)(event)

        server = Server(Function("shop-insights", "eu-west-1", call), 0)
        context = chromium.new_context(**{"viewport": {"width": 1100, "height": 700}, **settings})
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        console = Console(server, widget, context, context.new_page())
        server.start()
        made.append(console)
        console.page.goto(server.entrance)
        return console

    yield entered
    for console in made:
        console.context.close()
        console.server.end()


def test_one_drills_down_and_goes_back(enter: Open) -> None:
    console = enter()
    page = console.page
    console.see("Journeys")
    page.click("[aria-label='Placed, 12 journeys']")
    console.see("Waiting in Placed")
    page.get_by_role("link", name=ONION).click()
    console.see("Journey")
    expect(page.locator(".ci-entity")).to_have_text(ONION)
    page.go_back()
    console.see("Waiting in Placed")
    page.go_back()
    console.see("Journeys")
    page.go_forward()
    console.see("Waiting in Placed")


def test_an_address_shows_the_same_again(enter: Open) -> None:
    console = enter()
    page = console.page
    page.get_by_role("link", name="Paid", exact=True).click()
    console.see("Waiting in Paid")
    page.reload()
    console.see("Waiting in Paid")
    assert page.url == f"{console.server.url}/?view=list&state=Paid"
    expect(page).to_have_title("list · Paid · Choreography Insights")
    other = console.context.new_page()
    other.goto(page.url)
    expect(other.locator("#cwdb-widget h1")).to_have_text("Waiting in Paid")


def test_a_hostile_entity_is_text_all_the_way(enter: Open) -> None:
    console = enter()
    page = console.page
    for number, entity in enumerate(HOSTILE):
        console.open("/?view=list")
        page.get_by_role("row").filter(has=page.get_by_text(f"{number} min", exact=True)).get_by_role("link").click()
        console.see("Journey")
        page.reload()
        assert page.locator(".ci-entity").evaluate("element => element.textContent") == entity
        assert console.last["entity"] == entity


def test_what_is_searched_for_is_sent_and_stays(enter: Open) -> None:
    console = enter()
    page = console.open("/?view=list&state=Paid")
    page.fill("[name=entity]", "onerror")
    page.check("[name=late]")
    page.get_by_role("button", name="Search").or_(page.get_by_role("link", name="Search")).click()
    expect(page.locator(".ci-told")).to_contain_text("1 found")
    assert console.last["widgetContext"]["forms"] == {"all": {"entity": "onerror", "late": "on"}}
    assert console.last["state"] == "Paid"
    page.reload()
    expect(page.locator("[name=entity]")).to_have_value("onerror")
    page.fill("[name=entity]", "b/c?")
    page.press("[name=entity]", "Enter")
    expect(page.get_by_role("link", name="a#b/c?d=e&f")).to_be_visible()
    assert console.last["widgetContext"]["forms"]["all"]["entity"] == "b/c?"


def test_settings_take_effect_and_go_along(enter: Open) -> None:
    console = enter()
    page = console.page
    page.select_option("select[name=range]", "1d")
    expect(page.locator(".ci-told")).to_contain_text("24 hours")
    page.select_option("[name=theme]", "dark")
    expect(page.locator(".ci-dark")).to_be_visible()
    page.select_option("[name=zone]", "utc")
    expect(page.locator(".ci-told")).to_contain_text("zone UTC")
    page.click("[aria-label='Paid, 3 journeys']")
    console.see("Waiting in Paid")
    assert page.url.endswith("/?view=list&state=Paid&range=1d&theme=dark&zone=utc")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 27, 42)"


def test_a_range_between_two_times_is_chosen_and_left_again(enter: Open) -> None:
    console = enter(timezone_id="UTC")
    page = console.page
    page.select_option("[name=zone]", "utc")
    page.get_by_text("other times").click()
    page.fill("[name=from]", "2026-11-20T08:00")
    page.fill("[name=to]", "2026-11-20T13:00")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".ci-told")).to_contain_text("5 hours")
    assert page.url.endswith("/?range=2026-11-20T08%3A00Z%2F2026-11-20T13%3A00Z&zone=utc")
    expect(page.locator("[name=from]")).to_have_value("2026-11-20T08:00")
    page.select_option("select[name=range]", "1d")
    expect(page.locator(".ci-told")).to_contain_text("24 hours")


def test_the_systems_theme_and_the_windows_size_reach_the_widget(enter: Open) -> None:
    console = enter(color_scheme="dark", viewport={"width": 700, "height": 500})
    expect(console.page.locator(".ci-dark")).to_be_visible()
    context = console.last["widgetContext"]
    assert context["theme"] == "dark"
    wide = console.page.locator("#cwdb-widget").evaluate(
        "e => e.clientWidth - 2 * parseFloat(getComputedStyle(e).paddingLeft)"
    )
    assert context["width"] == wide
    assert 200 < context["height"] < 400
    asked = len(console.widget.events)
    with console.page.expect_response(re.compile("/widget")):
        console.page.set_viewport_size({"width": 900, "height": 500})
    assert console.widget.events[asked]["widgetContext"]["width"] == wide + 200


def test_a_refresh_leaves_everything_where_it_is(enter: Open) -> None:
    console = enter()
    page = console.page
    page.clock.install()
    console.open("/?view=list&state=Paid&refresh=10")
    page.fill("[name=entity]", "half typ")
    page.get_by_text("Explained").click()
    page.evaluate("document.querySelector('.ci-scroll').scrollTop = 77")
    link = page.get_by_role("link", name="a#b/c?d=e&f")
    link.focus()
    told = page.locator(".ci-told").text_content()
    with page.expect_response(re.compile("/widget")):
        page.clock.run_for(10_000)
    expect(page.locator(".ci-told")).not_to_have_text(told or "")
    expect(link).to_be_focused()
    expect(page.locator("[name=entity]")).to_have_value("half typ")
    expect(page.get_by_text("Why it is so.")).to_be_visible()
    assert page.evaluate("document.querySelector('.ci-scroll').scrollTop") == 77


def test_the_focus_stays_with_what_has_it_when_rows_come_in_another_order(enter: Open) -> None:
    console = enter()
    page = console.page
    page.clock.install()
    console.open("/?view=list&state=Placed&refresh=10")
    link = page.get_by_role("link", name="a#b/c?d=e&f")
    link.focus()
    rows = page.locator(".ci-scroll td:nth-child(2)")
    before = rows.all_text_contents()
    for order in (before[::-1], before):
        with page.expect_response(re.compile("/widget")):
            page.clock.run_for(10_000)
        expect(rows).to_have_text(order)
        expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".ci-entity")).to_have_text("a#b/c?d=e&f")


def test_it_refreshes_by_itself_but_not_under_a_popup(enter: Open) -> None:
    console = enter()
    page = console.page
    page.clock.install()
    console.open("/?refresh=10")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response(re.compile("/widget")):
        page.clock.run_for(10_000)
    assert len(asked) == 1
    page.click(".ci-more")
    page.clock.run_for(30_000)
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1
    page.keyboard.press("Escape")
    with page.expect_response(re.compile("/widget")):
        page.clock.run_for(10_000)
    assert len(asked) == 2


def test_html_pops_up_and_leads_on(enter: Open) -> None:
    console = enter()
    page = console.page
    page.click(".ci-more")
    expect(page.get_by_role("heading", name="More of it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="More of it")).to_be_hidden()
    expect(page.locator(".ci-more")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="All").click()
    console.see("Waiting in any state")


def test_an_answer_pops_up_and_leads_on(enter: Open) -> None:
    console = enter()
    page = console.page
    page.click(".ci-details")
    expect(page.get_by_role("dialog")).to_contain_text("<b>Placed</b>")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.click(".ci-details")
    page.get_by_role("link", name="On to the list").click()
    console.see("Waiting in any state")


def test_what_asks_for_confirmation_waits_for_it(enter: Open) -> None:
    console = enter()
    page = console.page
    page.get_by_role("button", name="Restart").click()
    expect(page.get_by_role("dialog")).to_contain_text('Restart "order & co"?')
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Restart").click()
    page.keyboard.press("Escape")
    assert console.widget.restarts == 0
    page.get_by_role("button", name="Restart").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("dialog")).to_contain_text("Restarted order, 1 times.")
    page.reload()
    console.see("Journeys")
    assert console.widget.restarts == 1


def test_pointing_shows_and_leaving_hides(enter: Open) -> None:
    page = enter().page
    tip = page.get_by_text("Median 4 min")
    page.hover(".ci-usual b")
    expect(tip).to_be_visible()
    box = page.locator(".ci-usual").bounding_box()
    assert box is not None
    across, along = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    for further in (0, 30):  # to its other end, and down to what it shows
        page.mouse.move(across, along + further, steps=10)
        expect(tip).to_be_visible()
    page.hover("h1")
    expect(tip).to_be_hidden()
    page.focus(".ci-usual")
    expect(tip).to_be_visible()
    page.focus(".ci-more")
    expect(tip).to_be_hidden()


def test_two_clicks_are_not_one(enter: Open) -> None:
    console = enter()
    console.page.click(".ci-twice")
    console.see("Journeys")
    console.page.dblclick(".ci-twice")
    console.see("Waiting in Twice")


def test_html_takes_the_widgets_place_until_it_is_refreshed(enter: Open) -> None:
    console = enter()
    console.page.click(".ci-legend")
    console.see("The legend")
    console.refresh()
    console.see("Journeys")


def test_everything_is_done_by_keyboard_alone(enter: Open) -> None:
    console = enter()
    page = console.page
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()"))
    names = [
        "Skip to the widget",
        "Placed, 12 journeys",
        "Paid, 3 journeys",
        "usual",
        "more",
        "details",
        "Restart",
        "Twice",
    ]
    assert [name for name in reached if name in names][: len(names)] == names
    page.focus(".ci-twice")
    page.keyboard.press(" ")
    console.see("Waiting in Twice")


@pytest.mark.skipif(missing_axe() is not None, reason=missing_axe() or "")
@pytest.mark.parametrize(("theme", "width"), [("light", 400), ("dark", 1100)])
def test_nothing_keeps_people_out(enter: Open, theme: str, width: int) -> None:
    console = enter(color_scheme=theme, viewport={"width": width, "height": 700})
    page = console.page
    for path in ("/", "/?view=list", "/describe", "/?view=markdown", "/none"):
        console.open(path)
        assert barriers(page) == [], path
    console.open("/")
    page.click(".ci-details")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Restart").click()
    assert barriers(page) == []
    console.answer = _throttled
    console.open("/?view=list")
    assert barriers(page) == []
    console.context.clear_cookies()
    console.open("/")
    assert barriers(page) == []


def test_a_link_opens_in_a_tab_of_its_own(enter: Open) -> None:
    console = enter()
    for path in ("/", "/?view=list"):  # without fields, and with
        page = console.open(path)
        with console.context.expect_page() as opened:
            page.locator("#cwdb-widget a[href^='/']").first.click(modifiers=["ControlOrMeta"])
        expect(opened.value.locator("#cwdb-widget h1")).not_to_have_text("Journeys")
        assert page.url.endswith(path)


def test_without_javascript_links_forms_popups_and_questions_work(enter: Open) -> None:
    console = enter(java_script_enabled=False)
    page = console.page
    page.get_by_role("button", name="more").last.click()
    expect(page.get_by_role("heading", name="More of it")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("noscript").get_by_role("button", name="details").click()
    expect(page.get_by_role("heading", name="Details")).to_be_visible()
    page.get_by_role("link", name="← Back").click()
    page.locator("noscript").get_by_role("button", name="Restart").click()
    expect(page.get_by_role("heading", name='Restart "order & co"?')).to_be_visible()
    assert console.widget.restarts == 0
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#cwdb-widget")).to_contain_text("Restarted order, 1 times.")
    page.get_by_role("link", name="← Back").click()
    page.locator(".ci-table").get_by_role("link", name="Placed").click()
    console.see("Waiting in Placed")
    page.fill("[name=entity]", "onerror")
    page.locator("noscript").get_by_role("button", name="Search").click()
    expect(page.locator(".ci-told")).to_contain_text("1 found")
    page.fill("[name=entity]", "b/c?")
    page.press("[name=entity]", "Enter")
    expect(page.get_by_role("link", name="a#b/c?d=e&f")).to_be_visible()
    page.select_option("select[name=range]", "1d")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("select[name=range]")).to_have_value("1d")
    assert console.last["widgetContext"]["forms"]["all"]["entity"] == "b/c?"


def test_hostile_html_runs_nothing_and_asks_nobody(enter: Open) -> None:
    console = enter()
    console.answer = lambda _: "".join(f"<div>{html}</div>" for html in HOSTILE_HTML) + "".join(HOSTILE_HTML)
    page = console.page
    asked: list[str] = []
    dialogs: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", note)
    page.on("dialog", dismiss)
    console.open("/")
    console.refresh()
    assert [url for url in asked if not url.startswith((console.server.url, "data:"))] == []
    assert dialogs == []
    assert (
        page.evaluate("""() => {
      const all = [...document.querySelectorAll("#cwdb-widget *")];
      const bad = (e) => e.matches("script, iframe, object, embed, link, meta, base, use, animate, set, template")
        || [...e.attributes].some((a) => a.name.startsWith("on") || /^\\s*(javascript|vbscript):/i.test(a.value));
      return all.length > 20 ? all.filter(bad).map((e) => e.outerHTML) : ["too little is left to tell"];
    }""")
        == []
    )
    assert page.locator("script").count() == 1


def _throttled(_: object) -> Any:
    raise Trouble("Lambda was asked too often.", "shop-insights in eu-west-1", "wait a little")


def test_trouble_is_told_and_what_was_there_stays(enter: Open) -> None:
    console = enter()
    console.answer = _throttled
    page = console.page
    page.click("#console-refresh")
    banner = page.get_by_role("alert")
    told = "shop-insights in eu-west-1: Lambda was asked too often.; wait a little"
    expect(banner).to_have_text(f"Not refreshed. {told}")
    console.see("Journeys")
    page.click(".ci-details")
    expect(banner).to_have_text(told)
    console.answer = None
    page.click("#console-refresh")
    expect(banner).to_be_hidden()
    console.answer = _throttled
    page.reload()
    expect(page.get_by_role("heading", name="No answer")).to_be_visible()
    console.answer = None
    page.get_by_role("link", name="Try again").click()
    console.see("Journeys")
    expect(banner).to_be_hidden()


def test_a_console_that_has_ended_is_missed(enter: Open) -> None:
    console = enter()
    console.context.clear_cookies()
    console.page.click("#console-refresh")
    banner = console.page.get_by_role("alert")
    expect(banner).to_have_text("Not refreshed. The console was started again. Open the address that it printed.")
    console.context.set_offline(offline=True)
    console.page.click("#console-refresh")
    expect(banner).to_have_text("Not refreshed. The console does not answer. Start it again with: choreography console")


def test_a_link_of_another_site_is_followed_when_one_says_so(enter: Open) -> None:
    console = enter()
    page = console.page
    link = f'<a href="{console.server.url}/?view=list&amp;state=Paid">the view</a>'
    page.route("http://wiki.example/", lambda route: route.fulfill(body=link, content_type="text/html"))
    page.goto("http://wiki.example/")
    asked = len(console.widget.events)
    page.get_by_role("link", name="the view").click()
    expect(page.get_by_role("heading", name="Another site led here")).to_be_visible()
    assert len(console.widget.events) == asked
    page.get_by_role("link", name="Show this view").click()
    console.see("Waiting in Paid")


def test_other_pages_cannot_reach_in(enter: Open, chromium: Browser) -> None:
    """A page of another port of this machine, which browsers take for the same site."""
    console = enter()
    other = Server(Function("other", "eu-west-1", lambda _: "<p>other</p>"), 0)
    other.start()
    try:
        page = console.context.new_page()
        page.goto(other.entrance)
        asked = len(console.widget.events)
        query = urlencode({"view": "restart", "what": "x"})
        page.route("**/*", lambda route: route.fulfill(body="<p>bare</p>", content_type="text/html"), times=1)
        page.goto(f"{other.url}/bare")
        found = page.evaluate(
            """async (url) => {
              try {
                await fetch(url, {credentials: "include", mode: "no-cors"});
              } catch (error) {
                return String(error);
              }
              return "sent";
            }""",
            f"{console.server.url}/?{query}",
        )
        assert found in {"sent", "TypeError: Failed to fetch"}
        assert len(console.widget.events) == asked
    finally:
        other.end()
