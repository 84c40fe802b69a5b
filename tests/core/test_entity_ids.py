"""The id of an entity: read from one field or several, out of lists and texts, in either case."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.core.fields import NoEntityIdError, form_of_id, id_of_form, read_id, within

ENVELOPE = {
    "account": "111122223333",
    "region": "eu-west-1",
    "source": "aws.s3",
    "resources": ["arn:aws:s3:::inbox", "arn:aws:batch:eu-west-1:111122223333:job/4711"],
    "detail": {
        "findings": [{"Id": "F-1", "Number": 5.0}],
        "object": {"key": "runs/4711/output.json"},
        "user": "Ann|a",
        "role": "ADMIN",
        "empty": "",
        "null": None,
        "deep": [[{"id": 7}]],
    },
}


@pytest.mark.parametrize(
    ("form", "entity"),
    [
        ("$.detail.findings[0].Id", "F-1"),
        ("$.detail.findings[0].Number", "5"),
        ("$.detail.deep[0][0].id", "7"),
        ("$.resources[1]", "arn:aws:batch:eu-west-1:111122223333:job/4711"),
        ("$.account", "111122223333"),
        ({"path": "$.detail.object.key", "like": "runs/{id}/*"}, "4711"),
        ({"path": "$.detail.object.key", "like": "*/{id}/output.json"}, "4711"),
        ({"path": "$.detail.object.key", "like": "runs/4711/{id}.json"}, "output"),
        ({"path": "$.resources[1]", "like": "arn:*:job/{id}"}, "4711"),
        ({"path": "$.detail.object.key", "like": "jobs/{id}/*"}, None),
        ({"path": "$.detail.object.key", "like": "runs/{id}"}, None),
        ({"path": "$.detail.role", "fold": "case"}, "admin"),
        (["$.account", "$.detail.role"], "111122223333|ADMIN"),
        (["$.detail.user", {"path": "$.detail.role", "fold": "case"}], r"Ann\|a|admin"),
        (["$.detail.role", {"path": "$.detail.object.key", "like": "jobs/{id}"}], None),
    ],
)
def test_an_id_is_read_where_its_form_says(form: Any, entity: str | None) -> None:
    assert read_id(id_of_form(form), ENVELOPE) == entity
    assert form_of_id(id_of_form(form)) == form


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("$.detail.findings[1].Id", "$.detail.findings[1].Id"),
        ("$.detail.findings", "$.detail.findings"),
        ("$.detail.empty", "$.detail.empty"),
        (["$.detail.role", "$.detail.null"], "$.detail.null"),
        ({"path": "$.detail.none", "like": "a/{id}"}, "$.detail.none"),
    ],
)
def test_an_event_without_an_id_says_where_it_lacks(form: Any, path: str) -> None:
    with pytest.raises(NoEntityIdError) as raised:
        read_id(id_of_form(form), ENVELOPE)
    assert raised.value.path == path


PARTS = st.lists(st.text(st.sampled_from("ab|\\"), min_size=1, max_size=4), min_size=2, max_size=4)


@given(PARTS, PARTS)
def test_two_lists_of_parts_are_never_the_same_id(one: list[str], other: list[str]) -> None:
    entity = [id_of_form([f"$.detail[{place}]" for place, _ in enumerate(parts)]) for parts in (one, other)]
    ids = [read_id(fields, {"detail": parts}) for fields, parts in zip(entity, (one, other), strict=True)]
    assert (ids[0] == ids[1]) == (one == other)


IDS = st.text(st.sampled_from("abx.-"), min_size=1, max_size=6)


@given(IDS, st.text(st.sampled_from("ab/x"), max_size=8), st.text(st.sampled_from("ab/x"), max_size=8))
def test_an_id_that_was_put_into_a_text_is_found_in_it(entity: str, before: str, behind: str) -> None:
    assert within("runs/{id}/*", f"runs/{entity}/{behind}") == entity
    assert within("runs/{id}.json", f"runs/{entity}.json") == entity
    assert within("*:{id}", f"{before}:{entity}") == entity
    assert within("*#{id}#*", f"{before}#{entity}#{behind}") == entity


def test_an_id_ends_at_a_slash() -> None:
    assert within("runs/{id}", "runs/4711/output.json") is None
    assert within("*/runs/{id}/*", "a/runs/b/runs/4711/x") == "b"


def test_every_sign_in_a_like_but_the_star_and_the_place_stands_for_itself() -> None:
    assert within("a.b[{id}]", "a.b[7]") == "7"
    assert within("a.b[{id}]", "axb[7]") is None
    assert within("a\n{id}", "a\n7") == "7"


def test_a_text_that_is_made_to_take_long_takes_no_time() -> None:
    assert within("*a*b*c*{id}x".replace("*{id}", "*-{id}"), "abc" * 600 + "-") is None
    assert within("runs/{id}/*", f"runs/7/{'a' * 100_000}") is None
