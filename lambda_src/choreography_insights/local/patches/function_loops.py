"""Adds the setting that lets a function be invoked in a loop, which moto lacks, and the metric of what is dropped.

Lambda stops a function that one chain of requests has invoked some sixteen times, unless the setting is ``Allow``:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.awslambda.responses import LambdaResponse
from moto.cloudwatch.models import cloudwatch_backends

from choreography_insights.local.clock import clock
from choreography_insights.local.patches.source_digests import MotoChangedError

#: The error that a caller gets for an invocation that is one too many.
RECURSION = "RecursiveInvocationException"

_PATH = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/recursion-config/?$"


def install() -> None:
    """Add GetFunctionRecursionConfig and PutFunctionRecursionConfig."""
    for call in (get_function_recursion_config, put_function_recursion_config):
        if hasattr(LambdaResponse, call.__name__):
            raise MotoChangedError(f"moto has {call.__name__} of its own now: use that one, and drop this patch.")
        setattr(LambdaResponse, call.__name__, call)
    urls.url_paths[_PATH] = LambdaResponse.dispatch


def get_function_recursion_config(self: LambdaResponse) -> str:
    """Say whether a function may be invoked in a loop."""
    return json.dumps({"RecursiveLoop": _setting(_named(self))})


def put_function_recursion_config(self: LambdaResponse) -> str:
    """Set whether a function may be invoked in a loop."""
    function = _named(self)
    wanted = self.json_body["RecursiveLoop"]
    if wanted not in {"Allow", "Terminate"}:
        raise InvalidParameterValueException(f"RecursiveLoop: {wanted!r} is neither Allow nor Terminate")
    function.__dict__["recursive_loop"] = wanted
    return json.dumps({"RecursiveLoop": _setting(function)})


def may_loop(function: LambdaFunction) -> bool:
    """Whether *function* goes on being invoked in a loop."""
    backend = lambda_backends[function.account_id][function.region]
    return _setting(backend.get_function(function.function_name)) == "Allow"


def unqualified(function: LambdaFunction) -> str:
    """Return the ARN of *function*, of whatever version."""
    return ":".join(function.function_arn.split(":")[:7])


def count_dropped(function: LambdaFunction) -> None:
    """Add one to the function's metric of invocations that were dropped."""
    datum: dict[str, Any] = {
        "MetricName": "RecursiveInvocationsDropped",
        "Dimensions": [{"Name": "FunctionName", "Value": function.function_name}],
        "Unit": "Count",
        "Value": 1.0,
        "Timestamp": clock.now().replace(tzinfo=None),
    }
    cloudwatch_backends[function.account_id][function.region].put_metric_data("AWS/Lambda", [datum])


def _named(self: LambdaResponse) -> LambdaFunction:
    return self.backend.get_function(unquote(self.path.split("/")[-2]))


def _setting(function: LambdaFunction) -> str:
    return str(function.__dict__.get("recursive_loop", "Terminate"))
