"""Whether a queue's policy lets a rule of EventBridge send to it: the mistake that only shows on AWS."""

import json
from fnmatch import fnmatchcase
from typing import Any

SENDER = "events.amazonaws.com"


def lets_rule_send(policy: str | None, *, rule_arn: str, queue_arn: str) -> bool:
    """Whether *policy* allows EventBridge to send to the queue for that rule, and nothing in it denies it.

    Conditions are judged on ``aws:SourceArn`` and ``aws:SourceAccount``; others count as met.
    """
    statements = _listed(json.loads(policy).get("Statement", [])) if policy else []
    effects = {
        statement["Effect"] for statement in statements if _applies(statement, rule_arn=rule_arn, queue_arn=queue_arn)
    }
    return effects == {"Allow"}


def _applies(statement: dict[str, Any], *, rule_arn: str, queue_arn: str) -> bool:
    actions = [action.lower() for action in _listed(statement.get("Action", []))]
    return (
        _names_sender(statement.get("Principal"))
        and any(fnmatchcase("sqs:sendmessage", action) for action in actions)
        and any(fnmatchcase(queue_arn, resource) for resource in _listed(statement.get("Resource", "*")))
        and _is_met(statement.get("Condition", {}), rule_arn)
    )


def _names_sender(principal: Any) -> bool:
    if isinstance(principal, dict):
        return SENDER in _listed(principal.get("Service", [])) or "*" in _listed(principal.get("AWS", []))
    return bool(principal == "*")


def _is_met(condition: dict[str, dict[str, Any]], rule_arn: str) -> bool:
    context = {"aws:sourcearn": rule_arn, "aws:sourceaccount": rule_arn.split(":")[4], "aws:securetransport": "true"}
    return all(
        _matches(operator, context[key.lower()], _listed(wanted))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
        if key.lower() in context
    )


def _matches(operator: str, value: str, wanted: list[Any]) -> bool:
    patterns = [str(one).lower() if operator == "Bool" else str(one) for one in wanted]
    found = value in patterns
    if operator in {"ArnLike", "ArnEquals", "StringLike", "ArnNotLike", "ArnNotEquals", "StringNotLike"}:
        found = any(fnmatchcase(value, pattern) for pattern in patterns)
    return found != ("Not" in operator)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
