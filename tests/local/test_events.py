"""EventBridge: what rules match and what their targets are sent."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import ACCOUNT_ARN, Stack, eventually


def rule(stack: Stack, bus: str, pattern: dict[str, Any], *targets: dict[str, Any], **settings: Any) -> str:
    """Make a rule on *bus* and return its name."""
    name = stack.name("rule")
    events = stack.client("events")
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern), **settings)
    numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    assert events.put_targets(Rule=name, EventBusName=bus, Targets=numbered)["FailedEntryCount"] == 0
    return name


def bus(stack: Stack) -> str:
    name = stack.name("bus")
    stack.client("events").create_event_bus(Name=name)
    return name


def put(stack: Stack, to: str, **entry: Any) -> str:
    """Put one event and return its id."""
    entry = {"Source": "order", "DetailType": "Order Placed", "Detail": "{}", "EventBusName": to, **entry}
    [put_entry] = stack.client("events").put_events(Entries=[entry])["Entries"]
    return str(put_entry["EventId"])


def test_a_template_wraps_the_whole_event_with_its_own_id_and_an_iso_time(stack: Stack) -> None:
    events, queue = bus(stack), stack.open_queue()
    about = {"name": "order", "entity": "$.detail.id", "events": ['Say "hi"']}
    template = '{"choreography": %s, "event": <aws.events.event.json>}' % json.dumps(about)  # noqa: UP031
    transformer = {"InputTemplate": template}
    rule(stack, events, {"source": ["order"]}, {"Arn": stack.queue_arn(queue), "InputTransformer": transformer})
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    detail = json.dumps({"id": "a/b #1 <é>", "quote": '"'})
    identity = put(stack, events, Detail=detail, Time=moment, Resources=["arn:one"])

    [body] = stack.received(queue)
    assert json.loads(body) == {
        "choreography": about,
        "event": {
            "version": "0",
            "id": identity,
            "detail-type": "Order Placed",
            "source": "order",
            "account": "123456789012",
            "time": "2026-01-02T03:04:05Z",
            "region": "eu-west-1",
            "resources": ["arn:one"],
            "detail": {"id": "a/b #1 <é>", "quote": '"'},
        },
    }


def test_an_event_without_a_time_has_the_time_it_came(stack: Stack) -> None:
    events, queue = bus(stack), stack.open_queue()
    rule(stack, events, {"source": ["order"]}, {"Arn": stack.queue_arn(queue)})
    put(stack, events)
    [body] = stack.received(queue)
    time = json.loads(body)["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)
    assert abs((datetime.fromisoformat(time) - datetime.now(tz=UTC)).total_seconds()) < 30


def test_variables_are_json_outside_of_quotes_and_text_inside(stack: Stack) -> None:
    events, queue = bus(stack), stack.open_queue()
    template = (
        '{"text": "is <id> of <rule>", "value": <id>, "number": <n>, "object": <o>, "missing": <m>, "none": "<m>",'
        ' "rest": <aws.events.event>, "at": <aws.events.event.ingestion-time>}'
    )
    template = template.replace("<rule>", "<aws.events.rule-name>")
    paths = {"id": "$.detail.id", "n": "$.detail.n", "o": "$.detail.o", "m": "$.detail.not.there"}
    target = {
        "Arn": stack.queue_arn(queue),
        "InputTransformer": {"InputTemplate": template, "InputPathsMap": paths},
    }
    name = rule(stack, events, {"source": ["order"]}, target)
    put(stack, events, Detail=json.dumps({"id": "one", "n": 1.5, "o": {"a": [1]}}))
    [body] = stack.received(queue)
    found = json.loads(body)
    assert "detail" not in found.pop("rest")
    assert found.pop("at").endswith("Z")
    assert found == {
        "text": f"is one of {name}", "value": "one", "number": 1.5, "object": {"a": [1]}, "missing": "", "none": "",
    }  # fmt: skip


def test_a_constant_and_a_path_replace_the_event(stack: Stack) -> None:
    events, constant, part = bus(stack), stack.open_queue(), stack.open_queue()
    rule(
        stack,
        events,
        {"source": ["order"]},
        {"Arn": stack.queue_arn(constant), "Input": '{"always": "this"}'},
        {"Arn": stack.queue_arn(part), "InputPath": "$.detail"},
    )
    put(stack, events, Detail='{"id": 1}')
    assert [json.loads(body) for body in stack.received(constant)] == [{"always": "this"}]
    assert [json.loads(body) for body in stack.received(part)] == [{"id": 1}]


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ({"detail-type": [{"anything-but": ["Order Placed"]}]}, {"DetailType": "Order X"}, {}),
        ({"detail-type": [{"anything-but": "Order Placed"}]}, {"DetailType": "Order X"}, {}),
        ({"detail-type": [{"anything-but": {"prefix": "Order"}}]}, {"DetailType": "Car X"}, {}),
        ({"detail-type": [{"prefix": "Order P"}]}, {}, {"DetailType": "Order X"}),
        ({"detail": {"result": ["a", "b"]}}, {"Detail": '{"result": "b"}'}, {"Detail": '{"result": "c"}'}),
        ({"detail": {"result": ["a"]}}, {"Detail": '{"result": ["x", "a"]}'}, {"Detail": '{"result": []}'}),
        ({"detail": {"n": [1]}}, {"Detail": '{"n": 1}'}, {"Detail": '{"n": true}'}),
        ({"detail": {"n": [True]}}, {"Detail": '{"n": true}'}, {"Detail": '{"n": 1}'}),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, {"Detail": '{"n": 5}'}, {"Detail": '{"n": 6}'}),
        ({"detail": {"n": [{"numeric": ["=", 1]}]}}, {"Detail": '{"n": 1.0}'}, {"Detail": '{"n": true}'}),
        ({"detail": {"n": [{"anything-but": [1]}]}}, {"Detail": '{"n": true}'}, {"Detail": '{"n": 1.0}'}),
        ({"detail": {"n": [{"anything-but": [1]}]}}, {"Detail": '{"n": [1, 2]}'}, {"Detail": "{}"}),
        ({"detail": {"id": [{"wildcard": "a*c"}]}}, {"Detail": '{"id": "a\\nc"}'}, {"Detail": '{"id": "c"}'}),
        ({"detail": {"id": [{"exists": True}]}}, {"Detail": '{"id": null}'}, {}),
        ({"detail": {"id": [{"exists": False}]}}, {}, {"Detail": '{"id": 1}'}),
        ({"detail": {"id": [{"suffix": "x"}]}}, {"Detail": '{"id": "ax"}'}, {"Detail": '{"id": "xa"}'}),
        ({"detail": {"id": [{"wildcard": "a*c"}]}}, {"Detail": '{"id": "abc"}'}, {"Detail": '{"id": "abd"}'}),
        ({"detail": {"id": [{"wildcard": ["x*", "a*c"]}]}}, {"Detail": '{"id": "a\\nc"}'}, {"Detail": '{"id": "c"}'}),
        ({"detail": {"id": [{"prefix": ["x", "a"]}]}}, {"Detail": '{"id": "ab"}'}, {"Detail": '{"id": "bx"}'}),
        (
            {"detail": {"id": [{"anything-but": {"prefix": ["x"]}}]}},
            {"Detail": '{"id": "a"}'},
            {"Detail": '{"id": "x"}'},
        ),
        ({"detail": {"id": [{"equals-ignore-case": "aB"}]}}, {"Detail": '{"id": "Ab"}'}, {"Detail": '{"id": "Abc"}'}),
        (
            {"detail": {"items": {"id": [2]}}},
            {"Detail": '{"items": [{"id": 1}, {"id": 2}]}'},
            {"Detail": '{"items": [{"id": 3}]}'},
        ),
        ({"$or": [{"source": ["x"]}, {"detail-type": ["Order Placed"]}]}, {}, {"DetailType": "Order X"}),
    ],
)
def test_a_rule_matches_as_eventbridge_does(
    stack: Stack, pattern: dict[str, Any], matching: dict[str, Any], other: dict[str, Any]
) -> None:
    events, queue = bus(stack), stack.open_queue()
    rule(stack, events, pattern, {"Arn": stack.queue_arn(queue)})
    put(stack, events, **other)
    wanted = put(stack, events, **matching)
    assert [json.loads(body)["id"] for body in stack.received(queue)] == [wanted]
    assert stack.is_empty(queue)


def test_a_disabled_rule_delivers_nothing(stack: Stack) -> None:
    events, queue = bus(stack), stack.open_queue()
    rule(stack, events, {"source": ["order"]}, {"Arn": stack.queue_arn(queue)}, State="DISABLED")
    put(stack, events)
    assert stack.is_empty(queue)


def test_a_queue_that_does_not_let_the_rule_send_gets_nothing_and_the_dead_letter_queue_says_why(stack: Stack) -> None:
    events, closed, dead = bus(stack), stack.queue(), stack.queue()
    target = {"Arn": stack.queue_arn(closed), "DeadLetterConfig": {"Arn": stack.queue_arn(dead)}}
    name = rule(stack, events, {"source": ["order"]}, target)
    identity = put(stack, events)
    assert stack.is_empty(closed)
    answer = stack.client("sqs").receive_message(QueueUrl=dead, MessageAttributeNames=["All"], WaitTimeSeconds=2)
    [message] = answer["Messages"]
    assert json.loads(message["Body"])["id"] == identity
    about = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert about["ERROR_CODE"] == "NO_PERMISSIONS"
    assert about["TARGET_ARN"] == stack.queue_arn(closed)
    assert about["RULE_ARN"] == f"arn:aws:events:{ACCOUNT_ARN}:rule/{events}/{name}"


def test_a_policy_that_names_the_rule_lets_only_that_rule_send(stack: Stack) -> None:
    events, queue, dead = bus(stack), stack.queue(), stack.queue()
    target = {"Arn": stack.queue_arn(queue), "DeadLetterConfig": {"Arn": stack.queue_arn(dead)}}
    named = rule(stack, events, {"source": ["named"]}, target)
    rule(stack, events, {"source": ["other"]}, target)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": stack.queue_arn(queue),
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:{ACCOUNT_ARN}:rule/{events}/{named}"}},
    }
    stack.client("sqs").set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [statement]})}
    )
    put(stack, events, Source="other")
    put(stack, events, Source="named")
    assert [json.loads(body)["source"] for body in stack.received(queue)] == ["named"]
    assert [json.loads(body)["source"] for body in stack.received(dead)] == ["other"]


def test_a_target_that_is_gone_does_not_disturb_the_sender_or_the_other_targets(stack: Stack) -> None:
    events, queue = bus(stack), stack.open_queue()
    gone = stack.queue()
    rule(stack, events, {"source": ["order"]}, {"Arn": stack.queue_arn(gone)}, {"Arn": stack.queue_arn(queue)})
    stack.client("sqs").delete_queue(QueueUrl=gone)
    identity = put(stack, events)
    assert [json.loads(body)["id"] for body in stack.received(queue)] == [identity]


def test_an_event_goes_on_to_another_bus_a_function_and_a_state_machine(stack: Stack) -> None:
    first, second, queue, seen = bus(stack), bus(stack), stack.open_queue(), stack.queue()
    function = stack.function("""
        import boto3, json, os

        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
    """, Environment={"Variables": {"SEEN": seen}})  # fmt: skip
    machine = stack.machine({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}})
    rule(
        stack,
        first,
        {"source": ["order"]},
        {"Arn": f"arn:aws:events:{ACCOUNT_ARN}:event-bus/{second}"},
        {"Arn": f"arn:aws:lambda:{ACCOUNT_ARN}:function:{function}"},
        {"Arn": machine, "RoleArn": "arn:aws:iam::123456789012:role/tests"},
    )
    rule(stack, second, {"source": ["order"]}, {"Arn": stack.queue_arn(queue)})
    identity = put(stack, first)
    assert [json.loads(body)["id"] for body in stack.received(queue)] == [identity]
    assert [json.loads(body)["id"] for body in stack.received(seen)] == [identity]
    steps = stack.client("stepfunctions")
    [execution] = eventually(lambda: steps.list_executions(stateMachineArn=machine)["executions"])
    assert json.loads(stack.ended(execution["executionArn"])["input"])["id"] == identity


@pytest.mark.parametrize("resource", ["events:putEvents", "aws-sdk:eventbridge:putEvents"])
def test_a_state_machine_puts_events_that_reach_the_rules_of_a_custom_bus(stack: Stack, resource: str) -> None:
    events, queue = bus(stack), stack.open_queue()
    rule(stack, events, {"source": ["order"]}, {"Arn": stack.queue_arn(queue)})
    entry: dict[str, Any] = {"DetailType": "Order Placed", "EventBusName": events, "Source": "order"}
    if resource.startswith("aws-sdk"):
        entry["Detail.$"] = "States.JsonToString($)"
    else:
        entry["Detail"] = {"id.$": "$.id"}
    put_state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": {"Entries": [entry]},
        "End": True,
    }
    execution = stack.start(stack.machine({"StartAt": "Put", "States": {"Put": put_state}}), {"id": "1"})
    assert stack.ended(execution)["status"] == "SUCCEEDED"
    [body] = stack.received(queue)
    assert json.loads(body)["detail"] == {"id": "1"}


FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
DONE = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"done": True}, "End": True}}}


@pytest.mark.parametrize(
    ("definition", "status", "rest"),
    [
        (DONE, "SUCCEEDED", {"output": '{"done":true}', "outputDetails": {"included": True}}),
        (FAIL, "FAILED", {"error": "Broken", "cause": "on purpose"}),
        (WAIT | {"TimeoutSeconds": 1}, "TIMED_OUT", {}),
        (WAIT, "ABORTED", {"error": "Stop", "cause": "it"}),
    ],
)
def test_an_execution_tells_the_default_bus_that_it_runs_and_how_it_ended(
    stack: Stack, definition: dict[str, Any], status: str, rest: dict[str, Any]
) -> None:
    queue = stack.open_queue()
    machine = stack.machine(definition)
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine]},
    }
    rule(stack, "default", pattern, {"Arn": stack.queue_arn(queue)})
    execution = stack.start(machine, {"a": 1})
    if status == "ABORTED":
        stack.client("stepfunctions").stop_execution(executionArn=execution, error="Stop", cause="it")
    described = stack.ended(execution)

    running, ended = [json.loads(body) for body in stack.received(queue, count=2)]
    assert (running["resources"], running["account"], running["region"]) == ([execution], "123456789012", "eu-west-1")
    nothing = {"output": None, "outputDetails": None, "error": None, "cause": None}
    same = {
        "executionArn": execution,
        "stateMachineArn": machine,
        "name": execution.rsplit(":", 1)[1],
        "startDate": int(described["startDate"].timestamp() * 1000),
        "input": '{"a": 1}',
        "inputDetails": {"included": True},
    }
    assert running["detail"] == same | nothing | {"status": "RUNNING", "stopDate": None}
    stopped = int(described["stopDate"].timestamp() * 1000)
    assert ended["detail"] == same | nothing | {"status": status, "stopDate": stopped} | rest
    time.sleep(0.2)
    assert stack.is_empty(queue)


@pytest.mark.parametrize("text", ["x" * 300_000, "é" * 150_000], ids=["characters", "bytes"])
def test_an_event_that_is_too_big_for_queue_and_dead_letter_queue_is_lost_and_only_metrics_say_so(
    stack: Stack, text: str
) -> None:
    events = bus(stack)
    queue, dead = (stack.open_queue(MaximumMessageSize=262_144) for _ in range(2))
    target = {"Arn": stack.queue_arn(queue), "DeadLetterConfig": {"Arn": stack.queue_arn(dead)}}
    name = rule(stack, events, {"source": ["order"]}, target)
    put(stack, events, Detail=json.dumps({"text": text}, ensure_ascii=False))
    assert stack.is_empty(queue)
    assert stack.is_empty(dead)
    assert stack.counted("AWS/Events", "FailedInvocations", RuleName=name) == 1
    assert stack.counted("AWS/Events", "InvocationsFailedToBeSentToDlq", RuleName=name) == 1
    assert stack.counted("AWS/Events", "InvocationsSentToDlq", RuleName=name) == 0


def test_an_event_that_is_too_big_for_the_queue_alone_is_on_its_dead_letter_queue(stack: Stack) -> None:
    events, queue, dead = bus(stack), stack.open_queue(MaximumMessageSize=262_144), stack.open_queue()
    target = {"Arn": stack.queue_arn(queue), "DeadLetterConfig": {"Arn": stack.queue_arn(dead)}}
    name = rule(stack, events, {"source": ["order"]}, target)
    put(stack, events, Detail=json.dumps({"text": "x" * 300_000}))
    assert len(json.loads(stack.received(dead)[0])["detail"]["text"]) == 300_000
    assert stack.counted("AWS/Events", "InvocationsSentToDlq", RuleName=name) == 1


def test_a_message_counts_in_bytes_with_its_attributes(stack: Stack) -> None:
    queue = stack.queue(MaximumMessageSize=1024)
    attribute = {"DataType": "String", "StringValue": "v" * 10}
    source_digest = 1024 - len("kindString") - 10
    sqs = stack.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="x" * source_digest, MessageAttributes={"kind": attribute})
    for body in ("x" * (source_digest + 1), "é" * (source_digest // 2 + 1)):
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            sqs.send_message(QueueUrl=queue, MessageBody=body, MessageAttributes={"kind": attribute})


@pytest.mark.parametrize("by_arn", [False, True])
def test_the_bus_of_a_partner_has_slashes_in_its_name(stack: Stack, *, by_arn: bool) -> None:
    partner, queue = f"aws.partner/idp.example/{stack.name('acme')}/audit.logs", stack.open_queue()
    events = stack.client("events")
    events.create_partner_event_source(Name=partner, Account=ACCOUNT_ARN.split(":")[-1])
    arn = events.create_event_bus(Name=partner, EventSourceName=partner)["EventBusArn"]
    called = arn if by_arn else partner
    made = rule(stack, called, {"source": [partner]}, {"Arn": stack.queue_arn(queue)})
    put(stack, called, Source=partner, DetailType="session.start")

    [body] = stack.received(queue)
    assert json.loads(body)["source"] == partner
    [found] = events.list_rules(EventBusName=called)["Rules"]
    assert (found["Name"], found["EventBusName"]) == (made, partner)


def test_the_bus_of_a_partner_has_tags_and_gets_what_the_partner_publishes(stack: Stack) -> None:
    partner, queue = f"aws.partner/idp.example/{stack.name('acme')}/audit.logs", stack.open_queue()
    events = stack.client("events")
    events.create_partner_event_source(Name=partner, Account=ACCOUNT_ARN.split(":")[-1])
    tags = [{"Key": "team", "Value": "a"}]
    arn = events.create_event_bus(Name=partner, EventSourceName=partner, Tags=tags)["EventBusArn"]
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "part", "Value": "b"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "part", "Value": "b"}]

    rule(stack, partner, {"source": [partner]}, {"Arn": stack.queue_arn(queue)})
    events.put_partner_events(Entries=[{"Source": partner, "DetailType": "session.start", "Detail": "{}"}])
    [body] = stack.received(queue)
    assert json.loads(body)["detail-type"] == "session.start"


def test_objects_of_a_bucket_that_says_so_are_events_on_the_default_bus(stack: Stack) -> None:
    s3, elsewhere, queue, other_queue = stack.client("s3"), bus(stack), stack.open_queue(), stack.open_queue()
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": ["inbox-of-objects"]}}}
    rule(stack, "default", pattern, {"Arn": stack.queue_arn(queue)})
    rule(stack, elsewhere, pattern, {"Arn": stack.queue_arn(other_queue)})
    s3.create_bucket(Bucket="inbox-of-objects", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="inbox-of-objects", Key="unheard", Body=b"0")
    said: dict[str, Any] = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="inbox-of-objects", NotificationConfiguration=said)
    told = s3.get_bucket_notification_configuration(Bucket="inbox-of-objects")
    assert {key: value for key, value in told.items() if key != "ResponseMetadata"} == said
    for key in ("runs/1.csv", "runs/2.csv"):
        s3.put_object(Bucket="inbox-of-objects", Key=key, Body=b"12")
    s3.delete_object(Bucket="inbox-of-objects", Key="runs/1.csv")

    events = [json.loads(body) for body in stack.received(queue, count=3)]
    assert len({one["id"] for one in events}) == 3
    assert [(one["detail-type"], one["detail"]["object"]["key"], one["detail"]["reason"]) for one in events] == [
        ("Object Created", "runs/1.csv", "PutObject"),
        ("Object Created", "runs/2.csv", "PutObject"),
        ("Object Deleted", "runs/1.csv", "DeleteObject"),
    ]
    first = events[0]
    assert (first["source"], first["resources"]) == ("aws.s3", ["arn:aws:s3:::inbox-of-objects"])
    assert (first["detail"]["bucket"], first["detail"]["object"]["size"]) == ({"name": "inbox-of-objects"}, 2)
    assert stack.is_empty(other_queue)
