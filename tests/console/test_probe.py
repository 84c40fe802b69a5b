"""The probe of custom widgets: in the console everything is as it is assumed to be."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from choreography_insights.console.function import Function
from choreography_insights.console.server import Server
from console.sample_widget import ARN
from probes.custom_widget import DOCUMENTATION, handler
from support.browser import PATIENCE_MILLISECONDS, browser, missing_browser

_CONTEXT = SimpleNamespace(invoked_function_arn=ARN)


def probe(event: Mapping[str, Any]) -> Any:
    return handler(json.loads(json.dumps(event)), _CONTEXT)


@pytest.fixture
def page() -> Iterator[Page]:
    server = Server(Function("shop-insights", "eu-west-1", probe), 0)
    server.start()
    with browser() as chromium:
        shown = chromium.new_page()
        shown.set_default_timeout(PATIENCE_MILLISECONDS)
        shown.goto(server.entrance)
        yield shown
    server.end()


def test_it_says_what_it_is_for() -> None:
    assert probe({"describe": True}) == DOCUMENTATION


@pytest.mark.skipif(missing_browser() is not None, reason=missing_browser() or "")
def test_in_the_console_all_is_as_it_is_assumed(page: Page) -> None:
    def told() -> Any:
        return json.loads(page.locator("#cwdb-widget pre").inner_text())

    def calls(what: str, do: Callable[[], None]) -> None:
        do()
        expect(page.locator("#cwdb-widget pre")).to_contain_text(f'"told": "{what}"')
        assert set(told()) == {"told", "widgetContext"}

    page.wait_for_load_state("networkidle")
    assert page.evaluate("getComputedStyle(document.querySelector('.probe-ok')).color") == "rgb(29, 129, 2)"
    assert page.locator("use").count() == 0
    boxes = page.locator("svg").nth(2).bounding_box()
    assert boxes is not None
    page.mouse.click(boxes["x"] + 175, boxes["y"] + 23)
    assert "told" not in told()
    calls("over the picture", page.get_by_label("the box").click)
    page.get_by_text("escaped", exact=True).click()
    expect(page.locator("#cwdb-widget pre")).to_contain_text('"json"')
    assert (told()["json"], told()["html"]) == ("<b> &", "<b> &")
    calls("with fields", page.get_by_text("with fields", exact=True).click)
    assert told()["widgetContext"]["forms"] == {"all": {}}
    page.get_by_text("two actions", exact=True).hover()
    expect(page.get_by_text("A tip", exact=True)).to_be_visible()
    calls("two actions", page.get_by_text("two actions", exact=True).click)
    page.get_by_text("asks", exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("dialog").locator("pre")).to_contain_text('"told": "asked"')
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#console-popup .cwdb-widget")).to_be_empty()
    calls("twice", page.get_by_text("twice", exact=True).dblclick)
    page.get_by_role("button", name="by key").focus()
    calls("by key", lambda: page.keyboard.press("Enter"))
    page.get_by_role("link", name="link by key").focus()
    calls("link by key", lambda: page.keyboard.press("Enter"))
    page.get_by_label("alone").fill("x")
    calls("alone", lambda: page.get_by_label("alone").press("Enter"))
    expect(page.locator(".console-problems")).to_have_text(re.compile("1 cwdb-action stripped"))
