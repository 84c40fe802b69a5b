"""`when` means to `core.patterns`, its oracle and the Choice what it means to an EventBridge not written here."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given

from choreography_insights.compile.choice import variant_choice
from choreography_insights.core.patterns import matches
from choreography_insights.diagnostics.problem import Location, Spot
from choreography_insights.model.workflow import Await, Condition, Name, Variant
from support.definition_strategies import NUMBERS, TEXTS, WILDCARDS, judged
from support.definitions import pattern_of
from support.moto_readings import Choice, patched_readings, rule_matches
from support.when_oracle import test_of as reading_of

__all__ = ["patched_readings"]

pytestmark = pytest.mark.usefixtures("patched_readings")
reading_of.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test

SPOT = Spot(Location("workflow.yaml", 1, 1), "")


def choice_of(when: Mapping[str, Any]) -> Choice:
    """Return the Choice that is generated for a state with an entry with *when*, and one for the rest."""
    variant = Variant(Name("Judged", SPOT), Condition(pattern_of(when)), Name("Taken", SPOT), SPOT)
    state = Await(Name("Waiting", SPOT), (variant,), None)
    return Choice(variant_choice(state, lambda name: name.text, "Left"))


def asks_of_objects(when: Mapping[str, Any], detail: Any) -> bool:
    """Whether *when* asks anything of a field that holds an object (docs/guide/language.md): rules say otherwise."""
    if not isinstance(detail, dict):
        return False
    for name, asked in when.items():
        if name == "$or":
            found = any(asks_of_objects(one, detail) for one in asked)
        else:
            inner = detail.get(name)
            found = isinstance(inner, dict) and (isinstance(asked, list) or asks_of_objects(asked, inner))
        if found:
            return True
    return False


def assert_all_agree(when: Mapping[str, Any], some: Iterable[Mapping[str, Any]]) -> None:
    choice, reading = choice_of(when), reading_of(when)
    for detail in some:
        verdict = reading(detail)
        taken = choice.next_state({"event": {"eventName": "Judged", "detail": detail}})
        assert (taken == "Taken", matches(when, detail)) == (verdict, verdict), detail
        if not asks_of_objects(when, detail):
            assert rule_matches(when, detail) is verdict, detail


SCALARS = [*TEXTS, *NUMBERS, True, False, None]
OF_TEXT = [
    *({kind: text} for kind in ("prefix", "suffix") for text in TEXTS if text),
    *({"wildcard": text} for text in WILDCARDS),
]
MATCHERS = [
    *SCALARS,
    *OF_TEXT,
    *({"numeric": [sign, number]} for sign in ("=", "<", "<=", ">", ">=") for number in (1, 2.5)),
    {"numeric": [">", 0, "<=", 2.5]},
    {"exists": True},
    {"exists": False},
    *({"anything-but": out} for out in [*SCALARS, *OF_TEXT, ["x", 1, None], [True, ""]]),
]


@pytest.mark.parametrize("matcher", MATCHERS, ids=json.dumps)
def test_every_matcher_says_the_same_of_every_value_to_all_of_them(matcher: Any) -> None:
    nowhere: list[dict[str, Any]] = [{}, {"b": "x"}]
    assert_all_agree({"a": [matcher]}, [*({"a": value} for value in SCALARS), *nowhere])


@given(judged())
def test_every_pattern_says_the_same_to_all_of_them(example: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    assert_all_agree(*example)
