"""What changes of rows say has happened to journeys: values in, counts out.

Each change is read for itself, so the same is counted however the stream is cut into batches. An event's row tells what
moved by it; a journey's row how long it was in its outermost states, and what moved without an event. What goes through
states that take no time is told by the event's row where what the journey remembers says how; where the event's detail
is asked for, by where the journey comes to. Where several changes must be seen together, the table is asked.

What leaves no trace in any row is not counted: inside a container, what ends by time, a pause, a container, a choose
that asks for an event's detail, and in an `each` what its lines begin with.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, cast

from choreography_insights.core.fields import ABSENT, epoch_seconds, read
from choreography_insights.insights.changes import Change, Item, Since, number, text, waits
from choreography_insights.insights.counts import Counts
from choreography_insights.views.flow import Flow, FlowState, Passage, Way
from choreography_insights.views.known import ENDS, Status
from choreography_insights.views.picture import BEGIN, ONWARD, TIMEOUT

UNEXPECTED_TRANSITION = "UnexpectedTransition"
"""Where a journey ends that meets a choose which nothing fits."""

Memory = Mapping[str, Any] | None
Arrived = Callable[[Passage], bool]


class Known(Protocol):
    """What is asked beside the changes."""

    def flow(self, change: Change) -> Flow | None:
        """The flow of the definition that the changed row's journey runs; None where none is known."""

    def events(self, journey: str) -> Sequence[Item]:
        """The rows of the journey's events, none older than any change that was told of."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What a change tells: *at* is when it happened, by the clock of whatever wrote the row."""

    choreography: str
    at: float
    sequence: int
    counts: Counts


def fold(changes: Sequence[Change], known: Known) -> Iterator[Happened]:
    """Yield what each of *changes* tells, in their order; most tell nothing."""
    for change in changes:
        told = _event(change, known) if change.is_event else _journey(change, known)
        if told is not None:
            at, counts = told
            yield Happened(change.choreography, at, change.sequence, counts)


# ---- the row of an event --------


def _event(change: Change, known: Known) -> tuple[float, Counts] | None:
    status = text(change.new, "status")
    if status == text(change.old, "status"):
        return None
    if status == "REPORTED":
        return _reported(change, known)
    used_at = number(change.new, "usedAt")
    moved = status == "DONE" and used_at is not None and "noted" not in change.new
    flow = known.flow(change) if moved else None
    if flow is None or used_at is None:
        return None
    counts = Counts()
    payload = json.loads(text(change.old, "payload") or "{}")
    if change.new.get("isStart", {}).get("BOOL"):
        name = text(change.new, "name")
        first = flow.first_of(name)
        counts.transitions[BEGIN, name, first] += 1
        remembered = {field: read(path, payload) for field, path in flow.remember.get(name, {}).items()}
        memory = {field: value for field, value in remembered.items() if value is not ABSENT}
        _Way(flow, counts, memory, payload.get("detail", ABSENT)).arrive(first)
    else:
        _moved(change, flow, used_at, counts, known)
    return used_at, counts


def _reported(change: Change, known: Known) -> tuple[float, Counts] | None:
    at = number(change.new, "deviatedAt")
    if at is None:
        return None
    deviation = json.loads(text(change.new, "deviation") or "{}")
    states = deviation.get("states") or [[""]]
    flow = known.flow(change)
    counts = Counts()
    met = _owner(flow, states[0][0]) if flow and states[0][0] else str(states[0][0])
    counts.deviations[text(change.new, "name"), met, str(deviation.get("reason", ""))] += 1
    return at, counts


def _owner(flow: Flow, wait: str) -> str:
    """Return the author's state that *wait* belongs to."""
    state = flow.states.get(_plain(flow, wait))
    if state is None:
        return wait
    return state.owner


def _plain(flow: Flow, wait: str) -> str:
    """Return *wait* without the keys of items: ``OnTheWay[4711]`` is `OnTheWay`."""
    name = wait
    while name not in flow.states and "[" in name:
        name = name[: name.rindex("[")]
    return name if name in flow.states else wait


def _moved(change: Change, flow: Flow, used_at: float, counts: Counts, known: Known) -> None:
    """An event was used by a wait."""
    row = change.new
    wait = text(row, "wait")
    state = flow.states.get(_plain(flow, wait))
    way = None if state is None else _way(state, row)
    if state is None or way is None:
        return
    if state.kind == "part":
        counts.transitions[state.inside, way.event, way.next] += 1
        if flow.states[state.inside].inside:
            _part_inside(change, flow, state, used_at, counts, known)
        return
    if not way.is_taken_with(_came(row)):
        return
    counts.transitions[state.owner, way.event, way.next] += 1
    counts.stayed(state.owner, used_at - epoch_seconds(text(row, "entered")))
    _Way(flow, counts, _memory(change.old)).arrive_if_sure(way.next)


def _way(state: FlowState, row: Item) -> Way | None:
    """Return the way that the event of *row* took out of *state*; None if it is not of this definition."""
    position = int(number(row, "variant") or 0)
    way = state.ways[position] if position < len(state.ways) else None
    return way if way is not None and way.event == text(row, "name") and not way.stays else None


def _moves(row: Item) -> bool:
    """Whether the event of *row* was used, and more than noted."""
    return "usedAt" in row and "noted" not in row


def _came(row: Item) -> int | None:
    """Return how many that count had come with the event of *row*, where its wait counts."""
    came = number(row, "came")
    return None if came is None else int(came)


def _memory(row: Item) -> Mapping[str, Any]:
    """Return what the journey remembers from a claimed event on, or in a wait."""
    return cast("Mapping[str, Any]", json.loads(text(row, "remembered") or "{}"))


def _part_inside(change: Change, flow: Flow, part: FlowState, used_at: float, counts: Counts, known: Known) -> None:
    """Count the stay in an `all` inside a container, if the event of *change* was the last that it waited for.

    The waits of one stay are open at the same time; those of another stay of the same line never are.
    """
    keys = text(change.new, "wait")[len(part.name) :]
    uses = [_Use.of(change.new, change.item)]
    for name in flow.parts(part.inside):
        if name != part.name:
            use = next((one for one in _uses(change, name + keys, known) if one.overlaps(uses[0])), None)
            if use is None:
                return
            uses.append(use)
    if max(uses) == uses[0]:
        counts.stayed(part.inside, used_at - min(use.entered_at for use in uses))
        _Way(flow, counts, None).arrive_if_sure(part.ways[0].next)


@dataclass(frozen=True, slots=True, order=True)
class _Use:
    """A wait that an event was used by, from when to when it was open."""

    used_at: float
    item: str
    entered_at: float

    @classmethod
    def of(cls, row: Item, item: str) -> "_Use":
        return cls(number(row, "usedAt") or 0.0, item, epoch_seconds(text(row, "entered")))

    def overlaps(self, other: "_Use") -> bool:
        return self.entered_at <= other.used_at and other.entered_at <= self.used_at


def _uses(change: Change, wait: str, known: Known) -> Iterator[_Use]:
    execution = text(change.new, "execution")
    for row in known.events(change.journey):
        if text(row, "wait") == wait and text(row, "execution") == execution and "usedAt" in row:
            yield _Use.of(row, text(row, "item"))


class _Way:
    """Counts what a journey, or a line of it, goes through at once."""

    def __init__(self, flow: Flow, counts: Counts, memory: Memory, detail: Any = ABSENT) -> None:
        self._flow, self._counts, self._memory, self._detail = flow, counts, memory, detail

    def arrive_if_sure(self, target: str) -> None:
        """Go on to *target*, unless that depends on the detail of an event."""
        if not self._flow.asks_detail(target):
            self.arrive(target)

    def arrive(self, target: str, arrived: Arrived = lambda _: True) -> bool:
        """Go on from *target* by the shortest way that has *arrived*; return whether there is one."""
        for memory in (self._memory, None) if self._memory is not None else (None,):
            for passage in self._flow.passages(target, memory, self._detail):
                if arrived(passage):
                    self._go(passage)
                    return True
        return False

    def _go(self, passage: Passage) -> None:
        for state, following in pairwise((*passage.through, passage.to)):
            self._counts.transitions[state, ONWARD, following] += 1
            self._counts.stayed(state, 0.0)
        end = _end(self._flow, passage)
        if end is not None:
            self._counts.outcomes[end] += 1
        for first in self._begins(passage.to):
            self.arrive_if_sure(first)

    def _begins(self, name: str) -> Sequence[str]:
        state = self._flow.states[name]
        return state.begins if state.kind == "parallel" else ()


def _end(flow: Flow, passage: Passage) -> tuple[Status, str] | None:
    """Return how the journey ends that comes there; None if only a line does, or it goes on."""
    state = flow.states[passage.to]
    match state.kind:
        case "succeed":
            return None if state.inside else ("SUCCEEDED", state.name)
        case "fail":
            return "FAILED", state.name
        case "choose":
            return "FAILED", state.name if state.inside else UNEXPECTED_TRANSITION
        case _:
            return None


# ---- the row of a journey --------


def _journey(change: Change, known: Known) -> tuple[float, Counts] | None:
    old, new = change.old, change.new
    if not text(old, "execution") or text(old, "execution") != text(new, "execution"):
        return None
    status = text(new, "status")
    ended_at = number(new, "endedAt")
    if status in ENDS and text(old, "status") not in ENDS and ended_at is not None:
        flow = known.flow(change)
        return (
            None if flow is None else (ended_at, _Leaving(change, flow, known, ended_at).ended(cast("Status", status)))
        )
    since, before = Since.of(new), Since.of(old)
    if since is None or before is None or since == before:
        return None
    flow = known.flow(change)
    return None if flow is None else (since.at, _Leaving(change, flow, known, since.at).moved(since.state))


class _Leaving:
    """A journey leaves the outermost state that it was in."""

    def __init__(self, change: Change, flow: Flow, known: Known, at: float) -> None:
        self._change, self._flow, self._known, self._at = change, flow, known, at
        self._since = Since.of(change.old)
        self._counts = Counts()

    def moved(self, state: str) -> Counts:
        """Return what is to be counted where it has come to *state*."""
        origin = self._origin()
        if origin is not None and state in self._flow.states:
            target = self._left(origin, lambda passage: passage.to == state)
            if target is not None:
                self._way(state).arrive(target, lambda passage: passage.to == state)
        return self._counts

    def ended(self, status: Status) -> Counts:
        """Return what is to be counted where it has ended."""
        self._counts.took.add(max(self._at - (number(self._change.new, "startedAt") or self._at), 0.0))
        origin = self._origin()
        if status in ("TIMED_OUT", "ABORTED") or (status == "FAILED" and self._was_failed()):
            self._counts.outcomes[status, origin.name if origin else self._flow.first] += 1
        elif origin is None:
            self._ended_nowhere(status)
        else:
            self._ended_behind(origin, status)
        return self._counts

    def _origin(self) -> FlowState | None:
        return None if self._since is None else self._flow.states.get(self._since.state)

    def _ended_nowhere(self, status: Status) -> None:
        """It ended before any wait, or its definition is of before there were pictures and never said where it was.

        The row of the start event, or of another one, has told of an end that it led to.
        """
        firsts = (self._flow.first, *self._flow.firsts.values())
        if not any(self._may_end(first, status) for first in firsts) and not self._was_told(status):
            self._counts.outcomes[status, self._flow.first] += 1

    def _was_told(self, status: Status) -> bool:
        execution = text(self._change.new, "execution")
        for row in self._known.events(self._change.journey):
            state = self._flow.states.get(_plain(self._flow, text(row, "wait")))
            if state is None or state.kind != "await" or text(row, "execution") != execution or "usedAt" not in row:
                continue
            way = _way(state, row)
            if (
                way is not None
                and way.is_taken_with(_came(row))
                and self._may_end(way.next, status)
                and not self._flow.asks_detail(way.next)
            ):
                return True
        return False

    def _ended_behind(self, origin: FlowState, status: Status) -> None:
        if status == "FAILED" and self._failed_inside(origin):
            return
        target = self._left_for_end(origin, status)
        if target == "":
            return
        if target is None or not self._way().arrive(target, self._ends(status)):
            was_refused = status == "FAILED" and origin.kind == "each" and not any(self._used_inside(origin))
            self._counts.outcomes[status, f"{origin.name}.Refused" if was_refused else origin.name] += 1

    def _left_for_end(self, origin: FlowState, status: Status) -> str | None:
        """Count how *origin* was left; return where to, nothing where an event's row has told it, None if it failed."""
        if (way := self._interrupted(origin)) is not None:
            return way.next if self._flow.asks_detail(way.next) else ""
        onward = [way.next for way in origin.leaving] + ([origin.timeout[1]] if origin.timeout else [])
        if not any(self._may_end(to, status) for to in onward):
            return None
        target = self._left(origin, self._ends(status))
        if target is None and status == "FAILED":
            used = self._used(origin)
            return "" if used is not None and self._may_end(used.next, status) else None
        return target or ""

    def _may_end(self, target: str, status: Status) -> bool:
        return any(map(self._ends(status), self._flow.passages(target)))

    def _ends(self, status: Status) -> Arrived:
        def arrived(passage: Passage) -> bool:
            end = _end(self._flow, passage)
            return end is not None and end[0] == status

        return arrived

    def _was_failed(self) -> bool:
        """Whether an unexpected event ended it: such an event's row names the execution."""
        execution = text(self._change.new, "execution")
        return any(
            text(row, "status") in ("FAILING", "REPORTED") and text(row, "execution") == execution
            for row in self._known.events(self._change.journey)
        )

    def _failed_inside(self, origin: FlowState) -> bool:
        """Whether a line inside the container *origin* may have ended the journey, by an event or as it began."""
        ways = [way.next for way in self._used_inside(origin)]
        target = next((to for to in (*ways, *origin.begins) if self._may_end(to, "FAILED")), None)
        if target is not None and self._flow.asks_detail(target):
            self._way().arrive(target, self._ends("FAILED"))
        return target is not None

    def _used_inside(self, origin: FlowState) -> Iterator[Way]:
        """Yield the ways of the events that were used inside the container *origin* since it was entered."""
        if not origin.begins:
            return
        execution = text(self._change.new, "execution")
        for row in self._known.events(self._change.journey):
            state = self._flow.states.get(_plain(self._flow, text(row, "wait")))
            if state is None or text(row, "execution") != execution or text(row, "entered") < self._entered:
                continue
            if origin.name in self._flow.around(state.name) and (way := _way(state, row)) is not None:
                yield from (way,) if way.is_taken_with(_came(row)) else ()

    # ---- how it left --------

    def _left(self, origin: FlowState, arrived: Arrived) -> str | None:
        """Count how *origin* was left; return where to, or None where the row of the event that did it has told all."""
        if (way := self._interrupted(origin)) is not None:
            return way.next if self._flow.asks_detail(way.next) else None
        stayed = self._at - self._entered_at
        if origin.timeout is not None and self._has_lapsed(origin, origin.timeout, arrived):
            self._counts.transitions[origin.name, TIMEOUT, origin.timeout[1]] += 1
            self._counts.stayed(origin.name, stayed)
            return origin.timeout[1]
        if origin.kind == "await":
            if not any(self._flow.asks_detail(way.next) for way in origin.leaving):
                return None
            used = self._used(origin)
            return used.next if used is not None and self._flow.asks_detail(used.next) else None
        self._counts.stayed(origin.name, stayed)
        if not origin.ways:
            return None
        if origin.kind != "all":
            self._counts.transitions[origin.name, ONWARD, origin.ways[0].next] += 1
        return origin.ways[0].next

    @property
    def _entered(self) -> str:
        return self._since.entered if self._since else ""

    @property
    def _entered_at(self) -> float:
        return self._since.at if self._since else self._at

    def _has_lapsed(self, origin: FlowState, timeout: tuple[float, str], arrived: Arrived) -> bool:
        """Whether its time was over: then a wait of it is left, or was dropped since nobody waited there any more.

        Inside branches that says nothing, as their own time may have been over, nor where fewer events than all are
        enough: then it is where the journey came to that tells, or how long it was there.
        """
        if origin.kind == "await" or (origin.kind == "all" and origin.need is None):
            names = self._flow.parts(origin.name) if origin.kind == "all" else [origin.name]
            return any(name in names and entered >= self._entered for name, entered in self._left_over())
        onward = origin.ways[0].next if origin.ways else timeout[1]
        on_time, late = (any(map(arrived, self._flow.passages(to))) for to in (onward, timeout[1]))
        return late and (not on_time or self._at - self._entered_at >= timeout[0])

    def _left_over(self) -> Iterator[tuple[str, str]]:
        for name, wait in waits(self._change.old).items():
            yield name, text(wait, "v")
        for row in (self._change.old, self._change.new):
            name, _, entered = text(row, "lapsed").rpartition("#")
            yield name, entered

    def _used(self, origin: FlowState) -> Way | None:
        """Return the way that the event took which the wait *origin* was left by."""
        for row in self._known.events(self._change.journey):
            if text(row, "wait") == origin.name and text(row, "entered") == self._entered and _moves(row):
                way = _way(origin, row)
                if way is None or way.is_taken_with(_came(row)):
                    return way
        return None

    def _interrupted(self, origin: FlowState) -> Way | None:
        """Return the way of the event that ended *origin*, if that is how it was left."""
        watch = self._flow.watch(origin.name)
        if watch is None:
            return None
        for row in self._known.events(self._change.journey):
            entered = text(row, "entered")
            is_its = text(row, "wait") == watch.name and _moves(row)
            if is_its and self._entered <= entered and epoch_seconds(entered) <= self._at:
                return _way(watch, row)
        return None

    def _way(self, state: str = "") -> _Way:
        """Return the way on, with what the journey remembers where it comes to *state*, or in a wait that was left."""
        for row, names in (
            (self._change.new, self._inside(state)),
            (self._change.old, self._inside(self._origin_name)),
        ):
            for name, wait in waits(row).items():
                if name in names and "remembered" in wait:
                    return _Way(self._flow, self._counts, _memory(wait))
        return _Way(self._flow, self._counts, None)

    @property
    def _origin_name(self) -> str:
        return self._since.state if self._since else ""

    def _inside(self, state: str) -> frozenset[str]:
        return frozenset(name for name in self._flow.states if state and state in self._flow.around(name))
