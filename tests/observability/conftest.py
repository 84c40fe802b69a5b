"""What Terraform would make, and what the functions write; each found once for all tests of this folder."""

from pathlib import Path

import pytest

from devtools import terraform
from devtools.planned import CHOREOGRAPHY, INSIGHTS, Resources, planned, plans
from observability.emitted import Written, written
from support.sharing import once

#: How fine metrics may be.
DETAILS = ("summary", "per_choreography", "per_state")


@pytest.fixture(scope="session")
def of_details(shared: Path) -> dict[str, Resources]:
    """The resources of modules/insights for each level of detail of the metrics."""
    terraform.ensure()
    cases = {detail: {**INSIGHTS, "metrics_detail": detail} for detail in DETAILS}
    return once(shared, "plans-of-insights", lambda: plans("insights", cases))


@pytest.fixture(scope="session")
def insights(of_details: dict[str, Resources]) -> Resources:
    """The resources of modules/insights, as it is if nobody asks for more or less."""
    return of_details["per_choreography"]


@pytest.fixture(scope="session", params=DETAILS)
def detailed(request: pytest.FixtureRequest, of_details: dict[str, Resources]) -> Resources:
    """The same for each level of detail of the metrics."""
    return of_details[request.param]


@pytest.fixture(scope="session")
def choreography(shared: Path) -> Resources:
    """The resources of modules/choreography, for a team that is told of its own."""
    terraform.ensure()
    return once(shared, "plan-of-choreography", lambda: planned("choreography", CHOREOGRAPHY))


@pytest.fixture(scope="session")
def functions() -> Written:
    """The metrics and log lines of both functions."""
    return written()
