"""Patches what DeleteStateMachine does to a machine that has running executions.

moto 5.2.5 forgets the machine at once, and its executions run on where nobody can see them.

AWS: the machine is ``DELETING`` as long as an execution runs; each of them fails at its next transition, so one that
waits for a task token holds the machine until it is answered or stopped. Meanwhile the machine's name is refused.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
https://repost.aws/knowledge-center/step-functions-stuck-deleting-status
"""

import threading
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from choreography_insights.local.patches.ended_executions import fail, when_ended
from choreography_insights.local.patches.source_digests import patch

# The machines being deleted, by ARN, and the executions that still run on them, by ARN.
_machines: dict[str, tuple[StepFunctionsParserBackend, dict[str, Execution]]] = {}
_changing = threading.RLock()


class StateMachineDeleting(AWSError):  # AWS's name
    """The machine is being deleted."""

    TYPE = "StateMachineDeleting"
    STATUS = 400

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine is being deleted: '{arn}'")


def install() -> None:
    """Mend DeleteStateMachine, and what is said and done while it goes on."""
    when_ended(_forget_execution)
    _patch_deleting()
    _patch_transitions()


def _patch_deleting() -> None:
    @patch(StepFunctionsParserBackend, "delete_state_machine", source_digest="3181befe1f47")
    def delete_state_machine(original: Any, self: StepFunctionsParserBackend, arn: str) -> None:
        with _changing:
            machine = next((one for one in self.state_machines if one.arn == arn), None)
            executions: list[Any] = list(machine.executions) if machine else []
            running = {one.exec_arn: one for one in executions if one.exec_status == ExecutionStatus.RUNNING}
            if not running:
                original(self, arn)
            elif arn not in _machines:
                _machines[arn] = self, running

    # moto's start of an execution is patched for names too; both hold.
    for call, source_digest in {"start_execution": "0f8d9dd57baf", "update_state_machine": "03b6b2ec8ffd"}.items():

        @patch(StepFunctionsParserBackend, call, source_digest=source_digest)
        def refuse(original: Any, self: StepFunctionsParserBackend, arn: str, *rest: Any, **named: Any) -> Any:
            with _changing:
                if arn in _machines:
                    raise StateMachineDeleting(arn)
                return original(self, arn, *rest, **named)

    @patch(StepFunctionsParserBackend, "create_state_machine", source_digest="dc56ec54216f")
    def create_state_machine(original: Any, self: StepFunctionsParserBackend, name: str, **named: Any) -> Any:
        with _changing:
            deleting = [arn for arn, (backend, _) in _machines.items() if backend is self]
            for arn in deleting:
                if arn.endswith(f":stateMachine:{name}"):
                    raise StateMachineDeleting(arn)
            return original(self, name=name, **named)

    @patch(StepFunctionResponse, "_describe_state_machine", source_digest="44f4c687f927")
    def describe_state_machine(original: Any, self: StepFunctionResponse, state_machine_arn: str) -> ActionResult:
        described: ActionResult = original(self, state_machine_arn)
        if state_machine_arn in _machines:
            described.result["status"] = "DELETING"  # type: ignore[index]
        return described


def _patch_transitions() -> None:
    @patch(CommonStateField, "_eval_body", source_digest="035f80caae12")
    def eval_body(original: Any, self: CommonStateField, env: Environment) -> None:
        context = env.states.context_object.context_object_data
        machine = context["StateMachine"]
        deleting = _machines.get(machine["Id"]) if _machines else None
        execution = deleting[1].get(context["Execution"]["Id"]) if deleting else None
        if execution is None:
            original(self, env)
        else:
            fail(execution, error="States.Runtime", cause=f"State machine {machine['Name']} has been deleted.")


def _forget_execution(execution: Execution) -> None:
    """Forget a machine that is being deleted with the last of its executions."""
    arn = execution.state_machine.arn
    with _changing:
        if arn not in _machines:
            return
        backend, running = _machines[arn]
        running.pop(execution.exec_arn, None)
        if not running:
            del _machines[arn]
            backend.state_machines[:] = [one for one in backend.state_machines if one.arn != arn]
