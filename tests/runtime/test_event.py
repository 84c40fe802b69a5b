"""Reading an event: its entity, its time, and what Step Functions gets of it."""

import re
from typing import Any

import pytest

from choreography_insights.runtime.errors import InvalidMessage
from choreography_insights.runtime.event import PAYLOAD_LIMIT_BYTES
from choreography_insights.runtime.messages import settings_from
from choreography_insights.runtime.names import execution_arn, execution_name

from .samples import SETTINGS, STATE_MACHINE, envelope, event, event_in


def test_the_payload_is_what_the_wait_state_puts_out() -> None:
    assert event().payload == {
        "eventName": "Order Confirmed",
        "eventId": "e-1",
        "source": "order",
        "time": "2027-01-15T08:00:00Z",
        "entityId": "o-1",
        "detail": {"id": "o-1"},
    }


@pytest.mark.parametrize(
    ("value", "entity_id"),
    [
        ("o-1", "o-1"),
        ("a/b #c: ü 車", "a/b #c: ü 車"),
        ("x" * 256, "x" * 256),
        (5, "5"),
        (5.0, "5"),
        (0, "0"),
        (5.25, "5.25"),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_any_text_or_number_is_an_entity_id(value: Any, entity_id: str) -> None:
    assert event(detail={"id": value}).entity_id == entity_id


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({}, r"event 'Order Confirmed' \(e-1\) carries no entity id at '\$.detail.id' \(choreography 'order'\)"),
        ({"id": None}, "carries no entity id"),
        ({"id": ""}, "carries no entity id"),
        ("text", "carries no entity id"),
        ({"id": True}, "the entity id at '.*' is true or false; use text or a number"),
        ({"id": {"a": 1}}, "is a JSON object"),
        ({"id": ["a"]}, "is a list"),
        ({"id": "x" * 257}, "257 characters; at most 256 fit"),
    ],
)
def test_what_is_no_entity_id_is_refused_in_words(detail: Any, message: str) -> None:
    with pytest.raises(InvalidMessage, match=message):
        event(detail=detail)


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", None), ("id", 5), ("detail-type", ""), ("id", "x" * 257), ("id", "a#b"), ("id", "own:s|1")],
)
def test_an_event_without_id_or_name_is_refused_in_words(field: str, value: Any) -> None:
    with pytest.raises(
        InvalidMessage,
        match=r"the event's|has an id of 257 characters|has a '#' in its id|has an id like one of its own",
    ):
        event_in(envelope() | {field: value})


@pytest.mark.parametrize(
    ("time", "epoch"),
    [
        ("2027-01-15T08:00:00Z", 1_800_000_000.0),
        ("2027-01-15T09:00:00.25+01:00", 1_800_000_000.25),
        ("2027-01-15T08:00:00", 1_800_000_000.0),
        (1_800_000_000, 1_800_000_000.0),
        (1_800_000_000_250, 1_800_000_000.25),
    ],
)
def test_times_come_as_text_seconds_or_milliseconds(time: Any, epoch: float) -> None:
    assert event(time=time).time == epoch


def test_a_finer_clock_orders_events_if_the_choreography_names_one() -> None:
    finer = settings_from(SETTINGS | {"time": "$.detail.at"})
    with_it = event_in(envelope(detail={"id": "o-1", "at": "2027-01-15T08:00:00.750Z"}), finer)
    assert (with_it.time, with_it.payload["time"]) == (1_800_000_000.75, "2027-01-15T08:00:00Z")
    assert event_in(envelope(), finer).time == 1_800_000_000.0


@pytest.mark.parametrize("said", [None, 0, "", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", -62_135_596_800])
def test_a_clock_of_its_own_that_says_nothing_counts_as_the_envelopes(said: Any) -> None:
    finer = settings_from(SETTINGS | {"time": "$.detail.at"})
    assert event_in(envelope(detail={"id": "o-1", "at": said}), finer).time == 1_800_000_000.0


@pytest.mark.parametrize("time", [1e300, -1e300, float("nan"), "9999-12-31T23:59:59-14:00", True, None])
def test_a_number_that_is_no_moment_is_refused_in_words(time: Any) -> None:
    with pytest.raises(InvalidMessage, match=r"its time at .* is .*; use ISO 8601 or seconds since 1970"):
        event(time=time)


def test_a_time_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(
        InvalidMessage,
        match=r"its time at '\$.time' is a text of 9 characters that is no moment; use ISO 8601 or seconds since 1970",
    ):
        event(time="yesterday")


def test_a_big_event_keeps_only_what_is_read_of_it_and_says_so() -> None:
    big = event(detail={"id": "o-1", "result": "Success", "blob": "ü" * 200_000})
    assert big.payload["detail"] == {"result": "Success"}
    assert big.payload["detailOmitted"] is True
    assert len(big.payload_json.encode()) < 1_000


def test_an_event_that_just_fits_is_left_whole() -> None:
    room = PAYLOAD_LIMIT_BYTES - len(event(detail={"id": "o-1", "blob": ""}).payload_json.encode())
    whole = event(detail={"id": "o-1", "blob": "x" * room})
    assert "detailOmitted" not in whole.payload
    assert len(whole.payload_json.encode()) == PAYLOAD_LIMIT_BYTES
    assert event(detail={"id": "o-1", "blob": "x" * (room + 1)}).payload["detailOmitted"] is True


def test_an_event_whose_read_fields_alone_are_too_big_is_refused_in_words() -> None:
    with pytest.raises(
        InvalidMessage, match="reads of it and remembers has 300155 bytes alone; Step Functions takes 253952"
    ):
        event(detail={"id": "o-1", "result": "x" * 300_000})


def test_an_executions_name_begins_with_the_id_made_safe_and_ends_in_a_hash() -> None:
    name = execution_name("order#a/b #ü", "a/b #ü", "e-0")
    assert re.fullmatch(r"a_b___-[0-9a-f]{12}", name)
    assert execution_name("order#a/b #ü", "a/b #ü", "e-0") == name
    assert execution_name("order#a/b #ü", "a/b #ü", "e-1") != name
    assert execution_name("orders#a/b #ü", "a/b #ü", "e-0") != name
    assert len(execution_name("order#" + "x" * 256, "x" * 256, "e-0")) == 80


def test_an_executions_arn_follows_from_its_name() -> None:
    assert execution_arn(STATE_MACHINE, "n") == "arn:aws:states:eu-west-1:111122223333:execution:insights-order:n"


def test_a_time_that_is_none_is_not_told() -> None:
    choreography = settings_from(SETTINGS | {"time": "$.detail.at"})
    with pytest.raises(InvalidMessage, match=r"its time at '\$.detail.at' is a JSON object that is no moment") as told:
        event_in(envelope("Order Placed", "e-1", detail={"id": "o-1", "at": {"card": "4111"}}), choreography)
    assert "4111" not in str(told.value)
