"""What happens on a walk through a definition, in turn, and the details of its events that make it happen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from choreography_insights.core.paths import ABSENT, FieldPath
from choreography_insights.model.patterns import Exists, FieldTest, Pattern, admits
from choreography_insights.model.workflow import Condition, Memory
from choreography_insights.testgen.sample_data import Detail, details_for

LONG_AGO = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Sent:
    """An event is sent, with the entity's id and the keys of the items it is about at these paths."""

    name: str
    source: str
    entity: FieldPath
    items: tuple[FieldPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest event, and what is remembered, must be (or, *not*, must not be) as the condition says."""

    condition: Condition
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Remembered:
    """Fields of the newest event are remembered."""

    memories: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """The field at *path* of what the journey knows is a moment that is over."""

    path: FieldPath


@dataclass(frozen=True, slots=True)
class Paused:
    """So many seconds pass."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that run at once, one after the other here; none knows what another remembers."""

    lines: tuple[tuple["Moment", ...], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """The list at *path* of what the journey knows has an item per line; *key*: where an item has its key."""

    path: FieldPath
    key: FieldPath | None
    lines: tuple[tuple["Moment", ...], ...]


Moment = Sent | Asked | Remembered | Past | Paused | Lines | Items


@dataclass(frozen=True, slots=True)
class Published:
    """An event with the detail it needs, and the seconds that pass before it."""

    name: str
    source: str
    detail: Detail
    pause: int


def published(moments: Iterable[Moment], entity_id: str, *, whole: bool = True) -> list[Published] | None:
    """Return the events of *moments* with details that make all of them happen, None if none were found.

    *whole*: they begin with a journey; else they are a part of one, which may remember anything.
    """
    stage = _Stage(entity_id, whole=whole)
    stage.play(moments, _Known())
    return stage.solved()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known in a line: its newest event (by number), where each thing remembered is, the items' keys."""

    newest: str = "before"
    memory: Mapping[str, FieldPath] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


class _Stage:
    """Plays moments. All details are one, each event's below its number; so conditions may join several events."""

    def __init__(self, entity_id: str, *, whole: bool) -> None:
        self._entity_id = entity_id
        self._whole = whole
        self._sent: list[tuple[str, Sent, int]] = []
        self._wanted: list[Pattern] = []
        self._avoided: list[Pattern] = []
        self._fixed: dict[FieldPath, Any] = {}
        self._lists: list[tuple[FieldPath, tuple[str, ...], tuple[Any, ...]]] = []
        self._bare: set[str] = set()  # items that are nothing but their key, and have no fields
        self._impossible = False
        self._pause = 0
        self._count = 0

    def play(self, moments: Iterable[Moment], known: _Known) -> _Known:
        for moment in moments:
            known = self._play(moment, known)
        return known

    def _play(self, moment: Moment, known: _Known) -> _Known:
        match moment:
            case Sent():
                return self._send(moment, known)
            case Asked(condition, wanted):
                self._ask(condition, known, wanted=wanted)
            case Remembered(memories):
                return self._remember(memories, known)
            case Past(path):
                self._fix(path, LONG_AGO, known)
            case Paused(seconds):
                self._pause += seconds
            case Lines(lines):
                for line in lines:
                    self.play(line, known)
            case Items():
                self._play_items(moment, known)
        return known

    def _number(self) -> str:
        self._count += 1
        return str(self._count)

    def _send(self, sent: Sent, known: _Known) -> _Known:
        number = self._number()
        self._sent.append((number, sent, self._pause + (1 if len(self._sent) else 0)))
        self._pause = 0
        self._fixed[(number, *sent.entity[1:])] = self._entity_id
        keys = known.keys if self._whole else tuple("any" for _ in sent.items)
        for item, key in zip(sent.items, keys, strict=True):
            self._fixed[(number, *item[1:])] = key
        return replace(known, newest=number)

    def _remember(self, memories: Sequence[Memory], known: _Known) -> _Known:
        places = {memory.name.text: (known.newest, *memory.path[1:]) for memory in memories}
        again = [FieldTest(place, (Exists(there=True),)) for name, place in places.items() if name in known.memory]
        if again:
            self._wanted.append(Pattern(tuple(again)))
        return replace(known, memory={**known.memory, **places})

    def _place(self, path: FieldPath, known: _Known) -> FieldPath | None:
        """Return where the field at *path* (of ``detail`` or ``remembered``) is among all details, None if nowhere."""
        if path[0] == "detail":
            return None if known.newest in self._bare else (known.newest, *path[1:])
        place = known.memory.get(path[1])
        if place is None and not self._whole:
            place = ("memory", path[1])
        return (*place, *path[2:]) if place else None

    def _fix(self, path: FieldPath, value: Any, known: _Known) -> None:
        place = self._place(path, known)
        if place is None:
            self._impossible = True
        else:
            self._fixed[place] = value

    def _play_items(self, items: Items, known: _Known) -> None:
        numbers = tuple(self._number() for _ in items.lines)
        place = self._place(items.path, known)
        if place is None:
            self._impossible = True
            return
        keys = tuple(f"item-{position}" for position, _ in enumerate(items.lines, 1))
        self._lists.append((place, numbers, () if items.key else keys))
        self._bare.update(() if items.key else numbers)
        for number, key, line in zip(numbers, keys, items.lines, strict=True):
            if items.key:
                self._fixed[(number, *items.key)] = key
            self.play(line, replace(known, newest=number, keys=(*known.keys, key)))

    # ---- conditions --------

    def _ask(self, condition: Condition, known: _Known, *, wanted: bool) -> None:
        parts = [_placed(condition.when, ("detail",), self, known)] if condition.when else []
        parts += [_placed(condition.remembered, ("remembered",), self, known)] if condition.remembered else []
        possible = [part for part in parts if part is not None]
        joined = _joined(possible) if len(possible) == len(parts) else None
        if wanted and joined is None:
            self._impossible = True
        elif wanted and joined is not None:
            self._wanted.append(joined)
        elif joined is not None:
            self._avoided.append(joined)

    def where(self, path: FieldPath, known: _Known) -> FieldPath | None:
        return self._place(path, known)

    # ---- details --------

    def solved(self) -> list[Published] | None:
        if self._impossible:
            return None
        found: dict[str, Any] = {}
        by_number: dict[str, dict[FieldPath, Any]] = {}
        for path, value in self._fixed.items():
            by_number.setdefault(path[0], {})[path] = value
        for numbers, wanted, avoided in self._clusters():
            fixed = {path: value for number in numbers for path, value in by_number.get(number, {}).items()}
            detail = details_for(wanted, avoided, fixed)
            if detail is None:
                return None
            found.update(detail)
        for place, numbers, keys in reversed(self._lists):
            if not _put(found, place, list(keys) or [found.get(number, {}) for number in numbers]):
                return None
        return [Published(sent.name, sent.source, found.get(number, {}), pause) for number, sent, pause in self._sent]

    def _clusters(self) -> Iterator[tuple[list[str], Pattern, list[Pattern]]]:
        """Yield the events that some condition joins, together, with all that is asked of them."""
        leader: dict[str, str] = {}

        def find(number: str) -> str:
            while leader.setdefault(number, number) != number:
                number = leader[number]
            return number

        for path in self._fixed:
            find(path[0])
        for _, numbers, _keys in self._lists:
            for number in numbers:
                find(number)
        for pattern in (*self._wanted, *self._avoided):
            first, *others = _numbers(pattern)
            for other in others:
                leader[find(other)] = find(first)
        members: dict[str, list[str]] = {}
        for number in list(leader):
            members.setdefault(find(number), []).append(number)
        wanted: dict[str, list[Pattern]] = {}
        avoided: dict[str, list[Pattern]] = {}
        for kind, patterns in ((wanted, self._wanted), (avoided, self._avoided)):
            for pattern in patterns:
                kind.setdefault(find(_numbers(pattern)[0]), []).append(pattern)
        for root, own in members.items():
            yield own, _joined(wanted.get(root, [])), avoided.get(root, [])


def _joined(patterns: Sequence[Pattern]) -> Pattern:
    return Pattern(
        tuple(test for pattern in patterns for test in pattern.tests),
        tuple(choice for pattern in patterns for choice in pattern.choices),
    )


def _numbers(pattern: Pattern) -> list[str]:
    found = [test.path[0] for test in pattern.tests]
    for alternatives in pattern.choices:
        found += [number for alternative in alternatives for number in _numbers(alternative)]
    return list(dict.fromkeys(found)) or ["before"]


def _placed(pattern: Pattern, root: FieldPath, stage: _Stage, known: _Known) -> Pattern | None:
    """Return *pattern* with its fields where they are among all details; None if nothing can match it.

    A field that the journey never remembered is missing for certain.
    """
    tests: list[FieldTest] = []
    for test in pattern.tests:
        place = stage.where((*root, *test.path), known)
        if place is not None:
            tests.append(FieldTest(place, test.matchers))
        elif not any(admits(matcher, ABSENT) for matcher in test.matchers):
            return None
    choices: list[tuple[Pattern, ...]] = []
    for alternatives in pattern.choices:
        placed = [one for one in (_placed(each, root, stage, known) for each in alternatives) if one is not None]
        if not placed:
            return None
        if all(one.tests or one.choices for one in placed):
            choices.append(tuple(placed))
    return Pattern(tuple(tests), tuple(choices))


def _put(details: dict[str, Any], place: FieldPath, value: Any) -> bool:
    *above, last = place
    inside: Any = details
    for name in above:
        inside = inside.setdefault(name, {})
        if not isinstance(inside, dict):
            return False
    inside[last] = value
    return True
