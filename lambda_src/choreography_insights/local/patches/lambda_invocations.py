"""Runs what moto's Lambda invokes: moto itself would call Docker, here the function's own processes do it.

It also keeps moto from calling mapped functions from inside SendMessage and PutItem: the pollers in
``event_sources`` do that, as Lambda does.
"""

import base64
import json
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction, lambda_backends
from moto.sqs.models import sqs_backends

from choreography_insights.local import lineage
from choreography_insights.local.clock import clock
from choreography_insights.local.functions.package import Deployed, UnrunnableError
from choreography_insights.local.functions.pool import FunctionPool
from choreography_insights.local.functions.process import Outcome
from choreography_insights.local.patches import event_delivery
from choreography_insights.local.patches.function_loops import RECURSION, count_dropped, may_loop, unqualified
from choreography_insights.local.patches.function_settings import refuse_short_visibility
from choreography_insights.local.patches.source_digests import patch

log = logging.getLogger(__name__)

# Lambda tries an asynchronous invocation again after one minute, then after two.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
RETRY_AFTER_SECONDS = (60.0, 120.0)


def install(pool: FunctionPool) -> None:
    """Let *pool* run all functions."""

    @patch(LambdaFunction, "invoke", source_digest="dadc324f30ae")
    def invoke(_: Any, self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        event = _text(body)
        headers = [header] if (header := request_headers.get("X-Amzn-Trace-Id")) else []
        if request_headers.get("x-amz-invocation-type") == "Event":
            invoke_later(pool, self, event, headers)
            return b""
        if request_headers.get("x-amz-invocation-type") == "DryRun":
            return b""
        outcome = run(pool, self, event, headers)
        if outcome.dropped:
            raise LambdaClientError(RECURSION, "The function was stopped: it is invoked in a loop.")
        if outcome.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        response_headers["x-amz-executed-version"] = str(self.version)
        response_headers["x-amz-log-result"] = base64.b64encode(outcome.log[-4096:].encode()).decode()
        return outcome.payload.encode()

    @patch(LambdaBackend, "create_event_source_mapping", source_digest="19f8125cabf7")
    def create_event_source_mapping(original: Any, self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        refuse_short_visibility(self, spec)
        mapping: EventSourceMapping = original(self, spec)
        for queue in sqs_backends[self.account_id][self.region_name].queues.values():
            queue.lambda_event_source_mappings.clear()
        return mapping

    def invoke_target(arn: str, message: str) -> None:
        _, _, _, region, account, *_rest = arn.split(":")
        function = lambda_backends[account][region].get_function_by_arn(arn)
        if function is None:
            raise event_delivery.UndeliverableError("NO_RESOURCE", f"The function {arn} does not exist.")
        invoke_later(pool, function, message)

    event_delivery.deliver_to_functions_by(invoke_target)


def run(pool: FunctionPool, function: LambdaFunction, event: str, headers: Sequence[str] = ()) -> Outcome:
    """Invoke *function* and wait; what cannot be run at all is a failed outcome too, as is one loop too many.

    *headers* are the trace headers that *event* came with.
    """
    invocation = lineage.invocation(unqualified(function), headers, clock.time())
    if invocation.is_one_too_many and not may_loop(function):
        count_dropped(function)
        error = {"errorType": RECURSION, "errorMessage": f"Invoked {invocation.passes} times in one chain of requests"}
        log.warning("%s: not invoked: %s", function.function_arn, error["errorMessage"])
        return Outcome(json.dumps(error), failed=True, dropped=True)
    try:
        return pool.invoke(Deployed.of(function), event, invocation.header)
    except UnrunnableError as error:
        log.error("%s", error)  # noqa: TRY400  # the message says it all
        return Outcome(json.dumps({"errorType": "Unrunnable", "errorMessage": str(error)}), failed=True)


def invoke_later(
    pool: FunctionPool, function: LambdaFunction, event: str, headers: Sequence[str] = (), attempt: int = 0
) -> None:
    """Invoke *function* without waiting for it, and again as Lambda does if it fails."""

    def attempt_once() -> None:
        outcome = run(pool, function, event, headers)
        if outcome.dropped or (outcome.failed and attempt == len(RETRY_AFTER_SECONDS)):
            _bury(function, event, outcome)
        elif outcome.failed:
            again = partial(invoke_later, pool, function, event, headers, attempt + 1)
            clock.later(RETRY_AFTER_SECONDS[attempt], again)

    clock.thread(target=attempt_once, daemon=True).start()


def _bury(function: LambdaFunction, event: str, outcome: Outcome) -> None:
    """Put an event that failed for good on the function's dead-letter queue, if it has one."""
    target = function.dead_letter_config.get("TargetArn", "")  # type: ignore[attr-defined]
    if ":sqs:" not in target:
        return
    about = {"RequestID": outcome.request_id, "ErrorCode": "200", "ErrorMessage": outcome.payload[:1024]}
    _, _, _, region, account, name = target.split(":")
    sqs_backends[account][region].send_message(
        queue_name=name,
        message_body=event,
        message_attributes={key: {"DataType": "String", "StringValue": value} for key, value in about.items()},
    )


def _text(body: Any) -> str:
    text = body.decode() if isinstance(body, bytes) else body
    return text or "{}"
