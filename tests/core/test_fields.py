"""Reading a value at a path, and cutting data down to some paths."""

from typing import Any

import pytest

from choreography_insights.core.paths import ABSENT, InvalidPath, cut, read

DATA = {"detail": {"id": 5, "order": {"no": "A-1", "line items": [{"sku": "x"}]}, "empty": None}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.detail.id", 5),
        ("$.detail.order.no", "A-1"),
        ("$['detail']['order']['line items'][0].sku", "x"),
        ('$.detail["id"]', 5),
        ("$.detail.empty", None),
        ("$.detail.other", ABSENT),
        ("$.detail.id.deeper", ABSENT),
        ("$.detail.order['line items'][1]", ABSENT),
        ("$.detail.order.no[0]", ABSENT),
    ],
)
def test_a_path_names_one_place(path: str, value: Any) -> None:
    assert read(path, DATA) == value


@pytest.mark.parametrize("path", ["detail.id", "$detail", "$.a..b", "$.a[*]", "$.a[", "$."])
def test_a_path_of_another_form_is_refused_in_words(path: str) -> None:
    with pytest.raises(InvalidPath, match="a path looks like"):
        read(path, DATA)


def test_data_is_cut_down_to_the_paths_that_are_read() -> None:
    kept = cut(DATA, ["$.detail.order.no", "$.detail.id", "$.detail.absent", "$.detail.order['line items'][0].sku"])
    assert kept == {"detail": {"order": {"no": "A-1", "line items": [{"sku": "x"}]}, "id": 5}}
