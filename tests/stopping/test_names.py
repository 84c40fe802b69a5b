"""Rules are known by the names that Terraform gives them, and by no others."""

from pathlib import Path

import pytest

from choreography_insights.stopping.names import rule_kind, rule_name_prefix
from devtools import terraform
from devtools.places import ROOT
from devtools.planned import CHOREOGRAPHY, Resources, plans
from support.sharing import once

NAMES = {"shop": "parcel", "a-shop-with-a-long-name": "parcels-sent-around-the-world-in-eighty-days"}


@pytest.fixture(scope="module")
def planned(shared: Path) -> dict[str, Resources]:
    """What modules/choreography would make, by the prefix of its insights."""
    terraform.ensure()
    definition = str(ROOT / "tests/terraform/choreographies/parcel/definition.asl.json")
    long_form = {
        "definition": definition,
        "start_events": [{"pattern": "{}", "events": ["Sent"]}, {"pattern": "{}", "events": ["Posted"]}],
        "events": [{"pattern": "{}", "events": ["Delivered"]}, {"pattern": "{}", "events": ["Lost"]}],
    }
    insights = CHOREOGRAPHY["insights"]
    cases = {
        prefix: {**long_form, "name": name, "insights": {**insights, "name_prefix": prefix}}  # type: ignore[dict-item]
        for prefix, name in NAMES.items()
    }
    return once(shared, "plans-of-long-forms", lambda: plans("choreography", cases))


@pytest.mark.parametrize(("prefix", "name"), NAMES.items())
def test_rules_are_called_as_terraform_calls_them(prefix: str, name: str, planned: dict[str, Resources]) -> None:
    resources = planned[prefix]
    names = [one["name"] for address, one in resources.items() if address.startswith("aws_cloudwatch_event_rule")]
    assert all(one.startswith(rule_name_prefix(prefix, name)) for one in names)
    kinds = sorted(rule_kind(prefix, name, one) or "none" for one in names)
    assert kinds == ["events", "events", "start", "start"]


@pytest.mark.parametrize("rule", ["shop-order-2-start", "shop-order-start-events", "shop-order-", "shop-orders-start"])
def test_rules_of_choreographies_with_a_like_name_are_left_alone(rule: str) -> None:
    assert rule_kind("shop", "order", rule) is None
