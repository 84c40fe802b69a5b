"""What is read of deployed rules is what `events.json` said when Terraform made them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from choreography_insights.stopping.deployed import rules_told
from devtools import terraform
from devtools.places import ROOT
from devtools.planned import CHOREOGRAPHY, Resources, plans
from support.definitions import generated

_GOOD = ROOT / "tests" / "definitions" / "good"
_OF_ALL = {"name", "stateMachineArn", "earlySeconds", "settleSeconds", "unexpected", "timeoutSeconds", "reads"}


class Events:
    """EventBridge with the rules that Terraform plans; it answers one at a time."""

    def __init__(self, resources: Resources) -> None:
        self.rules = _of_type(resources, "aws_cloudwatch_event_rule")
        self.targets = _of_type(resources, "aws_cloudwatch_event_target")

    def list_rules(self, *, EventBusName: str, NamePrefix: str, NextToken: str = "0") -> Mapping[str, Any]:
        assert EventBusName == "shop"
        found = [one for one in self.rules if one["name"].startswith(NamePrefix)]
        rule, at = found[int(NextToken)], int(NextToken) + 1
        told = {"Rules": [{"Name": rule["name"], "EventPattern": rule["event_pattern"]}]}
        return {**told, **({"NextToken": str(at)} if at < len(found) else {})}

    def list_targets_by_rule(self, *, Rule: str, EventBusName: str) -> Mapping[str, Any]:
        assert EventBusName == "shop"
        ((target,),) = [one["input_transformer"] for one in self.targets if one["rule"] == Rule]
        return {"Targets": [{"InputTransformer": {"InputTemplate": target["input_template"]}}]}


def _of_type(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [one for address, one in resources.items() if address.startswith(f"{kind}.")]


def test_rules_that_terraform_made_are_read_as_they_were_generated(tmp_path: Path) -> None:
    terraform.ensure()
    cases = {name: tmp_path / name for name in ("retired-events", "one-name-for-all-events", "events-of-one-kind")}
    for name, folder in cases.items():
        folder.mkdir()
        for file, text in {**generated(_GOOD / name), "workflow.yaml": _text(_GOOD / name)}.items():
            if "/" not in file:
                (folder / file).write_text(text, encoding="utf-8")
    found = plans("choreography", {name: {**CHOREOGRAPHY, "workflow": str(folder)} for name, folder in cases.items()})
    for name, folder in cases.items():
        told = json.loads((folder / "events.json").read_text(encoding="utf-8"))
        rules = [*rules_told(Events(found[name]), "shop", told["choreography"], "shop")]
        for kind, key in (("start", "startEvents"), ("events", "events")):
            own = [
                {part: said for part, said in rule.items() if part not in _OF_ALL} for of, rule in rules if of == kind
            ]
            assert own == told[key]
        assert {rule["name"] for _, rule in rules} == {told["choreography"]}


def _text(folder: Path) -> str:
    return (folder / "workflow.yaml").read_text(encoding="utf-8")
