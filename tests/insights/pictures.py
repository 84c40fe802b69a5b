"""Rows of pictures, as Terraform writes them."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from choreography_insights.model.flow import flow_of
from choreography_insights.model.workflow import Workflow
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.views import layout_file


def picture_row(
    workflow: Workflow,
    *,
    version: str | None = None,
    is_current: bool = True,
    expected: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """The row of the picture of *workflow*; *version*: another than its own; *expected*: of states."""
    flow = flow_of(workflow)
    targets = expected or {}
    flow = replace(flow, states={name: replace(one, expected=targets.get(name)) for name, one in flow.states.items()})
    text = layout_file.written(layout(picture_of(workflow)), flow)
    name, own = workflow.name.text, version or flow.version
    return {
        "journey": {"S": "#pictures"},
        "item": {"S": name if is_current else f"{name}#{own}"},
        "picture": {"B": gzip.compress(text.encode())},
        "version": {"S": own},
        "description": {"S": workflow.description or ""},
    }
