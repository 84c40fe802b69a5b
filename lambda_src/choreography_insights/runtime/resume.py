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
from .messages import AgainMessage, EventMessage, ExecutionEnded, Message, OwnReport, Watch
from .ports import Ports, deployed_ports
from .table import journey_from
from .watching import Watching

Handler = Callable[[Mapping[str, Any], Any], PartialItemFailureResponse]

_STREAM = "aws:dynamodb"
_MAX_THREADS = 10


def make_handler(ports: Ports) -> Handler:
    """The Lambda handler over *ports*, for SQS batches and for batches of the table's stream."""
    correlation, ending = Correlation(ports), Ending(ports)
    watching = Watching(ports, ending)

    def handle(message: Message) -> None:
        match message:
            case EventMessage():
                correlation.on_event(message)
            case AgainMessage():
                correlation.on_again(message)
            case ExecutionEnded():
                ending.on_end(message)
            case Watch():
                watching.on_watch()
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

    What a journey is like now, the table says. So one look serves all its records, and the order of journeys among each
    other is free.
    """
    changes: dict[str, list[dict[str, Any]]] = {}
    for change in (record["dynamodb"] for record in records):
        changes.setdefault(change["Keys"]["journey"]["S"], []).append(change)
    looks = _look_at(list(changes.items()), _looker(on_change))
    failed = [first for (first, *_), ok in zip(changes.values(), looks, strict=True) if not ok]
    return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]} for change in failed]}


_Changed = tuple[str, list[dict[str, Any]]]


def _look_at(journeys: list[_Changed], look: Callable[[_Changed], bool]) -> list[bool]:
    if len(journeys) == 1:  # as it mostly is: without the cost of a thread
        return [look(journeys[0])]
    with ThreadPoolExecutor(max_workers=max(1, min(_MAX_THREADS, len(journeys)))) as pool:
        return list(pool.map(look, journeys))


def _looker(on_change: Callable[[str], None]) -> Callable[[_Changed], bool]:
    def look(changed: _Changed) -> bool:
        key, changes = changed
        try:
            if any(_matters(key, change) for change in changes):
                on_change(key)
        except Exception as error:  # noqa: BLE001 - said here; Lambda repeats the record
            logger.exception("journey with kept events could not be looked at", journey=key, reason=str(error))
            return False
        return True

    return look


def _matters(key: str, change: Mapping[str, Any]) -> bool:
    """If no wait asked then for what was kept then, the next change that could matter has a record of its own."""
    return journey_from(key, change["NewImage"]).may_accept_kept


@cache
def _deployed() -> Handler:
    return make_handler(deployed_ports())


def handler(event: Mapping[str, Any], context: Any) -> PartialItemFailureResponse:
    """What Lambda calls: a batch of SQS messages or stream records in, the failed ones out."""
    return _deployed()(event, context)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # while a function starts, Lambda lends it more of a processor than later
    _deployed()
