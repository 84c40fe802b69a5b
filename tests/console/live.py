"""Journeys in a table of the embedded AWS, and the function that shows them, deployed as Terraform deploys it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import build_lambda
from choreography_insights.insights.statistics import make_handler
from choreography_insights.local import EmbeddedAws, embedded_aws
from fake_aws import FakeAws, example
from fake_aws.choreographies import MACHINE_ARN_PREFIX
from insights.pictures import picture_row
from insights.streaming import Stream
from local.stack import ROLE, make_role
from support.definitions import EXAMPLES, read
from support.reported import HOSTILE

CHOREOGRAPHY, FUNCTION, TABLE = "car-dealer", "tests-insights", "journeys"
CAR = read(next(folder for folder in EXAMPLES if folder.name == CHOREOGRAPHY))
_AGO = 7_200.0
"""When the first car is announced, in seconds."""
_WAY: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("Car Announced", {}),
    ("Inspection Completed", {"result": "Success"}),
    *((name, {}) for name in ("Car Cleaned", "Car Repaired", "Car Priced", "Car Published", "Car Reserved")),
    *((name, {}) for name in ("Car Sold", "Car Delivered", "Invoice Sent")),
)


def played() -> tuple[FakeAws, Stream]:
    """Play cars that are as far as their number says, and some that are called so that they could do harm."""
    aws = FakeAws(example(f"{CHOREOGRAPHY}/{CHOREOGRAPHY}"))
    aws.clock.advance_to(time.time() - _AGO)
    stream = Stream.of(aws)
    for number in range(1, len(_WAY) + 1):
        for step, (name, detail) in enumerate(_WAY[:number]):
            at = 60.0 * number + 500 * step
            aws.publish(name, f"car-{number}", detail, time=at, delay=at)
    for number, entity in enumerate(HOSTILE):
        aws.publish("Car Announced", entity, time=100, delay=100)
        if number % 2:
            aws.publish("Car Sold", entity, time=200, delay=200)
    aws.run(seconds=_AGO)
    return aws, stream


@contextmanager
def deployed() -> Iterator[EmbeddedAws]:
    """Run an embedded AWS in which all that is there to be seen."""
    journeys, stream = played()
    with embedded_aws() as aws:
        make_role(aws)
        dynamodb = aws.client("dynamodb")
        _make_table(dynamodb)
        rows = [row for items in journeys.table.partitions.values() for row in items.values()]
        for row in [picture_row(CAR), *rows]:
            dynamodb.put_item(TableName=TABLE, Item=row)
        count = make_handler(dynamodb, TABLE)
        for shard, records in stream:
            count({"Records": records, "shardId": shard}, None)
        aws.client("lambda").create_function(
            FunctionName=FUNCTION,
            Role=ROLE,
            Handler="choreography_insights.insights.widget.handler",
            Code={"ZipFile": build_lambda.zip_bytes()},
            Runtime="python3.13",
            Timeout=30,
            Environment={"Variables": {"JOURNEYS_TABLE": TABLE, "STATE_MACHINE_ARN_PREFIX": MACHINE_ARN_PREFIX}},
        )
        yield aws


def _make_table(dynamodb: Any) -> None:
    """Make the table with the indexes that are looked at (modules/insights/table.tf)."""
    kinds = dict.fromkeys(("journey", "item", "at", "since", "deviatedIn"), "S") | {"deviatedAt": "N"}
    included = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name", "time", "deviation"]}
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
        KeySchema=_keys("journey", "item"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "waiting",
                "KeySchema": _keys("at", "since"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {"IndexName": "deviations", "KeySchema": _keys("deviatedIn", "deviatedAt"), "Projection": included},
        ],
    )


def _keys(hashed: str, ranged: str) -> list[dict[str, str]]:
    return [{"AttributeName": hashed, "KeyType": "HASH"}, {"AttributeName": ranged, "KeyType": "RANGE"}]
