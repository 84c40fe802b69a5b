"""What the terminal says of deployed journeys: read with the user's credentials, for people and for programs."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from choreography_insights.cli.main import main
from fake_aws import FakeAws
from fake_aws.choreographies import compiled
from insights.pictures import picture_row
from insights.played import rows_of
from insights.store import Store
from support.definitions import EXAMPLES, read
from support.reported import HOSTILE

pytestmark = pytest.mark.usefixtures("no_log")

CAR_FOLDER = next(folder for folder in EXAMPLES if folder.name == "car-dealer")
CAR = read(CAR_FOLDER)


class NotFoundError(Exception):
    """What boto3 raises for a parameter that is not there."""


class Ssm:
    """The parameter of the insights *shop*."""

    exceptions = SimpleNamespace(ParameterNotFound=NotFoundError)
    meta = SimpleNamespace(region_name="eu-west-1")

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:
        if Name != "/choreography-insights/shop":
            raise NotFoundError
        value = {
            "journeys_table_name": "journeys",
            "state_machine_arn_prefix": "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-",
        }
        return {"Parameter": {"Value": json.dumps(value)}}


def _deploy(patch: pytest.MonkeyPatch, aws: FakeAws | None, *entities: str) -> None:
    """Let boto3 find the table of *aws*, whose cars are at the dealer's."""
    rows = [] if aws is None else [picture_row(CAR), *rows_of(aws)]
    clients = {"ssm": Ssm(), "dynamodb": Store(rows)}
    asked: dict[str, Any] = {"profile_name": "mine", "region_name": "eu-west-1"}

    def session(**options: Any) -> Any:
        assert options == asked
        return SimpleNamespace(client=lambda name, **_: clients[name])

    patch.setattr(boto3, "Session", session)
    patch.setattr("time.time", lambda: aws.clock.now if aws else 0.0)


AS_ME = ("--prefix", "shop", "--profile", "mine", "--region", "eu-west-1")


def cars(*entities: str, copies: int = 1) -> FakeAws:
    aws = FakeAws(compiled(CAR))
    for entity in entities:
        for copy in range(copies):
            aws.publish("Car Announced", entity, event_id="announced", delay=copy * 10.0)
        aws.publish("Inspection Completed", entity, {"result": "Success"}, time=30.0, delay=30.0)
    aws.run(seconds=90.0)
    return aws


def test_all_choreographies_are_said_in_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars("1", "2"))
    assert main(["journeys", *AS_ME]) == 0
    heads, row = capsys.readouterr().out.splitlines()
    assert heads.split("  ")[0] == "choreography"
    assert row.split() == ["car-dealer", "2", *["0"] * 7, "InPreparation", "1", "min"]
    assert main(["journeys", *AS_ME, "--format", "json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)["choreography"]
    assert (told["name"], told["running"], told["moreRun"]) == ("car-dealer", 2, False)
    assert told["oldest"] == {"state": "InPreparation", "since": "2026-01-01T00:00:30.001+00:00"}
    assert told["states"]["InPreparation"] == {"waiting": 2, "moreWait": False, "late": 0}


def test_who_waits_in_a_choreography_and_in_a_state_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars("1", "2"))
    assert main(["journeys", "car-dealer", *AS_ME]) == 0
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads.split() == ["entity", "outcome", "state", "began", "for", "deviations"]
    assert [row.split()[:3] for row in rows] == [["1", "running", "InPreparation"], ["2", "running", "InPreparation"]]
    assert main(["journeys", "car-dealer", "--state", "Announced", *AS_ME]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "No journey of car-dealer is there in Announced.",
        "One that has ended is found by its entity's id: choreography show ENTITY --prefix shop",
    ]
    assert main(["journeys", "car-dealer", "--state", "InPreparation", "--format", "json", *AS_ME]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["journey"] == {
        "entityId": "1",
        "status": "RUNNING",
        "state": "InPreparation",
        "startedAt": "2026-01-01T00:00:00.000+00:00",
        "endedAt": None,
        "deviations": 0,
        "late": False,
    }
    assert main(["journeys", "car-dealer", "--late", *AS_ME]) == 0
    assert capsys.readouterr().out.startswith("No journey of car-dealer is late.")


def test_a_journey_that_has_ended_is_said_to_have_ended_after_its_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = FakeAws(compiled(CAR))
    aws.publish("Car Announced", "1")
    aws.publish("Inspection Completed", "1", {"result": "Rejected"}, time=30.0, delay=30.0)
    aws.run(seconds=60.0)
    _deploy(monkeypatch, aws)
    assert main(["show", "1", *AS_ME]) == 0
    said = "car-dealer 1: succeeded in Rejected, after 30\N{NARROW NO-BREAK SPACE}s\n"
    assert capsys.readouterr().out.startswith(said)


def test_the_story_of_an_entity_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    aws = cars("4711")
    _deploy(monkeypatch, aws)
    assert main(["show", "4711", *AS_ME]) == 0
    (execution,) = aws.executions
    arn = execution.arn.replace("tests-", "shop-")
    assert capsys.readouterr().out == (
        "car-dealer 4711: running in InPreparation, for 1\N{NARROW NO-BREAK SPACE}min 30\N{NARROW NO-BREAK SPACE}s\n"
        "\n"
        "when                     event                 what it does        state\n"
        "2026-01-01 00:00:00 UTC  Car Announced         begins the journey  Announced\n"
        "2026-01-01 00:00:30 UTC  Inspection Completed  moves it on         Announced -> InPreparation\n"
        "\n"
        "waits in InPreparation.Clean for Car Cleaned, since 2026-01-01 00:00:30 UTC (59 seconds ago)\n"
        "waits in InPreparation.Repair for Car Repaired, since 2026-01-01 00:00:30 UTC (59 seconds ago)\n"
        "waits in InPreparation.Evaluate for Car Priced, since 2026-01-01 00:00:30 UTC (59 seconds ago)\n"
        "The execution in Step Functions: https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
        f"#/v2/executions/details/{arn}\n"
        "What the log says of it: https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:"
        "log-groups/log-group/$252Faws$252Flambda$252Fshop-resume/log-events$3FfilterPattern$3D"
        "$257B$2520$2524.entity_id$2520$253D$2520$25224711$2522$2520$257D\n"
        "\n"
    )
    assert main(["show", "4711", "--format", "json", "--timezone", "Europe/Berlin", *AS_ME]) == 0
    told = json.loads(capsys.readouterr().out)["journey"]
    assert (told["choreography"], told["entityId"], told["state"]) == ("car-dealer", "4711", "InPreparation")
    assert [(one["what"], one["at"]) for one in told["story"]] == [
        ("began", "2026-01-01T01:00:00.000+01:00"),
        ("moved", "2026-01-01T01:00:30.000+01:00"),
    ]


def test_an_event_that_came_again_says_how_often(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars("4711", copies=3))
    assert main(["show", "4711", *AS_ME]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "begins" in line]
    assert told == [
        "2026-01-01 00:00:00 UTC  Car Announced         begins the journey, came again 2 times  Announced",
    ]
    assert main(["show", "4711", "--format", "json", *AS_ME]) == 0
    assert [one["repeats"] for one in json.loads(capsys.readouterr().out)["journey"]["story"]] == [2, 0]


def test_who_has_no_journey_is_told_what_to_look_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars("4711"))
    assert main(["show", "4712", *AS_ME]) == 1
    assert capsys.readouterr().err == (
        "4712: no choreography of shop has a journey of this entity; write its id just as its events have it. Those "
        "that wait longest are listed by: choreography journeys CHOREOGRAPHY --prefix shop\n"
    )
    assert main(["journeys", "order", *AS_ME]) == 2
    assert capsys.readouterr().err == ("shop: no choreography 'order' is deployed here; there are car-dealer\n")


def test_where_nothing_is_deployed_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, None)
    assert main(["journeys", *AS_ME]) == 0
    assert capsys.readouterr().out.startswith("There is no choreography yet.\nWrite one (choreography init)")
    assert main(["journeys", "--prefix", "shops", "--profile", "mine", "--region", "eu-west-1"]) == 2
    assert capsys.readouterr().err == (
        "shops: there is no parameter /choreography-insights/shops in eu-west-1; name the insights' name_prefix in "
        "--prefix, and their Region in --region\n"
    )
    assert main(["journeys", "--late"]) == 2
    assert "name it: choreography journeys CHOREOGRAPHY --late" in capsys.readouterr().err


@pytest.mark.parametrize("entity", HOSTILE)
def test_ids_do_nothing_to_a_terminal(
    entity: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars(entity))
    assert main(["show", entity, *AS_ME]) == 0
    assert main(["journeys", "car-dealer", *AS_ME]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 12 + 2
    assert not [letter for letter in out if letter in "\N{RIGHT-TO-LEFT OVERRIDE}\N{RIGHT-TO-LEFT MARK}\x1b\r"]


def test_a_journey_is_drawn_by_its_entitys_id(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _deploy(monkeypatch, cars("4711"))
    assert main(["draw", str(CAR_FOLDER), "--journey", "4711", *AS_ME]) == 0
    drawn = capsys.readouterr().out
    assert "class InPreparation here" in drawn or "InPreparation" in drawn.split("here")[-1]
    assert main(["draw", str(CAR_FOLDER), "--journey", "4712", *AS_ME]) == 1
    assert capsys.readouterr().err == (
        "'4712' is no file of events, and shop has no journey of such an entity through car-dealer; write its id just "
        "as its events have it\n"
    )
