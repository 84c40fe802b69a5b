"""Patches what becomes of the trace header of a message.

moto 5.2.5 keeps a header only if the sender names it as a system attribute. AWS: the header of the request itself,
``X-Amzn-Trace-Id``, is that of all its messages: https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
"""

import threading
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.models import Message, SQSBackend
from moto.sqs.responses import SQSResponse

from choreography_insights.local.patches.source_digests import patch

_HEADER = "X-Amzn-Trace-Id"
_ATTRIBUTE = "AWSTraceHeader"

_here = threading.local()


def trace_header(message: Message) -> str | None:
    """Return the trace header that *message* was sent with."""
    value: str | None = (message.system_attributes.get(_ATTRIBUTE) or {}).get("StringValue")
    return value


def install() -> None:
    """Keep the header of the request with its messages."""
    for call, source_digest in {"send_message": "f486fa48de9f", "send_message_batch": "c68cdac5e2af"}.items():

        @patch(SQSResponse, call, source_digest=source_digest)
        def send(original: Any, self: SQSResponse) -> ActionResult:
            _here.header = self.headers.get(_HEADER)
            try:
                return original(self)  # type: ignore[no-any-return]
            finally:
                _here.header = None

    @patch(SQSBackend, "send_message", source_digest="bf161af09a9e")
    def send_message(original: Any, self: SQSBackend, *arguments: Any, **named: Any) -> Message:
        header = getattr(_here, "header", None)
        if header and not (named.get("system_attributes") or {}).get(_ATTRIBUTE):
            attribute = {"DataType": "String", "StringValue": header}
            named["system_attributes"] = {**(named.get("system_attributes") or {}), _ATTRIBUTE: attribute}
        return original(self, *arguments, **named)  # type: ignore[no-any-return]
