"""Having failed messages come again soon: the rim towards the visibility of messages on their queues."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .log import logger, reason_of

_MOST_ENTRIES = 10  # of one call


class FailedMessage(NamedTuple):
    """A message that Lambda was handed, and after how many seconds it shall be handed out again."""

    queue_arn: str
    message_id: str
    receipt_handle: str
    seconds: int


class Redelivery:
    """Makes messages visible again. Where that fails they come all the same, when their visibility timeout is over."""

    def __init__(self, client: Any, queue_urls: Iterable[str], visibility_timeout_seconds: float) -> None:
        self.client = client
        self.visibility_timeout_seconds = visibility_timeout_seconds
        #: Within so long a message whose function failed, or died, has come again, even if that happened twice.
        self.longest_seconds = 2 * visibility_timeout_seconds
        self._urls: Mapping[str, str] = {url.rpartition("/")[2]: url for url in queue_urls}

    def redeliver(self, messages: Sequence[FailedMessage]) -> None:
        """Change the messages' visibility. Never raises: what was done of the batch must be answered for."""
        for number in range(0, len(messages), _MOST_ENTRIES):
            self._change(messages[number : number + _MOST_ENTRIES])

    def _change(self, messages: Sequence[FailedMessage]) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": one.receipt_handle, "VisibilityTimeout": one.seconds}
            for number, one in enumerate(messages)
        ]
        try:
            url = self._urls[messages[0].queue_arn.rpartition(":")[2]]  # a batch is of one queue
            answer = self.client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        except Exception as error:  # noqa: BLE001 - said here; their visibility timeout brings them back
            logger.warning("failed messages come again only after their visibility timeout", reason=reason_of(error))
            return
        if refused := answer.get("Failed"):
            ids = [messages[int(one["Id"])].message_id for one in refused]
            logger.warning("failed messages come again only after their visibility timeout", message_ids=ids)
