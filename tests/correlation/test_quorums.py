"""So many of one event: each counts as it comes, those alike count once, and the state's time holds for them all."""

from typing import Any

import pytest

from choreography_insights.runtime.metrics import Metrics
from correlation.definitions import QUORUM, small
from correlation.playing import nothing_is_left, play
from fake_aws import Deployed, FakeAws

PLAIN = small("plain", "  Q: {await: {y: {times: 2, next: Yes}, n: No, o: Q}}\n  Yes: succeed\n  No: succeed")
ITEMS = small(
    "counted-items",
    "  P:\n    each:\n      items: $.detail.ps\n      item: $.detail.p\n"
    "      states: {V: {await: {v: {times: 2, next: VE}}, timeout: {after: 1h, next: VE}}, VE: succeed}\n"
    "    next: Done\n  Done: succeed",
)
REMEMBERING = small(
    "remembering",
    "  Q: {await: {y: {times: 2, remember: {k: detail.k}, next: Asked}}}\n"
    "  Asked: {choose: [{when: {k: [1]}, remembered: {k: [1]}, next: First}, {otherwise: Last}]}\n"
    "  First: succeed\n  Last: succeed",
)


def yes(*by: Any) -> list[tuple[str, dict[str, Any]]]:
    return [("y", {"by": one}) for one in by]


def ended(deployed: Deployed, *series: Any, **more: Any) -> FakeAws:
    aws = play(deployed, ["S", *series], **more)
    assert nothing_is_left(aws)
    return aws


def outcome(aws: FakeAws) -> tuple[list[tuple[str, str]], list[str]]:
    return aws.journeys("1"), [one["event"]["eventName"] for one in aws.deviations()]


def test_the_journey_goes_on_when_so_many_have_come() -> None:
    assert outcome(ended(QUORUM, *yes("ann", "ben"))) == ([("SUCCEEDED", "Late")], [])
    assert outcome(ended(QUORUM, *yes("ann", "ben", "cat"))) == ([("SUCCEEDED", "Yes")], [])


def test_of_those_alike_one_counts_and_the_others_are_no_deviations() -> None:
    series = yes("ann", "ann", "ben", "ann", "cat")
    assert outcome(ended(QUORUM, *series)) == ([("SUCCEEDED", "Yes")], [])


def test_what_has_no_text_or_number_there_does_not_count() -> None:
    nobody: list[Any] = [("y", {}), *yes(None, True, {"name": "ann"}, "", "x" * 257)]
    assert outcome(ended(QUORUM, *nobody, *yes("ann", 7, 7.0))) == ([("SUCCEEDED", "Late")], [])
    assert outcome(ended(QUORUM, *nobody, *yes("ann", 7, 8))) == ([("SUCCEEDED", "Yes")], [])


def test_one_event_of_another_name_ends_it_early() -> None:
    assert outcome(ended(QUORUM, *yes("ann", "ben"), "n")) == ([("SUCCEEDED", "No")], [])


def test_what_is_not_told_apart_counts_each_time() -> None:
    assert outcome(ended(PLAIN, "y", "y")) == ([("SUCCEEDED", "Yes")], [])


def test_a_way_back_to_the_state_begins_its_counts_anew() -> None:
    assert outcome(ended(PLAIN, "y", "o", "y", "n")) == ([("SUCCEEDED", "No")], [])
    assert outcome(ended(PLAIN, "y", "o", "y", "y")) == ([("SUCCEEDED", "Yes")], [])


@pytest.mark.parametrize("last", [57.0, 61.0])
def test_the_time_of_the_state_is_that_of_all_its_events_together(last: float) -> None:
    aws = play(QUORUM, ["S", *yes("ann", "ben", "cat")], times=[0.0, 25.25, 50.5, last])
    ends, deviations = outcome(aws)
    assert ends == [("SUCCEEDED", "Yes" if last < 60 else "Late")]
    assert deviations == ([] if last < 60 else ["y"])


def test_events_come_in_any_order_and_before_the_journey() -> None:
    aws = ended(QUORUM, *yes("ann", "ann", "ben", "cat"), arrivals=[21.0, 5.0, 20.0, 0.0, 12.0])
    assert outcome(aws) == ([("SUCCEEDED", "Yes")], [])


def test_each_item_counts_for_itself() -> None:
    series: list[Any] = [("S", {"ps": ["1", "2"]}), *(("v", {"p": item}) for item in ("1", "2", "2", "1"))]
    aws = play(ITEMS, series)
    assert outcome(aws) == ([("SUCCEEDED", "Done")], [])
    assert [one.path().count("V.Count") for one in aws.executions] == [2]


def test_what_is_remembered_is_of_the_last_as_is_what_is_looked_at() -> None:
    assert outcome(ended(REMEMBERING, ("y", {"k": 2}), ("y", {"k": 1}))) == ([("SUCCEEDED", "First")], [])
    assert outcome(ended(REMEMBERING, ("y", {"k": 1}), ("y", {"k": 2}))) == ([("SUCCEEDED", "Last")], [])


def test_the_rows_say_how_many_had_come_and_since_when_it_is_waited_for() -> None:
    aws = play(QUORUM, ["S", *yes("ann", "ann", "ben")], times=[0.0, 5.0, 6.0, 7.0])
    rows = [row for name, row in aws.table.partitions["quorum#1"].items() if name.startswith("EVENT#")]
    used = sorted((row for row in rows if "came" in row), key=lambda row: float(row["usedAt"]["N"]))
    assert [row["came"]["N"] for row in used] == ["1", "1", "2"]
    assert len({row["entered"]["S"] for row in used}) == 1
    assert not any("tally" in row for row in rows)


def test_the_metric_says_how_long_the_state_took_and_says_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, float]] = []
    monkeypatch.setattr(
        Metrics, "time_in_state", lambda self, choreography, state, seconds: told.append((state, round(seconds)))
    )
    ended(PLAIN, "y", "y", times=[0.0, 5.0, 15.0])
    assert told == [("Q", 17)]  # held for `settle`, as another event might lead back before it
