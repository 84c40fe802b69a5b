"""Fields of events: values at paths, data cut down to some paths, the text of an id, the moment of an event."""

from typing import Any

import pytest

from choreography_insights.core.fields import (
    ABSENT,
    InvalidPath,
    clock_seconds,
    cut,
    epoch_seconds,
    id_text,
    iso_text,
    key_text,
    number_of,
    read,
)

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


@pytest.mark.parametrize(
    ("value", "text"),
    [("order-1", "order-1"), ("", ""), (5, "5"), (5.0, "5"), (5.5, "5.5"), (0, "0"), (10**20, "1" + 20 * "0")],
)
def test_an_id_is_text_or_a_number_however_it_is_written(value: Any, text: str) -> None:
    assert id_text(value) == text


@pytest.mark.parametrize("value", [None, True, False, [], {}, ["order-1"]])
def test_nothing_else_is_an_id(value: Any) -> None:
    assert id_text(value) is None


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T00:00:00",
        "2026-01-01",
        1_767_225_600,
        1_767_225_600.0,
        1_767_225_600_000,
    ],
)
def test_a_time_is_iso_8601_or_seconds_or_milliseconds_since_1970(time: Any) -> None:
    assert epoch_seconds(time) == 1_767_225_600


@pytest.mark.parametrize(
    "time", [None, True, "", "soon", "2026-13-01T00:00:00Z", [], {}, float("nan"), float("inf"), 1e300, 10**400, -1e12]
)
def test_nothing_else_is_a_time(time: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        epoch_seconds(time)


@pytest.mark.parametrize("time", ["2026-01-01T00:00:00Z", 1_767_225_600, 1_767_225_600_000])
def test_an_events_own_clock_is_read_as_any_time(time: Any) -> None:
    assert clock_seconds(time, 5.0) == 1_767_225_600


@pytest.mark.parametrize("time", ["1971-01-01T00:00:00Z", "2899-12-31T23:59:59.500Z"])
def test_a_clock_is_believed_from_1971_to_2899(time: str) -> None:
    assert clock_seconds(time, 5.0) == epoch_seconds(time)


@pytest.mark.parametrize(
    "time",
    [
        *(ABSENT, None, 0, 0.0, "", "0", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00.000+00:00"),
        *("0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1900-01-01", "1970-01-01T00:00:00Z"),
        *("9999-12-31", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-14:00", "2900-01-01T00:00:00Z"),
        *(-1, 86_400, 1e300, -1e300, 10**400, float("inf"), 253_402_300_799_999),
    ],
)
def test_a_clock_that_says_nothing_counts_as_the_envelopes(time: Any) -> None:
    assert clock_seconds(time, 5.0) == 5.0


@pytest.mark.parametrize("time", [True, "soon", "2026-13-01", [], {}, float("nan")])
def test_a_clock_that_says_something_else_is_none(time: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock_seconds(time, 5.0)


@pytest.mark.parametrize(
    ("epoch", "text"), [(1_767_225_600, "2026-01-01T00:00:00Z"), (1_767_225_600.25, "2026-01-01T00:00:00.250Z")]
)
def test_a_moment_is_written_with_milliseconds_where_it_has_some(epoch: float, text: str) -> None:
    assert iso_text(epoch) == text
    assert epoch_seconds(text) == epoch


@pytest.mark.parametrize(
    ("written", "number"),
    [("1.0", 1), ("-0.0", 0), ("1e3", 1000), ("1.5", 1.5), ("9007199254740992.0", 2.0**53), ("1e400", float("inf"))],
)
def test_a_number_is_whole_however_it_is_written(written: str, number: float) -> None:
    assert (number_of(written), type(number_of(written))) == (number, type(number))


@pytest.mark.parametrize(("value", "text"), [("a", "a"), ("", ""), (7, "7"), (7.0, "7"), (10**30, "1" + 30 * "0")])
def test_a_key_is_text_or_a_whole_number(value: Any, text: str) -> None:
    assert key_text(value) == text


@pytest.mark.parametrize("value", [None, True, 1.5, 1e300, float("nan"), [], {}, ABSENT])
def test_nothing_else_is_a_key(value: Any) -> None:
    assert key_text(value) is None
