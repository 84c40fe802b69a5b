"""Virtual environments: one that is optional may lack, in one line; the project's own may not."""

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
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "run", fail)
    return tmp_path


def test_an_optional_environment_that_cannot_be_installed_says_in_one_line_what_is_not_done(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = Environment(clone / "checkov", clone / "pins.txt", "its policies are not checked")
    ensure(environment)
    installing, reason, _ = capsys.readouterr().out.splitlines()
    assert "pins.txt" in installing
    assert reason == (
        "checkov cannot be installed, its policies are not checked: "
        "On Debian and Ubuntu, python3-venv is a package of its own."
    )
    assert not environment.is_installed()


def test_set_up_stops_where_the_projects_own_environment_cannot_be_made(clone: Path) -> None:
    with pytest.raises(SetupError, match="no such package"):
        ensure(Environment(clone / ".venv", clone / "pins.txt"))


def test_an_environment_is_made_again_when_its_pins_change(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(clone / "checkov", clone / "pins.txt", "its policies are not checked")
    monkeypatch.setattr(environments, "run", lambda *_, **__: environment.folder.mkdir(exist_ok=True))
    ensure(environment)
    installed = environment.is_installed()
    (clone / "pins.txt").write_text("checkov==2\n", encoding="utf-8")
    assert (installed, environment.is_installed()) == (True, False)
