"""What Step Functions says about task tokens; the same on plain moto shows what is patched."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack
from local.waiting import token, waiting


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return str(refusal.value.response["Error"]["Code"])


def two_waits(stack: Stack, table: str) -> str:
    states = {
        "First": waiting(table, "first", ResultPath="$.first", Next="Second"),
        "Second": waiting(table, "second", ResultPath="$.second", End=True),
    }
    return stack.machine({"StartAt": "First", "States": states})


def test_an_answer_moves_the_execution_on_and_becomes_its_result(stack: Stack) -> None:
    table, _ = stack.table()
    execution = stack.start(two_waits(stack, table), {"given": 1})
    steps = stack.client("stepfunctions")
    steps.send_task_success(taskToken=token(stack, table, execution, "first"), output='{"a": 1}')
    steps.send_task_success(taskToken=token(stack, table, execution, "second"), output='{"b": 2}')
    described = stack.ended(execution)
    assert described["status"] == "SUCCEEDED"
    assert json.loads(described["output"]) == {"given": 1, "first": {"a": 1}, "second": {"b": 2}}


def test_a_closed_token_is_timed_out_while_the_execution_runs_and_after_it(stack: Stack) -> None:
    table, _ = stack.table()
    execution = stack.start(two_waits(stack, table))
    steps = stack.client("stepfunctions")
    first = token(stack, table, execution, "first")
    steps.send_task_success(taskToken=first, output="{}")
    second = token(stack, table, execution, "second")
    assert refused(steps.send_task_success, taskToken=first, output="{}") == "TaskTimedOut"
    assert refused(steps.send_task_failure, taskToken=first) == "TaskTimedOut"
    assert refused(steps.send_task_heartbeat, taskToken=first) == "TaskTimedOut"

    steps.send_task_success(taskToken=second, output="{}")
    stack.ended(execution)
    assert refused(steps.send_task_success, taskToken=second, output="{}") == "TaskTimedOut"
    assert refused(steps.send_task_success, taskToken=first, output="{}") == "TaskTimedOut"


def test_what_never_was_a_token_is_invalid(stack: Stack) -> None:
    steps = stack.client("stepfunctions")
    assert refused(steps.send_task_success, taskToken="made-up", output="{}") == "InvalidToken"
    assert refused(steps.send_task_failure, taskToken="made-up") == "InvalidToken"


def test_an_output_that_is_not_json_is_refused_and_the_token_stays_open(stack: Stack) -> None:
    table, _ = stack.table()
    execution = stack.start(two_waits(stack, table))
    steps = stack.client("stepfunctions")
    first = token(stack, table, execution, "first")
    assert refused(steps.send_task_success, taskToken=first, output="{") == "InvalidOutput"
    steps.send_task_success(taskToken=first, output="{}")


def test_a_failure_brings_its_error_and_its_cause(stack: Stack) -> None:
    table, _ = stack.table()
    execution = stack.start(two_waits(stack, table))
    first = token(stack, table, execution, "first")
    stack.client("stepfunctions").send_task_failure(taskToken=first, error="UnexpectedEvent", cause="in words")
    described = stack.ended(execution)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "UnexpectedEvent", "in words")


def test_a_retried_task_has_a_new_token_and_the_old_one_is_closed(stack: Stack) -> None:
    table, _ = stack.table()
    retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    machine = stack.machine({"StartAt": "Wait", "States": {"Wait": waiting(table, "only", Retry=retry, End=True)}})
    execution = stack.start(machine)
    steps = stack.client("stepfunctions")
    old = token(stack, table, execution, "only")
    steps.send_task_failure(taskToken=old, error="Again")
    new = token(stack, table, execution, "only", other_than=old)
    assert refused(steps.send_task_success, taskToken=old, output="{}") == "TaskTimedOut"
    steps.send_task_success(taskToken=new, output="{}")
    assert stack.ended(execution)["status"] == "SUCCEEDED"


def test_a_task_that_times_out_closes_its_token_and_can_be_caught(stack: Stack) -> None:
    table, _ = stack.table()
    catch = [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.timeout", "Next": "Late"}]
    states = {
        "Wait": waiting(table, "only", TimeoutSeconds=1, Catch=catch, Next="Late"),
        "Late": waiting(table, "late", End=True),
    }
    execution = stack.start(stack.machine({"StartAt": "Wait", "States": states}))
    steps = stack.client("stepfunctions")
    only = token(stack, table, execution, "only")
    late = token(stack, table, execution, "late")
    assert refused(steps.send_task_success, taskToken=only, output="{}") == "TaskTimedOut"
    steps.send_task_success(taskToken=late, output='"done"')
    assert stack.ended(execution)["output"] == '"done"'


def test_when_one_branch_fails_the_tokens_of_the_others_close(stack: Stack) -> None:
    table, _ = stack.table()
    branches = [
        {"StartAt": name, "States": {name: waiting(table, name.lower(), End=True)}} for name in ("Left", "Right")
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {
        "Both": {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True},
        "Caught": waiting(table, "caught", End=True),
    }
    execution = stack.start(stack.machine({"StartAt": "Both", "States": states}))
    steps = stack.client("stepfunctions")
    left, right = token(stack, table, execution, "left"), token(stack, table, execution, "right")
    steps.send_task_failure(taskToken=left, error="Broken")
    caught = token(stack, table, execution, "caught")
    assert refused(steps.send_task_success, taskToken=right, output="{}") == "TaskTimedOut"
    steps.send_task_success(taskToken=caught, output="{}")
    assert stack.ended(execution)["status"] == "SUCCEEDED"


def test_a_heartbeat_keeps_a_task_alive(stack: Stack) -> None:
    table, _ = stack.table()
    states = {"Wait": waiting(table, "only", HeartbeatSeconds=2, TimeoutSeconds=60, End=True)}
    execution = stack.start(stack.machine({"StartAt": "Wait", "States": states}))
    steps = stack.client("stepfunctions")
    only = token(stack, table, execution, "only")
    steps.send_task_heartbeat(taskToken=only)
    described = stack.ended(execution)
    assert (described["status"], described["error"]) == ("FAILED", "States.Timeout")
    assert refused(steps.send_task_success, taskToken=only, output="{}") == "TaskTimedOut"


def test_a_token_is_as_long_as_those_of_aws(stack: Stack) -> None:
    table, _ = stack.table()
    execution = stack.start(two_waits(stack, table))
    assert len(token(stack, table, execution, "first")) == 700
