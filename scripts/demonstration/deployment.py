"""The complete example on an embedded AWS: applied with the real provider, started, watched, destroyed."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from choreography_insights.local.embedded import EmbeddedAws
from choreography_insights.local.environment import ACCOUNT, REGION
from demonstration.journeys import Journey, stays
from demonstration.scenarios import Scenario
from devtools import terraform
from devtools.console import run


@dataclass(frozen=True, slots=True)
class Workspace:
    """A root module of Terraform, with its state and all else that Terraform writes in a folder of our own."""

    module: Path
    folder: Path
    aws: EmbeddedAws
    variables: Mapping[str, Any] = field(default_factory=dict)
    attachment: Mapping[str, str] = field(default_factory=dict)
    """What attaches Terraform to a provider that runs; without it, Terraform starts its own."""

    @contextmanager
    def attached(self) -> Iterator["Workspace"]:
        """The same workspace with one provider for all commands of a block: each would start it several times."""
        # Each command configures it anew, which it refuses where it trusts certificates of the user's own. The embedded
        # AWS has none.
        settings = {name: text for name, text in self._environment.items() if name != "AWS_CA_BUNDLE"}
        with terraform.shared_provider(settings, self.module) as attachment:
            yield replace(self, attachment=attachment)

    def forget(self) -> None:
        """Remove the state of an earlier run: the AWS that it describes is gone."""
        for name in ("terraform.tfstate", "terraform.tfstate.backup"):
            (self.folder / name).unlink(missing_ok=True)

    def prepare(self) -> None:
        """Let Terraform find the modules and the provider."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run("init", "-no-color")

    def apply(self) -> dict[str, Any]:
        """Create or update everything; return the outputs."""
        self.prepare()
        self.update()
        outputs = json.loads(self._read("output", "-json", self._state))
        return {name: output["value"] for name, output in outputs.items()}

    def update(self) -> None:
        """Apply what has changed since."""
        self._run("apply", "-auto-approve", "-no-color", "-parallelism=20", self._state)

    def plan(self) -> dict[str, Any]:
        """Return a plan of what would change now, as Terraform's JSON says it."""
        plan = str(self.folder / "again.tfplan")
        self._run("plan", "-no-color", self._state, f"-out={plan}")
        document: dict[str, Any] = json.loads(self._read("show", "-json", plan))
        return document

    def differences(self) -> set[str]:
        """Return the addresses of the resources that a plan would change now."""
        lines = map(json.loads, self._read("plan", "-json", self._state).splitlines())
        changes = [line["change"] for line in lines if line["type"] == "planned_change"]
        return {change["resource"]["addr"] for change in changes if change["action"] not in {"noop", "read"}}

    def destroy(self) -> None:
        """Remove everything that was made; nobody else has removed anything of it."""
        self._run("destroy", "-auto-approve", "-no-color", "-parallelism=20", "-refresh=false", self._state)

    @property
    def _state(self) -> str:
        return f"-state={self.folder / 'terraform.tfstate'}"

    @property
    def _environment(self) -> Mapping[str, str]:
        own = {"TF_DATA_DIR": str(self.folder / "data")}
        for name, value in self.variables.items():
            own[f"TF_VAR_{name}"] = value if isinstance(value, str) else json.dumps(value)
        return {**terraform.environment(), **self.aws.environment, **own, **self.attachment}

    def _run(self, *words: str) -> None:
        run(["terraform", *words], cwd=self.module, env=self._environment)

    def _read(self, *words: str) -> str:
        command = ["terraform", *words]
        return subprocess.run(
            command, cwd=self.module, env=self._environment, capture_output=True, text=True, check=True
        ).stdout


@dataclass(frozen=True, slots=True)
class Stage:
    """The deployed example: scenarios are played on it, journeys watched."""

    aws: EmbeddedAws
    outputs: Mapping[str, Any]
    states: Any
    dynamodb: Any

    @classmethod
    def of(cls, aws: EmbeddedAws, outputs: Mapping[str, Any]) -> "Stage":
        """The stage that *outputs* of the complete example describe."""
        return cls(aws, outputs, aws.client("stepfunctions"), aws.client("dynamodb"))

    def play(self, scenario: Scenario) -> None:
        """Start the simulation; the events come with their pauses."""
        arn = self.outputs["simulation_state_machine_arn"]
        self.states.start_execution(stateMachineArn=arn, input=scenario.input)

    def journey(self, choreography: str, entity_id: str) -> Journey:
        """The entity's journey as far as it has come; without stays if it has not begun."""
        arn = self._execution(choreography, entity_id)
        try:
            execution = self.states.describe_execution(executionArn=arn) if arn else None
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            execution = None  # claimed, and about to be started
        if not execution:
            return Journey(choreography, entity_id, "", ())
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        history = [event for page in pages for event in page["events"]]
        error, cause = execution.get("error") or "", execution.get("cause") or ""
        return Journey(choreography, entity_id, execution["status"], stays(history), error, cause)

    def rows(self) -> list[dict[str, Any]]:
        """Every row of the journeys table."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.outputs["journeys_table_name"])
        return [row for page in pages for row in page["Items"]]

    def _execution(self, choreography: str, entity_id: str) -> str | None:
        table = str(self.outputs["journeys_table_name"])
        key = {"journey": {"S": f"{choreography}#{entity_id}"}, "item": {"S": "JOURNEY"}}
        row = self.dynamodb.get_item(TableName=table, Key=key).get("Item", {})
        if "execution" not in row:
            return None
        machine = f"{table.removesuffix('-journeys')}-{choreography}"
        return f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:{row['execution']['S']}"
