"""Checks a state machine that was written or edited by hand, as `choreography lint` does."""

from choreography_insights.authoring.lint.linting import lint

__all__ = ["lint"]
