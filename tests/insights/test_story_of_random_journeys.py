"""Whatever happens to a journey: its rows tell what its execution in Step Functions says."""

import json
import math
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from choreography_insights.trace.trace import of_history
from choreography_insights.views.picture import ONWARD
from choreography_insights.views.trace import Trace, Transition
from correlation.disorder import Chosen, Delivered, Lateness, choreographies, publish, series
from fake_aws import FakeAws, Randomly
from fake_aws.executions import Execution
from insights.played import reading
from support.definitions import workflow_of_value
from support.exploring import times

pytestmark = [pytest.mark.usefixtures("no_log"), pytest.mark.timeout(times(1200))]

_HARDLY_ANY_CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def played(chosen: Chosen, events: Sequence[Delivered], seed: int, seconds: float) -> FakeAws:
    """Deliver *events* at random, for so many seconds."""
    aws = FakeAws(chosen.deployed)
    publish(aws, events)
    aws.run(Randomly(seed), seconds=seconds)
    return aws


def _executed(chosen: Chosen, execution: Execution) -> Trace:
    description = {
        "status": execution.status,
        "input": json.dumps(execution.input),
        "error": execution.error,
        "cause": execution.cause,
    }
    history = [one.as_answered() for one in execution.history.happenings]
    return of_history(workflow_of_value(json.loads(chosen.text)), description, history)


def _sure(trace: Trace) -> dict[Transition, int]:
    """The transitions that a journey is sure to have taken: what one chose that failed then, nothing tells."""
    is_bad = trace.status not in ("RUNNING", "SUCCEEDED")
    return {
        one: times
        for one, times in trace.transitions.items()
        if not (is_bad and one[1] == ONWARD and one[0].endswith("1"))
    }


@settings(max_examples=times(50), phases=set(Phase) - {Phase.explain}, suppress_health_check=_HARDLY_ANY_CHECKS)
@given(
    data=st.data(),
    seed=st.integers(0, 2**32),
    late=st.sampled_from(["punctual", "settles", "any"]),
    inner=st.sampled_from(["", "branches", "items"]),
    timeouts=st.booleans(),
)
def test_the_rows_of_a_journey_tell_of_the_way_that_its_execution_took(
    data: st.DataObject, seed: int, late: Lateness, inner: str, timeouts: bool
) -> None:
    has_timeouts = timeouts and inner != "items"  # no row tells of items to which no event came
    chosen = data.draw(choreographies(timeouts=has_timeouts, branches=inner == "branches", items=inner == "items"))
    # What a line chose is a guess where its time may be over then, or that of what is around it.
    assume(not ("choose" in chosen.text and '"timeout": {' in chosen.text))
    events = data.draw(series(chosen, "1", late))
    last = math.ceil(max((max(event.arrivals) for event in events), default=0.0))
    aws = played(chosen, events, seed, last + data.draw(st.sampled_from([0.5, 3.5, 30.5, 400.5])))
    if not aws.executions:
        return
    execution = aws.executions[-1]
    workflow = workflow_of_value(json.loads(chosen.text))
    journey = reading(aws, workflow).journey("random", "1")
    assert journey is not None
    truth = _executed(chosen, execution)
    assert journey.status == truth.status
    assert _sure(journey.trace) == _sure(truth)
    assert dict(journey.trace.exits) == dict(truth.exits)
    if truth.status in ("RUNNING", "SUCCEEDED"):
        assert sorted(journey.trace.here) == sorted(truth.here)
    # Of items whose time was over before any event came no row is left that anybody reads.
    assert {one for one in truth.states ^ journey.trace.states if not one.startswith("I")} == set()
