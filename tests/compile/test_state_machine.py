"""What holds of the state machine of any definition: it says what the definition says, and nothing else."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.compile.asl import state_machine
from choreography_insights.model.names import BEGUN_BY, UNEXPECTED_EVENT, UNEXPECTED_TRANSITION, added, racer_name
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import (
    All,
    Await,
    Policy,
    State,
    Succeed,
    Waiting,
    Workflow,
    anytime,
    beginnings,
    branches,
    goes_on,
    nested,
    spread,
    targets,
    watch,
)
from choreography_insights.project.definitions import load_workflow
from choreography_insights.project.folders import generate
from support.asl_validator import filled
from support.definitions import EXAMPLES, GOOD, generated, name_of, read, workflow_of

States = Mapping[str, Mapping[str, Any]]

good = pytest.mark.parametrize("folder", [*GOOD, *EXAMPLES], ids=name_of)


def compiled(folder: Path) -> dict[str, Any]:
    """Return the state machine of the definition in *folder*, as it is deployed."""
    machine: dict[str, Any] = json.loads(filled(generated(folder)["definition.asl.json"]))
    return machine


def scopes(machine: Mapping[str, Any]) -> Iterator[tuple[str, States]]:
    """Yield where each scope of a state machine starts, and its states."""
    yield machine["StartAt"], machine["States"]
    for state in machine["States"].values():
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from scopes(inner)


def states_of(machine: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return all states, by their names, of which there are no two alike."""
    found = [named for _, states in scopes(machine) for named in states.items()]
    assert len(dict(found)) == len(found)
    return dict(found)


def led_to(state: Mapping[str, Any]) -> set[str]:
    """Return where a state leads to."""
    ways = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {way[key] for way in ways for key in ("Next", "Default") if key in way}


@good
def test_it_has_every_way_of_its_definition_and_no_other(folder: Path) -> None:
    workflow, states = spread(read(folder)), states_of(compiled(folder))
    written = {state.name.text: {target.text for target in targets(state)} for state in nested(workflow.states)}
    for state in nested(workflow.states):  # what counts events waits again, until all have come
        written[state.name.text] |= {state.name.text} if isinstance(state, Await) and state.counts else set()

    def beyond(name: str) -> set[str]:
        """Return *name*, or where what the compiler put in its place leads."""
        return {name} if name in written else {last for way in led_to(states[name]) for last in beyond(way)}

    assert {name: {last for way in led_to(states[name]) for last in beyond(way)} for name in written} == written


@good
def test_it_begins_each_scope_where_its_definition_does(folder: Path) -> None:
    workflow, machine = read(folder), compiled(folder)
    begun = [workflow.states, *(one.states for state in nested(workflow.states) for one in branches(state))]
    firsts = {states[0].name.text: {state.name.text for state in states} for states in begun}
    found = {_beyond_what_is_before(start, states): set(states) for start, states in scopes(machine)}
    assert firsts.keys() <= found.keys()
    assert {first: found[first] & set().union(*firsts.values()) for first in firsts} == firsts


def _beyond_what_is_before(start: str, states: States) -> str:
    """Return the state at *start*, or the one behind the Task that tells of it, its guard, and where counts begin."""
    begun = states[start]["Default"] if start == BEGUN_BY else start
    following = states[begun]["Next"] if begun.endswith(".Entered") else begun
    return following.removesuffix("?").removesuffix(".Count")


@good
def test_it_has_no_states_but_those_of_its_definition_and_what_they_bring_with_them(folder: Path) -> None:
    workflow = read(folder)
    brought = {state.name.text for state in nested(workflow.states)} | {name for _, name in added(workflow)}
    brought |= {BEGUN_BY} if len(set(beginnings(workflow).values())) > 1 else set()
    assert states_of(compiled(folder)).keys() - {UNEXPECTED_EVENT, UNEXPECTED_TRANSITION} == brought


def test_a_journey_begins_where_its_start_event_says() -> None:
    start = {"a": None, "b": {"next": "C"}, "c": "A", "d": "D"}
    states = {"A": {"await": {"x": "C"}}, "C": {"wait": "5s", "next": "D"}, "D": "succeed"}
    machine = state_machine(workflow_of(states, start=start))
    assert machine["StartAt"] == "BegunBy?"
    assert machine["States"]["BegunBy?"] == {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.event.eventName", "StringEquals": "b", "Next": "C.Entered"},
            {"Variable": "$.event.eventName", "StringEquals": "d", "Next": "D"},
        ],
        "Default": "A",
    }
    elsewhere = state_machine(workflow_of({"Z": {"await": {"x": "A"}}, "A": "succeed"}, start={"a": "Z", "b": "Z"}))
    assert elsewhere["StartAt"] == "Z"


@good
def test_each_wait_accepts_what_its_state_awaits_and_nothing_else(folder: Path) -> None:
    waits = {
        name: [
            (one["M"]["e"]["S"], _asked(one["M"], "when"), _asked(one["M"], "remembered"), _remember(one["M"]))
            for one in state["Parameters"]["ExpressionAttributeValues"][":wait"]["M"]["a"]["L"]
        ]
        for name, state in states_of(compiled(folder)).items()
        if state.get("Resource", "").endswith(".waitForTaskToken")
    }
    assert waits == dict(_awaited(read(folder)))


def _asked(accepted: Mapping[str, Any], what: str) -> Any:
    return json.loads(accepted[what]["S"]) if what in accepted else None


def _remember(accepted: Mapping[str, Any]) -> set[str]:
    return set(accepted.get("remember", {"M": ()})["M"])


def _awaited(workflow: Workflow) -> Iterator[tuple[str, list[tuple[str, Any, Any, set[str]]]]]:
    for state in nested(spread(workflow).states):
        waiting = state if isinstance(state, Await) else watch(state)
        if waiting is not None:
            yield (
                waiting.name.text,
                [
                    (
                        one.event.text,
                        _source(one.condition.when),
                        _source(one.condition.remembered),
                        {memory.name.text for memory in one.remember},
                    )
                    for one in waiting.variants
                ],
            )
        if isinstance(state, All):
            for item in state.items:
                yield f"{state.name.text}.{item.name.text}", [(item.event.text, None, None, set())]
        if goes_on(state):
            ends = (one for branch in branches(state) for one in branch.states if isinstance(one, Succeed))
            yield from ((end.name.text, []) for end in ends)


def _source(pattern: Pattern | None) -> Any:
    return pattern.source if pattern else None


@good
def test_each_wait_ends_when_its_state_says_that_it_shall(folder: Path) -> None:
    workflow, states = read(folder), states_of(compiled(folder))
    found = {name: state["TimeoutSeconds"] for name, state in states.items() if "TimeoutSeconds" in state}
    for name, compiled_state in states.items():
        if "TimeoutSecondsPath" in compiled_state:
            assert compiled_state["TimeoutSecondsPath"] == "$.event.tally.seconds"
            found[name] = states[f"{name}.Count"]["Parameters"]["seconds"]
    expected = {}
    for state in nested(workflow.states):
        if isinstance(state, Waiting) and state.timeout:
            match state:
                case Await():
                    expected[state.name.text] = state.timeout.seconds
                case All():
                    expected |= {f"{state.name.text}.{item.name.text}": state.timeout.seconds for item in state.items}
                case _:
                    name = racer_name(state, "Deadline")
                    found[name] = states[name]["Seconds"]
                    expected[name] = state.timeout.seconds
    assert found == expected


@good
def test_each_wait_takes_unexpected_and_early_events_as_its_state_says_or_the_nearest_around_it(folder: Path) -> None:
    waits = {
        name: state["Parameters"]["ExpressionAttributeValues"][":wait"]["M"]
        for name, state in states_of(compiled(folder)).items()
        if state.get("Resource", "").endswith(".waitForTaskToken")
    }
    found = {
        name: (wait.get("unexpected", {}).get("S"), wait.get("early", {}).get("N")) for name, wait in waits.items()
    }
    expected = dict(_policies(spread(read(folder)).states, Policy()))
    assert found == {name: expected[name if name in expected else name.rpartition(".")[0]] for name in found}


def _said(wait: Mapping[str, Any], what: str, form: str) -> Any:
    return wait[what][form] if what in wait else None


def _policies(states: Iterable[State], around: Policy) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    for state in states:
        if isinstance(state, Waiting) or anytime(state):
            policy = state.policy.within(around) if isinstance(state, Waiting) else around
            early = None if policy.early_seconds is None else str(policy.early_seconds)
            yield state.name.text, (policy.unexpected, early)
            for branch in branches(state):
                yield from _policies(branch.states, policy)
        elif isinstance(state, Succeed):
            yield state.name.text, (around.unexpected, str(around.early_seconds) if around.early_seconds else None)


def test_it_is_the_same_whatever_is_expected_of_its_states() -> None:
    text = (next(one for one in GOOD if one.name == "expected-in-states") / "workflow.yaml").read_text("utf-8")
    without, left_out = re.subn(r"(?m)^ +expected: .*\n", "", text)
    assert left_out == 7
    said, unsaid = (generate(load_workflow(one, "workflow.yaml")) for one in (text, without))
    assert said.keys() == unsaid.keys()
    told = re.compile(r'"workflowSha256": ".*"|,"expected":\d+(?=[,}])')
    changed = {name for name in said if said[name] != unsaid[name]}
    assert changed == {"events.json", "picture.json"}
    assert [name for name in changed if told.sub("", said[name]) != told.sub("", unsaid[name])] == []
