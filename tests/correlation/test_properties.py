"""Random choreographies, series and deliveries: each journey ends as replay of its events in order of time says.

Hypothesis prints what reproduces a failure. `make explore` tries others than these.
"""

from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.playing import nothing_is_left
from correlation.random_choreographies import (
    SETTLE,
    Definition,
    Happening,
    Verdict,
    definitions,
    disturbed,
    event_id,
    judged,
    walks,
)
from fake_aws import FakeAws, Randomly
from fake_aws.gates import Fault, FaultKind
from support.exploring import times

# Shrinking a failure may take longer than a test usually may.
pytestmark = [pytest.mark.usefixtures("no_log"), pytest.mark.timeout(times(1200))]

_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


_seeds = st.integers(0, 2**32)


def _verdict(aws: FakeAws) -> Verdict:
    return Verdict(
        [(one.status, one.error or one.end) for one in aws.executions],
        sorted({(one["event"]["eventId"], one["reason"]) for one in aws.deviations()}),
    )


def _publish(
    aws: FakeAws, series: Sequence[Happening], lags: Sequence[float], repeats: Sequence[Sequence[float]]
) -> None:
    for position, (one, lag, again) in enumerate(zip(series, lags, repeats, strict=True)):
        for later in (0.0, *again):
            aws.publish(
                one.name,
                "1",
                one.detail,
                event_id=event_id(position, one),
                time=float(one.at),
                delay=one.at + lag + later,
            )


@st.composite
def _deliveries(draw: st.DrawFn, count: int, longest_lag: float) -> tuple[list[float], list[list[float]]]:
    """How late each event comes, and how much later again."""
    lags = draw(st.lists(st.floats(0, longest_lag), min_size=count, max_size=count))
    later = st.lists(st.sampled_from([0.0, 0.5, 3.0, 30.0, 1000.0]), max_size=2)
    return lags, draw(st.lists(later, min_size=count, max_size=count))


@settings(max_examples=times(80), suppress_health_check=_QUIET)
@given(data=st.data(), definition=definitions(), seed=_seeds)
def test_a_conforming_series_ends_right_however_it_is_delivered(
    data: st.DataObject, definition: Definition, seed: int
) -> None:
    choreography = definition.read
    series = data.draw(walks(choreography, st.integers(1, 8)))
    expected = judged(choreography, series)
    assert not expected.deviations
    lags, repeats = data.draw(_deliveries(len(series), SETTLE - 5.0))
    aws = FakeAws(definition.deployed)
    _publish(aws, series, lags, repeats)
    aws.run(Randomly(seed))
    assert _verdict(aws) == expected
    assert nothing_is_left(aws)


KINDS: list[FaultKind] = ["die before", "die after", "fail before", "fail after", "repeat", "conflict"]


@settings(max_examples=times(60), suppress_health_check=_QUIET)
@given(
    data=st.data(),
    definition=definitions(),
    seed=_seeds,
    fault=st.builds(Fault, st.integers(0, 60), st.sampled_from(KINDS)),
    before_submitted=st.sampled_from(["accepted", "refused"]),
    status_events=st.sampled_from(["sent", "dropped"]),
    broken_writes=st.lists(st.tuples(st.sampled_from(["ThrottlingException", "InternalServerError"]), st.just(False))),
)
def test_a_conforming_series_ends_right_whatever_goes_wrong_on_the_way(
    data: st.DataObject,
    definition: Definition,
    seed: int,
    fault: Fault,
    before_submitted: Literal["accepted", "refused"],
    status_events: Literal["sent", "dropped"],
    broken_writes: list[tuple[str, bool]],
) -> None:
    choreography = definition.read
    series = data.draw(walks(choreography, st.integers(1, 8)))
    lags, repeats = data.draw(_deliveries(len(series), SETTLE - 15.0))
    aws = FakeAws(definition.deployed, fault=fault, visibility_timeout=5.0, status_events=status_events)
    aws.stepfunctions.before_submitted = before_submitted
    aws.stepfunctions.broken_writes = broken_writes[:3]
    _publish(aws, series, lags, repeats)
    aws.run(Randomly(seed))
    assert _verdict(aws) == judged(choreography, series)
    assert nothing_is_left(aws)


@settings(max_examples=times(80), suppress_health_check=_QUIET)
@given(data=st.data(), definition=definitions(policies=("fail", "report")), seed=_seeds)
def test_any_series_ends_as_replay_says_when_it_is_delivered_in_order(
    data: st.DataObject, definition: Definition, seed: int
) -> None:
    """Events are lost, strange, too many or in the wrong order; each is delivered when it happens, perhaps again."""
    choreography = definition.read
    series = data.draw(disturbed(data.draw(walks(choreography, st.integers(3, 8)))))
    _, repeats = data.draw(_deliveries(len(series), 0.0))
    aws = FakeAws(definition.deployed)
    _publish(aws, series, [0.0] * len(series), repeats)
    aws.run(Randomly(seed))
    assert _verdict(aws) == judged(choreography, series)
    assert nothing_is_left(aws)
