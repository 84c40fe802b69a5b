"""One embedded AWS for all tests of this folder that play events at the real thing."""

from collections.abc import Iterator

import pytest

from choreography_insights.testing.aws import Aws, deployed_aws


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    with deployed_aws(early_seconds=60) as running:
        yield running
