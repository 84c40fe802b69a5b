"""Simulations, the state machine (in the in-memory AWS) and replay agree on definitions of all kinds of state."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.model.workflow import Workflow
from choreography_insights.project.folders import check
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.engine import replay
from choreography_insights.replay.envelopes import event_of
from choreography_insights.testgen import simulations
from fake_aws import FakeAws, deployable

Draw = Callable[[st.SearchStrategy[Any]], Any]

CONDITIONS: list[dict[str, Any]] = [
    {"when": {"a": [1]}},
    {"when": {"a": [{"exists": False}], "b": ["x"]}},
    {"remembered": {"m": [1, {"prefix": "y"}]}},
    {"when": {"b": ["x"]}, "remembered": {"m": [{"exists": False}]}},
]


def _scope(draw: Draw, prefix: str, depth: int) -> dict[str, Any]:
    """Return states of one scope that lead on to one another and end; events are named after the scope."""
    count = draw(st.integers(1, 3))
    names = [f"{prefix}{i}" for i in range(count)]
    end, bad = f"{prefix}End", f"{prefix}Bad"
    states: dict[str, Any] = {}
    for i, name in enumerate(names):
        onward = names[i + 1] if i + 1 < count else end
        states[name] = _state(draw, name, prefix, onward, names[: i + 1], depth)
    fails = draw(st.booleans())
    states[names[-1]] = (
        {"await": {f"{prefix}-last": end, **({f"{prefix}-fails": bad} if fails else {})}}
        if not any(kind in states[names[-1]] for kind in ("parallel", "each"))
        else states[names[-1]]
    )
    if fails and "await" in states[names[-1]]:
        states[bad] = "fail"
    return {**states, end: "succeed"}


def _state(draw: Draw, name: str, prefix: str, onward: str, before: list[str], depth: int) -> dict[str, Any]:
    kinds = ["await", "await", "choose", "all", "pass", *(["parallel", "each"] if depth else [])]
    match draw(st.sampled_from(kinds)):
        case "choose":
            condition = draw(st.sampled_from(CONDITIONS))
            return {"choose": [{**condition, "next": onward}, {"otherwise": onward}]}
        case "all":
            items = {"x": f"{prefix}-x", "y": f"{prefix}-y", "z": f"{prefix}-z"}
            need = draw(st.sampled_from([{}, {"need": 1}, {"need": 2}]))
            return {"all": items, "next": onward, **need, **_anytime(draw, name, before)}
        case "pass":
            return {"pass": onward}
        case "parallel":
            branches = {one: {"states": _scope(draw, f"{name}{one}", depth - 1)} for one in "PQ"}
            if draw(st.booleans()):
                watching = {f"{name}W": {"await": {f"{name}-bad": f"{name}WBad"}}, f"{name}WBad": "fail"}
                branches["W"] = {"states": watching}
            first = draw(st.sampled_from([{}, {"first": True}]))
            more = {**first, **_timeout(draw, onward), **_anytime(draw, name, before)}
            return {"parallel": branches, "next": onward, **more}
        case "each":
            body = _scope(draw, f"{name}I", depth - 1)
            key = draw(st.sampled_from([{}, {"key": "$.key"}]))
            each = {"items": f"$.detail.{name}", **key, "item": f"$.detail.of{name}", "states": body}
            need = draw(st.sampled_from([{}, {"need": 1}, {"need": 2}]))
            return {"each": each, "next": onward, **need, **_timeout(draw, onward), **_anytime(draw, name, before)}
        case _:
            entries = [{**one, "next": onward} for one in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))]
            name = "n" if any("remembered" in entry for entry in entries) else "m"
            several = draw(st.sampled_from([{}, {}, {"times": 2}, {"times": 3, "distinct": "$.detail.by"}]))
            entries.append({"remember": {name: "detail.m"}, "next": onward, **several})
            back = {f"{prefix}-back": draw(st.sampled_from(before))} if draw(st.booleans()) else {}
            return {"await": {f"{prefix}-on": entries, **back}}


def _timeout(draw: Draw, onward: str) -> dict[str, Any]:
    return {"timeout": {"after": "30d", "next": onward}} if draw(st.booleans()) else {}


def _anytime(draw: Draw, name: str, before: list[str]) -> dict[str, Any]:
    entries = [{**draw(st.sampled_from(CONDITIONS[:2])), "next": before[0]}, {"otherwise": before[-1]}]
    return {"anytime": {f"{name}-off": entries}} if draw(st.booleans()) else {}


@st.composite
def definitions(draw: Draw) -> dict[str, Any]:
    """Return a definition of any kinds of state, two levels deep at most."""
    start = {"Begun": {"remember": {"m": "detail.m"}}}
    states = {**_scope(draw, "S", 2), "Off": {"await": {"off": "SEnd"}}}
    anytime = {"off": [{"remember": {"m": "detail.m"}, "next": "Off"}]}
    if draw(st.booleans()):
        return {"choreography": "test", "source": "test", "start": start, "anytime": anytime, "states": states}
    del states["Off"]
    return {"choreography": "test", "source": "test", "start": start, "states": states}


def replayed(workflow: Workflow, events: list[Mapping[str, Any]]) -> tuple[str, str]:
    choreography = Automaton.of(workflow)
    heard = []
    for position, event in enumerate(events):
        envelope = {"id": str(position), "detail-type": event["detailType"], "source": event["source"]}
        found = event_of({**envelope, "time": 1_000.0 + position, "detail": event["detail"]}, choreography, position)
        assert found is not None
        heard.append(found)
    (journey,), deviations = replay(choreography, heard)
    assert deviations == []
    assert not journey.deviations
    return journey.status, journey.state


def played(text: str, events: list[Mapping[str, Any]]) -> tuple[str, str]:
    aws = FakeAws(deployable(text))
    for moment, event in enumerate(events):
        aws.publish_detail(
            event["detailType"], event["detail"], source=event["source"], time=moment, delay=float(moment)
        )
    aws.run(seconds=86_400)
    (execution,) = aws.executions
    assert aws.deviations() == []
    return execution.status, execution.last_entered()


@settings(max_examples=15)
@given(definitions())
def test_every_series_ends_where_it_says_deployed_and_replayed(definition: dict[str, Any]) -> None:
    text = json.dumps(definition)
    workflow, problems = check(text, "workflow.yaml")
    if workflow is None:
        assert {one.message.split(",")[0][:40] for one in problems if one.is_error} <= EXPECTED
        return
    for one in simulations(workflow).series:
        ((_, expected),) = one.document["expect"].items()
        assert replayed(workflow, one.document["events"]) == (expected["status"], expected["state"])
        assert played(text, one.document["events"]) == (expected["status"], expected["state"])


#: What the strategy may come upon that is refused: entries drawn twice.
EXPECTED = {
    f"the entry at line {1} has the same 'when'"[:40],
    "the entry at line 1 takes all that fits this 'when'"[:40],
}
