"""A month and more on the deployed functions, with Lambda's detection of recursive loops switched on."""

import json

import pytest

from choreography_insights.local.embedded import EmbeddedAws
from demonstration.deployment import Stage

from .conftest import dead_letters, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900)]

HOUR, DAY = 3_600.0, 86_400.0


@pytest.fixture
def loops_are_stopped(patient: Stage) -> None:
    client = patient.aws.client("lambda")
    for function in client.list_functions()["Functions"]:
        client.put_function_recursion_config(FunctionName=function["FunctionName"], RecursiveLoop="Terminate")


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


def turn(aws: EmbeddedAws, seconds: float, by: float) -> None:
    """Turn the clock step by step: a schedule fires once for each."""
    for _ in range(round(seconds / by)):
        aws.turn_clock(by)


@pytest.mark.usefixtures("loops_are_stopped")
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
    until(lambda: statuses(patient, "resting")["Odd"] == "REPORTED", patient.rows, aws=aws, turn=HOUR)
    assert patient.journey("patient", "resting").error == "UnexpectedEvent"
    assert dead_letters(patient) == {}
