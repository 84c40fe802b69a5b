"""What the items of a list go through, learned of the lines of all items; a line may have a list in turn."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from choreography_insights.discover.activities import Activity, Classify, classifier
from choreography_insights.discover.automaton import Automaton, Word
from choreography_insights.discover.concurrency import accepts, begins, branch_of
from choreography_insights.discover.event_log import Case, Occurrence
from choreography_insights.discover.grouping import Besides, Grouping, Line, around
from choreography_insights.discover.items import Items, Lengths, items_of
from choreography_insights.discover.states import Each
from choreography_insights.model.lists import ELSE, PER_EVENT, most_in_turn
from choreography_insights.model.workflow import ITEMS_AT_ONCE


@dataclass(frozen=True, slots=True)
class Grouped:
    """*cases* in which one occurrence stands for *each* of the items of a list, as *grouping* has made them."""

    cases: Sequence[Case]
    each: Each
    classify: Classify
    grouping: Grouping


def word_of(case: Iterable[Occurrence], classify: Classify, numbers: dict[Activity, int]) -> Word:
    """Return *case* as a word. *numbers*: those that activities have; those that are new get one."""
    return tuple(numbers.setdefault(classify(one), len(numbers)) for one in case)


def grouped(
    cases: Sequence[Case],
    items: Items,
    besides: Besides,
    noise: float,
    numbers: dict[Activity, int],
    *,
    all_are_awaited: bool = False,
) -> Grouped | None:
    """Put together what is about *items*; None if their events are no line with one end.

    *besides*: what may come among them. *all_are_awaited*: whether nothing ends them before all are done, so that there
    may be more than run at once.
    """
    wide = Grouping(items, besides)
    whole = [wide.of(case) for case in cases]
    said = [line for case in whole for one in case for line in one.lines]
    through = _through(said, items, noise, numbers) if said else None
    if through is None:
        return None
    inner, line = through.inner, through.automaton
    awaited = sum(map(bool, line.edges.values()))
    in_turn = all_are_awaited and not inner
    most = most_in_turn(awaited, PER_EVENT * awaited + ELSE) if in_turn else ITEMS_AT_ONCE
    sizes = [len(items.keyed(one) or ()) for case in cases for one in case if one.name == items.event]
    lengths = Lengths(most, max(sizes, default=0), sum(size > most for size in sizes))
    items = replace(items, inner=inner.items if inner else None, lengths=lengths)
    beside = around(map(besides.without_notes, whole), items)
    grouping = Grouping(items, besides, Line(through.read, through.begins, most), beside)
    narrow = [grouping.of(case) for case in cases]
    of_others = classifier(narrow, noise)

    def classify(one: Occurrence) -> Activity:
        return (through.classify if one.name in items.carriers else of_others)(one)

    symbol = numbers.setdefault(Activity(items.done), len(numbers))
    return Grouped(narrow, Each(symbol, items, line, inner, through.words), classify, grouping)


@dataclass(frozen=True, slots=True)
class _Through:
    """What an item goes through: *automaton*, of *words* that *classify* makes; *inner*: each item of its own list."""

    automaton: Automaton
    words: Mapping[Word, int]
    classify: Classify
    numbers: dict[Activity, int]
    inner: Each | None = None
    grouping: Grouping | None = None

    def read(self, line: Case) -> Case | None:
        """Return *line*, which begins with the item, as it fits; None if it does not."""
        events = (self.grouping.of(line) if self.grouping else line)[1:]
        return events if accepts(self.automaton, word_of(events, self.classify, self.numbers)) else None

    def begins(self, line: Case) -> bool:
        """Whether *line* is the first part of one that fits."""
        events = (self.grouping.of(line, is_left=True) if self.grouping else line)[1:]
        return begins(self.automaton, word_of(events, self.classify, self.numbers))


def _through(lines: Sequence[Case], items: Items, noise: float, numbers: dict[Activity, int]) -> _Through | None:
    """Learn what *items* go through, each of *lines* an item and its events; None if that has not one end."""
    own = items_of(lines, noise)
    if own and len({items.carriers.get(name) for name in own.carriers}) == 1:
        known = dict(numbers)
        own = own if own.done != items.done else replace(own, done=f"{own.path[-1]} of {items.done}")
        found = grouped(lines, own, Besides(), noise, known)
        learned = _learned([case[1:] for case in found.cases], found.classify, noise, known) if found else None
        inner = found.each.sayable_in_line(learned[0], [*known]) if found and learned else None
        if found and learned and inner:
            numbers.update(known)
            return _Through(*learned, found.classify, numbers, inner, found.grouping)
    bare = [line[1:] for line in lines]
    classify = classifier(bare, noise)
    plain = _learned(bare, classify, noise, numbers)
    return _Through(*plain, classify, numbers) if plain else None


def _learned(
    lines: Iterable[Case], classify: Classify, noise: float, numbers: dict[Activity, int]
) -> tuple[Automaton, Mapping[Word, int]] | None:
    words = Counter(word_of(line, classify, numbers) for line in lines)
    automaton = branch_of(words, noise)
    return (automaton, words) if automaton else None
