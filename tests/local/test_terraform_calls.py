"""What Terraform asks of AWS and moto does not answer, or answers otherwise."""

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack

ECHO = """
    def handler(event, context):
        return event
"""
POWERTOOLS = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:27"


def test_a_function_may_name_a_layer_of_another_account(stack: Stack) -> None:
    function = stack.function(ECHO, Layers=[POWERTOOLS])
    configuration = stack.client("lambda").get_function_configuration(FunctionName=function)
    assert [layer["Arn"] for layer in configuration["Layers"]] == [POWERTOOLS]
    assert stack.invoke(function, {"still": "runs"}) == {"still": "runs"}


def test_a_layer_of_ones_own_must_be_there(stack: Stack) -> None:
    with pytest.raises(ClientError) as caught:
        stack.function(ECHO, Layers=["arn:aws:lambda:eu-west-1:123456789012:layer:nobody-published-it:1"])
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_saved_log_query_can_be_changed_found_by_its_beginning_and_deleted(stack: Stack) -> None:
    logs = stack.client("logs")
    first = logs.put_query_definition(name="shop/story", queryString="fields @message", logGroupNames=["/aws/lambda/a"])
    other = logs.put_query_definition(name="warehouse/story", queryString="fields @message")
    logs.put_query_definition(name="shop/whole-story", queryString="fields @timestamp", **_identifier(first))

    found = logs.describe_query_definitions(queryDefinitionNamePrefix="shop/")["queryDefinitions"]
    assert [(query["name"], query["queryString"]) for query in found] == [("shop/whole-story", "fields @timestamp")]

    assert logs.delete_query_definition(**_identifier(first))["success"] is True
    assert logs.delete_query_definition(**_identifier(first))["success"] is False
    left = logs.describe_query_definitions()["queryDefinitions"]
    assert [query["queryDefinitionId"] for query in left] == [other["queryDefinitionId"]]
    logs.delete_query_definition(**_identifier(other))


def _identifier(answer: dict[str, str]) -> dict[str, str]:
    return {"queryDefinitionId": answer["queryDefinitionId"]}


def test_a_redrive_policy_comes_back_without_spaces(stack: Stack) -> None:
    sqs = stack.client("sqs")
    dead_letter = sqs.create_queue(QueueName=stack.name("dead-letter"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead_letter, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":5}}'
    queue = sqs.create_queue(QueueName=stack.name("queue"), Attributes={"RedrivePolicy": policy})["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert found["RedrivePolicy"] == policy
