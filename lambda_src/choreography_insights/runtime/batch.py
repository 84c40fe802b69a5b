"""A batch of messages: journeys side by side, the messages of one journey in order, failures one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from .faults import MessageFault, NotYet
from .log import logger
from .messages import Message, parse

_MAX_THREADS = 10


class _Received(NamedTuple):
    record: SQSRecord
    message: Message | MessageFault

    @property
    def readable(self) -> Message:
        """The message; raises the fault if it could not be read."""
        if isinstance(self.message, MessageFault):
            raise self.message
        return self.message

    @property
    def journey_key(self) -> str:
        return self.record.message_id if isinstance(self.message, MessageFault) else self.message.journey_key

    @property
    def order(self) -> tuple[float, str]:
        at = 0.0 if isinstance(self.message, MessageFault) else self.message.order
        return at, self.record.attributes.sent_timestamp


class JourneyBatchProcessor(BatchProcessor):
    """Powertools' batch processing, with journeys handled at the same time (boto clients may be shared by threads).

    One bad message never delays or repeats its neighbours: each is handled and answered for on its own.
    """

    def __init__(self) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def process(self) -> list[tuple[Any, ...]]:
        """Handle all records; the answers come in no special order."""
        journeys = by_journey(_Received(record, _parsed(record)) for record in map(SQSRecord, self.records))
        if len(journeys) == 1:
            return self._process_journey(journeys[0])
        with ThreadPoolExecutor(max_workers=min(_MAX_THREADS, max(1, len(journeys)))) as pool:
            return [answer for answers in pool.map(self._process_journey, journeys) for answer in answers]

    def _process_journey(self, messages: Sequence[_Received]) -> list[tuple[Any, ...]]:
        return [self._process_message(received) for received in messages]

    def _process_message(self, received: _Received) -> tuple[Any, ...]:
        try:
            return self.success_handler(record=received.record, result=self.handler(received.readable))
        except Exception as error:  # noqa: BLE001 - the one place where all that goes wrong is caught, and said
            _log_failure(received, error)
            return self.failure_handler(record=received.record, exception=(type(error), error, error.__traceback__))


def by_journey(received: Iterable[_Received]) -> list[list[_Received]]:
    """The messages of each journey, oldest event first."""
    journeys: dict[str, list[_Received]] = {}
    for one in received:
        journeys.setdefault(one.journey_key, []).append(one)
    return [sorted(messages, key=lambda one: one.order) for messages in journeys.values()]


def process_batch(event: Mapping[str, Any], handle: Callable[[Message], None]) -> PartialItemFailureResponse:
    """Run *handle* on each message of an SQS event and name only the failed ones for redelivery."""
    processor = JourneyBatchProcessor()
    with processor(records=event["Records"], handler=handle):
        processor.process()
    return processor.response()


def _parsed(record: SQSRecord) -> Message | MessageFault:
    try:
        return parse(record.body)
    except MessageFault as fault:
        return fault


def _log_failure(received: _Received, error: Exception) -> None:
    record = received.record
    about = {
        "message_id": record.message_id,
        "receive_count": record.attributes.approximate_receive_count,
        "reason": str(error),
    }
    if not isinstance(received.message, MessageFault) and received.message.journey_key:
        about["journey"] = received.message.journey_key
    if isinstance(error, MessageFault):
        logger.error("message cannot be processed; it goes to the dead-letter queue after its tries", extra=about)
    elif isinstance(error, NotYet):
        logger.warning("message must come again", extra=about)
    else:
        logger.exception("message failed", extra=about)
