"""Every simulation ends where replay says, played at the real functions and the real state machine on moto."""

from pathlib import Path
from typing import Any

import pytest

from choreography_insights.testing.aws import Aws
from support.definitions import GOOD
from support.series import LONG, Series, all_series, replayed, series_at


@all_series
def test_a_simulation_ends_on_moto_where_replay_says(series: Series, aws: Aws) -> None:
    told = replayed(series)
    real = aws(series.workflow, series.events, series.entity, LONG)
    assert (real.status, real.trace.here) == (series.status, (series.state,))
    assert (real.states, real.trace.transitions) == (told.states, told.trace.transitions)
    assert not real.deviated()


#: Of pauses, of items in items, of branches.
SIMULATIONS = [
    next(folder.glob("simulations/*.json"))
    for folder in GOOD
    if folder.name in ("wait-for-a-time", "each-within-each", "two-branches")
]
_STEPS = 5


@pytest.mark.parametrize("path", SIMULATIONS, ids=lambda path: str(path.parents[1].name))
def test_rows_on_moto_say_at_any_moment_in_which_state_the_journey_is(
    path: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = series_at(path)
    states = [state.name.text for state in series.workflow.states]
    seen: list[tuple[str | None, str | None]] = []
    let_pass = Aws._let_pass

    def step_by_step(self: Aws, deployed: Any, key: str, *, until: float) -> None:
        now = self._aws.time()
        for step in range(1, _STEPS + 1):
            let_pass(self, deployed, key, until=now + (until - now) * step / _STEPS)
            if arn := deployed.execution(self._items(key)):
                seen.append((_told(self, key), _held(self, arn, states)))

    monkeypatch.setattr(Aws, "_let_pass", step_by_step)
    assert aws(series.workflow, series.events, series.entity, LONG).status == series.status
    assert [(told, held) for told, held in seen if told != held] == []
    assert {held for _, held in seen} > {None}


def _told(aws: Aws, key: str) -> str | None:
    """The outermost state that the journey's row says."""
    (row,) = (item for item in aws._items(key) if item["item"]["S"] == "JOURNEY")
    return str(row["since"]["S"]).rpartition("#")[0] if {"at", "since"} <= row.keys() else None


def _held(aws: Aws, arn: str, states: list[str]) -> str | None:
    """The one that Step Functions has its execution in, if it runs."""
    client = aws._clients["stepfunctions"]
    if client.describe_execution(executionArn=arn)["status"] != "RUNNING":
        return None
    history = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    entered: list[str] = [
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    ]
    return next(name for name in reversed(entered) if name in states)
