"""Reads what Python files import, without running them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devtools.places import ROOT

SOURCE = ROOT / "lambda_src"
PACKAGE = "choreography_insights"


@dataclass(frozen=True, slots=True)
class Import:
    """An absolute module name that a file imports, and where; *for_types* when only type checkers follow it."""

    file: Path
    line: int
    module: str
    for_types: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE)}:{self.line} imports {self.module}"


def imports_below(*folders: str) -> list[Import]:
    """Return every import of the package's modules below *folders* (``"runtime"``), wherever in a file it stands."""
    files = sorted(file for folder in folders for file in (SOURCE / PACKAGE / folder).rglob("*.py"))
    assert files, f"no Python file below {folders}"
    return [found for file in files for found in _imports_of(file)]


def _imports_of(file: Path) -> Iterator[Import]:
    package = file.parent.relative_to(SOURCE).parts
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    for_types = {id(inner) for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        for module in _modules(node, package):
            yield Import(file, getattr(node, "lineno", 0), module, for_types=id(node) in for_types)


def _modules(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        base = ".".join([*above, *filter(None, [node.module])])
        # `from package import name`: the name may be a module, so both stand here.
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return []


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
