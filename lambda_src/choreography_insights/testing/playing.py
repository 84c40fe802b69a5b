"""Plays events at a choreography."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import InOrder, Replay
from choreography_insights.replay.event import Event
from choreography_insights.replay.journey import Deviation
from choreography_insights.replay.journey_log import ReplayedJourney
from choreography_insights.testing.event_series import Published, Written, heard, published, seconds
from choreography_insights.testing.journey import NOT_BEGUN, Journey
from choreography_insights.trace.trace import of_replay
from choreography_insights.views.trace import Trace

Play = Callable[[Workflow, Sequence[Published], str, float], Journey]
"""Plays events about an entity, lets some seconds pass, and says where the journey is then."""

_NOBODY = ""
"""An entity that no event can be about; something happens to it only to let time pass."""


@dataclass(frozen=True, slots=True)
class Choreography:
    """A choreography to play events at. *played* is called with each journey that comes of it."""

    workflow: Workflow
    engine: Play
    played: Callable[[Journey], None]

    def play(self, *events: str | Written, entity: str | None = None, then_wait: str | float = 0) -> Journey:
        """Let *events* happen, a second apart where nothing else is said, and return the journey of *entity*.

        The grace period of the last event passes too, so that it is certain what was unexpected; *then_wait* lets more
        time pass. Of several journeys of the entity it is the last.
        """
        whose = entity or f"{self.workflow.name.text}-1"
        journey = self.engine(self.workflow, published(self.workflow, events, whose), whose, seconds(then_wait))
        self.played(journey)
        return journey


def by_replay(workflow: Workflow, events: Sequence[Published], entity: str, then_wait: float) -> Journey:
    """Play *events* by `replay`, from now on: at once, whatever time passes between them."""
    now = time.time()
    told: list[ReplayedJourney | Deviation] = []
    replayed = Automaton.of(workflow)
    replay = Replay(replayed, told.append)
    found = chain.from_iterable(heard(replayed, one, now + one.at, position) for position, one in enumerate(events))
    for event in InOrder(math.inf)(found):
        replay.take(event)
    if then_wait:
        end = now + (events[-1].at if events else 0.0) + then_wait
        replay.take(Event("end", "", _NOBODY, end, end))
    replay.finish()
    journeys = [one for one in told if isinstance(one, ReplayedJourney) and one.entity == entity]
    alone = [one for one in told if isinstance(one, Deviation) and one.event.entity == entity]
    deviations = sorted([*alone, *(one for journey in journeys for one in journey.deviations)], key=lambda one: one.at)
    trace = of_replay(workflow, journeys[-1]) if journeys else Trace(entity, NOT_BEGUN, ())
    return Journey(workflow, trace, [one.name for one in events], tuple(one.event.name for one in deviations))
