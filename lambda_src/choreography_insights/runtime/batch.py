"""A function's batch: journeys side by side, the messages of one journey in order, failures one by one.

Lambda's partial batch response is written here and not by Powertools' Batch, which would bring asyncio and the data
classes of every event source into each cold start (docs/operations-and-design/figures.md).

What failed comes again after a pause that grows with its tries; what there was no time left for comes again when those
before it will be done. A function that dies answers for nothing: its whole batch comes again, after the visibility
timeout, and has lost a try. So no message is begun that could not be given up before the function's time is up.
"""

import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple, TypedDict, TypeVar

from .clients import LONGEST_CALL_SECONDS
from .errors import InvalidMessage, RetryLater, Throttled
from .log import logger, reason_of
from .messages import Message, NotMeant, parse
from .metrics import Metrics
from .redelivery import FailedMessage, Redelivery

_MAX_THREADS = 10
#: Soon at first, so that an older event does not keep the younger ones waiting; then ever later: twelve tries survive
#: three quarters of an hour without DynamoDB.
_PAUSES_SECONDS = (1, 5, 15, 60, 60, 60, 120, 240, 480, 900, 900)
_SOON = 3
#: Where AWS throttles what everybody asks: from a minute to an hour, by lot. Twelve tries are four hours on average, in
#: which Step Functions answers to more than 100,000 questions of DescribeExecution.
_FIRST_LATER_SECONDS, _LONGEST_LATER_SECONDS = 60, 3_600
#: A message that was received so often goes before older events of its journey: it may never have been begun.
_TIRED_AFTER = 4
_STREAM = "aws:dynamodb"
_Item = TypeVar("_Item")
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


class TimeLeft:
    """How long the function may still work. *remaining* gives seconds, of which it is asked again and again."""

    def __init__(self, remaining: Callable[[], float]) -> None:
        self.remaining = remaining
        # What is begun first is always begun, however short the function's time is as a whole.
        self._enough = min(LONGEST_CALL_SECONDS, remaining() / 2)

    @classmethod
    def of(cls, context: Any) -> "TimeLeft":
        """What Lambda's *context* says; without one, all the time in the world."""
        milliseconds = getattr(context, "get_remaining_time_in_millis", None)
        return cls(lambda: math.inf if milliseconds is None else milliseconds() / 1000)

    @property
    def is_enough(self) -> bool:
        """Whether something may be begun: an AWS call in it that is never answered would still be given up in time."""
        return self.remaining() >= self._enough


Handler = Callable[[Mapping[str, Any], Any], BatchResponse]
#: What a function does with a message, by its type.
Takes = Mapping[type[Any], Callable[[Any], None]]
TakesStream = Callable[[list[dict[str, Any]], TimeLeft], BatchResponse]


def handler_of(
    takes: Takes, redelivery: Redelivery, metrics: Metrics, takes_stream: TakesStream | None = None
) -> Handler:
    """The Lambda handler of a function that *takes* messages, and perhaps records of the table's stream."""

    def handle(message: Message) -> None:
        take = takes.get(type(message))
        if take is not None:
            take(message)
        elif isinstance(message, NotMeant):
            if message.unrelated_to:
                metrics.count("EventsUnrelated", message.unrelated_to)
        else:
            raise InvalidMessage(f"a {type(message).__name__} came on the wrong queue: its function takes none")

    def handler(event: Mapping[str, Any], context: Any) -> BatchResponse:
        time_left = TimeLeft.of(context)
        try:
            records = event["Records"]
            if takes_stream and records and records[0].get("eventSource") == _STREAM:
                return takes_stream(records, time_left)
            return process_batch(event, handle, redelivery=redelivery, time_left=time_left)
        finally:
            metrics.write()

    return handler


class _Received(NamedTuple):
    record: Mapping[str, Any]
    message: Message | Exception

    @property
    def id(self) -> str:
        return str(self.record["messageId"])

    @property
    def receive_count(self) -> int:
        return int(self.record["attributes"]["ApproximateReceiveCount"])

    @property
    def readable(self) -> Message:
        """The message; raises what went wrong if it could not be read."""
        if isinstance(self.message, Exception):
            raise self.message
        return self.message

    @property
    def journey(self) -> str:
        return self.id if isinstance(self.message, Exception) else self.message.journey_key

    @property
    def tiredness(self) -> int:
        return max(0, self.receive_count - _TIRED_AFTER)

    @property
    def order(self) -> tuple[int, float, str]:
        at = 0.0 if isinstance(self.message, Exception) else self.message.order
        return -self.tiredness, at, self.record["attributes"]["SentTimestamp"]

    def redelivered_after(self, seconds: float) -> FailedMessage:
        return FailedMessage(
            self.record["eventSourceARN"], self.id, self.record["receiptHandle"], max(1, math.ceil(seconds))
        )


class _Failed(NamedTuple):
    """A failed message, and when it shall come again; None: when its visibility timeout is over."""

    received: _Received
    seconds: float | None


def pause_seconds(error: Exception, receive_count: int, message_id: str) -> float | None:
    """After how long a message shall come again that failed with *error*; None: after its visibility timeout."""
    if isinstance(error, InvalidMessage):
        return _PAUSES_SECONDS[0]  # no waiting will mend it
    if isinstance(error, Throttled):
        longest: int = min(_LONGEST_LATER_SECONDS, _FIRST_LATER_SECONDS * 2 ** (receive_count - 1))
        # Those that were refused together do not come together again; a message's own pause is always the same.
        by_lot = zlib.crc32(f"{message_id}#{receive_count}".encode()) / 2**32
        return longest * (0.25 + 0.75 * by_lot)
    return _PAUSES_SECONDS[receive_count - 1] if receive_count <= len(_PAUSES_SECONDS) else None


def process_batch(
    event: Mapping[str, Any],
    handle: Callable[[Message], None],
    *,
    redelivery: Redelivery,
    time_left: TimeLeft,
) -> BatchResponse:
    """Run *handle* on each message of an SQS event and name only the failed ones for redelivery.

    One bad message never delays or repeats its neighbours: each is handled and answered for on its own. *redelivery* is
    told when the failed ones shall be handed out again: at first no later than after the queue's visibility timeout.
    """
    longest_pause = redelivery.visibility_timeout_seconds

    def failed(journey: Sequence[_Received]) -> list[_Failed]:
        return _in_order(journey, handle, time_left, longest_pause)

    journeys = by_journey(_Received(record, _parsed(record)) for record in event["Records"])
    all_failed = list(chain.from_iterable(side_by_side(journeys, failed)))
    failed_soon = [one.received.redelivered_after(one.seconds) for one in all_failed if one.seconds is not None]
    if failed_soon:
        redelivery.redeliver(failed_soon)
    return failures(one.received.id for one in all_failed)


def _in_order(
    journey: Sequence[_Received], handle: Callable[[Message], None], time_left: TimeLeft, longest_pause: float
) -> list[_Failed]:
    """Handle the messages of one journey one by one; what there is no time for comes when its turn will have come."""
    failed: list[_Failed] = []
    at_first = time_left.remaining()
    for done, received in enumerate(journey):
        if not time_left.is_enough:
            pace = (at_first - time_left.remaining()) / done if done else 1.0
            unbegun = journey[done:]
            logger.warning("no time left: messages come again unbegun", journey=journey[0].journey, number=len(unbegun))
            failed += [_Failed(one, min(longest_pause, max(1.0, before * pace))) for before, one in enumerate(unbegun)]
            break
        error = _error_of(received, handle)
        if error is not None:
            pause = pause_seconds(error, received.receive_count, received.id)
            is_later = isinstance(error, Throttled) or received.receive_count > _SOON
            failed.append(_Failed(received, pause if pause is None or is_later else min(longest_pause, pause)))
    return failed


def by_journey(received: Iterable[_Received]) -> list[list[_Received]]:
    """The messages of each journey, oldest event first; first of all what has come again and again."""
    journeys: dict[str, list[_Received]] = {}
    for one in received:
        journeys.setdefault(one.journey, []).append(one)
    ordered = [sorted(messages, key=lambda one: one.order) for messages in journeys.values()]
    return sorted(ordered, key=lambda messages: -messages[0].tiredness)


def side_by_side(items: Sequence[_Item], work: Callable[[_Item], _Done], *, threads: int = _MAX_THREADS) -> list[_Done]:
    """Do *work* on all *items* at the same time (boto clients may be shared by threads); answers in their order."""
    if len(items) == 1:  # as it mostly is: without the cost of a thread
        return [work(items[0])]
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(items)))) as pool:
        return list(pool.map(work, items))


def _parsed(record: Mapping[str, Any]) -> Message | Exception:
    try:
        return parse(record["body"], int(record["attributes"]["ApproximateReceiveCount"]))
    except Exception as error:  # noqa: BLE001 - whatever one message does, its neighbours go their way
        return error


def _error_of(received: _Received, handle: Callable[[Message], None]) -> Exception | None:
    try:
        handle(received.readable)
    except Exception as error:  # noqa: BLE001 - the one place where all that goes wrong is caught, and said
        _log_failure(received, error)
        return error
    return None


def _log_failure(received: _Received, error: Exception) -> None:
    about = {"message_id": received.id, "receive_count": str(received.receive_count), "reason": reason_of(error)}
    if not isinstance(received.message, Exception) and received.message.journey_key:
        about["journey"] = received.message.journey_key
    if isinstance(error, InvalidMessage):
        logger.error("message cannot be processed; it goes to the dead-letter queue after its tries", extra=about)
    elif isinstance(error, RetryLater):
        logger.warning("message must come again", extra=about)
    else:
        logger.exception("message failed", extra=about)
