"""Checks a state machine that was written or edited by hand, as `choreography lint` does."""

from choreography_insights.lint.linting import lint, lint_file

__all__ = ["lint", "lint_file"]
