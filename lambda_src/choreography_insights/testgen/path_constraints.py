"""The details of events that make happen what happens on a walk through a definition, in turn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from choreography_insights.core.fields import ABSENT, EACH, PLACE, EntityId, EventPath
from choreography_insights.core.patterns import wildcard_parts
from choreography_insights.model.patterns import (
    AnythingBut,
    Conjunction,
    Exactly,
    Exists,
    FieldTest,
    Matcher,
    Numeric,
    Pattern,
    Prefix,
    Suffix,
    Wildcard,
    admits,
    conjunctions,
    matches,
    numbers_around,
)
from choreography_insights.model.workflow import Condition, Lesson, Memory

_TRIES = 2_000
_SOMETHING: tuple[Any, ...] = ("any", "other", 1, 0, True, False, None)

Detail = dict[str, Any]
Values = dict[EventPath, Any]
"""A value, or `ABSENT`, for each path that matters."""


def detail_for(wanted: Pattern | None, earlier: Sequence[Pattern], entity: EventPath, entity_id: str) -> Detail | None:
    """Return a detail of the entity that *wanted* matches (None: any) and none of *earlier* does, as `details_for`."""
    return details_for(wanted, earlier, {entity[1:]: entity_id})  # the path without "detail"


def details_for(wanted: Pattern | None, earlier: Sequence[Pattern], fixed: Values) -> Detail | None:
    """Return a detail with what is *fixed* that *wanted* matches (None: any) and none of *earlier* does.

    None means that none was found, which proves nothing: what only a long search could find is given up.
    """
    avoided = [case for pattern in earlier for case in conjunctions(pattern) or ()]
    for case in conjunctions(wanted) or () if wanted else ((),):
        for values in islice(_candidates(case, avoided), _TRIES):
            detail = _assembled(values, fixed)
            if detail is not None and _is_right(detail, wanted, earlier):
                return detail
    return None


def _is_right(detail: Detail, wanted: Pattern | None, earlier: Sequence[Pattern]) -> bool:
    return (wanted is None or matches(wanted, detail)) and not any(matches(other, detail) for other in earlier)


def _candidates(case: Conjunction, avoided: Sequence[Conjunction]) -> Iterator[Values]:
    """Yield values to try: the plainest for *case*, then changed step by step until none of *avoided* holds."""
    options = {path: _options(path, case, avoided) for path in _paths([case, *avoided])}
    if not all(options.values()):
        return
    own = {test.path for test in case}
    open_ends: list[Values] = [{path: values[0] if path in own else ABSENT for path, values in options.items()}]
    seen: set[tuple[Any, ...]] = set()
    while open_ends:
        values = open_ends.pop()
        mark = tuple(map(_distinguished, values.values()))
        if mark in seen:
            continue
        seen.add(mark)
        yield values
        hit = next((other for other in avoided if _holds(other, values)), ())
        ways_out = [{**values, test.path: value} for test in hit for value in _refused(test, options[test.path])]
        open_ends += reversed(ways_out)  # the last is tried first


def _paths(cases: Iterable[Conjunction]) -> dict[EventPath, None]:
    return dict.fromkeys(test.path for case in cases for test in case)


def _options(path: EventPath, case: Conjunction, avoided: Sequence[Conjunction]) -> list[Any]:
    """Return the values worth trying at *path* that *case* allows there, the plainest first."""
    own = [test.matchers for test in case if test.path == path]
    others = [test.matchers for other in avoided for test in other if test.path == path]
    values = _values(list(chain(*own)), list(chain(*others)))
    return [value for value in values if all(any(admits(matcher, value) for matcher in each) for each in own)]


def _holds(case: Conjunction, values: Values) -> bool:
    return all(any(admits(matcher, values[test.path]) for matcher in test.matchers) for test in case)


def _refused(test: FieldTest, values: Iterable[Any]) -> Iterator[Any]:
    return (value for value in values if not any(admits(matcher, value) for matcher in test.matchers))


def _values(own: Sequence[Matcher], others: Sequence[Matcher]) -> list[Any]:
    wanted = [value for matcher in own for value in _witnesses(matcher)]
    unwanted = [value for matcher in others for value in _witnesses(matcher)]
    joined = [
        begin.text + end.text for begin in own for end in own if isinstance(begin, Prefix) and isinstance(end, Suffix)
    ]
    lead = [] if own else [ABSENT]
    return _distinct([*lead, *wanted, *joined, *_SOMETHING, ABSENT, *unwanted])


def _distinct(values: list[Any]) -> list[Any]:
    """Return *values* once each, telling 1, 1.0 and true apart as far as a matcher does."""
    return list({_distinguished(value): value for value in values}.values())


def _distinguished(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


def _witnesses(matcher: Matcher) -> list[Any]:
    match matcher:
        case Exactly(value):
            return [value]
        case Prefix(text):
            return [text, f"{text}-1", f"{text}-2"]
        case Suffix(text):
            return [text, f"1-{text}", f"2-{text}"]
        case Wildcard(text):
            parts = wildcard_parts(text)
            return ["".join(parts), "1".join(parts)]
        case Numeric(bounds):
            return [value for value in numbers_around(bounds) if admits(matcher, value)]
        case Exists() | AnythingBut():
            return []


def _assembled(values: Values, fixed: Values) -> Detail | None:
    """Return the detail with *values* and what is *fixed*; None if they do not go together.

    A path that others lead on from needs no value of its own.
    """
    there = {path: value for path, value in values.items() if value is not ABSENT} | fixed
    detail: Detail = {}
    for path, value in sorted(there.items(), key=lambda item: item[0] not in fixed):
        leads_on = any(len(other) > len(path) and other[: len(path)] == path for other in there)
        if not leads_on and not _put(detail, path, value):
            return None
    return detail


def _put(detail: Detail, path: EventPath, value: Any) -> bool:
    """Put *value* at *path* in *detail*, through lists that grow as far as that needs; False if something is there."""
    inside: Any = detail
    for step, follows in zip(path, (*path[1:], None), strict=True):
        if isinstance(step, int) is not isinstance(inside, list):
            return False
        if isinstance(inside, list):
            inside += [None] * (int(step) + 1 - len(inside))
        there = inside[step] if isinstance(step, int) else inside.get(step)
        if follows is None:
            if isinstance(there, dict | list):
                return False
            inside[step] = value
        else:
            if there is None:
                there = inside[step] = [] if isinstance(follows, int) else {}
            if not isinstance(there, dict | list):
                return False
            inside = there
    return True


LONG_AGO = "2020-01-01T00:00:00Z"
LEARNED = "learned"
"""Stands for what a line remembers, in a list of that: nobody can ask for its elements."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event is sent, with the entity's id and the keys of the items it is about at these paths.

    *own*: what tells it from others of its kind, and where.
    *known_as*: it has a name of this kind instead of the id. *also*: the names that it teaches, and where they are.
    """

    name: str
    source: str
    entity: EntityId
    items: tuple[EventPath, ...] = ()
    own: tuple[EventPath, str] | None = None
    known_as: str | None = None
    also: tuple[tuple[str, EntityId], ...] = ()


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

    path: EventPath


@dataclass(frozen=True, slots=True)
class Paused:
    """So many seconds pass."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that run at once, one after the other here; none knows what another remembers.

    *lessons*: what is known behind them of that.
    """

    lines: tuple[tuple["Moment", ...], ...]
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """The list at *path* of what the journey knows has an item per line; *key*: where an item has its key."""

    path: EventPath
    key: EventPath | None
    lines: tuple[tuple["Moment", ...], ...]
    lessons: tuple[Lesson, ...] = ()


Moment = Sent | Asked | Remembered | Past | Paused | Lines | Items


def at_once(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Return what of *moments* happens without an event: on entering a line, while no other has had one yet."""
    return _until_an_event(moments)[0]


def _until_an_event(moments: Iterable[Moment]) -> tuple[tuple[Moment, ...], bool]:
    found: list[Moment] = []
    for moment in moments:
        match moment:
            case Sent():
                return tuple(found), True
            case Paused():
                continue
            case Lines(lines) | Items(lines=lines):
                begun = [_until_an_event(line) for line in lines]
                found.append(replace(moment, lines=tuple(inner for inner, _ in begun)))
                if any(waits for _, waits in begun):
                    return tuple(found), True
            case _:
                found.append(moment)
    return tuple(found), False


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
    """What is known in a line: its newest event, or its item; where each thing remembered is; the items' keys."""

    newest: EventPath = ("before",)
    memory: Mapping[str, EventPath] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


class _Stage:
    """Plays moments. All details are one, each event's below its number; so conditions may join several events."""

    def __init__(self, entity_id: str, *, whole: bool) -> None:
        self._entity_id = entity_id
        self._whole = whole
        self._sent: list[tuple[str, Sent, int]] = []
        self._wanted: list[Pattern] = []
        self._avoided: list[Pattern] = []
        self._fixed: dict[EventPath, Any] = {}
        self._lists: list[tuple[EventPath, tuple[str, ...], tuple[Any, ...]]] = []
        self._bare: set[EventPath] = set()  # items that are nothing but their key, and have no fields
        self._handed_out: dict[EventPath, tuple[EventPath, ...]] = {}  # lists, and where their elements are
        self._taught: set[str] = set()
        self._learned: set[str] = set()
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
            case Lines(lines, lessons):
                return self._learn(lessons, [self.play(line, known) for line in lines], known)
            case Items():
                return self._learn(moment.lessons, self._play_items(moment, known), known)
        return known

    def _number(self) -> str:
        self._count += 1
        return str(self._count)

    def _send(self, sent: Sent, known: _Known) -> _Known:
        number = self._number()
        self._sent.append((number, sent, self._pause + (1 if len(self._sent) else 0)))
        self._pause = 0
        if self._whole and sent.known_as is not None and sent.known_as not in self._taught:
            self._impossible = True
        self._taught.update(kind for kind, _ in sent.also)
        for kind, at in ((sent.known_as, sent.entity), *sent.also):
            for path, text in sample_texts(at, name_of(self._entity_id, kind)):
                self._fixed[(number, *path)] = text
        keys = known.keys if self._whole else tuple("any" for _ in sent.items)
        for item, key in zip(sent.items, keys, strict=True):
            self._fixed[(number, *item[1:])] = key
        if sent.own:
            path, text = sent.own
            self._fixed[(number, *path[1:])] = text
        return replace(known, newest=(number,))

    def _remember(self, memories: Sequence[Memory], known: _Known) -> _Known:
        places = {memory.name.text: (*known.newest, *memory.path[1:]) for memory in memories}
        again = [FieldTest(place, (Exists(there=True),)) for name, place in places.items() if name in known.memory]
        if again:
            self._wanted.append(Pattern(tuple(again)))
        return replace(known, memory={**known.memory, **places})

    def _learn(self, lessons: Sequence[Lesson], ends: Sequence[_Known], known: _Known) -> _Known:
        """What is known behind lines that ended so: it stands below a number of its own, of which no event is made."""
        number = self._number()
        places: dict[str, EventPath] = {}
        for lesson in lessons:
            there = [end.memory[lesson.of.text] for end in ends if lesson.of.text in end.memory]
            self._wanted += [Pattern((FieldTest(place, (Exists(there=True),)),)) for place in there]
            many = len(there)
            said = {"count": many, "list": [LEARNED] * many, "any": many > 0, "all": many == len(ends)}
            places[lesson.name.text] = place = (number, lesson.name.text)
            self._fixed[place] = said[lesson.how]
            if lesson.how == "list":
                self._handed_out[place] = tuple(there)
        self._learned.add(number)
        return replace(known, memory={**known.memory, **places})

    def _place(self, path: EventPath, known: _Known) -> EventPath | None:
        """Return where the field at *path* (of ``detail`` or ``remembered``) is among all details, None if nowhere."""
        if path[0] == "detail":
            return None if known.newest in self._bare else (*known.newest, *path[1:])
        place = known.memory.get(str(path[1]))
        if place is None and not self._whole:
            place = ("memory", path[1])
        return (*place, *path[2:]) if place else None

    def _fix(self, path: EventPath, value: Any, known: _Known) -> None:
        place = self._place(path, known)
        if place is None:
            self._impossible = True
        else:
            self._fixed[place] = value

    def _play_items(self, items: Items, known: _Known) -> list[_Known]:
        place = self._place(items.path, known)
        if place is None:
            self._impossible = True
            return []
        is_learned = place[0] in self._learned
        elements = self._handed_out.get(place, ()) if is_learned else tuple((self._number(),) for _ in items.lines)
        own = [(*element, *items.key) if items.key else element for element in elements]
        depth = len(known.keys)
        names = [f"item-{position}" for position in range(1, len(items.lines) + 1)]
        if is_learned:
            if len(set(own)) != len(items.lines) or any(element[0] in self._learned for element in elements):
                self._impossible = True
                return []
            names = [self._said_at(one, name) for one, name in zip(own, names, strict=True)]
        keys = tuple(self._key_of(name, line, depth) for name, line in zip(names, items.lines, strict=True))
        if not is_learned:
            self._lists.append((place, tuple(str(element[0]) for element in elements), () if items.key else keys))
        self._bare.update(() if items.key else elements)
        if items.key or is_learned:
            self._fixed.update(zip(own, keys, strict=True))
        return [
            self.play(line, replace(known, newest=element, keys=(*known.keys, key)))
            for element, key, line in zip(elements, keys, items.lines, strict=True)
        ]

    def _said_at(self, place: EventPath, usual: str) -> str:
        """Return the text that is, or must be, at *place*; where that is open, the *usual*."""
        tests = (test for pattern in self._wanted for test in pattern.tests if test.path == place)
        asked = (matcher.value for test in tests for matcher in test.matchers if isinstance(matcher, Exactly))
        return next((text for text in (self._fixed.get(place), *asked) if isinstance(text, str)), usual)

    def _key_of(self, own: str, line: Iterable[Moment], depth: int) -> str:
        """Return the key of an item; where events carry it in the field of the entity's id, that has both in it."""
        for sent in _all_sent(line):
            for part in sent.entity if depth < len(sent.items) else ():
                if part.path == sent.items[depth] and part.like is not None:
                    return part.like.replace("*", own).replace(PLACE, name_of(self._entity_id, sent.known_as))
        return own

    # ---- conditions --------

    def _ask(self, condition: Condition, known: _Known, *, wanted: bool) -> None:
        parts = [_placed(condition.when, ("detail",), self, known)] if condition.when else []
        parts += [_placed(condition.remembered, ("remembered",), self, known)] if condition.remembered else []
        possible = [part for part in parts if part is not None]
        whole = joined(possible) if len(possible) == len(parts) else None
        if wanted and whole is None:
            self._impossible = True
        elif wanted and whole is not None:
            self._wanted.append(whole)
        elif whole is not None:
            self._avoided.append(whole)

    def where(self, path: EventPath, known: _Known) -> EventPath | None:
        return self._place(path, known)

    # ---- details --------

    def solved(self) -> list[Published] | None:
        if self._impossible:
            return None
        found: dict[str, Any] = {}
        by_number: dict[str, dict[EventPath, Any]] = {}
        for path, value in self._fixed.items():
            by_number.setdefault(str(path[0]), {})[path] = value
        for numbers, wanted, avoided in self._clusters():
            fixed = {path: value for number in numbers for path, value in by_number.get(number, {}).items()}
            detail = details_for(wanted, avoided, fixed)
            if detail is None:
                return None
            found.update(detail)
        for place, numbers, keys in reversed(self._lists):
            if not _put_list(found, place, list(keys) or [found.get(number, {}) for number in numbers]):
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
            find(str(path[0]))
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
            yield own, joined(wanted.get(root, [])), avoided.get(root, [])


def joined(patterns: Sequence[Pattern]) -> Pattern:
    """Return the pattern that a detail matches if it matches all of *patterns*."""
    return Pattern(
        tuple(test for pattern in patterns for test in pattern.tests),
        tuple(choice for pattern in patterns for choice in pattern.choices),
    )


def _numbers(pattern: Pattern) -> list[str]:
    found = [str(test.path[0]) for test in pattern.tests]
    for alternatives in pattern.choices:
        found += [number for alternative in alternatives for number in _numbers(alternative)]
    return list(dict.fromkeys(found)) or ["before"]


def _placed(pattern: Pattern, root: EventPath, stage: _Stage, known: _Known) -> Pattern | None:
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


def _put_list(details: dict[str, Any], place: EventPath, value: Any) -> bool:
    *above, last = place
    inside: Any = details
    for name in above:
        inside = inside.setdefault(name, {})
        if not isinstance(inside, dict):
            return False
    inside[last] = value
    return True


# ---- ids --------


def _all_sent(moments: Iterable[Moment]) -> Iterator[Sent]:
    """Yield every event of *moments*, those of lines too."""
    for moment in moments:
        match moment:
            case Sent():
                yield moment
            case Lines(lines) | Items(lines=lines):
                for line in lines:
                    yield from _all_sent(line)


def sample_texts(entity: EntityId, text: str) -> Iterator[tuple[EventPath, str]]:
    """Yield what an event about the entity *text* has in its detail: the first part of the id is *text*, others count.

    What is outside the detail is for the bus to say.
    """
    for number, part in enumerate(entity, 1):
        own = text if number == 1 else str(number)
        if part.path[0] == "detail":
            path = tuple(0 if step == EACH else step for step in part.path)
            yield path[1:], own if part.like is None else part.like.replace("*", "any").replace(PLACE, own)


def name_of(entity_id: str, kind: str | None) -> str:
    """Return the name of this *kind* that the entity has in samples; its id, if that is what is asked for."""
    return entity_id if kind is None else f"{kind}-{entity_id}"


def with_id(detail: Mapping[str, Any], entity: EntityId, text: str) -> dict[str, Any]:
    """Return *detail* with what an event about the entity *text* has there, where nothing else is."""
    whole: Any = dict(detail)
    for path, part in sample_texts(entity, text):
        whole = _with(whole, path, part)
    return dict(whole)


def _with(inside: Any, path: EventPath, text: str) -> Any:
    """Return *inside* with *text* at *path*; lists grow as far as that needs."""
    if not path:
        return text if inside is None else inside
    first, *rest = path
    if isinstance(first, int):
        elements = list(inside) if isinstance(inside, list) else []
        elements += [None] * (first + 1 - len(elements))
        elements[first] = _with(elements[first], tuple(rest), text)
        return elements
    fields = dict(inside) if isinstance(inside, Mapping) else {}
    fields[first] = _with(fields.get(first), tuple(rest), text)
    return fields
