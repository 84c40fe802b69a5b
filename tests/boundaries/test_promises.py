"""The page of the promises names lines and tests that are there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from devtools.places import ROOT

_PAGE = ROOT / "docs" / "operations-and-design" / "promises.md"
_ROW = re.compile(r"^\| (?P<what>[^|]+) \| (?P<line>[^|]+) \| (?P<test>[^|]+) \|$", re.MULTILINE)
_PLACE = re.compile(r"\]\((?P<file>[^)]+)\)(?:, `(?P<name>[^`]+)`)?(?:: `(?P<line>[^`]+)`)?")


class Place(NamedTuple):
    """A file, what is called so in it, and a line in that; None where the page names none."""

    file: Path
    name: str | None
    line: str | None


def rows(text: str) -> Iterator[tuple[str, Place, Place]]:
    """What is kept, by which line, and by which test."""
    for row in _ROW.finditer(text):
        if not row["what"].startswith(("kept by", "---")):
            yield row["what"], place(row["line"]), place(row["test"])


def place(cell: str) -> Place:
    """The place that a cell of the table names."""
    found = _PLACE.search(cell)
    assert found, cell
    return Place((_PAGE.parent / found["file"]).resolve(), found["name"], found["line"])


def fault(named: Place) -> str | None:
    """What is not there of a place; None if all is."""
    if not named.file.exists():
        return f"there is no file {named.file.relative_to(ROOT)}"
    part = text_of(named.file, named.name)
    if part is None:
        return f"{named.file.name} has no {named.name}"
    if named.line and named.line not in part:
        return f"{named.name or named.file.name} has no {named.line}"
    return None


def text_of(file: Path, name: str | None) -> str | None:
    """The source of what is called *name*; of the whole file if nothing is, or if it is a test of Terraform's."""
    if file.is_dir():
        return ""
    text = file.read_text(encoding="utf-8")
    if name is None:
        return text
    if file.suffix == ".hcl":
        return text if name in text else None
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name.rpartition(".")[2]:
            return ast.get_source_segment(text, node)
    return None


_ROWS = list(rows(_PAGE.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("line", "test"), [pytest.param(*row[1:], id=row[0]) for row in _ROWS])
def test_the_line_that_keeps_a_promise_and_its_test_are_there(line: Place, test: Place) -> None:
    assert (fault(line), fault(test)) == (None, None)
    assert test.name is not None


def test_each_of_the_eight_promises_has_lines() -> None:
    sections = re.split(r"^## ", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [section[0] for section in sections[:8]] == list("12345678")
    assert [section for section in sections if not list(rows(section))] == []


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("[`x.py`](nowhere/x.py), `f`", "there is no file docs/operations-and-design/nowhere/x.py"),
        ("[`names.py`](../../lambda_src/choreography_insights/runtime/names.py), `f`", "names.py has no f"),
        (
            "[`names.py`](../../lambda_src/choreography_insights/runtime/names.py), `execution_arn`: `sha256`",
            "execution_arn has no sha256",
        ),
        ("[`queues.tf`](../../modules/insights/queues.tf): `no_such_word`", "queues.tf has no no_such_word"),
        (
            "[`insights.tftest.hcl`](../../tests/terraform/insights.tftest.hcl), `nobody`",
            "insights.tftest.hcl has no nobody",
        ),
    ],
)
def test_what_is_not_there_is_told(cell: str, told: str) -> None:
    assert fault(place(cell)) == told
