"""A choreography as its definition says it: plain values, made by `parse`, trusted by everything after `validate`.

A new kind of state is a new class in the union `State`; type checking then names every place that must know it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from choreography_insights.core.fields import EntityId, EventPath, FieldPath, written
from choreography_insights.diagnostics.problem import Spot
from choreography_insights.model.patterns import Pattern, matches

OnUnexpected = Literal["report", "fail"]
Capture = Literal["known", "all"]

UNEXPECTED: OnUnexpected = "report"
CAPTURE: Capture = "known"
"""What holds where a definition does not say."""


ENVELOPES_ID: EventPath = ("id",)
"""The id that EventBridge gives each event."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name (of a state, an event, a source) and where it is written; equal if the text is."""

    text: str
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DataPath:
    """A field of what a journey knows: of its newest event (``detail``, ...) or of what it ``remembered``."""

    path: FieldPath
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Timeout:
    """After so long without the awaited event, the journey goes on to *next*."""

    seconds: int
    next: Name
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """How long a stay takes at most if all is well. It moves nothing."""

    seconds: int
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an entry asks for: *when* of the newest event's detail, *remembered* of what the journey remembers."""

    when: Pattern | None = None
    remembered: Pattern | None = None

    @property
    def is_open(self) -> bool:
        """Whether it asks for nothing."""
        return self.when is None and self.remembered is None

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What it asks for, of either."""
        return tuple(pattern for pattern in (self.when, self.remembered) if pattern is not None)


ANYTHING = Condition()


@dataclass(frozen=True, slots=True)
class Memory:
    """A field of an event that the journey remembers under *name*."""

    name: Name
    path: EventPath


STAY = "stay"
"""In place of a state that follows, below `anytime`: the journey stays where it is."""

MOST_TIMES = 100
"""Of a `Quorum`: what has come so far stands in the wait, and each event that comes is a turn of the state machine."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """So many events (*times*) must come; *distinct*: events with the same in this field count once."""

    times: int
    distinct: EventPath | None = None


Gate = Literal["untouched", "done"]
"""When an event may end a group: as long as none of its own has come, or as soon as all of its lines are done."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way out of an `Await`, or of `anytime`: an event, perhaps only under a *condition*, leads to *next*.

    *quorum*: one event alone does not. *stays*: it leads nowhere, and *next* is no state's name; it is only noted.
    *gate*: when a group accepts it; None: at any time.
    """

    event: Name
    condition: Condition
    next: Name
    spot: Spot = field(compare=False, repr=False)
    remember: tuple[Memory, ...] = ()
    quorum: Quorum | None = None
    stays: bool = False
    gate: Gate | None = None

    @property
    def when(self) -> Pattern | None:
        """What the event's detail must match."""
        return self.condition.when


@dataclass(frozen=True, slots=True)
class Option:
    """One way out of a `Choose`."""

    condition: Condition
    next: Name
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the events that an `All` waits for, under the short name that the wait bears."""

    name: Name
    event: Name


@dataclass(frozen=True, slots=True)
class Policy:
    """What a state says of unexpected and early events, where it departs from the choreography."""

    unexpected: OnUnexpected | None = None
    early_seconds: int | None = None
    spot: Spot | None = field(default=None, compare=False, repr=False)

    def within(self, outer: "Policy") -> "Policy":
        """Return what holds for a state that says this, inside another that says *outer*."""
        return Policy(
            self.unexpected or outer.unexpected,
            outer.early_seconds if self.early_seconds is None else self.early_seconds,
        )


AS_EVERYWHERE = Policy()


ITEMS_AT_ONCE = 40
"""Step Functions runs so many iterations of an inline Map at once; the next begins when one is done."""


@dataclass(frozen=True, slots=True)
class Need:
    """So many lines of a group must be done before it is; that ends the others."""

    lines: int
    spot: Spot = field(compare=False, repr=False)


Gathering = Literal["count", "list", "any", "all"]
"""How many lines know it, what they know, whether one does, whether each does."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is remembered under *name* behind a group: of what its lines remember under *of*, what *how* says."""

    name: Name
    how: Gathering
    of: Name


@dataclass(frozen=True, slots=True)
class Await:
    """Waits for one event; the first of *variants* that accepts it says where the journey goes.

    *done*: its line is done here already; it is just not over (`goes_on`).
    """

    name: Name
    variants: tuple[Variant, ...]
    timeout: Timeout | None
    policy: Policy = AS_EVERYWHERE
    expected: Expected | None = None
    done: bool = False

    @property
    def counts(self) -> bool:
        """Whether one of its ways needs more than one event."""
        return any(variant.quorum for variant in self.variants)


@dataclass(frozen=True, slots=True)
class All:
    """Waits for every one of *items*, in any order, then goes on to *next*."""

    name: Name
    items: tuple[Item, ...]
    next: Name
    timeout: Timeout | None
    policy: Policy = AS_EVERYWHERE
    expected: Expected | None = None
    anytime: tuple[Variant, ...] = ()
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """States of their own, of which the first is entered. *declared*: all that are written, readable or not."""

    name: Name
    states: tuple["State", ...]
    declared: tuple[Name, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Parallel:
    """Goes through all *branches* at once, and on to *next* when each that can has come to its end.

    Here and in the other groups, *anytime*: events that end it wherever it is, or when their `Gate` says, and lead on
    from it; *need*: it does not take all of its lines; *lessons*: what is known behind it of what its lines remember.
    Where it `goes_on`, *next* is where the first of the events leads that end it.
    """

    name: Name
    branches: tuple[Branch, ...]
    next: Name
    timeout: Timeout | None
    policy: Policy = AS_EVERYWHERE
    expected: Expected | None = None
    anytime: tuple[Variant, ...] = ()
    need: Need | None = None
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """Goes through *body* once for each item of the list at *items*, all at once, then on to *next*.

    An item's key is found at *key* in it (None: the item is its key), and an event's at *item*.
    """

    name: Name
    items: DataPath
    key: FieldPath | None
    item: EventPath
    body: Branch
    next: Name
    timeout: Timeout | None
    policy: Policy = AS_EVERYWHERE
    expected: Expected | None = None
    anytime: tuple[Variant, ...] = ()
    need: Need | None = None
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Choose:
    """Goes on at once, by the first of *options* that fits; else to *otherwise*."""

    name: Name
    options: tuple[Option, ...]
    otherwise: Name | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Goes on to *next* after so many seconds, or at the moment that a field names.

    *anytime*: what the choreography accepts meanwhile (`spread`).
    """

    name: Name
    until: int | DataPath
    next: Name
    expected: Expected | None = None
    anytime: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """Goes on to *next* at once: a milestone that shows."""

    name: Name
    next: Name


@dataclass(frozen=True, slots=True)
class Succeed:
    """The journey ends well; in a branch, the branch is done."""

    name: Name


@dataclass(frozen=True, slots=True)
class Fail:
    """The journey ends badly, with an error's name and its cause in words, written here or found in its data."""

    name: Name
    error: str | DataPath
    cause: str | DataPath | None


Waiting = Await | All | Parallel | Each
"""States that wait for events."""

Timed = Waiting | Wait
"""States in which time passes."""

Group = All | Parallel | Each | Wait
"""States in which an event of `anytime` ends whatever goes on."""

State = Waiting | Choose | Wait | Pass | Succeed | Fail


@dataclass(frozen=True, slots=True)
class Start:
    """An event that begins a journey, perhaps only if its detail matches *when*.

    *entity*: where those that do carry the entity's id, if not as all of that name. *next*: the state that the journey
    begins in, if not the first.
    """

    event: Name
    when: Pattern | None = None
    remember: tuple[Memory, ...] = ()
    entity: EntityId | None = None
    next: Name | None = None


@dataclass(frozen=True, slots=True)
class IdEntry:
    """Where events whose detail matches *when* (None: all) carry the entity's id."""

    when: Pattern | None
    entity: EntityId
    spot: Spot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of the entity, which an event carries beside its id: of which *kind*, and where."""

    kind: Name
    at: EntityId


@dataclass(frozen=True, slots=True)
class EventSettings:
    """How the events of one name are read, where that departs from the choreography. *item*: see `Each`.

    *id*: where they carry an id of their own. *where*: which of them the choreography hears of. *retired*: only
    journeys of older definitions await them. *entries*: where some carry the entity's id; the first that fits.
    *known_as*: of which kind the name is that they carry at *entity*; None if that is the entity's id. *also*: the
    names that they teach.
    """

    event: Name
    sources: tuple[Name, ...]
    entity: EntityId | None
    time: EventPath | None
    item: EventPath | None
    where: Pattern | None = None
    retired: bool = False
    entries: tuple[IdEntry, ...] = ()
    id: EventPath | None = None
    known_as: Name | None = None
    also: tuple[OtherName, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole choreography. A journey begins in the first of *states*."""

    name: Name
    description: str | None
    entity: EntityId
    time: EventPath
    sources: tuple[Name, ...]
    starts: tuple[Start, ...]
    timeout_seconds: int
    expected_seconds: int | None
    early_seconds: int
    settle_seconds: int
    unexpected: OnUnexpected
    capture: Capture
    states: tuple[State, ...]
    events: tuple[EventSettings, ...] = ()
    where: Pattern | None = None
    """Which events the choreography hears of."""
    source_wheres: tuple[tuple[str, Pattern], ...] = ()
    """Which events of some sources, in place of that."""
    id: EventPath = ENVELOPES_ID
    """Where events carry the id by which they are told apart."""
    anytime: tuple[Variant, ...] = ()
    """Which events lead on from wherever a journey waits."""
    text_sha256: str = field(default="", compare=False, repr=False)
    """Tells its text from any other one, apart from how lines end: by it Terraform knows what was generated from it."""
    spots: Mapping[str, Spot] = field(default_factory=dict, compare=False, repr=False, hash=False)
    """Where each top-level key is written."""

    def spot_of(self, key: str) -> Spot:
        """Return where *key* is written; if it is left to its default, where the choreography is named."""
        return self.spots.get(key, Spot(self.name.spot.at, key))

    def settings_of(self, event: str) -> EventSettings | None:
        """Return what is said of the events of this name alone, if anything is."""
        return next((one for one in self.events if one.event.text == event), None)

    def entries_of(self, event: str) -> tuple[IdEntry, ...]:
        """Return where the events of this name carry the entity's id, as `events` says; the last entry is for all."""
        settings = self.settings_of(event)
        entity = settings.entity if settings and settings.entity else self.entity
        usual = IdEntry(None, entity, self.spot_of("entity"))
        return upto_open((*(settings.entries if settings else ()), usual))

    def ids_of(self, event: str) -> tuple[IdEntry, ...]:
        """Return the same as `entries_of`, with what `start` says of those that begin a journey."""
        own = (
            IdEntry(one.when, one.entity, one.event.spot)
            for one in self.starts
            if one.event.text == event and one.entity
        )
        return upto_open((*own, *self.entries_of(event)))

    def entity_of(self, event: str, detail: Mapping[str, Any]) -> EntityId:
        """Return where an event of this name with this *detail* carries the entity's id."""
        return next(one.entity for one in self.ids_of(event) if one.when is None or matches(one.when, detail))

    def id_of(self, event: str) -> EventPath:
        """Return where the events of this name carry the id by which they are told apart."""
        settings = self.settings_of(event)
        return settings.id if settings and settings.id else self.id

    def known_as(self, event: str) -> str | None:
        """Return of which kind the name is that the events of this name carry; None if it is the entity's id."""
        settings = self.settings_of(event)
        return settings.known_as.text if settings and settings.known_as else None

    def taught_by(self, event: str) -> tuple[OtherName, ...]:
        """Return the other names of the entity that the events of this name carry."""
        settings = self.settings_of(event)
        return settings.also if settings else ()

    def where_of(self, event: str, source: str) -> Pattern | None:
        """Return which events of this name and source the choreography hears of; None for all of them."""
        settings = self.settings_of(event)
        return settings.where if settings and settings.where else self.where_of_source(source)

    def where_of_source(self, source: str) -> Pattern | None:
        """Return which events of *source* the choreography hears of, if single ones say nothing else."""
        return next((where for name, where in self.source_wheres if name == source), self.where)

    @property
    def every_source(self) -> tuple[Name, ...]:
        """Every source that is written, the choreography's before those of single events."""
        return (*self.sources, *(source for one in self.events for source in one.sources))

    def sources_of(self, event: str) -> tuple[Name, ...]:
        """Return where the events of this name come from."""
        settings = self.settings_of(event)
        return settings.sources if settings and settings.sources else self.sources


def upto_open(entries: Sequence[IdEntry]) -> tuple[IdEntry, ...]:
    """Return *entries* up to the first that all events fit."""
    open_at = next(position for position, one in enumerate(entries) if one.when is None)
    return tuple(entries[: open_at + 1])


def beginnings(workflow: Workflow) -> Mapping[str, str]:
    """Return in which state a journey begins, by the event that begins it."""
    first = workflow.states[0].name.text if workflow.states else ""
    return {one.event.text: first if one.next is None else one.next.text for one in workflow.starts}


def begins_apart(workflow: Workflow) -> bool:
    """Whether journeys begin in different states."""
    return len(set(beginnings(workflow).values())) > 1


def branches(state: State) -> tuple[Branch, ...]:
    """Return the states inside *state*, branch by branch."""
    match state:
        case Parallel():
            return state.branches
        case Each():
            return (state.body,)
        case _:
            return ()


def is_done(state: State) -> bool:
    """Whether a line that is in *state* is done, whether or not it may go on."""
    return isinstance(state, Succeed) or (isinstance(state, Await) and state.done)


def only_watches(branch: Branch) -> bool:
    """Whether the line of *branch* can only end badly: nobody waits for it."""
    return not any(map(is_done, branch.states))


def goes_on(state: State) -> bool:
    """Whether *state* is not over when all of its lines are done, but only when an event comes then."""
    return any(entry.gate == "done" for entry in anytime(state))


#: So many waits a claim takes away at once beside its own: a transaction of DynamoDB has 100 actions, and in an item
#: each wait has a row of its own.
MOST_GATED = 97


def gated_lines(state: State) -> int:
    """Return how many waits must be open for a gate of *state* to be: for its events, or where lines are done."""
    match state:
        case All():
            return len(state.items)
        case Parallel():
            return sum(not only_watches(branch) for branch in state.branches)
        case _:
            return 0


def may_leave_lines(state: State) -> bool:
    """Whether *state* may be done while lines of it are not: that ends them."""
    match state:
        case All() | Each():
            return state.need is not None
        case Parallel():
            return state.need is not None or any(map(only_watches, state.branches))
        case _:
            return False


def may_end_alone(state: State) -> bool:
    """Whether *state* may be over without the journey while lines of it are not done."""
    return may_leave_lines(state) or bool(leaving(anytime(state)))


def needed_lines(state: All | Parallel | Each) -> int | None:
    """Return how many lines that are done end all others of *state*; None if all must be that can."""
    if state.need is not None:
        return state.need.lines
    if isinstance(state, Parallel) and may_leave_lines(state):
        return 1 if sum(not only_watches(branch) for branch in state.branches) == 1 else None
    return None


def nested(states: Sequence[State]) -> Iterator[State]:
    """Yield *states* and all inside them, each before those inside it, in the order of the text."""
    for state in states:
        yield state
        for branch in branches(state):
            yield from nested(branch.states)


def scopes(workflow: Workflow, declared: Sequence[Name] = ()) -> Iterator[Branch]:
    """Yield the top level as a branch of its own, then every branch; ways lead from state to state within one."""
    yield Branch(workflow.name, workflow.states, tuple(declared))
    for state in nested(workflow.states):
        yield from branches(state)


def watch_name(state: State) -> str:
    """Return the name of the wait for the events that end *state* at any time."""
    return f"{state.name.text}.Anytime"


def anytime(state: State) -> tuple[Variant, ...]:
    """Return by which events *state* is left wherever it is."""
    return state.anytime if isinstance(state, Group) else ()


def leaving(entries: Sequence[Variant]) -> tuple[Variant, ...]:
    """Return those of *entries* that lead to a state."""
    return tuple([one for one in entries if not one.stays])


def watch(state: State) -> Await | None:
    """Return the wait for the events that end *state* at any time, as a state of its own; None if there are none."""
    entries = anytime(state)
    return Await(Name(watch_name(state), state.name.spot), entries, None) if entries else None


def spread(workflow: Workflow) -> Workflow:
    """Return *workflow* with the events that it accepts at any time written into each of its outermost states.

    What such a state says itself of an event comes first.
    """
    if not workflow.anytime:
        return workflow
    states = tuple(with_entries(state, workflow.anytime) for state in workflow.states)
    return replace(workflow, states=states, anytime=())


def with_entries(state: State, entries: Sequence[Variant]) -> State:
    """Return *state* with these *entries* of an `anytime` around it, as far as it leaves them something."""
    match state:
        case Await():
            return replace(state, variants=(*state.variants, *_left_by(state.variants, entries)))
        case All() | Parallel() | Each() | Wait():
            return replace(state, anytime=(*state.anytime, *_left_by(state.anytime, entries)))
        case _:
            return state


def _left_by(own: Sequence[Variant], entries: Sequence[Variant]) -> Iterator[Variant]:
    """Yield those of *entries* that are not taken whole by one of a state's *own*."""
    whole = {one.event.text for one in own if one.condition.is_open}
    return (one for one in entries if one.event.text not in whole)


def awaits(workflow: Workflow) -> Iterator[Await]:
    """Yield each place where one of several events is awaited: each `await`, and each `anytime` as one."""
    if workflow.anytime:
        yield Await(Name("anytime", workflow.spot_of("anytime")), workflow.anytime, None)
    for state in nested(workflow.states):
        if isinstance(state, Await):
            yield state
        elif (watching := watch(state)) is not None:
            yield watching


def targets(state: State) -> Iterator[Name]:
    """Yield every state that *state* can lead to, in the order of the definition, repeated as there."""
    match state:
        case Await():
            yield from (variant.next for variant in leaving(state.variants))
        case Choose():
            yield from (option.next for option in state.options)
            yield from (state.otherwise,) if state.otherwise else ()
        case All() | Parallel() | Each() | Wait() | Pass():
            yield from () if goes_on(state) else (state.next,)
        case Succeed() | Fail():
            return
    if isinstance(state, Waiting) and state.timeout:
        yield state.timeout.next
    yield from (entry.next for entry in leaving(anytime(state)))


def expected_seconds(state: State) -> int | None:
    """Return how long a stay in *state* takes at most if all is well; None if nobody said."""
    return state.expected.seconds if isinstance(state, Timed) and state.expected else None


def accepted(state: State) -> Iterator[tuple[Name, Pattern | None]]:
    """Yield each event that *state* itself accepts, with the pattern its detail must match, if any."""
    match state:
        case Await():
            yield from ((variant.event, variant.when) for variant in state.variants)
        case All():
            yield from ((item.event, None) for item in state.items)
    yield from ((entry.event, entry.when) for entry in anytime(state))


def conditions(state: State) -> Iterator[tuple[Condition, Spot]]:
    """Yield each condition that is written in *state*, and where."""
    match state:
        case Await():
            yield from ((variant.condition, variant.spot) for variant in state.variants)
        case Choose():
            yield from ((option.condition, option.spot) for option in state.options)
    yield from ((entry.condition, entry.spot) for entry in anytime(state))


def data_read(state: State) -> Iterator[DataPath]:
    """Yield each field of a journey's data that *state* itself uses, other than by conditions."""
    match state:
        case Each():
            yield state.items
        case Wait(until=DataPath() as until):
            yield until
        case Fail():
            yield from (text for text in (state.error, state.cause) if isinstance(text, DataPath))
        case _:
            return


def memories(workflow: Workflow) -> Iterator[Memory]:
    """Yield everything that a journey can remember."""
    for start in workflow.starts:
        yield from start.remember
    for state in awaits(workflow):
        for variant in state.variants:
            yield from variant.remember


def lessons(state: State) -> tuple[Lesson, ...]:
    """Return what is known behind *state* of what its lines remember."""
    return state.lessons if isinstance(state, Parallel | Each) else ()


def remembers(workflow: Workflow) -> bool:
    """Whether journeys remember anything."""
    return any(True for _ in memories(workflow))


def remembered_fields(memories: Sequence[Memory]) -> Mapping[str, str]:
    """Return the path of each field that is remembered, by the name it is remembered under."""
    return {memory.name.text: written(memory.path) for memory in memories}


def awaited_events(workflow: Workflow) -> tuple[str, ...]:
    """Return the names of all events that some state accepts, sorted."""
    found = {event.text for state in nested(workflow.states) for event, _ in accepted(state)}
    return tuple(sorted(found | {entry.event.text for entry in workflow.anytime}))


def retired_events(workflow: Workflow) -> tuple[str, ...]:
    """Return the names of the events that only journeys of older definitions await, sorted."""
    return tuple(sorted(one.event.text for one in workflow.events if one.retired))


def divided_events(workflow: Workflow) -> dict[str, Pattern]:
    """Return the events of which some begin a journey and others move one, with the pattern of those that begin one."""
    awaited = set(awaited_events(workflow))
    return {one.event.text: one.when for one in workflow.starts if one.when is not None and one.event.text in awaited}


def repeated_starts(workflow: Workflow) -> frozenset[str]:
    """Return the start events that are awaited, too: each begins a journey where none runs, and else moves one."""
    awaited = set(awaited_events(workflow))
    return frozenset(one.event.text for one in workflow.starts if one.when is None and one.event.text in awaited)


def is_end(state: State) -> bool:
    """Whether a journey, or its branch, ends in *state*."""
    return isinstance(state, Succeed | Fail)
