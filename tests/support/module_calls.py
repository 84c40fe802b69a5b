"""A root module that takes `modules/insights` from somewhere, planned against mocks."""

import json
import subprocess
from pathlib import Path

from devtools import terraform
from devtools.places import ROOT

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


def planned(folder: Path, source: str) -> str:
    """What Terraform says, in one line, of a plan in the new *folder* that takes the module from *source*."""
    folder.mkdir()
    (folder / "main.tf").write_text(_ROOT_MODULE.format(source=json.dumps(source)), encoding="utf-8")
    mocks = json.dumps(str(ROOT / "tests" / "terraform" / "mocks" / "aws"))
    (folder / "planned.tftest.hcl").write_text(_TEST.format(mocks=mocks), encoding="utf-8")
    return _run(folder, "init", "-backend=false") + _run(folder, "test")


def _run(folder: Path, *arguments: str) -> str:
    command = ["terraform", *arguments, "-no-color"]
    environment = terraform.environment(attached=True)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return " ".join((done.stdout + done.stderr).split())
