"""Patches how many lines of a Map run at once in moto.

moto 5.2.5 begins all of them, however many. So no test would see what becomes of those that have to wait.

AWS: "the Map state supports up to 40 concurrent iterations"; the next begins when one has ended.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.max_concurrency import DEFAULT_MAX_CONCURRENCY_VALUE
from moto.stepfunctions.parser.asl.eval.environment import Environment

from choreography_insights.local.patches.source_digests import patch

_AT_ONCE = 40


def install() -> None:
    """Let 40 lines of a Map run at once, or as many as its MaxConcurrency says, if those are fewer."""

    @patch(InlineIterationComponent, "_eval_body", source_digest="1a65306eb3ca")
    def eval_body(original: Any, self: InlineIterationComponent, env: Environment) -> None:
        about: Any = env.stack[-1]
        asked = about.max_concurrency
        limit = _AT_ONCE if asked == DEFAULT_MAX_CONCURRENCY_VALUE else min(asked, _AT_ONCE)
        about.max_concurrency = max(1, min(limit, len(about.input_items)))
        original(self, env)
