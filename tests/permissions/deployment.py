"""The policies of a whole deployment, as Terraform makes them: `terraform test` with a provider that stands for AWS."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devtools import terraform
from devtools.places import ROOT
from support.sharing import once

_TESTS = "-test-directory=tests/permissions"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a module: `module.insights`, or of one of its instances: `module.choreography["order"]`."""

    module: str
    kind: str
    name: str
    key: str
    values: Mapping[str, Any]

    def document(self, attribute: str) -> dict[str, Any]:
        """A policy that it has."""
        document: dict[str, Any] = json.loads(self.values[attribute])
        return document


@dataclass(frozen=True, slots=True)
class Deployment:
    """Every resource of a run of deployed.tftest.hcl."""

    resources: tuple[Resource, ...]

    def of(self, kind: str, name: str | None = None, module: str = "") -> dict[str, Resource]:
        """The resources of a kind, by key or, where there is none, by module."""
        return {
            one.key or one.module: one
            for one in self.resources
            if one.kind == kind and name in (None, one.name) and one.module.startswith(module)
        }

    def role_policy(self, module: str, key: str = "") -> dict[str, Any]:
        """The policy of a role."""
        return self.of("aws_iam_role_policy", module=module)[key or module].document("policy")


def deployments(shared: Path) -> dict[str, Deployment]:
    """Every run of deployed.tftest.hcl, by its name; made once by the workers that know the folder *shared*."""
    states = once(shared, "states-of-deployments", lambda: _states(shared / "terraform"))
    return {run: Deployment(tuple(_resources("", state["root_module"]))) for run, state in states.items()}


def _states(folder: Path) -> dict[str, Any]:
    terraform.ensure()
    variables = terraform.environment(attached=True) | {"TF_DATA_DIR": str(folder)}
    _run(["terraform", "init", "-backend=false", "-no-color", _TESTS], variables)
    told = _run(["terraform", "test", "-json", "-verbose", _TESTS], variables)
    lines = [json.loads(line) for line in told.splitlines()]
    return {line["@testrun"]: line["test_state"] for line in lines if line["type"] == "test_state"}


def _run(command: list[str], variables: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=280)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _resources(address: str, module: Mapping[str, Any]) -> Iterator[Resource]:
    for one in module.get("resources", []):
        if one["mode"] == "managed":
            yield Resource(address, one["type"], one["name"], str(one.get("index", "")), one["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child["address"], child)
