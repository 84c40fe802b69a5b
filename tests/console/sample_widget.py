"""A widget like those of the insights, with all that CloudWatch lets one do: an overview, a list, one journey."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-insights"

HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "\u202egnp.exe",
    "a#b/c?d=e&f",
    "line\nbreak",
    "Ж" * 256,
    "{{ 7 * 7 }}${7*7}",
)
"""Entity ids, which are whatever a service makes of them."""

_STYLE = """
<style>
.ci-grid { display: flex; gap: 24px; flex-wrap: wrap; align-items: flex-start; }
.ci-map { position: relative; width: 420px; height: 150px; }
.ci-hot { position: absolute; border-radius: 8px; }
.ci-table td:nth-child(2) { text-align: right; }
.ci-scroll td { overflow-wrap: anywhere; }
.ci-scroll td:nth-child(2) { white-space: nowrap; }
.ci-scroll { height: 130px; overflow: auto; }
</style>
"""


class SampleWidget:
    """Answers as a widget's function does, and keeps all events it was called with."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.restarts = 0

    def __call__(self, event: Mapping[str, Any]) -> Any:
        """Answer *event*."""
        self.events.append(event)
        if event.get("describe"):
            return "## A sample\n\nParam | Description\n---|---\n**view** | What is shown\n"
        match event.get("view"):
            case "list":
                return self._list(event)
            case "journey":
                return _journey(event)
            case "restart":
                self.restarts += 1
                return f"<p>Restarted {escape(str(event['what']))}, {self.restarts} times.</p>"
            case "details":
                return f"<h2>Details</h2><p>{escape(str(event['of']))}</p>{link('On to the list', view='list')}"
            case "markdown":
                return {"markdown": "# Said in *Markdown*"}
            case "json":
                return {"found": [1, 2], "none": None}
        return self._overview(event)

    def _overview(self, event: Mapping[str, Any]) -> str:
        context = event["widgetContext"]
        dark = context["theme"] == "dark"
        line, fill = ("#8fb8de", "#22405e") if dark else ("#0073bb", "#d9ecf9")
        return f"""{_STYLE}
<div class="ci-{context["theme"]}">
<h1>Journeys</h1>
<p class="ci-told">Called {len(self.events)} times, theme {context["theme"]}, zone {context["timezone"]["label"]},
{(context["timeRange"]["end"] - context["timeRange"]["start"]) // 3_600_000} hours</p>
<div class="ci-grid">
<div class="ci-map">
<svg viewBox="0 0 420 150" width="420" height="150" role="img" aria-label="Placed, then Paid">
<defs><marker id="ci-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 L8 4 L0 8 z" fill="{line}"/></marker></defs>
<g fill="{fill}" stroke="{line}"><rect x="10" y="45" width="140" height="60" rx="8"/>
<rect x="260" y="45" width="140" height="60" rx="8"/>
<path d="M150 75 L258 75" fill="none" stroke-width="2" marker-end="url(#ci-tip)"/></g>
<g fill="currentColor" font-size="15" text-anchor="middle"><text x="80" y="80">Placed · 12</text>
<text x="330" y="80">Paid · 3</text></g>
</svg>
<a class="ci-hot" style="left:10px;top:45px;width:140px;height:60px" aria-label="Placed, 12 journeys"></a>{
            call(view="list", state="Placed")
        }<a class="ci-hot" style="left:260px;top:45px;width:140px;height:60px" aria-label="Paid, 3 journeys"></a>{
            call(view="list", state="Paid")
        }</div>
<div>
<table class="ci-table"><thead><tr><th>State</th><th>Waiting</th></tr></thead><tbody>
<tr><td>{link("Placed", view="list", state="Placed")}</td><td>12</td></tr>
<tr><td>{link("Paid", view="list", state="Paid")}</td><td>3</td></tr></tbody></table>
<div><span class="ci-usual" tabindex="0"><b>us</b>ual</span><cwdb-action event="mouseenter" display="popup">
<b>Median 4 min</b>,
95 % within 20 min</cwdb-action>
· <a class="ci-more">more</a><cwdb-action display="popup"><h2>More of it</h2><p>{
            link("All", view="list")
        }</p></cwdb-action>
· <a class="ci-legend">legend</a><cwdb-action><h1>The legend</h1></cwdb-action>
· <a class="ci-details">details</a>{call(display="popup", view="details", of="<b>Placed</b>")}</div>
<div><a class="btn">Restart</a>{
            call(confirmation='Restart "order & co"?', display="popup", view="restart", what="order")
        }</div>
<div class="ci-twice">Twice</div>{call(event="dblclick", view="list", state="Twice")}
</div></div></div>"""

    def _list(self, event: Mapping[str, Any]) -> str:
        form = event["widgetContext"]["forms"]["all"]
        sought = form.get("entity", "")
        found = [name for name in HOSTILE if sought in name]
        rows = "".join(
            f"<tr><td>{link(name, view='journey', entity=name)}</td><td>{HOSTILE.index(name)} min</td></tr>"
            for name in (reversed(found) if event.get("state") == "Placed" and len(self.events) % 2 else found)
        )
        return f"""{_STYLE}<h1>Waiting in {escape(str(event.get("state", "any state")))}</h1>
<form><input name="entity" aria-label="Entity" placeholder="an id" value="{escape(sought)}">
<a class="btn btn-primary">Search</a>{call(view="list", state=event.get("state", ""))}
<label><input type="checkbox" name="late"{" checked" if "late" in form else ""}> late only</label></form>
<p class="ci-told">{len(self.events)} calls; {len(found)} found</p>
<div class="ci-scroll"><table>{rows}</table><div style="height:900px"></div></div>
<details><summary>Explained</summary><p>Why it is so.</p></details>"""


def _journey(event: Mapping[str, Any]) -> str:
    return f"""<h1>Journey</h1><pre class="ci-entity">{escape(str(event["entity"]))}</pre>
<p>{link("Back to all", view="list")} <a href="https://example.com/execution" target="_blank">Execution</a></p>"""


def link(text: str, **params: Any) -> str:
    """Make a link to another view."""
    return f"<a>{escape(text)}</a>{call(**params)}"


def call(*, display: str = "widget", event: str = "click", confirmation: str = "", **params: Any) -> str:
    """Make an action that calls the widget again."""
    asked = f' confirmation="{escape(confirmation)}"' if confirmation else ""
    return (
        f'<cwdb-action action="call" display="{display}" event="{event}" endpoint="{ARN}"{asked}>'
        f"{escape(json.dumps(params))}</cwdb-action>"
    )
