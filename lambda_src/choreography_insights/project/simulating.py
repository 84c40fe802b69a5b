"""The simulations of a definition, each replayed before it is handed on: what `replay` contradicts is left out."""

from collections.abc import Sequence

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.testgen import Published, Simulations, simulations

_BEGINNING = 1_577_836_800.0
"""With 2020: the moments that generated series wait for are over then."""

_ENTITY, _NOBODY = "one", "nobody"


def simulated(workflow: Workflow) -> Simulations:
    """Return the fewest series that together take every transition, as far as `replay` says that events can."""
    choreography = Automaton.of(workflow)

    def happens(events: Sequence[Published], status: str, state: str) -> bool:
        told = _replayed(choreography, events)
        return [(one.status, one.state, one.conforms) for one in told if isinstance(one, ReplayedJourney)] == [
            (status, state, True)
        ] and not any(isinstance(one, Deviation) for one in told)

    return simulations(workflow, happens)


def _replayed(choreography: Automaton, events: Sequence[Published]) -> list[ReplayedJourney | Deviation]:
    """Let *events* happen to an entity, and then all the time pass that a journey has."""
    told: list[ReplayedJourney | Deviation] = []
    replay = Replay(choreography, told.append)
    time = _BEGINNING
    for position, event in enumerate(events):
        time += event.pause
        replay.take(Event(f"{position}", event.name, _ENTITY, time, time, event.detail, position, event.source))
    time += choreography.timeout + choreography.early + 1
    replay.take(Event("end", "", _NOBODY, time, time))
    replay.finish()
    return [one for one in told if (one.entity if isinstance(one, ReplayedJourney) else one.event.entity) == _ENTITY]
