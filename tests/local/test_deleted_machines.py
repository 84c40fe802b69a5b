"""DeleteStateMachine: a machine with running executions goes only with the last of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import ROLE, Stack, eventually
from local.waiting import token, waiting

DONE = {"Type": "Pass", "Next": "After"}
CAUSE = "State machine {} has been deleted."


def waiting_machine(stack: Stack, table: str, **rest: Any) -> str:
    states = {"Wait": waiting(table, "wait", Next="Done"), "Done": DONE, "After": {"Type": "Succeed"}}
    return stack.machine({"StartAt": "Wait", "States": states, **rest})


def status(stack: Stack, machine: str) -> str:
    try:
        return str(stack.client("stepfunctions").describe_state_machine(stateMachineArn=machine)["status"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


def delete(stack: Stack, machine: str) -> None:
    stack.client("stepfunctions").delete_state_machine(stateMachineArn=machine)


def test_a_machine_without_running_executions_goes_at_once(stack: Stack) -> None:
    machine = stack.machine({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    stack.ended(stack.start(machine))
    delete(stack, machine)
    assert status(stack, machine) == "StateMachineDoesNotExist"


def test_what_waits_fails_at_its_next_transition_and_the_machine_goes_with_it(stack: Stack) -> None:
    table, _ = stack.table()
    machine = waiting_machine(stack, table)
    execution = stack.start(machine)
    open_token = token(stack, table, execution, "wait")
    delete(stack, machine)
    delete(stack, machine)
    assert status(stack, machine) == "DELETING"
    described = stack.client("stepfunctions").describe_execution(executionArn=execution)
    assert described["status"] == "RUNNING"

    seen = stack.open_queue()
    events = stack.client("events")
    name = stack.name("rule")
    pattern = '{"source": ["aws.states"], "detail": {"executionArn": ["' + execution + '"]}}'
    events.put_rule(Name=name, EventPattern=pattern)
    events.put_targets(Rule=name, Targets=[{"Id": "seen", "Arn": stack.queue_arn(seen)}])
    stack.client("stepfunctions").send_task_success(taskToken=open_token, output="{}")
    eventually(lambda: status(stack, machine) == "StateMachineDoesNotExist")
    [event] = stack.received(seen)
    cause = CAUSE.format(machine.rsplit(":", 1)[1])
    assert '"status": "FAILED"' in event
    assert '"error": "States.Runtime"' in event
    assert f'"cause": "{cause}"' in event


def test_a_stopped_execution_holds_its_machine_no_longer(stack: Stack) -> None:
    table, _ = stack.table()
    machine = waiting_machine(stack, table)
    first, second = stack.start(machine), stack.start(machine)
    for execution in (first, second):
        token(stack, table, execution, "wait")
    delete(stack, machine)
    stack.client("stepfunctions").stop_execution(executionArn=first)
    assert stack.ended(first)["status"] == "ABORTED"
    assert status(stack, machine) == "DELETING"
    stack.client("stepfunctions").stop_execution(executionArn=second)
    eventually(lambda: status(stack, machine) == "StateMachineDoesNotExist")


def test_meanwhile_nothing_else_can_be_done_with_the_machine_nor_with_its_name(stack: Stack) -> None:
    table, _ = stack.table()
    machine = waiting_machine(stack, table)
    execution = stack.start(machine)
    token(stack, table, execution, "wait")
    delete(stack, machine)
    functions = stack.client("stepfunctions")
    definition = functions.describe_state_machine(stateMachineArn=machine)["definition"]
    name = machine.rsplit(":", 1)[1]
    for call, arguments in {
        "create_state_machine": {"name": name, "definition": definition, "roleArn": ROLE},
        "update_state_machine": {"stateMachineArn": machine, "definition": definition},
        "start_execution": {"stateMachineArn": machine},
    }.items():
        with pytest.raises(ClientError) as refused:
            getattr(functions, call)(**arguments)
        assert refused.value.response["Error"]["Code"] == "StateMachineDeleting"
    functions.stop_execution(executionArn=execution)
    eventually(lambda: status(stack, machine) == "StateMachineDoesNotExist")
    assert functions.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"] == machine
    assert status(stack, machine) == "ACTIVE"


def test_a_branch_that_comes_to_its_next_state_ends_the_whole_execution(stack: Stack) -> None:
    table, _ = stack.table()
    branches = [
        {
            "StartAt": name,
            "States": {name: waiting(table, name, Next=f"{name} done"), f"{name} done": {"Type": "Succeed"}},
        }
        for name in ("left", "right")
    ]
    everything = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    both = {"Type": "Parallel", "Branches": branches, "Catch": everything, "End": True}
    machine = stack.machine({"StartAt": "Both", "States": {"Both": both, "Caught": {"Type": "Succeed"}}})
    execution = stack.start(machine)
    left, right = (token(stack, table, execution, name) for name in ("left", "right"))
    delete(stack, machine)
    functions = stack.client("stepfunctions")
    functions.send_task_success(taskToken=left, output="{}")
    eventually(lambda: status(stack, machine) == "StateMachineDoesNotExist")
    with pytest.raises(functions.exceptions.TaskTimedOut):
        functions.send_task_success(taskToken=right, output="{}")
