"""DynamoDB where several write at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack

KEY = {"pk": {"S": "one"}, "sk": {"S": "row"}}


def test_of_many_updates_at_one_time_none_is_lost(stack: Stack) -> None:
    table, _ = stack.table()
    dynamodb = stack.client("dynamodb")

    def add(number: int) -> None:
        dynamodb.update_item(
            TableName=table,
            Key=KEY,
            UpdateExpression="SET #own = :one ADD summed :one",
            ExpressionAttributeNames={"#own": f"own{number}"},
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(100)))
    item = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    assert item["summed"] == {"N": "100"}
    assert len([name for name in item if name.startswith("own")]) == 100


def test_of_transactions_that_claim_one_row_exactly_one_succeeds(stack: Stack) -> None:
    table, _ = stack.table()
    dynamodb = stack.client("dynamodb")

    def claim(number: int) -> bool:
        own = {"pk": {"S": f"claim {number}"}, "sk": {"S": "row"}}
        update = {
            "TableName": table,
            "Key": KEY,
            "UpdateExpression": "SET claimedBy = :n",
            "ConditionExpression": "attribute_not_exists(claimedBy)",
            "ExpressionAttributeValues": {":n": {"N": str(number)}},
        }
        try:
            dynamodb.transact_write_items(
                TransactItems=[{"Put": {"TableName": table, "Item": own}}, {"Update": update}]
            )
        except dynamodb.exceptions.TransactionCanceledException:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        winners = [number for number, won in enumerate(pool.map(claim, range(40))) if won]
    rows = dynamodb.scan(TableName=table)["Items"]
    [claimed] = [row for row in rows if row["pk"] == KEY["pk"]]
    assert winners == [int(claimed["claimedBy"]["N"])]
    assert sorted(row["pk"]["S"] for row in rows) == sorted(["one", f"claim {winners[0]}"])


def test_a_cancelled_transaction_loses_no_write_made_meanwhile_and_leaves_no_trace(stack: Stack) -> None:
    table, stream = stack.table()
    dynamodb = stack.client("dynamodb")
    failing = {
        "TableName": table,
        "Key": KEY,
        "ConditionExpression": "attribute_exists(never)",
    }

    def cancelled(number: int) -> None:
        own = {"pk": {"S": f"trace {number}"}, "sk": {"S": "row"}}
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(
                TransactItems=[{"Put": {"TableName": table, "Item": own}}, {"ConditionCheck": failing}]
            )

    def write(number: int) -> None:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": f"kept {number}"}, "sk": {"S": "row"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: (cancelled if number % 2 else write)(number), range(60)))
    kept = sorted(f"kept {number}" for number in range(0, 60, 2))
    assert sorted(row["pk"]["S"] for row in dynamodb.scan(TableName=table)["Items"]) == kept
    assert sorted(keys_in(stack, stream)) == kept


def keys_in(stack: Stack, stream: str) -> list[str]:
    streams = stack.client("dynamodbstreams")
    [shard] = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in streams.get_records(ShardIterator=iterator)["Records"]]


def test_a_transaction_that_is_sent_again_is_carried_out_once(stack: Stack) -> None:
    table, _ = stack.table()
    dynamodb = stack.client("dynamodb")

    def add(amount: str) -> None:
        update: dict[str, Any] = {
            "TableName": table,
            "Key": KEY,
            "UpdateExpression": "ADD summed :n",
            "ExpressionAttributeValues": {":n": {"N": amount}},
        }
        dynamodb.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken=f"token of {table}")

    add("1")
    add("1")
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"]["summed"] == {"N": "1"}
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        add("2")


def test_an_update_that_fails_leaves_no_row_behind(stack: Stack) -> None:
    table, stream = stack.table()
    dynamodb = stack.client("dynamodb")
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.update_item(
            TableName=table,
            Key=KEY,
            UpdateExpression="SET a = b",  # there is no b
        )
    assert dynamodb.scan(TableName=table)["Items"] == []
    assert keys_in(stack, stream) == []


def test_bytes_of_an_update_in_the_older_form_stay_bytes(stack: Stack) -> None:
    table, _ = stack.table()
    dynamodb = stack.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "picture": {"B": b"old"}})
    updates = {
        "picture": {"Value": {"B": b"\x1f\x8b new"}, "Action": "PUT"},
        "version": {"Value": {"S": "2"}, "Action": "PUT"},
    }
    dynamodb.update_item(TableName=table, Key=KEY, AttributeUpdates=updates)
    item = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    assert item == {**KEY, "picture": {"B": b"\x1f\x8b new"}, "version": {"S": "2"}}


def test_a_query_finds_the_rows_of_its_partition_in_order_in_the_table_and_in_an_index(stack: Stack) -> None:
    dynamodb = stack.client("dynamodb")
    dynamodb.create_table(
        TableName="queried",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "place", "since")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "places",
                "KeySchema": [
                    {"AttributeName": "place", "KeyType": "HASH"},
                    {"AttributeName": "since", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for number in range(24):
        row = {"pk": f"journey {number % 2}", "sk": f"{23 - number:02}"}
        row |= {"place": f"state {number % 3}", "since": f"{number * 7 % 24:02}"} if number % 4 else {}
        dynamodb.put_item(TableName="queried", Item={name: {"S": text} for name, text in row.items()})

    def found(named: str, wanted: str, key: str, **options: Any) -> list[str]:
        pages = dynamodb.get_paginator("query").paginate(
            TableName="queried",
            KeyConditionExpression=f"{named} = :wanted",
            ExpressionAttributeValues={":wanted": {"S": wanted}},
            PaginationConfig={"PageSize": 5},
            **options,
        )
        return [item[key]["S"] for page in pages for item in page["Items"]]

    assert found("pk", "journey 0", "sk") == [f"{at:02}" for at in range(1, 24, 2)]
    assert found("pk", "journey 1", "sk", ScanIndexForward=False) == [f"{at:02}" for at in range(22, -1, -2)]
    assert found("pk", "journey 2", "sk") == []
    since = sorted(f"{number * 7 % 24:02}" for number in range(24) if number % 4 and number % 3 == 1)
    assert found("place", "state 1", "since", IndexName="places") == since
