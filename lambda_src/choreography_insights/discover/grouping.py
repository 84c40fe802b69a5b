"""Cases in which one occurrence stands for all that is about the items of a list.

What comes between the first and the last event of the items becomes one occurrence, with a line of its own for each
item. So the rest is learned as if it had one event, and an `each` is learned of what the lines say.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from choreography_insights.discover.event_log import Case, Occurrence
from choreography_insights.discover.items import ITEM, Items

Around = tuple[frozenset[str], frozenset[str | None]]
"""What comes right before the occurrence that stands for all items, and right behind it (None: nothing)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an item goes through. A line begins with the item itself.

    *read*: it, as what is about items of its own is put together; None if it does not fit. *begins*: whether it is the
    first part of one that fits. *most*: a list that has more items does not fit.
    """

    read: Callable[[Case], Case | None]
    begins: Callable[[Case], bool]
    most: int


@dataclass(frozen=True, slots=True)
class Besides:
    """The names of what may come among items and is about none: it is only noted, or ends the journey."""

    notes: frozenset[str] = frozenset()
    exits: frozenset[str] = frozenset()

    def without_notes(self, case: Case) -> Case:
        """Return what is left of *case* without what is only noted."""
        return tuple(one for one in case if one.name not in self.notes)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Puts together what is about *items*. *line*: what each goes through; None: that is not known yet.

    *around*: between what the occurrence stands that stands for all items, if there are none.
    """

    items: Items
    besides: Besides = field(default_factory=Besides)
    line: Line | None = None
    around: Around = (frozenset(), frozenset())

    def of(self, case: Case, *, is_left: bool = False) -> Case:
        """Return *case* with one occurrence for all items. *is_left*: whether an exit comes behind it.

        What is noted meanwhile comes before that. Of items that an exit has cut short nothing is left.
        """
        bare = self.besides.without_notes(case)
        noted = _noted_before(case, self.besides)
        exits = self.besides.exits
        found: list[Occurrence] = []
        keyed: Mapping[str, Any] | None = None
        position = 0
        while position < len(bare):
            one = bare[position]
            if one.name == self.items.event:
                keyed = self.items.keyed(one)
            end = position
            while keyed and end < len(bare) and self.items.key_of(bare[end]) in keyed:
                end += 1
            if keyed and end > position:
                is_cut = bare[end].name in exits if end < len(bare) else is_left
                begin, done = self._done(bare[position:end], keyed, is_cut=is_cut)
                for at in range(position, end):
                    found.extend(noted[at])
                    if at < position + begin:
                        found.append(bare[at])
                found.extend(done)
                position, keyed = end, None if begin < end - position else keyed
                continue
            found.extend((*noted[position], one))
            position += 1
            following = bare[position].name if position < len(bare) else None
            if keyed is not None and one.name in self.around[0] and following in self.around[1] | exits:
                nothing = self._whole([(_beginning(one, item),) for item in keyed.values()], one)
                if nothing:
                    found.append(nothing)
                    keyed = None
        return (*found, *noted[-1])

    def _done(self, run: Case, keyed: Mapping[str, Any], *, is_cut: bool) -> tuple[int, Sequence[Occurrence]]:
        """Return from where on *run*, which is about items, is all of it, or all up to an exit; and what it becomes."""
        line = self.line
        if line and len(keyed) > line.most:
            return len(run), ()
        lines: dict[str, list[Occurrence]] = {}
        for one in run:
            key = self._key(one)
            if key not in lines:
                lines[key] = [_beginning(run[0], keyed[key])]
            lines[key].append(one)
        for key, item in keyed.items():
            lines.setdefault(key, [_beginning(run[0], item)])
        whole = self._whole(lines.values(), run[-1])
        if line is None:
            return (0, ()) if is_cut else (0, (whole,)) if whole else (len(run), ())
        if whole:
            return 0, (whole,)
        if is_cut and all(map(line.begins, map(tuple, lines.values()))):
            return 0, ()
        return self._later(run, keyed, line, is_cut=is_cut)

    def _whole(self, lines: Collection[Sequence[Occurrence]], last: Occurrence) -> Occurrence | None:
        """Return the occurrence that stands for *lines*, of which *last* is the last event; None if not all fit."""
        read = []
        for events in map(tuple, lines):
            one = self.line.read(events) if self.line else events if len(events) > 1 else None
            if one is None:
                return None
            read.append(one)
        return Occurrence(self.items.done, last.time, last.source, {}, tuple(read))

    def _later(
        self, run: Case, keyed: Mapping[str, Any], line: Line, *, is_cut: bool
    ) -> tuple[int, Sequence[Occurrence]]:
        """Return the same where not all of *run* is: the first events may be astray."""
        own = {key: [_beginning(run[0], item)] for key, item in keyed.items()}
        misfits = {key for key, events in own.items() if line.read(tuple(events)) is None}
        strange, begin = set[str](), len(run)
        for at in reversed(range(1, len(run))):
            key = self._key(run[at])
            own[key].insert(1, run[at])
            events = tuple(own[key])
            (misfits.add if line.read(events) is None else misfits.discard)(key)
            (strange.discard if line.begins(events) else strange.add)(key)
            if not misfits or (is_cut and not strange):
                begin = at
        return begin, self._done(run[begin:], keyed, is_cut=is_cut)[1] if begin < len(run) else ()

    def _key(self, one: Occurrence) -> str:
        return self.items.key_of(one) or ""


def _beginning(one: Occurrence, item: Any) -> Occurrence:
    return Occurrence(ITEM, one.time, one.source, item if isinstance(item, dict) else {})


def _noted_before(case: Case, besides: Besides) -> Sequence[Sequence[Occurrence]]:
    """Return what is noted right before each other event of *case*, and behind the last."""
    found: list[list[Occurrence]] = [[]]
    for one in case:
        if one.name in besides.notes:
            found[-1].append(one)
        else:
            found.append([])
    return found


def around(cases: Iterable[Case], items: Items) -> Around:
    """Return what comes right before and behind all items in *cases*, which are grouped, without what is noted."""
    before, behind = set[str](), set[str | None]()
    for case in cases:
        for position, one in enumerate(case):
            if one.name == items.done:
                before.add(case[position - 1].name)
                behind.add(case[position + 1].name if position + 1 < len(case) else None)
    return frozenset(before), frozenset(behind)
