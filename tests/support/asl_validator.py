"""An Amazon States Language validator that was not written here: npm's asl-validator."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from devtools import node

# What Terraform fills in; the validator wants an ARN where Step Functions does. `$${` and `%%{` are escapes.
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{(\w+)\}")
_PLACEHOLDERS = {"partition": "aws", "journeys_table": "journeys"}


def filled(definition: str) -> str:
    """Return the JSON that `templatefile` makes of *definition*."""
    return _TEMPLATE.sub(lambda found: _PLACEHOLDERS[found[1]] if found[1] else found[0][1:], definition)


def problems(definitions: Sequence[str], folder: Path) -> list[str]:
    """Return what the validator says against each of *definitions* (templated `definition.asl.json`), "" if nothing.

    It takes far longer to start than to look: all are looked at in one go, and one by one only where something is
    wrong. Skips the test where Node is missing.
    """
    command = node.asl_validator()
    if reason := node.missing_node():
        pytest.skip(reason)
    if not command.exists():
        pytest.skip("node_modules lacks asl-validator (run: python3 scripts/prepare.py tests).")

    def said(files: Sequence[Path]) -> str:
        words = [str(word) for file in files for word in ("--json-path", file)]
        answer = subprocess.run([command, *words], capture_output=True, text=True, check=False)
        return answer.stdout + answer.stderr if answer.returncode else ""

    files = [folder / f"{number}.asl.json" for number in range(len(definitions))]
    for file, definition in zip(files, definitions, strict=True):
        file.write_text(filled(definition), encoding="utf-8")
    return [said([file]) for file in files] if said(files) else [""] * len(files)
