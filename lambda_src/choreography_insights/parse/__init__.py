"""From the text of a ``workflow.yaml`` to a `Workflow`, gathering everything that cannot be read on the way."""

from choreography_insights.parse.workflow import Draft, parse

__all__ = ["Draft", "parse"]
