"""Terraform with the real AWS provider: what it deploys, it finds again, and what it destroys is gone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devtools import terraform
from local.stack import Stack, zipped

CONFIGURATION = Path(__file__).parent / "everything" / "main.tf"


def test_terraform_applies_finds_no_difference_and_destroys(stack: Stack, tmp_path: Path) -> None:
    terraform.ensure()
    shutil.copy(CONFIGURATION, tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(zipped("handler = lambda event, context: event"))
    variables = terraform.environment(os.environ) | stack.aws.environment | {"TF_VAR_package": str(package)}

    def run(*arguments: str) -> str:
        finished = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=tmp_path,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        if finished.returncode:
            pytest.fail(f"terraform {' '.join(arguments)}: exit code {finished.returncode}\n{finished.stdout}")
        return finished.stdout

    run("init")
    assert "Apply complete! Resources: 21 added" in run("apply", "-auto-approve")
    assert stack.invoke("everything", "well") == "well"
    assert "No changes." in run("plan", "-detailed-exitcode")
    assert "Destroy complete! Resources: 21 destroyed." in run("destroy", "-auto-approve")
