"""Every error of AWS that is known by name anywhere here is one that AWS has: botocore's service models say so.

The names are those that the state machines retry and catch, that the functions tell apart, that the embedded AWS
answers with, and that the tests' own AWS raises.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from devtools.places import ROOT

PACKAGE = ROOT / "lambda_src" / "choreography_insights"
FOLDERS = (PACKAGE, ROOT / "tests" / "fake_aws")
SERVICES = ("dynamodb", "stepfunctions", "sqs", "events", "lambda", "logs", "cloudwatch", "iam", "ssm", "sts")

_COMMON = "https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html"
# What AWS answers with that no model has, and where that is said.
NOT_IN_A_MODEL = {
    "AccessDeniedException": _COMMON,
    "ThrottlingException": _COMMON,
    "ValidationException": _COMMON,
    # Errors of SQS's older protocol, which its newer one still answers with.
    "InvalidParameterValue": "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html",
    "AWS.SimpleQueueService.UnsupportedOperation": "the shape UnsupportedOperation, in x-amzn-query-error",
    "AWS.SimpleQueueService.NonExistentQueue": "the shape QueueDoesNotExist, in x-amzn-query-error",
    "UnknownOperationException": "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html",
}

# Errors of a Task that Step Functions names itself, or by its own SDK for Java.
OF_STEP_FUNCTIONS = {
    "States.ALL": "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    "States.TaskFailed": "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    "States.Timeout": "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    "DynamoDb.SdkClientException": "no answer: aws-solutions-library-samples/"
    "guidance-for-incremental-data-exports-from-amazon-dynamodb-to-amazon-s3#3",
    "DynamoDb.DynamoDbException": "an answer that no model has, as 503: cdklabs/construct-hub#1904",
}

_OURS = re.compile(r"[A-Za-z]+")  # a state machine's own errors have no dot
_EXCEPTION = re.compile(r"[A-Z][A-Za-z]+Exception")
_OF_A_TASK = re.compile(r"(?:States|DynamoDb|Sfn|Sqs|EventBridge|Lambda)\.[A-Z][A-Za-z]+")
# Functions and classes whose first argument is the name of an error.
_RAISING = {"client_error", "SQSException", "LambdaClientError"}


@cache
def modelled(service: str) -> frozenset[str]:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [model.shape_for(name) for name in model.shape_names]
    return frozenset(
        name
        for shape in shapes
        if shape.metadata.get("exception")
        for name in (shape.name, str(shape.metadata.get("error", {}).get("code", shape.name)))
    )


def known() -> set[str]:
    """All names of errors that AWS's answers have."""
    throttled = set(getattr(ThrottledRetryableChecker, "_THROTTLED_ERROR_CODES"))  # noqa: B009  # its stubs have it not
    return {*NOT_IN_A_MODEL, *throttled, *(name for service in SERVICES for name in modelled(service))}


def of_sdk_integrations() -> set[str]:
    """How Step Functions names the errors of DynamoDB: always with Exception at the end.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    names = modelled("dynamodb") | {"ValidationException", "AccessDeniedException"}
    return {f"DynamoDb.{name.removesuffix('Exception')}Exception" for name in names}


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    paths = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def texts(node: ast.AST | None, constants: dict[str, ast.expr]) -> Iterator[str]:
    """Yield the texts that an expression means: itself, its elements, or those of a constant of its module."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=elements) | ast.Set(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from texts(element, constants)
        case ast.Name(id=name) if name in constants:
            yield from texts(constants[name], {})


def is_a_code(node: ast.expr) -> bool:
    """Whether an expression is the code of an answer: ``_code(error)``, ``code`` or ``…["Error"]["Code"]``."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)) | ast.Name(id=name):
            return name.strip("_") in {"code", "error_code"}
        case ast.Subscript(slice=ast.Constant(value="Code")):
            return True
    return False


def names_in(tree: ast.Module) -> Iterator[str]:
    """Yield the names of errors that a module knows."""
    constants = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others) if is_a_code(left):
                for other in others:
                    yield from texts(other, constants)
            case ast.Attribute(value=ast.Attribute(attr="exceptions"), attr=name) if not name.startswith("_"):
                yield name
            case ast.Call(func=ast.Name(id=function), args=[first, *_]) if function in _RAISING:
                yield from texts(first, constants)
            case ast.Assign(targets=[ast.Name(id="TYPE")], value=value):
                yield from texts(value, constants)
            case ast.Constant(value=str(text)) if _EXCEPTION.fullmatch(text):
                yield text


def test_every_error_that_the_code_and_the_tests_aws_know_is_one_of_aws() -> None:
    found = {name: path.relative_to(ROOT) for path, tree in sources() for name in names_in(tree)}
    assert {"TaskTimedOut", "ExecutionAlreadyExists", "ConditionalCheckFailedException", "InvalidToken"} <= set(found)
    assert {name: str(path) for name, path in found.items() if name not in known()} == {}


def errors_equal(value: Any) -> Iterator[str]:
    """Yield what the Retry and Catch of a definition name."""
    if isinstance(value, dict):
        yield from value.get("ErrorEquals", [])
        for inner in value.values():
            yield from errors_equal(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from errors_equal(inner)


def test_every_error_that_a_state_machine_retries_or_catches_can_come() -> None:
    definitions = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("examples/**/*.json"))]
    found = {name for definition in definitions for name in errors_equal(definition)}
    found |= {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _OF_A_TASK.fullmatch(node.value)
        if node.value.startswith("DynamoDb.")
    }
    assert any(name.startswith("DynamoDb.") for name in found)
    can_come = of_sdk_integrations() | set(OF_STEP_FUNCTIONS)
    assert {name for name in found if name not in can_come and not _OURS.fullmatch(name)} == set()


@pytest.mark.parametrize("name", ["DynamoDb.RequestLimitExceeded", "DynamoDb.InternalServerError"])
def test_a_name_without_exception_at_its_end_never_comes(name: str) -> None:
    assert name not in of_sdk_integrations()
    assert f"{name}Exception" in of_sdk_integrations()
