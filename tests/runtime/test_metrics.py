"""How fine the metrics are: every series of them is paid for."""

import json
from typing import Any, get_args

import pytest

from choreography_insights.runtime.metrics import Detail, Metrics, detail_from
from choreography_insights.runtime.ports import ports_from

WHOLE = ("service",)
CHOREOGRAPHY = ("choreography", "service")
STATE = ("choreography", "service", "state")


def series(detail: Detail, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, tuple[str, ...]]]:
    """All that is written of two choreographies at work: each metric, with the names of its dimensions."""
    metrics = Metrics(detail=detail)
    for choreography in ("order", "car"):
        metrics.count("JourneysStarted", choreography)
        metrics.duration("JourneyDuration", choreography, 5.0)
        metrics.time_in_state(choreography, "A", 3.0)
    metrics.level("JourneysOverdue", {"order": 2})
    metrics.write()
    return {
        (metric["Name"], tuple(sorted(dimensions)))
        for line in capsys.readouterr().out.splitlines()
        for sheet in json.loads(line)["_aws"]["CloudWatchMetrics"]
        for dimensions in sheet["Dimensions"]
        for metric in sheet["Metrics"]
    }


_OF_THE_WHOLE = {("JourneysStarted", WHOLE), ("JourneyDuration", WHOLE), ("JourneysOverdue", WHOLE)}
_OF_CHOREOGRAPHIES = {("JourneysOverdue", CHOREOGRAPHY)}  # AWS counts the others by state machine


def test_a_summary_has_the_whole_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert series("summary", capsys) == _OF_THE_WHOLE


def test_the_choreographies_have_series_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert series("per_choreography", capsys) == _OF_THE_WHOLE | _OF_CHOREOGRAPHIES


def test_the_time_in_states_is_written_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert series("per_state", capsys) == _OF_THE_WHOLE | _OF_CHOREOGRAPHIES | {("TimeInState", STATE)}


def test_counts_of_all_choreographies_add_up_in_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics(detail="summary")
    metrics.count("JourneysStarted", "order")
    metrics.count("JourneysStarted", "car")
    metrics.level("JourneysOverdue", {})
    metrics.write()
    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    assert (written["JourneysStarted"], written["JourneysOverdue"]) == ([2.0], [0.0])


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, "per_choreography"), *(({"METRICS_DETAIL": detail}, detail) for detail in get_args(Detail))],
)
def test_the_functions_environment_says_how_fine(environment: dict[str, str], expected: str) -> None:
    names = ("JOURNEYS_TABLE", "START_QUEUE_URL", "EVENT_QUEUE_URL", "EVENT_BUS_NAME")
    ports = ports_from(dict.fromkeys(names, "x") | environment, lambda _service: Any)
    assert ports.metrics.detail == expected


def test_another_word_is_refused() -> None:
    with pytest.raises(
        ValueError, match="METRICS_DETAIL is 'all'; it must be one of summary, per_choreography, per_state"
    ):
        detail_from("all")
