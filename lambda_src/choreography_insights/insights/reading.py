"""The rim towards DynamoDB: what is read of the table, in how many calls. Nothing here writes.

What is read is eventually consistent, and each call reads at another moment: it is for looking at. How many calls a
view takes does not depend on how much the table holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

from choreography_insights.core.keys import EVENT, JOURNEY, NAME, WAIT, id_of, journey_key, name_key
from choreography_insights.insights import counted as counting
from choreography_insights.insights.assembling import (
    LONGEST,
    Found,
    Stored,
    choreography_known,
    journey_row,
    limits,
    waiters,
)
from choreography_insights.insights.changes import text
from choreography_insights.insights.counter_rows import COUNTS, begin_of
from choreography_insights.insights.counts import Counts
from choreography_insights.insights.deviating import deviation, with_nearest
from choreography_insights.insights.inside import Inside, accepted, awaited_by, has_items, lines_inside, waits_inside
from choreography_insights.insights.pictures import PICTURES, picture_text
from choreography_insights.insights.rows import (
    DEVIATION_PROJECTION,
    EVENT_PROJECTION,
    INDEX_PROJECTION,
    JOURNEY_PROJECTION,
    NAME_PROJECTION,
    OWN_WAIT_PROJECTION,
    EventFound,
    Item,
    JourneyFound,
    OpenWaitRow,
    Projection,
    event_found,
    journey_found,
    other_name,
    own_wait_found,
    place,
    waits_found,
    waits_projections,
)
from choreography_insights.insights.story import JourneyRows, journey_known
from choreography_insights.insights.waiting import FIRST, Held, Shard, shards
from choreography_insights.views import layout_file
from choreography_insights.views.flow import Flow
from choreography_insights.views.known import (
    ChoreographyKnown,
    Curve,
    Deviation,
    JourneyKnown,
    JourneyRow,
    Period,
    Waiter,
)
from choreography_insights.views.words import Clock

_MOST_INSIDE, _MOST_WITH_ITEMS = 400, 40
"""So many journeys are looked into that are in states in which others lie; of those with an ``each``, so many."""

_MOST_DEVIATIONS = 40
_MOST_WAITING, _MOST_DEVIATING = 60, 40
MOST_PAGES_OF_COUNTS = 24
"""Of a megabyte each. What lies before is not counted, and the period that is shown begins later."""

_MOST_PAGES, _KEYS_AT_ONCE, _TRIES = 8, 100, 3
_MOST_OF_JOURNEY, _MOST_OF_ITEM = 2048, 1024
"""So many bytes have the parts of a key. DynamoDB refuses to look for others, and for none at all."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the table *name* with a low-level *client*, for somebody on whose *clock* it is now.

    *machines*: begins the ARNs of the state machines; a choreography's name follows. Without it journeys have no links
    to Step Functions. *workers*: so many calls are made at once; the client needs as many connections.
    """

    client: Any
    name: str
    clock: Clock
    machines: str | None = None
    workers: int = 16

    # ---- what views ask for --------

    def choreographies(self) -> Sequence[Stored]:
        """All that are deployed, by name."""
        return [_stored(item) for item in self._pictures("picture", "version", "description")]

    def overview(self, period: Period) -> Sequence[ChoreographyKnown]:
        """What a look at all of them needs."""
        stored = self.choreographies()
        counts = self._all(self._counts, [(one.name, period) for one in stored])
        found = [Found(one, *counted) for one, counted in zip(stored, counts, strict=True)]
        held = self._held(found, FIRST)
        return [
            choreography_known(replace(one, held=own), period, self.clock.now)
            for one, own in zip(found, held, strict=True)
        ]

    def choreography(self, name: str, period: Period) -> ChoreographyKnown | None:
        """All that a map and the deviations show; None if there is no such choreography."""
        found = self._found(name, period)
        return None if found is None else choreography_known(found, period, self.clock.now)

    def state(self, name: str, state: str, period: Period) -> ChoreographyKnown | None:
        """The same, with those who wait longest in *state*."""
        found = self._found(name, period)
        if found is None:
            return None
        longest = self._longest(found, state)
        return choreography_known(replace(found, waiters={state: longest}), period, self.clock.now)

    def journeys(self, name: str, period: Period) -> Sequence[JourneyRow]:
        """Those that wait longest, and those of the newest deviations; so many at most."""
        return self._listed(name, period, None)

    def waiting(self, name: str, state: str, period: Period) -> Sequence[JourneyRow]:
        """Those that wait longest in an outermost *state*; so many at most."""
        return self._listed(name, period, state)

    def journey(self, name: str, entity: str) -> JourneyKnown | None:
        """The newest journey of *entity*, which is its key as well; None if there is none."""
        key = f"{name}#{entity}"
        found = self._journeys_found([key]).get(key)
        stored = self._stored(name)
        if found is None or stored is None:
            return None
        older = None
        if found.version is not None and found.version != stored.version:
            older = self._stored(name, found.version)
        drawn = older or stored
        waits = self._waits(drawn, found)
        events, is_all = self._events(key)
        names, _ = self._of_journey(key, NAME, NAME_PROJECTION, pages=1)
        rows = JourneyRows(found, waits, events)
        return journey_known(
            drawn.flow,
            rows,
            self.clock.now,
            [with_nearest(stored.flow, deviation(entity, one)) for one in rows.deviating],
            layout=older.layout if older else None,
            elsewhere=self._elsewhere(name, entity, found),
            untold=not is_all,
            names=tuple(other_name(item) for item in names),
        )

    def standing(self, name: str, most: int) -> tuple[Sequence[JourneyFound], int]:
        """Those that wait somewhere, *most* of them and the longest first; and how many more there are."""
        keys = sorted(one for some in self._all(self._waiting_in, [(shard,) for shard in shards(name)]) for one in some)
        found = self._journeys_found(key for _, key in keys[:most])
        return [found[key] for _, key in keys[:most] if key in found], max(0, len(keys) - most)

    def flow(self, name: str, version: str | None = None) -> Flow | None:
        """Where the states of a *version* lead; of the current one if none is named. None if it is not there."""
        stored = self._stored(name, version)
        return None if stored is None else stored.flow

    def find(self, entity: str) -> Sequence[tuple[str, JourneyRow]]:
        """The newest journey of *entity* in each choreography that has one, with the choreography's name.

        Where none has, *entity* may be another name of one.
        """
        names = [item["item"]["S"] for item in self._pictures()]
        keys = [(name, journey_key(name, entity)) for name in names]
        rows = self._journeys_found(key for _, key in keys)
        if not rows:
            keys = [(name, journey_key(name, own)) for name in names for own in self._owners(name, entity)]
            rows = self._journeys_found(dict.fromkeys(key for _, key in keys))
        found = [(name, rows.get(key)) for name, key in keys]
        return [(name, journey_row(one, {}, self.clock.now)) for name, one in found if one is not None]

    def _waiting_in(self, shard: str) -> list[tuple[float, str]]:
        """Return since when each journey in a *shard* of the index waits, and its key."""
        found = []
        asked: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": "waiting",
            "KeyConditionExpression": "#at = :at",
            "ProjectionExpression": INDEX_PROJECTION.expression,
            "ExpressionAttributeNames": {**INDEX_PROJECTION.names, "#at": "at"},
            "ExpressionAttributeValues": {":at": {"S": shard}},
        }
        while True:
            page = self.client.query(**asked)
            found += [(place(item["since"]["S"])[1], item["journey"]["S"]) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _owners(self, choreography: str, name: str) -> list[str]:
        """The entities that have this *name*: one of each kind of name."""
        key = name_key(choreography, name)
        items = () if len(key.encode()) > _MOST_OF_JOURNEY else self._of_journey(key, NAME, NAME_PROJECTION, pages=1)[0]
        return list(dict.fromkeys(item["entity"]["S"] for item in items if "entity" in item))

    # ---- a list --------

    def _listed(self, name: str, period: Period, state: str | None) -> list[JourneyRow]:
        stored = self._stored(name)
        if stored is None:
            return []
        counts, _, _ = self._counts(name, period)
        (held,) = self._held([Found(stored, counts)], FIRST)
        rows = (row for where, one in held.items() if state in (None, where) for row in one.rows)
        waiting = [key for _, key in sorted(rows)[:_MOST_WAITING]]
        deviations = self._deviations(stored, period)
        times = Counter(f"{name}#{one.entity}" for one in sorted(deviations, key=lambda one: -one.at))
        deviating = [] if state else [*times][:_MOST_DEVIATING]
        found = self._journeys_found(dict.fromkeys((*waiting, *deviating)))
        own = limits(stored.flow, counts)
        return [
            journey_row(found[key], own, self.clock.now, times[key])
            for key in dict.fromkeys((*waiting, *deviating))
            if key in found
        ]

    # ---- a choreography --------

    def _pictures(self, *attributes: str) -> Iterator[Item]:
        """Yield the rows of the pictures that are in use; older ones lie between them, and are passed over."""
        names = {f"#{name}": name for name in ("item", *attributes)}
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "journey = :pictures",
            "ExpressionAttributeValues": {":pictures": {"S": PICTURES}},
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        while True:
            page = self.client.query(**asked)
            yield from (item for item in page["Items"] if "#" not in item["item"]["S"])
            if "LastEvaluatedKey" not in page:
                return
            current = page["LastEvaluatedKey"]["item"]["S"].partition("#")[0]
            asked["ExclusiveStartKey"] = {"journey": {"S": PICTURES}, "item": {"S": f"{current}#~"}}

    def _stored(self, name: str, version: str | None = None) -> Stored | None:
        item = name if version is None else f"{name}#{version}"
        if not 0 < len(item.encode()) <= _MOST_OF_ITEM:
            return None
        answer = self.client.get_item(TableName=self.name, Key={"journey": {"S": PICTURES}, "item": {"S": item}})
        return _stored(answer["Item"]) if "Item" in answer else None

    def _found(self, name: str, period: Period) -> Found | None:
        """All that is known of a choreography, but for who waits longest."""
        stored = self._stored(name)
        if stored is None:
            return None
        found = Found(stored, *self._counts(name, period), deviations=self._deviations(stored, period))
        (held,) = self._held([found], FIRST)
        inside, unseen = self._inside(stored, held)
        return replace(found, held=held, inside=inside, unseen=unseen)

    def _counts(self, name: str, period: Period) -> tuple[Counts, Curve | None, float]:
        """Return what was counted, and from when on: of a range that has too many rows only the newest are read."""
        ranges, step = counting.key_ranges(period, self.clock.now)
        rows, is_all = self._newest_counts(name, ranges)
        since = period.start
        if not is_all:  # of the oldest hour or day perhaps not all shards were read
            oldest = begin_of(rows[-1]["item"]["S"])
            rows = [row for row in rows if begin_of(row["item"]["S"]) > oldest]
            since = min((begin_of(row["item"]["S"]) for row in rows), default=period.end)
        total, bounds = Counts(), dict[float, counting.Bounds]()
        for row in rows:
            counts = Counts.of_text(row["counts"]["S"])
            total.merge(counts)
            when = begin_of(row["item"]["S"])
            bounds.setdefault(when - when % step, counting.Bounds()).count(counts)
        return total, counting.curve(bounds, Period(since, period.end), step), since

    def _newest_counts(self, name: str, ranges: Iterable[counting.KeyRange]) -> tuple[list[Item], bool]:
        """Return the rows of counters in *ranges*, the newest first, of so many pages; and whether those are all."""
        found: list[Item] = []
        pages = 0
        for one in ranges:
            asked: dict[str, Any] = {
                "TableName": self.name,
                "KeyConditionExpression": "journey = :counts AND #item BETWEEN :first AND :last",
                "ExpressionAttributeNames": {"#item": "item"},
                "ExpressionAttributeValues": {
                    ":counts": {"S": f"{COUNTS}{name}"},
                    ":first": {"S": one.first},
                    ":last": {"S": one.last},
                },
                "ScanIndexForward": False,
            }
            while True:
                if found and pages == MOST_PAGES_OF_COUNTS:
                    return found, False
                page = self.client.query(**asked)
                found += page["Items"]
                pages += 1
                if "LastEvaluatedKey" not in page:
                    break
                asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found, True

    def _held(self, found: Sequence[Found], first: int) -> list[dict[str, Held]]:
        """Return who waits in each state of each choreography; of all their shards at once."""
        asked: list[tuple[int, Shard]] = []
        for position, one in enumerate(found):
            own = limits(one.stored.flow, one.counts)
            asked += (
                (position, Shard(self.client.query, self.name, shard, self.clock.now, own))
                for shard in shards(one.stored.name)
            )
        answers = self._all(lambda _, shard: shard.held(first), asked)
        merged: list[dict[str, Held]] = [{} for _ in found]
        for (position, _), answer in zip(asked, answers, strict=True):
            for state, held in answer.items():
                merged[position].setdefault(state, Held()).merge(held)
        return merged

    def _deviations(self, stored: Stored, period: Period) -> list[Deviation]:
        """Return the newest of *period*: of each shard so many."""

        def of_shard(shard: str) -> list[Deviation]:
            answer = self.client.query(
                TableName=self.name,
                IndexName="deviations",
                KeyConditionExpression="deviatedIn = :shard AND deviatedAt BETWEEN :start AND :end",
                ExpressionAttributeValues={
                    ":shard": {"S": shard},
                    ":start": {"N": repr(period.start)},
                    ":end": {"N": repr(period.end)},
                },
                ScanIndexForward=False,
                Limit=_MOST_DEVIATIONS,
                **DEVIATION_PROJECTION.parameters,
            )
            return [deviation(id_of(item["journey"]["S"]), event_found(item)) for item in answer["Items"]]

        return [one for some in self._all(of_shard, [(shard,) for shard in shards(stored.name)]) for one in some]

    # ---- inside of states --------

    def _inside(self, stored: Stored, held: Mapping[str, Held]) -> tuple[dict[str, list[Inside]], frozenset[str]]:
        """Return who is in the states that lie in others, and of which of them not all was looked at."""
        flow = stored.flow
        found: dict[str, list[Inside]] = {}
        unseen: set[str] = set()
        room, with_items = _MOST_INSIDE, _MOST_WITH_ITEMS
        for where, own in held.items():
            state = flow.states.get(where)
            if state is None or state.kind not in ("all", "parallel", "each"):
                continue
            keys = [key for _, key in own.rows][:room]
            room -= len(keys)
            waits = self._waits_of(stored, where, keys)
            if has_items(flow, where):
                looked_into = keys[:with_items]
                with_items -= len(looked_into)
                for key, more in self._own_waits_of(looked_into).items():
                    waits.setdefault(key, []).extend(more)
                keys = looked_into
            found |= lines_inside(flow, where, waits, self.clock.now)
            if own.waiting > len(keys) or own.uncounted:
                unseen |= {one.name for one in flow.states.values() if where in flow.around(one.name)[1:]}
        return found, frozenset(unseen)

    def _waits_of(
        self, stored: Stored, where: str | None, keys: Sequence[str], *, accepts: bool = False
    ) -> dict[str, list[OpenWaitRow]]:
        """Return the open waits of journeys that stand in their rows, of *where* and the states in it; None: of all."""
        found: dict[str, list[OpenWaitRow]] = {}
        waiting = waits_inside(stored.flow, where)
        counting = [name for name in waiting if stored.flow.states[name].counts]
        for projection in waits_projections(waiting, accepts=accepts, counting=counting):
            for item in self._rows(keys, projection):
                found.setdefault(item["journey"]["S"], []).extend(waits_found(item))
        return found

    def _own_waits_of(self, keys: Sequence[str]) -> dict[str, list[OpenWaitRow]]:
        """Return the open waits of journeys that have rows of their own."""
        journeys = self._journeys_found(keys)
        asked = [(key, journeys[key].execution) for key in keys if key in journeys]
        answers = self._all(self._own_waits, asked)
        return {key: waits for (key, _), waits in zip(asked, answers, strict=True)}

    def _own_waits(self, key: str, execution: str) -> list[OpenWaitRow]:
        items = self._of_journey(key, f"{WAIT}{execution}#", OWN_WAIT_PROJECTION, pages=1)[0]
        return [own_wait_found(item) for item in items if "wait" in item]

    def _longest(self, found: Found, state: str) -> list[Waiter]:
        """Return who waits in *state* longest, and for which events."""
        if state not in found.held:
            awaited = accepted(found.stored.flow, state)
            return waiters(replace(one, accepts=awaited) for one in found.inside.get(state, ()))
        rows = found.held[state].rows[:LONGEST]
        flow = found.stored.flow
        if state not in flow.states:  # of an older definition
            return waiters(Inside(key, since) for since, key in rows)
        waits = self._waits_of(found.stored, state, [key for _, key in rows], accepts=True)
        return waiters(
            Inside(key, since, awaited_by(flow, state, waits.get(key, ()), self.clock.now)) for since, key in rows
        )

    # ---- a journey --------

    def _journeys_found(self, keys: Iterable[str]) -> dict[str, JourneyFound]:
        there = [key for key in keys if len(key.encode()) <= _MOST_OF_JOURNEY]
        found = (journey_found(item) for item in self._rows(there, JOURNEY_PROJECTION))
        return {one.key: one for one in found if one is not None}

    def _waits(self, stored: Stored, found: JourneyFound) -> list[OpenWaitRow]:
        """Return the waits that are open, or were when the journey ended badly: those stay, for it may be redriven."""
        where = found.state if found.status == "RUNNING" else None
        if found.status == "SUCCEEDED" or (where is not None and where not in stored.flow.states):
            return []
        waits = self._waits_of(stored, where, [found.key], accepts=True).get(found.key, [])
        if has_items(stored.flow, where):
            waits += self._own_waits(found.key, found.execution)
        return waits

    def _events(self, key: str) -> tuple[list[EventFound], bool]:
        items, is_all = self._of_journey(key, EVENT, EVENT_PROJECTION, pages=_MOST_PAGES)
        return [event_found(item) for item in items], is_all

    def _elsewhere(self, name: str, entity: str, found: JourneyFound) -> tuple[tuple[str, str], ...]:
        if self.machines is None:
            return ()
        arn = f"{self.machines}{name}:{found.execution}".replace(":stateMachine:", ":execution:", 1)
        _, partition, _, region, *_ = arn.split(":")
        domain = _CONSOLES.get(partition, "console.aws.amazon.com")
        address = f"https://{region}.{domain}/states/home?region={region}#/v2/executions/details/{arn}"
        prefix = self.machines.rpartition(":")[2].removesuffix("-")
        return (
            ("The execution in Step Functions", address),
            ("What the log says of it", _log_address(region, domain, f"/aws/lambda/{prefix}-resume", entity)),
        )

    # ---- calls --------

    def _rows(self, keys: Sequence[str], projection: Projection) -> Iterator[Item]:
        """Yield the JOURNEY rows of *keys*, as far as there are any; what DynamoDB leaves undone is tried again."""
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            some = [{"journey": {"S": key}, "item": {"S": JOURNEY}} for key in keys[first : first + _KEYS_AT_ONCE]]
            wanted: Any = {self.name: {"Keys": some, **projection.parameters}}
            for _ in range(_TRIES):
                answer = self.client.batch_get_item(RequestItems=wanted)
                yield from answer["Responses"].get(self.name, ())
                wanted = answer.get("UnprocessedKeys")
                if not wanted:
                    break

    def _of_journey(self, key: str, prefix: str, projection: Projection, *, pages: int) -> tuple[list[Item], bool]:
        """Return the rows of a journey that begin so, of so many pages; and whether those are all."""
        found: list[Item] = []
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "journey = :journey AND begins_with(#item, :prefix)",
            "ExpressionAttributeValues": {":journey": {"S": key}, ":prefix": {"S": prefix}},
            "ProjectionExpression": projection.expression,
            "ExpressionAttributeNames": {**projection.names, "#item": "item"},
        }
        for _ in range(pages):
            page = self.client.query(**asked)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found, True
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found, False

    def _all(self, call: Callable[..., R], arguments: Sequence[tuple[Any, ...]]) -> list[R]:
        """Return what *call* gives for each of *arguments*, in their order, several at a time."""
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return [*pool.map(lambda one: call(*one), arguments)]


def _log_address(region: str, domain: str, group: str, entity: str) -> str:
    """Where CloudWatch shows the lines of a log *group* about *entity*: what varies is encoded twice, with ``$``."""
    text = entity.replace("\\", r"\\").replace('"', r"\"")
    within = _encoded(f'{{ $.entity_id = "{text}" }}')
    place = f"log-groups/log-group/{_encoded(group)}/log-events$3FfilterPattern$3D{within}"
    return f"https://{region}.{domain}/cloudwatch/home?region={region}#logsV2:{place}"


def _encoded(text: str) -> str:
    return quote(quote(text, safe=""), safe="").replace("%", "$")


_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}


def _stored(item: Item) -> Stored:
    layout, flow = layout_file.read(picture_text(item))
    return Stored(item["item"]["S"].partition("#")[0], text(item, "description"), item["version"]["S"], layout, flow)
