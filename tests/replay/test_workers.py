"""``choreography replay --workers``: to the letter what one process says, wherever the recording is cut into parts."""

import gzip
import io
import json
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from pyarrow import parquet

from choreography_insights.cli import replaying, sharing
from choreography_insights.cli.main import main
from choreography_insights.replay import parts
from replay.disorder import NAMED, SEVERAL, in_disorder
from replay.played import envelope, json_lines

PLAIN = """\
choreography: plain
source: s
start: S
capture: all
unexpected: fail
early: 10m
states:
  A: {await: {a: B}, timeout: {after: 5d, next: Lost}}
  B: {await: {b: Done, c: A}, expected: 1h}
  Done: succeed
  Lost: fail
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings are cut after so few bytes that there are many parts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parts, "_TEXT_BYTES", 1_000)
    Path("workflow.yaml").write_text(PLAIN, encoding="utf-8")


def nearly_in_order(seed: int, entities: int = 12, late: float = 8) -> list[str]:
    """Return the events of `in_disorder` as they arrive: at most so many minutes late, and some twice."""
    random = Random(seed)  # noqa: S311  # the same in each run
    events = [json.loads(line) for line in in_disorder(seed, 2, entities)[1:-2]]
    arriving = [
        (datetime.fromisoformat(one["time"]).timestamp() + 60 * random.uniform(0, late), json.dumps(one))
        for one in (*events, *random.sample(events, 40))
    ]
    return [f"{line}\n" for _, line in sorted(arriving)]


def said(
    capsys: pytest.CaptureFixture[str], workers: int, *options: str, events: str = "events"
) -> tuple[int, str, str]:
    """Return exit code, what is told, and what is complained of."""
    code = main(["replay", "workflow.yaml", events, *options, "--workers", f"{workers}"])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("definition", [PLAIN, SEVERAL, NAMED], ids=["plain", "several", "named"])
@pytest.mark.parametrize("options", [[], ["--sort", "--format", "json"]], ids=["as-they-come", "sorted"])
def test_entities_and_all_that_share_names_are_one_workers(
    definition: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("workflow.yaml").write_text(definition, encoding="utf-8")
    lines = in_disorder(5, days=2, entities=12) if options else nearly_in_order(5)
    Path("events").write_text("".join(lines), encoding="utf-8")
    code, told, complained = said(capsys, 1, *options)
    assert (code, told.count("\n") > 20) == (1, True)
    assert said(capsys, 3, *options) == (code, told, complained)


def test_the_first_event_that_comes_too_late_is_told_of_whoever_it_is_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = nearly_in_order(6)
    for moved in (200, 201, 240):  # to entities of several workers, in several parts
        lines.insert(moved, lines.pop(moved - 150))
    Path("events").write_text("".join(lines), encoding="utf-8")
    alone = said(capsys, 1)
    assert "older than one before it" in alone[2]
    assert [said(capsys, workers)[::2] for workers in (2, 3)] == [alone[::2]] * 2


@pytest.mark.parametrize("between", [0, 30], ids=["in-the-same-part", "in-another-part"])
def test_an_event_may_be_too_late_by_another_workers_events_alone(
    between: int, capsys: pytest.CaptureFixture[str]
) -> None:
    unheard = [envelope("S", "x", source="another")] * between
    for other in "abcd":  # in either share
        series = [envelope("S", "x"), envelope("S", other, "2026-01-01T00:30:00Z"), *unheard]
        series.append(envelope("a", "x", "2026-01-01T00:02:00Z"))
        Path("events").write_text(json_lines(series), encoding="utf-8")
        alone = said(capsys, 1)
        assert "28 minutes older" in alone[2]
        assert said(capsys, 2) == alone


def test_what_comes_again_tells_what_time_it_is_too(capsys: pytest.CaptureFixture[str]) -> None:
    Path("workflow.yaml").write_text(PLAIN.replace("source: s", "source: s\nid: $.detail.message"), encoding="utf-8")
    series = [("S", "x", 0, "1"), ("S", "x", 30, "1"), ("S", "y", 2, "2")]
    events = [
        envelope(name, "", f"2026-01-01T00:{minute:02}:00Z", detail={"id": entity, "message": message})
        for name, entity, minute, message in series
    ]
    Path("events").write_text(json_lines(events), encoding="utf-8")
    alone = said(capsys, 1)
    assert "28 minutes older" in alone[2]
    assert said(capsys, 2) == alone


@pytest.mark.parametrize("more", [1 << 70, "\ud800", [{"two": 2.0}]], ids=["long-number", "half-a-pair", "usual"])
def test_what_an_event_says_reaches_the_worker_whose_it_is(more: object, capsys: pytest.CaptureFixture[str]) -> None:
    Path("workflow.yaml").write_text(PLAIN.replace("a: B", "a: [{when: {kind: [x]}, next: B}]"), encoding="utf-8")
    entities = [f"{number}" for number in range(8)]
    events = [envelope("S", one) for one in entities]
    events += [envelope("a", one, detail={"id": one, "kind": "x", "more": more}) for one in entities]
    Path("events").write_text(json_lines(events), encoding="utf-8")
    alone = said(capsys, 1)
    assert alone[1].count("waits in B") == len(entities)
    assert said(capsys, 2) == alone


def indented(lines: Sequence[str]) -> str:
    """Return the events as JSON over many lines, the inner braces in the first column, too."""
    return json.dumps([json.loads(line) for line in lines], indent=0)


def test_files_of_all_kinds_are_cut_where_they_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    lines = nearly_in_order(7, entities=40)
    Path("events").mkdir()
    some = [lines[at : at + 90] for at in range(0, 630, 90)]
    Path("events/0.jsonl").write_text("".join(some[0]), encoding="utf-8")
    Path("events/1.json").write_text(indented(some[1]), encoding="utf-8")
    Path("events/2.jsonl.gz").write_bytes(gzip.compress("".join(some[2]).encode("utf-8-sig")))
    Path("events/3.txt").write_text("no events", encoding="utf-8")
    table = [{**json.loads(line), "detail": json.dumps(json.loads(line)["detail"])} for line in some[3]]
    parquet.write_table(pa.Table.from_pylist(table), "events/4.parquet")
    Path("events/5.json").write_text("".join(line.strip() for line in some[4]), encoding="utf-8")
    Path("events/6.json").write_text("".join(some[5][:50]) + indented(some[5][50:]), encoding="utf-8")
    Path("events/7.json").write_text('{"id": "7"}\r\r\n' + "".join(some[6]) + "7", encoding="utf-8")
    alone = said(capsys, 1)
    assert [line.partition(":")[0] for line in alone[2].splitlines()] == [
        "left out, as no events are in them",
        *["7.json"] * 2,
    ][::-1]
    assert said(capsys, 2) == alone
    assert said(capsys, 3, "--format", "json") == said(capsys, 1, "--format", "json")


@pytest.mark.parametrize("broken", ['{"id" 7}\n', "{\n", '{"id": "', '{"id": "\udce9"}\n'])
@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_what_cannot_be_read_is_told_as_by_one_process(
    broken: str,
    folder: bool,  # it is the test's
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = nearly_in_order(8)
    if folder:
        Path("events").mkdir()
        Path("events/2").write_text("".join(lines[200:]), encoding="utf-8")
    text = "".join([*lines[:150], broken, *lines[150:200]])
    Path("events/1" if folder else "events").write_bytes(text.encode("utf-8", "surrogateescape"))
    alone = said(capsys, 1)
    assert alone[0] == 2
    shared = said(capsys, 2)
    assert (shared[0], shared[2].partition(" at byte")[0]) == (2, alone[2].partition(" at byte")[0])


def test_standard_input_is_shared_out_as_it_comes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(nearly_in_order(9)).encode()
    found = []
    for workers in (1, 2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text)), encoding="utf-8"))
        found.append(said(capsys, workers, events="-"))
    assert found[0][0] == 1
    assert found[1] == found[0]


def test_other_names_are_learned_before_which_standard_input_does_not_allow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("workflow.yaml").write_text(NAMED, encoding="utf-8")
    text = "".join(nearly_in_order(9)).encode()
    found = []
    for workers in (1, 2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text)), encoding="utf-8"))
        found.append(said(capsys, workers, events="-"))
    alone, shared = found
    why, *more = shared[2].splitlines(keepends=True)
    assert why.startswith("one worker replays all: entities have other names (also)")
    assert (*shared[:2], "".join(more)) == alone


@pytest.mark.parametrize("options", [["--variants"], ["--against", "workflow.yaml"]])
def test_what_journeys_say_together_one_worker_says(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("events").write_text("".join(nearly_in_order(9)), encoding="utf-8")
    alone = said(capsys, 1, *options)
    why = "one worker replays all: what journeys say together is said by one\n"
    assert said(capsys, 2, *options) == (*alone[:2], f"{why}{alone[2]}")


def test_workers_end_also_if_this_process_deals_with_sigterm(capsys: pytest.CaptureFixture[str]) -> None:
    lines = nearly_in_order(6)
    lines.insert(200, lines.pop(50))  # it comes too late: a worker is ended while it waits for more
    Path("events").write_text("".join(lines), encoding="utf-8")
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        code, _, complained = said(capsys, 2)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (code, "older than one before it" in complained) == (2, True)


def is_killed(*_: object) -> None:
    os._exit(137)


def test_a_worker_that_is_killed_is_an_error_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("events").write_text("".join(nearly_in_order(9)), encoding="utf-8")
    monkeypatch.setattr(sharing, "work_at", is_killed)
    code, _, complained = said(capsys, 2)
    assert (code, "events: a worker ended before it had told of all its entities" in complained) == (2, True)


def test_workers_say_together_how_far_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "_PROGRESS_SECONDS", 0.0)
    Path("events").write_text("".join(nearly_in_order(9)), encoding="utf-8")
    _, told, complained = said(capsys, 2, "--format", "json")
    lines = complained.splitlines()
    counts = [[int(word.replace(",", "")) for word in line.split() if word[0].isdigit()] for line in lines]
    events = [numbers[0] for numbers in counts]
    assert events == sorted(events)
    last = json.loads(told.splitlines()[-1])["sum"]
    assert 0 < events[-1] <= last["events"]
    assert lines[-1].endswith(" events/s")
