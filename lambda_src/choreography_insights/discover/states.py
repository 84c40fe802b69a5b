"""A learned automaton as the states of a choreography: what the language can say of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from choreography_insights.discover.activities import Activity
from choreography_insights.discover.automaton import Alphabet, Automaton, Edge, Symbol, expanded

_NAMED_SO_MOSTLY = 0.8
_LONGEST_NAME = 70


@dataclass(frozen=True, slots=True)
class Way:
    """An activity leads to the state called *next*."""

    activity: Activity
    next: str


@dataclass(frozen=True, slots=True)
class DraftState:
    """A state: *ways* of an await, or *items* of an all that lead to *next*, or an end if there is neither.

    *number*: that of the automaton's state. *may_end*: how many journeys end here although something may follow.
    """

    name: str
    number: int
    ways: tuple[Way, ...] = ()
    items: tuple[Activity, ...] = ()
    next: str = ""
    may_end: int = 0

    @property
    def is_end(self) -> bool:
        """Whether journeys end here."""
        return not self.ways and not self.items


def states_of(automaton: Automaton, alphabet: Alphabet, activities: Sequence[Activity]) -> list[DraftState]:
    """Return the states behind the start events, the first first.

    A set in any order is an `all` where nothing else is awaited; beside something else it becomes the states that it
    has one after the other. Journeys end in a state of their own by what ended them.
    """
    automaton, alphabet = _sayable(automaton, alphabet, activities)
    starts = {edge.target for edge in automaton.edges[0].values()}
    automaton = _one_beginning(automaton, starts)
    names = _Names(activities, alphabet)
    reached = _reached_by(automaton)
    names.take_states(automaton, reached)
    found: list[DraftState] = []
    ends: dict[str, DraftState] = {}
    for number in automaton.in_order():
        if number == 0:
            continue
        edges = automaton.edges[number]
        if not edges:
            continue
        ordered = sorted(edges.items(), key=lambda one: (-one[1].count, one[0]))
        for symbol, edge in ordered:
            if not automaton.edges[edge.target]:
                end = names.end_after(symbol)
                ends.setdefault(end, DraftState(end, edge.target))
        targets = {
            symbol: names.end_after(symbol) if not automaton.edges[edge.target] else names.of_state[edge.target]
            for symbol, edge in ordered
        }
        (symbol, *others) = [symbol for symbol, _ in ordered]
        members = alphabet.members(symbol)
        may_end = automaton.ends.get(number, 0)
        if len(members) > 1:
            items = tuple(sorted(activities[one] for one in members))
            found.append(DraftState(names.of_state[number], number, (), items, targets[symbol], may_end))
        else:
            ways = tuple(Way(activities[symbol], targets[symbol]) for symbol in (symbol, *others))
            found.append(DraftState(names.of_state[number], number, ways, (), "", may_end))
    return [*found, *ends.values()]


def _sayable(automaton: Automaton, alphabet: Alphabet, activities: Sequence[Activity]) -> tuple[Automaton, Alphabet]:
    """Expand the sets that no `all` can say: beside other ways, at the beginning, or with two of one event."""
    bad: set[Symbol] = set()
    for state, edges in automaton.edges.items():
        for symbol in edges:
            members = alphabet.members(symbol)
            if len(members) == 1:
                continue
            events = {activities[one].event for one in members}
            if len(edges) > 1 or state in automaton.ends or state == 0 or len(events) < len(members):
                bad.add(symbol)
    if not bad:
        return automaton, alphabet
    kept = [frozenset((symbol,)) if symbol in bad else alphabet.members(symbol) for symbol in _symbols(alphabet)]
    keeping = Alphabet(alphabet.activities, kept[alphabet.activities :])
    expanding = Alphabet(
        alphabet.activities,
        [
            alphabet.members(symbol) if symbol in bad else frozenset((symbol,))
            for symbol in _symbols(alphabet)
            if symbol >= alphabet.activities
        ],
    )
    return expanded(automaton, expanding), keeping


def _symbols(alphabet: Alphabet) -> range:
    return range(alphabet.activities + len(alphabet.unordered))


def _one_beginning(automaton: Automaton, starts: set[int]) -> Automaton:
    """Let all start events lead to one state: the most frequent, which then awaits what all of them do."""
    if len(starts) < 2:
        return automaton
    visits = Counter({edge.target: edge.count for edge in automaton.edges[0].values()})
    first, *others = sorted(starts, key=lambda state: (-visits[state], state))
    edges = {state: dict(own) for state, own in automaton.edges.items()}
    ends = dict(automaton.ends)
    for other in others:
        for symbol, edge in edges[other].items():
            there = edges[first].get(symbol)
            edges[first][symbol] = Edge(
                there.target if there else edge.target, (there.count if there else 0) + edge.count
            )
        ends[first] = ends.get(first, 0) + ends.get(other, 0)
    edges[0] = {symbol: Edge(first, edge.count) for symbol, edge in edges[0].items()}
    return Automaton(edges, {state: count for state, count in ends.items() if count}).reachable()


def _reached_by(automaton: Automaton) -> Mapping[int, Counter[Symbol]]:
    found: defaultdict[int, Counter[Symbol]] = defaultdict(Counter)
    for edges in automaton.edges.values():
        for symbol, edge in edges.items():
            found[edge.target][symbol] += edge.count
    return found


@dataclass(slots=True)
class _Names:
    """Names of states, each once: after what led there, less a word that all events begin with."""

    activities: Sequence[Activity]
    alphabet: Alphabet
    of_state: dict[int, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _ends: dict[Symbol, str] = field(default_factory=dict)
    _common: str | None = None

    def __post_init__(self) -> None:
        first = Counter(words[0] for one in self.activities if len(words := _words(one.event)) > 1)
        if first:
            word, times = max(first.items(), key=lambda one: (one[1], one[0]))
            self._common = word if times > len(self.activities) / 2 else None

    def take_states(self, automaton: Automaton, reached: Mapping[int, Counter[Symbol]]) -> None:
        """Name the states that something follows, the most frequent first."""
        often = sorted(
            (state for state, edges in automaton.edges.items() if state and edges),
            key=lambda state: (-reached[state].total(), state),
        )
        for state in often:
            self.of_state[state] = self._unique(self._wanted(automaton.edges[state], reached[state]))

    def end_after(self, symbol: Symbol) -> str:
        """Name the end that *symbol* leads to."""
        if symbol not in self._ends:
            members = self.alphabet.members(symbol)
            wanted = self._after(next(iter(members))) if len(members) == 1 else "Completed"
            same = [name for other, name in self._ends.items() if self._event(other) == self._event(symbol)]
            self._ends[symbol] = same[0] if same else self._unique(wanted)
        return self._ends[symbol]

    def _event(self, symbol: Symbol) -> object:
        members = self.alphabet.members(symbol)
        return self.activities[symbol] if len(members) == 1 else members

    def _wanted(self, edges: Mapping[Symbol, Edge], reached: Counter[Symbol]) -> str:
        symbol, times = min(reached.items(), key=lambda one: (-one[1], one[0]))
        if times > _NAMED_SO_MOSTLY * reached.total() and len(self.alphabet.members(symbol)) == 1:
            return self._after(symbol)
        awaited = min(edges, key=lambda one: (-edges[one].count, one))
        members = self.alphabet.members(awaited)
        return "WaitFor" + "And".join(self._after(one) for one in sorted(members)[:2])

    def _after(self, symbol: Symbol) -> str:
        activity = self.activities[symbol]
        words = _words(activity.event)
        if self._common is not None and len(words) > 1 and words[0] == self._common:
            words = words[1:]
        values = [word for value in activity.values[:1] for word in _words(str(value))]
        name = "".join(word[:1].upper() + word[1:] for word in (*words, *values))
        return (name if name[:1].isalpha() else f"After{name}")[:_LONGEST_NAME]

    def _unique(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text) or ["Event"]
