"""What a `when` pattern means (docs/reference/interfaces.md, "What `when` means")."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.core.patterns import InvalidPattern, matches, pattern_test
from support import when_oracle

CASES: list[tuple[dict[str, Any], Any, bool]] = [
    ({"a": ["x"]}, {"a": "x"}, True),
    ({"a": ["x", "y"]}, {"a": "y"}, True),
    ({"a": ["x"]}, {"a": "X"}, False),
    ({"a": ["x"]}, {}, False),
    ({"a": ["x"]}, None, False),
    ({"a": ["x"]}, {"a": ["x"]}, False),
    ({"a": [1]}, {"a": 1.0}, True),
    ({"a": [1]}, {"a": "1"}, False),
    ({"a": [1]}, {"a": True}, False),
    ({"a": [True]}, {"a": 1}, False),
    ({"a": [False]}, {"a": False}, True),
    ({"a": [None]}, {"a": None}, True),
    ({"a": [None]}, {}, False),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "y"}, True),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "z"}, False),
    ({"a": {"b": ["x"]}}, {"a": {"b": "x"}}, True),
    ({"a": {"b": ["x"]}}, {"a": "x"}, False),
    ({"a": {"b": [{"exists": False}]}}, {"a": "x"}, True),
    ({"a": [{"exists": True}]}, {"a": None}, True),
    ({"a": [{"exists": True}]}, {"a": {"b": 1}}, True),
    ({"a": [{"exists": True}]}, {"a": []}, True),
    ({"a": [{"exists": True}]}, {}, False),
    ({"a": [{"exists": False}]}, {}, True),
    ({"a": [{"exists": False}]}, {"a": None}, False),
    ({"a": [{"prefix": "ab"}]}, {"a": "abc"}, True),
    ({"a": [{"prefix": "ab"}]}, {"a": 5}, False),
    ({"a": [{"suffix": "bc"}]}, {"a": "abc"}, True),
    ({"a": [{"suffix": "bc"}]}, {"a": "abcd"}, False),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "abbc"}, True),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "ac"}, True),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "a\nc"}, True),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "acd"}, False),
    ({"a": [{"wildcard": r"a\*c"}]}, {"a": "a*c"}, True),
    ({"a": [{"wildcard": r"a\*c"}]}, {"a": "abc"}, False),
    ({"a": [{"wildcard": r"a\\*"}]}, {"a": "a\\b"}, True),
    ({"a": [{"wildcard": "a.c"}]}, {"a": "abc"}, False),
    ({"a": [{"numeric": [">", 1, "<=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": [">", 1, "<=", 5]}]}, {"a": 1}, False),
    ({"a": [{"numeric": ["=", 3]}]}, {"a": 3.0}, True),
    ({"a": [{"numeric": ["<", 3]}]}, {"a": "2"}, False),
    ({"a": [{"numeric": [">=", 0]}]}, {"a": True}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": "y"}, True),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": 5}, True),
    ({"a": [{"anything-but": "x"}]}, {"a": None}, True),
    ({"a": [{"anything-but": "x"}]}, {}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": ["y"]}, False),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 2}, False),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}, True),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, False),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "yx"}, True),
    ({"a": [{"anything-but": {"suffix": "x"}}]}, {"a": "yx"}, False),
    ({"a": [{"anything-but": {"wildcard": "*y*"}}]}, {"a": "xyz"}, False),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "z"}, False),
    ({}, {"anything": "goes"}, True),
]


@pytest.mark.parametrize(("pattern", "detail", "expected"), CASES)
def test_a_pattern_matches_what_the_language_says(pattern: dict[str, Any], detail: Any, expected: bool) -> None:
    assert matches(pattern, detail) is expected
    assert when_oracle.test_of(pattern)(detail) is expected


LETTERS = st.text("ab*\\", max_size=8)


def is_like(wildcard: str, text: str) -> bool:
    """Say it the slow way: letter by letter."""
    if wildcard[:1] == "*":
        return any(is_like(wildcard[1:], text[skipped:]) for skipped in range(len(text) + 1))
    literally = wildcard[:2] in (r"\*", "\\\\")
    letter, rest = (wildcard[1], wildcard[2:]) if literally else (wildcard[:1], wildcard[1:])
    return (not text) if not letter else text[:1] == letter and is_like(rest, text[1:])


@given(LETTERS, LETTERS)
def test_a_wildcard_means_what_it_means_letter_by_letter(wildcard: str, text: str) -> None:
    expected = is_like(wildcard, text)
    assert matches({"a": [{"wildcard": wildcard}]}, {"a": text}) is expected
    assert when_oracle.test_of({"a": [{"wildcard": wildcard}]})({"a": text}) is expected


def test_a_long_text_is_not_searched_again_for_each_star() -> None:
    """With another try for every place of every part, this would not end."""
    pattern, detail = {"a": [{"wildcard": "*a*a*a*a*a*a*b"}]}, {"a": "a" * 100_000}
    assert matches(pattern, detail) is False
    assert when_oracle.test_of(pattern)(detail) is False


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (
            {"a": [{"cidr": "10.0.0.0/8"}]},
            "operator is unknown; it must be one of exists, prefix, suffix",
        ),
        ({"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}, "operator is unknown; it must be one of exists, prefix"),
        ({"a": ["x", {"cidr": "10.0.0.0/8"}]}, "operator is unknown"),
        ({"a": [{"numeric": ["!=", 5]}]}, "numeric operator is unknown; it must be one of =, <, <=, >, >="),
    ],
)
def test_an_operator_outside_the_language_is_refused_before_any_event_comes(pattern: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPattern, match=said) as refused:
        pattern_test(pattern)
    assert "cidr" not in str(refused.value)
    assert "!=" not in str(refused.value)
