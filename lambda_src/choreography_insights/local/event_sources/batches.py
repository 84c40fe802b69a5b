"""What a function's answer says about each record of its batch."""

import json
from collections.abc import Sequence

from choreography_insights.local.functions.process import Outcome

REPORTS_ITEMS = "ReportBatchItemFailures"


def failed_items(outcome: Outcome, items: Sequence[str], *, reports_items: bool) -> list[str]:
    """Return which of *items* failed, in the order of the batch.

    A failed invocation fails them all. So does a report that names an unknown item or is malformed.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if outcome.failed:
        return list(items)
    if not reports_items:
        return []
    answer = json.loads(outcome.payload)
    if not answer or (isinstance(answer, dict) and not answer.get("batchItemFailures", [])):
        return []
    try:
        named = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    except (TypeError, KeyError):
        return list(items)
    if not named <= set(items):
        return list(items)
    return [item for item in items if item in named]
