"""What moto's EventBridge and moto's Step Functions make of a ``when``: neither was written here."""

# ruff: noqa: E402 -- first of all, what moto need not import is kept away: every worker of a run imports this module.

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from choreography_insights.local.import_speed import import_step_functions_without_batch

import_step_functions_without_batch()

from moto.events.models import EventPattern
from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.string_operators import (
    StringMatches,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.states import ContextObjectData
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from choreography_insights.local.patches import choice_wildcards, event_patterns


@pytest.fixture(scope="module")
def patched_readings() -> Iterator[None]:
    """Patch both as the embedded AWS does, for the tests of one module: patches are otherwise for good."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for owner, patch in ((EventPattern, event_patterns), (StringMatches, choice_wildcards)):
            for name, found in vars(owner).items():
                if isinstance(found, staticmethod) or callable(found):
                    monkeypatch.setattr(owner, name, found)
            patch.install()
        yield


def rule_matches(when: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    """Whether a rule of moto's EventBridge with *when* as its pattern on the detail matches."""
    return bool(EventPattern.load(json.dumps({"detail": when})).matches_event({"detail": detail}))  # type: ignore[typeddict-item]


def _parsed(states: Mapping[str, Any], first: str) -> Any:
    program = cast("Program", AmazonStateLanguageParser.parse(json.dumps({"StartAt": first, "States": states}))[0])
    return program.states.states[first]


def _environment(first: str) -> Environment:
    environment = Environment(
        AWSExecutionDetails("111122223333", "eu-west-1", ""),
        StateMachineType.STANDARD,
        cast("ContextObjectData", {"Execution": {"Input": {}}, "StateMachine": {}}),
        EventHistoryContext.of_program_start(),
        None,
        {},
    )
    environment.next_state_name = first  # it runs from now on
    return environment


def filled_in(template: Mapping[str, Any], data: Mapping[str, Any]) -> Any:
    """Return what moto's Step Functions makes of *template*, the ``Parameters`` of a state with *data* as its input."""
    environment = _environment("Pass")
    environment.states.reset(input_value=data)
    environment.stack[:] = [data]
    _parsed({"Pass": {"Type": "Pass", "Parameters": template, "End": True}}, "Pass")._eval_state(environment)
    return environment.stack.pop()


class Choice:
    """A Choice state, evaluated by moto's Step Functions."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        targets = {rule["Next"]: {"Type": "Succeed"} for rule in state["Choices"]}
        self._state = _parsed({"Choice": state, **targets, state["Default"]: {"Type": "Succeed"}}, "Choice")
        self._environment = _environment("Choice")

    def next_state(self, data: Mapping[str, Any]) -> str:
        """Return the state that it leads to, with *data* as its input."""
        self._environment.states.reset(input_value=data)
        self._environment.stack[:] = [data]
        self._state._eval_state(self._environment)
        return str(self._environment.stack.pop())
