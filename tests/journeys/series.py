"""Random events of one entity: what a choreography awaits, and what it does not, at moments that leave no choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from choreography_insights.replay.automaton import Automaton, AwaitingState
from choreography_insights.replay.envelopes import UnusableEventError, events_of
from choreography_insights.replay.event import Event
from choreography_insights.testgen.path_constraints import name_of, sample_texts
from fake_aws.clock import EPOCH, iso_milliseconds, iso_seconds
from journeys.definitions import (
    BEGINNINGS,
    EACH_FIELD,
    EVENTS,
    INNER_LIST_FIELD,
    ITEM_EVENTS,
    ITEM_FIELDS,
    LIST_FIELD,
    OBJECTS_FIELD,
    OFF_EVENTS,
    OTHER_SOURCE,
    OWN_ITEM_FIELD,
    OWN_SOURCE,
    RETIRED,
    SOURCE,
    UNTIL_FIELD,
    WATCH_EVENTS,
    Definition,
)
from journeys.plans import Plan
from journeys.randomness import Dice
from journeys.trace import Ambiguous, Course

UNKNOWN = "Nobody Knows"
_NEVER_IDS = (LIST_FIELD, OBJECTS_FIELD, *ITEM_FIELDS, OWN_ITEM_FIELD, "v", "by")
_TRIES = 25
_DRAWS = 30
_VALUES: Sequence[Any] = (0, 1, 2, 3.5, "x", "xy", "x*y", None, [1], True)
_ITEMS: Sequence[str | int] = ("p", "q", "r s", 7, 12)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of an entity, *at* seconds after the beginning. *alone*: nothing else is on its way when it happens.

    *element*: which of the entities it is that the event is about.
    """

    id: str
    name: str
    source: str
    detail: Mapping[str, Any]
    at: float
    alone: bool
    element: int = 0

    def envelope(self) -> dict[str, Any]:
        """The event as EventBridge wraps it."""
        return {
            "id": self.id,
            "source": self.source,
            "detail-type": self.name,
            "time": iso_seconds(EPOCH + self.at),
            "detail": self.detail,
        }

    def as_event(self, choreography: Automaton, position: int) -> Event | None:
        """The event as replay takes it; None if it does not hear of it."""
        found = [*events_of(self.envelope(), choreography, position)][self.element : self.element + 1]
        for event in found:
            if isinstance(event, UnusableEventError):
                raise event
            return event
        return None

    @property
    def is_about_several(self) -> bool:
        """Whether it carries the ids of all that it is about in a list."""
        return EACH_FIELD in self.detail


@dataclass(frozen=True, slots=True)
class Series:
    """The events of one entity, and how long after the beginning everything about them is over."""

    entity: str
    happenings: tuple[Happening, ...]
    horizon: float


def follow(definition: Definition, plan: Plan, series: Series, *, prompt: bool) -> Course:
    """Let replay go through *series*; raises `Ambiguous` where the promises leave a choice."""
    trace = Course(definition.read, plan, prompt=prompt)
    for position, happening in enumerate(series.happenings):
        event = happening.as_event(definition.read, position)
        if event is not None:
            (trace.take_alone if happening.alone else trace.take_in_burst)(event)
    trace.rest_at(EPOCH + series.horizon)
    return trace


def series(definition: Definition, plan: Plan, dice: Dice, entity: str, *, prompt: bool) -> Series | None:
    """A series in which everything about an event that anybody can see is certain; None if that is hard to find."""
    for _ in range(_DRAWS):
        try:
            return _Writer(definition, plan, dice, entity, prompt=prompt).write()
        except Ambiguous:
            continue
    return None


class _Writer:
    """Writes one series."""

    def __init__(self, definition: Definition, plan: Plan, dice: Dice, entity: str, *, prompt: bool) -> None:
        self.definition, self.plan, self.dice, self.entity = definition, plan, dice, entity
        self.choreography = definition.read
        self.trace = Course(definition.read, plan, prompt=prompt)
        self.happenings: list[Happening] = []
        self.now = EPOCH + dice.between(0, 20)
        self.names = [
            name for name in (*EVENTS, *ITEM_EVENTS, *OFF_EVENTS, *WATCH_EVENTS) if name in self.choreography.known
        ]
        self.starts = [name for name in BEGINNINGS if name in self.choreography.starts]
        self.may_burst = plan.loose and (plan.settles or not definition.holds_events)
        self.reads_lists = any(f'"$.detail.{field}"' in definition.text for field in (LIST_FIELD, OBJECTS_FIELD))
        self.slips = dice.one_of((0.0, 0.1, 0.1, 0.3))

    def write(self) -> Series:
        """Let events happen until there are enough, and then time pass until nothing more is certain to happen."""
        if self.dice.chance(0.1):
            self._stray()
            if self.dice.chance(0.5):
                self._let_time_pass()
        self._begin(alone=not self.may_burst or bool(self.happenings))
        for _ in range(self.dice.between(1, 12)):
            self._next()
        horizon = self._come_to_rest()
        return Series(self.entity, tuple(self.happenings), horizon - EPOCH)

    def _come_to_rest(self) -> float:
        for _ in range(self.dice.between(4, 12)):
            dues = self.trace.dues()
            if not dues or dues[0].moment > self.now + 30 * 86_400:
                break
            self._let_pass(dues[0].moment)
        self.now = max(self.now, self.trace.judged_by())
        moment = self._quiet()
        self.trace.rest_at(moment)
        return moment

    # ---- what happens next --------

    def _next(self) -> None:
        dice, running = self.dice, self.trace.running
        if running is None:
            if dice.chance(0.5 * self.slips):
                self._stray()
            elif dice.chance(0.5):
                close = self.plan.starts_close and not self.trace.standing.kept and dice.chance(0.7)
                self._begin(alone=not close)
            return
        if running.judging and not dice.chance(self.slips):
            if (not self.trace.standing.kept and dice.chance(0.12)) or not self._conform(running.waits):
                self._let_time_pass()
            return
        if not running.judging and running.waits and dice.chance(0.3) and self._conform(running.waits):
            return
        if (not running.judging and not dice.chance(2 * self.slips)) or dice.chance(0.3):
            self._let_time_pass()
        else:
            self._stray()

    def _let_time_pass(self) -> None:
        dues = self.trace.dues()
        if dues and dues[0].moment < self.now + 30 * 86_400:
            self._let_pass(dues[0].moment)

    def _let_pass(self, moment: float) -> None:
        self.trace.let_pass(moment + 0.002)
        self.now = max(self.now, moment)

    # ---- when --------

    def _quiet(self) -> float:
        """A moment at which everything before has become of it what will."""
        return float(int(max(self.now, self.trace.quiet_from()) + self.dice.between(1, 30)) + 1)

    def _soon(self) -> float:
        """A moment that may be before that."""
        step = self.dice.one_of((1, 1, 1, 2, 5)) if self.happenings else 0
        fraction = self.dice.one_of((0, 0, 0.25, 0.5)) if self._is_fine() else 0
        return float(int(self.now) + step + fraction)

    def _is_fine(self) -> bool:
        return bool(self.choreography.time[0] == "detail")

    # ---- what --------

    def _begin(self, *, alone: bool) -> None:
        name = self.dice.one_of([*self.starts, *self.choreography.begins])
        detail = self._start_detail()
        if name in self.choreography.begins:
            detail["begins"] = True
        self._happen(name, detail, alone=alone)

    def _start_detail(self) -> dict[str, Any]:
        found = {**self._detail(), "channel": self.dice.one_of(("web", "app", "app", "post"))}
        self._add_lists(found)
        return found

    def _add_lists(self, detail: dict[str, Any]) -> None:
        if self.dice.chance(0.95):
            detail[LIST_FIELD] = self._keys()
        if self.dice.chance(0.95):
            detail[OBJECTS_FIELD] = self._objects()

    def _keys(self) -> list[Any]:
        """The keys of a list for an `each`: mostly as they should be."""
        dice = self.dice
        if dice.chance(0.02):
            return list(range(41))
        keys: list[Any] = dice.some_of(_ITEMS, dice.one_of((0, 1, 1, 2, 2, 3)))
        if keys and dice.chance(0.03):
            keys.append(dice.one_of((keys[0], _as_another_type(keys[0]))))  # of two with one key one waits in vain
        if keys and dice.chance(0.02):
            keys[0] = dice.one_of((None, True, 1.5))
        return keys

    def _objects(self, depth: int = 1) -> list[dict[str, Any]]:
        items = [{"number": key, **self._fields()} for key in self._keys()]
        for item in items:
            if depth == 1 and self.dice.chance(0.95):
                item[INNER_LIST_FIELD] = self._objects(2)
        if items and self.dice.chance(0.02):
            del items[0]["number"]
        return items

    def _fields(self) -> dict[str, Any]:
        dice, found = self.dice, {}
        if dice.chance(0.8):
            found["v"] = dice.one_of(_VALUES)
        if dice.chance(0.5):
            found["w"] = dice.one_of((True, False))
        if '"distinct"' in self.definition.text and dice.chance(0.9):
            found["by"] = dice.one_of(("ann", "ben", "cat", 7, True))
        if dice.chance(0.4):
            found["deep"] = {"k": dice.one_of(("p", "q"))}
        return found

    def _detail(self) -> dict[str, Any]:
        """What an event may carry, besides whose it is."""
        found = self._fields()
        if self.dice.chance(0.8):
            found[UNTIL_FIELD] = "soon"
        if self.reads_lists:
            self._add_lists(found)
        for field in (*ITEM_FIELDS, OWN_ITEM_FIELD):
            if self.dice.chance(0.3):
                found[field] = self.dice.one_of(_ITEMS)
        return found

    def _conform(self, waits: Sequence[AwaitingState]) -> bool:
        """An event comes that one of *waits* awaits; False if none is found that it would accept."""
        alone = not self.may_burst or bool(self.trace.standing.kept) or self.dice.chance(0.15)
        waits = [one for one in waits if one.accepts]
        if not waits:
            return False
        wait = self.dice.one_of(waits)
        for _ in range(_TRIES):
            name = self.dice.one_of(wait.accepts)
            detail = self._about_item(wait, name)
            source = self._source_of(wait, name)
            if wait.way_of(Event("", name, "", 0.0, 0.0, detail, source=source)) is not None:
                self._happen(name, detail, source=source, alone=alone)
                return True
        return False

    def _about_item(self, wait: AwaitingState, name: str) -> dict[str, Any]:
        detail = self._detail()
        keys = wait.context.keys if wait.context else ()
        for path, key in zip(wait.items.get(name, ()), keys, strict=bool(keys)):
            (field,) = path
            detail[str(field)] = int(key) if key.isdecimal() and self.dice.chance(0.5) else key
        return detail

    def _source_of(self, wait: AwaitingState, name: str) -> str:
        sources = sorted(wait.sources.get(name, self.choreography.sources))
        return self.dice.one_of(sources)

    def _stray(self) -> None:
        """An event comes that is not awaited now, and perhaps never."""
        dice = self.dice
        kind = dice.one_of(("early", "early", "known", "unknown", "retired", "start", "start", "source"))
        running = self.trace.running
        if kind == "early" and running is not None:
            waits = [wait for wait in self.choreography.waits_from(running.state) if wait.accepts]
            if waits:
                wait = dice.one_of(waits)
                name = dice.one_of(wait.accepts)
                self._happen(name, self._detail(), source=self._source_of(wait, name), alone=True)
                return
        if kind == "start":
            self._begin(alone=True)
        elif kind == "unknown":
            self._happen(UNKNOWN, self._detail(), alone=True)
        elif kind == "retired":
            self._happen(RETIRED, self._detail(), alone=True)
        elif kind == "source":
            source = dice.one_of((SOURCE, OTHER_SOURCE, OWN_SOURCE, "elsewhere"))
            self._happen(dice.one_of(self.names or [UNKNOWN]), self._detail(), source=source, alone=True)
        else:
            name = dice.one_of(self.names or [UNKNOWN])
            source = dice.one_of(sorted(self.choreography.readings.get(name, (self.choreography.sources, None))[0]))
            self._happen(name, self._detail(), source=source, alone=True)

    def _happen(self, name: str, detail: dict[str, Any], *, source: str = "", alone: bool) -> None:
        if not source:
            source = self.dice.one_of(
                sorted(self.choreography.readings.get(name, (self.choreography.sources, None))[0])
            )
        moment = self._quiet() if alone else self._soon()
        self._until(detail, moment)
        id_ = f"{self.entity.encode().hex()}-{len(self.happenings):02}-{name.replace(' ', '-')}"
        told = {"message": f"{id_}#", "number": len(self.happenings)} if self.dice.chance(0.8) else {}
        addressed = self._addressed(name, source, {**detail, **told}, moment)
        happening = Happening(id_, name, source, addressed, moment - EPOCH, alone)
        try:
            event = happening.as_event(self.choreography, len(self.happenings))
        except UnusableEventError as error:
            raise AssertionError(happening) from error
        if event is not None and not self.choreography.is_retired(event):
            (self.trace.take_alone if alone else self.trace.take_in_burst)(event)
        self.happenings.append(happening)
        self.now = moment

    def _until(self, detail: dict[str, Any], moment: float) -> None:
        if detail.get(UNTIL_FIELD) == "soon":
            pause = self.dice.one_of(self.plan.pauses)
            detail[UNTIL_FIELD] = iso_milliseconds(int(moment) + pause)

    def _addressed(self, name: str, source: str, detail: dict[str, Any], moment: float) -> dict[str, Any]:
        """*detail* with the entity's id where the choreography looks for it, and something else where it does not."""
        choreography = self.choreography
        if '"ours"' in self.definition.text:
            detail = {**detail, "of": "ours" if self.dice.chance(0.93) else "theirs"}
        reading = choreography.reading(source, name, detail)
        entity = reading.entity_in(detail) if reading else choreography.entity
        time = reading.time if reading else choreography.time
        found: dict[str, Any] = {"id": "another", **detail}
        known_as, also = (reading.known_as, reading.also) if reading else (None, ())
        for kind, at in ((known_as, entity), *also):
            for path, text in sample_texts(at, name_of(self.entity, kind)):
                _write(found, path, text)
        if time[0] == "detail":
            _write(found, time[1:], iso_milliseconds(moment))
        return found


def twins(one: Series, entity: str) -> tuple[Series, Series]:
    """*one*, and the same for *entity*: an event about several is the same event, all others are events of its own."""
    pairs = [_pair(happening, one.entity, entity) for happening in one.happenings]
    first, second = (tuple(some) for some in zip(*pairs, strict=True))
    return replace(one, happenings=first), replace(one, entity=entity, happenings=second)


def _pair(happening: Happening, entity: str, other: str) -> tuple[Happening, Happening]:
    if happening.is_about_several:
        about = [*happening.detail[EACH_FIELD], {"id": other}, {"id": entity}]
        shared = replace(happening, detail={**happening.detail, EACH_FIELD: about})
        return shared, replace(shared, element=1)
    id_ = other.encode().hex() + happening.id.removeprefix(entity.encode().hex())
    instead = {entity: other, f"alias-{entity}": f"alias-{other}", f"{happening.id}#": f"{id_}#"}
    return happening, replace(happening, id=id_, detail=_with_others(happening.detail, instead))


def _with_others(value: Any, instead: Mapping[str, str]) -> Any:
    """*value* with other texts *instead* of some, but not in what an `each` reads, or a pattern."""
    if isinstance(value, dict):
        return {key: one if key in _NEVER_IDS else _with_others(one, instead) for key, one in value.items()}
    return instead.get(value, value) if isinstance(value, str) else value


def _as_another_type(key: Any) -> Any:
    """*key* as events may carry it just as well."""
    return str(key) if isinstance(key, int) else key


def _write(detail: dict[str, Any], path: Sequence[str | int], value: Any) -> None:
    if 0 in path:
        inner: dict[str, Any] = {}
        _write(inner, path[path.index(0) + 1 :], value)
        path, value = path[: path.index(0)], [inner]
    *outer, last = path
    inside: Any = detail
    for name in outer:
        inside = inside.setdefault(name, {})
    inside[last] = value
