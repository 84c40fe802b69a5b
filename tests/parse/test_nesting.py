"""What is nested without end is refused after a little work; counted, since a machine under load is slow."""

import sys
from types import FrameType
from typing import Any

import pytest

from choreography_insights.lint import lint
from choreography_insights.project.folders import check

FORMS = {
    "lists": lambda depth: "[" * depth + "]" * depth,
    "lists left open": lambda depth: "[" * depth,
    "mappings": lambda depth: "{a: " * depth + "}" * depth,
    "mappings left open": lambda depth: "{" * depth,
    "keys": lambda depth: "{? " * depth,
    "indented lists": lambda depth: "- " * depth + "a",
    "indented keys": lambda depth: "? " * depth + "a",
    "anchors": lambda depth: "".join(f"&a{number} [" for number in range(depth)),
}


def calls_to_check(text: str) -> int:
    """Return how many calls it takes to check *text*."""
    count = 0

    def seen(_frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        problems = check(text, "workflow.yaml")[1]
    finally:
        sys.setprofile(before)
    assert [problem.rule.id for problem in problems] == ["CI005"]
    return count


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_ten_times_deeper_takes_no_more_work(form: Any) -> None:
    check("choreography: a", "warm.yaml")
    assert calls_to_check(form(10_000)) <= calls_to_check(form(1_000)) + 100
    assert calls_to_check(form(1_000)) < 60_000


def test_a_hundred_levels_are_read() -> None:
    assert {problem.rule.id for problem in check("[" * 99 + "a" + "]" * 99, "workflow.yaml")[1]} == {"CI103"}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_without_end_is_refused_too(text: str) -> None:
    assert [problem.rule.id for problem in lint(text, "machine.asl.json")] == ["CI005"]
