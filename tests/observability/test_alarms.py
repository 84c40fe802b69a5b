"""Every alarm watches something that is written, and leads to its runbook."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from devtools.places import ROOT
from devtools.planned import Resources
from observability.emitted import Written
from observability.metrics import NAMES, exists

Metric = tuple[str, str, Mapping[str, str]]
_QUERY = re.compile(
    r'SELECT SUM\((?P<metric>\w+)\) FROM SCHEMA\("(?P<namespace>[\w/]+)", (?P<dimensions>[\w, ]+)\)'
    r" WHERE (?P<by>\w+) = '(?P<value>[^']+)'"
)
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
        (subject, metric)
        for subject, one in [*alarms.items(), *of_one.items()]
        for metric in watched(one)
        if not exists(metric[0], metric[1], tuple(metric[2]), functions)
    ] == []


def watched(alarm: Mapping[str, Any]) -> list[Metric]:
    """Namespace, name and dimensions of each metric that an alarm looks at, by name or by a query."""
    if alarm["metric_name"]:
        return [(alarm["namespace"], alarm["metric_name"], alarm["dimensions"] or {})]
    found: list[Metric] = []
    for query in alarm["metric_query"]:
        found += [(one["namespace"], one["metric_name"], one["dimensions"] or {}) for one in query["metric"]]
        if asked := re.match(_QUERY, query["expression"] or ""):
            dimensions = dict.fromkeys(asked["dimensions"].split(", "), "")
            found.append((asked["namespace"], asked["metric"], dimensions))
            assert asked["value"] in NAMES[asked["by"]]
    assert found, alarm
    return found


def test_every_alarm_watches_something_that_the_module_makes(alarms: Resources) -> None:
    pairs = {pair for one in alarms.values() for _, _, of in watched(one) for pair in of.items() if pair[1]}
    assert [pair for pair in pairs if pair[1] not in NAMES[pair[0]]] == []


def test_an_alarm_that_reckons_does_so_with_metrics_of_its_own_and_has_one_result(alarms: Resources) -> None:
    reckoning = [one["metric_query"] for one in alarms.values() if one["metric_query"]]
    assert len(reckoning) == 5
    for queries in reckoning:
        (result,) = (query for query in queries if query["return_data"])
        used = set(re.findall(r"\b[a-z]\w*", re.sub(r"'[^']*'", "", result["expression"])))
        assert used == {query["id"] for query in queries if query is not result}


def test_every_alarm_leads_to_a_runbook_of_its_own_and_every_runbook_has_an_alarm(alarms: Resources) -> None:
    text = (ROOT / "docs" / "operations-and-design" / "operations.md").read_text(encoding="utf-8")
    (part,) = re.findall(r"^## Runbooks$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^### (.+)$", part, re.MULTILINE) == sorted(alarms)
    for subject, one in alarms.items():
        assert one["alarm_description"].endswith(f" What to do: docs/operations-and-design/operations.md#{subject}")


def test_an_alarm_of_one_choreography_has_the_runbook_of_all(alarms: Resources, of_one: Resources) -> None:
    assert of_one.keys() <= alarms.keys()
    for subject, one in of_one.items():
        assert one["metric_name"].replace("Executions", "Journeys") == alarms[subject]["metric_name"]
        assert one["alarm_description"].endswith(f" What to do: docs/operations-and-design/operations.md#{subject}")
