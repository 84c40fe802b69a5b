"""Of a module that is taken by an absolute path Terraform has a link only, and yet tells where the zip belongs."""

import shutil
from pathlib import Path

import pytest

from devtools import terraform
from devtools.places import ROOT
from support.module_calls import planned


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project somewhere else, where nobody has built anything."""
    terraform.ensure()
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "modules", folder / "modules")
    (folder / "scripts").mkdir()
    (folder / "scripts" / "build_lambda.py").touch()
    return folder


def test_a_module_taken_by_an_absolute_path_finds_the_zip_that_was_built_in_its_project(
    project: Path, tmp_path: Path
) -> None:
    (project / "build").mkdir()
    (project / "build" / "choreography_insights.zip").write_bytes(b"a zip")
    assert "1 passed, 0 failed" in planned(tmp_path / "root", str(project / "modules" / "insights"))


def test_a_module_taken_by_an_absolute_path_names_the_script_of_its_project(project: Path, tmp_path: Path) -> None:
    told = planned(tmp_path / "root", str(project / "modules" / "insights"))
    assert f"There is no zip at {project / 'build' / 'choreography_insights.zip'}." in told
    assert f"python3 {project / 'scripts' / 'build_lambda.py'};" in told


def test_a_module_without_its_project_asks_for_the_zip_by_name(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / "scripts")
    told = planned(tmp_path / "root", str(project / "modules" / "insights"))
    assert "Build it where you have this project (python3 scripts/build_lambda.py), and name it in lambda_zip." in told
