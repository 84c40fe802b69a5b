"""Every simulation ends where replay says, played at the real functions and the real state machine on moto."""

from choreography_insights.testing.aws import Aws
from support.series import LONG, Series, all_series, replayed


@all_series
def test_a_simulation_ends_on_moto_where_replay_says(series: Series, aws: Aws) -> None:
    told = replayed(series)
    real = aws(series.workflow, series.events, series.entity, LONG)
    assert (real.status, real.trace.here) == (series.status, (series.state,))
    assert (real.states, real.trace.transitions) == (told.states, told.trace.transitions)
    assert not real.deviated()
