"""AWS calls as IAM sees them: an action on a resource, and what conditions may ask for."""

from collections.abc import Iterator, Mapping
from typing import Any

from support.iam import Request

_PLACE = "eu-west-1:111122223333"
TABLE = f"arn:aws:dynamodb:{_PLACE}:table/journeys"
STREAM = f"{TABLE}/stream/2026"
BUS = f"arn:aws:events:{_PLACE}:event-bus/tests"
KEY = f"arn:aws:kms:{_PLACE}:key/11111111-2222-3333-4444-555555555555"

#: Who reads which queue, and where Lambda puts places in the stream that a function failed on.
_QUEUES = {"start": "start", "resume": "event"}
_STREAM_DEAD_LETTERS = {"resume": "stream-dead-letter", "statistics": "statistics-dead-letter"}

#: What a transaction's parts are allowed by.
_PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def queue(name: str) -> str:
    """The ARN of a queue."""
    return f"arn:aws:sqs:{_PLACE}:tests-{name}"


def rule(bus: str, name: str) -> str:
    """The ARN of a rule; those of the default bus do not name it."""
    return f"arn:aws:events:{_PLACE}:rule/{'' if bus == 'default' else f'{bus}/'}{name}"


def state_machine(name: str) -> str:
    """The ARN of a state machine."""
    return f"arn:aws:states:{_PLACE}:stateMachine:{name}"


def requests_of(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
    """What a call of boto3 asks of IAM."""
    action = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
    match service, operation:
        case "dynamodb", "transact_write_items":
            for item in parameters["TransactItems"]:
                for part, content in item.items():
                    yield Request(f"dynamodb:{_PARTS[part]}", _table(content["TableName"]))
        case "dynamodb", "batch_get_item":
            yield from (Request(action, _table(name)) for name in parameters["RequestItems"])
        case "dynamodb", _:
            index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
            yield Request(action, _table(parameters["TableName"]) + index)
        case "sqs", _:
            # A batch is allowed by the action of its parts.
            name = parameters["QueueUrl"].rpartition("/")[2]
            yield Request(action.removesuffix("Batch"), f"arn:aws:sqs:{_PLACE}:{name}")
        case "events", "put_events":
            for entry in parameters["Entries"]:
                bus = f"arn:aws:events:{_PLACE}:event-bus/{entry['EventBusName']}"
                yield Request(
                    action, bus, {"events:source": entry["Source"], "events:detail-type": entry["DetailType"]}
                )
        case "stepfunctions", "start_execution":
            yield Request("states:StartExecution", parameters["stateMachineArn"])
        case "stepfunctions", "describe_execution" | "get_execution_history":
            yield Request(action.replace("stepfunctions", "states"), parameters["executionArn"])
        case "stepfunctions", "send_task_success" | "send_task_failure" | "send_task_heartbeat":
            # AWS holds these against the state machine that the token is of: docs/operations-and-design/assumptions.md.
            yield Request(action.replace("stepfunctions", "states"), state_machine("tests-order"))
        case _:
            raise AssertionError(f"nobody has said yet what {service} {operation} asks of IAM")


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{_PLACE}:table/{name}"


# ---- what services do in a role's name --------------------------------------------------------------------------


def of_lambda(function: str) -> Iterator[Request]:
    """What Lambda does to call a function and to write its log.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb.html#events-dynamodb-permissions
    """
    if function in _QUEUES:
        own = queue(_QUEUES[function])
        yield from (Request(f"sqs:{name}", own) for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
    log = f"arn:aws:logs:{_PLACE}:log-group:/aws/lambda/tests-{function}:log-stream:2026/01/01/[$LATEST]1"
    yield from (Request(f"logs:{name}", log) for name in ("CreateLogStream", "PutLogEvents"))
    if function in _STREAM_DEAD_LETTERS:
        for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"):
            yield Request(f"dynamodb:{name}", STREAM)
        yield Request("sqs:SendMessage", queue(_STREAM_DEAD_LETTERS[function]))


def of_lambda_that_traces() -> Iterator[Request]:
    """What Lambda does to write a function's trace."""
    yield from (Request(f"xray:{name}", "*") for name in ("PutTraceSegments", "PutTelemetryRecords"))


def of_lambda_in_a_vpc(owner: str = "111122223333") -> Iterator[Request]:
    """What Lambda does to connect a function with a VPC, whose subnets and security group the account *owner* shares.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    yield from (Request(f"ec2:{name}", "*") for name in ("DescribeNetworkInterfaces", "DescribeSubnets"))
    yield Request("ec2:CreateNetworkInterface", f"arn:aws:ec2:{_PLACE}:network-interface/eni-1")
    for name in ("subnet/subnet-1", "security-group/sg-1"):
        yield Request("ec2:CreateNetworkInterface", f"arn:aws:ec2:eu-west-1:{owner}:{name}")
    for name in ("DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"):
        yield Request(f"ec2:{name}", f"arn:aws:ec2:{_PLACE}:network-interface/eni-1")


def of_step_functions(journey: str) -> Iterator[Request]:
    """What Step Functions does for a journey: write a wait, log, trace.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
    https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
    """
    yield Request("dynamodb:UpdateItem", TABLE, {"dynamodb:LeadingKeys": (journey,)})
    for name in ("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"):
        yield Request(f"logs:{name}", "*")
    for name in ("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"):
        yield Request(f"logs:{name}", "*")
    for name in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"):
        yield Request(f"xray:{name}", "*")


def of_services_that_encrypt(*services: str) -> Iterator[Request]:
    """What DynamoDB, SQS and Step Functions do with a customer managed key in the name of who calls them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    for service in services:
        for name in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"):
            yield Request(f"kms:{name}", KEY, {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"})
