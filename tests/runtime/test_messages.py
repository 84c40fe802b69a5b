"""Reading what arrives on the queues, and saying in words what is wrong with it."""

import json
import re
from typing import Any

import pytest

from choreography_insights.runtime.errors import InvalidMessage
from choreography_insights.runtime.messages import (
    EventMessage,
    ExecutionEnded,
    NameRecheck,
    NamingMessage,
    NotMeant,
    RecheckMessage,
    ScanOverdue,
    SweepDue,
    parse,
)

from .samples import EXECUTION_ARN, ORDER, SETTINGS, envelope, event

_PLACED = {"status": ["PLACED"]}


def test_an_event_wrapped_by_its_rule() -> None:
    message = parse(json.dumps({"choreography": SETTINGS, "event": envelope()}))
    assert message == EventMessage(ORDER, event(), "order#o-1")
    assert message.journey_key == "order#o-1"


def test_ids_that_look_alike_are_ids_of_different_journeys() -> None:
    ids = ["1", " 1", "1 ", "\N{NO-BREAK SPACE}1", "01", "a", "A", "\u00e9", "e\u0301", "a/b", "a#b", "a\nb"]
    messages = [parse(json.dumps({"choreography": SETTINGS, "event": envelope(detail={"id": one})})) for one in ids]
    assert [message.journey_key for message in messages] == [f"order#{one}" for one in ids]


def test_word_to_look_again() -> None:
    again = {"kind": "deadline", "entityId": "a#b", "eventId": "e-1"}
    message = parse(json.dumps({"choreography": SETTINGS, "again": again}))
    assert message == RecheckMessage(ORDER, "deadline", "a#b", "e-1")
    assert message.journey_key == "order#a#b"


def test_an_event_under_another_name_is_found_by_that_name() -> None:
    settings = {**SETTINGS, "entity": {"as": "shipment", "at": "$.detail.tracking"}}
    message = parse(json.dumps({"choreography": settings, "event": envelope(detail={"tracking": "o-1"})}))
    assert isinstance(message, NamingMessage)
    assert (message.known_as, message.about.event.entity_id, message.journey_key) == ("shipment", "o-1", "order/#o-1")
    assert message.order == message.about.event.time


def test_a_name_is_not_looked_for_in_a_list() -> None:
    settings = {**SETTINGS, "entity": {"as": "shipment", "at": "$.detail.all[*]"}}
    with pytest.raises(InvalidMessage, match=r"carries no entity id at '\$.detail.all\[\*\]'"):
        parse(json.dumps({"choreography": settings, "event": envelope(detail={"all": ["1", "2"]})}))


def test_an_event_says_which_other_names_it_teaches() -> None:
    also = {
        "shipment": "$.detail.tracking",
        "label": {"path": "$.detail.label", "like": "labels/{id}"},
        "none": "$.detail.nothing",
    }
    detail = {"id": "o-1", "tracking": 7, "label": "labels/9", "nothing": None}
    message = parse(json.dumps({"choreography": {**SETTINGS, "also": also}, "event": envelope(detail=detail)}))
    assert isinstance(message, NamingMessage)
    assert message.teaches == (("shipment", "7"), ("label", "9"))
    assert message.about.choreography.to_message()["also"] == also


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (True, "the shipment at '$.detail.t' is true or false; use text or a number"),
        ("x" * 257, "its shipment has 257 characters; at most 256 fit"),
    ],
)
def test_what_is_no_name_is_refused_in_words(name: object, message: str) -> None:
    settings = {**SETTINGS, "also": {"shipment": "$.detail.t"}}
    body = {"choreography": settings, "event": envelope(detail={"id": "o-1", "t": name})}
    with pytest.raises(InvalidMessage, match=re.escape(message)):
        parse(json.dumps(body))


@pytest.mark.parametrize("also", [{"shipment": 7}, {"shipment": {"like": "a/{id}"}}, {"shipment": "detail.t"}])
def test_names_that_say_no_field_are_refused_in_words(also: object) -> None:
    body = {"choreography": {**SETTINGS, "also": also}, "event": envelope()}
    with pytest.raises(
        InvalidMessage, match=r"choreography 'order': also(: path 'detail.t'| is .* that says no field)"
    ):
        parse(json.dumps(body))


@pytest.mark.parametrize(("kind", "key"), [("deadline", "order/#T-1"), ("finish", "order/shipment#T-1")])
def test_word_about_an_event_under_another_name(kind: str, key: str) -> None:
    again = {"kind": kind, "entityId": "T-1", "eventId": "e-1", "as": "shipment"}
    message = parse(json.dumps({"choreography": SETTINGS, "again": again}))
    assert isinstance(message, NameRecheck)
    assert (message.known_as, message.journey_key) == ("shipment", key)
    with pytest.raises(InvalidMessage, match="in 'again' as is a number; it is a text"):
        parse(json.dumps({"choreography": SETTINGS, "again": {**again, "as": 7}}))


def test_how_often_a_message_was_received_goes_with_it() -> None:
    one = parse(json.dumps({"choreography": SETTINGS, "event": envelope()}), 3)
    again = {"kind": "deadline", "entityId": "a#b", "eventId": "e-1"}
    other = parse(json.dumps({"choreography": SETTINGS, "again": again}), 4)
    assert isinstance(one, EventMessage)
    assert isinstance(other, RecheckMessage)
    assert (one.receive_count, other.receive_count) == (3, 4)


def test_step_functions_word_that_an_execution_ended() -> None:
    detail = {"executionArn": EXECUTION_ARN, "status": "FAILED", "input": "{}", "startDate": 1000, "stopDate": 3500}
    message = parse(json.dumps({"source": "aws.states", "detail": detail | {"error": "E", "cause": "C"}}))
    assert message == ExecutionEnded(EXECUTION_ARN, "FAILED", "{}", 1.0, 3.5, "E", "C")


def test_the_schedules_words() -> None:
    assert parse('{"watch":"overdue"}') == ScanOverdue()
    assert parse('{"sweep":"due"}') == SweepDue()


def test_the_projects_own_reports_are_nothing_to_do() -> None:
    own = envelope("Journey Ended", source="choreography.insights", detail={})
    assert parse(json.dumps({"choreography": SETTINGS, "event": own})) == NotMeant()


@pytest.mark.parametrize(("status", "begins"), [("PLACED", True), ("PAID", False), (None, False), (["PLACED"], False)])
def test_of_events_that_both_queues_get_each_is_for_one(status: object, begins: bool) -> None:
    one = envelope(detail={"id": "o-1", "status": status})
    for settings, meant in (({"when": _PLACED}, begins), ({"unless": _PLACED}, not begins)):
        message = parse(json.dumps({"choreography": SETTINGS | settings, "event": one}))
        assert isinstance(message, EventMessage if meant else NotMeant)


@pytest.mark.parametrize(("said", "read"), [("report", "report"), ("fail", "fail"), ("ignore", "report")])
def test_report_is_read_by_its_old_name_too(said: str, read: str) -> None:
    message = parse(json.dumps({"choreography": SETTINGS | {"unexpected": said}, "event": envelope()}))
    assert isinstance(message, EventMessage)
    assert message.choreography.unexpected == read


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("not json", "body is not JSON \\(line 1, column 1\\)"),
        ("[1]", "body is a list; it must be an object"),
        ({"a": 1}, "has no 'choreography' among its 1 keys; only rules of this project's modules"),
        ({"choreography": {"name": "x"}, "event": {}}, "the message's choreography has no 'stateMachineArn'"),
        (
            {"choreography": SETTINGS | {"earlySeconds": "soon"}, "event": {}},
            "cannot be read: a setting is not of its kind",
        ),
        (
            {"choreography": SETTINGS | {"unexpected": "shrug"}, "event": {}},
            "unexpected is a text of 5 characters; it must be 'report' or 'fail'",
        ),
        ({"choreography": SETTINGS}, "for choreography 'order' has neither 'event' nor 'again'"),
        ({"choreography": SETTINGS, "again": {"kind": "settle"}}, "'again' must have kind, entityId and eventId"),
        (
            {"choreography": SETTINGS, "again": {"kind": "later", "entityId": "a", "eventId": "b"}},
            "kind of 'again' is a text of 5 characters; it must be one of deadline, settle, finish",
        ),
        (
            {"choreography": SETTINGS, "again": {"kind": "settle", "entityId": {"a": 1}, "eventId": "b"}},
            "in 'again' entityId is a JSON object and eventId a text of 1 characters",
        ),
        ({"choreography": SETTINGS | {"name": ["x"]}, "event": {}}, "the choreography's name is a list"),
        ({"source": "aws.states", "detail": ["x"]}, "cannot be read: executionArn, status"),
        (
            {"source": "aws.states", "detail": {"executionArn": {}, "status": "FAILED", "startDate": 1, "stopDate": 1}},
            "cannot be read: executionArn, status",
        ),
        ({"source": "aws.states", "detail": {"status": "FAILED"}}, "cannot be read: executionArn, status"),
        (
            {"choreography": SETTINGS | {"when": {"to": [{"cidr": "10.0.0.0/8"}]}}, "event": {"detail": {"to": "x"}}},
            "a pattern's operator is unknown; it must be one of exists, prefix",
        ),
    ],
)
def test_every_other_body_is_refused_in_words(body: Any, message: str) -> None:
    with pytest.raises(InvalidMessage, match=message):
        parse(body if isinstance(body, str) else json.dumps(body))


def test_an_event_whose_id_does_not_fit_is_about_something_else_and_no_fault() -> None:
    settings = SETTINGS | {"entity": {"path": "$.detail.key", "like": "runs/{id}/*"}}
    about = envelope(detail={"key": "runs/4711/out.json"})
    read = parse(json.dumps({"choreography": settings, "event": about}))
    assert isinstance(read, EventMessage)
    assert read.journey_key == "order#4711"
    other = envelope(detail={"key": "logs/4711/out.json"})
    assert parse(json.dumps({"choreography": settings, "event": other})) == NotMeant(unrelated_to="order")


@pytest.mark.parametrize(
    "entity",
    [
        *(7, None, [], [7], [{}], {"like": "a"}, "detail.id"),
        *({"path": "$.detail.id", "like": like} for like in (7, "", "7", "*", "{id}{id}", ["{id}"])),
        {"path": "$.detail.id", "fold": "CASE"},
    ],
)
def test_an_entity_that_says_no_field_is_refused_in_words(entity: object) -> None:
    with pytest.raises(InvalidMessage, match="choreography 'order': entity"):
        parse(json.dumps({"choreography": SETTINGS | {"entity": entity}, "event": envelope()}))


def test_an_id_that_hangs_on_the_detail_is_read_where_the_first_fitting_entry_says() -> None:
    entries = [
        {"when": {"topic": ["shipped"]}, "entity": "$.detail.order"},
        {"when": {"topic": ["shipped", "paid"]}, "entity": "$.detail.paid"},
        {"entity": "$.detail.id"},
    ]
    found = {}
    for topic in ("shipped", "paid", "placed"):
        told = envelope(detail={"topic": topic, "order": "o", "paid": "p", "id": "i"})
        found[topic] = parse(json.dumps({"choreography": SETTINGS | {"entity": {"entries": entries}}, "event": told}))
    assert {topic: message.journey_key for topic, message in found.items()} == {
        "shipped": "order#o",
        "paid": "order#p",
        "placed": "order#i",
    }


@pytest.mark.parametrize("entries", [[], 7, None, [7], [{}], [{"when": {"id": [0]}}], [{"when": 7, "entity": "$.a"}]])
def test_entries_that_say_no_field_are_refused_in_words(entries: object) -> None:
    with pytest.raises(InvalidMessage, match="choreography 'order': entity"):
        parse(json.dumps({"choreography": SETTINGS | {"entity": {"entries": entries}}, "event": envelope()}))
