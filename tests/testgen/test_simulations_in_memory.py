"""Every simulation ends where it says: by replay, and played in the in-memory AWS on what is generated."""

from fake_aws import FakeAws, deployable
from support.series import LONG, Series, all_series, replayed


@all_series
def test_a_simulation_ends_where_it_says_for_replay_too(series: Series) -> None:
    journey = replayed(series)
    assert (journey.status, journey.trace.here) == (series.status, (series.state,))
    assert not journey.deviated()


@all_series
def test_a_simulation_ends_where_it_says(series: Series) -> None:
    aws = FakeAws(deployable((series.folder / "workflow.yaml").read_text(encoding="utf-8")))
    for event in series.events:
        aws.publish_detail(event.name, event.detail, source=event.source, time=event.at, delay=event.at)
    aws.run(seconds=series.events[-1].at + LONG)
    (execution,) = aws.executions
    assert (execution.status, execution.last_entered()) == (series.status, series.state)
    assert aws.outcome().dead_letters == []
    assert aws.deviations() == []
    assert set(aws.outcome().events.values()) <= {"DONE", "NOTED"}
