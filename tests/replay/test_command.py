"""The command ``choreography replay``: what it prints, and how it exits."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.cli.main import main
from choreography_insights.cli.replaying import Progress
from choreography_insights.replay.report import in_words
from replay.played import envelope, json_lines
from support.definitions import EXAMPLES, GOOD, name_of, read

DEFINITION = """\
choreography: parcel
source: s
start: Handed In
capture: all
unexpected: fail
states:
  OnTheWay:
    await:
      Delivered: Home
      Returned: OnTheWay
    timeout: {after: 5d, next: Lost}
  Home: succeed
  Lost: fail
"""

_NAMED = """\
events:
  Handed In: {also: {label: $.detail.label}}
  Delivered: {entity: {as: label, at: $.detail.id}}
"""

SERIES = [
    envelope("Handed In", "1"),
    envelope("Handed In", "2", "2026-01-01T00:00:10Z"),
    envelope("Returned", "1", "2026-01-01T01:00:00Z"),
    envelope("Opened", "2", "2026-01-01T02:00:00Z"),
    envelope("Delivered", "1", "2026-01-01T02:00:30Z"),
    envelope("Handed In", "3", "2026-01-01T02:00:40Z"),
    envelope("Handed In", "3", "2026-01-01T02:00:40Z"),
    envelope("Delivered", "4", "2026-01-01T02:00:50Z"),
    envelope("Delivered", "5", "2026-01-01T02:00:50Z", source="another"),
    envelope("Delivered", "", "2026-01-01T02:00:50Z"),
]


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A definition and recorded events, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflow.yaml").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "events.jsonl").write_text(json_lines(SERIES), encoding="utf-8")
    return tmp_path


def test_a_table_tells_of_each_journey_and_of_the_sum(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", ".", "events.jsonl"]) == 1
    printed = capsys.readouterr()
    assert printed.out == (Path(__file__).parent / "parcel.txt").read_text("utf-8")
    assert printed.err == (
        "line 10: event 10 is left out: its entity id at $.detail.id is a text of 0 characters; it must be a number, "
        "or text of 1 to 256 characters\n"
    )


def test_json_is_an_object_a_line_and_the_sum_in_the_last(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "workflow.yaml", "events.jsonl", "--format", "json"]) == 1
    assert capsys.readouterr().out == (Path(__file__).parent / "parcel.jsonl").read_text("utf-8")


def test_what_followed_from_a_deviation_is_told_with_it(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = [
        *(envelope(name, "2", f"2026-01-01T03:00:0{at}Z") for at, name in enumerate(["Lost", "Opened", "Opened"])),
        *(envelope("Opened", "4", f"2026-01-01T03:00:0{at}Z") for at in (4, 5)),
    ]
    (parcel / "events.jsonl").write_text(json_lines([*SERIES[:8], *after]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "after that" in line] == [
        "    3 events after that met no journey: 2 'Opened', 'Lost'",
        "    2 events after that met no journey: 2 'Opened'",
    ]
    assert [line.split()[:2] for line in lines if line.startswith(("deviations", "followed"))] == [
        ["deviations", "2"],
        ["followed", "5"],
    ]
    assert main(["replay", ".", "events.jsonl", "--format", "json"]) == 1
    *told, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [len(one.get("journey", one.get("deviation"))["followed"]) for one in told] == [0, 0, 3, 2]
    assert last["sum"]["followed"] == {"JourneyEnded": 3, "NoJourney": 2}


def test_what_a_running_journey_waits_for_is_told_and_since_when(
    parcel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = {
        "Both": {
            "parallel": {
                "one": {"states": {"X": {"all": {"a": "x", "b": "y"}, "next": "Told"}, "Told": "succeed"}},
                "two": {"states": {"Y": {"await": {"z": "Rest"}}, "Rest": {"wait": "1d", "next": "R"}, "R": "succeed"}},
            },
            "next": "Done",
        },
        "Done": "succeed",
    }
    settings = {"choreography": "parcel", "source": "s", "start": "Handed In", "states": states}
    (parcel / "workflow.yaml").write_text(json.dumps(settings), encoding="utf-8")
    series = [SERIES[0], envelope("x", "1", "2026-01-01T00:00:05Z"), envelope("z", "1", "2026-01-01T00:00:07.5Z")]
    (parcel / "events.jsonl").write_text(json_lines(series), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if "waits" in line] == [
        "    waits in X.b since 2026-01-01T00:00:00Z for 'y'",
        "    waits in Rest since 2026-01-01T00:00:07.500Z until 2026-01-02T00:00:07.500Z",
    ]
    assert main(["replay", ".", "events.jsonl", "--format", "json"]) == 0
    journey, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert journey["journey"]["waits"] == [
        {"state": "X.b", "accepts": ["y"], "since": "2026-01-01T00:00:00Z"},
        {
            "state": "Rest",
            "accepts": [],
            "since": "2026-01-01T00:00:07.500Z",
            "until": "2026-01-02T00:00:07.500Z",
        },
    ]


def test_a_table_holds_its_columns_whatever_the_ids_are(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["x" * 24, "x" * 25, "y" * 256, "line\nbreak", "\N{RIGHT-TO-LEFT OVERRIDE}turned"]
    (parcel / "events.jsonl").write_text(json_lines([envelope("Handed In", one) for one in ids]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 0
    lines = capsys.readouterr().out.split("\n\n")[0].splitlines()
    place = lines[0].index("outcome")
    rows = [line for line in lines if "RUNNING" in line]
    assert {line.index("RUNNING") for line in rows} == {place}
    assert [line[:place].strip() for line in rows] == ["x" * 24, "", "", "line␊break", "\\u202eturned"]
    before = [lines[position - 1] for position, line in enumerate(lines) if "RUNNING" in line]
    assert before[1:3] == ["x" * 25, "y" * 256]


def test_what_is_overdue_is_told_where_something_is_expected(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expecting = DEFINITION.replace("    timeout: {after", "    expected: 50m\n    timeout: {after")
    (parcel / "workflow.yaml").write_text(expecting, encoding="utf-8")
    (parcel / "events.jsonl").write_text(json_lines([SERIES[0], SERIES[2], SERIES[4], SERIES[5]]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 0
    table = capsys.readouterr().out
    assert "    OnTheWay 2h in 2 visits\n    overdue: OnTheWay (50m expected, 2 times)\n" in table
    assert "\noverdue             2  2 OnTheWay\n" in table
    rows = [line.split() for line in table.splitlines() if line.startswith(("state", "OnTheWay   ", "Home"))]
    assert [row[-2:] for row in rows[:3]] == [["expected", "overdue"], ["50m", "2"], ["-", "-"]]
    assert main(["replay", ".", "events.jsonl", "--format", "json"]) == 0
    journey, *_, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert journey["journey"]["overdue"] == {"OnTheWay": 2}
    states = last["sum"]["states"]
    assert [(states[name]["expectedSeconds"], states[name]["overdue"]) for name in ("OnTheWay", "Home")] == [
        (3_000, 2),
        (None, None),
    ]


def test_where_everything_conforms_the_exit_code_is_0(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (parcel / "events.jsonl").write_text(json_lines([SERIES[0], SERIES[2], SERIES[4]]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 0
    (parcel / "events.jsonl").write_text("\ufeff" + json_lines([SERIES[0], SERIES[2], SERIES[4]]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 0


@pytest.mark.parametrize(
    ("timeout", "status"), [("", "SUCCEEDED"), ("timeout: 365d\n", "TIMED_OUT"), ("timeout: 30d\n", "TIMED_OUT")]
)
def test_a_recorded_journey_takes_as_long_as_it_took_if_no_timeout_is_written(
    parcel: Path, capsys: pytest.CaptureFixture[str], timeout: str, status: str
) -> None:
    states = "states:\n  OnTheWay: {await: {Delivered: Home}}\n  Home: succeed\n"
    head = "choreography: slow\nsource: s\nstart: Handed In\n"
    (parcel / "workflow.yaml").write_text(head + timeout + states, encoding="utf-8")
    series = [envelope("Handed In", "1"), envelope("Delivered", "1", "2029-01-01T00:00:00Z")]
    (parcel / "events.jsonl").write_text(json_lines(series), encoding="utf-8")
    main(["replay", ".", "events.jsonl", "--format", "json"])
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["journey"]["status"] == status
    main(["report", ".", "events.jsonl", "-o", "report.html"])
    assert ("timed out" in (parcel / "report.html").read_text("utf-8").lower()) is (status == "TIMED_OUT")


@pytest.mark.parametrize("events", [[], [{**SERIES[0], "source": "another"}]], ids=["none", "of others"])
def test_where_there_is_nothing_to_replay_the_exit_code_is_2(
    parcel: Path, events: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    (parcel / "events.jsonl").write_text(json_lines(events), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 2
    assert "no event in it is one that the choreography hears of" in capsys.readouterr().err


@pytest.mark.parametrize("left", [SERIES[3], SERIES[7], SERIES[9]], ids=["unexpected", "no journey", "unusable"])
def test_where_one_thing_does_not_conform_the_exit_code_is_1(
    parcel: Path, left: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (parcel / "events.jsonl").write_text(json_lines([SERIES[0], SERIES[2], left]), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 1


def test_events_are_read_from_standard_input(
    parcel: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json_lines([SERIES[0], SERIES[4]])))
    assert main(["replay", ".", "-", "--format", "json"]) == 0
    journey, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert journey["journey"]["state"] == "Home"


@pytest.mark.parametrize(
    ("definition", "events", "said"),
    [
        (
            "nowhere.yaml",
            "events.jsonl",
            "nowhere.yaml: there is no such file or folder; name a workflow.yaml, or a folder",
        ),
        (".", "nowhere.jsonl", "nowhere.jsonl: No such file or directory; make it readable"),
        (".", "workflow.yaml", "workflow.yaml: line 1: not JSON"),
        ("events.jsonl", "events.jsonl", "events.jsonl:2:1: CI002 this is not YAML"),
        (".", "latin.jsonl", "latin.jsonl: not UTF-8"),
        (".", "disordered.jsonl", "sort the file by time, or add --sort"),
    ],
)
def test_what_cannot_be_replayed_is_said_and_the_exit_code_is_2(
    parcel: Path, definition: str, events: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (parcel / "latin.jsonl").write_bytes('{"id": "ü"}'.encode("latin-1"))
    many = [envelope("Handed In", f"x{number}", "2026-01-01T02:00:50Z") for number in range(50)]
    (parcel / "disordered.jsonl").write_text(json_lines([*reversed(SERIES), *many, SERIES[0]]), encoding="utf-8")
    assert main(["replay", definition, events]) == 2
    assert said in capsys.readouterr().err


def test_disordered_events_are_sorted_if_asked(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (parcel / "events.jsonl").write_text(json_lines(list(reversed(SERIES[:9]))), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl", "--sort"]) == 1
    table = (Path(__file__).parent / "parcel.txt").read_text("utf-8")
    assert capsys.readouterr().out == table.replace(", 1 unusable", "")


def test_only_the_first_unusable_events_are_named(parcel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (parcel / "events.jsonl").write_text(json_lines(SERIES[9:] * 50), encoding="utf-8")
    assert main(["replay", ".", "events.jsonl"]) == 1
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 10
    assert "left out: 50 unusable" in printed.out


SIMULATIONS = [
    path
    for folder in [*GOOD, *EXAMPLES]
    for path in sorted(folder.glob("simulations/*.json"))
    if "generatedBy" in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("simulation", SIMULATIONS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_generated_simulation_ends_where_replay_says(
    simulation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(simulation.parents[1]), str(simulation), "--format", "json"]) == 0
    *lines, _ = map(json.loads, capsys.readouterr().out.splitlines())
    told = {line["journey"]["entityId"]: (line["journey"]["status"], line["journey"]["state"]) for line in lines}
    expected = json.loads(simulation.read_text("utf-8"))["expect"]
    assert told == {entity: (one["status"], one["state"]) for entity, one in expected.items()}


def test_every_example_has_simulations() -> None:
    assert {name_of(folder) for folder in EXAMPLES} <= {path.parts[-3] for path in SIMULATIONS}
    assert all(read(folder) for folder in EXAMPLES)


def test_ends_that_the_compiler_has_made_are_summed_up_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "workflow.yaml").write_text(
        "choreography: c\nsource: s\nstart: S\nstates:\n"
        "  Kind: {choose: [{when: {kind: [list]}, next: Each}]}\n"
        "  Each: {each: {items: $.detail.items, item: $.detail.item, states: {A: {await: {a: B}}, B: succeed}},\n"
        "         next: Done}\n"
        "  Done: succeed\n"
    )
    kinds: tuple[dict[str, Any], ...] = ({"kind": "list"}, {"kind": "list", "items": [1, 1]}, {"kind": "none"})
    began = [{**envelope("S", str(number)), "detail": {"id": str(number), **kind}} for number, kind in enumerate(kinds)]
    (tmp_path / "events.jsonl").write_text(json_lines(began))
    assert main(["replay", str(tmp_path), str(tmp_path / "events.jsonl")]) == 0
    told = capsys.readouterr().out
    assert all(f"FAILED     {state}" in told for state in ("Each.Refused", "Each ", "UnexpectedTransition"))
    assert "3 FAILED" in told


def test_a_long_replay_says_now_and_then_how_far_it_is() -> None:
    said, clock = list[str](), iter([0.0, 1.0, 6.0, 7.0, 12.0])
    progress = Progress(said.append, lambda: next(clock))
    for events in range(1_000, 4_001, 1_000):
        progress.look(events, 700, 30)
    assert said == [
        "2,000 events, 700 journeys, 30 entities open, 333 events/s",
        "4,000 events, 700 journeys, 30 entities open, 333 events/s",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (0.25, "0.25s"), (59, "59s"), (60, "1m"), (61, "1m 1s"), (3600, "1h"), (3725, "1h 2m"), (86_400, "1d"),
     (90_000, "1d 1h"), (14 * 86_400 + 59, "14d")],
)  # fmt: skip
def test_spans_of_time_are_written_in_their_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
