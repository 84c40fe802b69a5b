"""The own id of an event: any text or number, of any length, never mistaken for another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from choreography_insights.core.fields import ABSENT, EVENT_ID_LIMIT, is_own, own_event_id


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("msg-17", "own:shop|msg-17"),
        (17, "own:shop|17"),
        (17.0, "own:shop|17"),
        ("urn:uuid:0b5f", "own:shop|urn:uuid:0b5f"),
        ("a#b|c d%", "own:shop|a%23b%7Cc%20d%25"),
        ("\u00fc\n", "own:shop|%C3%BC%0A"),
        ("\ud800", "own:shop|%ED%A0%80"),
    ],
)
def test_a_text_or_number_is_written_plainly(value: Any, written: str) -> None:
    assert own_event_id(value, "shop") == written


@pytest.mark.parametrize("value", [ABSENT, None, "", True, [], ["a"], {"a": 1}])
def test_what_is_no_id_leaves_eventbridges(value: Any) -> None:
    assert own_event_id(value, "shop") is None


def test_what_is_too_long_is_hashed() -> None:
    fits = "a" * (EVENT_ID_LIMIT - len("own:shop|"))
    assert own_event_id(fits, "shop") == f"own:shop|{fits}"
    hashed = own_event_id(fits + "a", "shop")
    assert hashed is not None
    assert hashed.startswith("own-hash:")
    assert hashed != own_event_id(fits + "b", "shop")
    assert hashed != own_event_id(fits + "a", "web")


_TEXTS = st.text(max_size=6) | st.sampled_from(["a" * 300, "a" * 301, "own:", "own-hash:", "%", "|", "#"])


@given(_TEXTS.filter(bool), _TEXTS, _TEXTS.filter(bool), _TEXTS)
def test_two_ids_are_never_written_alike_and_fit_a_row(one: str, source: str, other: str, web: str) -> None:
    first, second = own_event_id(one, source), own_event_id(other, web)
    assert (first == second) == ((one, source) == (other, web))
    assert first is not None
    assert len(first.encode()) <= EVENT_ID_LIMIT
    assert first.isascii()
    assert is_own(first)
    assert not {"#", " ", "\n"} & set(first)
    assert json.loads(json.dumps(first)) == first


def test_eventbridges_ids_are_no_own_ones() -> None:
    assert not is_own("7bf73129-1428-4cd3-a780-95db273d1602")
