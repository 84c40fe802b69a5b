"""The command ``choreography report``: what it writes, and how it exits."""

import io
from pathlib import Path

import pytest

from choreography_insights.cli.main import main
from replay.played import envelope, json_lines

DEFINITION = """\
choreography: parcel
source: s
start: Handed In
states:
  OnTheWay:
    await: {Delivered: Home}
  Home: succeed
"""

SERIES = [
    envelope("Handed In", "1"),
    envelope("Handed In", "2", "2026-01-01T00:00:10Z"),
    envelope("Delivered", "1", "2026-01-01T02:00:00Z"),
    envelope("Delivered", "1", "2026-01-01T02:00:00Z"),
    envelope("Delivered", "5", "2026-01-01T02:00:20Z", source="another"),
]


@pytest.fixture
def _parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition and recorded events, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("workflow.yaml").write_text(DEFINITION, encoding="utf-8")
    Path("events.jsonl").write_text(json_lines(SERIES), encoding="utf-8")


@pytest.mark.usefixtures("_parcel")
def test_it_writes_one_file_that_says_what_was_left_out() -> None:
    assert main(["report", ".", "events.jsonl", "-o", "report.html"]) == 0
    text = Path("report.html").read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Made from 3 events by choreography report." in text
    assert "Left out: 1 delivered again, 1 of others." in text
    assert "Each has its story in this page." in text
    assert "2026-01-01 02:00:00 UTC" in text


@pytest.mark.usefixtures("_parcel")
def test_it_is_the_same_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", ".", "events.jsonl", "-o", "report.html"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(json_lines(SERIES)))
    assert main(["report", ".", "-"]) == 0
    assert capsys.readouterr().out == Path("report.html").read_text("utf-8")


@pytest.mark.usefixtures("_parcel")
def test_times_are_those_of_the_zone_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", ".", "events.jsonl", "--timezone", "Asia/Tokyo"]) == 0
    assert "2026-01-01 11:00:00 JST" in capsys.readouterr().out


@pytest.mark.usefixtures("_parcel")
def test_what_differs_is_in_it_if_asked_for_with_the_journeys_that_are_examples() -> None:
    strict = DEFINITION.replace("source: s", "source: s\ncapture: all").replace("Delivered: Home", "Lost: Home")
    Path("strict.yaml").write_text(strict, encoding="utf-8")
    assert main(["report", "strict.yaml", "events.jsonl", "--against", ".", "-o", "report.html"]) == 0
    view = Path("report.html").read_text("utf-8").partition('<section id="differing"')[2].partition('<section id="')[0]
    for words in (
        "1 entity fares worse; no state got slower.",
        "SUCCEEDED in Home",
        "RUNNING in OnTheWay; &#x27;Delivered&#x27; unexpected in OnTheWay",
        "OnTheWay: 1 depart here that did not before",
        '<a href="#journey-1" class="ci-link"><bdi class="ci-id">1</bdi></a>',
    ):
        assert words in view, words
    assert main(["report", ".", "events.jsonl", "--split", "2026-01-01T00:00:05Z", "-o", "report.html"]) == 0
    view = Path("report.html").read_text("utf-8").partition('<section id="differing"')[2]
    assert "No outcome is more frequent now; no state got slower." in view
    assert "before 2026-01-01T00:00:05Z" in view


@pytest.mark.usefixtures("_parcel")
def test_standard_input_is_not_read_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", ".", "-", "--against", "."]) == 2
    assert capsys.readouterr().err == ("standard input can be read once only; to compare definitions, name a file\n")


@pytest.mark.usefixtures("_parcel")
@pytest.mark.parametrize("name", ["Nowhere/Land", "../etc", ""])
def test_a_zone_that_is_none_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", ".", "events.jsonl", "--timezone", name])
    assert f"no time zone is named {name!r}; name one as Europe/Berlin" in capsys.readouterr().err


@pytest.mark.usefixtures("_parcel")
def test_what_cannot_be_replayed_is_said_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("others.jsonl").write_text(json_lines(SERIES[4:]), encoding="utf-8")
    assert main(["report", ".", "others.jsonl", "-o", "report.html"]) == 2
    assert capsys.readouterr().err == (
        "others.jsonl: no event in it is one that the choreography hears of; nothing was replayed\n"
    )
    assert main(["report", ".", "nowhere.jsonl", "-o", "report.html"]) == 2
    assert (
        capsys.readouterr().err == "nowhere.jsonl: No such file or directory; make it readable, or name another path\n"
    )
    assert main(["report", ".", "events.jsonl", "-o", "no/report.html"]) == 2
    assert "no/report.html: No such file or directory" in capsys.readouterr().err
    assert not Path("report.html").exists()


@pytest.mark.usefixtures("_parcel")
def test_what_is_left_out_of_a_large_report_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("choreography_insights.report.page.STORIES_BYTES", 12_000)
    monkeypatch.setattr("choreography_insights.report.gathering.MOST_ROWS", 5)
    many = [envelope("Handed In", f"p-{number}", f"2026-01-01T00:00:{number:02}Z") for number in range(30)]
    Path("many.jsonl").write_text(json_lines(many), encoding="utf-8")
    assert main(["report", ".", "many.jsonl", "-o", "report.html"]) == 0
    text = Path("report.html").read_text("utf-8")
    told = text.count('id="journey-')
    assert 0 < told < 30
    assert f"Of 30 journeys {told} have their story in this page" in text
    assert "5 are in the list; the others only count in the numbers." in text
