"""`choreography diff`: two files, or a file and what is deployed with the journeys that run it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from choreography_insights.cli.main import main
from choreography_insights.model.event_rules import event_settings
from choreography_insights.project.definitions import load_workflow
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from insights.pictures import picture_row
from insights.played import rows_of
from insights.store import Store

OLDEST = """\
choreography: parcel
source: depot
start: Handed In
capture: known
events: {Weighed: {source: scales, entity: $.detail.parcel}}
states:
  Depot:
    await: {Loaded: Weighing}
  Weighing:
    await: {Weighed: OnTheWay}
  OnTheWay:
    await: {Delivered: Done, Lost: Gone}
  Done: succeed
  Gone: fail
"""
OLDER = OLDEST.replace("await: {Loaded: Weighing}", "await: {Loaded: OnTheWay}").replace(
    "  Weighing:\n    await: {Weighed: OnTheWay}\n", ""
)
OLDER = OLDER.replace("{Weighed: {", "{Weighed: {retired: true, ")
NEWER = OLDER.replace("events: {Weighed: {retired: true, source: scales, entity: $.detail.parcel}}\n", "")
NEWEST = NEWER.replace("Lost: Gone", "Mislaid: Gone")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("oldest", OLDEST), ("older", OLDER), ("newer", NEWER), ("newest", NEWEST)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "workflow.yaml").write_text(text, encoding="utf-8")
    return tmp_path


class Events:
    """EventBridge's rules of a definition, as modules/choreography makes them."""

    def __init__(self, text: str) -> None:
        told = event_settings(load_workflow(text, "workflow.yaml"))
        self.rules = [
            (f"shop-parcel-{kind}{f'-{number}' if number > 1 else ''}", entry)
            for kind, entries in (("start", told["startEvents"]), ("events", told["events"]))
            for number, entry in enumerate(entries, 1)
        ]
        self.common = {key: told[key] for key in ("earlySeconds", "settleSeconds", "unexpected", "timeoutSeconds")}

    def list_rules(self, *, EventBusName: str, NamePrefix: str) -> Mapping[str, Any]:
        assert (EventBusName, NamePrefix) == ("shop-bus", "shop-parcel-")
        found = [{"Name": name, "EventPattern": json.dumps(one["pattern"])} for name, one in self.rules]
        return {"Rules": [*found, {"Name": "shop-parcel-express-start", "EventPattern": "{}"}]}

    def list_targets_by_rule(self, *, Rule: str, EventBusName: str) -> Mapping[str, Any]:
        assert EventBusName == "shop-bus"
        entry = {key: value for key, value in dict(self.rules)[Rule].items() if key != "pattern"}
        template = f'{{"choreography":{json.dumps({**self.common, **entry})},"event":<aws.events.event.json>}}'
        return {"Targets": [{"Id": "queue", "InputTransformer": {"InputTemplate": template}}]}


class Ssm:
    """The parameter of the insights *shop*."""

    exceptions = SimpleNamespace(ParameterNotFound=LookupError)

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:
        assert Name == "/choreography-insights/shop"
        told = {
            "journeys_table_name": "journeys",
            "state_machine_arn_prefix": "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-",
            "event_bus_name": "shop-bus",
        }
        return {"Parameter": {"Value": json.dumps(told)}}


def deploy(patch: pytest.MonkeyPatch, *, with_picture: bool = True) -> FakeAws:
    """Two journeys begin with the oldest definition, three with the older one, which is deployed."""
    first, then = (load_workflow(text, "workflow.yaml") for text in (OLDEST, OLDER))
    aws = FakeAws(compiled(first))
    for entity in ("1", "2"):
        aws.publish("Handed In", entity)
    aws.publish("Loaded", "2", delay=5.0)
    aws.run(seconds=60.0)
    aws.deploy(compiled(then))
    for entity in ("3", "4", "5"):
        aws.publish("Handed In", entity)
        aws.publish("Loaded", entity, delay=5.0)
    aws.publish("Delivered", "5", delay=10.0)
    aws.run(seconds=60.0)
    pictures = [picture_row(then), picture_row(first, is_current=False), picture_row(then, is_current=False)]
    store = Store([*(pictures if with_picture else ()), *rows_of(aws)])
    clients = {"ssm": Ssm(), "dynamodb": store, "events": Events(OLDER)}
    patch.setattr(boto3, "Session", lambda **_: SimpleNamespace(client=lambda name, **_: clients[name]))
    patch.setattr("time.time", lambda: aws.clock.now)
    return aws


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["difference"]
    return found


def test_two_files_that_are_the_same_are_said_to_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "older", "older/workflow.yaml"]) == 0
    assert capsys.readouterr().out == "The same: nothing is other that moves journeys.\n"


def test_what_strands_journeys_is_said_with_its_remedy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "newer", "newest"]) == 1
    remedy = "keep it, with what 'events' says of it, as retired: events: {Lost: {retired: true}}"
    assert capsys.readouterr().out.splitlines() == [
        "states",
        "  OnTheWay  changed  accepts Lost no longer",
        "  OnTheWay  changed  accepts Mislaid now",
        "",
        "events",
        "  Lost     went",
        "  Mislaid  came",
        "",
        "lost to journeys that run",
        f"  Lost  depot  is not captured any more; {remedy}",
        "",
        "Journeys that run may be stranded.",
    ]


def test_what_strands_nobody_is_said_and_the_exit_code_is_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "oldest", "older", "--format", "json"]) == 0
    found = told(capsys)
    assert (found["strands"], found["lost"], found["running"]) == (False, [], None)
    assert [one["name"] for one in found["states"]] == ["Depot", "Weighing"]
    details = [{"aspect": "does", "before": "moves one", "after": "retired"}]
    assert found["events"] == [{"name": "Weighed", "became": "changed", "details": details}]


def test_running_journeys_that_still_need_what_goes_are_counted_by_state_and_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(monkeypatch)
    assert main(["diff", "--deployed", "newest", "--prefix", "shop", "--format", "json"]) == 1
    found = told(capsys)
    assert [(one["event"], one["source"], one["why"]) for one in found["lost"]] == [
        ("Lost", "depot", "not captured"),
        ("Weighed", "scales", "not captured"),
    ]
    oldest, older = (load_workflow(text, "workflow.yaml") for text in (OLDEST, OLDER))
    first, then = (picture_row(one)["version"]["S"] for one in (oldest, older))
    assert [
        (one["state"], one["version"], one["count"], one["some"], one["now"], one["later"])
        for one in found["running"]["stranded"]
    ] == [
        ("Depot", first, 1, ["1"], [], ["Lost", "Weighed"]),
        ("Weighing", first, 1, ["2"], ["Weighed"], ["Lost"]),
        ("OnTheWay", then, 2, ["3", "4"], ["Lost"], []),
    ]
    assert found["running"]["unseen"] == 0


def test_only_journeys_of_an_older_definition_need_what_was_retired(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(monkeypatch)
    assert main(["diff", "--deployed", "newer", "--prefix", "shop"]) == 1
    *_, heading, first, second, _, verdict = capsys.readouterr().out.splitlines()
    assert heading == "journeys that still need it"
    assert first.split()[0] == "Depot"
    assert first.endswith("Weighed, perhaps later  1")
    assert second.split()[0] == "Weighing"
    assert second.endswith("Weighed, now            2")
    assert verdict.startswith("2 journeys that run still need what went")
    assert main(["diff", "--deployed", "older", "--prefix", "shop"]) == 0
    assert capsys.readouterr().out == "The same: nothing is other that moves journeys.\n"


def test_a_pull_request_gets_tables(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(monkeypatch)
    assert main(["diff", "--deployed", "newer", "--prefix", "shop", "--format", "markdown"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("**2 journeys that run still need what went")
    assert "### Journeys that still need it" in lines
    heads = lines.index("| state | version | journeys | oldest | needs | such as |")
    assert lines[heads + 1] == "| --- | --- | --- | --- | --- | --- |"
    assert [line.count(" | ") for line in lines[heads + 2 :]] == [5, 5]


def test_what_was_not_looked_at_is_said_and_may_be_stranded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(monkeypatch)
    monkeypatch.setattr("choreography_insights.cli.diff.MOST", 1)
    assert main(["diff", "--deployed", "newest", "--prefix", "shop"]) == 1
    assert "  3 more were not looked at" in capsys.readouterr().out.splitlines()


def _mistakes() -> Iterator[tuple[list[str], str]]:
    yield ["older"], "name two definitions: OLD NEW; or one, and --deployed: choreography diff --deployed NEW"
    yield ["--deployed", "older", "newer"], "name two definitions"
    yield ["older", "nowhere"], "nowhere: there is no such file or folder"
    yield ["older", "."], ".: there is no workflow.yaml here"
    yield ["older", "broken"], "CI210 states.A.await.b: no state is named 'Nowhere'"
    yield ["--deployed", "newer"], "there is no picture of a choreography 'parcel'; deploy it, or compare two files"


@pytest.mark.parametrize(("arguments", "complaint"), [*_mistakes()])
def test_where_nothing_can_be_compared_it_is_said_why(
    arguments: list[str],
    complaint: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deploy(monkeypatch, with_picture=False)
    (folder / "broken").mkdir()
    (folder / "broken" / "workflow.yaml").write_text(
        "choreography: b\nsource: b\nstart: S\nstates:\n  A:\n    await: {b: Nowhere}\n", encoding="utf-8"
    )
    assert main(["diff", *arguments, "--prefix", "shop"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert complaint in printed.err
