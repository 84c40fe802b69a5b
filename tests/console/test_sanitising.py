"""What is left of a widget's HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.console.sanitising import sanitised
from console.hostile import HOSTILE, harm_in
from console.sample_widget import SampleWidget

_PIECES = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.sampled_from(
            ["<svg>", "</svg>", "<style>", "</style>", "<math>", "<p>", "</p>", "<table>", "<td>", "<title>"]
        ),
        st.sampled_from(
            ["<a>", "</a>", "<!--", "-->", '"', "'", "<cwdb-action>", "</cwdb-action>", "<textarea>", "&lt;"]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("html", HOSTILE)
def test_what_means_harm_is_gone(html: str) -> None:
    assert harm_in(sanitised(html)) == []


def test_what_is_told_of_harm_is_found_in_these() -> None:
    assert len([html for html in HOSTILE if harm_in(html)]) >= 25


@given(html=_PIECES)
def test_no_mixture_of_harmful_pieces_does_harm(html: str) -> None:
    once = sanitised(html)
    assert harm_in(once) == []
    assert sanitised(once) == once


def test_what_a_widget_is_made_of_passes() -> None:
    html = (
        "<style>.ci-a > b { color: red }</style>"
        '<div class="ci-a" style="left:1px" title="t" data-x="1" aria-label="a"><svg viewBox="0 0 8 8" role="img">'
        '<defs><marker id="ci-m" refX="7" markerWidth="8"><path d="M0 0"></path></marker>'
        '<linearGradient id="ci-g" gradientUnits="userSpaceOnUse"><stop offset="0"></stop></linearGradient></defs>'
        '<g fill="url(#ci-g)"><title>tip</title><rect x="1" rx="2"></rect>'
        '<path d="M0 0L8 8" marker-end="url(#ci-m)" stroke-dasharray="2 2"></path>'
        '<text text-anchor="middle" dominant-baseline="central">a &lt; b</text></g></svg>'
        '<img src="data:image/png;base64,AAAA" alt="dot"><form><label for="ci-q">Id</label>'
        '<input id="ci-q" name="q" value="&quot;">'
        '<select name="s"><option value="1" selected="">one</option></select>'
        '<textarea name="t" rows="2">x</textarea></form><details open=""><summary>more</summary>'
        '<table><tbody><tr><td colspan="2">cell</td></tr></tbody></table></details>'
        '<a class="btn" href="https://x.example/y" target="_blank" rel="noopener noreferrer">x</a>'
        '<a href="#ci-q" rel="noopener noreferrer">y</a>'
        '<cwdb-action action="call" display="popup" endpoint="arn:x" event="click" confirmation="Sure?">'
        '{"a":"&lt;"}</cwdb-action></div>'
    )
    assert sanitised(html) == html


def test_the_sample_widget_of_these_tests_loses_nothing_but_form() -> None:
    widget = SampleWidget()
    said = str(widget({"view": "list", "widgetContext": {"forms": {"all": {}}}}))
    assert sanitised(sanitised(said)) == sanitised(said)
    assert sanitised(said).count("<cwdb-action") == said.count("<cwdb-action")
