"""What a widget's function answers: a string is HTML, `{"markdown": ...}` Markdown, all else is shown as JSON."""

import json
from html import escape
from typing import Any

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def html_of(answer: Any) -> str:
    """Return *answer* as HTML that is not yet sanitised."""
    if isinstance(answer, str):
        return answer.encode(errors="replace").decode()  # half a surrogate pair is no text
    if isinstance(answer, dict) and isinstance(answer.get("markdown"), str):
        return from_markdown(answer["markdown"])
    return f"<pre>{escape(json.dumps(answer, ensure_ascii=False, indent=2))}</pre>"


def from_markdown(text: str) -> str:
    """Return *text* as HTML that is not yet sanitised: it may have HTML in it."""
    return str(_MARKDOWN.render(text))
