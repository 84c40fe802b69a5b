"""`when` means the same to `core.patterns` and to the Choice that is generated; what is said of two holds of events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.compile.choice import variant_choice
from choreography_insights.core.patterns import matches
from choreography_insights.diagnostics.problem import Location, Spot
from choreography_insights.model.patterns import can_match, covers, may_overlap
from choreography_insights.model.workflow import Await, Condition, Name, Variant
from choreography_insights.testgen.path_constraints import detail_for
from support.choice_rules import next_state
from support.definition_strategies import NUMBERS, TEXTS, WILDCARDS, details, patterns
from support.definitions import pattern_of

SPOT = Spot(Location("workflow.yaml", 1, 1), "")


def choice_takes(when: dict[str, Any], detail: dict[str, Any]) -> bool:
    variant = Variant(Name("Judged", SPOT), Condition(pattern_of(when)), Name("Taken", SPOT), SPOT)
    state = Await(Name("Waiting", SPOT), (variant,), None)
    event = {"event": {"eventName": "Judged", "detail": detail}}
    return next_state(variant_choice(state, lambda name: name.text, "Left"), event) == "Taken"


@given(patterns, details)
def test_core_and_choice_agree_on_every_event(when: dict[str, Any], detail: dict[str, Any]) -> None:
    assert choice_takes(when, detail) is matches(when, detail)


@pytest.mark.parametrize(
    ("when", "detail", "verdict"),
    [
        ({"x": ["a"]}, {"x": "a"}, True),
        ({"x": ["a"]}, {"x": ["a"]}, False),
        ({"x": [1]}, {"x": 1.0}, True),
        ({"x": [1]}, {"x": "1"}, False),
        ({"x": [1]}, {"x": True}, False),
        ({"x": [True]}, {"x": 1}, False),
        ({"x": [None]}, {"x": None}, True),
        ({"x": [None]}, {}, False),
        ({"x": [{"prefix": "EU*"}]}, {"x": "EU*1"}, True),
        ({"x": [{"prefix": "EU*"}]}, {"x": "EUR1"}, False),
        ({"x": [{"suffix": "\\1"}]}, {"x": "EU\\1"}, True),
        ({"x": [{"wildcard": "a*b\\*c\\\\d"}]}, {"x": "a-b*c\\d"}, True),
        ({"x": [{"wildcard": "a*b\\*c\\\\d"}]}, {"x": "a-b-c\\d"}, False),
        ({"x": [{"prefix": "1"}]}, {"x": 1}, False),
        ({"x": [{"numeric": [">=", 10, "<", 20]}]}, {"x": 10}, True),
        ({"x": [{"numeric": [">=", 10, "<", 20]}]}, {"x": 20}, False),
        ({"x": [{"numeric": [">", 0]}]}, {"x": True}, False),
        ({"x": [{"anything-but": "a"}]}, {"x": "b"}, True),
        ({"x": [{"anything-but": "a"}]}, {"x": "a"}, False),
        ({"x": [{"anything-but": "a"}]}, {"x": None}, True),
        ({"x": [{"anything-but": "a"}]}, {}, False),
        ({"x": [{"anything-but": "a"}]}, {"x": ["b"]}, False),
        ({"x": [{"anything-but": ["a", 1]}]}, {"x": 1}, False),
        ({"x": [{"anything-but": {"prefix": "a"}}]}, {"x": "ab"}, False),
        ({"x": [{"anything-but": {"prefix": "a"}}]}, {"x": 5}, True),
        ({"x": [{"exists": True}]}, {"x": {}}, True),
        ({"x": [{"exists": True}]}, {"x": None}, True),
        ({"x": [{"exists": False}]}, {}, True),
        ({"x": [{"exists": False}, "a"]}, {"x": "a"}, True),
        ({"x": [{"exists": False}, "a"]}, {"x": "b"}, False),
        ({"x": {"y": [1]}}, {"x": {"y": 1}}, True),
        ({"x": {"y": [1]}}, {"x": "y"}, False),
        ({"x": {"y": [{"exists": False}]}}, {"x": "y"}, True),
        ({"x": [1], "y": [2]}, {"x": 1, "y": 3}, False),
        ({"$or": [{"x": [1]}, {"y": [2]}]}, {"x": 3, "y": 2}, True),
        ({"$or": [{"x": [1]}, {"y": [2]}]}, {"x": 3, "y": 3}, False),
        ({"z": {"$or": [{"x": [1]}, {"y": [2]}]}}, {"z": {"y": 2}}, True),
    ],
)
def test_a_when_takes_these_events_and_not_those(when: dict[str, Any], detail: dict[str, Any], verdict: bool) -> None:
    assert [matches(when, detail), choice_takes(when, detail)] == [verdict, verdict]


@given(patterns, patterns, details)
def test_patterns_that_one_event_matches_are_never_taken_for_disjoint(
    one: dict[str, Any], other: dict[str, Any], detail: dict[str, Any]
) -> None:
    left, right = pattern_of(one), pattern_of(other)
    if matches(one, detail):
        assert can_match(left)
        if matches(other, detail):
            assert may_overlap(left, right)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"x": ["a"]}, {"x": ["b", "c"]}),
        ({"x": ["1"]}, {"x": [1]}),
        ({"x": [{"prefix": "a"}]}, {"x": [{"prefix": "b"}]}),
        ({"x": [{"suffix": "a"}]}, {"x": [{"suffix": "b"}]}),
        ({"x": [{"prefix": "a"}]}, {"x": ["b", {"numeric": [">", 1]}]}),
        ({"x": [{"numeric": ["<", 5]}]}, {"x": [{"numeric": [">=", 5]}]}),
        ({"x": [{"numeric": [">", 1, "<", 2]}]}, {"x": [{"numeric": ["=", 2]}]}),
        ({"x": [{"exists": True}]}, {"x": [{"exists": False}]}),
        ({"x": [{"exists": False}]}, {"x": [{"anything-but": "a"}]}),
        ({"x": [{"anything-but": {"prefix": "a"}}]}, {"x": [{"prefix": "a"}]}),
        ({"x": [{"anything-but": [1, 2]}]}, {"x": [1]}),
        ({"$or": [{"x": [1]}, {"y": [1]}]}, {"x": [2], "y": [2]}),
    ],
)
def test_these_patterns_exclude_each_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not may_overlap(pattern_of(one), pattern_of(other))
    assert not may_overlap(pattern_of(other), pattern_of(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"x": ["a"]}, {"y": ["b"]}),
        ({"x": [{"numeric": [">", 1]}]}, {"x": [{"numeric": ["<", 2]}]}),
        ({"x": [{"numeric": [">=", 1]}]}, {"x": [{"numeric": ["<=", 1]}]}),
        ({"x": [{"prefix": "a"}]}, {"x": [{"suffix": "b"}]}),
        ({"x": [{"prefix": "a"}]}, {"x": [{"prefix": "ab"}]}),
        ({"x": [{"suffix": "a"}]}, {"x": [{"suffix": "ba"}]}),
        ({"x": [{"prefix": "a"}]}, {"x": [{"anything-but": {"prefix": "ab"}}]}),
        ({"x": [{"wildcard": "a*"}]}, {"x": [{"anything-but": ["a"]}]}),
        ({"x": [{"exists": True}]}, {"x": [{"anything-but": 1}]}),
        ({"$or": [{"x": [1]}, {"y": [1]}]}, {"x": [2], "y": [1]}),
    ],
)
def test_these_patterns_may_meet(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert may_overlap(pattern_of(one), pattern_of(other))
    assert may_overlap(pattern_of(other), pattern_of(one))


VALUES: list[Any] = [*TEXTS, *NUMBERS, True, False, None, [1], {}, "x*", "xx", 0.5, -1]
MATCHERS: list[Any] = [
    *(value for value in VALUES if not isinstance(value, list | dict)),
    *({kind: text} for kind in ("prefix", "suffix") for text in TEXTS if text),
    *({"wildcard": text} for text in WILDCARDS),
    *({"numeric": [sign, number]} for sign in ("=", "<", "<=", ">", ">=") for number in (0, 1, 2.5)),
    *({"exists": there} for there in (True, False)),
    *({"anything-but": [value]} for value in ("x", 1, True, None)),
    *({"anything-but": {kind: "x"}} for kind in ("prefix", "suffix")),
]


def test_what_covers_another_pattern_matches_all_that_it_does() -> None:
    asked = [(matcher, pattern_of({"a": [matcher]})) for matcher in MATCHERS]
    events: list[dict[str, Any]] = [{}, *({"a": value} for value in VALUES)]
    taken = [
        {number for number, event in enumerate(events) if matches({"a": [matcher]}, event)} for matcher, _ in asked
    ]
    for (wide, one), more in zip(asked, taken, strict=True):
        for (narrow, other), fewer in zip(asked, taken, strict=True):
            if covers(one, other):
                assert fewer <= more, f"{wide} does not cover {narrow}"
            if not may_overlap(one, other):
                assert not fewer & more, f"{wide} and {narrow} may meet"


def test_a_pattern_with_too_many_cases_to_tell_may_meet_any_other() -> None:
    wide = {f"f{i}": {"$or": [{"x": [1]}, {"y": [1]}]} for i in range(9)}
    assert may_overlap(pattern_of({**wide, "z": [1]}), pattern_of({"z": [2]}))
    assert can_match(pattern_of(wide))


@given(patterns, st.lists(patterns, max_size=3))
def test_a_made_up_detail_matches_what_it_should_and_nothing_before(
    wanted: dict[str, Any], earlier: list[dict[str, Any]]
) -> None:
    before = [pattern_of(other) for other in earlier]
    detail = detail_for(pattern_of(wanted), before, ("detail", "order", "id"), "order-1")
    if detail is not None:
        assert detail["order"] == {"id": "order-1"}
        assert matches(wanted, detail)
        assert not any(matches(other, detail) for other in earlier)


@given(patterns, details)
def test_a_detail_is_found_for_every_pattern_that_some_event_matches(
    wanted: dict[str, Any], detail: dict[str, Any]
) -> None:
    if matches(wanted, detail):
        assert detail_for(pattern_of(wanted), [], ("detail", "id"), "order-1") is not None
