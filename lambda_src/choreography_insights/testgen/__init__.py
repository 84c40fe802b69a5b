"""Series of events that together take every transition that events can take."""

from choreography_insights.testgen.path_constraints import Published
from choreography_insights.testgen.series import Left, Simulation, Simulations, simulations

__all__ = ["Left", "Published", "Simulation", "Simulations", "simulations"]
