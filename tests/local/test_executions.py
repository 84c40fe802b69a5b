"""How executions start and end, and what is told of it."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from choreography_insights.local.patches import times
from local.stack import Stack, eventually
from local.waiting import token, waiting

PASS = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}


def one_wait(stack: Stack, **rest: Any) -> tuple[str, str]:
    table, _ = stack.table()
    states = {"Wait": waiting(table, "only", End=True)}
    return stack.machine({"StartAt": "Wait", "States": states, **rest}), table


def history(stack: Stack, execution: str) -> list[str]:
    events = stack.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return [event["type"] for event in events]


def test_a_stopped_execution_that_waits_is_aborted_at_once(stack: Stack) -> None:
    machine, table = one_wait(stack)
    execution = stack.start(machine)
    only = token(stack, table, execution, "only")
    steps = stack.client("stepfunctions")
    steps.stop_execution(executionArn=execution, error="Stopped", cause="by a test")

    described = steps.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Stopped", "by a test")
    assert described["stopDate"] >= described["startDate"]
    with pytest.raises(ClientError, match="TaskTimedOut"):
        steps.send_task_success(taskToken=only, output="{}")
    time.sleep(0.3)  # the threads of the execution unwind
    expected = ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"]
    assert history(stack, execution) == [*expected, "ExecutionAborted"]


def test_an_execution_whose_parallel_branches_wait_can_be_stopped(stack: Stack) -> None:
    table, _ = stack.table()
    branches = [{"StartAt": one, "States": {one: waiting(table, one, End=True)}} for one in ("left", "right")]
    states = {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}
    execution = stack.start(stack.machine({"StartAt": "Both", "States": states}))
    left, right = token(stack, table, execution, "left"), token(stack, table, execution, "right")
    steps = stack.client("stepfunctions")
    steps.stop_execution(executionArn=execution)
    assert stack.ended(execution)["status"] == "ABORTED"
    for one in (left, right):
        with pytest.raises(ClientError, match="TaskTimedOut"):
            steps.send_task_success(taskToken=one, output="{}")
    assert history(stack, execution)[-1] == "ExecutionAborted"


def test_forty_lines_of_a_map_run_at_once_and_the_next_begins_when_one_has_ended(stack: Stack) -> None:
    table, _ = stack.table()
    first = {"Variable": "$", "NumericEquals": 0, "Next": "First"}
    states = {
        "Which": {"Type": "Choice", "Choices": [first], "Default": "Other"},
        "First": waiting(table, "first", End=True),
        "Other": {"Type": "Wait", "Seconds": 86_400, "End": True},
    }
    lines = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Which", "States": states}
    each = {"Type": "Map", "ItemProcessor": lines, "End": True}
    execution = stack.start(stack.machine({"StartAt": "Each", "States": {"Each": each}}), list(range(42)))

    def entered() -> int:
        return history(stack, execution).count("WaitStateEntered")

    only = token(stack, table, execution, "first")
    eventually(lambda: entered() == 39)
    assert history(stack, execution).count("MapIterationStarted") == 40
    stack.client("stepfunctions").send_task_success(taskToken=only, output="{}")
    eventually(lambda: entered() == 40)
    assert history(stack, execution).count("MapIterationStarted") == 41
    stack.client("stepfunctions").stop_execution(executionArn=execution)


def test_an_execution_that_has_just_started_can_be_stopped(stack: Stack) -> None:
    machine, _ = one_wait(stack)
    for _ in range(10):
        execution = stack.start(machine)
        stack.client("stepfunctions").stop_execution(executionArn=execution)
        assert stack.ended(execution)["status"] == "ABORTED"
        assert history(stack, execution)[-1] == "ExecutionAborted"


def test_an_execution_times_out_as_a_whole(stack: Stack) -> None:
    machine, table = one_wait(stack, TimeoutSeconds=1)
    execution = stack.start(machine)
    only = token(stack, table, execution, "only")
    described = stack.ended(execution)
    assert described["status"] == "TIMED_OUT"
    assert described["stopDate"] > described["startDate"]
    with pytest.raises(ClientError, match="TaskTimedOut"):
        stack.client("stepfunctions").send_task_success(taskToken=only, output="{}")
    assert history(stack, execution)[-1] == "ExecutionTimedOut"


@pytest.mark.parametrize(
    "name",
    [
        "a" * 81, "a b", "a/b", "a:b", "a;b", "a,b", "a#b", "a%b", "a\\b", "a^b", "a|b", "a~b", "a`b", "a$b", "a&b",
        "a<b", "a>b", "a{b", "a}b", "a[b", "a]b", "a?b", "a*b", 'a"b', "a\nb", "a\u0085b", "a\u00a0b",
    ],
)  # fmt: skip
def test_a_name_that_aws_refuses_is_refused(stack: Stack, name: str) -> None:
    with pytest.raises(ClientError, match="InvalidName"):
        stack.start(stack.machine(PASS), name=name)


@pytest.mark.parametrize("name", ["a", "a" * 80, "Ünïcode-_.=+@!()'"])
def test_a_name_that_aws_takes_is_taken(stack: Stack, name: str) -> None:
    assert stack.start(stack.machine(PASS), name=name).endswith(f":{name}")


def test_executions_without_a_name_have_names_of_their_own(stack: Stack) -> None:
    machine = stack.machine(PASS)
    assert len({stack.start(machine) for _ in range(3)}) == 3


def test_the_same_start_at_the_same_time_starts_one_execution(stack: Stack) -> None:
    machine, _ = one_wait(stack)
    with ThreadPoolExecutor(8) as pool:
        arns = set(pool.map(lambda _: stack.start(machine, {"a": 1}, name="one"), range(16)))
    assert len(arns) == 1
    listed = stack.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert [one["executionArn"] for one in listed] == list(arns)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        stack.start(machine, {"a": 2}, name="one")


def test_a_history_can_be_read_backwards_and_page_by_page(stack: Stack) -> None:
    execution = stack.start(stack.machine(PASS))
    stack.ended(execution)
    steps = stack.client("stepfunctions")
    last = steps.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)
    assert [event["type"] for event in last["events"]] == ["ExecutionSucceeded"]
    rest = steps.get_execution_history(executionArn=execution, reverseOrder=True, nextToken=last["nextToken"])
    assert [event["type"] for event in rest["events"]] == ["PassStateExited", "PassStateEntered", "ExecutionStarted"]
    assert "nextToken" not in rest


def test_a_definition_is_validated_by_motos_own_parser(stack: Stack) -> None:
    validate = stack.client("stepfunctions").validate_state_machine_definition
    fine = validate(definition=json.dumps(PASS))
    assert (fine["result"], fine["diagnostics"]) == ("OK", [])
    wrong = validate(definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Nonsense"}}}))
    assert wrong["result"] == "FAIL"
    [first, *_] = wrong["diagnostics"]
    assert (first["severity"], first["code"]) == ("ERROR", "SCHEMA_VALIDATION_FAILED")
    assert "Nonsense" in first["message"]
    [spaced, *_] = validate(definition='{\n\n  "StartAt": "Done",\n  "States": []}')["diagnostics"]
    assert "line 4:12" in spaced["message"]  # it is read without its spaces first
    assert validate(definition="{")["diagnostics"][0]["code"] == "INVALID_JSON_DESCRIPTION"


def test_published_versions_are_listed_newest_first(stack: Stack) -> None:
    machine = stack.machine(PASS, publish=True)
    steps = stack.client("stepfunctions")
    steps.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS | {"Comment": "2"}), publish=True)
    listed = steps.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    assert [one["stateMachineVersionArn"] for one in listed] == [f"{machine}:2", f"{machine}:1"]


@pytest.mark.parametrize(
    ("wildcard", "matching", "others"),
    [
        ("a*", ["a", "ab", "a\nb"], ["ba", "A"]),
        ("a\\*b", ["a*b"], ["a\\xb", "axb", "a\\*b"]),
        ("\\\\*", ["\\", "\\x"], ["x", "*"]),
        ("[ab]?", ["[ab]?"], ["ax", "a?"]),
    ],
)
def test_a_choice_matches_wildcards_as_step_functions_does(
    stack: Stack, wildcard: str, matching: list[str], others: list[str]
) -> None:
    rules = [{"Variable": "$.text", "StringMatches": wildcard, "Next": "Matching"}]
    choice = {"Type": "Choice", "Choices": rules, "Default": "Other"}
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Matching", "Other")}
    machine = stack.machine({"StartAt": "Which", "States": {"Which": choice, **ends}})
    for text in [*matching, *others]:
        output = stack.ended(stack.start(machine, {"text": text}))["output"]
        assert output == ('"Matching"' if text in matching else '"Other"'), text


def test_the_history_names_states_as_the_author_does(stack: Stack) -> None:
    names = ['Say "hi"', "a\\b", "Ü ${x}"]
    states = {name: {"Type": "Pass", "Next": after} for name, after in zip(names, [*names[1:], "End"], strict=True)}
    execution = stack.start(stack.machine({"StartAt": names[0], "States": {**states, "End": {"Type": "Succeed"}}}))
    stack.ended(execution)
    events = stack.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
    assert entered == [*names, "End"]


def test_a_state_knows_when_it_was_entered_in_milliseconds(stack: Stack) -> None:
    entered = {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": True}
    ended = stack.ended(stack.start(stack.machine({"StartAt": "Entered", "States": {"Entered": entered}})))
    at = json.loads(ended["output"])["at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", at)
    assert (
        ended["startDate"].timestamp() - 1 < datetime.fromisoformat(at).timestamp() < ended["stopDate"].timestamp() + 1
    )


@pytest.mark.parametrize(
    ("microsecond", "written"),
    [(0, "2026-11-27T10:00:06Z"), (999, "2026-11-27T10:00:06Z"), (100_000, "2026-11-27T10:00:06.100Z")],
)
def test_a_whole_second_is_written_without_its_fraction(microsecond: int, written: str) -> None:
    assert times.text(datetime(2026, 11, 27, 10, 0, 6, microsecond, tzinfo=UTC)) == written
