"""From the text of a ``workflow.yaml`` to a `Workflow`, gathering everything that cannot be read on the way."""

from choreography_insights.authoring.parser.draft import Draft
from choreography_insights.authoring.parser.workflow import parse

__all__ = ["Draft", "parse"]
