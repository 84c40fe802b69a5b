"""A custom widget that shows what CloudWatch makes of one: for what docs/operations-and-design/assumptions.md assumes.

Put this file as it is into a Lambda function of its own (Python 3.13, handler `custom_widget.handler`, a role without
any permission), and add it to a dashboard as a custom widget with the parameters `{"own": "of the widget"}`. Go through
the table that it shows. `choreography console --function NAME` shows it as it is assumed to be.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

DOCUMENTATION = "## A probe\n\nShows what CloudWatch makes of a custom widget. Parameters: `own`, any text.\n"

_STYLE = """<style>
.probe-ok { color: #1d8102; font-weight: 700 }
.probe-hot { position: absolute; left: 8px; top: 8px; width: 80px; height: 30px }
</style>"""
_SVG = """<svg viewBox="0 0 200 46" width="200" height="46" role="img" aria-label="boxes"><defs>
<marker id="probe-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0L8 4L0 8z"/></marker><rect id="probe-box" width="30" height="30" y="8"/></defs>
<rect x="8" y="8" width="80" height="30" rx="6" fill="#d9ecf9" stroke="#0073bb"/>
<path d="M90 23L150 23" stroke="#0073bb" marker-end="url(#probe-tip)"/>%s</svg>"""
_FIELDS = """<form><input name="text" aria-label="text">
<label><input type="checkbox" name="box"> box</label></form>"""
_ESCAPED = '{"told": "escaped in JSON, and in HTML", "json": "\\u003cb\\u003e \\u0026", "html": "&lt;b&gt; &amp;"}'


def handler(event: Mapping[str, Any], context: Any) -> str:
    """Answer CloudWatch, or the console."""
    if event.get("describe"):
        return DOCUMENTATION
    rows = "".join(
        f"<tr><td>{number}</td><td>{assumed}</td><td>{here}</td></tr>"
        for number, (assumed, here) in enumerate(_questions(context.invoked_function_arn), 1)
    )
    told = escape(json.dumps(event, indent=2))
    return (
        f"{_STYLE}<h1>What CloudWatch makes of a widget</h1><h2>This call</h2><pre>{told}</pre><h2>Questions</h2>"
        f"<table><thead><tr><th></th><th>assumed</th><th>here</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _questions(arn: str) -> Iterator[tuple[str, str]]:
    """Yield what is assumed, and the HTML that shows whether it is so."""

    def call(told: str, attributes: str = "", content: str = "") -> str:
        content = content or json.dumps({"told": told})
        return f'<cwdb-action action="call" endpoint="{arn}" {attributes}>{content}</cwdb-action>'

    yield "these words are green and bold", '<span class="probe-ok">green and bold</span>'
    yield "a box, an arrow with a head, and nothing behind it", _SVG % '<use href="#probe-box" x="160"/>'
    over = '<a class="probe-hot" aria-label="the box"></a>' + call("over the picture")
    yield "the box calls: HTML lies over it", f'<div style="position:relative">{_SVG % ""}{over}</div>'
    inside = '<rect x="160" y="8" width="30" height="30"/>' + call("inside the picture")
    yield "the black box does not call: its action lies inside the SVG", _SVG % inside
    yield (
        "it calls without <code>own</code>; of the form come an empty text, or nothing",
        f"{_FIELDS}<a>with fields</a>{call('with fields')}",
    )
    yield "both texts are <code>&lt;b&gt; &amp;</code>", f"<a>escaped</a>{call('', content=_ESCAPED)}"
    tip = '<cwdb-action event="mouseenter" display="popup">A <b>tip</b></cwdb-action>'
    yield "pointing shows a tip, a click calls", f"<a>two actions</a>{tip}{call('two actions')}"
    yield "it asks, and the answer pops up", "<a>asks</a>" + call("asked", 'confirmation="Really?" display="popup"')
    yield "two clicks call, one does not", "<a>twice</a>" + call("twice", 'event="dblclick"')
    yield "the tab key reaches it, enter calls", '<div role="button" tabindex="0">by key</div>' + call("by key")
    yield "the tab key reaches it, enter calls", '<a role="link" tabindex="0">link by key</a>' + call("link by key")
    alone = '<form><input name="alone" aria-label="alone"><a>find</a>' + call("alone") + "</form>"
    yield "enter in the field calls, and the page stays", alone
    yield "after a call, a refresh of the dashboard shows the same again, or what was there first", ""
