"""Choice states: behind a wait, which says which variant the event was, and those of the author."""

from collections.abc import Callable, Iterator
from typing import Any

from choreography_insights.compile.data import DETAIL, REMEMBERED, TALLY
from choreography_insights.core import fields
from choreography_insights.model.patterns import (
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
from choreography_insights.model.workflow import Await, Choose, Condition, Name, Variant, leaving

ChoiceRule = dict[str, Any]

_EVENT_NAME = "$.event.eventName"
_COMPARATORS: dict[Comparison, str] = {
    "=": "NumericEquals",
    "<": "NumericLessThan",
    "<=": "NumericLessThanEquals",
    ">": "NumericGreaterThan",
    ">=": "NumericGreaterThanEquals",
}


def variant_choice(state: Await, to: Callable[[Name], str], default: str | None) -> ChoiceRule:
    """Return the Choice that leads on from *state*, by the first of its variants that the event is."""
    rules = [rule for variant in leaving(state.variants) for rule in _onward(state, variant, to)]
    return _choice(rules, default)


def _onward(state: Await, variant: Variant, to: Callable[[Name], str]) -> Iterator[ChoiceRule]:
    """Yield where an event of *variant* leads: back to the wait, as long as too few have come."""
    own = [_is_named(variant), *_asked(variant.condition)]
    if variant.quorum is None:
        yield {**_all_of(own), "Next": to(variant.next)}
        return
    have_come = {"Variable": f"{TALLY}.came", "NumericGreaterThanEquals": variant.quorum.times}
    yield {**_all_of([*own, have_come]), "Next": to(variant.next)}
    yield {**_all_of(own), "Next": state.name.text}


def choose_state(state: Choose, to: Callable[[Name], str], default: str | None) -> ChoiceRule:
    """Return the Choice that *state* is."""
    rules = [{**_all_of(_asked(option.condition)), "Next": to(option.next)} for option in state.options]
    return _choice(rules, default) if rules else {"Type": "Pass", "Next": default}


def _choice(rules: list[ChoiceRule], default: str | None) -> ChoiceRule:
    return {"Type": "Choice", "Choices": rules, **({} if default is None else {"Default": default})}


def _is_named(variant: Variant) -> ChoiceRule:
    return {"Variable": _EVENT_NAME, "StringEquals": variant.event.text}


def _asked(condition: Condition) -> list[ChoiceRule]:
    when = _conditions(condition.when, DETAIL) if condition.when else []
    remembered = _conditions(condition.remembered, REMEMBERED) if condition.remembered else []
    return [*when, *remembered]


def _conditions(pattern: Pattern, root: str) -> list[ChoiceRule]:
    conditions = [condition for test in pattern.tests for condition in _field(test, root)]
    choices = [_any_of([_all_of(_conditions(one, root)) for one in alternatives]) for alternatives in pattern.choices]
    return [*conditions, *choices]


def _field(test: FieldTest, root: str) -> list[ChoiceRule]:
    """Return conditions that must all hold, each comparison behind a guard: a missing path would fail the journey."""
    variable = fields.written(test.path, root=root)
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


def _comparison(variable: str, matcher: Matcher) -> ChoiceRule:
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


def _scalar(variable: str) -> ChoiceRule:
    return _any_of([{"Variable": variable, kind: True} for kind in ("IsString", "IsNumeric", "IsBoolean", "IsNull")])


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _all_of(rules: list[ChoiceRule]) -> ChoiceRule:
    flat = [part for rule in rules for part in (rule["And"] if set(rule) == {"And"} else [rule])]
    return flat[0] if len(flat) == 1 else {"And": flat}


def _any_of(rules: list[ChoiceRule]) -> ChoiceRule:
    return rules[0] if len(rules) == 1 else {"Or": rules}
