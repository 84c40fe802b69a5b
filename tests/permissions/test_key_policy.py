"""The key policy that the README of modules/insights asks for, against what services do with the key."""

import json
import re
from typing import Any

import hcl2
import pytest

from devtools.places import ROOT
from support.iam import Request, deciding, is_allowed

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/shop-order"
LOGS, DELIVERY, EVENTS = "logs.eu-west-1.amazonaws.com", "delivery.logs.amazonaws.com", "events.amazonaws.com"


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    """As Terraform's data source would write it."""
    readme = (ROOT / "modules" / "insights" / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r'^(data "aws_iam_policy_document" "key" \{\n.*?^\})$', readme, re.MULTILINE | re.DOTALL)
    (document,) = (body for block in hcl2.loads(text)["data"] for body in block['"aws_iam_policy_document"'].values())
    return {"Version": "2012-10-17", "Statement": [_statement(one) for one in document["statement"]]}


def _statement(block: dict[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(block).replace('\\"', ""))
    conditions: dict[str, dict[str, Any]] = {}
    for one in plain.get("condition", []):
        conditions.setdefault(one["test"], {})[one["variable"]] = one["values"]
    return {
        "Sid": plain["sid"],
        "Effect": "Allow",
        "Action": plain["actions"],
        "Resource": plain["resources"],
        "Principal": {one["type"]: one["identifiers"] for one in plain["principals"]},
        "Condition": conditions,
    }


@pytest.mark.parametrize("action", ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Decrypt"])
def test_logs_of_state_machines_are_delivered(policy: dict[str, Any], action: str) -> None:
    # By analogy: https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-bus-logs.html
    context = {"kms:EncryptionContext:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"}
    assert is_allowed(policy, Request(f"kms:{action}", KEY, context, DELIVERY))
    foreign = {"kms:EncryptionContext:SourceArn": "arn:aws:logs:eu-west-1:444455556666:*"}
    assert not is_allowed(policy, Request(f"kms:{action}", KEY, foreign, DELIVERY))
    assert not is_allowed(policy, Request(f"kms:{action}", KEY, context, "s3.amazonaws.com"))


@pytest.mark.parametrize("action", ["Encrypt", "Decrypt", "ReEncryptFrom", "GenerateDataKey", "DescribeKey"])
def test_log_groups_are_encrypted(policy: dict[str, Any], action: str) -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    context = {"kms:EncryptionContext:aws:logs:arn": GROUP}
    assert is_allowed(policy, Request(f"kms:{action}", KEY, context, LOGS))
    assert not is_allowed(policy, Request(f"kms:{action}", KEY, {}, LOGS))


@pytest.mark.parametrize("action", ["GenerateDataKey", "Decrypt", "DescribeKey"])
def test_rules_reach_encrypted_queues_and_read_an_encrypted_bus(policy: dict[str, Any], action: str) -> None:
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    assert is_allowed(policy, Request(f"kms:{action}", KEY, {"aws:SourceAccount": "111122223333"}, EVENTS))
    assert not is_allowed(policy, Request(f"kms:{action}", KEY, {"aws:SourceAccount": "444455556666"}, EVENTS))


def test_what_else_may_use_the_key_the_account_s_own_policies_say(policy: dict[str, Any]) -> None:
    statement = deciding(policy, Request("kms:Decrypt", KEY, {}, "arn:aws:iam::111122223333:root"))
    assert statement is not None
    assert statement["Sid"] == "Account"
