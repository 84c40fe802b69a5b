"""Every alarm watches something that is written, and leads to its runbook."""

import re

import pytest

from observability.conftest import Resources
from observability.emitted import Written
from observability.metrics import NAMES, exists
from workshop.places import ROOT

_ADDRESS = re.compile(r'aws_cloudwatch_metric_alarm\.this\["(?P<subject>[^"]+)"\]')


@pytest.fixture(scope="session")
def alarms(insights: Resources) -> Resources:
    """By what they watch."""
    return {found["subject"]: one for address, one in insights.items() if (found := re.fullmatch(_ADDRESS, address))}


@pytest.fixture(scope="session")
def of_one(choreography: Resources) -> Resources:
    """Those of a single choreography, by what they watch."""
    return {
        found["subject"]: one for address, one in choreography.items() if (found := re.fullmatch(_ADDRESS, address))
    }


def test_every_alarm_watches_a_metric_that_somebody_writes(
    alarms: Resources, of_one: Resources, functions: Written
) -> None:
    assert len(of_one) == 3
    assert [
        subject
        for subject, one in [*alarms.items(), *of_one.items()]
        if not exists(one["namespace"], one["metric_name"], tuple(one["dimensions"]), functions)
    ] == []


def test_every_alarm_watches_something_that_the_module_makes(alarms: Resources) -> None:
    pairs = {pair for one in alarms.values() for pair in one["dimensions"].items()}
    assert [pair for pair in pairs if pair[1] not in NAMES[pair[0]]] == []


def test_every_alarm_leads_to_a_runbook_of_its_own_and_every_runbook_has_an_alarm(alarms: Resources) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (part,) = re.findall(r"^## Runbooks$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^### (.+)$", part, re.MULTILINE) == sorted(alarms)
    for subject, one in alarms.items():
        assert one["alarm_description"].endswith(f" What to do: docs/operations.md#{subject}")


def test_an_alarm_of_one_choreography_has_the_runbook_of_all(alarms: Resources, of_one: Resources) -> None:
    assert of_one.keys() <= alarms.keys()
    for subject, one in of_one.items():
        assert one["metric_name"] == alarms[subject]["metric_name"]
        assert one["alarm_description"].endswith(f" What to do: docs/operations.md#{subject}")
