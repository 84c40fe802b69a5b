"""The rows of what was counted: one for each hour and each day of a choreography, and each shard of the table's stream.

A shard's records come in their order, perhaps again. A row says up to which of them it has counted, and is written only
where it still is as it was read: so each record counts once, whatever comes twice and whoever dies between two writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from choreography_insights.insights.changes import text
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.folding import Happened
from choreography_insights.insights.log import logger

COUNTS = "#counts#"
HOUR, DAY = "hour", "day"

_KEPT = {HOUR: timedelta(days=90), DAY: timedelta(days=3 * 366)}
_WRITTEN = {HOUR: "%Y-%m-%dT%H", DAY: "%Y-%m-%d"}
_DIGITS = 40
"""No sequence number has more."""
_MOST_BYTES = 400_000
"""What a row counts may be so large: DynamoDB takes rows of 400 KB, of which the key and the rest are little."""


@dataclass(frozen=True, slots=True)
class Span:
    """An hour or a day, in UTC, as it stands in a row's key."""

    kind: str
    start: str

    @property
    def key(self) -> str:
        """What the sort key of its rows begins with; a ``#`` and the shard follow."""
        return f"{self.kind}#{self.start}"

    @property
    def expires_at(self) -> int:
        """When a row about it goes."""
        begin = datetime.strptime(self.start, _WRITTEN[self.kind]).replace(tzinfo=UTC)
        return int((begin + _KEPT[self.kind]).timestamp())


def spans(at: float) -> Iterator[Span]:
    """Yield the hour and the day of the moment *at*."""
    for kind in _WRITTEN:
        yield span_of(kind, at)


def span_of(kind: str, at: float) -> Span:
    """Return the hour or the day of the moment *at*."""
    return Span(kind, f"{datetime.fromtimestamp(at, UTC):{_WRITTEN[kind]}}")


def begin_of(item: str) -> float:
    """Return when the hour or day begins that a row of that sort key counts."""
    kind, start, _ = item.split("#", 2)
    return datetime.strptime(start, _WRITTEN[kind]).replace(tzinfo=UTC).timestamp()


class CounterRows:
    """The rim towards DynamoDB."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def add(self, told: Sequence[Happened], shard: str) -> None:
        """Count what the records of *shard* told, of each what its rows have not counted yet.

        Raises botocore's `ClientError` where a row has changed since it was read: then all is to be done again.
        """
        by_row: dict[tuple[str, Span], list[Happened]] = {}
        for one in told:
            for span in spans(one.at):
                by_row.setdefault((one.choreography, span), []).append(one)
        for (choreography, span), several in by_row.items():
            self._add_to_row(choreography, span, shard, several)

    def _add_to_row(self, choreography: str, span: Span, shard: str, told: Sequence[Happened]) -> None:
        key = {"journey": {"S": f"{COUNTS}{choreography}"}, "item": {"S": f"{span.key}#{shard}"}}
        row = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        last = text(row, "last")
        new = [one for one in told if one.sequence > int(last or -1)]
        if not new:
            return
        counts = Counts.of_text(text(row, "counts") or "{}")
        before = counts.as_text()
        for one in new:
            counts.merge(one.counts)
        after = counts.as_text()
        if len(after.encode()) > _MOST_BYTES:  # it never fits: all behind it would wait
            logger.warning("what happened is left out of a row of counts that is full", choreography=choreography)
            after = before
        written = {
            **key,
            "counts": {"S": after},
            "last": {"S": f"{max(one.sequence for one in new):0{_DIGITS}}"},
            "expiresAt": {"N": str(span.expires_at)},
        }
        self._client.put_item(TableName=self._table, Item=written, **_unchanged(last))


def _unchanged(last: str) -> Mapping[str, Any]:
    if not last:
        return {"ConditionExpression": "attribute_not_exists(journey)"}
    return {
        "ConditionExpression": "#last = :last",
        "ExpressionAttributeNames": {"#last": "last"},
        "ExpressionAttributeValues": {":last": {"S": last}},
    }
