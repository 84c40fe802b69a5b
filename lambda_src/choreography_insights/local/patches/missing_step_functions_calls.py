"""Adds two calls that moto's Step Functions lacks and Terraform makes, and the pages of an execution's history."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException
from moto.stepfunctions.responses import StepFunctionResponse

from choreography_insights.local.patches.execution_speed import parsed
from choreography_insights.local.patches.source_digests import MotoChangedError, patch

_HISTORY_PAGE = 1000


def install() -> None:
    """Add ValidateStateMachineDefinition and ListStateMachineVersions; let GetExecutionHistory turn pages."""
    for call in (validate_state_machine_definition, list_state_machine_versions):
        if hasattr(StepFunctionResponse, call.__name__):
            raise MotoChangedError(f"moto has {call.__name__} of its own now: use that one, and drop this patch.")
        setattr(StepFunctionResponse, call.__name__, call)

    @patch(StepFunctionResponse, "get_execution_history", source_digest="3889cc6224ac")
    def get_execution_history(_: Any, self: StepFunctionResponse) -> ActionResult:
        backend: Any = self.stepfunction_backend
        events = list(backend.get_execution_history(self._get_param("executionArn"))["events"])
        if self._get_param("reverseOrder"):
            events.reverse()
        start = int(self._get_param("nextToken") or 0)
        end = start + int(self._get_param("maxResults") or _HISTORY_PAGE)
        page: dict[str, Any] = {"events": events[start:end]}
        return ActionResult(page | ({"nextToken": str(end)} if end < len(events) else {}))


def validate_state_machine_definition(self: StepFunctionResponse) -> ActionResult:
    """Say what moto's own parser thinks of a definition, in AWS's form."""
    problems = _problems(self._get_param("definition"))
    diagnostics = [
        {"severity": "ERROR", "code": code, "message": message, "location": "/"} for code, message in problems
    ]
    return ActionResult({"result": "FAIL" if problems else "OK", "diagnostics": diagnostics, "truncated": False})


def _problems(definition: str) -> list[tuple[str, str]]:
    try:
        json.loads(definition)
    except ValueError as error:
        return [("INVALID_JSON_DESCRIPTION", f"The definition is not JSON: {error}")]
    try:
        parsed(definition)
    except ASLParserException as error:
        return [("SCHEMA_VALIDATION_FAILED", problem) for problem in error.errors]
    except Exception as error:  # noqa: BLE001  # the parser raises whatever its parts raise
        return [("SCHEMA_VALIDATION_FAILED", str(error))]
    return []


def list_state_machine_versions(self: StepFunctionResponse) -> ActionResult:
    """List the published versions of a state machine, the newest first."""
    machine: Any = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    versions = sorted(machine.versions.values(), key=lambda version: version.version, reverse=True)
    return ActionResult(
        {
            "stateMachineVersions": [
                {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date} for version in versions
            ]
        }
    )
