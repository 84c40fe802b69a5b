"""Series of events, played."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fake_aws import Deployed, FakeAws, Strategy, in_order

#: An event of a series: its name, or its name and detail.
Played = str | tuple[str, dict[str, Any]]


def play(
    choreography: Deployed,
    series: Sequence[Played],
    *,
    entity: str = "1",
    apart: float = 5.0,
    times: Sequence[float] | None = None,
    arrivals: Sequence[float] | None = None,
    strategy: Strategy = in_order,
    aws: FakeAws | None = None,
) -> FakeAws:
    """Publish *series* and run: its events happen *apart* seconds apart, or at *times*, and arrive at *arrivals*."""
    aws = aws or FakeAws(choreography)
    happens = times or [position * apart for position in range(len(series))]
    for (name, detail), time, arrives in zip(named(series), happens, arrivals or happens, strict=True):
        aws.publish(name, entity, detail, source=choreography.source, time=time, delay=arrives)
    aws.run(strategy)
    return aws


def named(series: Iterable[Played]) -> list[tuple[str, dict[str, Any]]]:
    """Names and details."""
    return [(one, {}) if isinstance(one, str) else one for one in series]


def nothing_is_left(aws: FakeAws) -> bool:
    """Every event moved a journey, is reported, repeats a start or is retired, never two of these; none is left."""
    outcome = aws.outcome()
    reported = {(_place(one), one["event"]["eventId"]) for one in aws.deviations()}
    moved = aws.moved()
    for event, status in outcome.events.items():
        ends = {
            "DONE": (1, False),
            "REPORTED": (0, True),
            **dict.fromkeys(("NOTED", "REPEATED", "RETIRED"), (0, False)),
        }
        assert (moved.get(event, 0), event in reported) == ends.get(status), (event, status, outcome)
    assert outcome.kept == {}, outcome
    assert outcome.dead_letters == [], outcome
    assert aws.stream_dead_letters == []
    assert not [key for key, rows in aws.table.partitions.items() if any("waiting" in row for row in rows.values())]
    assert not any(queue.messages for queue in aws.queues.values()), outcome
    return True


def _place(deviation: Mapping[str, Any]) -> str:
    """The partition that holds the row of what was reported."""
    name = deviation.get("name")
    if name is None:
        return f"{deviation['choreography']}#{deviation['entityId']}"
    return f"{deviation['choreography']}/{name['as'] if deviation['reason'] == 'NameTaken' else ''}#{name['id']}"
