"""`choreography discover`: files in, a folder out, and what is said of it."""

import gzip
import json
import random
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.cli.main import main
from choreography_insights.project.definitions import load
from devtools.places import ROOT

from .simulated import log, parcels

ORDER = load(ROOT / "examples" / "order" / "order")
CAR = load(ROOT / "examples" / "car-dealer" / "car-dealer")


def written(path: Path, events: list[dict[str, Any]]) -> str:
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
    return str(path)


def test_a_folder_is_written_that_validates_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = written(tmp_path / "events.jsonl", log(ORDER, 100, seed=1))
    folder = tmp_path / "order"
    assert main(["discover", events, "-o", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "entity      $.detail.id" in said
    assert "replay      100 of 100 cases conform\n" in said
    assert main(["validate", str(folder)]) == 0
    assert main(["replay", str(folder), events]) == 0
    assert load(folder).name.text == "order"


def test_it_never_writes_over_a_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "workflow.yaml").write_text("mine", encoding="utf-8")
    assert main(["discover", written(tmp_path / "e.jsonl", log(ORDER, 5, seed=1)), "-o", str(tmp_path)]) == 1
    assert "this is there already" in capsys.readouterr().err
    assert (tmp_path / "workflow.yaml").read_text(encoding="utf-8") == "mine"


def test_another_noise_than_usual_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = written(tmp_path / "e.jsonl", log(CAR, 20, seed=2))
    said = []
    for options in ((), ("--noise", "0.1")):
        assert main(["discover", events, *options]) == 0
        said.append(capsys.readouterr().err)
    assert ["noise  " in one for one in said] == [True, False], said


def test_without_a_folder_the_draft_is_printed_and_all_else_said_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discover", written(tmp_path / "shop.jsonl", log(ORDER, 20, seed=1)), "--name", "mine"]) == 0
    printed = capsys.readouterr()
    assert "choreography: mine\n" in printed.out
    assert "fitness" not in printed.out
    assert "fitness" in printed.err


def test_deviations_are_said_by_event_and_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = log(ORDER, 200, seed=1)
    confirmed = [one for one in events if one["detail-type"] == "Order Confirmed"][:3]
    events += [{**one, "id": f"again-{number}", "time": one["time"] + 0.5} for number, one in enumerate(confirmed)]
    assert main(["discover", written(tmp_path / "e.jsonl", events), "-o", str(tmp_path / "order")]) == 0
    assert "       3  Order Confirmed in Confirmed" in capsys.readouterr().out


def test_deviations_among_the_items_of_a_list_are_said_by_the_state_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slowly = parcels(random.Random(1), 100)  # noqa: S311
    events = [{**one, "time": slowly[0]["time"] + 500 * (one["time"] - slowly[0]["time"])} for one in slowly]
    sent = [one for one in events if one["detail-type"] == "Parcel Sent"][:3]
    events += [{**one, "id": f"again-{number}", "time": one["time"] + 0.5} for number, one in enumerate(sent)]
    assert main(["discover", written(tmp_path / "e.jsonl", events), "-o", str(tmp_path / "order")]) == 0
    assert "\n         2  Parcel Sent in WaitForDelivered\n" in capsys.readouterr().out


CSV = "Case ID;Activity;Complete Timestamp;amount\n" + "".join(
    f"{case};{activity};2026-03-0{day}T12:00:0{case};{case}\n"
    for case in range(1, 4)
    for day, activity in enumerate(["Opened", "Assigned", "Closed"], 1)
)

XES = """<log xmlns="http://www.xes-standard.org/">{}</log>""".format(
    "".join(
        f"""<trace><string key="concept:name" value="case-{case}"/>"""
        + "".join(
            f"""<event><string key="concept:name" value="{activity}"/><int key="amount" value="{case}"/>"""
            f"""<date key="time:timestamp" value="2026-03-0{day}T12:00:0{case}+00:00"/></event>"""
            for day, activity in enumerate(["Opened", "Assigned", "Closed"], 1)
        )
        + "</trace>"
        for case in range(1, 4)
    )
)

OCEL = {
    "eventTypes": [],
    "objectTypes": [],
    "objects": [{"id": f"o{case}", "type": "order"} for case in range(1, 4)] + [{"id": "item", "type": "item"}],
    "events": [
        {
            "id": f"{case}-{day}",
            "type": activity,
            "time": f"2026-03-0{day}T12:00:0{case}Z",
            "attributes": [{"name": "amount", "value": case}],
            "relationships": [{"objectId": f"o{case}", "qualifier": ""}, {"objectId": "item", "qualifier": ""}],
        }
        for case in range(1, 4)
        for day, activity in enumerate(["Opened", "Assigned", "Closed"], 1)
    ],
}


@pytest.mark.parametrize(
    ("file", "text", "options"),
    [("log.csv", CSV, ()), ("log.xes", XES, ()), ("log.json", json.dumps(OCEL), ("--case", "order"))],
)
@pytest.mark.parametrize("packed", [False, True])
def test_logs_of_process_mining_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, options: tuple[str, ...], packed: bool
) -> None:
    path = tmp_path / (f"{file}.gz" if packed else file)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert main(["discover", str(path), "--name", "desk", *options]) == 0
    text = capsys.readouterr().out
    assert "entity: $.detail.case\nsource: desk\nstart: Opened\n" in text
    assert "await: {Assigned: Assigned}" in text
    assert "await: {Closed: Closed}" in text


def test_a_log_in_utf_16_is_read_whatever_it_says_of_its_encoding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("log.csv", CSV), ("log.xes", f'<?xml version="1.0" encoding="UTF-16"?>{XES}')):
        (tmp_path / name).write_bytes(text.encode("utf-16"))
        assert main(["discover", str(tmp_path / name)]) == 0
        assert "9 events, 3 journeys" in capsys.readouterr().err


def test_what_is_left_out_of_a_log_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.csv"
    path.write_text(CSV.replace("1;Opened", "1;").replace("2026-03-02T12:00:02", "soon"), encoding="utf-8")
    assert main(["discover", str(path), "-o", str(tmp_path / "desk")]) == 0
    said = capsys.readouterr().out
    assert "left out    line 2: it has no activity" in said
    assert "left out    line 6: its time 'soon' is in no form that is known; name its form by --time-format" in said
    assert "time        has no zone, so it is taken as UTC; name another by --time-zone Europe/Berlin" in said
    assert "7 events" in said


def test_events_that_cannot_be_used_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = log(ORDER, 20, seed=1)
    odd = [{"time": "soon"}, {"time": "soon"}, {"source": "choreography.insights"}, {"detail-type": "A <1"}]
    unusable = [{**events[0], "id": str(number), **one} for number, one in enumerate(odd)]
    assert main(["discover", written(tmp_path / "e.jsonl", [*events, *unusable])]) == 0
    said = capsys.readouterr().err
    assert "unusable    2 events: their time is 'soon', and must be ISO 8601, or seconds since 1970\n" in said
    assert "unusable    1 event: they are reports on journeys\n" in said
    assert "unusable    1 event: their 'detail-type' is 'A <1'" in said


def test_the_events_of_a_log_are_written_for_replay(tmp_path: Path) -> None:
    path, events, folder = tmp_path / "log.csv", tmp_path / "events.jsonl", tmp_path / "desk"
    path.write_text(CSV, encoding="utf-8")
    assert main(["discover", str(path), "-o", str(folder), "--write-events", str(events)]) == 0
    times = [json.loads(line)["time"] for line in events.read_text(encoding="utf-8").splitlines()]
    assert times == sorted(times)
    assert len(times) == 9
    assert main(["replay", str(folder), str(events)]) == 0


def test_a_folder_of_logs_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    head, *rows = CSV.splitlines()
    for number, some in enumerate((rows[:3], rows[3:])):
        (folder / f"{number}.csv").write_text("\n".join([head, *some]), encoding="utf-8")
    (folder / "README").write_text("Logs", encoding="utf-8")
    assert main(["discover", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "left out, as no events are in them: README\n" in said
    assert "9 events, 3 journeys" in said
    written(folder / "e.jsonl", log(ORDER, 1, seed=1))
    assert main(["discover", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "left out, as no events are in them: 0.csv, 1.csv, README\n" in said
    assert "4 events, 1 journey" in said


def test_that_moments_say_nothing_of_the_order_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = [{**one, "time": 1.7e9} for one in log(ORDER, 20, seed=1)]
    assert main(["discover", written(tmp_path / "e.jsonl", events)]) == 0
    assert "no order    60 of 60 events have the time of the one before, so their order is a guess" in (
        capsys.readouterr().err
    )


def test_that_most_journeys_still_go_on_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = log(ORDER, 40, seed=1)
    end = max(one["time"] for one in events)
    begun = [{**events[0], "id": f"begun-{n}", "time": end, "detail": {"id": f"begun-{n}"}} for n in range(60)]
    assert main(["discover", written(tmp_path / "e.jsonl", [*events, *begun])]) == 0
    said = capsys.readouterr().err
    assert "220 events, 40 journeys, and 60 that may still go on" in said
    assert "running     most journeys still go on: the draft is of the 40 that are over, so" in said


def test_events_without_an_id_count_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = [{key: value for key, value in one.items() if key != "id"} for one in log(ORDER, 20, seed=1)]
    assert main(["discover", written(tmp_path / "e.jsonl", events)]) == 0
    said = capsys.readouterr().err
    assert f"no id       {len(events)} events have no 'id'" in said
    assert "replay      20 of 20 cases conform" in said


def test_a_log_without_moments_has_the_order_of_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.xes"
    path.write_text(re.sub("<date [^>]*>", "", XES), encoding="utf-8")
    assert main(["discover", str(path)]) == 0
    assert "await: {Closed: Closed}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "text", "options", "complaint"),
    [
        ("log.csv", "case,b\n1,2\n", (), "line 1: name by --activity, --time which of the columns it is: case, b"),
        ("log.csv", CSV, ("--case", "order"), "there is no column 'order', which --case names, but Case ID, Activity"),
        (
            "log.csv",
            CSV.replace("2026-", "soon-"),
            (),
            "log.csv: no event in it can be used; line 2: its time 'soon-03",
        ),
        ("log.xes", "<log>", (), "it is no XML"),
        ("log.json", json.dumps(OCEL), (), "has journeys of item, order; say by --case of which"),
        ("log.json", json.dumps({**OCEL, "objects": [{"id": "o1"}]}), ("--case", "order"), "it is no OCEL 2.0 log"),
        ("e.jsonl", "{", (), "not JSON"),
        ("e.jsonl", "", (), "e.jsonl: there is no event with a 'detail-type'"),
        ("e.jsonl", '{"what": 1}', (), "none of 1 objects is an event: the first has the fields 'what', and an event"),
        ("e.jsonl", '{"detail-type": "A", "source": "a"}', (), "their time is None, and must be ISO 8601"),
        ("e.jsonl", json.dumps({**log(ORDER, 1, 1)[0]}), ("--start", "Nothing"), "no event is called Nothing"),
        ("e.jsonl", json.dumps({**log(ORDER, 1, 1)[0]}), ("--entity", "$.detail.no"), "has an id at $.detail.no"),
    ],
)
def test_what_cannot_be_learned_from_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str,
    options: tuple[str, ...],
    complaint: str,
) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert main(["discover", str(tmp_path / file), *options]) == 1
    printed = capsys.readouterr()
    assert complaint in printed.err
    assert printed.out == ""


def test_a_log_that_is_cut_off_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.xes.gz").write_bytes(gzip.compress(XES.encode())[:-9])
    assert main(["discover", str(tmp_path / "log.xes.gz")]) == 1
    assert "log.xes.gz: it is not whole" in capsys.readouterr().err


def test_standard_input_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("".join(f"{json.dumps(one)}\n" for one in log(ORDER, 5, seed=1))))
    assert main(["discover", "-", "--name", "order"]) == 0
    assert "start: Order Placed" in capsys.readouterr().out


def test_an_entity_that_is_no_path_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["discover", "events.jsonl", "--entity", "id"])
    assert "'id' is no path; a path looks like '$.detail.id'" in capsys.readouterr().err


def test_a_choreography_is_begun_from_events_with_tests_that_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    events = written(tmp_path / "events.jsonl", log(CAR, 200, seed=1))
    assert main(["init", "car", "--from", events]) == 0
    assert {"car/workflow.yaml", "car/test_car.py", "car/events.json", "car.tf"} <= {
        line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines()
    }
    assert main(["generate", "--check", "car"]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "car"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    assert main(["init", "car", "--from", events]) == 1
    assert "this is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--from", "none.jsonl"), "none.jsonl: No such file"),
        (("--from", "none.jsonl", "A", "B"), "give the events by --from, or by their names, not both"),
    ],
)
def test_what_cannot_be_begun_is_said(
    words: tuple[str, ...],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "car", *words]) == 1
    assert complaint in capsys.readouterr().err


def test_envelopes_that_look_like_those_of_a_log_have_their_entity_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = log(ORDER, 30, seed=1)
    for number, one in enumerate(events):
        one["id"] = f"{number:032}"
        one["detail"]["case"] = f"case of {number % 3}"
    assert main(["discover", written(tmp_path / "e.jsonl", events)]) == 0
    assert "entity: $.detail.id\n" in capsys.readouterr().out
