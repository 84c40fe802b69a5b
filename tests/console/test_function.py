"""Calls of the function, and what AWS's refusals mean."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    TokenRetrievalError,
)

from choreography_insights.console import function as function_module
from choreography_insights.console.function import Function, deployed
from choreography_insights.console.trouble import Trouble

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights"


class Lambda:
    """Stands for boto3's client: answers, or raises, as a test says."""

    def __init__(self, *, payload: bytes = b"null", failure: str | None = None, error: Exception | None = None) -> None:
        self.called: dict[str, Any] = {}
        self._answer = {"Payload": io.BytesIO(payload)} | ({"FunctionError": failure} if failure else {})
        self._error = error

    def invoke(self, **arguments: Any) -> Any:
        self.called = arguments
        if self._error:
            raise self._error
        return self._answer


def asked(client: Lambda, name: str = "shop-insights") -> Any:
    return function_module._called(client, name, {"view": "map"}, f"{name} in eu-west-1")


def trouble(client: Lambda, name: str = "shop-insights") -> Trouble:
    with pytest.raises(Trouble) as raised:
        asked(client, name)
    return raised.value


def refusal(code: str, message: str = "no") -> Lambda:
    return Lambda(error=ClientError({"Error": {"Code": code, "Message": message}}, "Invoke"))


def test_the_event_goes_as_json_and_the_answer_comes_back() -> None:
    client = Lambda(payload=b'"<b>hi</b>"')
    assert asked(client) == "<b>hi</b>"
    assert client.called == {"FunctionName": "shop-insights", "Payload": '{"view": "map"}'}


@pytest.mark.parametrize(
    ("code", "what", "remedy"),
    [
        ("ResourceNotFoundException", "There is no such function.", "--profile, --region, --prefix or --function"),
        ("AccessDeniedException", "You may not invoke this function.", "ask for lambda:InvokeFunction"),
        ("ExpiredTokenException", "Your AWS credentials have expired.", "aws sso login"),
        ("UnrecognizedClientException", "AWS does not know your credentials.", "aws sso login"),
        ("TooManyRequestsException", "Lambda was asked too often", "wait a little"),
        ("Whatever", "AWS refused the call.", "look the error up"),
    ],
)
def test_a_refusal_says_what_it_means_and_what_to_do(code: str, what: str, remedy: str) -> None:
    told = trouble(refusal(code, "because"))
    assert told.what.startswith(what)
    assert told.what.endswith(f"AWS says: {code}: because")
    assert told.where == "shop-insights in eu-west-1"
    assert remedy in told.remedy


@pytest.mark.parametrize(
    ("error", "what", "remedy"),
    [
        (NoCredentialsError(), "There are no AWS credentials that can be used.", "aws sso login"),
        (TokenRetrievalError(provider="sso", error_msg="expired"), "There are no AWS credentials", "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "AWS cannot be reached.", "AWS_ENDPOINT_URL"),
        (ReadTimeoutError(endpoint_url="x"), "The function has not answered within 60 s.", "its timeout"),
        (ConnectionClosedError(endpoint_url="x"), "The call could not be made.", "try again"),
    ],
)
def test_a_call_that_does_not_reach_aws_says_why(error: Exception, what: str, remedy: str) -> None:
    told = trouble(Lambda(error=error))
    assert told.what.startswith(what)
    assert remedy in told.remedy


@pytest.mark.parametrize("name", ["shop-insights", "shop-insights:live", ARN, f"{ARN}:live"])
def test_a_function_that_fails_is_told_with_its_log_group(name: str) -> None:
    payload = json.dumps({"errorType": "KeyError", "errorMessage": "'view'", "stackTrace": ["secret"]}).encode()
    told = trouble(Lambda(payload=payload, failure="Unhandled"), name)
    assert told.what == "The function failed. KeyError: 'view'"
    assert told.remedy == "look at its log group /aws/lambda/shop-insights; it says what happened"


def test_a_function_that_fails_without_a_word_fails_too() -> None:
    assert trouble(Lambda(failure="Unhandled")).what == "The function failed. Error: it says nothing more"


def test_an_answer_that_is_no_json_is_told() -> None:
    assert trouble(Lambda(payload=b"<b>")).what == "The function's answer is no JSON."


@pytest.mark.parametrize(
    ("name", "region", "endpoint", "is_it"),
    [
        ("shop-insights", "eu-west-1", ARN, True),
        ("shop-insights", "eu-west-1", f"{ARN}:live", True),
        ("shop-insights:live", "eu-west-1", ARN, True),
        (ARN, "eu-west-1", f"{ARN}:7", True),
        ("shop-insights", "us-east-1", ARN, False),
        ("shop", "eu-west-1", ARN, False),
        (ARN.replace("111122223333", "444455556666"), "eu-west-1", ARN, False),
        ("shop-insights", "eu-west-1", "shop-insights", False),
        ("shop-insights", "eu-west-1", "", False),
        ("queue", "eu-west-1", "arn:aws:sqs:eu-west-1:111122223333:queue", False),
    ],
)
def test_an_endpoint_is_told_from_those_of_others(name: str, region: str, endpoint: str, *, is_it: bool) -> None:
    assert Function(name, region, lambda _: None).is_at(endpoint) is is_it


def test_an_arn_says_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert deployed(ARN, profile=None, region="us-west-2").region == "eu-west-1"
    assert deployed("shop-insights", profile=None, region="us-west-2").region == "us-west-2"
    assert deployed("shop-insights", profile=None, region=None).region == "us-east-1"
