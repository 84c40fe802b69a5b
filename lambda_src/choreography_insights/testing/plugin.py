"""The pytest plugin: the fixture `choreography`, and the picture of each journey where a test fails.

pytest loads it in every project where this package is installed, so it imports nothing before it is used.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from choreography_insights.testing.aws import Aws
    from choreography_insights.testing.journey import Journey
    from choreography_insights.testing.playing import Choreography

_JOURNEYS: "pytest.StashKey[list[Journey]]" = pytest.StashKey()

Engine = Literal["replay", "aws"]


@pytest.fixture
def choreography(request: pytest.FixtureRequest) -> "Callable[..., Choreography]":
    """Find a choreography by its name, to play events at: ``choreography("order").play("Order Placed")``.

    Without a name it is the one beside the test; a path leads to one from the test's folder. *engine*: ``"replay"``,
    or ``"aws"`` for the real functions and state machine on an embedded AWS (needs the extra ``local``).
    """
    journeys = request.node.stash.setdefault(_JOURNEYS, [])

    def find_choreography(name: str | Path | None = None, *, engine: Engine = "replay") -> "Choreography":
        from choreography_insights.testing.finding import find  # noqa: PLC0415
        from choreography_insights.testing.playing import Choreography, by_replay  # noqa: PLC0415

        play = request.getfixturevalue("choreography_aws") if engine == "aws" else by_replay
        return Choreography(find(name, request.path, request.config.rootpath), play, journeys.append)

    return find_choreography


@pytest.fixture(scope="session")
def choreography_aws() -> "Iterator[Aws]":
    """The embedded AWS behind ``engine="aws"``; it is started for the first test that asks for it."""
    from choreography_insights.testing.aws import deployed_aws  # noqa: PLC0415

    with deployed_aws() as aws:
        yield aws


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show where the journeys of a failed test went."""
    report = yield
    if call.when == "call" and report.failed:
        journeys = item.stash.get(_JOURNEYS, None) or []
        for number, journey in enumerate(journeys, 1):
            report.sections.append((f"journey {number}", journey.picture()))
    return report
