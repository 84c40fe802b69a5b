"""Units are charged as AWS charges them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from benchmarks.metering import Meter
from benchmarks.table_schema import Index, TableSchema, journeys_table
from benchmarks.workloads import ROUNDS
from fake_aws import FakeAws

INDEXED = TableSchema({}, (Index("due", {"shard": "HASH", "at": "RANGE"}, ("held",)),))
Client = Any


def metered(schema: TableSchema | None = None) -> tuple[Client, Meter]:
    aws = FakeAws(ROUNDS)
    meter = Meter.put_into(aws)
    meter.schema = schema or TableSchema({}, ())
    return aws.clients["dynamodb"], meter


def key(item: str) -> dict[str, dict[str, str]]:
    return {"journey": {"S": "order#1"}, "item": {"S": item}}


def row(item: str, size: int, **more: Mapping[str, str]) -> dict[str, Any]:
    """A row of so many bytes, and *more*."""
    names_and_keys = len("journeyorder#1itemtext") + len(item)
    return {**key(item), "text": {"S": "x" * (size - names_and_keys)}, **more}


def put(client: Client, content: Mapping[str, Any], **condition: str) -> None:
    client.put_item(TableName="journeys", Item=content, **condition)


@pytest.mark.parametrize(("size", "units"), [(1024, 1), (1025, 2), (4096, 4)])
def test_a_write_costs_a_unit_for_each_kilobyte_begun(size: int, units: int) -> None:
    client, meter = metered()
    put(client, row("EVENT#1", size))
    assert meter.write_units == units


@pytest.mark.parametrize(("before", "after"), [(100, 3000), (3000, 100)])
def test_a_write_is_charged_for_what_is_larger_the_row_before_or_after(before: int, after: int) -> None:
    client, meter = metered()
    put(client, row("EVENT#1", before))
    meter.units.clear()
    put(client, row("EVENT#1", after))
    assert meter.write_units == 3


def test_each_row_of_a_transaction_costs_double() -> None:
    client, meter = metered()
    actions = [{"Put": {"TableName": "journeys", "Item": row(f"EVENT#{n}", size)}} for n, size in ((1, 100), (2, 2000))]
    client.transact_write_items(TransactItems=actions)
    assert meter.write_units == 2 * 1 + 2 * 2


def test_a_refused_write_costs_what_the_row_has() -> None:
    client, meter = metered()
    put(client, row("EVENT#1", 2000))
    meter.units.clear()
    with suppress(ClientError):
        put(client, row("EVENT#1", 100), ConditionExpression="attribute_not_exists(journey)")
    assert meter.write_units == 2


def test_an_entry_of_an_index_costs_when_it_comes_moves_changes_or_goes() -> None:
    client, meter = metered(INDEXED)
    at = {"shard": {"S": "event-7"}, "at": {"N": "1"}}
    charged = []
    for more in (at, at, {**at, "at": {"N": "2"}}, {**at, "at": {"N": "2"}, "held": {"S": "x"}}, {}):
        before = meter.units["index"]
        put(client, row("EVENT#1", 100, **more))
        charged.append(meter.units["index"] - before)
    assert charged == [1, 0, 2, 1, 1]


@pytest.mark.parametrize(("sizes", "units"), [([], 1), ([4096], 1), ([4097], 2), ([1000, 3096], 1), ([3000, 3000], 2)])
def test_a_query_costs_a_unit_for_each_four_kilobytes_of_all_its_rows(sizes: list[int], units: int) -> None:
    client, meter = metered()
    for number, size in enumerate(sizes):
        put(client, row(f"EVENT#{number}", size))
    client.query(
        TableName="journeys",
        KeyConditionExpression="journey = :journey",
        ExpressionAttributeValues={":journey": {"S": "order#1"}},
        ConsistentRead=True,
    )
    assert (meter.units["reads"], meter.rows_read) == (units, len(sizes))


@pytest.mark.parametrize(("consistent", "units"), [(True, 3), (False, 1.5)])
def test_rows_read_by_their_keys_cost_each_for_itself_and_half_if_they_may_be_old(
    consistent: bool, units: float
) -> None:
    _, meter = metered()
    parameters = {"RequestItems": {"journeys": {"Keys": [key("1"), key("2")], "ConsistentRead": consistent}}}
    meter.read("batch_get_item", parameters, {"Responses": {"journeys": [row("1", 5000)]}})
    assert (meter.units["reads"], meter.rows_read) == (units, 1)


def test_the_tables_schema_is_the_one_that_terraform_makes() -> None:
    schema = journeys_table()
    assert {"journey": "S", "item": "S"}.items() <= schema.types.items()
    assert {name for index in schema.indexes for name in index.keys} <= schema.types.keys()
