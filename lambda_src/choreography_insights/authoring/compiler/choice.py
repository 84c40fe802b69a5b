"""The Choice behind a wait: looks at the event that came and says which variant it was."""

from collections.abc import Sequence
from typing import Any

from choreography_insights.authoring import paths
from choreography_insights.authoring.patterns import (
    AnythingBut,
    Comparison,
    Exactly,
    Exists,
    FieldTest,
    Matcher,
    Numeric,
    Pattern,
    Prefix,
    Suffix,
    Wildcard,
)
from choreography_insights.authoring.workflow import Variant

Rule = dict[str, Any]

_EVENT_NAME = "$.event.eventName"
_DETAIL = "$.event.detail"
_COMPARATORS: dict[Comparison, str] = {
    "=": "NumericEquals",
    "<": "NumericLessThan",
    "<=": "NumericLessThanEquals",
    ">": "NumericGreaterThan",
    ">=": "NumericGreaterThanEquals",
}


def choice_state(variants: Sequence[Variant], default: str) -> dict[str, Any]:
    """Return the Choice that leads to the target of the first of *variants* that the event is."""
    return {"Type": "Choice", "Choices": [_rule(variant) for variant in variants], "Default": default}


def _rule(variant: Variant) -> Rule:
    conditions = [{"Variable": _EVENT_NAME, "StringEquals": variant.event.text}]
    if variant.when is not None:
        conditions += _conditions(variant.when)
    return {**_all_of(conditions), "Next": variant.next.text}


def _conditions(pattern: Pattern) -> list[Rule]:
    conditions = [condition for test in pattern.tests for condition in _field(test)]
    choices = [_any_of([_all_of(_conditions(one)) for one in alternatives]) for alternatives in pattern.choices]
    return [*conditions, *choices]


def _field(test: FieldTest) -> list[Rule]:
    """Return conditions that must all hold, each comparison behind a guard: a missing path would fail the journey."""
    variable = paths.written(test.path, root=_DETAIL)
    present = {"Variable": variable, "IsPresent": True}
    absent = {"Variable": variable, "IsPresent": False}
    there = {matcher.there for matcher in test.matchers if isinstance(matcher, Exists)}
    compared = [_comparison(variable, matcher) for matcher in test.matchers if not isinstance(matcher, Exists)]
    if there == {True, False}:
        return [_any_of([present, absent])]
    if there == {True}:  # whatever else is listed asks for a value too
        return [present]
    guarded = [present, _any_of(compared)] if compared else []
    if there == {False}:
        return [_any_of([absent, _all_of(guarded)])] if guarded else [absent]
    return guarded


def _comparison(variable: str, matcher: Matcher) -> Rule:
    """Return the rule for *matcher*; comparators are false for values of another type, as EventBridge's are."""
    match matcher:
        case Exactly(None):
            return {"Variable": variable, "IsNull": True}
        case Exactly(bool() as value):
            return {"Variable": variable, "BooleanEquals": value}
        case Exactly(str() as value):
            return {"Variable": variable, "StringEquals": value}
        case Exactly(value):
            return {"Variable": variable, "NumericEquals": value}
        case Prefix(text):
            return {"Variable": variable, "StringMatches": f"{_literal(text)}*"}
        case Suffix(text):
            return {"Variable": variable, "StringMatches": f"*{_literal(text)}"}
        case Wildcard(text):  # both languages escape alike
            return {"Variable": variable, "StringMatches": text}
        case Numeric(bounds):
            return _all_of([{"Variable": variable, _COMPARATORS[sign]: bound} for sign, bound in bounds])
        case AnythingBut(excluded):
            unwanted = _any_of([_comparison(variable, other) for other in excluded])
            return _all_of([_scalar(variable), {"Not": unwanted}])
        case Exists(there):
            return {"Variable": variable, "IsPresent": there}


def _scalar(variable: str) -> Rule:
    return _any_of([{"Variable": variable, kind: True} for kind in ("IsString", "IsNumeric", "IsBoolean", "IsNull")])


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _all_of(rules: list[Rule]) -> Rule:
    flat = [part for rule in rules for part in (rule["And"] if set(rule) == {"And"} else [rule])]
    return flat[0] if len(flat) == 1 else {"And": flat}


def _any_of(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else {"Or": rules}
