"""The files on disk: finds definitions, and brings what is generated for each up to date."""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import InvalidWorkflow, Location, Problem, Spot
from choreography_insights.project import generator
from choreography_insights.project.definitions import text_of
from choreography_insights.project.generator import SIMULATIONS, Files
from choreography_insights.testgen.series import GENERATED_BY


@dataclass(frozen=True, slots=True)
class Change:
    """What has to happen to one file so that it is as its definition says."""

    definition: Path
    path: Path
    kind: Literal["missing", "stale", "left over"]
    content: bytes | None
    """The contents it is to have; None: it is to go."""

    @property
    def problem(self) -> Problem:
        """What is to be said of it where nothing may be written."""
        spot = Spot(Location(str(self.path), 1, 1), "")
        command = f"choreography generate {shlex.quote(str(self.definition))}"
        return spot.problem(catalogue.STALE_FILE, f"{self.kind}; run: {command}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of definitions, and, if there are no errors in them, what is to be done for them."""

    problems: Sequence[Problem]
    changes: Sequence[Change]

    @property
    def is_sound(self) -> bool:
        """Whether something can be made of all of them."""
        return not any(problem.is_error for problem in self.problems)


def changes(files: Sequence[Path]) -> Sequence[Change]:
    """Return what is to be done for all the definitions *files*; touches nothing.

    Raises `InvalidWorkflow` with the problems of all of them, so that nothing is done by halves.
    """
    found = checked(files)
    if not found.is_sound:
        raise InvalidWorkflow(problem for problem in found.problems if problem.is_error)
    return found.changes


def checked(files: Sequence[Path]) -> Checked:
    """Return what is to be said of the definitions *files*, and what is to be done for them; touches nothing."""
    changes: list[Change] = []
    problems: list[Problem] = []
    for file in files:
        try:
            examined = generator.examine(text_of(file), str(file))
            problems += examined.problems
            if generated := examined.files:
                _spare_foreign_files(file, generated)
                changes += _changes(file, generated)
        except InvalidWorkflow as error:
            problems += error.problems
    sound = not any(problem.is_error for problem in problems)
    return Checked(problems, changes if sound else [])


def apply(change: Change) -> None:
    """Bring the file up to date."""
    if change.content is None:
        change.path.unlink()
    else:
        change.path.parent.mkdir(exist_ok=True)
        change.path.write_bytes(change.content)


def check(files: Sequence[Path]) -> list[Problem]:
    """Return all problems of the definitions *files*, warnings too, in their order; touches nothing."""
    found: list[Problem] = []
    for file in files:
        try:
            found += generator.check(text_of(file), str(file))[1]
        except InvalidWorkflow as error:
            found += error.problems
    return found


def _changes(file: Path, generated: Files) -> Iterator[Change]:
    for name, text in generated.items():
        path, content = file.parent / name, text.encode()
        if not path.exists():
            yield Change(file, path, "missing", content)
        elif path.read_bytes() != content:
            yield Change(file, path, "stale", content)
    for path in sorted((file.parent / SIMULATIONS).glob("*.json")):
        if f"{SIMULATIONS}/{path.name}" not in generated and _is_generated(path):
            yield Change(file, path, "left over", None)


def _spare_foreign_files(file: Path, generated: Files) -> None:
    """Raise if a simulation would overwrite one that somebody wrote by hand."""
    spot = Spot(Location(str(file), 1, 1), "")
    foreign = [
        name
        for name in generated
        if name.startswith(f"{SIMULATIONS}/")
        and (file.parent / name).exists()
        and not _is_generated(file.parent / name)
    ]
    if foreign:
        raise InvalidWorkflow(
            spot.problem(
                catalogue.FILE_IN_THE_WAY,
                f"{file.parent / name} was not written by '{GENERATED_BY}' but has the name of a file that is to be; "
                "rename it, or delete it",
            )
            for name in foreign
        )


def _is_generated(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("generatedBy") == GENERATED_BY
