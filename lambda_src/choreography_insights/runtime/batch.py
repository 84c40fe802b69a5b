"""A batch of messages: journeys side by side, the messages of one journey in order, failures one by one.

Lambda's partial batch response is written here and not by Powertools' Batch, which would bring asyncio and the data
classes of every event source into each cold start (docs/figures.md).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple, TypedDict, TypeVar

from .faults import MessageFault, NotYet
from .log import logger
from .messages import Message, parse

_MAX_THREADS = 10
_Journey = TypeVar("_Journey")
_Done = TypeVar("_Done")


class ItemFailure(TypedDict):
    """One failed record: its SQS message id, or the sequence number of its stream record."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """Lambda's partial batch response (``ReportBatchItemFailures``): the records that must come again."""

    batchItemFailures: list[ItemFailure]


def failures(identifiers: Iterable[str]) -> BatchResponse:
    """The answer that names the records that failed; all others are done."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


class _Received(NamedTuple):
    record: Mapping[str, Any]
    message: Message | Exception

    @property
    def id(self) -> str:
        return str(self.record["messageId"])

    @property
    def readable(self) -> Message:
        """The message; raises what went wrong if it could not be read."""
        if isinstance(self.message, Exception):
            raise self.message
        return self.message

    @property
    def journey_key(self) -> str:
        return self.id if isinstance(self.message, Exception) else self.message.journey_key

    @property
    def order(self) -> tuple[float, str]:
        at = 0.0 if isinstance(self.message, Exception) else self.message.order
        return at, self.record["attributes"]["SentTimestamp"]


def process_batch(event: Mapping[str, Any], handle: Callable[[Message], None]) -> BatchResponse:
    """Run *handle* on each message of an SQS event and name only the failed ones for redelivery.

    One bad message never delays or repeats its neighbours: each is handled and answered for on its own.
    """

    def failed(messages: Sequence[_Received]) -> list[str]:
        return [received.id for received in messages if not _handled(received, handle)]

    journeys = by_journey(_Received(record, _parsed(record)) for record in event["Records"])
    return failures(chain.from_iterable(side_by_side(journeys, failed)))


def by_journey(received: Iterable[_Received]) -> list[list[_Received]]:
    """The messages of each journey, oldest event first."""
    journeys: dict[str, list[_Received]] = {}
    for one in received:
        journeys.setdefault(one.journey_key, []).append(one)
    return [sorted(messages, key=lambda one: one.order) for messages in journeys.values()]


def side_by_side(journeys: Sequence[_Journey], work: Callable[[_Journey], _Done]) -> list[_Done]:
    """Do *work* on all journeys at the same time (boto clients may be shared by threads); answers in their order."""
    if len(journeys) == 1:  # as it mostly is: without the cost of a thread
        return [work(journeys[0])]
    with ThreadPoolExecutor(max_workers=max(1, min(_MAX_THREADS, len(journeys)))) as pool:
        return list(pool.map(work, journeys))


def _parsed(record: Mapping[str, Any]) -> Message | Exception:
    try:
        return parse(record["body"])
    except Exception as error:  # noqa: BLE001 - whatever one message does, its neighbours go their way
        return error


def _handled(received: _Received, handle: Callable[[Message], None]) -> bool:
    try:
        handle(received.readable)
    except Exception as error:  # noqa: BLE001 - the one place where all that goes wrong is caught, and said
        _log_failure(received, error)
        return False
    return True


def _log_failure(received: _Received, error: Exception) -> None:
    about = {
        "message_id": received.id,
        "receive_count": received.record["attributes"]["ApproximateReceiveCount"],
        "reason": str(error),
    }
    if not isinstance(received.message, Exception) and received.message.journey_key:
        about["journey"] = received.message.journey_key
    if isinstance(error, MessageFault):
        logger.error("message cannot be processed; it goes to the dead-letter queue after its tries", extra=about)
    elif isinstance(error, NotYet):
        logger.warning("message must come again", extra=about)
    else:
        logger.exception("message failed", extra=about)
