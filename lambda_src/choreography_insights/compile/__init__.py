"""From a `Workflow` that keeps to the rules to the state machine that is deployed."""

from choreography_insights.compile.asl import state_machine

__all__ = ["state_machine"]
