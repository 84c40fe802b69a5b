"""Fixtures for all tests, and what holds for every one of them: no real AWS, no network."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from support import dynamodb_local as server
from support.isolation import REGION, NetworkGuard, isolate

# Set by the process that began the test run, inherited by its xdist workers.
_SHARED = "CHOREOGRAPHY_TESTS_SHARED_FOLDER"
_guard = NetworkGuard()


def pytest_configure() -> None:
    """Isolate this process before any test module is imported."""
    isolate(os.environ)
    _guard.install()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the folder in which the workers of this run share their servers."""
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


class AwsClient(Protocol):
    """Makes boto3 clients with dummy credentials; *account* keeps tests apart where the server knows access keys."""

    def __call__(self, service: str, endpoint_url: str | None = None, *, account: str = "testing") -> Any:
        """Return a client of *service*, for the server at *endpoint_url* if given."""


@pytest.fixture(scope="session")
def aws_client() -> AwsClient:
    """A factory of boto3 clients: `aws_client("dynamodb", dynamodb_local)`."""

    def make(service: str, endpoint_url: str | None = None, *, account: str = "testing") -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=endpoint_url,
            region_name=REGION,
            aws_access_key_id=account,
            aws_secret_access_key="testing",
            config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}),
        )

    return make


@pytest.fixture(scope="session")
def dynamodb_local() -> str:
    """The address of Amazon's DynamoDB Local, shared by all tests of this run; skips where it cannot run.

    Each access key has tables of its own there.
    """
    if reason := server.lack():
        pytest.skip(reason)
    return server.endpoint(Path(os.environ[_SHARED]))
