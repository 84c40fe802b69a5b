"""Where the lines of a journey are, followed by what its rows tell of: the events that were used, each by which wait.

What a journey does without an event leaves no row: it passes on, pauses, or a state's time is over. So between two
events it is taken to have gone the way that there is; of several, the one with the fewest timeouts and pauses, then the
shortest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from math import inf
from typing import Literal

from choreography_insights.views.flow import Flow, FlowState, Way
from choreography_insights.views.known import Visit

By = Literal["event", "onward", "timeout"]

_AT_ONCE, _WITH_TIME, _BY_TIMEOUT = 1, 1_000, 1_000_000
_SAME_MOMENT = 0.0005
_MOST_ROUNDS = 100
_BEFORE = 0.1
"""What happens at the same moment as the end of what is around it is taken not to have happened."""

_SLACK = 1.0
"""What Step Functions does takes moments."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the journey went on from *state* to *next* at *at*, after *stayed* seconds.

    *stayed* is None where others are still waited for. *wait*: which wait used the event of *event_id*. *came*: how
    many that count had come with it, of *times*, where it takes several; *again*: it is not one of them. *noted*: it
    leads nowhere.
    """

    at: float
    by: By
    state: str
    next: str
    stayed: float | None
    event: str = ""
    event_id: str = ""
    wait: str = ""
    came: int = 0
    times: int = 0
    again: bool = False
    noted: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether more events must come before the state is left by this way."""
        return self.came < self.times


@dataclass(slots=True, eq=False)
class Line:
    """One line of a journey: *at* is the state that it came to last, which it may have left without an event.

    *keys*: of the items that it is about. *used*: which parts of an ``all`` have their event. *came*: how many that
    count have come, by variant. *lines*: those inside, by their branch's first state and the keys of their items.
    """

    at: str
    since: float
    keys: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    came: dict[int, int] = field(default_factory=dict)
    lines: dict[tuple[str, tuple[str, ...]], "Line"] = field(default_factory=dict)

    def inner(self) -> Iterator["Line"]:
        """Yield the lines inside it, each before those inside of it."""
        for line in self.lines.values():
            yield line
            yield from line.inner()


@dataclass(frozen=True, slots=True)
class Path:
    """A way without an event: its steps, each with the state that is left, how, and for which."""

    cost: int
    steps: tuple[tuple[str, By, str], ...] = ()


@dataclass(frozen=True)
class Ways:
    """The ways of a flow on which no event is needed."""

    flow: Flow

    @cached_property
    def branches(self) -> Mapping[str, str]:
        """The first state of the branch in which each state lies; of those that lie in no other, that of all."""
        begins = [
            self.flow.first,
            *self.flow.firsts.values(),
            *(begin for state in self.flow.states.values() for begin in state.begins),
        ]
        found: dict[str, str] = {}
        for begin in begins:
            ahead = [begin]
            while ahead:
                name = ahead.pop()
                if name not in found:
                    found[name] = begin
                    ahead += leads_to(self.flow.states[name])
                    if (watch := self.flow.watch(name)) is not None:
                        ahead += leads_to(watch)
        return found

    def silent(self, state: FlowState, *, is_held: bool) -> Iterator[tuple[str, By, int]]:
        """Yield where *state* may lead without an event, how, and what speaks against it."""
        match state.kind:
            case "pass" | "choose":
                yield from ((way.next, "onward", _AT_ONCE) for way in state.ways)
            case "wait" | "parallel" | "each":
                if not is_held and state.ways:
                    yield state.ways[0].next, "onward", _WITH_TIME
        if state.timeout is not None:
            yield state.timeout[1], "timeout", _BY_TIMEOUT

    def path(
        self,
        origin: str,
        targets: Iterable[str],
        seconds: float = inf,
        *,
        moves: bool = False,
        held: bool | None = None,
    ) -> "Path | None":
        """Return the best way without an event from *origin* to one of *targets*; None if there is none.

        It takes no longer than *seconds*, as far as that is known. *moves*: it does not stay where it is. *held*: lines
        inside of *origin* still wait for events, so that it is left by its timeout only; None: none has moved yet.
        """
        wanted = frozenset(targets)
        heap: list[tuple[int, int, float, str, tuple[tuple[str, By, str], ...]]] = [(0, 0, 0.0, origin, ())]
        seen: set[str] = set()
        count = 0
        while heap:
            cost, _, took, here, taken = heappop(heap)
            if here in wanted and (taken or not moves):
                return Path(cost, taken)
            if here in seen and taken:
                continue
            seen.add(here)
            state = self.flow.states[here]
            is_held = self.holds(state) if taken or held is None else held
            for onward, by, more in self.silent(state, is_held=is_held):
                longer = took + (self.seconds(state, by) or 0.0)
                if longer <= seconds + _SLACK:
                    count += 1
                    heappush(heap, (cost + more, count, longer, onward, (*taken, (here, by, onward))))
        return None

    def holds(self, state: FlowState) -> bool:
        """Whether *state* cannot be done without an event, as of some branch; an ``each`` may have no items."""
        return state.kind == "parallel" and sum(map(self.may_end, state.begins)) < self.needed(state)

    def needed(self, state: FlowState, lines: int | None = None) -> int:
        """Return how many lines of *state*, of so many, or of its branches, must be done before it is."""
        if state.need is not None:
            return state.need
        if state.kind == "parallel":
            return sum(bool(self.ends[begin]) for begin in state.begins)
        return lines or 0

    def may_end(self, name: str, *, held: bool | None = None) -> bool:
        """Whether a line in the state *name* may come to the end of its branch without an event."""
        return self.path(name, self.ends[self.branches[name]], held=held) is not None

    @cached_property
    def ends(self) -> Mapping[str, frozenset[str]]:
        """The states in which each branch, by its first state, ends well."""
        found: dict[str, set[str]] = {begin: set() for begin in self.branches.values()}
        for name, begin in self.branches.items():
            if self.flow.states[name].kind == "succeed":
                found[begin].add(name)
        return {begin: frozenset(names) for begin, names in found.items()}

    def seconds(self, state: FlowState, by: By) -> float | None:
        """Return how long a stay in *state* is that ends by itself; None if that is not known."""
        if by == "timeout":
            return None if state.timeout is None else state.timeout[0]
        return float(state.until) if state.kind == "wait" and isinstance(state.until, (int, float)) else None

    def elapsing(self, name: str) -> tuple[float, tuple[str, By, str]] | None:
        """Return after how long the state *name* is left by itself, and how; None if it is not, or nobody knows."""
        state = self.flow.states[name]
        for onward, by, _ in self.silent(state, is_held=state.kind != "wait"):
            if (seconds := self.seconds(state, by)) is not None:
                return seconds, (name, by, onward)
        return None

    def pauses_in(self, name: str) -> bool:
        """Whether time may pass in the state *name* without an event: what waits there may go on by itself."""
        return any(
            one.kind == "wait" or (one.timeout is not None and one.name != name)
            for one in self.flow.states.values()
            if name in self.flow.around(one.name)
        )

    def settled(self, name: str) -> str:
        """Return where a line is that came to *name*: beyond all that takes no time and can lead to one state only."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            state = self.flow.states[name]
            onward = {way.next for way in state.ways}
            if state.kind not in ("pass", "choose") or len(onward) != 1:
                return name
            (name,) = onward
        return name


def leads_to(state: FlowState) -> Iterator[str]:
    """Yield where *state* may lead, in its own scope."""
    if state.kind != "part":
        yield from (way.next for way in state.leaving)
    if state.timeout is not None:
        yield state.timeout[1]


class Follower:
    """Follows a journey from its beginning, in the state *first*, on, by what is seen of it."""

    def __init__(self, flow: Flow, began: float, first: str) -> None:
        self.flow, self.ways = flow, Ways(flow)
        self.began_in, self.top = first, Line(first, began)
        self.steps: list[Step] = []
        self.visits: list[Visit] = []

    # ---- what is seen --------

    def used(
        self,
        wait: str,
        name: str,
        at: float,
        *,
        event_id: str,
        variant: int | None,
        entered: float | None,
        came: int | None = None,
        noted: bool = False,
    ) -> None:
        """The *wait* of that name used an event at *at*; the state had been *entered* then.

        *came*: with it so many had come that count. *noted*: nothing was left by it.
        """
        plain, keys = self.plain(wait)
        if plain is None:
            return
        state = self.flow.states[plain]
        owner = state.owner
        line = self.seen_in(owner, keys, at if entered is None else min(entered, at))
        if noted:
            self.steps.append(Step(at, "event", owner, owner, None, name, event_id, wait, noted=True))
            return
        way = _way(state, name, variant)
        if way.times is not None and came is not None and not way.is_taken_with(came):
            again = came == line.came.get(variant or 0, 0)
            line.came[variant or 0] = came
            self.steps.append(Step(at, "event", owner, owner, None, name, event_id, wait, came, way.times, again))
            return
        if state.kind == "part":
            line.used.add(plain)
            parts = self.flow.parts(owner)
            needed = self.flow.states[owner].need or len(parts)
            is_left, target = len(line.used.intersection(parts)) >= needed, state.ways[0].next
        else:
            is_left, target = True, way.next
            if state.kind == "anytime":
                self._cut_inner(line, at)
        stayed = at - line.since if is_left else None
        self.steps.append(Step(at, "event", owner, target, stayed, name, event_id, wait))
        if is_left:
            self._leave(line, target, at, waited=True)

    def met(self, wait: str, at: float) -> None:
        """The *wait* of that name was open at *at*."""
        plain, keys = self.plain(wait)
        if plain is not None:
            self.seen_in(self.flow.states[plain].owner, keys, at, exact=False)

    def seen_in(self, name: str, keys: tuple[str, ...], entered: float, *, exact: bool = True) -> Line:
        """Return the line that is in the state *name* of these items.

        It came there at the moment *entered*, or (not *exact*) before.
        """
        *containers, _ = around = [*reversed(self.flow.around(name))]
        line, depth = self.top, 0
        for container, inner in zip(containers, around[1:], strict=True):
            self._bring(line, container, entered, exact=False)
            depth += self.flow.states[container].kind == "each"
            line = self._line_in(line, self.ways.branches[inner], keys[:depth])
        self._bring(line, name, entered, exact=exact)
        return line

    def came_to(self, name: str, at: float) -> None:
        """The journey as a whole came to the state *name*, and is there."""
        if name in self.flow.states:
            self._bring(self.top, name, at, exact=True)

    def ended(self, ends: Iterable[str], at: float) -> str | None:
        """The journey ended in one of *ends* at *at*; return in which, None if there is no way to any of them."""
        wanted = frozenset(ends)
        found = [
            (path.cost, -line.since, position, line, path)
            for position, line in enumerate((self.top, *self.top.inner()))
            if (path := self._path(line, wanted, at, exact=True)) is not None
        ]
        if not found:
            return None
        *_, line, path = min(found, key=lambda one: one[:3])
        self._go(line, path, at, exact=True)
        if line is not self.top:
            self._cut_off(self.top, at)
        return line.at

    def broke_off(self, at: float) -> str:
        """The journey ended at *at* where it was; return where that is."""
        self._settle(self.top)
        self._cut_off(self.top, at)
        return self.top.at

    def lasts(self, seen: Iterable[Line], now: float) -> None:
        """The journey runs: its lines stay where they are. *seen* are those whose waits are open."""
        waiting = set(map(id, seen))
        self._settle(self.top)
        self.visits.append(Visit(self.top.at, self.top.since, None))
        self._lasts_in(self.top, waiting, now)

    def _lasts_in(self, line: Line, waiting: set[int], now: float) -> None:
        for inner in self._lines_of(line):
            self._elapse(inner, now)
            if id(inner) not in waiting:
                self._end_if_at_once(inner)
            kind = self.flow.states[inner.at].kind
            if id(inner) in waiting or kind in ("wait", "parallel", "each"):
                self.visits.append(Visit(inner.at, inner.since, None))
                self._lasts_in(inner, waiting, now)

    def _end_if_at_once(self, line: Line) -> None:
        """Let *line*, which waits for nothing, be at its end if it can have come there without time."""
        path = self.ways.path(line.at, self.ways.ends[self.ways.branches[line.at]])
        if path is not None and path.cost < _WITH_TIME:
            self._go(line, path, line.since, exact=False)

    def pausing(self) -> Iterator[str]:
        """Yield the names of the pauses that lines are in, with the keys of items."""
        for line in (self.top, *self.top.inner()):
            if self.flow.states[line.at].kind == "wait":
                yield line.at + "".join(f"[{key}]" for key in line.keys)

    def plain(self, wait: str) -> tuple[str | None, tuple[str, ...]]:
        """Return which state *wait* is of, and the keys of items that stand in its name: ``OnTheWay[4711]``."""
        name = wait
        while name not in self.flow.states and "[" in name:
            name = name[: name.rindex("[")]
        if name not in self.flow.states:
            return None, ()
        depth = sum(self.flow.states[one].kind == "each" for one in self.flow.around(name))
        text = wait[len(name) + 1 : -1]
        return name, tuple(text.split("][", depth - 1)) if depth else ()

    # ---- going on --------

    def _line_in(self, line: Line, begin: str, keys: tuple[str, ...]) -> Line:
        return line.lines.setdefault((begin, keys), Line(begin, line.since, keys))

    def _bring(self, line: Line, target: str, at: float, *, exact: bool) -> None:
        """Let *line* be in the state *target* by *at*; *exact*: it came there at that very moment."""
        if line.at != target:
            path = self._path(line, [target], at, exact=exact)
            if path is None:  # what led there is not known any more
                self._cut_off(line, at)
                line.at, line.since = target, at
            else:
                self._go(line, path, at, exact=exact)
        for _ in range(_MOST_ROUNDS):  # it may have come there again and again
            path = self._path(line, [target], at, exact=exact, moves=True) if self._must_have_lapsed(line, at) else None
            if path is None:
                break
            self._go(line, path, at, exact=exact)
        if exact and not line.used and not line.came and at > line.since:
            line.since = at

    def _path(self, line: Line, targets: Iterable[str], at: float, *, exact: bool, moves: bool = False) -> Path | None:
        """Return the way of *line* to one of *targets*.

        What was left only when its time was over was left by its timeout, even if all could have been done there.
        """
        wanted = frozenset(targets)
        path = self.ways.path(line.at, wanted, at - line.since, moves=moves, held=self._holds(line))
        moved = max((inner.since for inner in line.inner()), default=line.since)
        if (
            exact
            and path is not None
            and path.cost < 2 * _WITH_TIME
            and moved < at
            and self._must_have_lapsed(line, at)
        ):
            return self.ways.path(line.at, wanted, at - line.since, moves=moves, held=True) or path
        return path

    def _must_have_lapsed(self, line: Line, at: float) -> bool:
        timeout = self.flow.states[line.at].timeout
        return timeout is not None and at - line.since + _SAME_MOMENT >= timeout[0]

    def _go(self, line: Line, path: Path, until: float, *, exact: bool) -> None:
        """Let *line* go on by *path* until *until*; *exact*: the last state that takes time was left just then."""
        timed = [position for position, (state, by, _) in enumerate(path.steps) if self._takes_time(state, by)]
        for position, (name, by, onward) in enumerate(path.steps):
            at = line.since
            if position in timed:
                at = self._left(line, self.flow.states[name], by, until, exact=exact and position == timed[-1])
            if by == "onward":
                self._end_lines(line, at)
            else:
                self._cut_inner(line, at)
            self.steps.append(Step(at, by, name, onward, at - line.since))
            self._leave(line, onward, at)

    def _takes_time(self, state: str, by: By) -> bool:
        return by == "timeout" or self.flow.states[state].kind in ("wait", "parallel", "each")

    def _left(self, line: Line, state: FlowState, by: By, until: float, *, exact: bool) -> float:
        """Return when *line* left *state*: by itself, or since all was done there."""
        known = self.ways.seconds(state, by)
        is_done_at_once = not line.lines and until - line.since < _SLACK
        if by == "onward" and state.kind != "wait" and (is_done_at_once or not self.ways.pauses_in(state.name)):
            return min(max((inner.since for inner in line.inner()), default=line.since), until)
        if exact or known is None:
            longest = inf if state.timeout is None else line.since + state.timeout[0]
            return max(line.since, until if until - longest < _SLACK else longest)
        return max(line.since, min(line.since + known, until))

    def _settle(self, line: Line) -> None:
        at = self.ways.settled(line.at)
        path = self.ways.path(line.at, [at])
        if path is not None:
            self._go(line, path, line.since, exact=False)

    def _end_lines(self, line: Line, at: float) -> None:
        """As many lines inside of *line* as are needed have come to their ends; the others end where they are."""
        inside = self._lines_of(line)
        found = [(path, inner) for inner in inside if (path := self._path_to_end(inner, at)) is not None]
        needed = self.ways.needed(self.flow.states[line.at], len(inside))
        if needed < len(found):
            found = sorted(found, key=lambda one: (one[0].cost, one[1].since))[:needed]
        for path, inner in found:
            self._go(inner, path, at, exact=False)
        ended = [id(inner) for _, inner in found]
        for inner in inside if needed < len(inside) else ():
            if id(inner) not in ended:
                self._cut_off(inner, at)
        line.lines = {}

    def _path_to_end(self, line: Line, at: float) -> Path | None:
        ends = self.ways.ends[self.ways.branches[line.at]]
        return self.ways.path(line.at, ends, at - line.since, held=self._holds(line))

    def _holds(self, line: Line) -> bool | None:
        """Whether a line inside of *line* waits for an event before its end; None: none has moved."""
        if not line.lines:
            return None
        inside = self._lines_of(line)
        done = sum(self.ways.may_end(inner.at, held=self._holds(inner)) for inner in inside)
        return done < self.ways.needed(self.flow.states[line.at], len(inside))

    def _lines_of(self, line: Line) -> list[Line]:
        """Return the lines inside of *line*: of branches also those of which nothing was seen."""
        state = self.flow.states[line.at]
        if state.kind == "parallel":
            for begin in state.begins:
                self._line_in(line, begin, line.keys)
        for inner in line.lines.values():
            self._settle(inner)
        return [*line.lines.values()]

    def _leave(self, line: Line, target: str, at: float, *, waited: bool = False) -> None:
        """*line* goes on to *target*; what it went through in no time is no stay, unless it *waited* for an event."""
        if waited or at > line.since + _SAME_MOMENT:
            self.visits.append(Visit(line.at, line.since, at))
        line.at, line.since, line.used, line.came, line.lines = target, at, set(), {}, {}

    def _cut_off(self, line: Line, at: float) -> None:
        """*line* and those inside it end where they are."""
        self._settle(line)
        if not self.flow.states[line.at].is_end and at > line.since:
            self.visits.append(Visit(line.at, line.since, at, cut=True))
        self._cut_inner(line, at)
        line.used = set()

    def _cut_inner(self, line: Line, at: float) -> None:
        for inner in self._lines_of(line):
            self._elapse(inner, at - _BEFORE)
            self._cut_off(inner, at)
        line.lines = {}

    def _elapse(self, line: Line, now: float) -> None:
        """Let *line*, which lies inside of another, go on by all whose time is over."""
        while (way := self.ways.elapsing(line.at)) is not None and line.since + way[0] <= now:
            self._go(line, Path(0, (way[1],)), line.since + way[0], exact=True)
            self._settle(line)


def _way(state: FlowState, event: str, variant: int | None) -> Way:
    if variant is not None and variant < len(state.ways) and state.ways[variant].event == event:
        return state.ways[variant]
    return next((way for way in state.ways if way.event == event), state.ways[0])
