"""Settings that do not fit together, and forms that would outgrow AWS's limits."""

import json
from collections.abc import Iterator
from typing import Any

from choreography_insights.core.durations import in_words
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.workflow import Wait, Waiting, Workflow, nested

_MAX_PATTERN = 2_048
_MAX_WRAPPED = 8_192 - 1_024
"""Of an input transformer's template, without what else stands in it: names, ARN, entity and time paths, numbers."""


def settle_within_early(workflow: Workflow) -> Iterator[Problem]:
    """What is held back to settle is kept, and nothing is kept longer than the grace period."""
    if workflow.settle_seconds > workflow.early_seconds:
        yield workflow.spot_of("settle" if "settle" in workflow.spots else "early").problem(
            catalogue.SETTLE_LONGER_THAN_EARLY,
            f"'settle' ({workflow.settle_seconds}s) is longer than 'early' ({workflow.early_seconds}s), so events "
            "would be unexpected before they have settled; shorten 'settle' or lengthen 'early'",
        )
    for state in nested(workflow.states):
        policy = state.policy if isinstance(state, Waiting) else None
        early = policy.early_seconds if policy else None
        if policy and policy.spot and early is not None and workflow.settle_seconds > early:
            yield policy.spot.problem(
                catalogue.SETTLE_LONGER_THAN_EARLY,
                f"'settle' ({workflow.settle_seconds}s) is longer than 'early' ({early}s) here, so "
                "events would be unexpected before they have settled; lengthen 'early'",
            )


def sizes_of_rules(workflow: Workflow) -> Iterator[Problem]:
    """EventBridge takes patterns of up to 2,048 characters, and input transformers of up to 8,192."""
    if not workflow.sources or not workflow.starts:
        return
    settings = event_settings(workflow)
    rules = (*settings["startEvents"], *settings["events"])
    longest = max(len(_as_terraform_writes(rule["pattern"])) for rule in rules)
    if longest > _MAX_PATTERN:
        remedy = "write 'capture: all'" if workflow.capture == "known" else "name fewer sources or start events"
        yield workflow.spot_of("capture").problem(
            catalogue.EVENT_PATTERN_TOO_LONG,
            f"an event pattern of {longest} characters would be made of it, and EventBridge takes {_MAX_PATTERN}; "
            f"{remedy}",
        )
    own = ("events", "remember", "when", "unless")
    wrapped = ([settings["reads"], *(rule[part] for part in own if part in rule)] for rule in rules)
    size = max(len(_as_terraform_writes(parts)) for parts in wrapped)
    if size > _MAX_WRAPPED:
        yield workflow.spot_of("states").problem(
            catalogue.INPUT_TRANSFORMER_TOO_LONG,
            f"the names of its events and of the fields that 'when' looks at, and a start event's own 'when', have "
            f"{size:,} characters together; "
            f"EventBridge leaves room for {_MAX_WRAPPED:,}, so make two choreographies of it",
        )


def _as_terraform_writes(value: Any) -> str:
    """Return what Terraform's ``jsonencode`` makes of *value*, which is what EventBridge is given."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026")


def timeouts_within_the_journey(workflow: Workflow) -> Iterator[Problem]:
    """A state's timeout must come before the whole journey's, or it never comes."""
    for state in nested(workflow.states):
        if isinstance(state, Waiting) and state.timeout and state.timeout.seconds >= workflow.timeout_seconds:
            yield state.timeout.spot.problem(
                catalogue.TIMEOUT_NEVER_COMES,
                f"this timeout never comes: the whole journey ends after {in_words(workflow.timeout_seconds)}; "
                "shorten it, or lengthen the 'timeout' of the choreography",
            )


def pauses_within_the_journey(workflow: Workflow) -> Iterator[Problem]:
    """A pause must be over before the whole journey is."""
    for state in nested(workflow.states):
        if isinstance(state, Wait) and isinstance(state.until, int) and state.until >= workflow.timeout_seconds:
            yield state.name.spot.problem(
                catalogue.PAUSE_NEVER_OVER,
                f"this pause is never over: the whole journey ends after {in_words(workflow.timeout_seconds)}; "
                "shorten it, or lengthen the 'timeout' of the choreography",
            )


def expected_before_the_timeout(workflow: Workflow) -> Iterator[Problem]:
    """A journey must be able to be overdue, or nobody would ever be told."""
    if workflow.expected_seconds is not None and workflow.expected_seconds >= workflow.timeout_seconds:
        yield workflow.spot_of("expected").problem(
            catalogue.NEVER_OVERDUE,
            f"no journey is ever overdue: it ends after {in_words(workflow.timeout_seconds)} at the latest; "
            "shorten 'expected', or lengthen 'timeout'",
        )


RULES = (sizes_of_rules,)
TIME_RULES = (
    settle_within_early,
    timeouts_within_the_journey,
    pauses_within_the_journey,
    expected_before_the_timeout,
)
