"""What set-up installs: every package by hash, what pyproject.toml asks for, and from nowhere in particular."""

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from devtools.environments import BOTO3S, CHECKOV, DEMO, DEVELOPMENT, SPARK, UV, ZENSICAL, Environment
from devtools.places import ROOT

_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)[^\n]*(?P<hashes>(?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)$", re.MULTILINE
)
RELEASE = ROOT / "requirements" / "release.txt"
_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(file: Path) -> dict[str, set[str]]:
    """The versions of each package: more than one where platforms or Pythons differ."""
    versions: dict[str, set[str]] = {}
    for found in _PIN.finditer(file.read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(found["name"]), set()).add(found["version"])
    return versions


def asked(groups: Sequence[str], extras: Sequence[str]) -> list[Requirement]:
    """What pyproject.toml asks for: always the project's own needs, and those of the named groups and extras."""
    project = _PROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    for group in groups:
        lines += [line for line in _PROJECT["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    "file",
    [RELEASE, *(one.requirements for one in (DEMO, DEVELOPMENT, SPARK, UV, CHECKOV, ZENSICAL, *BOTO3S))],
    ids=lambda file: file.name,
)
def test_a_requirements_file_holds_nothing_but_hashed_pins(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rest = _PIN.sub("", "\n".join(lines))
    assert rest.strip() == ""


@pytest.mark.parametrize(
    ("file", "groups", "extras"),
    [
        (DEMO.requirements, ["build"], ["local", "console"]),
        (DEVELOPMENT.requirements, ["build", "development"], ["local", "console", "parquet", "snappy", "zstd"]),
        (SPARK.requirements, [], ["spark"]),
    ],
)
def test_the_pins_are_what_pyproject_asks_for(file: Path, groups: list[str], extras: list[str]) -> None:
    pinned = pins(file)
    unmet = [
        str(wish)
        for wish in asked(groups, extras)
        if not any(wish.specifier.filter(pinned.get(canonicalize_name(wish.name), set()), prereleases=True))
    ]
    assert unmet == [], "refresh the pins with: make lock"


@pytest.mark.parametrize(("group", "tool"), [("installer", UV), ("policies", CHECKOV), ("docs", ZENSICAL)])
def test_a_tool_is_pinned_and_weighs_on_nothing_else(group: str, tool: Environment) -> None:
    assert _PROJECT["dependency-groups"][group] == [tool.name]
    assert tool.name in pins(tool.requirements)
    assert tool.name not in pins(DEVELOPMENT.requirements)


def test_the_clients_are_tested_with_lambdas_first_boto3_and_a_newer_one_than_the_tests_have() -> None:
    oldest, newest = (pins(one.requirements) for one in BOTO3S)
    assert _PROJECT["dependency-groups"]["boto3-oldest"] == ["boto3==1.34.145", "botocore==1.34.145"]
    assert (oldest["boto3"], oldest["botocore"]) == ({"1.34.145"}, {"1.34.145"})
    ((newer,), (ours,)) = newest["botocore"], pins(DEVELOPMENT.requirements)["botocore"]
    assert Version(newer) >= Version(ours)


def test_the_demo_has_the_versions_that_the_tests_run_with() -> None:
    demo, development = pins(DEMO.requirements), pins(DEVELOPMENT.requirements)
    assert demo == {name: versions for name, versions in development.items() if name in demo}


def test_npm_packages_are_pinned_exactly_and_locked_by_hash_from_nowhere_in_particular() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert locked.pop("")["devDependencies"] == wanted
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, entry in locked.items() if "resolved" in entry or "integrity" not in entry] == []
