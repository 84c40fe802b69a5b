"""What IAM says of a request: the part of its rules that this project's policies make use of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """An action on a resource; *context* has what conditions ask for. *principal*: who, for a resource's policy."""

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    principal: str = ""


def deciding(policy: Mapping[str, Any], request: Request) -> Statement | None:
    """The statement that decides: one that denies, else one that allows; None refuses as well."""
    matching = [statement for statement in statements(policy) if _matches(statement, request)]
    return next((one for one in matching if one["Effect"] == "Deny"), matching[0] if matching else None)


def is_allowed(policy: Mapping[str, Any], request: Request) -> bool:
    """Whether the policy allows it."""
    return (deciding(policy, request) or {}).get("Effect") == "Allow"


def statements(policy: Mapping[str, Any]) -> Iterator[Statement]:
    """The statements of a policy of the current version."""
    assert policy["Version"] == "2012-10-17", policy
    yield from policy["Statement"]


def listed(value: Any) -> list[Any]:
    """What may stand in a policy as one or as a list of them."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _matches(statement: Statement, request: Request) -> bool:
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    assert set(statement) <= known, f"{set(statement) - known} of {statement} is not known here"
    return (
        any(like(pattern, request.action, ignore_case=True) for pattern in listed(statement["Action"]))
        and any(like(pattern, request.resource) for pattern in listed(statement["Resource"]))
        and _is_meant(statement.get("Principal", "*"), request.principal)
        and all(
            _holds(operator, request.context.get(key), [str(value) for value in listed(values)])
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _is_meant(principals: Any, principal: str) -> bool:
    return principals == "*" or any(principal in listed(named) for named in principals.values())


def _holds(operator: str, found: str | tuple[str, ...] | None, values: Sequence[str]) -> bool:
    quantifier, _, plain = operator.rpartition(":")
    if quantifier == "ForAllValues":
        return all(_test(plain, one, values) for one in found or ())
    assert not quantifier, f"{operator} is not known here"
    return isinstance(found, str) and _test(plain, found, values)


def _test(operator: str, found: str, values: Sequence[str]) -> bool:
    # Arn operators compare part by part, which comes to the same where no * of a pattern has to span a colon.
    tests: Mapping[str, Callable[[str], bool]] = {
        "StringEquals": lambda value: value == found,
        "Bool": lambda value: value == found,
        "StringLike": lambda value: like(value, found),
        "ArnEquals": lambda value: like(value, found),
        "ArnLike": lambda value: like(value, found),
    }
    return any(tests[operator](value) for value in values)


def like(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether *text* is as *pattern*, in which * stands for anything and ? for one character."""
    expression = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None
