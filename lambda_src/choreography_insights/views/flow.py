"""Which state of a choreography leads where, and by what: all that its journeys' rows are read by.

Functions have it from `picture.json`, beside the layout. Its *version* tells it from what it was before a change.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from choreography_insights.core.fields import ABSENT
from choreography_insights.core.patterns import matches

Kind = Literal["await", "all", "part", "parallel", "each", "anytime", "choose", "wait", "pass", "succeed", "fail"]
"""A `part` is the wait for one of the events of an `all`; `anytime` that for what ends the state it is inside of."""

_VERSION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a state to *next*, by *event*; where that is empty, without one. With no *next* it `stays`.

    *when* is the pattern that the newest event's detail must match, *remembered* that of what the journey remembers.
    *times*: so many events must come before it is taken; of those alike at the path *distinct* one counts. *gate*: it
    is there only while nothing of its state has come (`untouched`), or once all of its lines are `done`.
    """

    next: str
    event: str = ""
    when: Mapping[str, Any] | None = None
    remembered: Mapping[str, Any] | None = None
    times: int | None = None
    distinct: str | None = None
    gate: str | None = None

    @property
    def stays(self) -> bool:
        """Whether its event is only noted, and the journey stays where it is."""
        return not self.next

    def is_taken_with(self, came: int | None) -> bool:
        """Whether an event takes it with which so many have come."""
        return self.times is None or came is None or came >= self.times


@dataclass(frozen=True, slots=True)
class FlowState:
    """A state; *inside* names the state around it.

    *ways*: of an await in the order of its variants, so that a position tells one; of a choose in that of its options,
    otherwise last. *timeout*: after how many seconds it goes on without its event, and where to. *begins*: the first
    state of each branch. *until*: how long a pause is, or the path of the moment at which it is over. *error*: of a
    fail, where its definition says it. *expected*: how many seconds a stay is meant to take at most. *need*: so many of
    its lines are enough; None: all that can end well. *done*: a line that is here is done, and may go on. *learned*:
    what is remembered behind it of what its lines remember: of which name, and how it is gathered, by its name.
    """

    name: str
    kind: Kind
    inside: str = ""
    ways: tuple[Way, ...] = ()
    timeout: tuple[float, str] | None = None
    begins: tuple[str, ...] = ()
    until: float | str | None = None
    error: str | None = None
    expected: float | None = None
    need: int | None = None
    done: bool = False
    learned: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether some way out of it takes several events."""
        return any(way.times for way in self.ways)

    @property
    def leaving(self) -> tuple[Way, ...]:
        """The ways that lead to a state."""
        return tuple([way for way in self.ways if not way.stays])

    @property
    def owner(self) -> str:
        """The state of the author's that it is, or that it is a wait of."""
        return self.inside if self.kind in ("part", "anytime") else self.name

    @property
    def is_end(self) -> bool:
        """Whether a journey, or its branch, ends here."""
        return self.kind in ("succeed", "fail")


@dataclass(frozen=True, slots=True)
class Passage:
    """A way *through* states that take no time, a choose or a pass, to a state that may, or to an end."""

    through: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The states of a choreography by name, each before those inside it, and the events that it knows.

    A journey begins in the state *first*, by one of *starts*; or where *firsts* says, by those events that lead
    elsewhere. *awaited*: the events that move one.
    """

    first: str
    starts: tuple[str, ...]
    awaited: tuple[str, ...]
    states: Mapping[str, FlowState]
    expected: float | None = None
    """How many seconds a whole journey is meant to take at most."""
    remember: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a journey remembers of the event that begins it: the path of each field, by its name, by event."""
    firsts: Mapping[str, str] = field(default_factory=dict)
    version: str = field(init=False, repr=False, compare=False)
    """The first digits of the SHA-256 of its canonical JSON, less what is expected: that moves nothing."""

    def __post_init__(self) -> None:
        canonical = json.dumps(_moving(document(self)), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        version = hashlib.sha256(canonical.encode()).hexdigest()[:_VERSION_DIGITS]
        object.__setattr__(self, "version", version)

    @property
    def known(self) -> frozenset[str]:
        """Every event that begins a journey, or moves one."""
        return frozenset((*self.starts, *self.awaited))

    def first_of(self, event: str) -> str:
        """Return where a journey begins that *event* begins."""
        return self.firsts.get(event, self.first)

    def around(self, name: str) -> Sequence[str]:
        """Return the state *name* and all that it lies in, from the inside."""
        found = [name]
        while outer := self.states[found[-1]].inside:
            found.append(outer)
        return found

    def parts(self, name: str) -> Sequence[str]:
        """Return the names of the parts of the `all` *name*, in the order of the definition."""
        return [one.name for one in self.states.values() if one.kind == "part" and one.inside == name]

    def watch(self, name: str) -> FlowState | None:
        """Return the wait for what ends the state *name* at any time, if there is one."""
        return next((one for one in self.states.values() if one.kind == "anytime" and one.inside == name), None)

    def ends_it(self, name: str, event: str) -> bool:
        """Whether *event* is one that ends the state *name* at any time."""
        watch = self.watch(name)
        return watch is not None and any(way.event == event for way in watch.leaving)

    def passages(self, origin: str, memory: Mapping[str, Any] | None = None, detail: Any = ABSENT) -> Iterator[Passage]:
        """Yield for each state that a journey may come to from *origin* at once the shortest way; the nearest first.

        *origin* itself is *to* where it may take time, or is an end. What the journey remembers and its newest event's
        *detail* rule ways out, as far as they are known. A choose that nothing fits ends a journey: then it is *to*.
        """
        seen = {origin}
        open_ends: deque[Passage] = deque([Passage((), origin)])
        while open_ends:
            passage = open_ends.popleft()
            onward = _onward(self.states[passage.to], memory, detail)
            if onward is None or None in onward:
                yield passage
            new = [name for name in onward or () if name is not None and name not in seen]
            seen.update(new)
            open_ends.extend(Passage((*passage.through, passage.to), name) for name in new)

    def asks_detail(self, origin: str) -> bool:
        """Whether a choose that a journey may meet at once from *origin* looks at its newest event's detail."""
        found, open_ends = {origin}, [origin]
        while open_ends:
            state = self.states[open_ends.pop()]
            if state.kind == "choose" and any(way.when is not None for way in state.ways):
                return True
            new = {name for name in _onward(state, None, ABSENT) or () if name is not None} - found
            found |= new
            open_ends += new
        return False


def _onward(state: FlowState, memory: Mapping[str, Any] | None, detail: Any) -> Sequence[str | None] | None:
    """Return where *state* may lead at once, None for nowhere; no list where it takes time, or is an end."""
    if state.kind == "pass":
        return [state.ways[0].next]
    return [*_chosen(state.ways, memory, detail)] if state.kind == "choose" else None


def _chosen(ways: Sequence[Way], memory: Mapping[str, Any] | None, detail: Any) -> Iterator[str | None]:
    """Yield where the first of *ways* that fits may lead; None where perhaps none does."""
    seen: set[str] = set()
    for way in ways:
        answers = [_fits(way.remembered, ABSENT if memory is None else memory), _fits(way.when, detail)]
        if False not in answers and way.next not in seen:
            seen.add(way.next)
            yield way.next
        if answers == [True, True]:
            return
    yield None


def _fits(pattern: Mapping[str, Any] | None, value: Any) -> bool | None:
    """Whether *value* matches *pattern*; None: it is not known."""
    if pattern is None:
        return True
    return None if value is ABSENT else matches(pattern, value)


# ---- as JSON --------


def document(flow: Flow) -> dict[str, Any]:
    """Return *flow* as parsed JSON. What is empty is left out."""
    return {
        "first": flow.first,
        "starts": list(flow.starts),
        "awaited": list(flow.awaited),
        **({} if flow.expected is None else {"expected": flow.expected}),
        **({"remember": flow.remember} if flow.remember else {}),
        **({"firsts": flow.firsts} if flow.firsts else {}),
        "states": [_state(one) for one in flow.states.values()],
    }


def _moving(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `document` has *told* less what is expected, so that nothing changes with that but the target."""
    states = [{key: value for key, value in one.items() if key != "expected"} for one in told["states"]]
    return {**{key: value for key, value in told.items() if key != "expected"}, "states": states}


def _state(one: FlowState) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": one.name,
        "kind": one.kind,
        "in": one.inside,
        "ways": [_way(way) for way in one.ways],
        "timeout": None if one.timeout is None else {"after": one.timeout[0], "next": one.timeout[1]},
        "begins": list(one.begins),
        "until": one.until,
        "error": one.error,
        "expected": one.expected,
        "need": one.need,
        "done": one.done or None,
        "learned": one.learned or None,
    }
    return {key: value for key, value in told.items() if value not in ("", [], None)}


def _way(way: Way) -> dict[str, Any]:
    told = {
        "event": way.event or None,
        "when": way.when,
        "remembered": way.remembered,
        "times": way.times,
        "distinct": way.distinct,
        "gate": way.gate,
        "next": way.next or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def of_document(parsed: Mapping[str, Any]) -> Flow:
    """Return the flow that `document` made *parsed* of."""
    states = [_state_of(one) for one in parsed["states"]]
    return Flow(
        first=parsed["first"],
        starts=tuple(parsed["starts"]),
        awaited=tuple(parsed["awaited"]),
        states={one.name: one for one in states},
        expected=parsed.get("expected"),
        remember=parsed.get("remember", {}),
        firsts=parsed.get("firsts", {}),
    )


def _state_of(one: Mapping[str, Any]) -> FlowState:
    timeout = one.get("timeout")
    return FlowState(
        name=one["name"],
        kind=one["kind"],
        inside=one.get("in", ""),
        ways=tuple(_way_of(way) for way in one.get("ways", ())),
        timeout=None if timeout is None else (timeout["after"], timeout["next"]),
        begins=tuple(one.get("begins", ())),
        until=one.get("until"),
        error=one.get("error"),
        expected=one.get("expected"),
        need=one.get("need"),
        done=one.get("done", False),
        learned=one.get("learned", {}),
    )


def _way_of(way: Mapping[str, Any]) -> Way:
    counts = way.get("times"), way.get("distinct"), way.get("gate")
    return Way(way.get("next", ""), way.get("event", ""), way.get("when"), way.get("remembered"), *counts)
