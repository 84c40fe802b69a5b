"""Virtual environments: one that is optional may lack, in one line; the project's own may not."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from devtools import environments
from devtools.console import SetupError
from devtools.environments import Environment, ensure


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which nothing can be installed."""

    def fail(*_: object, **__: object) -> None:
        raise SetupError("This command failed.\nIt printed:\nno such package")

    (tmp_path / "pins.txt").write_text("checkov==1\n", encoding="utf-8")
    monkeypatch.setattr(environments, "UV", Environment(tmp_path / "uv", tmp_path / "pins.txt", "pip installs"))
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "run", fail)
    return tmp_path


def test_an_optional_environment_that_cannot_be_installed_says_in_one_line_what_is_not_done(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = Environment(clone / "checkov", clone / "pins.txt", "its policies are not checked")
    ensure(environment)
    installing, *reasons, _ = capsys.readouterr().out.splitlines()
    assert "pins.txt" in installing
    why = "On Debian and Ubuntu, python3-venv is a package of its own."
    assert reasons == [
        f"uv cannot be installed, pip installs: {why}",
        f"checkov cannot be installed, its policies are not checked: {why}",
    ]
    assert not environment.is_installed()


def test_set_up_stops_where_the_projects_own_environment_cannot_be_made(clone: Path) -> None:
    with pytest.raises(SetupError, match="no such package"):
        ensure(Environment(clone / ".venv", clone / "pins.txt"))


def test_an_environment_is_made_again_when_its_pins_change(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(clone / "checkov", clone / "pins.txt", "its policies are not checked")
    monkeypatch.setattr(environments, "run", lambda *_, **__: environment.folder.mkdir(exist_ok=True))
    monkeypatch.setattr(environments, "_uv", lambda: None)
    ensure(environment)
    installed = environment.is_installed()
    (clone / "pins.txt").write_text("checkov==2\n", encoding="utf-8")
    assert (installed, environment.is_installed()) == (True, False)


@pytest.mark.parametrize(
    ("pip_says", "uv_fails", "expected"),
    [
        ("global.extra-index-url='https://more.example.com'", False, ["uv"]),
        ("", True, ["uv", "pip"]),
        ("global.index-url='https://ours.example.com'", False, ["pip"]),
    ],
)
def test_uv_installs_unless_it_cannot_or_pip_is_told_of_an_index(
    pip_says: str, uv_fails: bool, expected: list[str], clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []

    def run(command: Sequence[str | Path], **_: object) -> None:
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text(f"#!/bin/sh\necho {shlex.quote(pip_says)}\n")
            python.chmod(0o755)
            return
        used.append("uv" if command[0] == environments.UV.command else "pip")
        if uv_fails and used[-1] == "uv":
            raise SetupError("no such package")

    monkeypatch.setattr(environments, "run", run)
    environment = Environment(clone / "checkov", clone / "pins.txt", "its policies are not checked")
    ensure(environment)
    assert (used, environment.is_installed()) == (["pip", *expected], True)
