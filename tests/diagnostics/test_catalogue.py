"""The catalogue of rules: each id has one meaning, is used, and has an example that trips it before any other."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.rule import Rule
from devtools.places import ROOT
from documents.diagnostics import found_in

PACKAGE = ROOT / "lambda_src" / "choreography_insights"
CONSTANTS = {name: value for name, value in vars(catalogue).items() if isinstance(value, Rule)}
every_rule = pytest.mark.parametrize("rule", catalogue.RULES.values(), ids=lambda rule: rule.id)


@every_rule
def test_the_example_of_a_rule_trips_that_rule_first(rule: Rule, tmp_path: Path) -> None:
    problems = found_in(rule.example, tmp_path)
    assert [problem.rule.id for problem in problems[:1]] == [rule.id], [str(problem)[:300] for problem in problems]


@every_rule
def test_what_is_shown_of_an_example_is_in_it(rule: Rule) -> None:
    example = rule.example
    lines = map(str.strip, example.excerpt.splitlines())
    assert all(line.startswith("#") or line in example.text for line in lines)


def test_ids_ascend_and_no_two_rules_share_a_meaning() -> None:
    rules = list(CONSTANTS.values())
    assert list(catalogue.RULES) == [rule.id for rule in rules] == sorted(catalogue.RULES)
    for part in ("title", "what"):
        assert [text for text, count in Counter(getattr(rule, part) for rule in rules).items() if count > 1] == []


def test_every_rule_is_used_and_by_its_name() -> None:
    files = [file for file in PACKAGE.rglob("*.py") if file.parent.name != "diagnostics" or file.stem == "directives"]
    used = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "catalogue"
    }
    assert sorted(CONSTANTS.keys() - used) == []


@every_rule
def test_a_rule_is_told_in_short_whole_sentences(rule: Rule) -> None:
    assert re.fullmatch(r"CI\d{3}", rule.id)
    for text in (rule.what, rule.why, rule.mend):
        assert text.endswith(".")
        assert max(len(sentence.split()) for sentence in text.split(". ")) <= 25


def test_advice_warns_and_everything_else_is_an_error() -> None:
    assert {rule.severity for rule in catalogue.RULES.values() if rule.id.startswith("CI6")} == {"warning"}
    assert {rule.severity for rule in catalogue.RULES.values() if not rule.id.startswith("CI6")} == {"error"}
