"""The statistics function: counts what the table's stream tells, and keeps the pictures that were current."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from choreography_insights.insights.changes import Change, changes_of
from choreography_insights.insights.counter_rows import CounterRows
from choreography_insights.insights.folding import Happened, fold
from choreography_insights.insights.log import logger, reason_of
from choreography_insights.insights.lookups import Lookups
from choreography_insights.insights.pictures import PICTURES, Pictures

Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


class NotCountedError(Exception):
    """A batch could not be counted, and comes again. The message never quotes what is in it."""


def make_handler(client: Any, table: str) -> Handler:
    """The Lambda handler over a *client* of DynamoDB.

    Its event source mapping has a tumbling window, for nothing but this: only then does Lambda say which shard the
    records are of, by which the rows of counts tell what is new to them.
    """
    pictures, rows = Pictures(client, table), CounterRows(client, table)

    def handler(event: Mapping[str, Any], _: Any) -> Mapping[str, Any]:
        changes = [*changes_of(event.get("Records", ()))]
        if not changes:  # a window ends
            return {"state": {}}
        try:
            for change in changes:
                if change.journey == PICTURES:
                    pictures.keep(change)
            of_journeys = [change for change in changes if not change.journey.startswith("#")]
            told = [*_told(of_journeys, Lookups(client, table, pictures, of_journeys))]
            rows.add(told, event["shardId"])
        except ClientError as error:
            logger.warning("a batch could not be counted; it comes again", reason=reason_of(error))
            raise NotCountedError(reason_of(error)) from None
        logger.info("counted", records=len(changes), told=len(told))
        return {"state": {}}

    return handler


def _told(changes: Sequence[Change], lookups: Lookups) -> Iterator[Happened]:
    """Yield what *changes* tell. One that cannot be read is said and left out: all behind it would wait for it."""
    for change in changes:
        try:
            yield from fold([change], lookups)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            logger.warning(
                "a change cannot be counted", journey=change.journey, item=change.item, reason=reason_of(error)
            )


@cache
def _deployed() -> Handler:
    return make_handler(boto3.client("dynamodb"), os.environ["JOURNEYS_TABLE"])


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """What Lambda calls."""
    return _deployed()(event, context)
