"""What `choreography init` writes: a choreography to begin with, that works at once."""

from choreography_insights.authoring.beginning.files import beginning, terraform

__all__ = ["beginning", "terraform"]
