"""How long Terraform plans many choreographies, and how long their policies are."""

import json
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from demonstration.deployment import Workspace
from devtools import terraform
from devtools.places import ROOT
from devtools.planned import insights_outputs
from documents.markdown import figures

_SIZES = (10, 100, 300)
_PER_TEAM = 10
#: What the platform's state would have said.
_INSIGHTS = insights_outputs("vending-demo", "eu-west-1:123456789012")


@dataclass(frozen=True, slots=True)
class _Planned:
    """A plan: how long it took, how much it makes, and the longest policy of a role and of a team."""

    seconds: float
    cpu_seconds: float
    resources: int
    role_policy: int
    team_policy: int


def measure() -> str:
    """Plan the vending example's teams with folders of many choreographies."""
    terraform.ensure()
    with embedded_aws() as aws:
        parameter = {"Name": "/choreography-insights/vending-demo", "Value": json.dumps(_INSIGHTS), "Type": "String"}
        aws.client("ssm").put_parameter(**parameter)
        plans = {size: _plan(aws, size) for size in _SIZES}
    return figures(
        ("choreographies", "resources", "seconds", "CPU seconds", "policy of a journeys' role", "policy of a team"),
        [
            (size, one.resources, f"{one.seconds:.0f}", f"{one.cpu_seconds:.0f}", one.role_policy, one.team_policy)
            for size, one in plans.items()
        ],
    )


def _plan(aws: EmbeddedAws, size: int) -> _Planned:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_choreographies(folder / "choreographies", size)
        variables = {"folder": str(folder / "choreographies")}
        workspace = Workspace(ROOT / "examples" / "vending" / "teams", folder, aws, variables)
        workspace.prepare()
        began, cpu = time.monotonic(), _cpu_seconds_of_children()
        document = workspace.plan()
        took, cpu_took = time.monotonic() - began, _cpu_seconds_of_children() - cpu
    changes = [change for change in document["resource_changes"] if change["mode"] == "managed"]
    return _Planned(
        took,
        cpu_took,
        len(changes),
        max(_lengths(changes, "aws_iam_role_policy")),
        max(_lengths(changes, "aws_iam_policy")),
    )


def _write_choreographies(folder: Path, size: int) -> None:
    order = ROOT / "examples" / "order" / "order"
    events = json.loads((order / "events.json").read_text(encoding="utf-8"))
    for number in range(size):
        team, name = f"team{number // _PER_TEAM:02}", f"order{number % _PER_TEAM}"
        target = folder / team / name
        target.mkdir(parents=True)
        (folder / team / "team.yaml").write_text("{}", encoding="utf-8")
        shutil.copy(order / "definition.asl.json", target)
        content = events | {"choreography": f"{team}-{name}"}
        (target / "events.json").write_text(json.dumps(content), encoding="utf-8")


def _lengths(changes: list[dict[str, Any]], kind: str) -> Iterator[int]:
    yield from (len(change["change"]["after"]["policy"]) for change in changes if change["type"] == kind)


def _cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
