"""Fixtures for all tests, and what holds for every one of them: no real AWS, no network."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import dynamodb_local as server
from support import exploring
from support.aws_client import AwsClient
from support.aws_client import aws_client as make_aws_client
from support.isolation import NetworkGuard, isolate
from support.log import no_log
from support.sharing import first_alone

if TYPE_CHECKING:
    from choreography_insights.testing.aws import Aws

# The files that take longest, those first: in the order in which they should begin where several workers share them.
_LONGEST = (
    "testgen/test_simulations_on_moto.py",
    "correlation/test_crash_points.py",
    "correlation/test_interleavings.py",
    "console/test_live.py",
    "runtime/test_table.py",
    "protocol/test_model.py",
    "correlation/test_disorder.py",
    "correlation/test_contests.py",
    "local/test_server.py",
    "local/test_terraform.py",
    "journeys/test_random_journeys.py",
    "permissions/test_least_privilege.py",
    "report/test_browser.py",
    "console/test_browser.py",
    "definitions/test_fixtures.py",
    "correlation/test_many_kept.py",
    "correlation/test_scenes_cover.py",
    "definitions/test_refusals.py",
    "report/test_gathering.py",
    "packaging/test_release.py",
    "runtime/test_contention.py",
)

# Set by the process that began the test run, inherited by its xdist workers.
_SHARED = "CHOREOGRAPHY_TESTS_SHARED_FOLDER"
_guard = NetworkGuard()
_TESTS = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Isolate this process before any test module is imported, and say which examples Hypothesis tries."""
    isolate(os.environ)
    _guard.install()
    exploring.choose_examples(config.getoption("--hypothesis-seed"))


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let one worker collect first: what Python compiles then, the others would compile at the same time."""
    if not _is_worker(session):
        return (yield)
    with first_alone(Path(os.environ[_SHARED]), "collected"):
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first, so that no worker is alone with one in the end."""
    if hasattr(config, "workerinput"):
        ranks = {_TESTS / file: rank for rank, file in enumerate(_LONGEST)}
        items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the folder in which the workers of this run share what they make."""
    if not _is_worker(session):
        os.environ[_SHARED] = tempfile.mkdtemp(prefix="choreography-tests-")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the servers once every worker is done."""
    if not _is_worker(session):
        shared = Path(os.environ.pop(_SHARED))
        server.end(shared)
        shutil.rmtree(shared, ignore_errors=True)


def _is_worker(session: pytest.Session) -> bool:
    return hasattr(session.config, "workerinput")


@pytest.fixture(autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    """Fails a test that tried to leave this machine, even if the code under test swallowed the refusal."""
    _guard.take()
    yield _guard
    refused = _guard.take()
    assert not refused, f"the test tried to leave this machine: {', '.join(refused)}"


@pytest.fixture(scope="session")
def aws_client() -> AwsClient:
    """A factory of boto3 clients with dummy credentials: `aws_client("dynamodb", dynamodb_local)`."""
    return make_aws_client


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that all workers of this test run know: what one has made there is for all."""
    return Path(os.environ[_SHARED])


@pytest.fixture(scope="session")
def dynamodb_local(shared: Path) -> str:
    """The address of Amazon's DynamoDB Local, shared by all tests of this run; skips where it cannot run.

    Each access key has tables of its own there.
    """
    if reason := server.lack():
        pytest.skip(reason)
    return server.endpoint(shared)


@pytest.fixture(scope="session")
def aws(choreography_aws: "Aws") -> "Aws":
    """One embedded AWS for all tests of a process that play events at the real thing: that of the pytest plugin."""
    return choreography_aws


@pytest.fixture(name="no_log")
def _no_log() -> Iterator[None]:
    """The functions log nothing: for tests of many runs, which take longer for it."""
    with no_log():
        yield
