"""Every simulation ends where it says: by replay, and played in the in-memory AWS on what is generated."""

from support.series import LONG, Series, all_series, replayed
from world import World, deployable


@all_series
def test_a_simulation_ends_where_it_says_for_replay_too(series: Series) -> None:
    journey = replayed(series)
    assert (journey.status, journey.course.here) == (series.status, (series.state,))
    assert not journey.deviated()


@all_series
def test_a_simulation_ends_where_it_says(series: Series) -> None:
    world = World(deployable((series.at.parents[1] / "workflow.yaml").read_text(encoding="utf-8")))
    for event in series.events:
        world.publish_detail(event.name, event.detail, source=event.source, time=event.at, delay=event.at)
    world.run(seconds=series.events[-1].at + LONG)
    (execution,) = world.executions
    assert (execution.status, execution.last_entered()) == (series.status, series.state)
    assert world.outcome().dead_letters == []
    assert world.deviations() == []
    assert set(world.outcome().events.values()) == {"DONE"}
