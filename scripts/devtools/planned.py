"""What a module would make, planned by Terraform with a mocked provider: no account, no server, a few seconds."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devtools import terraform
from devtools.places import ROOT

INSIGHTS = {"name_prefix": "shop", "lambda_zip": str(ROOT / "tests" / "terraform" / "stands-for-the-zip")}
_PLACE = "eu-west-1:111122223333"
_MOCKS = ROOT / "tests" / "terraform" / "mocks" / "aws"


def insights_outputs(prefix: str, place: str) -> dict[str, str]:
    """What `modules/insights` gives choreographies, in the region and account *place*."""
    return {
        "name_prefix": prefix,
        "event_bus_name": prefix,
        "event_bus_arn": f"arn:aws:events:{place}:event-bus/{prefix}",
        "console_url": "https://eu-west-1.console.aws.amazon.com",
        "state_machine_arn_prefix": f"arn:aws:states:{place}:stateMachine:{prefix}-",
        "journeys_table_name": f"{prefix}-journeys",
        "journeys_table_arn": f"arn:aws:dynamodb:{place}:table/{prefix}-journeys",
        "start_queue_arn": f"arn:aws:sqs:{place}:{prefix}-start",
        "event_queue_arn": f"arn:aws:sqs:{place}:{prefix}-event",
        "target_dead_letter_queue_arn": f"arn:aws:sqs:{place}:{prefix}-target-dead-letter",
    }


CHOREOGRAPHY = {
    "workflow": str(ROOT / "tests" / "terraform" / "choreographies" / "parcel"),
    "alarm_topic_arn": f"arn:aws:sns:{_PLACE}:parcels",
    "insights": insights_outputs("shop", _PLACE),
}


Resources = dict[str, dict[str, Any]]


def planned(module: str, variables: Mapping[str, Any]) -> Resources:
    """Return what is known before apply of each resource of `modules/<module>`, by address."""
    return plans(module, {"planned": variables})["planned"]


def plans(module: str, cases: Mapping[str, Mapping[str, Any]]) -> dict[str, Resources]:
    """Return the same for several sets of variables, by their names; Terraform starts but once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "modules" / module, folder, dirs_exist_ok=True)
        runs = [_planned_with(case, variables) for case, variables in cases.items()]
        mocked = f'mock_provider "aws" {{\n  source = {json.dumps(str(_MOCKS))}\n}}\n'
        (folder / "planned.tftest.hcl").write_text("".join([mocked, *runs]), encoding="utf-8")
        _run(folder, "init", "-backend=false", "-no-color")
        lines = map(json.loads, _run(folder, "test", "-json", "-verbose").splitlines())
        found = {line["@testrun"]: line["test_plan"] for line in lines if line["type"] == "test_plan"}
    return {
        case: {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}
        for case, plan in found.items()
    }


def _planned_with(case: str, variables: Mapping[str, Any]) -> str:
    given = "\n".join(f"    {variable} = {json.dumps(value)}" for variable, value in variables.items())
    return f'run "{case}" {{\n  command = plan\n  variables {{\n{given}\n  }}\n}}\n'


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=terraform.environment(attached=True),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"terraform {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
