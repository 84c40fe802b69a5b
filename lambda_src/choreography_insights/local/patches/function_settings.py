"""Adds what moto's Lambda forgets of a function: where it logs, and where its dead letters go.

And a rule that AWS has for the mappings of queues.
"""

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.sqs.models import sqs_backends

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Keep where a function logs, and where its dead letters go."""

    @patch(LambdaFunction, "__init__", source_digest="70a285222b4a")
    def init(
        original: Any, self: LambdaFunction, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any
    ) -> None:
        original(self, account_id, spec, *rest, **named)
        _set_logging(self, spec.get("LoggingConfig") or {})
        self.dead_letter_config = spec.get("DeadLetterConfig") or {}  # type: ignore[attr-defined]

    @patch(LambdaFunction, "update_configuration", source_digest="eca1cdec066f")
    def update_configuration(original: Any, self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        if "LoggingConfig" in config_updates:
            _set_logging(self, config_updates["LoggingConfig"])
        if "DeadLetterConfig" in config_updates:
            self.dead_letter_config = config_updates["DeadLetterConfig"]  # type: ignore[attr-defined]
        return original(self, config_updates)  # type: ignore[no-any-return]

    @patch(LambdaFunction, "get_configuration", source_digest="803fb04bffde")
    def get_configuration(original: Any, self: LambdaFunction, *rest: Any, **named: Any) -> dict[str, Any]:
        configuration = {**original(self, *rest, **named), "LoggingConfig": self.logging_config}  # type: ignore[attr-defined]
        if self.dead_letter_config.get("TargetArn"):  # type: ignore[attr-defined]
            configuration["DeadLetterConfig"] = self.dead_letter_config  # type: ignore[attr-defined]
        return configuration


def _set_logging(function: LambdaFunction, given: dict[str, Any]) -> None:
    settings = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}", **given}
    if settings["LogFormat"] == "JSON":
        settings = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **settings}
    function.logging_config = settings  # type: ignore[attr-defined]
    function.logs_group_name = settings["LogGroup"]


def refuse_short_visibility(backend: LambdaBackend, spec: dict[str, Any]) -> None:
    """Refuse the mapping of a queue whose messages come back while the function may still be at work on them."""
    queue_arn = spec.get("EventSourceArn", "")
    if ":sqs:" not in queue_arn:
        return
    queue = sqs_backends[backend.account_id][backend.region_name].queues.get(queue_arn.rsplit(":", 1)[1])
    function = backend.get_function(spec["FunctionName"], None)
    if queue is not None and queue.visibility_timeout < int(function.timeout):  # type: ignore[attr-defined]
        raise LambdaClientError(
            "InvalidParameterValueException",
            f"Queue visibility timeout: {queue.visibility_timeout} seconds "  # type: ignore[attr-defined]
            f"is less than Function timeout: {function.timeout} seconds",
        )
