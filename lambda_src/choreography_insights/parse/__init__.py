"""From the text of a ``workflow.yaml`` to a `Workflow`, gathering everything that cannot be read on the way."""

from choreography_insights.parse.draft import Draft
from choreography_insights.parse.workflow import parse

__all__ = ["Draft", "parse"]
