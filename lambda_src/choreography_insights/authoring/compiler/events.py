"""``events.json``: which events Terraform's rules are to catch, and how they are to be read."""

from typing import Any

from choreography_insights.authoring import paths
from choreography_insights.authoring.patterns import fields_read
from choreography_insights.authoring.workflow import Await, Workflow, awaited_events


def event_settings(workflow: Workflow) -> dict[str, Any]:
    """Return the contents of ``events.json``, in the form of docs/interfaces.md, section 3."""
    start_pattern, event_pattern = patterns(workflow)
    reading = {"entity": paths.written(workflow.entity), "time": paths.written(workflow.time)}
    return {
        "choreography": workflow.name.text,
        "startEvents": [{"pattern": start_pattern, **reading, "events": _starts(workflow)}],
        "events": [{"pattern": event_pattern, **reading, "events": list(awaited_events(workflow))}],
        "earlySeconds": workflow.early_seconds,
        "settleSeconds": workflow.settle_seconds,
        "unexpected": workflow.unexpected,
        "timeoutSeconds": workflow.timeout_seconds,
        "reads": paths_read(workflow),
    }


def patterns(workflow: Workflow) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the EventBridge patterns of the start events and of all others."""
    sources = [source.text for source in workflow.sources]
    starts = _starts(workflow)
    others = list(awaited_events(workflow)) if workflow.capture == "known" else [{"anything-but": starts}]
    return {"source": sources, "detail-type": starts}, {"source": sources, "detail-type": others}


def paths_read(workflow: Workflow) -> list[str]:
    """Return the path of every field that some ``when`` looks at, sorted."""
    found = {
        path
        for state in workflow.states
        if isinstance(state, Await)
        for variant in state.variants
        if variant.when
        for path in fields_read(variant.when)
    }
    return sorted(paths.written(path, root="$.detail") for path in found)


def _starts(workflow: Workflow) -> list[str]:
    return [start.text for start in workflow.starts]
