"""The whole check of one file."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot
from choreography_insights.lint.handed_out import handed_out_problems
from choreography_insights.lint.json_document import Document, read
from choreography_insights.lint.lines import line_problems
from choreography_insights.lint.machines import machines, misshapen
from choreography_insights.lint.reachability import way_problems
from choreography_insights.lint.step_functions import step_functions_problems
from choreography_insights.lint.wait_states import wait_state_problems

_PLACEHOLDERS = ("${partition}", "${journeys_table}")
# What templatefile would take for its own; `$${` and `%%{` stand for themselves.
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{[^}]*\}?|%\{[^}]*\}?")


def lint(text: str, file: str) -> Sequence[Problem]:
    """Return what is wrong with the state machine in *text*, in the order of the text; *file* is named in problems."""
    document = read(text, file)
    if isinstance(document, Problem):
        return [document]
    problems = [*_foreign_placeholders(text, document), *_repeated_keys(document)]
    if shape := list(misshapen(document)):
        return sorted([*problems, *shape])
    problems += step_functions_problems(document)
    for machine in machines(document):
        problems += way_problems(document, machine)
        problems += wait_state_problems(document, machine)
        problems += handed_out_problems(document, machine)
        problems += line_problems(document, machine)
    return sorted(problems)


def lint_file(file: Path) -> Sequence[Problem]:
    """Return what is wrong with the state machine in *file*."""
    try:
        return lint(file.read_text(encoding="utf-8-sig"), str(file))
    except UnicodeDecodeError:
        spot = Spot(Location(str(file), 1, 1), "")
        return [spot.problem(catalogue.NOT_UTF_8, "this is not UTF-8 text; save it so")]


def _foreign_placeholders(text: str, document: Document) -> Iterator[Problem]:
    for found in _TEMPLATE.finditer(text):
        seen = found[0]
        if seen in _PLACEHOLDERS or seen in ("$${", "%%{"):
            continue
        yield Spot(document.location(found.start()), "").problem(
            catalogue.FOREIGN_PLACEHOLDER,
            f"Terraform would take {seen!r} for a placeholder, and fills {' and '.join(_PLACEHOLDERS)} only; "
            f"write {seen[0]}{seen} if it is meant as text",
        )


def _repeated_keys(document: Document) -> Iterator[Problem]:
    for path in document.repeated:
        yield document.spot(path).problem(
            catalogue.DUPLICATE_KEY, f"the key {path[-1]!r} is here a second time; keep one of the two"
        )
