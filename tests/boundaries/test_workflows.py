"""What GitHub runs is pinned by commit, and runs on the versions that are permitted; documents name the version."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from devtools.places import ROOT
from devtools.terraform import MINIMUM

_WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("file", [*_WORKFLOWS, ROOT / "action.yml"], ids=lambda file: file.name)
def test_actions_of_others_are_pinned_by_commit_with_their_version_beside_it(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text(encoding="utf-8"))
    assert [line for line in used if not re.fullmatch(r"\./|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_ci_runs_what_everybody_runs_on_the_oldest_and_on_every_python_that_is_named() -> None:
    job = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]
    assert job["steps"][-1] == {"run": "bash .ci/run"}
    versions = [(one["python"], one["terraform"]) for one in job["strategy"]["matrix"]["include"]]
    named = [line.split(" :: ")[-1] for line in _PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert [python for python, _ in versions] == named
    assert _PROJECT["requires-python"] == f">={named[0]}"
    assert versions[0][1].split(".")[:2] == [str(number) for number in MINIMUM]
    assert versions[-1][1] == "latest"


def test_documents_name_the_version_that_pyproject_says() -> None:
    documents = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
    named = [
        (document.name, version)
        for document in documents
        for version in re.findall(
            r"(?:\?ref=|rev: |choreography-insights@)v([\d.]+\d)", document.read_text(encoding="utf-8")
        )
    ]
    assert {version for _, version in named} == {_PROJECT["version"]}, named
