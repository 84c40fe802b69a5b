"""The log, and the journeys table on both engines: moto, and Amazon's own DynamoDB Local, which is stricter."""

import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from benchmarks.table_schema import journeys_table
from choreography_insights.runtime.log import logger
from choreography_insights.runtime.table import JourneyTable
from support.aws_client import AwsClient


@pytest.fixture(scope="session")
def one_client(aws_client: AwsClient) -> AwsClient:
    """Gives the same client for the same server: to make one takes a tenth of a second."""
    return cache(aws_client)


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest, one_client: AwsClient) -> Iterator[Any]:
    """A DynamoDB client."""
    if request.param == "moto":
        with mock_aws():
            yield one_client("dynamodb")
    else:
        yield one_client("dynamodb", request.getfixturevalue("dynamodb_local"))


@pytest.fixture
def table(dynamodb: Any) -> JourneyTable:
    """A new journeys table."""
    return _new_table(dynamodb)


@pytest.fixture
def journeys_on_dynamodb_local(one_client: AwsClient, dynamodb_local: str) -> JourneyTable:
    """A new journeys table on DynamoDB Local."""
    return _new_table(one_client("dynamodb", dynamodb_local))


def _new_table(dynamodb: Any) -> JourneyTable:
    """A table as modules/insights makes it."""
    name = f"journeys-{uuid.uuid4()}"
    streamed = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
    dynamodb.create_table(**journeys_table().creation(name), **streamed)
    return JourneyTable(dynamodb, name, lambda _seconds: None)


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Gives the log lines since it was last asked, read as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)

    def lines() -> list[dict[str, Any]]:
        text = stream.getvalue()
        stream.seek(0)
        stream.truncate()
        return [json.loads(line) for line in text.splitlines()]

    yield lines
    logging.getLogger(logger.name).removeHandler(handler)
