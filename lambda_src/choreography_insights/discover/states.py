"""A learned automaton as the states of a choreography: what the language can say of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from choreography_insights.discover.activities import Activity
from choreography_insights.discover.anytime import Anytime
from choreography_insights.discover.automaton import Alphabet, Automaton, Edge, Symbol, Word, expanded
from choreography_insights.discover.items import ITEM, Items

_NAMED_SO_MOSTLY = 0.8
_LONGEST_NAME = 70


@dataclass(frozen=True, slots=True)
class Each:
    """What the activity *symbol* stands for: each of *items* goes through *line*, which has one end.

    *inner*: what an activity of the line stands for in turn. *words*: the lines that there were, and how often.
    """

    symbol: Symbol
    items: Items
    line: Automaton
    inner: "Each | None" = None
    words: Mapping[Word, int] = field(default_factory=dict)

    def sayable(
        self, learned: Automaton, alphabet: Alphabet, activities: Sequence[Activity], exits: Collection[str]
    ) -> "Each | None":
        """Return it as a state can say it, or None: only *exits* are awaited beside it, and the list is known.

        It is if the event with the list leads there; and if journeys begin with that: then they remember it.
        """
        met = self._met(learned)
        plain = {Activity(event) for event in exits}
        is_alone = all(
            state
            and state not in learned.ends
            and all(
                one == self.symbol or (one < alphabet.activities and activities[one] in plain)
                for one in learned.edges[state]
            )
            for state in met
        )
        if not met or not is_alone or any(self.symbol in alphabet.members(symbol) for symbol in _blocks(alphabet)):
            return None
        for some, remembered in ((_leading(learned, met), False), (learned.edges[0], True)):
            if all(not alphabet.branches(one) and activities[one].event == self.items.event for one in some):
                return replace(self, items=replace(self.items, remembered=remembered))
        return None

    def sayable_in_line(self, line: Automaton, activities: Sequence[Activity]) -> "Each | None":
        """Return it if a state of a line can say it, else None: the item has the list, or what leads there."""
        met = self._met(line)
        if not met or any(len(line.edges[state]) > 1 for state in met):
            return None
        leading = {activities[one].event for one in _leading(line, met)}
        is_known = (met, leading) == ([0], set()) if self.items.event == ITEM else leading == {self.items.event}
        return self if is_known and (0 not in met or self.items.event == ITEM) else None

    def _met(self, automaton: Automaton) -> list[int]:
        return [state for state, edges in automaton.edges.items() if self.symbol in edges]


def _leading(automaton: Automaton, states: Collection[int]) -> set[Symbol]:
    """Return what leads to one of *states*."""
    return {symbol for edges in automaton.edges.values() for symbol, edge in edges.items() if edge.target in states}


STAY = "stay"
"""Where an event leads that is only noted."""


@dataclass(frozen=True, slots=True)
class Way:
    """An activity leads to the state called *next*, or to `STAY`."""

    activity: Activity
    next: str


@dataclass(frozen=True, slots=True)
class DraftState:
    """A state: *ways* of an await, or *branches* that lead to *next* when all are done, or an end if there are neither.

    *may_end*: how many journeys end here although something may follow. *each*: what goes through its one branch; then
    *ways* lead out of it before all have.
    """

    name: str
    ways: tuple[Way, ...] = ()
    branches: tuple["DraftBranch", ...] = ()
    next: str = ""
    may_end: int = 0
    each: Items | None = None

    @property
    def is_end(self) -> bool:
        """Whether journeys, or those of the branch, end here."""
        return not self.ways and not self.branches

    @property
    def items(self) -> tuple[Activity, ...]:
        """The activities that it waits for in any order; none if it is no `all`."""
        if self.each:
            return ()
        only = tuple(branch.only for branch in self.branches)
        return tuple(sorted(one for one in only if one is not None)) if all(only) else ()


@dataclass(frozen=True, slots=True)
class DraftBranch:
    """States of their own, the first first."""

    name: str
    states: tuple[DraftState, ...]

    @property
    def only(self) -> Activity | None:
        """The activity that it waits for, if it waits for one and no more."""
        (first, *others) = self.states
        is_one = len(first.ways) == 1 and all(state.is_end for state in others)
        return first.ways[0].activity if is_one and not first.ways[0].activity.values else None


@dataclass(frozen=True, slots=True)
class DraftStates:
    """*states*, the first first. *beginnings*: of each start event, the most frequent first, where it leads.

    *anytime*: the ways that a journey may take wherever it is.
    """

    states: Sequence[DraftState]
    beginnings: Mapping[str, str]
    anytime: Sequence[Way]


def nested(states: Sequence[DraftState]) -> Iterator[DraftState]:
    """Yield *states* and those in their branches."""
    for state in states:
        yield state
        for branch in state.branches:
            yield from nested(branch.states)


def states_of(
    automaton: Automaton,
    alphabet: Alphabet,
    activities: Sequence[Activity],
    anytime: Anytime,
    each: Each | None = None,
) -> DraftStates:
    """Return the states, where journeys begin in them, and what may come at any time.

    A block is an `all` or a `parallel` where nothing else is awaited; beside something else it becomes the states that
    it has one after the other. Journeys end in a state of their own by what ended them.
    """
    automaton, alphabet = _sayable(automaton, alphabet, activities)
    automaton = _one_beginning_each(automaton, activities)
    names = _Names(activities, alphabet)
    of_state = names.of_states(automaton, but=0)
    found: list[DraftState] = []
    ends: dict[str, DraftState] = {}
    for number in automaton.in_order():
        edges = automaton.edges[number]
        for symbol, edge in edges.items():
            if not automaton.edges[edge.target]:
                end = names.end_after(symbol)
                ends.setdefault(end, DraftState(end))
        if number == 0 or not edges:
            continue
        targets = {
            symbol: names.end_after(symbol) if not automaton.edges[edge.target] else of_state[edge.target]
            for symbol, edge in sorted(edges.items(), key=lambda one: (-one[1].count, one[0]))
        }
        name, may_end = of_state[number], automaton.ends.get(number, 0)
        only = next(iter(targets))
        if each and each.symbol in targets:
            line, following = (_branch(each.line, names, each.inner),), targets.pop(each.symbol)
            exits = tuple(Way(activities[symbol], target) for symbol, target in targets.items())
            found.append(DraftState(name, exits, line, following, may_end, each.items))
        elif alphabet.branches(only):
            branches = tuple(_branch(branch, names) for branch in alphabet.branches(only))
            found.append(DraftState(name, (), branches, targets[only], may_end))
        else:
            awaited = tuple(Way(activities[symbol], target) for symbol, target in targets.items())
            found.append(DraftState(name, awaited, (), "", may_end))
    ways = [Way(activities[symbol], STAY) for symbol in anytime.notes]
    for symbol in anytime.exits:
        end = names.end_after(symbol)
        ends.setdefault(end, DraftState(end))
        ways.append(Way(activities[symbol], end))
    beginnings: dict[str, str] = {}
    for symbol, edge in sorted(automaton.edges[0].items(), key=lambda one: (-one[1].count, one[0])):
        first = of_state[edge.target] if automaton.edges[edge.target] else names.end_after(symbol)
        beginnings.setdefault(activities[symbol].event, first)
    return DraftStates([*found, *ends.values()], beginnings, ways)


def _branch(automaton: Automaton, names: "_Names", each: Each | None = None) -> DraftBranch:
    """Return the branch that *automaton* is. *each*: what one of its activities stands for."""
    (end,) = automaton.ends
    first = min(automaton.edges[0], key=lambda symbol: (-automaton.edges[0][symbol].count, symbol))
    branch = names.unique(names.after(first), of_branch=True)
    done = names.unique(f"{branch}Done")
    of_state = names.of_states(automaton, but=end, first=f"WaitFor{branch}")
    states = []
    for number in automaton.in_order():
        if number == end:
            continue
        ordered = sorted(automaton.edges[number].items(), key=lambda one: (-one[1].count, one[0]))
        targets = {symbol: done if edge.target == end else of_state[edge.target] for symbol, edge in ordered}
        if each and each.symbol in targets:
            line = (_branch(each.line, names, each.inner),)
            states.append(DraftState(of_state[number], (), line, targets[each.symbol], 0, each.items))
        else:
            ways = tuple(Way(names.activities[symbol], target) for symbol, target in targets.items())
            states.append(DraftState(of_state[number], ways))
    return DraftBranch(branch, (*states, DraftState(done)))


def _sayable(automaton: Automaton, alphabet: Alphabet, activities: Sequence[Activity]) -> tuple[Automaton, Alphabet]:
    """Expand the blocks that the language has no state for: beside other ways, or with one event in two branches."""
    blocks = _blocks(alphabet)
    bad = {symbol for symbol in blocks if _shares_an_event(alphabet.branches(symbol), activities)}
    for state, edges in automaton.edges.items():
        if len(edges) > 1 or state in automaton.ends or state == 0:
            bad.update(symbol for symbol in edges if alphabet.branches(symbol))
    if not bad:
        return automaton, alphabet
    expanding = [alphabet.branches(symbol) if symbol in bad else () for symbol in blocks]
    keeping = [() if symbol in bad else alphabet.branches(symbol) for symbol in blocks]
    return expanded(automaton, Alphabet(alphabet.activities, expanding)), Alphabet(alphabet.activities, keeping)


def _blocks(alphabet: Alphabet) -> range:
    return range(alphabet.activities, alphabet.activities + len(alphabet.blocks))


def _shares_an_event(branches: Sequence[Automaton], activities: Sequence[Activity]) -> bool:
    """Whether an event moves two of *branches*: which of them it is for could not be told."""
    events = [
        event
        for branch in branches
        for event in {activities[symbol].event for edges in branch.edges.values() for symbol in edges}
    ]
    return len(set(events)) < len(events)


def _one_beginning_each(automaton: Automaton, activities: Sequence[Activity]) -> Automaton:
    """Let each start event lead to one state, whatever it says; and two to the same if the same follows them."""
    edges = {state: dict(own) for state, own in automaton.edges.items()}
    result = Automaton(edges, dict(automaton.ends))
    for event in {activities[symbol].event for symbol in edges[0]}:
        targets = Counter(
            {edge.target: edge.count for symbol, edge in edges[0].items() if activities[symbol].event == event}
        )
        _lead_together(result, targets)
    following: defaultdict[tuple[bool, frozenset[tuple[Symbol, int]]], Counter[int]] = defaultdict(Counter)
    for edge in edges[0].values():
        ways = frozenset((symbol, way.target) for symbol, way in edges[edge.target].items())
        following[edge.target in result.ends, ways][edge.target] += edge.count
    for targets in following.values():
        _lead_together(result, targets)
    result.ends = {state: count for state, count in result.ends.items() if count}
    return result.reachable()


def _lead_together(automaton: Automaton, targets: Counter[int]) -> None:
    """Let what leads from the first state of *automaton* to one of *targets* lead to the most frequent of them.

    That then goes on as each of them does.
    """
    first, *others = sorted(targets, key=lambda state: (-targets[state], state))
    edges, ends = automaton.edges, automaton.ends
    for other in others:
        for symbol, edge in edges[other].items():
            there = edges[first].get(symbol)
            edges[first][symbol] = Edge(there.target, there.count + edge.count) if there else edge
        ends[first] = ends.get(first, 0) + ends.get(other, 0)
    edges[0] = {
        symbol: Edge(first if edge.target in others else edge.target, edge.count) for symbol, edge in edges[0].items()
    }


@dataclass(slots=True)
class _Names:
    """Names of states, each once: after what led there, less a word that most events begin with."""

    activities: Sequence[Activity]
    alphabet: Alphabet
    _taken: set[str] = field(default_factory=set)
    _branches: set[str] = field(default_factory=set)
    _ends: dict[Symbol, str] = field(default_factory=dict)
    _common: str | None = None

    def __post_init__(self) -> None:
        first = Counter(words[0] for one in self.activities if len(words := _words(one.event)) > 1)
        if first:
            word, times = max(first.items(), key=lambda one: (one[1], one[0]))
            self._common = word if times > len(self.activities) / 2 else None

    def of_states(self, automaton: Automaton, but: int, first: str | None = None) -> dict[int, str]:
        """Name the states of *automaton* that something follows, the most frequent first. *first*: that of state 0."""
        reached = _reached_by(automaton)
        often = sorted(
            (state for state, edges in automaton.edges.items() if state != but and edges),
            key=lambda state: (-reached[state].total(), state),
        )
        return {
            state: self.unique(
                first if first is not None and not state else self._wanted(automaton.edges[state], reached[state])
            )
            for state in often
        }

    def end_after(self, symbol: Symbol) -> str:
        """Name the end that *symbol* leads to."""
        if symbol not in self._ends:
            is_block = bool(self.alphabet.branches(symbol))
            self._ends[symbol] = self.unique("Completed" if is_block else self.after(symbol))
        return self._ends[symbol]

    def after(self, symbol: Symbol) -> str:
        """Name what is after an activity."""
        activity = self.activities[symbol]
        words = _words(activity.event)
        if self._common is not None and len(words) > 1 and words[0] == self._common:
            words = words[1:]
        values = [word for value in activity.values[:1] for word in _words(str(value))]
        name = "".join(word[:1].upper() + word[1:] for word in (*words, *values))
        return (name if name[:1].isalpha() else f"After{name}")[:_LONGEST_NAME]

    def unique(self, wanted: str, *, of_branch: bool = False) -> str:
        """Return *wanted*, with a number behind it if that name is taken. Branches may be named like states."""
        taken = self._branches if of_branch else self._taken
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}{number}"
        taken.add(name)
        return name

    def _wanted(self, edges: Mapping[Symbol, Edge], reached: Counter[Symbol]) -> str:
        if reached:
            symbol, times = min(reached.items(), key=lambda one: (-one[1], one[0]))
            if times > _NAMED_SO_MOSTLY * reached.total() and not self.alphabet.branches(symbol):
                return self.after(symbol)
        awaited = min(edges, key=lambda one: (-edges[one].count, one))
        return "WaitFor" + "And".join(self.after(one) for one in sorted(self.alphabet.members(awaited))[:2])


def _reached_by(automaton: Automaton) -> Mapping[int, Counter[Symbol]]:
    found: defaultdict[int, Counter[Symbol]] = defaultdict(Counter)
    for edges in automaton.edges.values():
        for symbol, edge in edges.items():
            found[edge.target][symbol] += edge.count
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text) or ["Event"]
