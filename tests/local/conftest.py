"""One embedded AWS for all tests of this folder that run in one process; each test makes what it needs in its stack."""

from collections.abc import Iterator

import pytest

from choreography_insights.local import EmbeddedAws, embedded_aws
from local.stack import Stack, make_role


@pytest.fixture(scope="session")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        make_role(running)
        yield running


@pytest.fixture
def stack(aws: EmbeddedAws) -> Iterator[Stack]:
    """What one test deploys, under names that no other test has; mappings are deleted after it."""
    deployed = Stack(aws)
    yield deployed
    deployed.delete_mappings()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run Terraform first: it takes the longest, and the other workers do the rest meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_terraform.py")
