"""The saved queries ask for messages and fields that the functions log."""

import re

import pytest

from devtools.planned import Resources
from observability.emitted import Written

#: CloudWatch Logs Insights' own words, and the fields that it adds to every line.
_WORDS = {
    *("fields", "filter", "sort", "limit", "stats", "by", "as", "and", "or", "not", "in", "like", "asc", "desc"),
    *("count", "count_distinct", "pct", "max", "latest", "ispresent"),
}
_STRING = re.compile(r'"[^"]*"')


@pytest.fixture(scope="session")
def queries(insights: Resources) -> dict[str, str]:
    """Without their comments."""
    found = {
        one["name"]: one["query_string"]
        for address, one in insights.items()
        if address.startswith("aws_cloudwatch_query_definition")
    }
    return {name: re.sub(r"(?m)^#.*$", "", text) for name, text in found.items()}


def test_every_field_that_a_query_uses_is_one_that_the_functions_log(
    queries: dict[str, str], functions: Written
) -> None:
    for name, text in queries.items():
        bare = re.sub(r"/[^/\n]*/|@\w+|\b\d+\b", "", re.sub(_STRING, "", text))
        made = set(re.findall(r"\bas (\w+)", bare))
        used = set(re.findall(r"\b[a-z]\w*", bare)) - _WORDS - made
        assert used <= functions.fields, name
        assert used, name


def test_every_message_that_a_query_looks_for_is_one_that_the_functions_log(
    queries: dict[str, str], functions: Written
) -> None:
    wanted = {found for text in queries.values() for found in re.findall(r'"(\w+ [\w ]+)"', text)}
    assert wanted == {"journey deviated", "journey overdue", "event moved its journey"}
    assert wanted <= set(functions.messages)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("deviations", "journey deviated"),
        ("deviations-by-event", "journey deviated"),
        ("overdue", "journey overdue"),
        ("slowest-states", "event moved its journey"),
    ],
)
def test_a_query_about_one_message_uses_only_fields_of_that_message(
    query: str, message: str, queries: dict[str, str], functions: Written
) -> None:
    bare = re.sub(r"@\w+", "", re.sub(_STRING, "", queries[f"shop/{query}"]))
    used = {word for word in re.findall(r"\b[a-z]\w*", bare) if word in functions.fields}
    assert used <= functions.messages[message]


def test_the_story_of_an_entity_has_all_that_is_logged_about_it(queries: dict[str, str], functions: Written) -> None:
    story = queries["shop/story-of-one-entity"]
    about_entities = [fields for fields in functions.messages.values() if "entity_id" in fields]
    assert len(about_entities) == 7
    assert all("choreography" in fields for fields in about_entities)
    told = {"service", "timestamp", "level", "location", "contested", "duration_seconds", "overdue_seconds", "error"}
    assert [field for field in set().union(*about_entities) - told if field not in story] == []
