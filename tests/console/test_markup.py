"""A widget's HTML as the page shows it."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.console.markup import Markup, marked_up
from console.hostile import HOSTILE, harm_in

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-insights"
VALUE = escape(f'{{"display":"widget","endpoint":"{ARN}","confirmation":"","params":{{"view":"map"}}}}')
CALL = f'action="call" display="widget" event="click" value="{VALUE}"'
BUTTON = f'<noscript><button type="submit" form="cwdb-form" name="cwdb-action" value="{VALUE}">%s</button></noscript>'


def shown(html: str) -> Markup:
    def address(params: Mapping[str, Any]) -> str:
        return f"/?{urlencode(params)}"

    return marked_up(html, address, is_ours=lambda endpoint: endpoint == ARN)


def action(**attributes: str) -> str:
    told = {"action": "call", "endpoint": ARN} | attributes
    text = told.pop("text", '{"view": "map"}')
    return "<cwdb-action {}>{}</cwdb-action>".format(" ".join(f'{k}="{v}"' for k, v in told.items()), text)


def test_html_without_actions_stays_as_it_is() -> None:
    html = '<div class="ci"><svg viewBox="0 0 1 1"><path d="M0"></path></svg>a &amp; b<br></div>'
    assert shown(html) == Markup(html, [])


def test_an_anchor_becomes_a_link_to_the_view() -> None:
    found = shown(f'<a class="btn">Map</a> {action()}')
    assert found.html == (
        f'<a class="btn" rel="noopener noreferrer" href="/?view=map">Map</a> <cwdb-action {CALL}></cwdb-action>'
    )
    assert found.problems == []


def test_beside_fields_whose_content_goes_along_a_link_has_a_button_for_where_there_is_no_javascript() -> None:
    found = shown(f"<input name=q><a>Map</a>{action()}")
    assert found.html.endswith(f"<cwdb-action {CALL}></cwdb-action>{BUTTON % 'Map'}")


def test_any_other_element_becomes_one_that_a_keyboard_reaches() -> None:
    found = shown(f'<div class="ci-hot" aria-label="Placed &amp; paid">x</div>{action()}')
    assert found.html.startswith(
        '<div class="ci-hot" aria-label="Placed &amp; paid" role="button" tabindex="0">x</div><cwdb-action '
    )
    assert found.html.endswith(BUTTON % "Placed &amp; paid")


def test_an_svg_that_is_clicked_keeps_its_capitals() -> None:
    found = shown(f'<svg viewBox="0 0 1 1"><g></g></svg>{action()}')
    assert found.html.startswith('<svg viewBox="0 0 1 1" role="button" tabindex="0"><g></g></svg><cwdb-action ')


def test_html_becomes_a_popover_right_there() -> None:
    found = shown("<p><a>more</a><cwdb-action display=popup>It is <b>so</b>.</cwdb-action> and on</p>")
    start = (
        '<p><a rel="noopener noreferrer" role="button" tabindex="0">more</a><cwdb-action action="html" display="popup"'
    )
    assert found.html.startswith(start + ' event="click" popover="" id="cwdb-')
    name = found.html.partition('id="')[2].partition('"')[0]
    assert found.html.endswith(
        f'id="{name}">It is <b>so</b>.</cwdb-action>'
        f'<noscript><button type="button" popovertarget="{name}">more</button></noscript> and on</p>'
    )


def test_what_pops_up_may_have_actions_of_its_own() -> None:
    found = shown(f"<a>more</a><cwdb-action display=popup><a>Map</a>{action()}</cwdb-action>")
    assert 'href="/?view=map">Map</a>' in found.html
    assert found.html.count("<cwdb-action") == found.html.count("</cwdb-action>") == 2


def test_fields_belong_to_the_forms_of_the_page() -> None:
    found = shown(
        "<form><input name=q value=x><select name=s></select><textarea name=t></textarea><input>"
        f"<button>Go</button>{action()}<input type=submit value=Send></form>"
    )
    assert found.html.startswith(
        '<form><input name="q" value="x" form="cwdb-form"><select name="s" form="cwdb-form"></select>'
        '<textarea name="t" form="cwdb-form"></textarea><input><button type="button">Go</button><cwdb-action '
    )
    assert found.html.endswith('<input type="button" value="Send"></form>')


def test_an_action_of_another_function_gets_no_link() -> None:
    found = shown(f"<a>x</a>{action(endpoint='arn:aws:lambda:eu-west-1:123456789012:function:other')}")
    assert "href" not in found.html
    assert 'role="button"' in found.html


def test_several_actions_may_follow_one_element() -> None:
    found = shown(f"<a>x</a><cwdb-action event=mouseenter display=popup>tip</cwdb-action>{action()}")
    assert found.html.startswith('<a rel="noopener noreferrer" href="/?view=map">x</a><cwdb-action action="html"')


def test_what_would_not_work_in_cloudwatch_is_told() -> None:
    assert shown(action()).problems == ["cwdb-action: there is no element before it to act on"]
    assert shown(f"<svg><g></g>{action()}</svg>").problems == [
        "1 cwdb-action stripped: they lie where none can be, as inside an SVG"
    ]
    assert shown(f"<a>x</a>{action(text='{')}").problems[0].startswith("cwdb-action: its parameters are no JSON object")


def test_entity_ids_are_text_wherever_they_come() -> None:
    text = "{&quot;entity&quot;: &quot;\\&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&quot;}"
    found = shown(f"<a>&lt;img src=x onerror=alert(1)&gt;</a>{action(text=text)}")
    assert 'href="/?entity=%22%3E%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E">&lt;img src=x' in found.html
    assert "<img" not in found.html


def test_it_does_not_matter_how_deep_it_is() -> None:
    deep = "<div>" * 5_000 + "x"
    assert shown(deep).html.count("</div>") == 5_000


@given(
    pieces=st.lists(
        st.sampled_from([*HOSTILE, "<a>", "<p>", "<div>", action(), action(action="html"), "<input name=q>"])
    )
)
def test_nothing_that_means_harm_comes_back_in(pieces: list[str]) -> None:
    found = shown("".join(pieces))
    assert [harm for harm in harm_in(found.html) if not harm.startswith("<a href=/?")] == []
