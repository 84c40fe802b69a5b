"""The rules by which requests are judged here, one by one, as AWS documents them."""

from typing import Any

import pytest

from support.iam import Request, is_allowed

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:shop-start"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    return {"Version": "2012-10-17", "Statement": [allow | statement for statement in statements]}


def test_what_nothing_allows_is_refused() -> None:
    assert not is_allowed(policy(), Request("sqs:SendMessage", QUEUE))


def test_a_denial_counts_more_than_any_permission() -> None:
    assert not is_allowed(policy({}, {"Effect": "Deny"}), Request("sqs:SendMessage", QUEUE))


@pytest.mark.parametrize(
    ("action", "asked", "allowed"),
    [
        ("sqs:SendMessage", "sqs:sendmessage", True),
        ("sqs:Send*", "sqs:SendMessageBatch", True),
        ("sqs:Send*", "sqs:ReceiveMessage", False),
        ("sqs:SendMessage", "sqs:SendMessageBatch", False),
        (["sqs:ReceiveMessage", "sqs:SendMessage"], "sqs:SendMessage", True),
    ],
)
def test_actions_match_in_any_case_and_by_wildcards(action: str | list[str], asked: str, allowed: bool) -> None:
    assert is_allowed(policy({"Action": action}), Request(asked, QUEUE)) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [(QUEUE, True), ("*", True), (QUEUE.replace("start", "*"), True), (QUEUE + "-2", False), (QUEUE.upper(), False)],
)
def test_resources_match_in_their_own_case_and_by_wildcards(resource: str, allowed: bool) -> None:
    assert is_allowed(policy({"Resource": resource}), Request("sqs:SendMessage", QUEUE)) is allowed


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "allowed"),
    [
        ("StringEquals", "order", "order", True),
        ("StringEquals", "ord*", "order", False),
        ("StringLike", "ord*", "order", True),
        ("ArnLike", ["arn:*:rule/a-*", "arn:*:rule/b"], "arn:aws:rule/b", True),
        ("Bool", "false", "true", False),
        ("StringLike", "*", None, False),
        ("ForAllValues:StringLike", "order#*", ("order#1", "order#2"), True),
        ("ForAllValues:StringLike", "order#*", ("order#1", "car#1"), False),
        ("ForAllValues:StringLike", "order#*", None, True),
    ],
)
def test_conditions_hold_as_their_operators_say(
    operator: str, wanted: str | list[str], found: str | tuple[str, ...] | None, allowed: bool
) -> None:
    request = Request("sqs:SendMessage", QUEUE, {} if found is None else {"the:key": found})
    assert is_allowed(policy({"Condition": {operator: {"the:key": wanted}}}), request) is allowed


def test_every_condition_must_hold() -> None:
    conditions = {"StringEquals": {"a": "1", "b": "2"}}
    assert is_allowed(policy({"Condition": conditions}), Request("sqs:SendMessage", QUEUE, {"a": "1", "b": "2"}))
    assert not is_allowed(policy({"Condition": conditions}), Request("sqs:SendMessage", QUEUE, {"a": "1", "b": "3"}))


def test_what_is_not_known_here_is_no_quiet_permission() -> None:
    request = Request("sqs:SendMessage", QUEUE, {"a": "1"})
    with pytest.raises(KeyError, match="NumericEquals"):
        is_allowed(policy({"Condition": {"NumericEquals": {"a": "1"}}}), request)
    with pytest.raises(AssertionError, match="NotAction"):
        is_allowed(policy({"NotAction": "sqs:*"}), request)
