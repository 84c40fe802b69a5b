r"""Patches which text a Choice's ``StringMatches`` matches.

moto 5.2.5 asks Python's ``fnmatch``, to which ``?`` and ``[`` are special, and ``\*`` is a backslash before any text.
To Step Functions only ``*`` is special, and ``\*`` and ``\\`` stand for the characters themselves, as in EventBridge's
wildcards:
https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.string_operators import (
    StringMatches,
)

from choreography_insights.core.patterns import matcher_test
from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Mend the comparison."""

    @patch(StringMatches, "_compare", source_digest="95c2424d22ca")
    def compare(_: Any, variable: Any, comparison_value: str) -> bool:
        return matcher_test({"wildcard": comparison_value})(variable)
