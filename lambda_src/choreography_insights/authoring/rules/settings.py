"""Settings that do not fit together, and forms that would outgrow AWS's limits."""

import json
from collections.abc import Iterator

from choreography_insights.authoring.compiler.events import patterns
from choreography_insights.authoring.problems import Problem, Spot
from choreography_insights.authoring.workflow import Workflow

_MAX_PATTERN = 2_048


def settle_within_early(workflow: Workflow) -> Iterator[Problem]:
    """What is held back to settle is kept, and nothing is kept longer than the grace period."""
    if workflow.settle_seconds > workflow.early_seconds:
        yield _at_top(workflow, "settle").problem(
            f"'settle' ({workflow.settle_seconds}s) is longer than 'early' ({workflow.early_seconds}s), so events "
            "would be unexpected before they have settled; shorten 'settle' or lengthen 'early'"
        )


def pattern_size(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes patterns of up to 2,048 characters."""
    if not workflow.sources or not workflow.starts:
        return
    longest = max(len(json.dumps(pattern, separators=(",", ":"))) for pattern in patterns(workflow))
    if longest > _MAX_PATTERN:
        remedy = "write 'capture: all'" if workflow.capture == "known" else "name fewer sources or start events"
        yield _at_top(workflow, "capture").problem(
            f"an event pattern of {longest} characters would be made of it, and EventBridge takes {_MAX_PATTERN}; "
            f"{remedy}"
        )


def _at_top(workflow: Workflow, key: str) -> Spot:
    """Return a spot for what concerns the whole file, named by its most telling *key*."""
    return Spot(workflow.name.spot.at, key)


RULES = (settle_within_early, pattern_size)
