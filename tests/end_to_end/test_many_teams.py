"""A folder of twelve choreographies of three teams: vended, then one changed and one paused under running journeys."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.delivery import Bus, Event
from demonstration.deployment import Stage, Workspace
from demonstration.journeys import Journey
from demonstration.scenarios import Scenario, scenarios
from support.iam import Request, is_allowed

from . import routes
from .conftest import dead_letters, until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


def folder_of(teams: Workspace) -> Path:
    return Path(teams.variables["folder"])


def publish(stage: Stage, source: str, detail: dict[str, str], *names: str) -> None:
    """Put events on the bus, a second apart."""
    now = stage.aws.time()
    Bus(stage).publish([Event(source, name, detail, now + number) for number, name in enumerate(names)])


def eventually(look: Callable[[], Journey], seen: Callable[[Journey], bool]) -> Journey:
    """The journey once it has been *seen*."""
    until(lambda: seen(look()), look)
    return look()


def ended(stage: Stage, name: str, entity_id: str) -> Journey:
    return eventually(lambda: stage.journey(name, entity_id), lambda journey: journey.has_ended)


def waiting_in(stage: Stage, name: str, entity_id: str, *states: str) -> Journey:
    return eventually(lambda: stage.journey(name, entity_id), lambda journey: journey.waits_in == states)


def test_events_to_twelve_choreographies_move_their_own_journeys_only(vended: Stage, teams: Workspace) -> None:
    played = [one for folder in sorted(folder_of(teams).glob("*/*/simulations")) for one in scenarios(folder)]
    for scenario in played:
        play(vended, scenario)
    for name in routes.NAMES[:-1]:  # one vehicle on all routes, and not yet there on the last
        publish(vended, name, {"vehicle": "1"}, "Vehicle Left", "Vehicle Arrived")
    publish(vended, routes.NAMES[-1], {"vehicle": "1"}, "Vehicle Left")

    expected = [one for scenario in played for one in scenario.expectations]
    assert len({one.choreography for one in expected}) == 12
    found = {(one.choreography, one.entity_id): ended(vended, one.choreography, one.entity_id) for one in expected}
    assert {key: (journey.status, journey.last_state) for key, journey in found.items()} == {
        (one.choreography, one.entity_id): (one.status, one.state) for one in expected
    }
    assert {ended(vended, name, "1").last_state for name in routes.NAMES[:-1]} == {"Done"}
    assert waiting_in(vended, routes.NAMES[-1], "1", "OnTheWay").waits_in == ("OnTheWay",)
    assert dead_letters(vended) == {}


def play(stage: Stage, scenario: Scenario) -> None:
    now = stage.aws.time()
    events = [
        Event(event["source"], event["detailType"], event["detail"], now + number)
        for number, event in enumerate(scenario.events)
    ]
    Bus(stage).publish(events)


def test_events_in_disorder_go_through_each_gate_as_they_happened(vended: Stage) -> None:
    route, now = routes.NAMES[0], vended.aws.time()
    stops = {
        "p": ["Goods Unloaded", "Receipt Signed", "Goods Returned", "Goods Unloaded", "Stop Left"],
        "q": ["Receipt Signed", "Goods Unloaded", "Stop Left"],
    }
    happened: list[tuple[str, dict[str, object]]] = [("Vehicle Left", {}), ("Stops Listed", {"stops": ["p", "q"]})]
    happened += [(name, {"stop": stop}) for stop, names in stops.items() for name in names]
    happened += [(name, {}) for name in ("Brakes Checked", "Oil Changed", "Vehicle Washed", "Vehicle Swept")]
    happened += [(name, {}) for name in ("Dirt Found", "Vehicle Swept", "Vehicle Fetched")]
    events = [
        Event(route, name, {"vehicle": "2", **detail}, now + number) for number, (name, detail) in enumerate(happened)
    ]
    Bus(vended).publish([events[0], *events[:0:-1]])
    journey = ended(vended, route, "2")

    assert (journey.status, journey.last_state) == ("SUCCEEDED", "Done")
    visited = Counter(way(journey))
    assert {name: visited[name] for name in ("Unload", "Sign", "Served", "Sweep")} == {
        "Unload": 3, "Sign": 2, "Served": 2, "Sweep": 2,
    }  # fmt: skip
    rows = [row for row in vended.rows() if row["journey"]["S"] == f"{route}#2"]
    assert [row["status"]["S"] for row in rows if row["item"]["S"].startswith("EVENT#")] == ["DONE"] * len(events)
    assert [row["item"]["S"] for row in rows if row["item"]["S"].startswith("WAIT#")] == []
    assert dead_letters(vended) == {}


def test_what_is_a_team_s_carries_its_tags_and_its_roles_lie_under_its_path(vended: Stage, teams: Workspace) -> None:
    iam, states = vended.aws.client("iam"), vended.aws.client("stepfunctions")
    roles = iam.list_roles(PathPrefix="/choreographies/fleet/")["Roles"]
    assert {role["RoleName"] for role in roles} == {f"vending-demo-{name}-journeys" for name in routes.NAMES}
    machines = [one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]]
    tags = {arn.rpartition(":")[2]: states.list_tags_for_resource(resourceArn=arn)["tags"] for arn in machines}
    assert {tag["key"]: tag["value"] for tag in tags["vending-demo-fleet-route1"]} == {
        "Project": "choreography-insights",
        "choreography": "fleet-route1",
        "choreography-insights": "vending-demo",
        "cost-center": "8",
        "team": "fleet",
    }


def test_a_team_s_policy_reaches_its_own_journeys_and_those_of_no_other_team(vended: Stage) -> None:
    iam, states = vended.aws.client("iam"), vended.aws.client("stepfunctions")
    policies = {
        policy["PolicyName"]: iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        for policy in iam.list_policies(Scope="Local")["Policies"]
    }
    machines = [one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]]
    executions = [
        execution["executionArn"]
        for machine in machines
        for execution in states.list_executions(stateMachineArn=machine)["executions"]
    ]
    reached = {
        name: {team_of(arn) for arn in executions if is_allowed(policy["PolicyVersion"]["Document"], stop(arn))}
        for name, policy in policies.items()
    }
    assert reached == {f"vending-demo-{team}-journeys": {team} for team in ("fleet", "parcels", "subscriptions")}


def team_of(execution_arn: str) -> str:
    return execution_arn.split(":")[6].removeprefix("vending-demo-").partition("-")[0]


def stop(execution_arn: str) -> Request:
    return Request("states:StopExecution", execution_arn)


def test_a_second_plan_of_both_states_shows_no_difference(vended: Stage, platform: Workspace, teams: Workspace) -> None:
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(Workspace.differences, [platform, teams])) == [set(), set()]


def test_a_changed_definition_steers_only_new_journeys_and_a_paused_one_s_journeys_wait(
    vended: Stage, teams: Workspace
) -> None:
    old, new, unseen = {"parcel": "old"}, {"parcel": "new"}, {"return": "unseen"}
    waits = {"return": "waits"}
    publish(vended, "parcels", old, "Parcel Handed In", "Parcel Loaded")
    publish(vended, "returns", waits, "Return Announced", "Label Printed")
    assert waiting_in(vended, "parcels-delivery", "old", "OnTheWay").waits_in == ("OnTheWay",)
    assert waiting_in(vended, "parcels-return", "waits", "Announced.Pickup").waits_in == ("Announced.Pickup",)

    workflow = folder_of(teams) / "parcels" / "delivery" / "workflow.yaml"
    definition = workflow.read_text()
    doors = "Parcel At Door: AtDoor\n  AtDoor:\n    await:\n      Parcel Delivered: Delivered"
    workflow.write_text(definition.replace("Parcel Delivered: Delivered", doors, 1))
    routes.generate(folder_of(teams))
    paused = replace(teams, variables={**teams.variables, "paused": ["parcels-return"]})
    paused.update()
    assert paused.differences() == set()

    publish(vended, "parcels", old, "Parcel Delivered")
    publish(vended, "parcels", new, "Parcel Handed In", "Parcel Loaded", "Parcel At Door", "Parcel Delivered")
    assert way(ended(vended, "parcels-delivery", "old")) == ["InDepot", "OnTheWay", "Delivered"]
    assert way(ended(vended, "parcels-delivery", "new")) == ["InDepot", "OnTheWay", "AtDoor", "Delivered"]

    publish(vended, "returns", unseen, "Return Announced")
    publish(vended, "returns", waits, "Pickup Agreed")
    assert vended.journey("parcels-return", "waits").waits_in == ("Announced.Pickup",)

    teams.update()
    publish(vended, "returns", waits, "Pickup Agreed", "Return Arrived")
    assert waiting_in(vended, "parcels-return", "waits", "Inspection").waits_in == ("Inspection",)
    assert vended.journey("parcels-return", "unseen").status == ""
    assert dead_letters(vended) == {}


def way(journey: Journey) -> list[str]:
    """The states that are the user's own."""
    return [stay.state for stay in journey.stays if not stay.state.endswith("?")]
