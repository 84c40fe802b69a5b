"""DynamoDB's read and write units per event, as DynamoDB Local reports them."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import ClientError

from figures.scenes import SCENES, Play, Scene
from figures.sheet import Sheet
from support import dynamodb_local
from support.aws_client import aws_client
from world import World

_TABLE = "journeys"
#: What AWS charges, and DynamoDB Local does not report: a row in a transaction costs twice as much as alone, and a
#: refused transaction as much as one that is done.
_TRANSACTION_FACTOR = 2


class Metered:
    """A client of the AWS in memory; every call is also made to DynamoDB Local, which says what it costs."""

    def __init__(self, memory: Any, local: Any) -> None:
        self._memory, self._local = memory, local
        self.units: Counter[str] = Counter()

    @classmethod
    def put_into(cls, world: World, local: Any) -> Self:
        """Meter all that happens in *world*."""
        meter = cls(world.dynamodb, local)
        world.clients["dynamodb"] = world.stepfunctions.dynamodb = meter  # type: ignore[assignment]
        return meter

    def get_paginator(self, operation: str) -> Any:
        """The paginator of the memory's client, whose pages come back here."""
        return self._memory.get_paginator(operation)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self._meter(operation, parameters)
            return getattr(self._memory, operation)(**parameters)

        return call

    def _meter(self, operation: str, parameters: dict[str, Any]) -> None:
        try:
            answer = getattr(self._local, operation)(**parameters, ReturnConsumedCapacity="TOTAL")
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            self.units["charged writes"] += _TRANSACTION_FACTOR * len(parameters["TransactItems"])
            return
        if operation == "transact_write_items":
            reported = sum(one["CapacityUnits"] for one in answer["ConsumedCapacity"])
            self.units["writes"] += reported
            self.units["charged writes"] += _TRANSACTION_FACTOR * reported
        else:
            reported = answer["ConsumedCapacity"]["CapacityUnits"]
            for kind in _kinds(operation, parameters):
                self.units[kind] += reported


def _kinds(operation: str, parameters: dict[str, Any]) -> tuple[str, ...]:
    if operation in ("get_item", "query"):
        return ("reads",)
    if parameters["UpdateExpression"].startswith("SET #wait"):
        return ("waits",)
    return "writes", "charged writes"


_KINDS = ("reads", "writes", "charged writes", "waits")


def measure() -> Sheet:
    """Play the same scenes as for the calls."""
    with dynamodb_local_tables() as new_client:
        units = {name: units_per_event(scene, new_client) for name, scene in SCENES.items()}
    return Sheet(
        "DynamoDB units per event",
        "As DynamoDB Local reports them for the calls above, with details of a few bytes (a row of up to 1 KB costs "
        "one write unit; rows of up to 4 KB together one read unit). DynamoDB Local reports a row in a transaction "
        "like one alone and a refused write not at all; AWS charges two units and the full price, so that is the "
        "figure to reckon with. Storing the wait is Step Functions' own write.",
        ("event", "read units", "write units, reported", "write units, as AWS charges", "the same for storing waits"),
        [(name, *(f"{count[kind]:g}" for kind in _KINDS)) for name, count in units.items()],
    )


def units_per_event(scene: Scene, new_client: Callable[[], Any]) -> dict[str, float]:
    """By kind."""
    more, less = _units(scene.play, new_client), _units(scene.without, new_client)
    awaited = units_per_event(next(iter(SCENES.values())), new_client) if scene.more else {}
    return {kind: (more[kind] - less[kind]) / scene.events + awaited.get(kind, 0) for kind in _KINDS}


def _units(play: Play, new_client: Callable[[], Any]) -> Counter[str]:
    meters: list[Metered] = []

    def prepare(world: World) -> None:
        meters.append(Metered.put_into(world, new_client()))

    play.run(prepare)
    return meters[0].units


@contextmanager
def dynamodb_local_tables() -> Iterator[Callable[[], Any]]:
    """Makes clients, each of which has a journeys table of its own."""
    if lack := dynamodb_local.lack():
        raise SystemExit(lack)
    with tempfile.TemporaryDirectory() as folder:
        url = dynamodb_local.endpoint(Path(folder))
        try:
            yield partial(_client_with_table, url, iter(range(1_000_000)))
        finally:
            dynamodb_local.end(Path(folder))


def _client_with_table(url: str, numbers: Iterator[int]) -> Any:
    client = aws_client("dynamodb", url, account=f"units{next(numbers)}")
    client.create_table(
        TableName=_TABLE,
        KeySchema=[{"AttributeName": "journey", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("journey", "item")],
        BillingMode="PAY_PER_REQUEST",
    )
    return client
