"""The journeys table on both engines: moto, and Amazon's own DynamoDB Local, which is stricter."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from choreography_insights.runtime.table import JourneyTable


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest, aws_client: Any) -> Iterator[Any]:
    """A DynamoDB client."""
    if request.param == "moto":
        with mock_aws():
            yield aws_client("dynamodb")
    else:
        yield aws_client("dynamodb", request.getfixturevalue("dynamodb_local"))


@pytest.fixture
def table(dynamodb: Any) -> JourneyTable:
    """A new journeys table."""
    return _new_table(dynamodb)


@pytest.fixture
def journeys_on_dynamodb_local(aws_client: Any, dynamodb_local: str) -> JourneyTable:
    """A new journeys table on DynamoDB Local."""
    return _new_table(aws_client("dynamodb", dynamodb_local))


def _new_table(dynamodb: Any) -> JourneyTable:
    """A table as modules/insights makes it."""
    name = f"journeys-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "journey", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "journey", "AttributeType": "S"},
            {"AttributeName": "item", "AttributeType": "S"},
            {"AttributeName": "status", "AttributeType": "S"},
            {"AttributeName": "dueAt", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "overdue",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "dueAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["executionArn"]},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return JourneyTable(dynamodb, name, lambda _seconds: None)
