"""The kinds of events that a choreography tells apart, and what may become of them in the states that wait.

States and ways are few bits of big numbers, and what is asked about a kind is worked out when it is asked first:
definitions have up to a thousand states, and events of one name may be awaited in each of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from choreography_insights.core.fields import EventPath
from choreography_insights.model.graph import ends_beside_others, memory_ways, newest_ways, reach_masks
from choreography_insights.model.patterns import Exactly, Pattern, Scalar, covers, fields_read, may_overlap
from choreography_insights.model.workflow import (
    All,
    Await,
    Choose,
    Each,
    Item,
    Memory,
    Parallel,
    State,
    Succeed,
    Variant,
    Workflow,
    anytime,
    beginnings,
    branches,
    conditions,
    data_read,
    leaving,
    lessons,
    may_leave_lines,
    nested,
    repeated_starts,
    watch,
)
from choreography_insights.model.workflow import Wait as PauseState


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """A way out of the state that is the bit *state*: by an *event* with such a detail, and such a memory, to *next*.

    *item*: which of the waits of an `All` it leaves, or which count of an `Await` it is of; that leads back to its own
    state, as long as too few have come. *shows*: whether something later looks at what was in the event. *ends*:
    whether it may end lines that run beside its own, perhaps with the whole journey. *keys*: where its events carry the
    key of the item of each `Each` around it. *beside*: where events of other lines lead that end its own. *stays*: it
    is only noted, and leads to *next*, its own state. *inside*: the groups around it, or of which it is. *begins*:
    whether its events begin a journey, too, where none runs; *ended*: whether other lines may end that one. *shuts*:
    it shuts a gate of its group, and so may keep out an event that happened before.
    """

    state: int
    event: str
    next: str
    when: Pattern | None = None
    remembered: Pattern | None = None
    item: str = ""
    shows: bool = False
    ends: bool = False
    keys: tuple[EventPath, ...] = ()
    beside: tuple[str, ...] = ()
    stays: bool = False
    inside: tuple[str, ...] = ()
    begins: bool = False
    ended: bool = False
    shuts: bool = False


Wait = Sequence[Transition]
"""The ways out of one wait, in the order in which they are tried."""


def waits(workflow: Workflow, bits: Mapping[str, int]) -> Iterator[tuple[str, Wait]]:
    """Yield each wait with the name of its state, for which *bits* has a bit; an `All` has a wait for each event."""
    reader = _Reader(workflow)
    for state, around in _within(workflow.states, _Around()):
        name = state.name.text
        match state:
            case All():
                inner = around.within(state)
                yield from ((name, [reader.of_item(bits[name], item, state, inner)]) for item in state.items)
            case Await():
                yield name, reader.of_variants(bits[name], state, around)
        if (watching := watch(state)) is not None:
            pauses = isinstance(state, PauseState)
            group = "" if pauses else name
            yield watching.name.text, reader.of_variants(bits[watching.name.text], watching, around, group=group)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a wait is inside of: *items* as `Transition.keys`, *beside* and *inside* as there; *lines* run at once."""

    items: tuple[EventPath, ...] = ()
    beside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    lines: bool = False

    def within(self, state: State) -> "_Around":
        items = (*self.items, state.item) if isinstance(state, Each) else self.items
        done = (state.next.text,) if isinstance(state, All | Parallel | Each) and may_leave_lines(state) else ()
        return _Around(
            items,
            (*self.beside, *(entry.next.text for entry in leaving(anytime(state))), *done),
            (*self.inside, state.name.text),
            self.lines or isinstance(state, Each | Parallel),
        )


def _within(states: Sequence[State], around: _Around) -> Iterator[tuple[State, _Around]]:
    """Yield all states with what they are inside of."""
    for state in states:
        yield state, around
        for branch in branches(state):
            yield from _within(branch.states, around.within(state))


class _Reader:
    def __init__(self, workflow: Workflow) -> None:
        self._traces, self._ending = Traces(workflow), ends_beside_others(workflow)
        self._items = {one.event.text: one.item for one in workflow.events if one.item}
        repeated, begun_in = repeated_starts(workflow), beginnings(workflow)
        self._begins = {
            one.event.text: self._traces.of_memory(one.remember, begun_in[one.event.text])
            for one in workflow.starts
            if one.event.text in repeated
        }
        """The start events that are awaited, too, and whether something looks at those that have begun a journey."""

    def of_item(self, bit: int, item: Item, state: All, around: _Around) -> Transition:
        event, following = item.event.text, state.next.text
        ends, keys = state.need is not None or following in self._ending, self._keys(event, around.items)
        return Transition(
            bit,
            event,
            following,
            item=item.name.text,
            shows=self._begins.get(event, False),
            ends=ends,
            keys=keys,
            beside=around.beside,
            inside=around.inside,
            begins=event in self._begins,
            ended=around.lines and bool(self._ending),
            shuts=any(entry.gate for entry in state.anytime),
        )

    def of_variants(self, bit: int, state: Await, around: _Around, *, group: str = "") -> Wait:
        """Return the ways out of *state*; they end the lines in *group*, and events of those may end it."""
        name = state.name.text
        return [
            self._of_stay(bit, name, variant, around, group=group)
            if variant.stays
            else replace(self._of_variant(bit, name, position, variant, around, ends=bool(group)), shuts=state.done)
            for position, variant in enumerate(state.variants)
        ]

    def _of_stay(self, bit: int, name: str, one: Variant, around: _Around, *, group: str) -> Transition:
        return Transition(
            bit,
            one.event.text,
            name,
            one.when,
            one.condition.remembered,
            keys=self._keys(one.event.text, around.items),
            beside=(*around.beside, *((group,) if group else ())),
            stays=True,
            begins=one.event.text in self._begins,
            ended=around.lines and bool(self._ending),
            inside=(group,) if group else (),
        )

    def _of_variant(
        self, bit: int, name: str, position: int, one: Variant, around: _Around, *, ends: bool
    ) -> Transition:
        """Return the way of a variant; what is in events that are told apart when they are counted shows."""
        event, following, quorum = one.event.text, one.next.text, one.quorum
        return Transition(
            bit,
            event,
            name if quorum else following,
            one.when,
            one.condition.remembered,
            item=f"count {position}" if quorum else "",
            shows=self._traces.are_left_by(one, name)
            or bool(quorum and quorum.distinct)
            or self._begins.get(event, False),
            ends=ends or following in self._ending,
            keys=self._keys(event, around.items),
            beside=around.beside,
            inside=around.inside,
            begins=event in self._begins,
            ended=around.lines and bool(self._ending),
        )

    def _keys(self, event: str, around: tuple[EventPath, ...]) -> tuple[EventPath, ...]:
        return (*around[:-1], self._items[event]) if around and event in self._items else around


Fate = tuple[tuple[Pattern | None, str, str], ...]
"""Where an event leads: entry by entry, if what is remembered matches the pattern, out of which wait to which state."""


class _Covers:
    """Remembers which patterns cover which others: of many in one state, all are compared with all again and again."""

    def __init__(self) -> None:
        self._bits: dict[Pattern | None, int] = {}
        self._patterns: dict[int, Pattern | None] = {}
        self._compared: dict[int, int] = {}
        self._covering: dict[int, int] = {}

    def bit(self, pattern: Pattern | None) -> int:
        """Return the bit that stands for *pattern*."""
        bit = self._bits.get(pattern)
        if bit is None:
            bit = self._bits[pattern] = 1 << len(self._bits)
            self._patterns[bit], self._compared[bit], self._covering[bit] = pattern, 0, 0
        return bit

    def any(self, wide: int, narrow: Pattern | None) -> bool:
        """Whether one of the patterns that are bits of *wide* covers *narrow*."""
        own = self.bit(narrow)
        for bit in _bits(wide & ~self._compared[own]):
            if self._covering[own] & wide:
                break
            self._compared[own] |= bit
            self._covering[own] |= bit if covers(self._patterns[bit], narrow) else 0
        return bool(self._covering[own] & wide)


class EventClass:
    """Events of one name whose detail matches *when*, and none of *others*. *ways*: those they may take, and more.

    *others* are bits of *known*. Of the fields *keys* it is known what is in them: all the events are about one item.
    """

    def __init__(
        self, when: Pattern | None, others: int, keys: Sequence[EventPath], known: _Covers, ways: Iterable[Transition]
    ) -> None:
        self._when, self._others, self._keys, self._known = when, others, keys, known
        self._candidates = {state: list(own) for state, own in groupby(ways, key=lambda way: way.state)}
        ways_of = [way for own in self._candidates.values() for way in own]
        self._begins, self._event = any(way.begins for way in ways_of), ways_of[0].event
        self._unknown = sum(self._candidates)
        self._accepting = self._apart = 0
        self._taken: dict[int, list[Transition]] = {}
        self._fates: dict[int, Fate | None] = {}
        self._lines: dict[int, tuple[int, ...]] = {}

    def may_come(self, states: int) -> bool:
        """Whether one of *states* accepts some of these events, or a journey may begin by one behind them."""
        if self._begins:
            return True
        for state in _bits(self._unknown & states):
            if self._accepting & states:
                break
            self._look_at(state)
        return bool(self._accepting & states)

    def may_lead_on(self, states: int) -> bool:
        """Whether one of *states* accepts some of these events and is left by them, or a journey may begin by one."""
        return self._begins or any(not way.stays for way in self.taken(states))

    def may_differ(self, states: int) -> bool:
        """Whether in one of *states* two of these events may fare differently, or be told apart later."""
        for state in _bits(self._unknown & states):
            if self._apart & states:
                break
            self._look_at(state)
        return bool(self._apart & states)

    def fates(self, states: int) -> frozenset[tuple[int, Fate | None, tuple[int, ...]]]:
        """Return what becomes of these events in those of *states* that accept them, and of which items they are.

        Those that begin a journey have a fate of their own where none runs.
        """
        for state in _bits(self._unknown & states):
            self._look_at(state)
        found = {(state, self._fates[state], self._lines.get(state, ())) for state in _bits(self._accepting & states)}
        return frozenset(found | ({(0, ((None, "", self._event),), ())} if self._begins else set()))

    def taken(self, states: int) -> Iterator[Transition]:
        """Yield the ways that these events may take out of *states*."""
        for state in _bits(self._unknown & states):
            self._look_at(state)
        for state in _bits(self._accepting & states):
            yield from self._taken[state]

    def _look_at(self, state: int) -> None:
        taken = list(self._taken_of(self._candidates[state]))
        fate = self._fate(taken) if self._are_for_one_line(state, taken) else None
        self._taken[state], self._fates[state] = taken, fate
        self._unknown &= ~state
        self._accepting |= state if taken else 0
        self._apart |= state if fate is None else 0

    def _are_for_one_line(self, state: int, taken: Sequence[Transition]) -> bool:
        """Whether in *state* all are for the line of the same item, and remember which of their keys say so."""
        keys = taken[0].keys if taken else ()
        if not all(key in self._keys for key in keys):
            return False
        if keys:
            self._lines[state] = tuple(self._keys.index(key) for key in keys)
        return True

    def _taken_of(self, ways: Iterable[Transition]) -> Iterator[Transition]:
        for way in ways:
            if may_overlap(self._when, way.when) and not self._known.any(self._others, way.when):
                yield way
                if way.remembered is None and self._all_match(way):
                    return

    def _all_match(self, way: Transition) -> bool:
        return covers(way.when, self._when)

    def _fate(self, taken: Sequence[Transition]) -> Fate | None:
        """Return what becomes of all these events; None if that may differ."""
        fate: Fate | None = ()  # what no entry takes is not accepted
        for way in reversed(taken):
            rest = () if way.remembered is None else fate
            here = None if way.shows or rest is None else ((way.remembered, way.item, way.next), *rest)
            if self._all_match(way):
                fate = here
            elif here != fate:
                fate = None
        return fate


def kinds(ways: Sequence[Transition]) -> Mapping[Transition, EventClass]:
    """Return of what kind the events are that take each of *ways*, which are all there are, state by state."""
    by_event: dict[str, list[Transition]] = {}
    for way in ways:
        by_event.setdefault(way.event, []).append(way)
    found: dict[Transition, EventClass] = {}
    for own in by_event.values():
        found.update(_kinds(own))
    return found


def _kinds(ways: Sequence[Transition]) -> Iterator[tuple[Transition, EventClass]]:
    """Yield the kind of each of *ways*, all of one event. Ways that ask for the same are of one kind."""
    index, known = _Index(ways), _Covers()
    found: dict[tuple[int, int, tuple[EventPath, ...]], EventClass] = {}
    for position, way in enumerate(ways):
        candidates = index.that_may_take(way.when)
        others = 0
        for other in index.ways(candidates & index.beside(position)):
            if other.when is not None and other.remembered is None:
                others |= known.bit(other.when)
        key = (known.bit(way.when), others, way.keys)
        if key not in found:
            found[key] = EventClass(way.when, others, way.keys, known, index.ways(candidates))
        yield way, found[key]


class _Index:
    """Finds ways without trying each: most tell events apart by the value of one field. Sets of them are bits."""

    def __init__(self, ways: Sequence[Transition]) -> None:
        self._ways = ways
        self._asking: dict[EventPath, int] = {}
        self._asked: dict[tuple[EventPath, Scalar], int] = {}
        for position, way in enumerate(ways):
            for path, values in _required(way.when):
                self._asking[path] = self._asking.get(path, 0) | 1 << position
                for value in values:
                    self._asked[path, value] = self._asked.get((path, value), 0) | 1 << position

    def that_may_take(self, when: Pattern | None) -> int:
        """Return the ways that an event that matches *when* may take, and perhaps more."""
        candidates = (1 << len(self._ways)) - 1
        for path, values in _required(when):
            fitting = ~self._asking.get(path, 0)
            for value in values:
                fitting |= self._asked.get((path, value), 0)
            candidates &= fitting
        return candidates

    def beside(self, position: int) -> int:
        """Return the ways out of the same state that are tried before that at *position*."""
        first = position
        while first and self._ways[first - 1].state == self._ways[position].state:
            first -= 1
        return (1 << position) - (1 << first)

    def ways(self, mask: int) -> Iterator[Transition]:
        """Yield the ways that are bits of *mask*, in their order."""
        return (self._ways[bit.bit_length() - 1] for bit in _bits(mask))


def _required(when: Pattern | None) -> Iterator[tuple[EventPath, list[Scalar]]]:
    """Yield the fields of which *when* lists the values."""
    for test in when.tests if when else ():
        values = [matcher.value for matcher in test.matchers if isinstance(matcher, Exactly)]
        if len(values) == len(test.matchers):
            yield test.path, values


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


class Traces:
    """Knows which states look at the newest event's detail, and which at what the journey remembers."""

    def __init__(self, workflow: Workflow) -> None:
        self._with_memory = reach_masks(memory_ways(workflow))
        self._with_newest = reach_masks(newest_ways(workflow))
        self._detail_readers = 0
        self._memory_readers: dict[str, int] = {}
        for position, state in enumerate(nested(workflow.states)):
            if _reads_detail(state):
                self._detail_readers |= 1 << position
            for name in _memory_read(state):
                self._memory_readers[name] = self._memory_readers.get(name, 0) | 1 << position
        self._note_what_lines_hand_out(workflow)

    def _note_what_lines_hand_out(self, workflow: Workflow) -> None:
        """Note that the end of a line looks at what is known of it behind its group."""
        positions = {state.name.text: position for position, state in enumerate(nested(workflow.states))}
        for group in nested(workflow.states):
            for lesson in lessons(group):
                for end in (one for branch in branches(group) for one in branch.states if isinstance(one, Succeed)):
                    readers = self._memory_readers.get(lesson.of.text, 0)
                    self._memory_readers[lesson.of.text] = readers | 1 << positions[end.name.text]

    def of_memory(self, remember: Sequence[Memory], first: str) -> bool:
        """Whether a state may look at an event that begins a journey in *first*, or at what is remembered of it."""
        found = (self._memory_readers.get(memory.name.text, 0) for memory in remember)
        return bool(self._with_newest[first] & self._detail_readers) or any(
            self._with_memory[first] & readers for readers in found
        )

    def are_left_by(self, variant: Variant, state: str) -> bool:
        """Whether a state behind *variant* may look at the event that took it, or at what is remembered of it.

        It leads out of *state*, or back to it as long as too few events have come.
        """
        following = variant.next.text
        behind = self._with_memory[following] | (self._with_memory[state] if variant.quorum else 0)
        remembered = (self._memory_readers.get(memory.name.text, 0) for memory in variant.remember)
        return bool(self._with_newest[following] & self._detail_readers) or any(
            behind & readers for readers in remembered
        )


def _reads_detail(state: State) -> bool:
    """Whether *state* looks at the event that led to it; an `Await` looks at the one that comes."""
    if isinstance(state, Choose) and any(condition.when for condition, _ in conditions(state)):
        return True
    return any(data.path[0] == "detail" for data in data_read(state))


def _memory_read(state: State) -> Iterator[str]:
    for condition, _ in conditions(state):
        if condition.remembered is not None:
            yield from (str(path[0]) for path in fields_read(condition.remembered))
    yield from (data.path[1] for data in data_read(state) if data.path[0] == "remembered")
