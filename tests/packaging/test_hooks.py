"""What other repositories take from this one: hooks for pre-commit, and an action for pull requests."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from devtools.places import ROOT

_EXAMPLE = ROOT / "examples" / "order" / "order"
_HOOKS = {hook["id"]: hook for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
_STEPS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "action.yml")["runs"]["steps"]
#: A command for GitHub's runner.
_ANNOTATION = re.compile(
    r"::(?P<severity>error|warning) file=(?P<file>[^,]+),line=(?P<line>\d+),[^:]*::(?P<message>.*)"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's repository with one choreography."""
    folder = tmp_path / "theirs"
    shutil.copytree(_EXAMPLE, folder / "order", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """The folder in which the action would have installed the command."""
    command = tmp_path / "runner" / "choreography" / "bin" / "choreography"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m choreography_insights "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path / "runner"


def spoil(repository: Path, old: str, new: str) -> None:
    file = repository / "order" / "workflow.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def hooked(hook: str, repository: Path, runner: Path) -> tuple[int, str]:
    """Run a hook as pre-commit does: with its arguments, and the files that it asks for."""
    settings = _HOOKS[hook]
    files = [path.relative_to(repository).as_posix() for path in sorted(repository.rglob("*")) if path.is_file()]
    asked = [file for file in files if re.search(settings.get("files", ""), file)]
    words = [*shlex.split(settings["entry"]), *settings.get("args", [])]
    words += asked if settings.get("pass_filenames", True) else []
    path = f"{runner / 'choreography' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run(words, repository, {"PATH": path})


def acted(repository: Path, runner: Path) -> tuple[int, str]:
    """Run the action's steps but the first, which installs, until one fails."""
    output = ""
    given = {"RUNNER_TEMP": str(runner), "ACTION": str(ROOT), "CHECKED": "."}
    for step in _STEPS[1:]:
        assert set(step["env"]) <= set(given)
        code, said = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], repository, given)
        output += said
        if code:
            return code, output
    return 0, output


def run(words: list[str], folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        words,
        cwd=folder,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def annotations(output: str) -> list[tuple[str, str, str, str]]:
    """Severity, file, line and message of what GitHub shows of a step's output."""
    found = [_ANNOTATION.match(line) for line in output.splitlines()]
    return [(one["severity"], one["file"], one["line"], one["message"]) for one in found if one]


@pytest.mark.parametrize("hook", sorted(_HOOKS))
def test_a_hook_passes_where_all_is_well(hook: str, repository: Path, runner: Path) -> None:
    assert hooked(hook, repository, runner) == (0, "")


def test_a_hook_names_the_fault_of_a_definition(repository: Path, runner: Path) -> None:
    spoil(repository, "Order Delivered: OrderCompleted", "Order Delivered: Nowhere")
    code, said = hooked("choreography-validate", repository, runner)
    assert code == 1
    assert said.startswith("order/workflow.yaml:21:24: ")


def test_a_hook_names_what_is_missing(repository: Path, runner: Path) -> None:
    (repository / "order" / "events.json").unlink()
    code, said = hooked("choreography-generate", repository, runner)
    assert (code, said.split(";")[0]) == (1, "order/events.json:1:1: CI014 missing")


def test_hooks_run_commands_that_the_package_installs() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert {hook["entry"].split()[0] for hook in _HOOKS.values()} <= set(scripts)
    assert {hook["language"] for hook in _HOOKS.values()} == {"python"}


def test_the_action_passes_where_all_is_well(repository: Path, runner: Path) -> None:
    code, output = acted(repository, runner)
    assert (code, annotations(output)) == (0, [])


def test_the_action_shows_a_fault_where_it_stands(repository: Path, runner: Path) -> None:
    spoil(repository, "Order Delivered: OrderCompleted", "Order Delivered: Nowhere")
    code, output = acted(repository, runner)
    ((severity, file, line, message),) = annotations(output)
    assert (code, severity, file, line) == (1, "error", "order/workflow.yaml", "21")
    assert "no state is named 'Nowhere'" in message


def test_the_action_shows_what_is_stale(repository: Path, runner: Path) -> None:
    spoil(repository, "OrderCanceled: succeed", "OrderCanceled: fail")
    code, output = acted(repository, runner)
    assert code == 1
    stale = ("error", "order/events.json", "1", "stale; run: choreography generate order/workflow.yaml")
    assert stale in annotations(output)


def test_the_action_shows_a_warning_as_such(repository: Path, runner: Path) -> None:
    shutil.copytree(ROOT / "examples" / "car-dealer" / "car-dealer", repository / "car-dealer")
    shutil.rmtree(repository / "order")
    code, output = acted(repository, runner)
    ((*place, message),) = annotations(output)
    assert (code, place) == (0, ["warning", "car-dealer/workflow.yaml", "15"])
    assert "an event 'Inspection Completed'" in message
