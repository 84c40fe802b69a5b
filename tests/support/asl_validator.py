"""An Amazon States Language validator that was not written here: npm's asl-validator."""

import re
import subprocess
from pathlib import Path

import pytest

from workshop import node

# What Terraform fills in; the validator wants an ARN where Step Functions does.
_PLACEHOLDERS = {"partition": "aws", "journeys_table": "journeys"}


def problems(definition: str, folder: Path) -> str:
    """Return what the validator says against *definition* (a templated `definition.asl.json`), "" if nothing.

    Skips the test where Node is missing.
    """
    command = node.asl_validator()
    if reason := node.missing_node():
        pytest.skip(reason)
    if not command.exists():
        pytest.skip("node_modules lacks asl-validator (run: python3 scripts/prepare.py tests).")
    file = folder / "definition.asl.json"
    file.write_text(re.sub(r"\$\{(\w+)\}", lambda found: _PLACEHOLDERS[found[1]], definition), encoding="utf-8")
    answer = subprocess.run([command, "--json-path", file], capture_output=True, text=True, timeout=60, check=False)
    return answer.stdout + answer.stderr if answer.returncode else ""
