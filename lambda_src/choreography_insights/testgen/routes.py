"""The ways that events can take through a scope of states, and the fewest walks that together take every one.

Those are a minimum flow: how often each edge is taken, at least once each, so that as few walks as can be begin at the
origin. A first flow comes from walks that greedily turn to what is still new; then every walk that the others can
take over is taken away, and the flow is cut into walks again.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count, islice, product

from choreography_insights.core.fields import EventPath
from choreography_insights.model.graph import reachable
from choreography_insights.model.patterns import Exists, FieldTest, Pattern
from choreography_insights.model.workflow import (
    All,
    Await,
    Choose,
    Condition,
    Each,
    Fail,
    Name,
    Parallel,
    Pass,
    Quorum,
    State,
    Succeed,
    Variant,
    Wait,
    Workflow,
    anytime,
    beginnings,
    data_read,
    divided_events,
    goes_on,
    is_end,
    leaving,
    lessons,
    nested,
    only_watches,
)
from choreography_insights.testgen.path_constraints import (
    Asked,
    Items,
    Lines,
    Moment,
    Past,
    Paused,
    Remembered,
    Sent,
    at_once,
    details_for,
    joined,
    published,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """A step from one node to another. Several may join the same two."""

    origin: str
    target: str


EdgePath = tuple[int, ...]
"""Positions of edges, each beginning where the one before ends."""


def coverable(edges: Sequence[Edge], origin: str, ends: Iterable[str]) -> list[int]:
    """Return the positions of the edges that lie on some walk from *origin* to one of *ends*."""
    stops = set(ends)
    nodes = {origin, *stops, *(edge.origin for edge in edges), *(edge.target for edge in edges)}
    onward: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    back: dict[str, tuple[str, ...]] = dict.fromkeys(nodes, ())
    for edge in edges:
        onward[edge.origin] += (edge.target,)
        back[edge.target] += (edge.origin,)
    seen, finishing = reachable(onward, [origin]), reachable(back, stops)
    return [i for i, edge in enumerate(edges) if edge.origin in seen and edge.target in finishing]


def fewest_walks(edges: Sequence[Edge], origin: str, ends: Iterable[str]) -> list[EdgePath]:
    """Return as few walks from *origin* to *ends* as take every one of *edges*, all of which must be coverable.

    No edge may lead to the origin or leave an end. The same edges in the same order give the same walks.
    """
    network = _Network(edges, origin, frozenset(ends))
    walks = list(network.greedy_walks())
    flow = [0] * len(edges)
    for walk in walks:
        for position in walk:
            flow[position] += 1
    superfluous = 0
    while network.reroute_one(flow):
        superfluous += 1
    return network.walks_of(flow) if superfluous else walks


class _Network:
    def __init__(self, edges: Sequence[Edge], origin: str, ends: frozenset[str]) -> None:
        self._edges = edges
        self._origin = origin
        self._ends = ends
        nodes = {origin, *ends, *(edge.origin for edge in edges), *(edge.target for edge in edges)}
        self._leaving: Mapping[str, list[int]] = {node: [] for node in nodes}
        self._entering: Mapping[str, list[int]] = {node: [] for node in nodes}
        for position, edge in enumerate(edges):
            self._leaving[edge.origin].append(position)
            self._entering[edge.target].append(position)

    def greedy_walks(self) -> Iterator[EdgePath]:
        """Yield walks, each turning to the nearest edge that none has taken, until all are."""
        new = set(range(len(self._edges)))
        while new:
            walk = self._greedy_walk(new)
            new.difference_update(walk)
            yield walk

    def _greedy_walk(self, new: Collection[int]) -> EdgePath:
        node, walk, fresh = self._origin, list[int](), set(new)
        while route := self._route(node, fresh.__contains__):
            walk += route
            fresh.difference_update(route)
            node = self._edges[route[-1]].target
        if node not in self._ends:
            walk += self._route(node, lambda position: self._edges[position].target in self._ends)
        return tuple(walk)

    def _route(self, node: str, wanted: Callable[[int], bool]) -> list[int]:
        """Return the shortest way from *node* that ends with a *wanted* edge; empty if there is none."""
        came_by: dict[str, int | None] = {node: None}
        queue = deque([node])
        while queue:
            here = queue.popleft()
            for position in self._leaving[here]:
                if wanted(position):
                    return [*self._way_to(here, came_by), position]
                target = self._edges[position].target
                if target not in came_by:
                    came_by[target] = position
                    queue.append(target)
        return []

    def _way_to(self, node: str, came_by: Mapping[str, int | None]) -> list[int]:
        way: list[int] = []
        while (position := came_by[node]) is not None:
            way.append(position)
            node = self._edges[position].origin
        return way[::-1]

    def reroute_one(self, flow: list[int]) -> bool:
        """Lower *flow* by one walk if it still covers every edge then; return whether it could be done.

        A path from an end back to the origin is sought that goes against edges taken more than once (once less
        then) and along any edge (once more then).
        """
        came_by: dict[str, tuple[int, int] | None] = {}
        for end in sorted(self._ends):
            came_by[end] = None
        queue = deque(came_by)
        while queue and self._origin not in came_by:
            here = queue.popleft()
            against = ((p, -1, self._edges[p].origin) for p in self._entering[here] if flow[p] > 1)
            along = ((p, 1, self._edges[p].target) for p in self._leaving[here])
            for position, change, there in (*against, *along):
                if there not in came_by:
                    came_by[there] = (position, change)
                    queue.append(there)
        if self._origin not in came_by:
            return False
        node = self._origin
        while (step := came_by[node]) is not None:
            position, change = step
            flow[position] += change
            node = self._edges[position].target if change < 0 else self._edges[position].origin
        return True

    def walks_of(self, flow: Sequence[int]) -> list[EdgePath]:
        """Cut *flow* into walks: each goes on while it can, loops left over are put in where a walk comes by."""
        left = list(flow)
        walks: list[list[int]] = []
        while any(left[position] for position in self._leaving[self._origin]):
            walks.append(self._follow(self._origin, left))
        for walk in walks:
            place = 0
            while place <= len(walk):
                node = self._edges[walk[place - 1]].target if place else self._origin
                walk[place:place] = self._follow(node, left)
                place += 1
        return [tuple(walk) for walk in walks]

    def _follow(self, node: str, left: list[int]) -> list[int]:
        """Take from *left* the walk that goes on from *node* as long as it can."""
        walk: list[int] = []
        onward = [p for p in self._leaving[node] if left[p]]
        while onward:
            left[onward[0]] -= 1
            walk.append(onward[0])
            onward = [p for p in self._leaving[self._edges[onward[0]].target] if left[p]]
        return walk


BEFORE = ""
"""Where a journey, or a branch, is before its first state: a node that no state can be named like."""

_IS_DONE = "\n"
"""What a line's last node begins with, where it is done in a state that it may leave: as no state's name does."""

_MOST_CHAINS = 200

_MANY = (1, 2, 3, 4, 5)
"""So many items are tried that remember something, where a way may hang on how many do."""

_SLACK_SECONDS = 5
"""What is noted in a pause has so much time left: the functions look at it while Step Functions still pauses."""

_MOST_TRIES = 500
"""How many beginnings of a walk are tried before a way is said to be one that no events bring about."""

Step = tuple[str, int]
"""A way out of a state: the state's name and the way's position in it; that of a start event is from `BEFORE`."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way from a state that waits to the next one, or to an end, with all that happens on it.

    *varies*: it is like others but for how many items it takes, or for what its lines hand out.
    """

    edge: Edge
    moments: tuple[Moment, ...]
    steps: tuple[Step, ...]
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """Routes from the beginning of a scope to an end."""

    routes: tuple[Route, ...]

    @property
    def end(self) -> str:
        """The state it ends in."""
        return self.routes[-1].edge.target

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All that happens on it."""
        return tuple(moment for route in self.routes for moment in route.moments)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every way it takes."""
        return tuple(step for route in self.routes for step in route.steps)


class Routes:
    """All routes through *states*, and the walks that take them. *impossible* gathers what no event brings about."""

    def __init__(
        self, workflow: Workflow, states: Sequence[State], impossible: set[Step], items: tuple[EventPath, ...] = ()
    ) -> None:
        self._workflow = workflow
        self._beginning = divided_events(workflow)
        self._states = {state.name.text: state for state in states}
        self._first = states[0].name.text
        self._is_outermost = self._states.get(self._first) is workflow.states[0]
        self._impossible = impossible
        self._items = items
        self._failing: list[str] = []
        self._spare: list[Route] = []
        self._lists = _lists_gone_through(workflow)
        self.routes = self._distinct(list(self._all()))
        self.ends = [*(state.name.text for state in states if is_end(state)), *dict.fromkeys(self._failing)]
        self.ends += (_IS_DONE + state.name.text for state in states if isinstance(state, Await) and state.done)
        self._leading_from, self._leading_to = dict[str, list[Route]](), dict[str, list[Route]]()
        for route in (*self.routes, *self._spare):
            self._leading_from.setdefault(route.edge.origin, []).append(route)
            self._leading_to.setdefault(route.edge.target, []).append(route)

    def walks(self) -> list[Walk]:
        """Return as few walks as take every route that lies on the way to an end."""
        taken = [self.routes[i] for i in coverable([route.edge for route in self.routes], BEFORE, self.ends)]
        walks = fewest_walks([route.edge for route in taken], BEFORE, self.ends)
        return [Walk(tuple(taken[i] for i in walk)) for walk in walks]

    def possible(self, walks: Iterable[Walk], happens: Callable[[Walk], bool]) -> Iterator[Walk]:
        """Yield those of *walks* that happen. Where a walk asks too much at once, others stand in for it."""
        wanting: list[Walk] = []
        taken: set[Step] = set()
        for walk in walks:
            if happens(walk):
                taken.update(walk.steps)
                yield walk
            else:
                wanting.append(walk)
        for route in dict.fromkeys(route for walk in wanting for route in reversed(walk.routes)):
            for one in (route, *self._instead_of(route)):
                if not taken.issuperset(one.steps) and (instead := self._walk_with(one, happens)) is not None:
                    taken.update(instead.steps)
                    yield instead

    def _instead_of(self, route: Route) -> Iterator[Route]:
        """Yield routes that take some of the ways that *route* does, those that take many of them first."""
        own = set(route.steps)
        like = [one for one in self._spare if one.edge == route.edge and own.issuperset(one.steps)]
        yield from sorted(like, key=lambda one: -len(set(one.steps)))

    def in_a_line(self) -> list[Walk]:
        """Return the walks that a line may take through these states."""
        walks = self.walks()
        return list(self.possible(walks, self._may_happen)) if self._lists else walks

    def _may_happen(self, walk: Walk) -> bool:
        return published(walk.moments, "any-1", whole=self._is_outermost) is not None

    def _walk_with(self, route: Route, happens: Callable[[Walk], bool]) -> Walk | None:
        """Return the shortest walk found that takes *route* and that *happens*; None if none was found.

        Whether a way can be taken may hang on what was remembered long before. So beginnings of walks are tried, those
        nearest to their goal first, and what leads on from one that cannot be is left out.
        """
        to_route, to_end = self._distances([route.edge.origin]), self._distances(self.ends)
        tried = count()
        open_ends: list[tuple[int, int, tuple[Route, ...], bool]] = [(0, next(tried), (), False)]
        for _ in range(_MOST_TRIES):
            if not open_ends:
                break
            _, _, begun, taken = heappop(open_ends)
            if begun and not self._may_happen(Walk(begun)):
                continue
            here = begun[-1].edge.target if begun else BEFORE
            if taken and here in self.ends:
                if happens(Walk(begun)):
                    return Walk(begun)
                continue
            for onward in self._leading_from.get(here, ()):
                takes = taken or onward is route
                left = (to_end if takes else to_route).get(onward.edge.target)
                if left is not None:
                    heappush(open_ends, (len(begun) + 1 + left, next(tried), (*begun, onward), takes))
        return None

    def _distances(self, targets: Iterable[str]) -> Mapping[str, int]:
        """Return how many routes lie at least between a state and the nearest of *targets*, where a way leads there."""
        found = dict.fromkeys(targets, 0)
        for node in (queue := list(found)):
            for route in self._leading_to.get(node, ()):
                if route.edge.origin not in found:
                    found[route.edge.origin] = found[node] + 1
                    queue.append(route.edge.origin)
        return found

    def state(self, name: str) -> State:
        """Return the state *name* of this scope."""
        return self._states[name]

    def succeeds(self, end: str) -> bool:
        """Whether *end* is one that leads on."""
        return end.startswith(_IS_DONE) or isinstance(self._states.get(end), Succeed)

    # ---- routes --------

    def _all(self) -> Iterator[Route]:
        if self._is_outermost:
            begun_in = beginnings(self._workflow)
            for position, start in enumerate(self._workflow.starts):
                begins: tuple[Moment, ...] = (
                    *self._sent(start.event, start.when),
                    Asked(Condition(start.when)),
                    Remembered(start.remember),
                )
                yield from self._onward(BEFORE, begins, ((BEFORE, position),), begun_in[start.event.text])
        else:
            yield from self._onward(BEFORE, (), (), self._first)
        for state in self._states.values():
            yield from self._leaving(state)

    def _leaving(self, state: State) -> Iterator[Route]:
        name = state.name.text
        entered = self.entered(state) if anytime(state) else ()
        for position, entry, moments in self._led_out(state):
            target = entry.next
            if entry.gate == "done":
                continue
            if entered is None:
                self._impossible.add((name, position))
            else:
                yield from self._onward(name, (*entered, *moments), ((name, position),), target.text)
        through = list(self._through(state))
        if entered is not None:
            yield from _noting(name, self._noted(anytime(state)), through)
        yield from through

    def _led_out(self, state: State) -> Iterator[tuple[int, Variant, tuple[Moment, ...]]]:
        """Yield each of the entries that end the group *state*, with its position as a way and what happens for it."""
        taken = zip(leaving(anytime(state)), self._taken(anytime(state)), strict=True)
        for position, (entry, (moments, _)) in enumerate(taken, 0 if goes_on(state) else 1):
            yield position, entry, moments

    def _through(self, state: State) -> Iterator[Route]:
        """Yield the ways out of *state* that are not at any time."""
        name = state.name.text
        match state:
            case Await():
                for position, (moments, target) in enumerate(self._taken(state.variants)):
                    yield from self._onward(name, moments, ((name, position),), target.text)
                for noted, moments in self._noted(state.variants):
                    yield from self._onward(name, moments, ((name, noted),), name)
                if state.done:
                    yield Route(Edge(name, _IS_DONE + name), (), ())
            case All():
                items = state.items[: state.need.lines] if state.need else state.items
                sent = tuple(moment for item in items for moment in self._comes(item.event))
                yield from self._onward(name, (Lines((sent,)),), ((name, 0),), state.next.text)
            case Parallel():
                yield from self._parallel(state)
            case Each():
                yield from self._each(state)
            case _:
                return

    def _taken(self, entries: Sequence[Variant]) -> Iterator[tuple[tuple[Moment, ...], Name]]:
        """Yield what happens for each of *entries* that leads to a state to be taken, and to which."""
        for position, entry in enumerate(entries):
            if not entry.stays:
                yield self._moments(entries, position), entry.next

    def _noted(self, entries: Sequence[Variant]) -> Iterator[tuple[int, tuple[Moment, ...]]]:
        """Yield what happens for each of *entries* that leads nowhere to be taken; before it, a number of its own.

        Nothing behind it knows of its event, as of what happens in a line.
        """
        for position, entry in enumerate(entries):
            if entry.stays:
                yield -1 - position, (Lines((self._moments(entries, position),)),)

    def _noted_in_pause(self, state: Wait, seconds: int) -> Iterator[tuple[tuple[int, ...], tuple[Moment, ...]]]:
        """Yield what may be noted before a pause of so many *seconds* is over, with its numbers; at last nothing."""
        noted = list(self._noted(state.anytime))
        fits = seconds > self._workflow.settle_seconds + len(noted) + _SLACK_SECONDS
        each = [[one] for one in noted] if len(noted) > 1 else []
        for some in (noted, *each, []) if noted and fits else ([],):
            yield tuple(number for number, _ in some), tuple(moment for _, own in some for moment in own)

    def _moments(self, entries: Sequence[Variant], position: int) -> tuple[Moment, ...]:
        entry = entries[position]
        earlier = [other.condition for other in entries[:position] if other.event == entry.event]
        asked = (Asked(entry.condition), *(Asked(condition, wanted=False) for condition in earlier))
        return tuple(
            moment
            for own in _told_apart(entry.quorum)
            for moment in (
                *self._comes(entry.event, entry.when, earlier, own),
                *asked,
                Remembered(entry.remember),
            )
        )

    def _comes(
        self,
        event: Name,
        when: Pattern | None = None,
        earlier: Sequence[Condition] = (),
        own: tuple[EventPath, str] | None = None,
    ) -> tuple[Moment, ...]:
        """An awaited event, which is none of those of its name that begin journeys. *own*: see `Sent`."""
        beginning = self._beginning.get(event.text)
        avoided = [one.when for one in earlier if one.when is not None and one.remembered is None]
        if beginning is None:
            return self._sent(event, when, avoided, own)
        return (*self._sent(event, when, [*avoided, beginning], own), Asked(Condition(beginning), wanted=False))

    def _sent(
        self,
        event: Name,
        when: Pattern | None,
        avoided: Sequence[Pattern] = (),
        own: tuple[EventPath, str] | None = None,
    ) -> tuple[Moment, ...]:
        """An event of this name that fits *when* and none of *avoided*.

        Where it carries the id may hang on its detail. The first place is taken at which it can carry it.
        """
        settings = self._workflow.settings_of(event.text)
        items = self._items
        if items and settings and settings.item:
            items = (*items[:-1], settings.item)
        source = self._workflow.sources_of(event.text)[0].text
        where = self._workflow.where_of(event.text, source)
        asked = [pattern for pattern in (where, when) if pattern is not None]
        *entries, usual = self._workflow.ids_of(event.text)
        passed: list[Pattern] = []
        heard = () if where is None else (Asked(Condition(where)),)
        for entry in entries:
            if entry.when is None:
                raise AssertionError("only the last entry is for all events")
            if details_for(joined([*asked, entry.when]), [*avoided, *passed], {}) is not None:
                usual, heard = entry, (*heard, Asked(Condition(entry.when)))
                break
            passed.append(entry.when)
        others = (Asked(Condition(pattern), wanted=False) for pattern in passed)
        known_as = self._workflow.known_as(event.text)
        also = tuple((name.kind.text, name.at) for name in self._workflow.taught_by(event.text))
        return (Sent(event.text, source, usual.entity, items, own, known_as, also), *heard, *others)

    def _onward(
        self, origin: str, moments: tuple[Moment, ...], steps: tuple[Step, ...], target: str, *, varies: bool = False
    ) -> Iterator[Route]:
        """Yield what becomes of a way to *target*: on through all that does not wait for events."""
        for route in islice(self._chains(origin, moments, steps, target), _MOST_CHAINS):
            yield replace(route, varies=varies)

    def _chains(
        self, origin: str, moments: tuple[Moment, ...], steps: tuple[Step, ...], target: str
    ) -> Iterator[Route]:
        state = self._states[target]
        for position, (taken, then) in enumerate(self._taken(state.anytime) if isinstance(state, Wait) else (), 1):
            yield from self._chains(origin, (*moments, *taken), (*steps, (target, position)), then.text)
        match state:
            case Pass(next=then):
                yield from self._chains(origin, moments, (*steps, (target, 0)), then.text)
            case Wait(until=int() as seconds, next=then):
                for numbers, noted in self._noted_in_pause(state, seconds):
                    so_far = (*steps, *((target, number) for number in numbers), (target, 0))
                    yield from self._chains(origin, (*moments, *noted, Paused(seconds)), so_far, then.text)
            case Wait(until=until, next=then) if not isinstance(until, int):
                yield from self._chains(origin, (*moments, Past(until.path)), (*steps, (target, 0)), then.text)
            case Choose():
                for position, (asked, then) in enumerate(_choices(state)):
                    yield from self._chains(origin, (*moments, *asked), (*steps, (target, position)), then.text)
            case _:
                yield Route(Edge(origin, target), (*moments, *_needed(state)), steps)

    # ---- states inside of states --------

    def _parallel(self, state: Parallel) -> Iterator[Route]:
        name = state.name.text
        inside = [Routes(self._workflow, branch.states, self._impossible, self._items) for branch in state.branches]
        walks = [routes.in_a_line() for routes in inside]
        both = list(zip(inside, walks, strict=True))
        through = [[walk for walk in own if routes.succeeds(walk.end)] for routes, own in both]
        for done, varies in self._done_together(state, through):
            steps = tuple(step for walk in done.values() for step in walk.steps)
            ways = [[done[at].moments] if at in done else _beginnings(own) for at, own in enumerate(walks)]
            for chosen in islice(product(*ways), _MOST_CHAINS):
                lines = Lines(chosen, state.lessons)
                if not goes_on(state):
                    yield from self._onward(name, (lines,), (*steps, (name, 0)), state.next.text, varies=varies)
                    continue
                for at, entry, moments in self._led_out(state):
                    if entry.gate == "done":
                        yield from self._onward(name, (lines, *moments), (*steps, (name, at)), entry.next.text)
        for position, (routes, own) in enumerate(both):
            others = [_beginnings(beside) for beside in walks if beside is not own]
            for walk in own:
                if not routes.succeeds(walk.end):
                    self._failing.append(walk.end)
                    for begun in islice(product(*others), _MOST_CHAINS):
                        lines = Lines((*begun[:position], walk.moments, *begun[position:]))
                        yield Route(Edge(name, walk.end), (lines,), walk.steps)

    def _done_together(
        self, state: Parallel, through: Sequence[Sequence[Walk]]
    ) -> Iterator[tuple[dict[int, Walk], bool]]:
        """Yield branches, by position, that together let *state* be done, each with a walk; all walks come by.

        And whether what they do varies what others did, for a list that is gone through later.
        """
        varies = self._hands_out_a_list(state)
        finishing = [at for at, branch in enumerate(state.branches) if not only_watches(branch)]
        if state.need is None:
            groups = [finishing] if all(through[at] for at in finishing) else []
        else:
            able = [at for at in finishing if through[at]]
            count = state.need.lines
            groups = [[*able, *able][first : first + count] for first in range(len(able))] if len(able) >= count else []
        for group in groups:
            for turn in range(max(len(through[at]) for at in group)):
                yield {at: through[at][turn % len(through[at])] for at in group}, varies
            if state.lessons:  # what follows may hang on what all of them remember together
                for chosen in islice(product(*(through[at] for at in group)), _MOST_CHAINS):
                    yield dict(zip(group, chosen, strict=True)), varies

    def entered(self, state: State) -> tuple[Moment, ...] | None:
        """Return what lets a journey stay in *state* until an event comes; None if it goes on at once, or fails."""
        match state:
            case Parallel():
                begun = [self._begun(branch.states, self._items) for branch in state.branches]
                lines = tuple(moments for moments, _ in begun)
                done = sum(not stays for _, stays in begun)
                finishing = sum(not only_watches(branch) for branch in state.branches) + goes_on(state)
                return (Lines(lines),) if done < (state.need.lines if state.need else finishing) else None
            case Each():
                moments, stays = self._begun(state.body.states, (*self._items, state.item))
                lines = (moments,) * (state.need.lines if state.need else 1)
                return (Items(state.items.path, state.key, lines),) if stays else None
            case _:
                return ()

    def _begun(self, states: Sequence[State], items: tuple[EventPath, ...]) -> tuple[tuple[Moment, ...], bool]:
        """Return how a line through *states* may begin, and whether it then waits: some way that does not fail."""
        routes = Routes(self._workflow, states, set(), items)
        for route in routes.routes:
            if route.edge.origin == BEFORE:
                state = routes.state(route.edge.target)
                inner = () if isinstance(state, Succeed) else routes.entered(state)
                if not isinstance(state, Fail) and inner is not None:
                    return (*route.moments, *inner), not isinstance(state, Succeed)
        return (), False

    def _each(self, state: Each) -> Iterator[Route]:
        name = state.name.text
        routes = Routes(self._workflow, state.body.states, self._impossible, (*self._items, state.item))
        walks = routes.in_a_line()
        through = [walk for walk in walks if routes.succeeds(walk.end)]
        needed = state.need.lines if state.need else len(through)
        chosen = [
            [through[(first + at) % len(through)] for at in range(needed)]
            for first in range(0, len(through), needed or 1)
        ]
        if state.lessons:  # what follows may hang on how many items remember something
            last = [[], *([walk] for walk in through)]
            mixed = ([*[walk] * many, *other] for many in _MANY for walk in through for other in last)
            chosen += islice(mixed, _MOST_CHAINS)
        is_handed_out = _list_of(state) in self._lists
        if is_handed_out:  # so many items are there as were handed out
            windows = ((first, many) for many in _MANY for first in range(0, len(through), many))
            chosen += ([through[(first + at) % len(through)] for at in range(many)] for first, many in windows)
            chosen.append([])
        varies = is_handed_out or self._hands_out_a_list(state)
        for done in chosen:
            steps = tuple(step for walk in done for step in walk.steps)
            items = Items(state.items.path, state.key, tuple(walk.moments for walk in done), state.lessons)
            yield from self._onward(name, (items,), (*steps, (name, 0)), state.next.text, varies=varies)
        least = needed if state.need else 1
        for many in (least, *_MANY[least:]) if is_handed_out else (least,):
            for walk in walks:
                if not routes.succeeds(walk.end):
                    self._failing.append(walk.end)
                    lines = (walk.moments, *(at_once(walks[0].moments),) * (many - 1))
                    items = Items(state.items.path, state.key, lines)
                    yield Route(Edge(name, walk.end), (items,), walk.steps, varies=many > least)

    def _hands_out_a_list(self, state: Parallel | Each) -> bool:
        """Whether *state* hands out a list that another goes through later."""
        return any(lesson.how == "list" and lesson.name.text in self._lists for lesson in state.lessons)

    # ---- which of them matter --------

    def _distinct(self, routes: list[Route]) -> list[Route]:
        """Return as many of *routes* as take every way that events can bring about; others that vary are spare."""
        kept: list[Route] = []
        taken: set[Step] = set()
        ways = {step for route in routes for step in route.steps}
        for route in routes:
            is_new = not route.steps or not taken.issuperset(route.steps)
            if not (is_new or route.varies) or published(route.moments, "any-1", whole=False) is None:
                continue
            (kept if is_new else self._spare).append(route)
            taken.update(route.steps)
        self._impossible.update(ways - taken)
        return kept


def _lists_gone_through(workflow: Workflow) -> frozenset[str]:
    """Return the names of the lists that a group hands out and an `each` goes through."""
    states = list(nested(workflow.states))
    handed_out = {lesson.name.text for state in states for lesson in lessons(state) if lesson.how == "list"}
    return frozenset(handed_out.intersection(_list_of(state) for state in states if isinstance(state, Each)))


def _list_of(state: Each) -> str:
    """Return under which name the list of *state* is remembered; nothing if it is in an event."""
    return str(state.items.path[1]) if state.items.path[0] == "remembered" else ""


def _noting(name: str, noted: Iterable[tuple[int, tuple[Moment, ...]]], through: Sequence[Route]) -> Iterator[Route]:
    """Yield a route through the group *name* for each of what is *noted* there, right behind its beginning."""
    first = next((route for route in through if any(state == name for state, _ in route.steps)), None)
    if first is not None:
        for number, moments in noted:
            yield Route(first.edge, (*moments, *first.moments), ((name, number), *first.steps))


def _beginnings(walks: Sequence[Walk]) -> list[tuple[Moment, ...]]:
    """Return what happens at once in a line that takes one of *walks*, each once."""
    found: list[tuple[Moment, ...]] = []
    for walk in walks:
        begun = at_once(walk.moments)
        if begun not in found:
            found.append(begun)
    return found or [()]


def _told_apart(quorum: Quorum | None) -> Iterator[tuple[EventPath, str] | None]:
    """Yield for each event that it takes what tells it from the others, and where; None for nothing."""
    for number in range(1, quorum.times + 1 if quorum else 2):
        yield (quorum.distinct, f"{quorum.distinct[-1]}-{number}") if quorum and quorum.distinct else None


def _needed(state: State) -> Iterator[Moment]:
    """Yield what a state asks for whose words are found in the data."""
    for data in data_read(state) if isinstance(state, Fail) else ():
        there = Pattern((FieldTest(data.path[1:], (Exists(there=True),)),))
        yield Asked(Condition(when=there) if data.path[0] == "detail" else Condition(remembered=there))


def _choices(state: Choose) -> Iterator[tuple[tuple[Moment, ...], Name]]:
    earlier: tuple[Moment, ...] = ()
    for option in state.options:
        yield (Asked(option.condition), *earlier), option.next
        earlier = (*earlier, Asked(option.condition, wanted=False))
    if state.otherwise:
        yield earlier, state.otherwise
