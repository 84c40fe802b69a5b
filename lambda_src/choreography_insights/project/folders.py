"""The whole way of a definition: its text in, the files beside it out, brought up to date on disk."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from choreography_insights.compile import state_machine
from choreography_insights.compile.templates import as_json, as_template
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.directives import not_ignored, without_ignored
from choreography_insights.diagnostics.problem import InvalidWorkflow, Location, Problem, Spot
from choreography_insights.evolution.losses import no_longer_captured
from choreography_insights.model.event_rules import event_settings
from choreography_insights.model.flow import flow_of
from choreography_insights.model.workflow import Workflow
from choreography_insights.parse import parse
from choreography_insights.picture.diagram import diagram
from choreography_insights.picture.layout import layout
from choreography_insights.picture.picture import picture_of
from choreography_insights.project.definitions import text_of
from choreography_insights.project.simulating import simulated
from choreography_insights.testgen.series import GENERATED_BY
from choreography_insights.validate import problems_of
from choreography_insights.validate.advice import warnings_of
from choreography_insights.validate.neighbours import events_of_others
from choreography_insights.views import layout_file

SIMULATIONS = "simulations"
_EVENTS = "events.json"

_MAX_DEFINITION = 1_048_576
_NEARLY = 0.8

Files = Mapping[str, str]
"""Contents by the path relative to the definition's folder."""

Machine = dict[str, Any]
"""A state machine, as it is compiled."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is to be said of a definition, and what it is and compiles to where no error is in it."""

    problems: Sequence[Problem]
    workflow: Workflow | None
    machine: Machine

    @property
    def files(self) -> Files:
        """Every file that is generated for it; none where it is wrong."""
        return {} if self.workflow is None else _files(self.workflow, self.machine)


def examine(text: str, file: str) -> Examined:
    """Return what the definition *text* is, and all its problems that it does not ignore."""
    draft = parse(text, file)
    problems = sorted([*problems_of(draft), *warnings_of(draft)])
    workflow = None if _has_errors(problems) else draft.workflow
    machine = {} if workflow is None else state_machine(workflow)
    if workflow is not None:
        problems += _size_problems(workflow, machine)
    sound = None if _has_errors(problems) else workflow
    return Examined(without_ignored(problems, text, file), sound, machine)


def check(text: str, file: str) -> tuple[Workflow | None, Sequence[Problem]]:
    """Return the choreography that *text* defines, None if it is wrong, and all problems that it does not ignore."""
    examined = examine(text, file)
    return examined.workflow, examined.problems


def generate(workflow: Workflow) -> Files:
    """Return every file that is generated for *workflow*; raise `InvalidWorkflow` if AWS would not take them."""
    machine = state_machine(workflow)
    if _has_errors(problems := _size_problems(workflow, machine)):
        raise InvalidWorkflow(problems)
    return _files(workflow, machine)


def _has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.is_error for problem in problems)


def _files(workflow: Workflow, machine: Machine) -> Files:
    series = simulated(workflow)
    return {
        "definition.asl.json": as_template(machine),
        _EVENTS: as_json(event_settings(workflow)),
        "diagram.md": diagram(workflow, series),
        "picture.json": picture_text(workflow),
        **{f"{SIMULATIONS}/{one.name}.json": as_json(one.document) for one in series.series},
    }


def picture_text(workflow: Workflow) -> str:
    """Return the text of ``picture.json``."""
    return layout_file.written(layout(picture_of(workflow)), flow_of(workflow), (workflow.description or "").strip())


def _size_problems(workflow: Workflow, machine: Machine) -> list[Problem]:
    """Measure *machine* as Terraform's ``jsonencode`` deploys it: without blanks, ``<``, ``>``, ``&`` as six bytes."""
    text = json.dumps(machine, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode()) + 5 * sum(map(text.count, "<>&"))
    spot = workflow.spot_of("states")
    says = f"its state machine has {size:,} bytes and Step Functions takes {_MAX_DEFINITION:,}"
    if size > _MAX_DEFINITION:
        return [spot.problem(catalogue.STATE_MACHINE_TOO_LARGE, f"{says}; make two choreographies of it")]
    if size > _NEARLY * _MAX_DEFINITION:
        return [
            spot.problem(
                catalogue.STATE_MACHINE_NEARLY_TOO_LARGE,
                f"{says}, so it is {size / _MAX_DEFINITION:.0%} full; think of making two of it",
            )
        ]
    return []


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
            examined = examine(text_of(file), str(file))
            problems += examined.problems
            generated = examined.files
            if generated and examined.workflow is not None:
                _spare_foreign_files(file, generated)
                stale = [*_changes(file, generated)]
                if any(one.path.name == _EVENTS and one.kind == "stale" for one in stale):
                    problems += _no_longer_captured(file, examined.workflow)
                changes += stale
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


def check_all(files: Sequence[Path]) -> list[Problem]:
    """Return all problems of the definitions *files*, warnings too, in their order; touches nothing.

    What is to be said of one because of another is among them.
    """
    found: list[Sequence[Problem]] = []
    sound: dict[int, tuple[str, Workflow]] = {}
    for file in files:
        try:
            text = text_of(file)
            examined = examine(text, str(file))
            if examined.workflow is not None:
                sound[len(found)] = text, examined.workflow
            found.append(examined.problems)
        except InvalidWorkflow as error:
            found.append(error.problems)
    others = list(events_of_others([workflow for _, workflow in sound.values()]))
    for position, (text, _) in sound.items():
        name = str(files[position])
        own = [problem for problem in others if problem.spot.at.file == name]
        found[position] = sorted([*found[position], *not_ignored(own, text, name)])
    return [problem for problems in found for problem in problems]


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


def _no_longer_captured(file: Path, workflow: Workflow) -> Iterator[Problem]:
    """Warn of each event that ``events.json`` beside *file* captures, which is about to be written anew."""
    older = _last_generated(file)
    newer = event_settings(workflow)
    if older.get("choreography") != newer["choreography"]:
        return  # which Terraform refuses, or there is none
    known = {event for rule in newer["events"] for event in rule["events"]}
    spot = workflow.spot_of("events" if "events" in workflow.spots else "states")
    for event, source in no_longer_captured(older, newer):
        keep = (
            f"name {source!r} as its source, too"
            if event in known
            else f"write 'events: {{{event}: {{retired: true}}}}'"
        )
        yield spot.problem(
            catalogue.EVENT_NO_LONGER_CAPTURED,
            f"what was generated last captured {event!r} from {source!r} for journeys that run, and this does not; "
            f"{keep} until those that may still need it have ended",
        )


def _last_generated(file: Path) -> Mapping[str, Any]:
    """Return what ``events.json`` beside *file* holds; nothing, if it is broken."""
    try:
        document = json.loads((file.parent / _EVENTS).read_bytes())
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


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
