"""What a `cwdb-action` says, and what is wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.console.actions import Action, BadAction, parsed, read

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-insights"


def test_what_is_left_out_is_as_cloudwatch_has_it() -> None:
    assert parsed({}, "<b>html</b>") == (Action("html", "widget", "click"), [])
    assert parsed({"action": "call", "endpoint": ARN}, "\n  ") == (
        Action("call", "widget", "click", endpoint=ARN, params={}),
        [],
    )


def test_everything_can_be_said() -> None:
    said = {"action": "call", "display": "popup", "event": "dblclick", "confirmation": "Sure?", "endpoint": ARN}
    action, problems = parsed(said, ' {"a": [1, {"b": null}]} ')
    assert action == Action("call", "popup", "dblclick", "Sure?", ARN, {"a": [1, {"b": None}]})
    assert problems == []


@pytest.mark.parametrize(
    ("said", "text", "problem"),
    [
        ({"action": "call", "endpoint": ARN, "event": "mouseenter"}, "{}", 'event="mouseenter" goes with'),
        ({"action": "call", "endpoint": ARN}, "{a: 1}", "no JSON object: Expecting property name"),
        ({"action": "call", "endpoint": ARN}, "[1]", "no JSON object: it is no JSON object"),
        ({"action": "call", "endpoint": ARN}, '{"a": NaN}', "no JSON object: NaN is no JSON"),
        ({"action": "call", "endpoint": ARN}, '{"a": "\\ud800"}', "no JSON object: 'utf-8' codec can't encode"),
        ({"action": "call", "endpoint": ARN}, '{"a":' * 100_000, "no JSON object: it is nested too deeply"),
    ],
)
def test_what_cannot_be_done_is_no_action(said: dict[str, str], text: str, problem: str) -> None:
    action, problems = parsed(said, text)
    assert action is None
    assert [problem in told for told in problems] == [True], problems


@pytest.mark.parametrize(
    ("said", "taken", "problem"),
    [
        ({"action": "open"}, Action("html", "widget", "click"), 'action="open" is none of html, call; html is taken'),
        ({"display": "modal"}, Action("html", "widget", "click"), 'display="modal" is none of widget, popup; widget'),
        ({"event": "focus"}, Action("html", "widget", "click"), 'event="focus" is none of click, dblclick, mouseenter'),
        ({"action": "call"}, Action("call", "widget", "click", params={}), "a call needs an endpoint"),
    ],
)
def test_what_cloudwatch_does_not_know_is_told(said: dict[str, str], taken: Action, problem: str) -> None:
    action, problems = parsed(said, "")
    assert action == taken
    assert [problem in told for told in problems] == [True], problems


def test_only_a_call_that_replaces_the_widget_unasked_is_a_step() -> None:
    assert Action("call", "widget", "click").is_step
    assert not Action("call", "popup", "click").is_step
    assert not Action("call", "widget", "click", confirmation="Sure?").is_step
    assert not Action("html", "widget", "click").is_step


_VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@given(params=st.dictionaries(st.text(), _VALUES, max_size=3), confirmation=st.text(), endpoint=st.text())
def test_a_call_comes_back_as_it_went(params: dict[str, Any], confirmation: str, endpoint: str) -> None:
    action = Action("call", "popup", "click", confirmation, endpoint, params)
    assert read(action.written()) == action


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"display": "x", "endpoint": "", "confirmation": "", "params": {}}',
             '{"display": "popup", "endpoint": "", "confirmation": "", "params": 1}', "x" * 10]
)  # fmt: skip
def test_what_did_not_come_from_a_page_is_no_action(text: str) -> None:
    with pytest.raises(BadAction):
        read(text)
