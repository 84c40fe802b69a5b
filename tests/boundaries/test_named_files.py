"""A file that a document names, or the page of a room, is there: names go stale when files move."""

import ast
import re
from pathlib import Path

import pytest

from devtools.places import ROOT

_PACKAGE = ROOT / "lambda_src" / "choreography_insights"
_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(?P<path>(?:[\w-]+/)*\w+\.py)`")
_NAME = re.compile(r"(?<!`)`(?P<name>[a-z_]+(?:\.[a-z_]+)*)`(?!`)")


def test_every_file_of_python_that_a_document_names_is_there(tracked: list[Path]) -> None:
    paths = [file.relative_to(ROOT).parts for file in tracked]
    ends = {"/".join(path[at:]) for path in paths for at in range(len(path))}
    named = [
        (document.relative_to(ROOT).as_posix(), found["path"])
        for document in tracked
        if document.suffix == ".md"
        for found in _FILE.finditer(_FENCED.sub("", document.read_text(encoding="utf-8")))
    ]
    assert [one for one in named if one[1] not in ends] == []
    assert len(named) > 50


def missing(page: Path) -> list[str]:
    """What the docstring of a room's *page* has in single backticks, and is neither of the room nor a room."""
    text = ast.get_docstring(ast.parse(page.read_text(encoding="utf-8"))) or ""
    names = [found["name"] for found in _NAME.finditer(text)]
    return [name for name in names if not any(is_there(room, name) for room in (page.parent, _PACKAGE))]


def is_there(folder: Path, name: str) -> bool:
    """Whether *folder* has a module, a room or a file of that *name*; dots lead into rooms."""
    path = folder.joinpath(*name.split("."))
    return path.is_dir() or path.with_name(f"{path.name}.py").is_file() or (folder / name).is_file()


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.parent.relative_to(_PACKAGE).as_posix())
        for page in sorted(_PACKAGE.rglob("__init__.py"))
    ],
)
def test_what_the_page_of_a_room_names_is_there(page: Path) -> None:
    assert missing(page) == []


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    page = tmp_path / "__init__.py"
    page.write_text('"""`labels` goes before `replay.engine`, as ``draw`` says."""\n', encoding="utf-8")
    assert missing(page) == ["labels"]
