r"""Patches how moto's Step Functions reads names and paths in a definition.

moto 5.2.5 takes them as they stand in the JSON, so that the state ``Await "yes"`` is named ``Await \"yes\"`` in the
history of an execution. AWS reads JSON.
"""

import json
from typing import Any

from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Mend the reading of definitions."""

    @patch(Preprocessor, "_inner_string_of", source_digest="d9f476327b5b")
    def inner_string_of(original: Any, parser_rule_context: Any) -> str | None:
        found = original(parser_rule_context)
        return found if found is None or "\\" not in found else str(json.loads(f'"{found}"'))
