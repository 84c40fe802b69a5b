"""The dashboard and the alarms of modules/insights, as planned."""

import json
import re
from collections.abc import Mapping
from typing import Any

from documents.markdown import code, table

Resources = Mapping[str, Mapping[str, Any]]


def dashboard(resources: Resources) -> str:
    """The dashboard as a table, each widget in its place."""
    widgets = json.loads(resources["aws_cloudwatch_dashboard.this"]["dashboard_body"])["widgets"]
    graphs = [widget for widget in widgets if widget["type"] == "metric"]
    rows = {y: [one for one in graphs if one["y"] == y] for y in sorted({one["y"] for one in graphs})}
    drawn = [[_graph(widget["properties"]) for widget in row] for row in rows.values()]
    return table(("left", "middle", "right"), [(*row, *[""] * (3 - len(row))) for row in drawn])


def alarms(resources: Resources) -> str:
    """What each alarm says, and when it goes off."""
    found = sorted(
        (one["alarm_name"].partition("-")[2], one)
        for address, one in resources.items()
        if address.startswith("aws_cloudwatch_metric_alarm")
    )
    return table(
        ("alarm", "says", "when, within a minute"),
        [(_runbook(name), _says(one), f"{_metric(one)} is {one['threshold']:g} or more") for name, one in found],
    )


def _graph(graph: Mapping[str, Any]) -> str:
    unit = graph["yAxis"]["left"]["label"]
    kind = "number" if graph["view"] == "singleValue" else "stacked" if graph["stacked"] else "lines"
    return f"**{graph['title']}**<br>{unit}, {kind}: {_lines(graph)}"


def _lines(graph: Mapping[str, Any]) -> str:
    options = [row[-1] for row in graph["metrics"] if isinstance(row[-1], dict)]
    labels = [line["label"] for line in options if line.get("visible", True)]
    return ", ".join(re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", r"*\1*", label) for label in labels)


def _runbook(name: str) -> str:
    return f"[{code(name)}](../../docs/operations-and-design/operations.md#{name})"


def _metric(alarm: Mapping[str, Any]) -> str:
    """What an alarm looks at: a metric, or the answer to a query or a reckoning, which has a label."""
    labels = (query["label"] for query in alarm["metric_query"] if query["return_data"])
    return str(alarm["metric_name"] or next(labels))


def _says(alarm: Mapping[str, Any]) -> str:
    return str(alarm["alarm_description"]).partition(" What to do:")[0]
