"""The ways that journeys took."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.logs import Told, journeys, parcel, written
from choreography_insights.analysis.variants import Variants
from choreography_insights.cli.main import main

EVENTS: list[Told] = [
    *((0, "Handed In", str(number)) for number in range(6)),
    *((60 * (number + 1), "Delivered", str(number)) for number in range(3)),
    (100, "Returned", "3"),
    (200, "Handed Out", "3"),
    (100, "Opened", "4"),
    (300, "Opened", "4"),
]
TABLE = """\
journeys   share  median    95 %  outcome    way
       3  50.0 %  1m 55s  2m 57s  SUCCEEDED  OnTheWay > Home
       1  16.7 %  2m 40s  2m 40s  FAILED     OnTheWay  ! 'Opened' in OnTheWay
       1  16.7 %  3m 13s  3m 13s  SUCCEEDED  OnTheWay > Back > Home
       1  16.7 %       -       -  RUNNING    OnTheWay
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, EVENTS)


def test_the_table_has_the_most_frequent_way_first_and_each_with_its_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", ".", "events.jsonl", "--variants"]) == 1
    table, _, totals = capsys.readouterr().out.partition("\n\n")
    assert f"{table}\n" == TABLE
    assert totals.startswith("events             13\njourneys            6  4 SUCCEEDED, 1 FAILED, 1 RUNNING\n")


def test_those_that_deviate_come_first_if_asked_and_the_others_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", ".", "events.jsonl", "--variants", "--deviating-first", "--most", "1"]) == 1
    table, _, _ = capsys.readouterr().out.partition("\n\n")
    assert table.splitlines()[1].endswith("FAILED   OnTheWay  ! 'Opened' in OnTheWay")
    assert table.splitlines()[2] == "5 of 6 journeys went 3 other ways"


def test_programs_read_all_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", ".", "events.jsonl", "--variants", "--format", "json"]) == 1
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [(one["journeys"], one["status"], one["states"]) for one in first["variants"]["told"]][:2] == [
        (3, "SUCCEEDED", ["OnTheWay", "Home"]),
        (1, "FAILED", ["OnTheWay"]),
    ]
    assert first["variants"]["told"][1]["deviations"] == [{"event": "Opened", "state": "OnTheWay"}]
    assert first["variants"]["told"][0]["examples"] == ["0", "1", "2"]
    assert last["sum"]["journeys"] == 6


def test_no_number_of_rows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", ".", "events.jsonl", "--variants", "--most", "0"])
    assert "'0' is no whole number; give one from 1 on" in capsys.readouterr().err


NAMES = ["Delivered", "Returned", "Handed Out", "x"]


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(NAMES), st.sampled_from("abcdef"))))
def test_each_journey_is_on_one_way_and_its_time_counts_once(events: list[tuple[int, str, str]]) -> None:
    found, _ = journeys(parcel(), [*((0, "Handed In", entity) for entity in "abcdef"), *events])
    variants = Variants()
    for journey in found:
        variants.take(journey)
    ways = variants.ways()
    assert sum(way.count for way in ways) == len(found)
    assert Counter({way.states: 0 for way in ways}).keys() == {journey.path for journey in found}
    assert sum(way.took.count for way in ways) == sum(journey.ended_at is not None for journey in found)
    assert [way.count for way in ways] == sorted((way.count for way in ways), reverse=True)
    first = variants.ways(deviating_first=True)
    assert [way.deviates for way in first] == sorted((way.deviates for way in ways), reverse=True)


def test_of_too_many_ways_the_later_ones_are_counted_and_no_more() -> None:
    found, _ = journeys(parcel(), EVENTS)
    variants = Variants(most=2)
    for journey in found:
        variants.take(journey)
    assert len(variants.ways()) == 2
    assert variants.untold == 2
    assert [*variants.lines(10)][-1] == "2 of 6 journeys went ways that are not told apart"


def test_a_report_shows_each_way_with_its_picture(folder: Path) -> None:
    assert main(["report", ".", "events.jsonl", "-o", "report.html"]) == 0
    text = (folder / "report.html").read_text("utf-8")
    assert text.count("<summary>Its picture</summary>") == 4
    assert "A way that 3 journeys took: succeeded" in text
    assert text.index("A way that 3 journeys took") < text.index(">departs</span> by Opened in ")
    assert main(["report", ".", "events.jsonl", "-o", "report.html", "--deviating-first"]) == 0
    text = (folder / "report.html").read_text("utf-8")
    assert text.index("A way that 3 journeys took") > text.index(">departs</span> by Opened in ")
