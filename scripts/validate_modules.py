#!/usr/bin/env python3
"""Validate the root module, every module and every example, in one run of Terraform.

A warning fails as well: it tells what is deprecated.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devtools import terraform
from devtools.places import BUILD, ROOT
from documents.module_interface import required

FOLDER = BUILD / "terraform" / "everything"


def main() -> int:
    """Validate a root module that takes all modules; return the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "main.tf.json").write_text(json.dumps(root_of(modules())), encoding="utf-8")
    said = _terraform("init") and _terraform("validate")
    return 0 if said == "Success! The configuration is valid." else 1


def _terraform(command: str) -> str:
    """Run a command of Terraform and show what it says; return that, or nothing if it failed."""
    environment = terraform.environment(attached=True)
    done = subprocess.run(
        ["terraform", command, "-no-color"], cwd=FOLDER, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout, flush=True)
    return "" if done.returncode else done.stdout.strip()


def modules() -> set[Path]:
    """The folders of all modules that are for users."""
    places = ("", "modules/*/", "examples/*/", "examples/*/*/")
    return {file.parent for place in places for file in ROOT.glob(f"{place}*.tf")}


def root_of(modules: Iterable[Path]) -> dict[str, Any]:
    """A root module that takes all *modules*; what must be given to them may be anything."""
    calls = {
        "-".join(module.relative_to(ROOT).parts) or "root": {
            "source": os.path.relpath(module, FOLDER),
            **dict.fromkeys(required(module), "${var.anything}"),
        }
        for module in sorted(modules)
    }
    return {"variable": {"anything": {"type": "any"}}, "module": calls}


if __name__ == "__main__":
    sys.exit(main())
