"""Examples on embedded AWSs, each applied once for all end-to-end tests (it takes a minute).

No test gives up on a slow machine: they wait as long as pytest's timeout lets them, and turn the clock of the embedded
AWS where otherwise they would wait for it.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from demonstration.deployment import Stage, Workspace

from . import routes

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "complete"
VENDING = ROOT / "examples" / "vending"
AWS_EVENTS = ROOT / "examples" / "aws-events"
PARTNER_EVENTS = ROOT / "examples" / "partner-events"
PATIENT = Path(__file__).parent / "patient"

#: The fixture of each stage, and that of the workspace that is applied for it.
_STAGES = {
    "stage": "workspace",
    "vended": "platform",
    "patient": "patient_workspace",
    "ingest": "ingest_workspace",
    "shop_order": "shop_order_workspace",
}
_LOOK_EVERY_SECONDS = 0.2
#: Functions whose calls are given up because the machine is slow only make it slower.
_PATIENCE = 10


@pytest.fixture(scope="session")
def aws() -> Iterator[EmbeddedAws]:
    with embedded_aws(patience=_PATIENCE) as running:
        yield running


@pytest.fixture(scope="session")
def workspace(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(EXAMPLE, tmp_path_factory.mktemp("complete"), aws).attached() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def platform(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(VENDING / "platform", tmp_path_factory.mktemp("platform"), aws).attached() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def teams(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The teams' state, over a copy of the example's folder of choreographies, with those of a third team."""
    folder = tmp_path_factory.mktemp("teams")
    shutil.copytree(VENDING / "choreographies", folder / "choreographies")
    routes.add_to(folder / "choreographies")
    with Workspace(VENDING / "teams", folder, aws, {"folder": str(folder / "choreographies")}).attached() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def patient_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """What is made for long waits, on an embedded AWS of its own: its clock is turned by months."""
    with (
        embedded_aws(patience=_PATIENCE) as aws,
        Workspace(PATIENT, tmp_path_factory.mktemp("patient"), aws).attached() as workspace,
    ):
        yield workspace


@pytest.fixture(scope="session")
def ingest_workspace(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace(AWS_EVENTS, tmp_path_factory.mktemp("ingest"), aws).attached() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def shop_order_workspace(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The partner has made its event source in our account, as it does before anything can be applied."""
    generated = json.loads((PARTNER_EVENTS / "shop-order" / "events.json").read_text("utf-8"))
    [source] = generated["startEvents"][0]["pattern"]["source"]
    aws.client("events").create_partner_event_source(Name=source, Account="123456789012")
    with Workspace(PARTNER_EVENTS, tmp_path_factory.mktemp("shop-order"), aws).attached() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def applied(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Stage]]]:
    """All stages that tests of this run ask for. Applying waits for queues most of the time: all at once."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    workspaces = {stage: request.getfixturevalue(name) for stage, name in _STAGES.items() if stage in wanted}
    after = {"vended": request.getfixturevalue("teams")} if "vended" in wanted else {}
    with ThreadPoolExecutor() as pool:
        yield {stage: pool.submit(_apply, one, after.get(stage)) for stage, one in workspaces.items()}


def _apply(workspace: Workspace, then: Workspace | None) -> Stage:
    stage = Stage.of(workspace.aws, workspace.apply())
    if then:
        assert len(then.apply()["state_machine_arns"]) == 12
    return stage


@pytest.fixture(scope="session")
def stage(applied: Mapping[str, Future[Stage]]) -> Stage:
    """The complete example."""
    return applied["stage"].result()


@pytest.fixture(scope="session")
def vended(applied: Mapping[str, Future[Stage]]) -> Stage:
    """What all teams share, with the choreographies of three teams."""
    stage = applied["vended"].result()
    assert stage.outputs["parameter_name"] == "/choreography-insights/vending-demo"
    return stage


@pytest.fixture(scope="session")
def patient(applied: Mapping[str, Future[Stage]]) -> Stage:
    """A choreography whose events wait for a month."""
    return applied["patient"].result()


@pytest.fixture(scope="session")
def ingest(applied: Mapping[str, Future[Stage]]) -> Stage:
    """The example of events of AWS's services."""
    return applied["ingest"].result()


@pytest.fixture(scope="session")
def shop_order(applied: Mapping[str, Future[Stage]]) -> Stage:
    """The example of a partner's events."""
    return applied["shop_order"].result()


def until(
    is_so: Callable[[], bool], what: Callable[[], Any], *, aws: EmbeddedAws | None = None, turn: float = 0
) -> None:
    """Wait until it *is_so*, and meanwhile turn the clock of *aws* by *turn* seconds each time.

    Only pytest's timeout ends it, and is then told *what* there was instead.
    """
    try:
        while True:
            began = time.monotonic()
            if is_so():
                return
            if aws:
                aws.turn_clock(turn)
            # Not so often that looking is what keeps the machine busy.
            time.sleep(max(_LOOK_EVERY_SECONDS, 6 * (time.monotonic() - began)))
    except pytest.fail.Exception as out_of_time:
        out_of_time.add_note(f"instead there was: {what()!r}")
        raise


def messages_on(aws: EmbeddedAws, url: str, kinds: tuple[str, ...] = ("", "NotVisible", "Delayed")) -> int:
    """How many messages there are, whether they can be received now or not."""
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


def dead_letters(stage: Stage) -> dict[str, int]:
    """How many messages each dead-letter queue has that has any."""
    counts = {name: messages_on(stage.aws, url) for name, url in stage.outputs["dead_letter_queue_urls"].items()}
    return {name: count for name, count in counts.items() if count}
