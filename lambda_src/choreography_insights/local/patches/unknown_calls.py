"""Patches how moto says that it lacks a call.

moto 5.2.5 answers 500, which every AWS SDK takes for a passing failure: Terraform tries again for many minutes. Here
the answer is AWS's own for a call that does not exist, and it is final.
"""

import json
import logging
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import BaseResponse

from choreography_insights.local.patches.source_digests import PATCHED_FOR, patch

log = logging.getLogger(__name__)

CODE = "UnknownOperationException"


def install() -> None:
    """Answer 400 to what moto has not."""

    @patch(BaseResponse, "call_action", source_digest="26076963fd17")
    def call_action(original: Any, self: BaseResponse) -> Any:
        try:
            return original(self)
        except NotImplementedError as error:
            message = f"{self.service_name}: {error} (in moto {PATCHED_FOR}, nor by the embedded AWS)"
            log.error("%s", message)  # noqa: TRY400  # the message says it all
            return _refusal(message, is_xml=self.boto3_service_name in {"iam", "sts", "ec2", "sns"})


def _refusal(message: str, *, is_xml: bool) -> tuple[int, dict[str, str], str]:
    headers = {"x-amzn-errortype": CODE}
    if is_xml:
        error = f"<Error><Type>Sender</Type><Code>{CODE}</Code><Message>{escape(message)}</Message></Error>"
        return 400, {**headers, "content-type": "text/xml"}, f"<ErrorResponse>{error}</ErrorResponse>"
    return 400, {**headers, "content-type": "application/json"}, json.dumps({"__type": CODE, "message": message})
