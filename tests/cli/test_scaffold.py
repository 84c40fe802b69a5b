"""`choreography init` and `simulate`: what is begun works, and series reach a bus in order."""

import ast
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from choreography_insights.cli.main import main
from choreography_insights.project.publishing import NotPublishedError, publish
from choreography_insights.project.scaffold import learned
from devtools.places import ROOT
from devtools.terraform import environment

CASES = [
    ("order", ["Order Placed", "Order Confirmed", "Order Delivered"]),
    ("a-1", ["yes", "no"]),
    ("Ping_Pong", ["Ping", "Pong", "Pang", "Pong"]),
    ("odd", ['Say "hi": now', "Überweisung, 2.", "#3 ${x}"]),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("name", "events"), CASES, ids=[name for name, _ in CASES])
def test_what_is_begun_is_up_to_date_and_passes_its_own_tests(name: str, events: list[str]) -> None:
    assert main(["init", name, *events]) == 0
    assert main(["generate", "--check", name]) == 0
    assert main(["lint", f"{name}/definition.asl.json"]) == 0
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "."]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stdout
    formatted = subprocess.run(["terraform", "fmt", "-check", "."], capture_output=True, check=False)
    assert formatted.returncode == 0


def test_init_says_what_it_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "order", "Order Placed", "Order Paid"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        *("wrote order/workflow.yaml", "wrote order/test_order.py", "wrote order/choreography.schema.json"),
        *("wrote order/definition.asl.json", "wrote order/events.json", "wrote order/diagram.md"),
        *("wrote order/picture.json", "wrote order/simulations/completed.json", "wrote order.tf"),
    ]


def test_init_overwrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("order.tf").write_text("mine", encoding="utf-8")
    assert main(["init", "order", "Order Placed", "Order Paid"]) == 1
    assert capsys.readouterr().err == "order.tf: this is there already; remove it, or choose another name\n"
    assert [path.name for path in Path().iterdir()] == ["order.tf"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["order", "Order Placed"], "a journey needs at least two events"),
        (["2nd", "A", "B"], "'2nd' cannot name a choreography"),
        (["order", "A", "A"], "'A'"),
    ],
)
def test_init_begins_nothing_that_could_not_work(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_each_end_that_was_learned_has_a_test_of_its_own() -> None:
    ends = ("取消", "発送", "Done!", "Done?", "Done_2")
    ways: dict[str, list[tuple[str, dict[str, Any]]]] = {end: [("注文", {}), (end, {})] for end in ends}
    made = ast.parse(learned("shop", "", ways)["test_shop.py"])
    names = [one.name for one in made.body if isinstance(one, ast.FunctionDef)]
    assert len(set(names)) == len(ways)
    assert "test_shop_ends_in_取消" in names


class Bus:
    """An EventBridge that keeps what it is sent."""

    def __init__(self, refuse: str = "") -> None:
        self.entries: list[dict[str, Any]] = []
        self._refuse = refuse

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.entries += Entries
        refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        return {"Entries": [refused if one["DetailType"] == self._refuse else {"EventId": "1"} for one in Entries]}


SERIES = {
    "events": [
        {"source": "s", "detailType": "A", "detail": {"id": "ü"}, "wait": "0"},
        {"source": "s", "detailType": "B", "detail": {"id": "ü"}, "wait": "5"},
        {"source": "s", "detailType": "C", "detail": {"id": "ü"}},
    ]
}


def test_a_series_is_published_with_its_pauses() -> None:
    bus, slept = Bus(), list[float]()
    assert publish(SERIES, "shop", bus, pauses=True, sleep=slept.append) == 3
    assert slept == [0.0, 5.0, 0.0]
    assert bus.entries[1] == {"EventBusName": "shop", "Source": "s", "DetailType": "B", "Detail": '{"id": "ü"}'}


def test_without_pauses_the_events_tell_their_order_by_their_times() -> None:
    bus, now = Bus(), datetime(2026, 1, 1, tzinfo=UTC)
    publish(SERIES, "shop", bus, pauses=False, sleep=lambda _: pytest.fail("it slept"), now=lambda: now)
    assert [entry["Time"] - now for entry in bus.entries] == [timedelta(seconds=-5), timedelta(0), timedelta(0)]


def test_what_the_bus_refuses_ends_the_series() -> None:
    bus = Bus(refuse="B")
    with pytest.raises(NotPublishedError, match="B: InternalFailure: try again"):
        publish(SERIES, "shop", bus, pauses=True, sleep=lambda _: None)
    assert len(bus.entries) == 2


LAMP = """\
choreography: lamp
source: lamp
start: Lit
states:
  Burning:
    await: {Switched Off: Off}
    timeout: {after: 1d, next: Gone}
  Off: succeed
  Gone: fail
"""


def test_simulate_writes_series_only_and_says_what_no_event_brings_about(capsys: pytest.CaptureFixture[str]) -> None:
    Path("lamp").mkdir()
    Path("lamp/workflow.yaml").write_text(LAMP, encoding="utf-8")
    assert main(["simulate", "lamp"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote lamp/simulations/off.json",
        "not simulated: Burning --after 1d--> Gone: time alone brings it about",
    ]
    assert sorted(path.name for path in Path("lamp").iterdir()) == ["simulations", "workflow.yaml"]
    assert main(["simulate", "lamp/workflow.yaml", "--bus", "shop", "--series", "of"]) == 1
    assert capsys.readouterr().err == "lamp/simulations: there is no series 'of'; did you mean 'off'?\n"


def test_simulate_publishes_to_the_bus_it_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("lamp").mkdir()
    Path("lamp/workflow.yaml").write_text(LAMP, encoding="utf-8")
    Path("lamp/simulations").mkdir()
    Path("lamp/simulations/mine.json").write_text(json.dumps(SERIES), encoding="utf-8")
    bus = Bus()
    clients = {("staging", "eu-west-1", "events"): bus}

    def session(profile_name: str, region_name: str) -> SimpleNamespace:
        return SimpleNamespace(client=lambda service: clients[profile_name, region_name, service])

    monkeypatch.setattr("boto3.Session", session)
    whose = ["--region", "eu-west-1", "--profile", "staging"]
    assert main(["simulate", "lamp", "--bus", "shop", "--no-pauses", *whose]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "published 3 events of mine to shop",
        "published 2 events of off to shop",
    ]
    assert [entry["DetailType"] for entry in bus.entries] == ["A", "B", "C", "Lit", "Switched Off"]


INSIGHTS = f"""\
module "insights" {{
  source = "{ROOT}/modules/insights"

  name_prefix = "shop"
}}
"""


def test_the_terraform_of_what_is_begun_is_valid() -> None:
    assert main(["init", "order", "Order Placed", "Order Paid", "--modules", f"{ROOT}/modules"]) == 0
    Path("main.tf").write_text(INSIGHTS, encoding="utf-8")
    terraform("init", "-backend=false")
    assert terraform("validate").startswith("Success! The configuration is valid.")


def terraform(*words: str) -> str:
    command = ["terraform", *words, "-no-color"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, env=environment(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
