"""The console's answers: who is let in, what is asked of the function, what is shown."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from choreography_insights.console.actions import Action
from choreography_insights.console.application import Application
from choreography_insights.console.function import Function
from choreography_insights.console.guard import Guard, Secrets
from choreography_insights.console.trouble import Trouble, refused
from console.sample_widget import ARN, HOSTILE, SampleWidget

PORT = 41230
HERE = f"http://127.0.0.1:{PORT}"
SECRETS = Secrets("the-token", "the-session", "the-form")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Browser:
    """A browser that talks to a console."""

    def __init__(self, call: Any = None) -> None:
        self.widget = SampleWidget()
        function = Function("shop-insights", "eu-west-1", call or self.widget)
        self.client = Client(Application(function, Guard(PORT, SECRETS), lambda: NOON))

    def enter(self) -> "Browser":
        assert self.get("/?token=the-token").status_code == 303
        return self

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=HERE, headers=_named(headers))

    def post(self, form: Mapping[str, str], **headers: str) -> TestResponse:
        told = {"cwdb-token": SECRETS.form, **form}
        return self.client.post("/call", base_url=HERE, data=told, headers={"Origin": HERE, **_named(headers)})

    @property
    def contexts(self) -> list[Any]:
        return [event["widgetContext"] for event in self.widget.events]


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def call(params: Mapping[str, Any], *, display: Any = "widget", confirmation: str = "", endpoint: str = ARN) -> str:
    return Action("call", display, "click", confirmation, endpoint, params).written()


# --- Who is let in.


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    answer = Browser().get("/?view=list&token=the-token&range=1d")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/?view=list&range=1d"
    cookie = f"choreography-console-{PORT}=the-session; HttpOnly; Path=/; SameSite=Strict"
    assert answer.headers.getlist("Set-Cookie") == [cookie]


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/widget", "/describe", "/call", "/other"])
def test_a_stranger_sees_nothing(path: str) -> None:
    browser = Browser()
    answer = browser.get(path)
    assert answer.status_code == 403
    assert "does not know this browser" in answer.text
    assert "the-" not in answer.text
    assert browser.widget.events == []


def test_a_stranger_who_has_the_token_gets_where_they_wanted() -> None:
    text = Browser().get("/?view=list&state=%22%3E%3Cb%3E&token=mistyped").text
    assert '<input type="hidden" name="view" value="list">' in text
    assert '<input type="hidden" name="state" value="&#34;&gt;&lt;b&gt;">' in text
    assert "mistyped" not in text


@pytest.mark.parametrize("session", ["", "the-sessio", "the-token", "the-form", "ü"])
def test_a_wrong_cookie_is_none(session: str) -> None:
    browser = Browser()
    browser.client.set_cookie(f"choreography-console-{PORT}", session, domain="127.0.0.1")
    assert browser.get("/").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"[::1]:{PORT}"]
)
def test_another_name_for_this_machine_leads_nowhere(host: str) -> None:
    browser = Browser().enter()
    for path in ("/", "/?token=the-token"):
        answer = browser.get(path, Host=host)
        assert answer.status_code == 421
        assert "Set-Cookie" not in answer.headers
    assert browser.widget.events == []


def test_localhost_is_this_machine_too() -> None:
    browser = Browser()
    assert browser.client.get("/?token=the-token", base_url=f"http://localhost:{PORT}").status_code == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_others_cannot_ask_for_anything(site: str) -> None:
    browser = Browser().enter()
    assert browser.get("/widget", Sec_Fetch_Site=site).status_code == 403
    assert browser.get("/", Sec_Fetch_Site="same-origin").status_code == 200
    assert len(browser.widget.events) == 1


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"cwdb-token": "wrong"}, {}),
        ({"cwdb-token": "the-session"}, {}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": ""}),
        ({}, {"Origin": f"http://localhost:{PORT}"}),
        ({}, {"Origin": f"http://127.0.0.1:{PORT + 1}"}),
        ({}, {"Origin": "https://evil.example"}),
    ],
)
def test_forms_of_others_do_nothing(form: Mapping[str, str], headers: Mapping[str, str]) -> None:
    browser = Browser().enter()
    action = call({"view": "restart", "what": "x"}, display="popup")
    assert browser.post({"cwdb-action": action, **form}, **headers).status_code == 403
    assert browser.widget.restarts == 0


@pytest.mark.parametrize("path", ["/", "/?token=the-token", "/call", "/widget", "/none", "/?range=x"])
def test_every_answer_is_closed_to_others(path: str) -> None:
    for browser in (Browser(), Browser().enter()):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert re.fullmatch(
            r"default-src 'none'; script-src 'nonce-[\w-]{22}'; style-src 'unsafe-inline'; img-src data:; "
            r"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            policy,
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert [name for name in headers.keys() if name.startswith("Access-Control")] == []  # noqa: SIM118 -- of werkzeug


def test_a_nonce_is_used_once() -> None:
    browser = Browser().enter()
    policies = {browser.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_other_methods_are_refused() -> None:
    browser = Browser().enter()
    for method in ("PUT", "DELETE", "OPTIONS", "HEAD"):
        assert browser.client.open("/", method=method, base_url=HERE).status_code == 405


# --- What is asked and shown.


def test_a_view_asks_the_function_with_what_its_address_says() -> None:
    browser = Browser().enter()
    browser.client.set_cookie(f"choreography-window-{PORT}", "700x400xdark", domain="127.0.0.1")
    answer = browser.get("/?view=list&state=Paid&range=1d&zone=utc")
    assert answer.status_code == 200
    assert "<h1>Waiting in Paid</h1>" in answer.text
    assert '<html lang="en" data-theme="dark"' in answer.text
    (event,) = browser.widget.events
    assert {name: event[name] for name in event if name != "widgetContext"} == {"view": "list", "state": "Paid"}
    (context,) = browser.contexts
    assert [context[name] for name in ("width", "height", "theme")] == [700, 400, "dark"]
    assert context["timeRange"]["relativeStart"] == 86_400_000


def test_an_address_is_brought_into_its_shortest_form_before_anything_is_asked() -> None:
    browser = Browser().enter()
    answer = browser.get("/?view=list&range=3h&theme=&refresh=60&zone=local")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?view=list")
    assert browser.widget.events == []


def test_an_address_that_says_nothing_says_so() -> None:
    answer = Browser().enter().get("/?range=%3Cb%3E")
    assert answer.status_code == 400
    assert "range=&lt;b&gt;: say 90m, 3h, 1d or 4w, for example" in answer.text


def test_a_step_leads_to_its_address_with_the_fields() -> None:
    browser = Browser().enter()
    action = call({"view": "list", "state": "Paid"})
    answer = browser.post({"cwdb-view": "view=list&range=1d", "cwdb-action": action, "entity": "a&b", "late": "on"})
    assert answer.status_code == 303
    assert browser.widget.events == []
    browser.get(answer.headers["Location"])
    (context,) = browser.contexts
    assert context["forms"] == {"all": {"entity": "a&b", "late": "on"}}
    assert context["timeRange"]["relativeStart"] == 86_400_000


def test_enter_in_a_field_calls_the_same_view_with_the_fields() -> None:
    answer = Browser().enter().post({"cwdb-view": "view=list&state=Paid", "entity": "7"})
    assert answer.headers["Location"] == "/?view=list&state=Paid&forms=%7B%22entity%22%3A%227%22%7D"


def test_an_answer_in_a_popup_comes_to_the_script_or_as_a_page() -> None:
    browser = Browser().enter()
    form = {"cwdb-view": "range=1d", "cwdb-action": call({"view": "details", "of": "<b>"}, display="popup")}
    told = browser.post(form, Accept="application/json")
    assert told.json is not None
    assert told.json["html"].startswith("<h2>Details</h2><p>&lt;b&gt;</p>")
    page = browser.post(form)
    assert page.status_code == 200
    assert "<h2>Details</h2><p>&lt;b&gt;</p>" in page.text
    assert '<a href="/?range=1d">← Back</a>' in page.text
    assert 'data-refresh="0"' in page.text
    assert {context["timeRange"]["relativeStart"] for context in browser.contexts} == {86_400_000}


def test_what_asks_for_confirmation_is_done_when_it_is_confirmed_and_has_no_address() -> None:
    browser = Browser().enter()
    form = {"cwdb-action": call({"view": "restart", "what": "x"}, confirmation="Really <x>?"), "q": '"'}
    asked = browser.post(form)
    assert "<h1>Really &lt;x&gt;?</h1>" in asked.text
    assert browser.widget.restarts == 0
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', asked.text))
    done = browser.post({name: unescape(value) for name, value in fields.items()} | {"cwdb-confirmed": "yes"})
    assert (done.status_code, browser.widget.restarts) == (200, 1)
    assert "Restarted x, 1 times." in done.text
    assert browser.contexts[0]["forms"] == {"all": {"q": '"'}}


def test_no_other_function_is_called_with_ones_credentials() -> None:
    browser = Browser().enter()
    for endpoint in (ARN.replace("shop-insights", "other"), ARN.replace("eu-west-1", "us-east-1"), "", "shop-insights"):
        answer = browser.post({"cwdb-action": call({"view": "restart", "what": "x"}, endpoint=endpoint)})
        assert answer.status_code == 502
        assert "it calls no other function with your credentials" in answer.text
    assert browser.widget.events == []


@pytest.mark.parametrize("action", ["", "x", "{}", '{"display":"widget"}'])
def test_a_form_that_is_none_of_the_pages_is_refused(action: str) -> None:
    assert Browser().enter().post({"cwdb-action": action}).status_code == 400


def test_a_form_that_no_function_could_take_is_refused() -> None:
    assert Browser().enter().post({"cwdb-action": "x", "q": "x" * 4_100_000}).status_code == 413


def test_the_widget_alone_comes_to_the_script_that_refreshes() -> None:
    answer = Browser().enter().get("/widget?view=json", Accept="application/json")
    assert answer.json == {
        "html": '<pre>{\n  "found": [\n    1,\n    2\n  ],\n  "none": null\n}</pre>',
        "at": "12:00:00",
        "window": "1200x800xlight",
    }  # fmt: skip


def test_markdown_is_shown_as_what_it_says() -> None:
    browser = Browser(lambda _: {"markdown": "# Hi <img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) *y*"})
    told = browser.enter().get("/widget").json
    assert told is not None
    assert told["html"] == "<h1>Hi <img></h1>\n<p>[x](javascript:alert(1)) <em>y</em></p>\n"


def test_a_function_says_what_it_is_for() -> None:
    browser = Browser().enter()
    text = browser.get("/describe?view=list").text
    assert "<h2>A sample</h2>" in text
    assert "<td><strong>view</strong></td>" in text
    assert '<a href="/?view=list">← Back</a>' in text
    assert browser.widget.events == [{"describe": True}]


@pytest.mark.parametrize("entity", [*HOSTILE, "\ud800", "a\0b"])
def test_a_hostile_entity_is_text_in_the_page_and_whole_in_the_call(entity: str) -> None:
    browser = Browser().enter()
    action = call({"view": "journey", "entity": entity})
    answer = browser.client.post(
        "/call", base_url=HERE, data={"cwdb-token": SECRETS.form, "cwdb-action": action.encode("utf-8", "replace")},
        headers={"Origin": HERE},
    )  # fmt: skip
    text = browser.get(answer.headers["Location"]).text
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 1
    (event,) = browser.widget.events
    assert event["entity"] == entity.encode("utf-8", "replace").decode()


# --- What goes wrong.


def _no_access(_: object) -> Any:
    raise refused("AccessDeniedException", "not authorized <b>", "shop-insights in eu-west-1")


def test_trouble_is_told_with_what_where_and_what_to_do() -> None:
    browser = Browser(_no_access).enter()
    answer = browser.get("/?view=map")
    assert answer.status_code == 502
    text = unescape(answer.text)
    assert "You may not invoke this function. AWS says: AccessDeniedException: not authorized <b>" in text
    assert "<dd>shop-insights in eu-west-1</dd>" in text
    assert "ask for lambda:InvokeFunction on it" in text
    assert "authorized <b>" not in answer.text
    told = browser.get("/widget?view=map")
    assert told.status_code == 502
    assert json.loads(told.text)["trouble"].startswith("shop-insights in eu-west-1: You may not invoke")
    popup = browser.post({"cwdb-action": call({}, display="popup")}, Accept="application/json")
    assert popup.status_code == 502
    assert "You may not invoke" in json.loads(popup.text)["trouble"]


def test_a_description_that_cannot_be_had_is_trouble_too() -> None:
    def broken(_: object) -> Any:
        raise Trouble("It broke.", "here", "mend it")

    assert Browser(broken).enter().get("/describe").status_code == 502


def test_what_would_not_work_in_cloudwatch_is_on_the_page() -> None:
    text = Browser(lambda _: "<a>x</a><cwdb-action action=call>{}</cwdb-action>").enter().get("/").text
    assert "CloudWatch would not do all of this (1)" in text
    assert "<li>cwdb-action: a call needs an endpoint: the ARN of the function</li>" in text


def test_half_a_surrogate_pair_in_an_answer_is_shown_as_what_it_is() -> None:
    answer = Browser(lambda _: "a\ud800b").enter().get("/")
    assert answer.status_code == 200
    assert "a?b" in answer.text
