"""A month and more on the deployed functions, with Lambda's detection of recursive loops switched on."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from showcase.deployment import Stage, Workspace

from .conftest import dead_letters

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900)]

HOUR, DAY = 3_600.0, 86_400.0


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A choreography whose events wait for a month, on an embedded AWS whose clock is turned."""
    with embedded_aws() as aws:
        workspace = Workspace(Path(__file__).parent / "patient", tmp_path_factory.mktemp("patient"), aws)
        stage = Stage.of(aws, workspace.apply())
        for function in aws.client("lambda").list_functions()["Functions"]:
            aws.client("lambda").put_function_recursion_config(
                FunctionName=function["FunctionName"], RecursiveLoop="Terminate"
            )
        yield stage


def publish(stage: Stage, name: str, entity: str) -> None:
    """Put an event on the bus."""
    entry = {
        "EventBusName": stage.outputs["event_bus_name"],
        "Source": "patient",
        "DetailType": name,
        "Detail": json.dumps({"id": entity}),
    }
    assert stage.aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def statuses(stage: Stage, entity: str) -> dict[str, str]:
    """The status of each event of *entity*, by name."""
    rows = [row for row in stage.rows() if row["journey"]["S"] == f"patient#{entity}" and "name" in row]
    return {row["name"]["S"]: row["status"]["S"] for row in rows}


def until(is_so: Callable[[], bool], what: Callable[[], Any]) -> None:
    """Wait for the functions to have done what there is to do."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < 240, what()
        time.sleep(0.2)


def turn(aws: EmbeddedAws, seconds: float, by: float) -> None:
    """Turn the clock step by step: a schedule fires once for each."""
    for _ in range(round(seconds / by)):
        aws.turn_clock(by)


def test_events_are_judged_after_a_month_and_after_a_long_pause_with_no_chain_of_messages(patient: Stage) -> None:
    aws = patient.aws
    for entity in ("kept", "resting"):
        publish(patient, "Asked", entity)
        until(lambda own=entity: statuses(patient, own) == {"Asked": "DONE"}, patient.rows)  # type: ignore[misc]
    publish(patient, "Odd", "kept")
    publish(patient, "Put Off", "resting")
    until(lambda: statuses(patient, "resting").get("Put Off") == "DONE", patient.rows)
    publish(patient, "Odd", "resting")
    for entity in ("kept", "resting"):
        until(lambda own=entity: statuses(patient, own).get("Odd") == "KEPT", patient.rows)  # type: ignore[misc]

    turn(aws, 29 * DAY, 29 * DAY)
    assert patient.journey("patient", "kept").status == "RUNNING"
    turn(aws, 2 * DAY, DAY / 2)
    until(lambda: statuses(patient, "kept")["Odd"] == "REPORTED", patient.rows)
    assert patient.journey("patient", "kept").error == "UnexpectedEvent"

    turn(aws, 8 * DAY, DAY)
    assert statuses(patient, "resting")["Odd"] == "KEPT"  # nobody waits, so nobody can refuse it
    assert patient.journey("patient", "resting").status == "RUNNING"
    turn(aws, 2 * DAY, DAY)  # the pause is over
    began = time.monotonic()
    while statuses(patient, "resting")["Odd"] != "REPORTED":
        assert time.monotonic() - began < 240, patient.rows()
        turn(aws, HOUR, HOUR)
        time.sleep(0.5)
    assert patient.journey("patient", "resting").error == "UnexpectedEvent"
    assert dead_letters(patient) == {}
