"""What Terraform would make, and what the functions write; each found once for all tests of this folder."""

from typing import Any

import pytest

from devtools import terraform
from devtools.planned import CHOREOGRAPHY, INSIGHTS, planned
from observability.emitted import Written, written

Resources = dict[str, dict[str, Any]]


#: How fine metrics may be.
DETAILS = ("summary", "per_choreography", "per_state")


@pytest.fixture(scope="session")
def insights() -> Resources:
    """The resources of modules/insights."""
    terraform.ensure()
    return planned("insights", INSIGHTS)


@pytest.fixture(scope="session", params=DETAILS)
def detailed(request: pytest.FixtureRequest) -> Resources:
    """The same for each level of detail of the metrics."""
    terraform.ensure()
    return planned("insights", {**INSIGHTS, "metrics_detail": request.param})


@pytest.fixture(scope="session")
def choreography() -> Resources:
    """The resources of modules/choreography, for a team that is told of its own."""
    terraform.ensure()
    return planned("choreography", CHOREOGRAPHY)


@pytest.fixture(scope="session")
def functions() -> Written:
    """The metrics and log lines of both functions."""
    return written()
