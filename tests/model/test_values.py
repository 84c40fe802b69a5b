"""Small values: durations, paths, and the layout of JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.compile.templates import Template, as_json, as_template
from choreography_insights.core import fields
from choreography_insights.core.durations import in_words, seconds_of
from support.asl_validator import filled


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("2s", 2), ("5m", 300), ("36h", 129_600), ("14d", 1_209_600), ("2w", 1_209_600)]
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "1h30m", "1.5h", "-1s", "5 m", "5M", "5y", "٣s"])
def test_nothing_else_is_a_duration(text: str) -> None:
    assert seconds_of(text) is None


@given(st.integers(0, 10**8))
def test_a_duration_in_words_means_the_same(seconds: int) -> None:
    assert seconds_of(in_words(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$.detail.id", ("detail", "id")),
        ("$.detail['order id'].value", ("detail", "order id", "value")),
        ("$['detail']['id']", ("detail", "id")),
        ("$.detail['a.b']", ("detail", "a.b")),
    ],
)
def test_a_path_is_read(text: str, names: tuple[str, ...]) -> None:
    assert fields.field_path(text) == names


@pytest.mark.parametrize(
    "text", ["", "$", "detail.id", "$.", "$.a b", "$.a[0]", "$.a['b\\'']", "$..a", "$.a.*", "$.a "]
)
def test_nothing_else_is_a_path(text: str) -> None:
    assert fields.field_path(text) is None


@given(st.lists(st.text(min_size=1).filter(fields.is_field_name), min_size=1))
def test_a_path_is_read_as_it_is_written_by_the_deployed_functions_too(names: list[str]) -> None:
    assert fields.field_path(fields.written(names)) == tuple(names)
    assert fields.steps(fields.written(names)) == tuple(names)


values = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none() | st.sampled_from(["${a}", "%{b}", "$${c}", "$", "%%%{"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_json_is_laid_out_without_changing_it(value: Any) -> None:
    assert json.loads(as_json(value)) == value


@given(values)
def test_text_that_looks_like_a_template_stands_for_itself(value: Any) -> None:
    assert json.loads(filled(as_template(value))) == value


def test_placeholders_of_our_own_are_left_to_terraform() -> None:
    text = as_template({"TableName": Template("${journeys_table}"), "Comment": "${journeys_table}"})
    assert text == '{\n  "TableName": "${journeys_table}",\n  "Comment": "$${journeys_table}"\n}\n'


def test_what_fits_into_a_line_stands_in_one() -> None:
    assert as_json({"short": {"a": [1, 2]}, "long": ["x" * 60, "y" * 60], "none": {}}) == (
        f'{{\n  "short": {{"a": [1, 2]}},\n  "long": [\n    "{"x" * 60}",\n    "{"y" * 60}"\n  ],\n  "none": {{}}\n}}\n'
    )
