"""`where`: which events of a source a choreography hears of, in the rule on the bus, in the functions and in replay."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from choreography_insights.core.patterns import matches
from choreography_insights.model.event_rules import event_settings, in_a_rule
from choreography_insights.model.workflow import Workflow
from choreography_insights.replay.automaton import Automaton
from choreography_insights.replay.envelopes import event_of
from support.definitions import GOOD, read

WORKFLOW, OF_SOURCES = (
    read(next(folder for folder in GOOD if folder.name == name))
    for name in ("events-of-one-kind", "payments-of-orders")
)
OF_NUMBERS = {"amount": [7, {"numeric": [">", 10]}], "$or": [{"kind": ["a", 1.5]}, {"of": {"kind": [True]}}]}


@pytest.mark.parametrize(
    "detail",
    [
        {"amount": 7, "kind": "a"},
        {"amount": 7.0, "kind": 1.5},
        {"amount": 11, "of": {"kind": True}},
        {"amount": 11, "kind": "b"},
        {"amount": 8, "kind": "a"},
        {"amount": "7", "kind": "a"},
        {"kind": "a"},
    ],
)
def test_a_rule_matches_what_the_functions_do(detail: dict[str, Any]) -> None:
    pattern = EventPattern.load(json.dumps({"detail": in_a_rule(OF_NUMBERS)}))
    assert pattern.matches_event({"detail": detail}) == matches(OF_NUMBERS, detail)  # type: ignore[typeddict-item]


def test_numbers_are_compared_as_numbers() -> None:
    assert in_a_rule({"a": [1, 2.5, True, None, "1"], "b": {"c": [{"anything-but": [3]}]}, "$or": [{"d": [4]}]}) == {
        "a": [{"numeric": ["=", 1]}, {"numeric": ["=", 2.5]}, True, None, "1"],
        "b": {"c": [{"anything-but": [3]}]},
        "$or": [{"d": [{"numeric": ["=", 4]}]}],
    }


def test_every_rule_of_an_event_says_where_it_belongs() -> None:
    told = event_settings(WORKFLOW)
    common = {"kind": ["order"], "$or": [{"channel": ["web"]}, {"items": [{"numeric": [">", 0]}]}]}
    payments = {"purpose": [{"prefix": "order"}, 7], "amount": [{"exists": True}]}
    found = [(rule["events"], rule["where"]) for rule in (*told["startEvents"], *told["events"])]
    assert found == [(["Placed"], common), (["Canceled", "Shipped"], common), (["Paid"], payments), ([], common)]
    assert all(rule["pattern"]["detail"] == in_a_rule(rule["where"]) for rule in told["events"])


@pytest.mark.parametrize(
    ("source", "name", "detail", "is_heard"),
    [
        ("shop", "Placed", {"kind": "order", "channel": "web", "status": "NEW"}, True),
        ("shop", "Placed", {"kind": "return", "channel": "web", "status": "NEW"}, False),
        ("shop", "Canceled", {"kind": "order", "items": 2}, True),
        ("shop", "Canceled", {"kind": ["order"], "items": 2}, False),
        ("shop", "Nobody Knows", {"kind": "order", "items": 2}, True),
        ("shop", "Nobody Knows", {"kind": "return", "items": 2}, False),
        ("bank", "Paid", {"purpose": 7.0, "amount": 1}, True),
        ("bank", "Paid", {"purpose": "rent", "amount": 1}, False),
        ("shop", "Paid", {"purpose": 7, "amount": 1, "kind": "order", "channel": "web"}, True),
        ("shop", "Paid", {"purpose": 7, "amount": 1}, False),
    ],
)
def test_replay_hears_what_the_rules_let_by(source: str, name: str, detail: dict[str, Any], *, is_heard: bool) -> None:
    assert is_heard_by(WORKFLOW, source, name, detail) == is_heard


@pytest.mark.parametrize(
    ("source", "name", "detail", "is_heard"),
    [
        ("billing", "Invoice Opened", {"kind": "order"}, True),
        ("billing", "Invoice Opened", {"kind": "subscription"}, False),
        ("billing", "Order Placed", {"kind": "order", "test": True}, True),
        ("billing", "Order Placed", {"kind": "subscription"}, False),
        ("shop", "Order Placed", {"kind": "subscription"}, True),
        ("shop", "Order Placed", {"test": True}, False),
        ("warehouse", "Parcel Sent", {}, True),
        ("warehouse", "Parcel Sent", {"kind": "order", "test": True}, False),
        ("billing", "Payment Received", {"kind": "order"}, True),
        ("billing", "Payment Received", {}, False),
        ("bank", "Payment Received", {}, True),
        ("bank", "Payment Received", {"kind": "order", "test": True}, False),
        ("shop", "Payment Received", {}, False),
        ("billing", "Payment Refused", {"kind": "subscription", "reason": "limit"}, True),
        ("billing", "Payment Refused", {"kind": "order"}, False),
        ("shop", "Nobody Knows", {}, False),
    ],
)
def test_a_source_may_have_a_where_of_its_own(
    source: str, name: str, detail: dict[str, Any], *, is_heard: bool
) -> None:
    told = event_settings(OF_SOURCES)
    envelope = envelope_of(source, name, detail)
    caught = [
        rule
        for rule in (*told["startEvents"], *told["events"])
        if EventPattern.load(json.dumps(rule["pattern"])).matches_event(envelope)  # type: ignore[arg-type]
        and matches(rule["where"], envelope["detail"])
    ]
    assert len(caught) == is_heard
    assert is_heard_by(OF_SOURCES, source, name, detail) == is_heard


def is_heard_by(workflow: Workflow, source: str, name: str, detail: dict[str, Any]) -> bool:
    """Whether replay hears of such an event."""
    return event_of(envelope_of(source, name, detail), Automaton.of(workflow), 0) is not None


def envelope_of(source: str, name: str, detail: dict[str, Any]) -> dict[str, Any]:
    """The event as EventBridge wraps it."""
    return {
        "id": "1",
        "source": source,
        "detail-type": name,
        "time": "2026-01-01T00:00:00Z",
        "detail": {"id": "o-1", "reference": "o-1", **detail},
    }
