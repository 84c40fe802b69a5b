"""Playing scenarios and following their journeys until all have ended, or have had their time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demonstration.deployment import Stage
from demonstration.journeys import Journey
from demonstration.scenarios import Expectation, Scenario

_LOOK_EVERY_SECONDS = 0.5
#: A journey that an unexpected event fails does so after the grace period (60 s); then give up on it.
_GIVE_UP_AFTER_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one journey ended, beside where it should have."""

    scenario: str
    expectation: Expectation
    journey: Journey

    @property
    def is_right(self) -> bool:
        """Whether it ended as it should."""
        return (self.journey.status, self.journey.last_state) == (self.expectation.status, self.expectation.state)


def play(
    stage: Stage, scenarios: Sequence[Scenario], show: Callable[[float, Sequence[Journey]], None]
) -> list[Outcome]:
    """Play all *scenarios* at once, *show* the journeys as they move, and return how each ended."""
    began = time.monotonic()
    for scenario in scenarios:
        stage.play(scenario)
    expected = [(scenario, expectation) for scenario in scenarios for expectation in scenario.expectations]
    give_up_at = max(scenario.seconds for scenario in scenarios) + _GIVE_UP_AFTER_SECONDS
    journeys = [Journey(expectation.choreography, expectation.entity_id, "", ()) for _, expectation in expected]
    while True:
        # One that has ended is asked for no more: to say its history takes long.
        journeys = [one if one.has_ended else stage.journey(one.choreography, one.entity_id) for one in journeys]
        seconds = time.monotonic() - began
        show(seconds, journeys)
        if seconds > give_up_at or all(journey.has_ended for journey in journeys):
            break
        time.sleep(_LOOK_EVERY_SECONDS)
    return [
        Outcome(scenario.name, expectation, journey)
        for (scenario, expectation), journey in zip(expected, journeys, strict=True)
    ]
