"""The tag of a release holds the functions' zip: whoever takes the modules from git at it builds nothing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import terraform
from devtools.places import ROOT
from support.module_calls import planned

_ZIP = "build/choreography_insights.zip"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository of what a release is made of, ready for version 1.2.3."""
    folder = tmp_path / "clone"
    for part in ("modules", "lambda_src", "scripts"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / ".gitignore", folder)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(re.sub(r'(?m)^version = ".*"$', 'version = "1.2.3"', project), "utf-8")
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3, 2026-12-01\n\nSomething new.\n", encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "A maintainer")
    git(folder, "config", "user.email", "maintainer@example.com")
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Something")


def release(folder: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "scripts/release.py", *options]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_module_taken_from_git_at_the_tag_of_a_release_has_its_zip_and_needs_no_build(
    clone: Path, tmp_path: Path
) -> None:
    terraform.ensure()
    assert release(clone) == (0, "Tagged as v1.2.3. Publish it with: git push origin v1.2.3")
    source = f"git::file://{clone}//modules/insights"
    assert "1 passed, 0 failed" in planned(tmp_path / "at-the-tag", f"{source}?ref=v1.2.3")
    told = planned(tmp_path / "at-the-branch", f"{source}?ref=main")
    assert "Take the module at the tag of a release" in told


def test_the_tag_adds_the_zip_and_nothing_else_and_leaves_branch_and_work_tree_alone(clone: Path) -> None:
    before = git(clone, "rev-parse", "HEAD")
    release(clone)
    assert git(clone, "rev-parse", "HEAD") == before == git(clone, "rev-parse", "v1.2.3^{commit}^")
    assert git(clone, "diff", "--name-status", "HEAD", "v1.2.3") == f"A\t{_ZIP}"
    assert git(clone, "status", "--porcelain") == ""


def test_a_tag_made_again_is_of_the_same_commit(clone: Path) -> None:
    release(clone)
    first = git(clone, "rev-parse", "v1.2.3^{commit}")
    git(clone, "tag", "--delete", "v1.2.3")
    release(clone)
    assert git(clone, "rev-parse", "v1.2.3^{commit}") == first


def test_changes_that_are_not_committed_are_not_released(clone: Path) -> None:
    (clone / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    assert refused(clone) == "There are changes that are not committed; commit them, or put them aside."


def test_a_version_is_released_once(clone: Path) -> None:
    release(clone)
    assert refused(clone) == "v1.2.3 is there already; raise the version in pyproject.toml."


def test_a_version_that_the_changelog_does_not_speak_of_is_not_released(clone: Path) -> None:
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3, not yet released\n", encoding="utf-8")
    commit(clone)
    assert refused(clone) == 'CHANGELOG.md: there is no heading "## 1.2.3, YYYY-MM-DD"'


def refused(clone: Path) -> str:
    """Why there is no release; nothing is tagged."""
    tags = git(clone, "show-ref")
    code, said = release(clone)
    assert (code, git(clone, "show-ref")) == (1, tags)
    return said


def test_a_tag_that_was_made_here_passes_the_check_of_the_release_workflow(clone: Path) -> None:
    release(clone)
    git(clone, "checkout", "--quiet", "v1.2.3")
    assert release(clone, "--check", "v1.2.3") == (0, "v1.2.3 is this version, with the zip of its source")


def test_a_tag_that_was_made_by_hand_is_refused(clone: Path) -> None:
    git(clone, "tag", "v1.2.4")
    code, said = release(clone, "--check", "v1.2.4")
    assert code == 1
    assert "v1.2.4: pyproject.toml says 1.2.3" in said
    assert f"its commit must add {_ZIP} and nothing else" in said


def test_a_zip_that_is_not_of_its_source_is_refused(clone: Path) -> None:
    (clone / _ZIP).parent.mkdir()
    (clone / _ZIP).write_bytes(b"something else")
    git(clone, "add", "--force", _ZIP)
    commit(clone)
    git(clone, "tag", "v1.2.3")
    code, said = release(clone, "--check", "v1.2.3")
    assert code == 1
    assert f"{_ZIP} is not what its source builds" in said
