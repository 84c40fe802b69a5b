"""Patches which messages are too big for a queue.

moto 5.2.5 counts the characters of the text. AWS counts its bytes, and those of the message's attributes:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

from typing import Any

from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import Message, SQSBackend

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Refuse what is longer than the queue takes."""

    @patch(SQSBackend, "send_message", source_digest="bf161af09a9e")
    def send_message(
        original: Any,
        self: SQSBackend,
        queue_name: str,
        message_body: str,
        message_attributes: dict[str, Any] | None = None,
        **named: Any,
    ) -> Message:
        limit: int = self.get_queue(queue_name).maximum_message_size  # type: ignore[attr-defined]
        if _size(message_body, message_attributes or {}) > limit:
            raise InvalidParameterValue(
                f"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            )
        message: Message = original(self, queue_name, message_body, message_attributes=message_attributes, **named)
        return message


def _size(body: str, attributes: dict[str, Any]) -> int:
    size = len(body.encode())
    for name, attribute in attributes.items():
        value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
        size += (
            len(name.encode()) + len(attribute["DataType"]) + len(value.encode() if isinstance(value, str) else value)
        )
    return size
