"""The resume function: events, deadlines, ends of executions and changes of journeys move journeys on."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, assert_never

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

from .batch import process_batch
from .correlation import Correlation
from .ending import Ending
from .log import logger
from .messages import AgainMessage, EventMessage, ExecutionEnded, Message, OwnReport
from .ports import Ports, deployed_ports
from .table import WAIT

Handler = Callable[[Mapping[str, Any], Any], PartialItemFailureResponse]

_STREAM = "aws:dynamodb"
_MAX_THREADS = 10


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*, for SQS batches and for batches of the table's stream."""
    correlation, ending = Correlation(ports), Ending(ports)

    def handle(message: Message) -> None:
        match message:
            case EventMessage():
                correlation.on_event(message)
            case AgainMessage():
                correlation.on_again(message)
            case ExecutionEnded():
                ending.on_end(message)
            case OwnReport():
                return
            case _:
                assert_never(message)

    def handler(event: Mapping[str, Any], _context: Any) -> PartialItemFailureResponse:
        try:
            records = event["Records"]
            if records and records[0].get("eventSource") == _STREAM:
                return process_stream(records, correlation.on_change)
            return process_batch(event, handle)
        finally:
            ports.measures.write()

    return handler


def process_stream(records: list[dict[str, Any]], on_change: Callable[[str], None]) -> PartialItemFailureResponse:
    """Look at each changed journey once; name the first record that failed, so that Lambda goes on from there.

    A record says only *which* journey changed; the table says what it is like now. So one look serves all records of a
    journey, and the order of journeys among each other is free. A journey that waits for nothing accepts nothing: when
    its next wait is written, that is a record of its own.
    """
    first_record: dict[str, str] = {}
    for change in (record["dynamodb"] for record in records):
        if any(name.startswith(WAIT) for name in change["NewImage"]):
            first_record.setdefault(change["Keys"]["journey"]["S"], change["SequenceNumber"])
    looks = _look_at(list(first_record), _looker(on_change))
    failed = [key for key, ok in zip(first_record, looks, strict=True) if not ok]
    return {"batchItemFailures": [{"itemIdentifier": first_record[key]} for key in failed]}


def _look_at(journeys: list[str], look: Callable[[str], bool]) -> list[bool]:
    if len(journeys) == 1:  # as it mostly is: without the cost of a thread
        return [look(journeys[0])]
    with ThreadPoolExecutor(max_workers=max(1, min(_MAX_THREADS, len(journeys)))) as pool:
        return list(pool.map(look, journeys))


def _looker(on_change: Callable[[str], None]) -> Callable[[str], bool]:
    def look(journey_key: str) -> bool:
        try:
            on_change(journey_key)
        except Exception as error:  # noqa: BLE001 - said here; Lambda repeats the record
            logger.exception("journey with kept events could not be looked at", journey=journey_key, reason=str(error))
            return False
        return True

    return look


@cache
def _deployed() -> Handler:
    return make_handler(deployed_ports())


def handler(event: Mapping[str, Any], context: Any) -> PartialItemFailureResponse:
    """What Lambda calls: a batch of SQS messages or stream records in, the failed ones out."""
    return _deployed()(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # while a function starts, Lambda lends it more of a processor than later
    _deployed()
