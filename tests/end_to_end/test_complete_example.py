"""What `make demo` does, checked: the complete example, the real AWS provider, the deployed zip, every simulation."""

import json
from collections import Counter
from typing import Any

import pytest

from choreography_insights.insights.counter_rows import COUNTS
from choreography_insights.insights.counts import Counts
from demonstration.deployment import Stage, Workspace
from demonstration.play import Outcome, play
from demonstration.scenarios import Scenario, scenarios

from .conftest import EXAMPLE, ROOT, dead_letters, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

#: An entity with an event that its choreography does not know; an odd id on top.
PAINTED = "painted/1 ü"

#: What a second plan still shows against moto, and why: docs/guide/embedded-aws.md, "The second plan".
MOTOS_OWN_DIFFERENCES: set[str] = set()


@pytest.fixture(scope="module")
def played() -> list[Scenario]:
    folders = [EXAMPLE, ROOT / "examples" / "order" / "order", ROOT / "examples" / "car-dealer" / "car-dealer"]
    return [scenario for folder in folders for scenario in scenarios(folder / "simulations")]


@pytest.fixture(scope="module")
def outcomes(stage: Stage, played: list[Scenario]) -> list[Outcome]:
    def show(_seconds: float, _journeys: Any) -> None:
        return

    for name in ("Order Placed", "Order Painted"):
        publish(stage, name, PAINTED)
    return play(stage, played, show)


def publish(stage: Stage, name: str, entity_id: str) -> None:
    """Put an event of the order service on the bus."""
    detail = json.dumps({"id": entity_id})
    entry = {
        "EventBusName": stage.outputs["event_bus_name"],
        "Source": "order",
        "DetailType": name,
        "Detail": detail,
    }
    assert stage.aws.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_every_journey_of_every_simulation_ends_where_it_should(outcomes: list[Outcome]) -> None:
    wrong = [(outcome.scenario, outcome.journey) for outcome in outcomes if not outcome.is_right]
    assert wrong == []
    assert {(o.expectation.choreography, o.expectation.state) for o in outcomes} == {
        ("order", "OrderCompleted"),
        ("order", "OrderCanceled"),
        ("car-dealer", "Completed"),
        ("car-dealer", "Rejected"),
    }


def test_an_unexpected_event_fails_its_journey_and_says_why(stage: Stage, outcomes: list[Outcome]) -> None:
    assert outcomes
    # Judged three minutes after it came; no other journey runs any more that could be late by this clock.
    until(lambda: stage.journey("order", PAINTED).has_ended, stage.rows, aws=stage.aws, turn=60)
    journey = stage.journey("order", PAINTED)
    assert (journey.status, journey.last_state, journey.error) == ("FAILED", "UnexpectedEvent", "UnexpectedEvent")
    assert "event 'Order Painted'" in journey.cause
    assert "state 'WaitForConfirmation' accepts 'Order Confirmed'" in journey.cause


def test_nothing_is_left_over(stage: Stage, outcomes: list[Outcome]) -> None:
    assert all(outcome.journey.has_ended for outcome in outcomes)
    until(lambda: statuses(stage, "EVENT#") == {"DONE", "REPORTED"}, stage.rows)
    assert [row["journey"] for row in stage.rows() if "kept" in row] == []
    assert dead_letters(stage) == {}


def statuses(stage: Stage, item: str) -> set[str]:
    """The statuses of all rows whose item begins like this."""
    return {row["status"]["S"] for row in stage.rows() if row["item"]["S"].startswith(item)}


def test_journeys_are_closed_by_step_functions_word(stage: Stage, outcomes: list[Outcome]) -> None:
    expected = {outcome.journey.status for outcome in outcomes} | {"FAILED"}
    until(lambda: statuses(stage, "JOURNEY") == expected, stage.rows)


def test_what_happened_is_counted(stage: Stage, outcomes: list[Outcome]) -> None:
    """A minute's records are counted at once: nobody waits for it, the clock is turned."""
    expected = Counter((one.expectation.choreography, one.journey.status, one.journey.last_state) for one in outcomes)
    expected["order", "FAILED", "WaitForConfirmation"] += 1  # where the unexpected event met it
    until(lambda: counted_ends(stage) == expected, stage.rows, aws=stage.aws, turn=60)


def test_the_deployed_function_shows_where_each_journey_went(stage: Stage, outcomes: list[Outcome]) -> None:
    client, name = stage.aws.client("lambda"), stage.outputs["insights_function_name"]

    def shown(**asked: str) -> str:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(asked))
        page: str = json.load(answer["Payload"])
        assert "FunctionError" not in answer, page
        return page

    assert all(f">{choreography}</a>" in shown() for choreography in ("order", "car-dealer"))
    for journey in (outcome.journey for outcome in outcomes[:2]):
        page = shown(view="journey", choreography=journey.choreography, journey=journey.entity_id)
        assert f"in {journey.last_state}" in page


def counted_ends(stage: Stage) -> Counter[tuple[str, str, str]]:
    """How journeys ended, as the statistics function has counted it by the day."""
    found: Counter[tuple[str, str, str]] = Counter()
    for row in stage.rows():
        if row["journey"]["S"].startswith(COUNTS) and row["item"]["S"].startswith("day#"):
            choreography = row["journey"]["S"].removeprefix(COUNTS)
            for (status, state), times in Counts.of_text(row["counts"]["S"]).outcomes.items():
                found[choreography, status, state] += times
    return found


def test_a_second_plan_shows_only_motos_own_differences(workspace: Workspace, stage: Stage) -> None:
    assert stage.outputs
    assert workspace.differences() == MOTOS_OWN_DIFFERENCES
