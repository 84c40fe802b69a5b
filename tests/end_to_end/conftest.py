"""Examples on one embedded AWS, applied once for all end-to-end tests (it takes a minute)."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from showcase.deployment import Stage, Workspace

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "complete"
VENDING = ROOT / "examples" / "vending"


@pytest.fixture(scope="session")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws() as running:
        yield running


@pytest.fixture(scope="session")
def workspace(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(EXAMPLE, tmp_path_factory.mktemp("complete"), aws)


@pytest.fixture(scope="session")
def platform(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(VENDING / "platform", tmp_path_factory.mktemp("platform"), aws)


@pytest.fixture(scope="session")
def teams(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The teams' state, over a copy of the example's folder of choreographies."""
    folder = tmp_path_factory.mktemp("teams")
    shutil.copytree(VENDING / "choreographies", folder / "choreographies")
    return Workspace(VENDING / "teams", folder, aws, {"folder": str(folder / "choreographies")})


@pytest.fixture(scope="session")
def stages(workspace: Workspace, platform: Workspace) -> tuple[Stage, Stage]:
    """The complete example, and what all teams share. Applying waits for queues most of the time: both at once."""
    with ThreadPoolExecutor() as pool:
        complete, shared = pool.map(Workspace.apply, [workspace, platform])
    return Stage.of(workspace.aws, complete), Stage.of(platform.aws, shared)


@pytest.fixture(scope="session")
def stage(stages: tuple[Stage, Stage]) -> Stage:
    return stages[0]


@pytest.fixture(scope="session")
def shared_stage(stages: tuple[Stage, Stage]) -> Stage:
    return stages[1]


def messages_on(aws: EmbeddedAws, url: str, kinds: tuple[str, ...] = ("", "NotVisible", "Delayed")) -> int:
    """How many messages there are, whether they can be received now or not."""
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


def dead_letters(stage: Stage) -> dict[str, int]:
    """How many messages each dead-letter queue has that has any."""
    counts = {name: messages_on(stage.aws, url) for name, url in stage.outputs["dead_letter_queue_urls"].items()}
    return {name: count for name, count in counts.items() if count}
