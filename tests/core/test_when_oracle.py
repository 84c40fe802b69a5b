"""What `core.patterns` makes of a ``when`` an independent reading makes of it, too, on every pattern and event."""

from typing import Any

import pytest
from hypothesis import given

from choreography_insights.core.patterns import matches
from choreography_insights.diagnostics.problem import InvalidWorkflow
from choreography_insights.model.patterns import matches as parsed_matches
from support.definition_strategies import details, patterns
from support.definitions import pattern_of
from support.when_oracle import test_of as reading_of

reading_of.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


@given(patterns, details)
def test_the_oracle_agrees_and_the_parsed_pattern_too(source: dict[str, Any], detail: dict[str, Any]) -> None:
    try:
        pattern = pattern_of(source)
    except InvalidWorkflow:
        return
    assert reading_of(source)(detail) is matches(source, detail) is parsed_matches(pattern, detail)


CASES = [
    ({"a": ["x", 1]}, [{"a": "x"}, {"a": 1}, {"a": 1.0}], [{}, {"a": "1"}, {"a": True}, {"a": ["x"]}, {"a": None}]),
    ({"a": [None]}, [{"a": None}], [{}, {"a": 0}, {"a": False}, {"a": ""}]),
    ({"a": [True]}, [{"a": True}], [{"a": 1}, {"a": "true"}]),
    ({"a": [{"exists": True}]}, [{"a": None}, {"a": []}, {"a": {}}], [{}, {"b": 1}]),
    ({"a": [{"exists": False}]}, [{}, {"b": 1}], [{"a": None}]),
    ({"a": {"b": [{"exists": False}]}}, [{}, {"a": 5}, {"a": {}}], [{"a": {"b": 1}}]),
    ({"a": [{"prefix": "x"}]}, [{"a": "xy"}, {"a": "x"}], [{"a": "yx"}, {"a": 1}, {}]),
    ({"a": [{"suffix": "xx"}]}, [{"a": "yxx"}], [{"a": "x"}, {"a": "xxy"}, {}]),
    ({"a": [{"wildcard": "a*\\*"}]}, [{"a": "a*"}, {"a": "a\n*"}], [{"a": "ab"}, {"a": "*"}]),
    ({"a": [{"numeric": [">", 1, "<=", 2]}]}, [{"a": 2}, {"a": 1.5}], [{"a": 1}, {"a": "2"}, {"a": True}, {}]),
    (
        {"a": [{"anything-but": ["x", 1]}]},
        [{"a": "y"}, {"a": None}, {"a": True}],
        [{"a": "x"}, {"a": 1.0}, {"a": []}, {}],
    ),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, [{"a": "y"}, {"a": 1}], [{"a": "xy"}, {}]),
    ({"a": [1], "$or": [{"b": [1]}, {"c": [1]}]}, [{"a": 1, "b": 1}, {"a": 1, "c": 1}], [{"a": 1}, {"b": 1, "c": 1}]),
    ({"a": [1], "b": [2]}, [{"a": 1, "b": 2}], [{"a": 1}, {"b": 2}, {"a": 2, "b": 1}]),
]


@pytest.mark.parametrize(("pattern", "matching", "others"), CASES)
def test_a_pattern_matches_these_and_not_those(
    pattern: dict[str, Any], matching: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    test = reading_of(pattern)
    assert [test(detail) for detail in matching] == [True] * len(matching)
    assert [test(detail) for detail in others] == [False] * len(others)


def test_an_unknown_matcher_is_named() -> None:
    with pytest.raises(ValueError, match="'cidr' is no matcher"):
        reading_of({"a": [{"cidr": "10.0.0.0/8"}]})
