"""Text becomes markup in one place, and there nothing gets out of it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.views.html import element, joined, style_sheet
from choreography_insights.views.parts import breakable
from choreography_insights.views.words import visible

texts = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])) | st.sampled_from(
    ['"><img src=x onerror=alert(1)>', "</p><script>", "&lt;", "&amp", "'\"`=", "<!--", "]]>"]
)


class Reader(HTMLParser):
    """Notes the elements, attributes and texts that it meets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.met: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(texts, texts, texts)
def test_text_stays_text_wherever_it_is_put(one: str, other: str, attribute: str) -> None:
    reader = Reader()
    reader.feed(element("p", one, element("b", other, title=attribute)).text)
    reader.close()
    assert reader.met == [("p", []), ("b", [("title", attribute)])]
    assert reader.text == one + other


def test_what_was_made_is_not_escaped_again() -> None:
    assert joined(element("b", "a & b"), " < ", 3, None, ["x", element("br")]).text == "<b>a &amp; b</b> &lt; 3x<br>"


def test_an_attribute_may_be_left_out_or_have_no_value() -> None:
    made = element("input", class_="ci-a", aria_label="b", hidden=True, title=None, checked=False)
    assert made.text == '<input class="ci-a" aria-label="b" hidden>'


def test_a_style_sheet_cannot_end_its_element() -> None:
    with pytest.raises(ValueError, match="end its element"):
        style_sheet(".ci-a{content:'</style>'}")


def test_what_nobody_would_see_is_seen() -> None:
    assert visible("a\nb\x7f\u202ec\u200f") == "a\N{SYMBOL FOR LINE FEED}b\N{SYMBOL FOR DELETE}\\u202ec\\u200f"
    assert visible("Größe 世界 #/?") == "Größe 世界 #/?"


def test_a_name_may_go_on_in_a_new_line_where_a_word_ends() -> None:
    assert joined(breakable("WaitForOrder2.Ok-<b>")).text == "Wait<wbr>For<wbr>Order2.<wbr>Ok-<wbr>&lt;b&gt;"
