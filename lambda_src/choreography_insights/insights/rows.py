"""The rows of a journey as those who look read them: never a payload, never a task token.

The forms are those of docs/reference/interfaces.md, section 5. A *projection* names what is asked for, so that nothing
else leaves the table.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from choreography_insights.core.keys import EVENT, NAME, id_of
from choreography_insights.views.known import Status

Item = Mapping[str, Mapping[str, Any]]

_MOST_CHARACTERS = 3_900
"""An expression has 4 KB."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What is asked for of rows, and the names in that which DynamoDB would take for its own."""

    expression: str
    names: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, Any]:
        """Return it as a read takes it."""
        return {"ProjectionExpression": self.expression, "ExpressionAttributeNames": dict(self.names)}


def _projection(*attributes: str) -> Projection:
    return Projection(", ".join(f"#{name}" for name in attributes), {f"#{name}": name for name in attributes})


@dataclass(frozen=True, slots=True)
class OpenWaitRow:
    """A wait that stands in a row. *keys*: of the items that it is about, the outermost first."""

    state: str
    entered: float
    accepts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the wait is called: the state, with the keys of items."""
        return self.state + "".join(f"[{key}]" for key in self.keys)


@dataclass(frozen=True, slots=True)
class JourneyFound:
    """What a JOURNEY row says of an entity's newest journey, which is its *execution*.

    *state*, *since*: where it is and since when, in which *version* of the definition; None once it has ended, and
    until its first wait is written.
    """

    key: str
    execution: str
    status: Status
    started: float
    ended: float | None
    state: str | None = None
    since: float | None = None
    version: str | None = None

    @property
    def entity(self) -> str:
        """The entity's id: what is behind the choreography's name, which has no ``#``."""
        return id_of(self.key)


@dataclass(frozen=True, slots=True)
class EventFound:
    """What the row of an event says. *wait*, *variant*, *entered*: which wait it was used for, as what, and since when.

    *came*: how many that count had come with it, where the wait counts. *noted*: the journey stayed where it was.
    *deviation* is what was reported of it, at *deviated*. *repeats*: how often it came again, at least, and when last.
    """

    event_id: str
    status: str
    name: str
    time: float
    arrived: float | None = None
    deadline: float | None = None
    is_start: bool = False
    execution: str | None = None
    wait: str | None = None
    variant: int | None = None
    entered: float | None = None
    used: float | None = None
    came: int | None = None
    noted: bool = False
    deviated: float | None = None
    deviation: "Reported | None" = None
    repeats: int = 0
    repeated: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported of an event: *reason*, the waits that it met with what each accepts, and the policy."""

    reason: str
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policy: str | None = None


JOURNEY_PROJECTION = _projection("journey", "execution", "status", "startedAt", "endedAt", "since", "version")
EVENT_PROJECTION = _projection(
    "item",
    "status",
    "name",
    "time",
    "arrivedAt",
    "deadline",
    "isStart",
    "execution",
    "wait",
    "variant",
    "entered",
    "usedAt",
    "came",
    "noted",
    "deviatedAt",
    "deviation",
    "repeats",
    "repeatedAt",
)
DEVIATION_PROJECTION = _projection("journey", "item", "name", "time", "deviation", "deviatedAt")
OWN_WAIT_PROJECTION = Projection(
    "#journey, #wait.#state, #wait.v, #wait.a, #wait.tally, #wait.#keys",
    {"#journey": "journey", "#wait": "wait", "#state": "state", "#keys": "keys"},
)
NAME_PROJECTION = _projection("item", "entity")
INDEX_PROJECTION = _projection("journey", "since")


def waits_projections(states: Sequence[str], *, accepts: bool, counting: Collection[str] = ()) -> Sequence[Projection]:
    """Return what asks for the open waits in these *states*: since when each is open, and (*accepts*) for which events.

    Several, where one would be too long. *counting*: those of the states that wait anew after each event.
    """
    parts = ("v", "a") if accepts else ("v",)
    found: list[Projection] = []
    texts: list[str] = ["#journey"]
    names = {"#journey": "journey"}
    for position, state in enumerate(states):
        more = [f"waits.#w{position}.{part}" for part in (*parts, *(("tally",) if state in counting else ()))]
        if len(", ".join([*texts, *more])) > _MOST_CHARACTERS:
            found.append(Projection(", ".join(texts), names))
            texts, names = ["#journey"], {"#journey": "journey"}
        texts += more
        names[f"#w{position}"] = state
    return [*found, Projection(", ".join(texts), names)] if len(names) > 1 else found


def other_name(item: Item) -> tuple[str, str]:
    """Return kind and text of the name that a row of an entity's tells of."""
    kind, _, name = item["item"]["S"].removeprefix(NAME).partition("#")
    return kind, name


def moment(text: str) -> float:
    """Return the moment that a state's EnteredTime, less the Z at its end, tells."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def written_moment(at: float) -> str:
    """Return a moment as `moment` reads it: what is earlier sorts first."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")


def place(since: str) -> tuple[str, float]:
    """Return the state that an attribute `since` names, and since when the journey is there."""
    state, _, entered = since.rpartition("#")
    return state, moment(entered)


def journey_found(item: Item) -> JourneyFound | None:
    """Return what a JOURNEY row says; None where no journey has begun."""
    if "execution" not in item:
        return None
    state, since = place(item["since"]["S"]) if "since" in item else (None, None)
    return JourneyFound(
        key=item["journey"]["S"],
        execution=item["execution"]["S"],
        status=cast("Status", item["status"]["S"]),
        started=_number(item, "startedAt") or 0.0,
        ended=_number(item, "endedAt"),
        state=state,
        since=since,
        version=_text(item, "version"),
    )


def waits_found(item: Item) -> Iterable[OpenWaitRow]:
    """Yield the waits that a JOURNEY row holds."""
    for state, fields in item.get("waits", {}).get("M", {}).items():
        yield OpenWaitRow(state, _since(fields["M"]), _accepts(fields["M"]))


def own_wait_found(item: Item) -> OpenWaitRow:
    """Return the wait that has a row of its own."""
    fields = item["wait"]["M"]
    return OpenWaitRow(fields["state"]["S"], _since(fields), _accepts(fields), _keys(fields))


def _since(fields: Item) -> float:
    """Return since when a wait is open: what counts events waits anew after each, but not since then."""
    if "tally" in fields:
        return place(json.loads(fields["tally"]["S"])["since"])[1]
    return moment(fields["v"]["S"])


def _accepts(fields: Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(variant["M"]["e"]["S"] for variant in fields.get("a", {}).get("L", ())))


def _keys(fields: Item) -> tuple[str, ...]:
    if "keys" in fields:
        return tuple(one["S"] for one in fields["keys"]["L"])
    variants = fields.get("a", {}).get("L", ())
    return tuple(one["M"]["key"]["S"] for one in variants[0]["M"].get("items", {}).get("L", ())) if variants else ()


def event_found(item: Item) -> EventFound:
    """Return what the row of an event says."""
    variant, entered, came = _number(item, "variant"), _text(item, "entered"), _number(item, "came")
    return EventFound(
        event_id=item["item"]["S"].removeprefix(EVENT),
        status=_text(item, "status") or "",
        name=_text(item, "name") or "",
        time=_number(item, "time") or 0.0,
        arrived=_number(item, "arrivedAt"),
        deadline=_number(item, "deadline"),
        is_start="isStart" in item,
        execution=_text(item, "execution"),
        wait=_text(item, "wait"),
        variant=None if variant is None else int(variant),
        entered=None if entered is None else moment(entered),
        used=_number(item, "usedAt"),
        came=None if came is None else int(came),
        noted="noted" in item,
        deviated=_number(item, "deviatedAt"),
        deviation=_reported(item),
        repeats=int(_number(item, "repeats") or 0),
        repeated=_number(item, "repeatedAt"),
    )


def _reported(item: Item) -> Reported | None:
    if "deviation" not in item:
        return None
    told = json.loads(item["deviation"]["S"])
    states = tuple((str(state), tuple(map(str, accepts))) for state, accepts in told.get("states", ()))
    return Reported(str(told.get("reason", "")), states, told.get("policy"))


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: Item, name: str) -> float | None:
    return float(item[name]["N"]) if name in item else None
