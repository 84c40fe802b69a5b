"""What a state machine writes for those who look: where, since when, and by which version of the definition."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from choreography_insights.compile import state_machine
from choreography_insights.compile.read_model import HERE, before
from choreography_insights.compile.templates import as_template
from choreography_insights.model.flow import flow_of
from choreography_insights.project.definitions import load_workflow
from fake_aws.templates import reference
from support.moto_readings import filled_in

HEAD = "choreography: test\nsource: test\nstart: S\nstates:\n"
PAUSE = "{states: {W: {wait: 1h, next: WE}, WE: succeed}}"
WAITS = "{states: {L: {await: {l: LE}}, LE: succeed}}"


def compiled(states: str) -> dict[str, Any]:
    """Return the states of the machine of a choreography with *states*, which begin after an event."""
    text = f"{HEAD}  First: {{await: {{f: X}}}}\n{states}\n  Done: succeed"
    machine: dict[str, Any] = json.loads(as_template(state_machine(load_workflow(text, "workflow.yaml"))))
    return dict(machine["States"])


def since(task: Mapping[str, Any]) -> Any:
    return task["Parameters"]["ExpressionAttributeValues"].get(":since")


def test_a_task_before_a_pause_tells_where_the_journey_is_and_goes_on_whatever_happens() -> None:
    text = f"{HEAD}  X: {{wait: 1h, next: Done}}\n  Done: succeed"
    workflow = load_workflow(text, "workflow.yaml")
    machine = json.loads(as_template(state_machine(workflow)))
    assert machine["StartAt"] == "X.Entered"
    assert machine["States"]["X.Entered"] == {
        "Type": "Task",
        "Resource": "arn:${partition}:states:::aws-sdk:dynamodb:updateItem",
        "Parameters": {
            "TableName": "${journeys_table}",
            "Key": {"journey": {"S.$": "$$.Execution.Input.journey"}, "item": {"S": "JOURNEY"}},
            "UpdateExpression": "SET #at = :at, since = :since, version = :version",
            "ConditionExpression": "#execution = :execution",
            "ExpressionAttributeNames": {"#at": "at", "#execution": "execution"},
            "ExpressionAttributeValues": {
                ":at": {"S.$": "$$.Execution.Input.at"},
                ":since": {
                    "S.$": "States.Format('X#{}', "
                    "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'Z'), 0))"
                },
                ":version": {"S": flow_of(workflow).version},
                ":execution": {"S.$": "$$.Execution.Name"},
            },
        },
        "ResultPath": None,
        "Retry": [
            {"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "MaxAttempts": 0},
            {
                "ErrorEquals": ["States.TaskFailed"],
                "IntervalSeconds": 1,
                "MaxAttempts": 3,
                "BackoffRate": 2,
                "JitterStrategy": "FULL",
            },
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "X"}],
        "Next": "X",
    }


def test_every_way_to_an_each_leads_through_the_task_and_then_the_guard() -> None:
    states = compiled(
        "  X: {each: {items: $.detail.ps, item: $.detail.p, states: {I: {await: {i: E}}, E: succeed}}, next: Y}\n"
        "  Y: {await: {again: X, done: Done}}"
    )
    assert (states["First"]["Next"], states["Y?"]["Choices"][0]["Next"]) == ("X.Entered", "X.Entered")
    assert (states["X.Entered"]["Next"], [rule["Next"] for rule in states["X?"]["Choices"]]) == (
        "X?",
        ["X.TooMany", "X.Queue", "X"],
    )
    (inner,) = (states["X"]["ItemProcessor"]["States"][name] for name in ("I",))
    assert since(inner) is None  # it has a row of its own


CHOICE = "A: {choose: [{when: {k: [1]}, next: L}, {otherwise: M}]}, L: {await: {l: E}}, E: succeed"
EACH = "{each: {items: $.detail.ps, item: $.detail.p, states: {J: {await: {j: K}}, K: succeed}}, next: E}"


@pytest.mark.parametrize(
    ("branches", "needs"),
    [
        (f"{{P: {PAUSE}}}", True),
        (f"{{P: {WAITS}}}", False),
        (f"{{P: {PAUSE}, Q: {WAITS}}}", False),
        ("{P: {states: {A: {pass: L}, L: {await: {l: E}}, E: succeed}}}", False),
        ("{P: {states: {A: {all: {x: x, y: y}, next: E}, E: succeed}}}", False),
        (f"{{P: {{states: {{{CHOICE}, M: succeed}}}}}}", True),
        (f"{{P: {{states: {{{CHOICE}, M: {{await: {{m: E}}}}}}}}}}", False),
        (f"{{P: {{states: {{I: {{parallel: {{R: {PAUSE}}}, next: E}}, E: succeed}}}}}}", True),
        (f"{{P: {{states: {{I: {{parallel: {{R: {WAITS}}}, next: E}}, E: succeed}}}}}}", False),
        (f"{{P: {{states: {{I: {EACH}, E: succeed}}}}}}", True),
    ],
)
def test_the_first_branch_tells_where_no_branch_is_sure_to_begin_with_a_wait(branches: str, needs: bool) -> None:
    first = compiled(f"  X: {{parallel: {branches}, next: Done}}")["X"]["Branches"][0]
    assert (first["StartAt"] == "X.Entered", "X.Entered" in first["States"]) == (needs, needs)
    if needs:
        assert since(first["States"]["X.Entered"]) == {"S.$": "$.since"}


def test_a_wait_inside_others_tells_of_the_outermost_state_which_hands_it_on() -> None:
    states = compiled(
        "  X:\n    parallel:\n      P: {states: {A: {all: {x: x, y: y}, next: B}, B: {await: {b: E}}, E: succeed}}\n"
        "    next: Y\n    timeout: {after: 1h, next: Y}\n  Y: {all: {v: v, w: w}, next: Done}"
    )
    assert since(states["First"]) == {"S.$": HERE}
    assert states["X"]["Parameters"]["since.$"] == states["Y"]["Parameters"]["since.$"] == HERE
    inner = states["X"]["Branches"][0]["States"]["X.Branches"]["Branches"][0]["States"]
    assert inner["A"]["Parameters"] == {"since.$": "$.since"}
    found = [inner["A"]["Branches"][0]["States"]["A.x"], inner["B"], states["Y"]["Branches"][1]["States"]["Y.w"]]
    assert [since(task) for task in found] == [{"S.$": "$.since"}] * 3


ENTERED = "2026-01-01T00:00:00.123"


@pytest.mark.parametrize("name", ["A", "A#1", "it's {} \\{x\\}", 'Ä "b", (c)', "$.x, [1]", "\\", "'", "\\'{}'\\"])
def test_an_intrinsic_function_has_a_name_as_it_is_written(name: str) -> None:
    assert reference(before(name))({}, {"State": {"EnteredTime": f"{ENTERED}Z"}}) == f"{name}#{ENTERED}"


@pytest.mark.parametrize("name", ["A", "A#1", "a, (b)", "$.x, [1]"])  # moto takes no escapes
def test_it_has_it_so_on_moto(name: str) -> None:
    text = before(name).replace("$$.State.EnteredTime", "$.entered")
    assert filled_in({"since.$": text}, {"entered": f"{ENTERED}Z"}) == {"since": f"{name}#{ENTERED}"}
