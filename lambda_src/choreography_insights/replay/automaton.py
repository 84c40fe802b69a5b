"""A definition as replay reads it: what each state waits for, and where each event leads."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, assert_never

from choreography_insights.core.fields import ABSENT, EntityId, EventPath, IdField, id_text, key_text, value_at
from choreography_insights.core.patterns import Test, pattern_test
from choreography_insights.model.lists import most_items
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import (
    ANYTHING,
    ITEMS_AT_ONCE,
    All,
    Await,
    Choose,
    Condition,
    DataPath,
    Each,
    Fail,
    Memory,
    Name,
    OnUnexpected,
    Parallel,
    Pass,
    Policy,
    Quorum,
    State,
    Succeed,
    Timeout,
    Variant,
    Workflow,
    beginnings,
    expected_seconds,
    nested,
)
from choreography_insights.model.workflow import Wait as WaitState
from choreography_insights.replay.event import Event

LONGEST_ID = 256


@dataclass(slots=True, eq=False)
class Context:
    """What is known in a line: the newest event's detail, what is remembered, the keys of the items around it."""

    detail: Any
    memory: Mapping[str, Any]
    keys: tuple[str, ...] = ()

    def at(self, data: DataPath) -> Any:
        """The field that *data* names, or `ABSENT`."""
        root, *names = data.path
        return value_at(names, self.detail if root == "detail" else self.memory)

    def after(self, event: Event, remember: Sequence[tuple[str, EventPath]]) -> "Context":
        """What is known once *event* has come, of which *remember* is remembered."""
        if not remember:
            return Context(event.detail, self.memory, self.keys)
        found = {name: value for name, path in remember if (value := value_at(path, event.detail)) is not ABSENT}
        return Context(event.detail, {**self.memory, **found}, self.keys)


NOTHING_KNOWN = Context(None, {})


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """An event, perhaps only with such a detail or memory, leads to the state *next*.

    *times*: so many must come before it does, and the journey stays in *stays* until then; of those with the same id at
    the path *distinct* in their detail one counts. With no *next* it is only noted, and nothing else comes of it.
    """

    event: str
    when: Test | None
    next: str
    remembered: Test | None = None
    remember: tuple[tuple[str, EventPath], ...] = ()
    times: int = 1
    distinct: EventPath | None = None
    stays: str = ""

    @property
    def is_noted(self) -> bool:
        """Whether the journey stays where it is."""
        return not self.next

    @property
    def surely(self) -> str:
        """The state that it leads to, or on to after others of its kind."""
        return self.stays or self.next

    def counts(self, event: Event, before: Sequence[Event]) -> bool:
        """Whether *event*, which comes after those that counted *before*, counts."""
        if self.distinct is None:
            return True
        own = id_text(value_at(self.distinct, event.detail))
        return bool(own) and len(str(own)) <= LONGEST_ID and all(own != self._id(one) for one in before)

    def _id(self, event: Event) -> str | None:
        return None if self.distinct is None else id_text(value_at(self.distinct, event.detail))


@dataclass(frozen=True, slots=True, eq=False)
class AwaitingState:
    """One place where an event is awaited, under the name that shows in Step Functions. The first way that fits counts.

    *accepts*: the names of the events, in the order of the definition. *items*: per event, where it has the keys of the
    items around the wait. *asks*: whether it asks anything of the memory. *unless*: which events of a name begin
    journeys, and so move none. *context* is None until a journey comes there: then nothing is asked of keys and memory.
    *watches*: its events end all else that goes on in a state; nothing is unexpected because of it.
    """

    name: str
    accepts: tuple[str, ...]
    ways: Mapping[str, Sequence[Transition]]
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    items: Mapping[str, tuple[EventPath, ...]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    asks: bool = False
    unless: Mapping[str, Test] = field(default_factory=dict)
    context: Context | None = None
    watches: bool = False

    def way_of(self, event: Event) -> Transition | None:
        """The way that *event* takes from here; None if it is not accepted."""
        ways = self.ways.get(event.name)
        if ways is None or ((self.sources or self.context or self.unless) and not self._is_for(event)):
            return None
        for way in ways:
            if (way.when is None or way.when(event.detail)) and (
                way.remembered is None or self.context is None or way.remembered(self.context.memory)
            ):
                return way
        return None

    def always_takes(self, way: Transition) -> bool:
        """Whether every event of that name takes the *way*, whatever it says."""
        if way.when or way.remembered or self.context or self.sources.get(way.event) or way.event in self.unless:
            return False
        return self.ways[way.event][0] is way

    def _is_for(self, event: Event) -> bool:
        if self.sources and event.source not in self.sources.get(event.name, (event.source,)):
            return False
        if event.name in self.unless and self.unless[event.name](event.detail):
            return False
        if self.context is None or not self.context.keys:
            return True
        paths = self.items[event.name]
        return all(
            id_text(value_at(path, event.detail)) == key for path, key in zip(paths, self.context.keys, strict=True)
        )

    def within(self, context: Context) -> "AwaitingState":
        """The wait of a journey that comes here knowing *context*; itself, if it asks nothing of that."""
        if not context.keys and not self.asks:
            return self
        return replace(self, context=context, name=self.name + "".join(f"[{key}]" for key in context.keys))


@dataclass(frozen=True, slots=True)
class End:
    """How a journey, or a branch, ends in *state*. *needs*: what must be there to say why, or it cannot be said.

    *known*: what is, where a branch ends well.
    """

    status: Literal["SUCCEEDED", "FAILED"]
    error: str | DataPath | None = None
    state: str = ""
    needs: tuple[DataPath, ...] = ()
    known: Context = NOTHING_KNOWN


Lines = Callable[[Context], Sequence[tuple[str, Context]] | End]


@dataclass(frozen=True, slots=True, eq=False)
class AutomatonState:
    """A state: its waits, all of which must be answered to go on; or lines of states; or a pause; or an end.

    *onward* says where to go at once, None where nothing fits. *lines*: the first state of each line with what is known
    there; or the end, if they cannot be. *until*: when a pause is over. *asks*: whether one of its waits asks anything
    of the memory. *watch*: the wait for what ends it at any time. *shut*: the same less what is accepted only while the
    gate is open; *untouched*: while none of its events has come, else while all of its lines are done. *done*: a line
    that is in this state is. *queued*: the events that lines which have yet to begin may await, with where each carries
    the key of the item; empty where all lines begin at once.
    """

    name: str
    waits: tuple[AwaitingState, ...] = ()
    timeout: tuple[float, str] | None = None
    end: End | None = None
    onward: Callable[[Context], str | None] | None = None
    lines: Lines | None = None
    until: Callable[[Context, float], float | None] | None = None
    next: str = ""
    inner: tuple[str, ...] = ()
    keeps: bool = False
    asks: bool = False
    watch: AwaitingState | None = None
    shut: AwaitingState | None = None
    untouched: bool = False
    done: bool = False
    goes_on: bool = False
    enough: int | None = None
    watchers: frozenset[int] = frozenset()
    lessons: tuple[tuple[str, str, str], ...] = ()
    queued: Mapping[str, EventPath] = field(default_factory=dict)

    def learns(self, context: Context, lines: Sequence[Context]) -> Context:
        """What is known behind it, of *lines* that ended with that known."""
        if not self.lessons:
            return context
        own: dict[str, Any] = {}
        for name, how, of in self.lessons:
            known = [line.memory[of] for line in lines if of in line.memory]
            said = {"list": known, "count": len(known), "any": bool(known), "all": len(known) == len(lines)}
            own[name] = said[how]
        return Context(context.detail, {**context.memory, **own}, context.keys)

    @property
    def all_waits(self) -> tuple[AwaitingState, ...]:
        """Its waits, that for what ends it at any time last."""
        return self.waits if self.watch is None else (*self.waits, self.watch)


_ENVELOPES_ID: EventPath = ("id",)
_ENVELOPES_CLOCK: EventPath = ("time",)


@dataclass(frozen=True, slots=True)
class EventRule:
    """How the events of a name are read: all, or only those that *where*, or that of their source, and *when* fit.

    *known_as*: of which kind the name is that stands where the entity's id would. *also*: where other names are.
    """

    entity: EntityId
    time: EventPath
    when: Test | None = None
    where: Test | None = None
    of_sources: Mapping[str, Test] = field(default_factory=dict)
    id: EventPath = _ENVELOPES_ID
    by_kind: tuple[tuple[Test | None, EntityId], ...] = ()
    """Where some of them carry the id, if not at *entity*; the first that fits."""
    known_as: str | None = None
    also: tuple[tuple[str, EntityId], ...] = ()

    def hears(self, source: str, detail: Any) -> bool:
        """Whether an event of *source* with *detail* is heard of."""
        test = self.test_of(source)
        return test is None or test(detail)

    def test_of(self, source: str) -> Test | None:
        """Which events of *source* are heard of, by their detail; None: all."""
        where, when = self.of_sources.get(source, self.where), self.when
        if where is None or when is None:
            return where or when
        return lambda detail: where(detail) and when(detail)

    @property
    def usual_field(self) -> str | None:
        """The field of the detail that is the entity's id, of events that carry nothing else but what all do."""
        beside = self.id, self.time, self.by_kind, self.known_as, self.also
        if beside != (_ENVELOPES_ID, _ENVELOPES_CLOCK, (), None, ()):
            return None
        name = self.entity[0].path[-1]
        return name if isinstance(name, str) and self.entity == (IdField(("detail", name)),) else None

    def entity_in(self, detail: Any) -> EntityId:
        """Where an event with *detail* carries the id."""
        return next((entity for test, entity in self.by_kind if test is None or test(detail)), self.entity)


@dataclass(slots=True, eq=False)
class Automaton:
    """The whole definition. Durations in seconds."""

    name: str
    entity: EntityId
    time: EventPath
    sources: frozenset[str]
    starts: frozenset[str]
    begun_in: Mapping[str, str]
    places: Mapping[str, AutomatonState]
    timeout: float
    early: float
    settle: float
    unexpected: OnUnexpected
    catches_all: bool
    known: frozenset[str]
    readings: Mapping[str, tuple[frozenset[str], EventRule]]
    remember: Mapping[str, tuple[tuple[str, EventPath], ...]]
    begins: Mapping[str, Test] = field(default_factory=dict)
    """Which events of a name begin a journey, where others of it are awaited."""
    where: Test | None = None
    """Which events are heard of, if not all."""
    of_sources: Mapping[str, Test] = field(default_factory=dict)
    """Which events of some sources, in place of that."""
    id: EventPath = _ENVELOPES_ID
    """Where events carry the id by which they are told apart."""
    expected: Mapping[str, float] = field(default_factory=dict)
    """How long a stay takes at most if all is well, of states that say so."""
    retired: frozenset[str] = frozenset()
    """The events that only journeys of older definitions await."""
    steps: frozenset[str] = frozenset()
    """The start events that also move a journey that runs."""
    _reach: dict[str, tuple[AwaitingState, ...]] = field(default_factory=dict)
    _usual: EventRule = field(init=False)

    def __post_init__(self) -> None:
        self._usual = EventRule(self.entity, self.time, where=self.where, of_sources=self.of_sources, id=self.id)

    @classmethod
    def of(cls, workflow: Workflow) -> "Automaton":
        """Read *workflow*."""
        reader = _Reader(workflow)
        reader.read(workflow.states, (), Policy(), meanwhile=workflow.anytime)
        places = reader.places
        starts = frozenset(start.event.text for start in workflow.starts)
        awaited = {event for place in places.values() for wait in place.all_waits for event in wait.accepts}
        partly = _partly_starting(workflow)
        return cls(
            name=workflow.name.text,
            entity=workflow.entity,
            time=workflow.time,
            sources=frozenset(source.text for source in workflow.sources),
            starts=starts,
            begun_in=beginnings(workflow),
            places=places,
            timeout=workflow.timeout_seconds,
            early=workflow.early_seconds,
            settle=workflow.settle_seconds,
            unexpected=workflow.unexpected,
            catches_all=workflow.capture == "all",
            known=starts.union(awaited),
            readings=_readings(workflow, {name: when for name, when in partly.items() if name not in awaited}),
            remember={start.event.text: _remembered(start.remember) for start in workflow.starts},
            where=_heard(workflow.where),
            id=workflow.id,
            of_sources=_heard_of_sources(workflow),
            begins={name: when for name, when in partly.items() if name in awaited},
            expected=_expected(workflow),
            steps=starts.intersection(awaited).difference(partly),
            retired=frozenset(one.event.text for one in workflow.events if one.retired),
        )

    @classmethod
    def of_recorded(cls, workflow: Workflow) -> "Automaton":
        """Read *workflow* for events of the past: a journey takes as long as it took, if no ``timeout`` is written.

        The longest that Step Functions has says nothing of journeys that it never ran.
        """
        automaton = cls.of(workflow)
        return automaton if "timeout" in workflow.spots else replace(automaton, timeout=math.inf)

    @property
    def knows_names(self) -> bool:
        """Whether some events come under another name of their entity."""
        return any(reading.known_as is not None for _, reading in self.readings.values())

    @property
    def has_names(self) -> bool:
        """Whether entities have other names, whoever comes under them."""
        return any(reading.known_as is not None or reading.also for _, reading in self.readings.values())

    @property
    def has_own_ids(self) -> bool:
        """Whether some events are told apart by an id of their own."""
        return {self.id, *(reading.id for _, reading in self.readings.values())} != {_ENVELOPES_ID}

    def reading(self, source: str, name: str, detail: Any) -> EventRule | None:
        """How such an event is read; None if the choreography does not hear of it."""
        rule = self.rule(source, name)
        return rule if rule is not None and rule.hears(source, detail) else None

    def rule(self, source: str, name: str) -> EventRule | None:
        """How events of that *name* are read, as far as they are heard of; None if none is."""
        sources, reading = self.readings.get(name, (self.sources, None))
        if source in sources:
            if reading is None and self.catches(source, name):
                reading = self._usual
        elif self.catches_all and source in self.sources:
            reading = self._usual
        else:
            return None
        return reading

    def catches(self, source: str, name: str) -> bool:
        """Whether the choreography hears of an event that is read as all are."""
        return source in self.sources and (self.catches_all or name in self.known)

    @property
    def first(self) -> str:
        """Where journeys begin that the first of the start events begins."""
        return next(iter(self.begun_in.values()))

    def is_start(self, event: Event) -> bool:
        """Whether *event* begins journeys."""
        if event.name not in self.starts or (event.source and event.source not in self._start_sources(event.name)):
            return False
        return event.name not in self.begins or self.begins[event.name](event.detail)

    def is_retired(self, event: Event) -> bool:
        """Whether *event* moves no journey of this definition, and is none the worse for it."""
        return event.name in self.retired and (not event.source or event.source in self.readings[event.name][0])

    def _start_sources(self, name: str) -> frozenset[str]:
        return self.readings[name][0] if name in self.readings else self.sources

    def still_possible(self, event: Event, state: str) -> bool:
        """Whether *event* could be accepted in *state* or somewhere behind it, or begin the journey that follows."""
        return event.name in self.steps or any(wait.way_of(event) for wait in self.waits_from(state))

    def waits_from(self, state: str) -> tuple[AwaitingState, ...]:
        """Every wait in *state* and behind it."""
        if state not in self._reach:
            found, open_ends = {state}, [state]
            while open_ends:
                new = set(self.places[open_ends.pop()].inner) - found
                found |= new
                open_ends += new
            self._reach[state] = tuple(
                wait for name in self.places if name in found for wait in self.places[name].all_waits
            )
        return self._reach[state]


def _partly_starting(workflow: Workflow) -> Mapping[str, Test]:
    """Which events of a name begin journeys, for those start events of which not all do."""
    return {start.event.text: pattern_test(start.when.source) for start in workflow.starts if start.when}


def _expected(workflow: Workflow) -> Mapping[str, float]:
    found = ((state.name.text, expected_seconds(state)) for state in nested(workflow.states))
    return {name: float(seconds) for name, seconds in found if seconds is not None}


def _readings(workflow: Workflow, beginning: Mapping[str, Test]) -> Mapping[str, tuple[frozenset[str], EventRule]]:
    """How events of some names are read; *beginning*: which of a name are heard at all, since they begin a journey."""
    found: dict[str, tuple[frozenset[str], EventRule]] = {}
    settings = {one.event.text: one for one in workflow.events}
    of_sources = _heard_of_sources(workflow)
    for name in (*(start.event.text for start in workflow.starts), *settings):
        own = settings.get(name)
        sources = own.sources if own and own.sources else workflow.sources
        reading = EventRule(
            entity=(own.entity if own else None) or workflow.entity,
            time=(own.time if own else None) or workflow.time,
            when=beginning.get(name),
            where=_heard(own.where if own and own.where else workflow.where),
            of_sources={} if own and own.where else of_sources,
            id=(own.id if own else None) or workflow.id,
            by_kind=tuple(_ids_by_kind(workflow, name)),
            known_as=own.known_as.text if own and own.known_as else None,
            also=tuple((one.kind.text, one.at) for one in own.also) if own else (),
        )
        found[name] = frozenset(source.text for source in sources), reading
    return found


def _ids_by_kind(workflow: Workflow, name: str) -> Iterator[tuple[Test | None, EntityId]]:
    """Yield where some events of the *name* carry the id: first those that begin a journey."""
    for start in workflow.starts:
        if start.event.text == name and start.entity:
            yield _heard(start.when), start.entity
    for one in workflow.events:
        if one.event.text == name:
            yield from ((_heard(entry.when), entry.entity) for entry in one.entries)


def _heard_of_sources(workflow: Workflow) -> Mapping[str, Test]:
    return {source: pattern_test(where.source) for source, where in workflow.source_wheres}


def _heard(pattern: Pattern | None) -> Test | None:
    return None if pattern is None else pattern_test(pattern.source)


def _remembered(memories: Sequence[Memory]) -> tuple[tuple[str, EventPath], ...]:
    return tuple((memory.name.text, memory.path[1:]) for memory in memories)


class _Reader:
    """Makes a place of every state. *ways out* of a line are those of the states around it."""

    def __init__(self, workflow: Workflow) -> None:
        self.places: dict[str, AutomatonState] = {}
        self._workflow = workflow
        self._settings = {one.event.text: one for one in workflow.events}
        self._starts = _partly_starting(workflow)

    def read(
        self,
        states: Sequence[State],
        items: tuple[EventPath, ...],
        policy: Policy,
        outside: tuple[str, ...] = (),
        meanwhile: Sequence[Variant] = (),
        *,
        lasting: bool = False,
    ) -> None:
        """Read *states*; *meanwhile*: what is accepted in each of them, beside what it says itself.

        *lasting*: lines that end there stay, until something ends them all.
        """
        for state in states:
            place = self._place(state, items, policy, meanwhile)
            if lasting and isinstance(state, Succeed):
                place = AutomatonState(place.name, (AwaitingState(place.name, (), {}, policy=policy),), done=True)
            ends = place.end is not None
            leads = outside if ends and place.end and place.end.status == "SUCCEEDED" else () if ends else place.inner
            late = () if ends else outside
            asks = any(wait.asks for wait in place.all_waits)
            self.places[place.name] = replace(place, asks=asks, inner=(*leads, *late))
            if isinstance(state, Parallel | Each):
                inside = [branch.states for branch in ((state.body,) if isinstance(state, Each) else state.branches)]
                around = (*items, state.item[1:]) if isinstance(state, Each) else items
                lasts = any(one.gate == "done" for one in state.anytime)
                beyond = (
                    *outside,
                    *(() if lasts else (state.next.text,)),
                    *((state.timeout.next.text,) if state.timeout else ()),
                )
                beyond += _led_to(place.watch)
                for own in inside:
                    self.read(own, around, state.policy.within(policy), beyond, lasting=lasts)
                if isinstance(state, Each) and most_items(self._workflow, state) > ITEMS_AT_ONCE:
                    self.places[place.name] = replace(self.places[place.name], queued=self._items_in(state))

    def _items_in(self, state: Each) -> Mapping[str, EventPath]:
        """Where each event that a line of *state* may await carries the key of the item."""
        waits = [wait for inner in nested(state.body.states) for wait in self.places[inner.name.text].all_waits]
        return {event: paths[0] for wait in waits for event, paths in wait.items.items()}

    def _place(
        self, state: State, items: tuple[EventPath, ...], policy: Policy, meanwhile: Sequence[Variant]
    ) -> AutomatonState:
        if isinstance(state, Await):
            own = {one.event.text for one in state.variants if one.condition == ANYTHING}
            left = [one for one in meanwhile if one.event.text not in own]
            return self._state(replace(state, variants=(*state.variants, *left)), items, policy)
        place = self._state(state, items, policy)
        entries = [*(state.anytime if isinstance(state, All | Parallel | Each) else ())]
        if isinstance(state, All | Parallel | Each | WaitState):
            own = {one.event.text for one in entries if one.condition == ANYTHING}
            entries += [one for one in meanwhile if one.event.text not in own]
        if not entries:
            return place
        name = f"{place.name}.Anytime"
        watch = self._watch(name, entries, items)
        place = replace(place, watch=watch, inner=(*place.inner, *_led_to(watch)))
        gates = {one.gate for one in entries} - {None}
        if not gates:
            return place
        shut = self._watch(name, [one for one in entries if one.gate is None], items)
        return replace(place, shut=shut, untouched="untouched" in gates, goes_on="done" in gates)

    def _watch(self, name: str, entries: Sequence[Variant], items: tuple[EventPath, ...]) -> AwaitingState:
        return replace(self._wait(name, _ways(name, entries), items, Policy()), watches=True)

    def _state(self, state: State, items: tuple[EventPath, ...], policy: Policy) -> AutomatonState:
        name = state.name.text
        match state:
            case Await(variants=variants):
                ways = _ways(name, variants)
                wait = self._wait(name, ways, items, state.policy.within(policy))
                limit = _limit(state.timeout)
                return AutomatonState(name, (wait,), limit, inner=(*_onward(ways), *_late(limit)), done=state.done)
            case All(items=own, next=following):
                waits = [
                    self._wait(
                        f"{name}.{item.name.text}",
                        [Transition(item.event.text, None, following.text)],
                        items,
                        state.policy.within(policy),
                    )
                    for item in own
                ]
                limit = _limit(state.timeout)
                enough = state.need.lines if state.need else None
                leads = (following.text, *_late(limit))
                return AutomatonState(name, tuple(waits), limit, inner=leads, keeps=True, enough=enough)
            case Parallel(branches=branches, next=following):
                firsts = [branch.states[0].name.text for branch in branches]
                watchers = frozenset(at for at, branch in enumerate(branches) if not _ends_well(branch.states))
                lines: Lines = lambda context: [(first, context) for first in firsts]  # noqa: E731
                onward = None if any(one.gate == "done" for one in state.anytime) else following
                group = self._group(name, lines, firsts, onward, state.timeout)
                enough = state.need.lines if state.need else None
                return replace(group, enough=enough, watchers=watchers, lessons=_lessons(state))
            case Each():
                first = state.body.states[0].name.text
                group = self._group(
                    name,
                    _lines_of_items(state, first, most_items(self._workflow, state)),
                    [first],
                    state.next,
                    state.timeout,
                )
                return replace(group, enough=state.need.lines if state.need else None, lessons=_lessons(state))
            case Choose():
                options = [(_test(one.condition), one.next.text) for one in state.options]
                otherwise = state.otherwise.text if state.otherwise else None
                return AutomatonState(
                    name,
                    onward=lambda context: next((to for test, to in options if test(context)), otherwise),
                    inner=(*(to for _, to in options), *((otherwise,) if otherwise else ())),
                )
            case WaitState(until=until, next=following):
                return AutomatonState(name, until=_until(until), next=following.text, inner=(following.text,))
            case Pass(next=following):
                return AutomatonState(name, onward=lambda _: following.text, inner=(following.text,))
            case Succeed():
                return AutomatonState(name, end=End("SUCCEEDED", state=name))
            case Fail(error=error, cause=cause):
                needs = tuple([text for text in (error, cause) if isinstance(text, DataPath)])
                return AutomatonState(name, end=End("FAILED", error, name, needs))
            case _:
                assert_never(state)

    def _group(
        self, name: str, lines: Lines, firsts: Sequence[str], following: Name | None, timeout: Timeout | None
    ) -> AutomatonState:
        limit, onward = _limit(timeout), (following.text,) if following else ()
        inner = (*firsts, *onward, *_late(limit))
        return AutomatonState(name, lines=lines, next="".join(onward), timeout=limit, inner=inner)

    def _wait(
        self, name: str, ways: Sequence[Transition], items: tuple[EventPath, ...], policy: Policy
    ) -> AwaitingState:
        by_event: dict[str, list[Transition]] = {}
        for way in ways:
            by_event.setdefault(way.event, []).append(way)
        own = {event: self._settings[event] for event in by_event if event in self._settings}
        return AwaitingState(
            name,
            tuple(by_event),
            by_event,
            {event: frozenset(one.text for one in said.sources) for event, said in own.items() if said.sources},
            {
                event: (*items[:-1], own[event].item[1:])  # type: ignore[index]
                if items and event in own and own[event].item
                else items
                for event in by_event
            },
            policy,
            asks=any(way.remembered is not None for way in ways),
            unless={event: self._starts[event] for event in by_event if event in self._starts},
        )


def _lessons(state: Parallel | Each) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.name.text, one.how, one.of.text) for one in state.lessons)


def _ends_well(states: Sequence[State]) -> bool:
    return any(isinstance(one, Succeed) or (isinstance(one, Await) and one.done) for one in states)


def _counting(state: str, quorum: Quorum | None) -> dict[str, Any]:
    if quorum is None:
        return {}
    distinct = quorum.distinct[1:] if quorum.distinct else None
    return {"times": quorum.times, "distinct": distinct, "stays": state}


def _ways(state: str, entries: Iterable[Variant]) -> list[Transition]:
    return [
        Transition(
            one.event.text,
            None if one.when is None else pattern_test(one.when.source),
            "" if one.stays else one.next.text,
            None if one.condition.remembered is None else pattern_test(one.condition.remembered.source),
            _remembered(one.remember),
            **_counting(state, one.quorum),
        )
        for one in entries
    ]


def _led_to(wait: AwaitingState | None) -> tuple[str, ...]:
    return tuple(target for ways in wait.ways.values() for target in _onward(ways)) if wait else ()


def _onward(ways: Iterable[Transition]) -> Iterator[str]:
    return (way.next for way in ways if not way.is_noted)


def _test(condition: Condition) -> Callable[[Context], bool]:
    when = pattern_test(condition.when.source) if condition.when else None
    remembered = pattern_test(condition.remembered.source) if condition.remembered else None
    return lambda context: (when is None or when(context.detail)) and (remembered is None or remembered(context.memory))


def _lines_of_items(state: Each, first: str, most: int) -> Lines:
    name = state.name.text

    def lines(context: Context) -> Sequence[tuple[str, Context]] | End:
        found = context.at(state.items)
        if state.need and not (isinstance(found, list) and len(found) >= state.need.lines):
            return End("FAILED", "NoItems", f"{name}.Refused")
        if found is ABSENT or (isinstance(found, list) and len(found) > most):
            return End("FAILED", "NoItems", f"{name}.Refused")
        if not isinstance(found, list):
            return End("FAILED", "States.Runtime", name)
        keys = [key_text(value_at(state.key, item) if state.key else item) for item in found]
        if None in keys or len(set(keys)) < len(keys):
            return End("FAILED", "States.Runtime", name)
        return [
            (first, Context(item, context.memory, (*context.keys, key or "")))
            for item, key in zip(found, keys, strict=True)
        ]

    return lines


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
"""A timestamp as Step Functions takes it, by RFC 3339: nothing left out."""


def _until(until: int | DataPath) -> Callable[[Context, float], float | None]:
    if isinstance(until, int):
        return lambda _, now: now + until

    def moment(context: Context, _: float) -> float | None:
        found = context.at(until)
        if not isinstance(found, str) or not _MOMENT.fullmatch(found):
            return None
        try:
            return datetime.fromisoformat(found).timestamp()
        except ValueError:
            return None

    return moment


def _limit(timeout: Timeout | None) -> tuple[float, str] | None:
    return None if timeout is None else (float(timeout.seconds), timeout.next.text)


def _late(limit: tuple[float, str] | None) -> tuple[str, ...]:
    return () if limit is None else (limit[1],)
