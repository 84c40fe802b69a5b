"""Tests of one's own choreography: what the pytest fixture ``choreography`` gives (docs/guide/tools.md, "Tests")."""

from choreography_insights.testing.event_series import event
from choreography_insights.testing.journey import Journey
from choreography_insights.testing.playing import Choreography

__all__ = ["Choreography", "Journey", "event"]
