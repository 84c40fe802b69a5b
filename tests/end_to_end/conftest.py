"""The complete example on an embedded AWS, applied once for all end-to-end tests (it takes a minute)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from showcase.deployment import Stage, Workspace

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "complete"


@pytest.fixture(scope="session")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        yield running


@pytest.fixture(scope="session")
def workspace(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(EXAMPLE, tmp_path_factory.mktemp("complete"), aws)


@pytest.fixture(scope="session")
def stage(workspace: Workspace) -> Stage:
    return Stage.of(workspace.aws, workspace.apply())


def messages_on(aws: EmbeddedAws, url: str, kinds: tuple[str, ...] = ("", "NotVisible", "Delayed")) -> int:
    """How many messages there are, whether they can be received now or not."""
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


def dead_letters(stage: Stage) -> dict[str, int]:
    """How many messages each dead-letter queue has that has any."""
    counts = {name: messages_on(stage.aws, url) for name, url in stage.outputs["dead_letter_queue_urls"].items()}
    return {name: count for name, count in counts.items() if count}
