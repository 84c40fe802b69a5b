"""When a run is over: nothing may be on its way any more, however late the functions are."""

import json

import pytest

from fake_aws.clock import EPOCH
from journeys.definitions import Definition
from journeys.plans import Plan
from journeys.series import Happening
from journeys.trace import Course

_WRITTEN = Definition(
    json.dumps(
        {
            "choreography": "order",
            "source": "shop",
            "start": "Ordered",
            "early": "60s",
            "settle": "0s",
            "states": {"Packing": {"await": {"Packed": "Shipping"}}, "Shipping": {"await": {"Shipped": "Done"}}}
            | {"Done": "succeed"},
        }
    )
)
_PLAN = Plan(1, lag=0.0, settle=0, early=60, loose=True, late_writes=False, answered_too_soon=False)


@pytest.mark.parametrize("prompt", [True, False])
def test_an_event_of_a_later_journey_may_come_as_late_as_one_of_the_first(*, prompt: bool) -> None:
    course = Course(_WRITTEN.read, _PLAN, prompt=prompt)
    moments = {"Ordered": 0.0, "Packed": 100.0, "Shipped": 200.0}
    for round_ in range(3):
        for name, moment in moments.items():
            at = 1_000.0 * round_ + moment
            happening = Happening(f"{name}-{round_}", name, "shop", {"id": "1"}, at, alone=True)
            event = happening.as_event(_WRITTEN.read, 0)
            assert event is not None
            course.take_alone(event)
            assert course.quiet_from() == EPOCH + at + _PLAN.drift + 1.0
