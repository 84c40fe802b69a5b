"""Who waits where since when, by the index ``waiting``: counts that are exact up to a page, and those who wait longest.

A shard of the index has a choreography's journeys by state, and in each state those first that came first. A small one
is read in one call. Of a larger one each state that somebody waits in is read from its beginning, and what is behind
that is counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from choreography_insights.insights.rows import INDEX_PROJECTION, Item, place, written_moment

SHARDS = 16
"""The index has so many partitions for each choreography: one takes 1,000 writes a second."""

FIRST, OF_A_STATE = 200, 25
"""So many rows are read of a shard at once, and so many of a state in it where that is not all."""

_MOST_STATES = 400
"""Of a shard no more states are looked at: a definition has fewer, and rows of an older one are no reason to go on."""

Query = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Limits:
    """After how many seconds in a state a wait is *late*, and *overdue*; None: it never is."""

    late: float | None = None
    overdue: float | None = None


@dataclass(slots=True)
class Held:
    """Those who wait in a state. *rows*: since when, and whose key, of those who wait longest.

    *uncounted*: there are more than were counted.
    """

    waiting: int = 0
    late: int = 0
    overdue: int = 0
    uncounted: bool = False
    rows: list[tuple[float, str]] = field(default_factory=list)

    def merge(self, other: "Held") -> None:
        """Count all of *other* in."""
        self.waiting += other.waiting
        self.late += other.late
        self.overdue += other.overdue
        self.uncounted |= other.uncounted
        self.rows = sorted([*self.rows, *other.rows])


def shards(choreography: str) -> Iterator[str]:
    """Yield the partition keys under which the indexes have what is of *choreography*."""
    return (f"{choreography}#{number}" for number in range(SHARDS))


@dataclass(frozen=True, slots=True)
class Shard:
    """One partition of the index, read by *query* (of the client) at the moment *now*."""

    query: Query
    table: str
    partition: str
    now: float
    limits: Mapping[str, Limits]

    def held(self, first: int = FIRST) -> dict[str, Held]:
        """Return who waits in which state; of *first* rows it takes one call."""
        found: dict[str, Held] = {}
        page = self._page("#at = :at", {}, first)
        for state, rows in _by_state(page["Items"]):
            found[state] = self._of_rows(state, rows)
        last = next(reversed(found), None)
        if "LastEvaluatedKey" not in page or last is None:
            return found
        self._count_rest(found[last], last, page["LastEvaluatedKey"])
        while len(found) < _MOST_STATES:
            beyond = self._page("#at = :at AND since > :after", {":after": {"S": f"{last}#:"}}, OF_A_STATE)
            states = _by_state(beyond["Items"])
            for state, rows in states:
                found[state] = self._of_rows(state, rows)
            if not states or "LastEvaluatedKey" not in beyond:
                return found
            last = states[-1][0]
            self._count_rest(found[last], last, beyond["LastEvaluatedKey"])
        return found

    def _page(self, condition: str, values: Mapping[str, Any], limit: int) -> Mapping[str, Any]:
        names = {**INDEX_PROJECTION.names, "#at": "at"}
        return self.query(
            TableName=self.table,
            IndexName="waiting",
            KeyConditionExpression=condition,
            ProjectionExpression=INDEX_PROJECTION.expression,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":at": {"S": self.partition}, **values},
            Limit=limit,
        )

    def _of_rows(self, state: str, rows: Sequence[tuple[float, str]]) -> Held:
        limits = self.limits.get(state, Limits())
        waited = [self.now - since for since, _ in rows]
        return Held(
            waiting=len(rows),
            late=sum(limits.late is not None and one > limits.late for one in waited),
            overdue=sum(limits.overdue is not None and one > limits.overdue for one in waited),
            rows=list(rows),
        )

    def _count_rest(self, held: Held, state: str, after: Item) -> None:
        """Count those in *state* behind *after*: in parts, where some of them are late and others not."""
        limits = self.limits.get(state, Limits())
        read_to = held.rows[-1][0]
        cuts = sorted(
            {self.now - one for one in (limits.late, limits.overdue) if one is not None and self.now - one > read_to}
        )
        start: Item | None = after
        lower = f"{state}#"
        for cut in (*cuts, None):
            # BETWEEN takes its ends in, and who waits just as long as a limit is not beyond it.
            upper = f"{state}#{':' if cut is None else written_moment((ceil(cut * 1_000) - 1) / 1_000)}"
            count, is_all = self._count(lower, upper, start)
            held.waiting += count
            held.uncounted |= not is_all
            held.late += count * (cut is not None and limits.late is not None and cut <= self.now - limits.late)
            held.overdue += count * (
                cut is not None and limits.overdue is not None and cut <= self.now - limits.overdue
            )
            start, lower = None, f"{upper} "

    def _count(self, lower: str, upper: str, start: Item | None) -> tuple[int, bool]:
        answer = self.query(
            TableName=self.table,
            IndexName="waiting",
            KeyConditionExpression="#at = :at AND since BETWEEN :lower AND :upper",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={
                ":at": {"S": self.partition},
                ":lower": {"S": lower},
                ":upper": {"S": upper},
            },
            Select="COUNT",
            **({"ExclusiveStartKey": start} if start else {}),
        )
        return int(answer["Count"]), "LastEvaluatedKey" not in answer


def _by_state(items: Sequence[Item]) -> list[tuple[str, list[tuple[float, str]]]]:
    """Return the rows of each state, in their order."""
    found: dict[str, list[tuple[float, str]]] = {}
    for item in items:
        state, since = place(item["since"]["S"])
        found.setdefault(state, []).append((since, item["journey"]["S"]))
    return [*found.items()]
