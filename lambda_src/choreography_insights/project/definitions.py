"""Definitions on disk: found, read, and loaded, for every command alike."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import InvalidWorkflow, Location, Spot
from choreography_insights.model.workflow import Workflow
from choreography_insights.parse import parse
from choreography_insights.validate import problems_of

WORKFLOW = "workflow.yaml"

_SKIPPED = {"node_modules", ".terraform", ".git", ".venv"}


class NoDefinitionError(Exception):
    """There is no definition where one was said to be."""


def definitions(paths: Iterable[Path]) -> list[Path]:
    """Return every definition at or below *paths*, each once; raise `NoDefinitionError` for a path that has none."""
    found: dict[Path, Path] = {}
    for path in paths:
        below = list(_below(path))
        if not below:
            raise NoDefinitionError(
                f"{path}: there is no {WORKFLOW} in this folder or below it; write one, or name another folder"
                if path.is_dir()
                else f"{path}: {f'this is no {WORKFLOW}' if path.exists() else 'there is no such file or folder'}; "
                f"name a {WORKFLOW}, or a folder that holds one"
            )
        for file in below:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob(WORKFLOW) if not _SKIPPED.intersection(file.parts))
    elif path.is_file() and path.name == WORKFLOW:
        yield path


def load(path: Path) -> Workflow:
    """Return the one choreography that *path* is, the file or its folder; raise if there is none, or it is wrong."""
    file = path / WORKFLOW if path.is_dir() else path
    if not path.exists():
        raise NoDefinitionError(
            f"{path}: there is no such file or folder; name a {WORKFLOW}, or a folder that holds one"
        )
    if not file.exists() or file.is_dir():
        raise NoDefinitionError(f"{path}: there is no {WORKFLOW} here; write one, or name another folder")
    return load_workflow(text_of(file), str(file))


def load_workflow(text: str, file: str) -> Workflow:
    """Return the choreography that *text* defines, or raise `InvalidWorkflow` with all that is wrong with it."""
    draft = parse(text, file)
    problems = [problem for problem in problems_of(draft) if problem.is_error]
    if problems or draft.workflow is None:
        raise InvalidWorkflow(problems)
    return draft.workflow


def text_of(file: Path) -> str:
    """Return the text of a definition; raise `InvalidWorkflow` if it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        spot = Spot(Location(str(file), 1, 1), "")
        raise InvalidWorkflow(
            [
                spot.problem(
                    catalogue.NOT_UTF_8,
                    f"this is not UTF-8 text (byte {error.start} is {error.object[error.start]:#x}); save it so",
                )
            ]
        ) from error
