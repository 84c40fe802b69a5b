"""From a `Workflow` that keeps to the rules to the values that are deployed."""

from choreography_insights.compile.asl import state_machine
from choreography_insights.model.event_rules import event_settings

__all__ = ["event_settings", "state_machine"]
