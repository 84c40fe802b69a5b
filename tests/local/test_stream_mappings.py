"""Event source mappings of table streams: read as Lambda reads them."""

import json
import time
from pathlib import Path
from typing import Any

from local.stack import Stack, eventually

# Hands each batch on to the queue in the environment, and then does what its new images say.
REPORTER = """
    import boto3, json, os, time
    sqs = boto3.client("sqs")

    def handler(event, context):
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event["Records"]))
        told = [r["dynamodb"].get("NewImage", {}).get("do", {}).get("S") for r in event["Records"]]
        while os.environ["UNTIL"] and not os.path.exists(os.environ["UNTIL"]):
            time.sleep(0.01)
        if "raise" in told:
            raise ValueError("asked to")
        failures = [r["dynamodb"]["SequenceNumber"] for r, do in zip(event["Records"], told) if do == "fail"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failures]}
"""


def reporter(stack: Stack, until: str = "") -> tuple[str, str]:
    """Make a function and the queue of what it has seen; it answers when there is a file called *until*."""
    seen = stack.queue()
    return stack.function(REPORTER, Environment={"Variables": {"SEEN": seen, "UNTIL": until}}, Timeout=60), seen


def put(stack: Stack, table: str, key: str, **attributes: str) -> None:
    item = {"pk": key, "sk": "row", **attributes}
    stack.client("dynamodb").put_item(TableName=table, Item={name: {"S": value} for name, value in item.items()})


def keys_seen(stack: Stack, seen: str, *, batches: int, seconds: float = 15) -> list[list[str]]:
    found = [json.loads(batch) for batch in stack.received(seen, count=batches, seconds=seconds)]
    return [[record["dynamodb"]["Keys"]["pk"]["S"] for record in batch] for batch in found]


def enable(stack: Stack, uuid: str, **settings: Any) -> None:
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True, **settings)


def test_a_record_has_the_form_that_lambda_gives_it(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    put(stack, table, "one", colour="red")
    stack.client("dynamodb").update_item(
        TableName=table,
        Key={"pk": {"S": "one"}, "sk": {"S": "row"}},
        UpdateExpression="SET colour = :c ADD kept :k",
        ExpressionAttributeValues={":c": {"S": "blue"}, ":k": {"SS": ["a"]}},
    )
    stack.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "one"}, "sk": {"S": "row"}})
    stack.map(stream, function, StartingPosition="TRIM_HORIZON")

    [batch] = [json.loads(body) for body in stack.received(seen)]
    assert [record["eventName"] for record in batch] == ["INSERT", "MODIFY", "REMOVE"]
    modified = batch[1]
    data = modified.pop("dynamodb")
    assert modified.pop("eventID")
    assert modified == {
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": stream,
    }
    assert abs(data.pop("ApproximateCreationDateTime") - time.time()) < 60
    assert data.pop("SizeBytes") > 0
    assert int(data.pop("SequenceNumber")) > int(batch[0]["dynamodb"]["SequenceNumber"])
    assert data == {
        "Keys": {"pk": {"S": "one"}, "sk": {"S": "row"}},
        "NewImage": {"pk": {"S": "one"}, "sk": {"S": "row"}, "colour": {"S": "blue"}, "kept": {"SS": ["a"]}},
        "OldImage": {"pk": {"S": "one"}, "sk": {"S": "row"}, "colour": {"S": "red"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }


def test_latest_begins_with_what_comes_after_the_mapping(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    put(stack, table, "before")
    stack.map(stream, function, StartingPosition="LATEST")
    put(stack, table, "after")
    assert keys_seen(stack, seen, batches=1) == [["after"]]


def test_batches_are_in_order_and_no_larger_than_the_mapping_says(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    for number in range(5):
        put(stack, table, str(number))
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=2)
    assert keys_seen(stack, seen, batches=3) == [["0", "1"], ["2", "3"], ["4"]]


def test_several_batches_at_a_time_keep_what_has_one_key_in_order(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    for number in range(12):
        put(stack, table, f"{number % 3}", number=str(number))
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=2, ParallelizationFactor=4)
    batches: list[list[dict[str, Any]]] = []
    while sum(map(len, batches)) < 12:  # a reading brings eight, which may leave a batch of one
        batches += [json.loads(body) for body in stack.received(seen)]
    assert all(len(batch) <= 2 for batch in batches)
    handed = [record["dynamodb"]["NewImage"] for batch in batches for record in batch]
    for key in range(3):
        numbers = [int(image["number"]["S"]) for image in handed if image["pk"]["S"] == str(key)]
        assert numbers == list(range(key, 12, 3))


def test_one_key_that_fails_does_not_hold_up_all_others(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    for key in "abcdefgh":
        put(stack, table, key, do="raise" if key == "a" else "well")
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=1, ParallelizationFactor=10)
    batches = keys_seen(stack, seen, batches=12)
    assert len({key for batch in batches for key in batch}) >= 5
    assert batches.count(["a"]) > 1


def test_only_records_that_match_the_filter_invoke_the_function(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table(view="NEW_IMAGE")
    pattern = {"dynamodb": {"Keys": {"sk": {"S": ["JOURNEY"]}}, "NewImage": {"kept": {"SS": [{"exists": True}]}}}}
    image = {"t": {"S": [{"exists": True}]}}
    of_waits = {"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "WAIT#"}]}}, "NewImage": image}}
    filters = {"Filters": [{"Pattern": json.dumps(one)} for one in (pattern, of_waits)]}
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=1, FilterCriteria=filters)
    dynamodb = stack.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "without"}, "sk": {"S": "JOURNEY"}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "other"}, "sk": {"S": "x"}, "kept": {"SS": ["a"]}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "wanted"}, "sk": {"S": "JOURNEY"}, "kept": {"SS": ["a"]}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "wait"}, "sk": {"S": "WAIT#1"}, "t": {"S": "token"}})
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "wait"}, "sk": {"S": "WAIT#1"}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "last"}, "sk": {"S": "WAIT#2"}, "t": {"S": "token"}})
    assert sorted(keys_seen(stack, seen, batches=3)) == [["last"], ["wait"], ["wanted"]]
    assert stack.is_empty(seen)


def test_a_batch_that_fails_is_bisected_until_the_bad_record_is_alone_and_given_up(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    given_up = stack.queue()
    for number in range(4):
        put(stack, table, str(number), do="raise" if number == 2 else "well")
    stack.map(
        stream,
        function,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": stack.queue_arn(given_up)}},
    )
    assert keys_seen(stack, seen, batches=6) == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["2"], ["3"]]
    [failure] = [json.loads(body) for body in stack.received(given_up)]
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 2
    assert failure["responseContext"]["functionError"] == "Unhandled"
    info = failure["DDBStreamBatchInfo"]
    assert (info["batchSize"], info["streamArn"]) == (1, stream)
    assert info["startSequenceNumber"] == info["endSequenceNumber"]


def test_a_reported_failure_is_tried_again_from_the_first_record_that_failed(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    for number in range(4):
        put(stack, table, str(number), do="fail" if number == 1 else "well")
    stack.map(
        stream,
        function,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert keys_seen(stack, seen, batches=2) == [["0", "1", "2", "3"], ["1", "2", "3"]]
    put(stack, table, "next")
    assert keys_seen(stack, seen, batches=1) == [["next"]]


def test_records_behind_a_failing_batch_wait_for_it(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    put(stack, table, "bad", do="raise")
    uuid = stack.map(stream, function, StartingPosition="TRIM_HORIZON", BatchSize=1)
    put(stack, table, "next")
    assert keys_seen(stack, seen, batches=3)[:3] == [["bad"], ["bad"], ["bad"]]
    stack.client("lambda").update_event_source_mapping(UUID=uuid, MaximumRetryAttempts=0)
    eventually(lambda: ["next"] in keys_seen(stack, seen, batches=1))


def test_a_mapping_that_is_disabled_goes_on_where_it_was(stack: Stack, tmp_path: Path) -> None:
    """It ends the batch that the function has, and does not hand it out again."""
    function, seen = reporter(stack, until=str(tmp_path / "disabled"))
    table, stream = stack.table()
    uuid = stack.map(stream, function, StartingPosition="LATEST")
    put(stack, table, "one")
    assert keys_seen(stack, seen, batches=1) == [["one"]]
    stack.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    (tmp_path / "disabled").touch()
    put(stack, table, "two")
    time.sleep(0.5)
    assert stack.is_empty(seen)
    enable(stack, uuid)
    assert keys_seen(stack, seen, batches=1) == [["two"]]


def test_a_change_that_changes_nothing_has_no_record_and_a_new_row_has_one(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    update: dict[str, Any] = {
        "TableName": table,
        "Key": {"pk": {"S": "new"}, "sk": {"S": "row"}},
        "UpdateExpression": "SET colour = :c",
        "ExpressionAttributeValues": {":c": {"S": "red"}},
    }
    stack.client("dynamodb").update_item(**update)
    stack.client("dynamodb").update_item(**update)
    stack.map(stream, function, StartingPosition="TRIM_HORIZON")
    [[record]] = [json.loads(body) for body in stack.received(seen)]
    assert record["dynamodb"]["NewImage"]["colour"] == {"S": "red"}


def test_bytes_are_in_base64(stack: Stack) -> None:
    function, seen = reporter(stack)
    table, stream = stack.table()
    item = {"pk": {"S": "one"}, "sk": {"S": "row"}, "picture": {"B": b"\x1f\x8b\x00"}}
    stack.client("dynamodb").put_item(TableName=table, Item=item)
    pattern = json.dumps({"dynamodb": {"NewImage": {"picture": {"B": ["H4sA"]}}}})
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    [batch] = [json.loads(body) for body in stack.received(seen)]
    assert batch[0]["dynamodb"]["NewImage"]["picture"] == {"B": "H4sA"}


# Answers with what is in the environment, having handed on all but the records.
WINDOWED = """
    import boto3, json, os
    sqs = boto3.client("sqs")

    def handler(event, context):
        told = {**event, "Records": len(event["Records"])}
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(told))
        return json.loads(os.environ["ANSWER"])
"""


def windowed(stack: Stack, answer: str) -> tuple[str, str]:
    seen = stack.queue()
    return stack.function(WINDOWED, Environment={"Variables": {"SEEN": seen, "ANSWER": answer}}), seen


def test_a_function_with_a_tumbling_window_is_told_of_it_and_of_its_shard(stack: Stack) -> None:
    function, seen = windowed(stack, '{"state": {}}')
    table, stream = stack.table()
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=900)
    put(stack, table, "one")
    [told] = [json.loads(body) for body in stack.received(seen)]
    window = told.pop("window")
    assert (window["start"][13:], window["end"][13:]) != ("", "")
    assert told == {
        "Records": 1,
        "state": {},
        "shardId": "shardId-00000001541626099285-f35f62ef",
        "eventSourceARN": stream,
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def test_a_function_with_a_tumbling_window_has_failed_if_it_answers_no_state(stack: Stack) -> None:
    function, seen = windowed(stack, "{}")
    table, stream = stack.table()
    settings = {"TumblingWindowInSeconds": 900, "MaximumRetryAttempts": 1}
    stack.map(stream, function, StartingPosition="TRIM_HORIZON", **settings)
    put(stack, table, "one")
    assert [json.loads(body)["Records"] for body in stack.received(seen, count=2)] == [1, 1]
