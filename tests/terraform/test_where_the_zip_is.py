"""Of a module that is taken by an absolute path Terraform has a link only, and yet tells where the zip belongs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workshop import terraform
from workshop.places import ROOT

_ROOT_MODULE = """\
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
}}

module "insights" {{
  source      = {source}
  name_prefix = "shop"
}}
"""
_TEST = """\
mock_provider "aws" {{
  source = {mocks}
}}
run "planned" {{
  command = plan
}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project somewhere else, where nobody has built anything."""
    terraform.ensure()
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "modules", folder / "modules")
    (folder / "scripts").mkdir()
    (folder / "scripts" / "build_lambda.py").touch()
    return folder


def planned(folder: Path, source: str) -> str:
    folder.mkdir()
    (folder / "main.tf").write_text(_ROOT_MODULE.format(source=json.dumps(source)), encoding="utf-8")
    mocks = json.dumps(str(ROOT / "tests" / "terraform" / "mocks" / "aws"))
    (folder / "planned.tftest.hcl").write_text(_TEST.format(mocks=mocks), encoding="utf-8")
    return run(folder, "init", "-backend=false") + run(folder, "test")


def run(folder: Path, *arguments: str) -> str:
    command = ["terraform", *arguments, "-no-color"]
    environment = terraform.environment(os.environ)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return " ".join((done.stdout + done.stderr).split())


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
