"""A journey as the table holds it: its open waits, what became of its events, and how both are read from items."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from choreography_insights.core.fields import ABSENT, id_text, read
from choreography_insights.core.keys import EVENT, JOURNEY, WAIT, id_of

from .counting import Tally, counted, since
from .event import Event, event_from_payload
from .patterns import matches

#: An event row outlives every retention its message can have: 1 day on EventBridge, 14 on a queue, 14 on its
#: dead-letter queue. Events older than MAX_AGE could meet no row of their own any more and are refused.
EVENT_ROW_DAYS = 45
MAX_AGE_SECONDS = 30 * 86_400

Item = Mapping[str, Mapping[str, Any]]


class Status(StrEnum):
    """What became of an event: KEPT or CLAIMED → DONE; KEPT → FAILING or REPORTING → REPORTED; STARTING → DONE.

    A start event that is its journey's own, published again: KEPT → REPEATED.
    """

    KEPT = "KEPT"
    CLAIMED = "CLAIMED"
    DONE = "DONE"
    FAILING = "FAILING"
    REPORTING = "REPORTING"
    REPORTED = "REPORTED"
    STARTING = "STARTING"
    REPEATED = "REPEATED"


#: Of what is one of these nothing more becomes.
SETTLED = (Status.DONE, Status.REPORTED, Status.REPEATED)


class AcceptedEvent(NamedTuple):
    """One kind of event a wait accepts: a name, perhaps with a pattern on the detail.

    *contested_by*: positions (in the wait's ``accepts``) of the variants after which this one could still come.
    *own_kind*: its own position there says that of others of its kind, and not that it may end the lines beside its
    own. *yields*: older events that other lines wait for go first. *sources*: where it may come from, empty if from
    anywhere. *items*: paths in the event, and the key that must be there. *remembered*: a pattern on what the journey
    remembers. *remember*: what it remembers from then on, path by name. *times*: so many must come; of those with the
    same id at the path *distinct* one counts. *stays*: it is only noted, and the journey stays where it is. *gate*: it
    is accepted only while so many waits are open that say this; *is_shut*: they are not; *open_by*: which they are.
    """

    event: str
    when: Mapping[str, Any] | None = None
    contested_by: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    remembered: Mapping[str, Any] | None = None
    remember: Mapping[str, str] = MappingProxyType({})
    times: int | None = None
    distinct: str | None = None
    own_kind: bool = False
    yields: bool = False
    stays: bool = False
    gate: tuple[str, int] | None = None
    is_shut: bool = False
    open_by: tuple["OpenWait", ...] = ()

    def is_kind_of(self, event: Event, memory: Mapping[str, Any]) -> bool:
        """Whether *event* is one of these, for a journey that remembers *memory*."""
        return (
            self.event == event.name
            and not self.is_shut
            and (not self.sources or event.payload.get("source") in self.sources)
            and all(id_text(read(path, event.payload)) == key for path, key in self.items)
            and (self.when is None or matches(self.when, event.detail))
            and (self.remembered is None or matches(self.remembered, memory))
        )

    @property
    def takes_any(self) -> bool:
        """Whether the name alone decides."""
        asks = self.when is not None or self.remembered is not None or self.sources or self.items
        return not (asks or self.is_shut)


class OpenWait(NamedTuple):
    """A wait state that holds a task token. *entered_at*: epoch seconds; *entered*: since when it waits, as text.

    *state* is unique in the journey: for an item of an ``each`` it has the item's key behind the state's own name,
    *state_name*. *unexpected* and *early_seconds* are None where the choreography's hold; *memory* is None where the
    choreography remembers nothing.

    *retries*: so often Step Functions had to write it again. *beside*: other lines may wait at the same time.
    *tracked*: a claim for it shows in the journey's row until it is recorded. *own_row*: the name of the row that it
    has of its own, which may be read at another moment than the journey's; None if it stands in that one. *tally*: what
    has come so far, where it counts events: then *entered* is when it began to, and *entered_at* when it waited anew.
    *watches*: it waits for what ends the lines beside it, and has no say in what is unexpected. *opens*: what it says
    to a gate. *races*: a group around it may be over while its line is not, and the journey goes on.
    """

    state: str
    token: str
    accepts: tuple[AcceptedEvent, ...]
    entered_at: float
    retries: int = 0
    state_name: str = ""
    unexpected: str | None = None
    early_seconds: float | None = None
    memory: Mapping[str, Any] | None = None
    beside: bool = False
    tracked: bool = False
    own_row: str | None = None
    entered: str = ""
    tally: Tally | None = None
    watches: bool = False
    opens: str | None = None
    races: bool = False

    def variant_of(self, event: Event) -> int | None:
        """The position of the first variant that *event* is, None if this wait does not accept it."""
        for position, variant in enumerate(self.accepts):
            if variant.is_kind_of(event, self.memory or {}):
                return position
        return None

    def must_be_last(self, variant: int) -> bool:
        """Whether an event of *variant* may end the lines beside its own, perhaps with the whole journey."""
        return variant in self.accepts[variant].contested_by and not self.accepts[variant].own_kind

    def memory_after(self, event: Event, variant: int) -> Mapping[str, Any] | None:
        """What the journey remembers once *event*, of *variant*, has moved it on; a missing field changes nothing."""
        if self.memory is None:
            return None
        found = {name: read(path, event.payload) for name, path in self.accepts[variant].remember.items()}
        return {**self.memory, **{name: value for name, value in found.items() if value is not ABSENT}}

    def tally_after(self, event: Event, variant: int) -> Tally | None:
        """What has come once *event*, of *variant*, has; None where nothing is counted."""
        one = self.accepts[variant]
        if self.tally is None or one.times is None:
            return self.tally
        return counted(self.tally, str(variant), event, one.distinct)

    def is_left_with(self, tally: Tally, variant: int) -> bool:
        """Whether an event of *variant* leads on from here, once so many have come."""
        times = self.accepts[variant].times
        return times is None or bool(tally["came"] >= times)

    def names(self, name: str) -> bool:
        """Whether some variant has this event name."""
        return any(variant.event == name for variant in self.accepts)

    def by_name(self, name: str) -> int | None:
        """The variant of every event of that name, where that can be said without looking into one."""
        named = [position for position, variant in enumerate(self.accepts) if variant.event == name]
        return named[0] if named and self.accepts[named[0]].takes_any else None


class KeptEvent(NamedTuple):
    """What the journey's row says of an event that is kept, or claimed and not yet recorded. Epoch seconds."""

    event_id: str
    time: float
    arrived_at: float
    deadline: float
    name: str

    @property
    def size(self) -> int:
        """How many bytes it takes in the journey's row, at most."""
        return len(self.event_id.encode()) + len(self.name.encode()) + _BYTES_OF_NUMBERS


#: Three moments, to the microsecond, and what stands between them.
_BYTES_OF_NUMBERS = 64


class EventRow(NamedTuple):
    """What the table remembers of one event. Times in epoch seconds; *payload* only while it is needed.

    *held_for*: the token of the wait for which it was kept because it was contested. *due_at*: when the sweep of what
    is due looks at it. *execution* is the name of the one that it was claimed for, or that it begins. *by_failure*: the
    wait that it was claimed for hands it on by a failure. *known_as*: of which kind the name is that it waits under.
    *may_move*: it is a start event, but where a journey runs that awaits it, it moves that.
    """

    event_id: str
    status: Status
    name: str
    time: float
    arrived_at: float = 0.0
    deadline: float | None = None
    is_start: bool = False
    token: str | None = None
    wait: str | None = None
    execution: str | None = None
    payload: Mapping[str, Any] | None = None
    choreography: Mapping[str, Any] | None = None
    deviation: Mapping[str, Any] | None = None
    held_for: str | None = None
    memory: Mapping[str, Any] | None = None
    due_at: float | None = None
    tally: Tally | None = None
    by_failure: bool = False
    known_as: str | None = None
    may_move: bool = False

    @property
    def in_flight(self) -> bool:
        """Claimed for a wait, success or failure, and not yet recorded."""
        return self.status in (Status.CLAIMED, Status.FAILING)

    @property
    def as_kept(self) -> KeptEvent:
        """What the journey's row says of it while it is kept."""
        return KeptEvent(self.event_id, self.time, self.arrived_at, self.deadline or 0.0, self.name)


def event_of(row: EventRow) -> Event:
    """The event that a row with a payload remembers."""
    if row.payload is None:
        raise ValueError(f"the row of event {row.event_id} holds no payload any more")
    return event_from_payload(row.payload, row.time)


class Journey(NamedTuple):
    """The JOURNEY row. *execution*: the name of the newest one; *started_at*, *ended_at*: when it began and was closed.

    *kept*: early events that the choreography knows, by id; *starts*: kept start events; those that may move a journey,
    too, are in both. *claimed*: events that are claimed and not recorded, those of `kept` and those for tracked waits.
    *lives*: how many journeys there have been.
    *begun_by*: the `likeness` of the event that began the newest one; None if the row does not say.
    """

    key: str
    execution: str | None = None
    status: str | None = None
    waits: tuple[OpenWait, ...] = ()
    kept: Mapping[str, KeptEvent] = MappingProxyType({})
    starts: Mapping[str, KeptEvent] = MappingProxyType({})
    claimed: Mapping[str, KeptEvent] = MappingProxyType({})
    expires_at: int = 0
    started_at: float = 0.0
    ended_at: float = 0.0
    lives: int = 0
    begun_by: str | None = None

    @property
    def entity_id(self) -> str:
        """The entity's id."""
        return id_of(self.key)

    def listed(self, event_id: str) -> KeptEvent | None:
        """As what a kept event stands in the journey's row; None if it does not."""
        return self.kept.get(event_id) or self.starts.get(event_id)

    @property
    def listed_bytes(self) -> int:
        """How many bytes the events take that its row names, at most."""
        return sum(one.size for those in (self.kept, self.starts, self.claimed) for one in those.values())

    def has_as_own(self, kept: KeptEvent) -> bool:
        """Whether *kept* is this journey's: one that began after an event's grace period neither uses nor minds it."""
        return self.started_at <= kept.deadline

    def was_begun_by(self, event: Event) -> bool:
        """Whether *event* is the one that began the newest journey, published again."""
        return bool(event.likeness) and event.likeness == self.begun_by

    def accepting(self, event: Event) -> list[tuple[OpenWait, int]]:
        """The waits that accept *event*, and as which variant. None only notes it if another leads on by it."""
        found = [(wait, variant) for wait in self.waits if (variant := wait.variant_of(event)) is not None]
        return [(wait, variant) for wait, variant in found if not wait.accepts[variant].stays] or found

    @property
    def may_accept_kept(self) -> bool:
        """Whether some wait asks for events of the name of one that is kept: then somebody has to look."""
        return any(wait.names(kept.name) for wait in self.waits for kept in self.kept.values())

    @property
    def is_over(self) -> bool:
        """There was no execution yet, or the table knows that it ended."""
        return self.execution is None or self.status != RUNNING

    @property
    def may_be_redriven(self) -> bool:
        """The table knows that it ended, but in a way from which Step Functions may have let it go on: nobody says."""
        return self.execution is not None and self.status not in (RUNNING, SUCCEEDED)


RUNNING, SUCCEEDED = "RUNNING", "SUCCEEDED"


class Snapshot(NamedTuple):
    """What was read of the table. *rows* by event id; *read*: the ids of all that were asked for, there or not.

    *is_whole*: every row of the journey was read.
    """

    journey: Journey
    rows: Mapping[str, EventRow] = MappingProxyType({})
    read: frozenset[str] = frozenset()
    is_whole: bool = False

    def row(self, event_id: str) -> EventRow | None:
        """The row of one event, None if it has none or was not read."""
        return self.rows.get(event_id)

    def with_rows(self, rows: Iterable[EventRow], asked: Iterable[str]) -> "Snapshot":
        """The same with *rows*, which are all that there are of the ids *asked* for."""
        found = {**self.rows, **{row.event_id: row for row in rows}}
        return self._replace(rows=found, read=self.read | frozenset(asked))


# ---- how they stand in the table (docs/reference/interfaces.md, section 5) --------


def is_of_journey(keys: Item) -> bool:
    """Whether these are the keys of a JOURNEY row."""
    return bool(keys["item"]["S"] == JOURNEY)


def journey_of(key: str, items: Iterable[Item]) -> Journey:
    """The journey that its row and those of its waits tell of, with all of its open waits.

    A row of a wait names its execution: those of earlier ones stay behind, and say nothing. One that was entered after
    the end that the journey's row tells of is a redriven execution's: nobody else says that it runs again.
    """
    rows = {str(item["item"]["S"]): item for item in items}
    journey = journey_from(key, rows.get(JOURNEY))
    if journey.execution is None or journey.status == SUCCEEDED:
        return journey
    own = [_own_wait(name, rows[name]) for name in rows if name.startswith(f"{WAIT}{journey.execution}#")]
    runs = any(wait.entered_at > journey.ended_at for wait in own)
    waits = sorted((*journey.waits, *own), key=lambda wait: wait.state)
    return journey._replace(
        waits=_with_gates(waits) if [wait for wait in own if wait.opens] else (*waits,),
        status=RUNNING if runs else journey.status,
    )


def journey_from(key: str, item: Item | None) -> Journey:
    """The journey that a JOURNEY row tells of by itself."""
    if item is None:
        return Journey(key)
    forms = item.get("waits", {}).get("M", {})
    waits = [_wait(state, forms[state]["M"]) for state in sorted(forms)]
    return Journey(
        key=key,
        execution=_text(item, "execution"),
        status=_text(item, "status"),
        waits=_with_gates(waits) if [wait for wait in waits if wait.opens] else (*waits,),
        kept=_elements(item, "kept"),
        starts=_elements(item, "starts"),
        claimed=_elements(item, "claimed"),
        expires_at=int(_number(item, "expiresAt")),
        started_at=_number(item, "startedAt"),
        ended_at=_number(item, "endedAt"),
        lives=int(_number(item, "lives")),
        begun_by=item["begunBy"]["S"] if "begunBy" in item else None,
    )


def _with_gates(waits: Sequence[OpenWait]) -> tuple[OpenWait, ...]:
    """Return *waits*, knowing of each gate whether it is open, and by which of them."""
    opening: dict[str, list[OpenWait]] = {}
    for wait in waits:
        if wait.opens is not None:
            opening.setdefault(wait.opens, []).append(wait)
    return tuple(_with_gates_of(wait, opening) for wait in waits)


def _with_gates_of(wait: OpenWait, opening: Mapping[str, Sequence[OpenWait]]) -> OpenWait:
    if not any(one.gate for one in wait.accepts):
        return wait
    return wait._replace(
        accepts=tuple(one if one.gate is None else _gated(one, *one.gate, opening) for one in wait.accepts)
    )


def _gated(one: AcceptedEvent, by: str, number: int, opening: Mapping[str, Sequence[OpenWait]]) -> AcceptedEvent:
    open_by = tuple(opening.get(by, ()))
    is_shut = len(open_by) < number
    return one._replace(is_shut=is_shut, open_by=() if is_shut else open_by)


def _own_wait(name: str, item: Item) -> OpenWait:
    """The wait that has the row *name* of its own: it is called by the keys of the items that it is about."""
    fields = item["wait"]["M"]
    wait = _wait(fields["state"]["S"], fields)
    keys = [one["S"] for one in fields["keys"]["L"]] if "keys" in fields else [key for _, key in wait.accepts[0].items]
    return wait._replace(state="".join((wait.state, *(f"[{key}]" for key in keys))), own_row=name)


def _wait(state: str, fields: Item) -> OpenWait:
    tally = _json(fields, "tally") if "tally" in fields else None
    return OpenWait(
        state=state,
        token=fields["t"]["S"],
        accepts=tuple(_variant(entry["M"]) for entry in fields["a"]["L"]),
        entered_at=datetime.fromisoformat(f"{fields['v']['S']}+00:00").timestamp(),
        retries=int(_number(fields, "r")),
        state_name=_text(fields, "state") or state,
        unexpected=_text(fields, "unexpected"),
        early_seconds=_maybe_number(fields, "early"),
        memory=_json(fields, "remembered"),
        beside="beside" in fields,
        tracked="tracked" in fields,
        entered=fields["v"]["S"] if tally is None else since(tally),
        tally=tally,
        watches="watches" in fields,
        races="races" in fields,
        opens=fields["opens"]["S"] if "opens" in fields else None,
    )


def _variant(entry: Item) -> AcceptedEvent:
    contested_by: Sequence[Mapping[str, str]] = entry.get("contestedBy", {}).get("L", ())
    return AcceptedEvent(
        event=entry["e"]["S"],
        when=_json(entry, "when"),
        contested_by=tuple(int(position["N"]) for position in contested_by),
        sources=tuple(source["S"] for source in entry.get("sources", {}).get("L", ())),
        items=tuple((one["M"]["path"]["S"], one["M"]["key"]["S"]) for one in entry.get("items", {}).get("L", ())),
        remembered=_json(entry, "remembered"),
        remember={name: path["S"] for name, path in entry.get("remember", {}).get("M", {}).items()},
        times=int(entry["times"]["N"]) if "times" in entry else None,
        distinct=entry["distinct"]["S"] if "distinct" in entry else None,
        own_kind="ownKind" in entry,
        yields="yields" in entry,
        stays="stays" in entry,
        gate=_gate(entry["gate"]["M"]) if "gate" in entry else None,
        is_shut="gate" in entry,
    )


def _gate(form: Item) -> tuple[str, int]:
    return form["by"]["S"], int(form["waits"]["N"])


def event_rows(items: Iterable[Item]) -> list[EventRow]:
    """The events among the *items* of a journey."""
    return [event_row(item) for item in items if item["item"]["S"].startswith(EVENT)]


def event_row(item: Item) -> EventRow:
    """What an event's row tells of it."""
    return EventRow(
        event_id=str(item["item"]["S"]).removeprefix(EVENT),
        status=Status(item["status"]["S"]),
        name=item["name"]["S"],
        time=_number(item, "time"),
        arrived_at=_number(item, "arrivedAt"),
        deadline=_maybe_number(item, "deadline"),
        is_start="isStart" in item,
        token=_text(item, "token"),
        wait=_text(item, "wait"),
        execution=_text(item, "execution"),
        payload=_json(item, "payload"),
        choreography=_json(item, "choreography"),
        deviation=_json(item, "deviation"),
        held_for=_text(item, "heldFor"),
        memory=_json(item, "remembered"),
        tally=_json(item, "tally") if "tally" in item else None,
        due_at=_maybe_number(item, "dueAt"),
        by_failure="byFailure" in item,
        known_as=_text(item, "knownAs"),
        may_move="mayMove" in item,
    )


def _elements(item: Item, name: str) -> dict[str, KeptEvent]:
    found = (element.split("#", 4) for element in item.get(name, {}).get("SS", ()))
    return {one[0]: KeptEvent(one[0], float(one[1]), float(one[2]), float(one[3]), one[4]) for one in found}


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: Item, name: str) -> float:
    return float(item[name]["N"]) if name in item else 0.0


def _maybe_number(item: Item, name: str) -> float | None:
    return float(item[name]["N"]) if name in item else None


def _json(item: Item, name: str) -> Any:
    return json.loads(item[name]["S"]) if name in item else None
