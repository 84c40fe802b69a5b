"""An Amazon States Language validator that was not written here: npm's asl-validator."""

import re
import subprocess
from pathlib import Path

import pytest

from workshop import node

# What Terraform fills in; the validator wants an ARN where Step Functions does. `$${` and `%%{` are escapes.
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{(\w+)\}")
_PLACEHOLDERS = {"partition": "aws", "journeys_table": "journeys"}


def filled(definition: str) -> str:
    """Return the JSON that `templatefile` makes of *definition*."""
    return _TEMPLATE.sub(lambda found: _PLACEHOLDERS[found[1]] if found[1] else found[0][1:], definition)


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
    file.write_text(filled(definition), encoding="utf-8")
    answer = subprocess.run([command, "--json-path", file], capture_output=True, text=True, timeout=60, check=False)
    return answer.stdout + answer.stderr if answer.returncode else ""
