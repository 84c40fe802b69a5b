"""HTML and SVG that cannot be broken out of: text becomes markup here and nowhere else.

Whatever is put into an element is escaped, unless `element` has made it. Names of elements and attributes are the
program's own.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Union


@dataclass(frozen=True, slots=True)
class Html:
    """Markup. Only this module makes it of text."""

    text: str

    def __str__(self) -> str:
        return self.text


Content = Union[Html, str, int, None, Iterable["Content"]]  # noqa: UP007  # a name that is not there yet
Attribute = str | int | float | bool | None

_EMPTY = frozenset(("input", "br", "hr", "meta", "col", "wbr"))
_SHAPES = frozenset(("rect", "path", "line", "circle", "polyline"))
_PLAIN_NAMES = {"class_": "class", "for_": "for", "open_": "open"}


def element(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """Return an element. An attribute that is None or False is left out, one that is True has no value.

    ``class_`` is written ``class``, ``aria_label`` is written ``aria-label``.
    """
    start = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        written = _PLAIN_NAMES.get(key) or key.replace("_", "-")
        start.append(written if value is True else f'{written}="{escaped(value)}"')
    head = " ".join(start)
    if name in _SHAPES:
        return Html(f"<{head}/>")
    if name in _EMPTY:
        return Html(f"<{head}>")
    return Html(f"<{head}>{markup(content)}</{name}>")


def markup(content: Content) -> str:
    """Return *content* as markup, escaping what is none."""
    match content:
        case None:
            return ""
        case Html(text=text):
            return text
        case str():
            return escape(content)
        case int():
            return str(content)
        case _:
            return "".join([markup(one) for one in content])


def joined(*content: Content) -> Html:
    """Return *content* side by side."""
    return Html(markup(content))


def escaped(value: str | float) -> str:
    """Return *value* as the text of an attribute."""
    return escape(value) if isinstance(value, str) else str(value)


def style_sheet(css: str) -> Html:
    """Return the program's own *css* as an element; raise ValueError if it would end it."""
    if "</" in css:
        raise ValueError("a style sheet that would end its element")
    return Html(f"<style>{css}</style>")


def own_markup(text: str) -> Html:
    """Return *text* of the program's own, which holds nothing that came from outside, as markup."""
    return Html(text)


def json_text(value: Mapping[str, Any]) -> Html:
    """Return *value* as JSON in which there is no markup, whoever reads it: as text of an element, or as it stands."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Html(text)
