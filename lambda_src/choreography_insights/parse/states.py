"""Reads the states of a definition, one function per kind."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import get_args

from choreography_insights.core.fields import FieldPath, field_path
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import closest, listed, suggestion
from choreography_insights.model.workflow import (
    ANYTHING,
    ITEMS_AT_ONCE,
    MOST_TIMES,
    STAY,
    All,
    Await,
    Branch,
    Choose,
    DataPath,
    Each,
    Expected,
    Fail,
    Gate,
    Item,
    Lesson,
    Name,
    Need,
    OnUnexpected,
    Option,
    Parallel,
    Pass,
    Policy,
    Quorum,
    State,
    Succeed,
    Timeout,
    Variant,
    Wait,
)
from choreography_insights.parse.document import Cursor, MapTree, ScalarTree, choice, described
from choreography_insights.parse.values import (
    parse_condition,
    parse_data_path,
    parse_duration,
    parse_event_path,
    parse_lessons,
    parse_number,
    parse_remember,
)

_LIKE_A_PATH = re.compile(r"(detail|remembered)(\.[^.\s]+)+")
_TIMED = ("expected",)
_WAITING = (*_TIMED, "timeout", "unexpected", "early")
_LINES = (*_WAITING, "anytime", "need")
_BRANCHES = (*_LINES, "remember")
_GROUP = (*_BRANCHES, "first")

Fields = Mapping[str, Cursor]


def parse_branch(name: Name, cursor: Cursor) -> Branch:
    """Return the states that are written here, as far as they can be read."""
    declared = cursor.entries("'states'")
    states = [state for key, body in declared if (state := parse_state(key, body)) is not None]
    return Branch(name, tuple(states), tuple(key for key, _ in declared))


def parse_state(name: Name, cursor: Cursor) -> State | None:
    """Return the state that is written here; None, after reporting why, if even its kind cannot be read."""
    if isinstance(cursor.tree, ScalarTree):
        return _ending(name, cursor)
    keys = [key for key, _ in cursor.entries("a state")]
    kinds = [key.text for key in keys if key.text in _KINDS]
    if len(kinds) > 1:
        cursor.wrong(
            catalogue.SEVERAL_KINDS,
            f"a state is of one kind, but this one has {listed(kinds)}; make them states of their own",
        )
        return None
    if kinds:
        return _KINDS[kinds[0]](name, _without_expected(cursor) if kinds[0] in _TIMELESS else cursor)
    for key in keys:
        known = (*_KINDS, "next", *_GROUP) if closest(key.text, (*_KINDS, "next", *_GROUP)) else _KINDS
        remedy = suggestion(key.text, known, "the kinds of state")
        cursor.report(key.spot.problem(catalogue.UNKNOWN_KIND, f"{key.text!r} is no kind of state; {remedy}"))
    return None


def _without_expected(cursor: Cursor) -> Cursor:
    """Return the state that is written here less what it cannot expect, which is reported."""
    for key, _ in cursor.entries("a state"):
        if key.text == "expected":
            cursor.report(
                key.spot.problem(
                    catalogue.EXPECTED_WHERE_NO_TIME_PASSES,
                    "no time passes in this state, so none can be expected; remove 'expected', or write it in the "
                    "state in which the journey waits",
                )
            )
    return cursor.without("expected")


def _ending(name: Name, cursor: Cursor) -> State | None:
    match cursor.tree:
        case ScalarTree(_, "succeed"):
            return Succeed(name)
        case ScalarTree(_, "fail"):
            return Fail(name, error=name.text, cause=None)
        case ScalarTree(_, str() as text):
            remedy = suggestion(text, ("succeed", "fail"), "the states that can be written in one word")
            cursor.wrong(catalogue.UNKNOWN_KIND, f"{text!r} is no state; {remedy}")
        case _:
            cursor.wrong(
                catalogue.WRONG_TYPE,
                f"a state cannot be {described(cursor.tree)}; write 'succeed', 'fail' or a mapping",
            )
    return None


# ---- states that wait for events --------


def _await(name: Name, cursor: Cursor) -> State:
    fields = cursor.fields("an 'await' state", ("await", *_WAITING, "done"))
    ways, timeout, policy = parse_ways(fields["await"], "await"), _timeout(fields), _policy(fields)
    return Await(name, ways, timeout, policy, _expected(fields), done=_is_said("done", fields))


def parse_ways(cursor: Cursor, key: str) -> tuple[Variant, ...]:
    """Return the events that are written here below *key*, each with the ways that it takes."""
    variants: list[Variant] = []
    for event, way in cursor.entries(f"'{key}'", instead=_with_names(cursor, "<state>")):
        variants += _variants(event, way, key)
    return tuple(variants)


def _variants(event: Name, way: Cursor, key: str) -> list[Variant]:
    if not way.is_list():
        if way.is_map():
            variant = _variant(event, way, key)
            return [variant] if variant else []
        target = way.name("the state that follows")
        return [Variant(event, ANYTHING, target, event.spot, stays=_stays(target, key))] if target else []
    if not way.items():
        way.wrong(
            catalogue.EMPTY_VALUE, "this list is empty; write the state that follows, or entries of 'when' and 'next'"
        )
    found = (_variant(event, item, key) for item in way.items())
    return [variant for variant in found if variant is not None]


def _variant(event: Name, item: Cursor, key: str) -> Variant | None:
    known = (*_CONDITIONAL, "remember")
    if key == "await":
        entry = _entry(item, (*known, "times", "distinct"))
    else:
        entry = _entry(item, known, f"an entry of {key!r}")
    condition = parse_condition(entry)
    target = _way_on(entry)
    remember = parse_remember(entry["remember"]) if "remember" in entry else ()
    quorum = _quorum(item, entry)
    if target is None or condition is None:
        return None
    stays = _stays(target, key)
    if stays and "remember" in entry:
        entry["remember"].wrong(
            catalogue.STAY_REMEMBERS,
            "an event by which a journey stays is only noted, and nothing of it is remembered; remove 'remember', or "
            "lead to a state",
        )
    return Variant(event, condition, target, item.spot, remember, quorum, stays)


def _stays(target: Name, key: str) -> bool:
    """Whether *target*, which is written below *key*, is the word for no state at all."""
    return key == "anytime" and target.text == STAY


def _quorum(item: Cursor, entry: Fields) -> Quorum | None:
    distinct = parse_event_path(entry["distinct"], "distinct") if "distinct" in entry else None
    if "times" in entry:
        times = parse_number(entry["times"], "'times'", least=2, most=MOST_TIMES)
        return None if times is None else Quorum(times, distinct)
    if "distinct" in entry:
        item.wrong(catalogue.MISSING_KEY, "an entry with 'distinct' lacks 'times'; write how many events it takes")
    return None


_BEFORE = "put it into an entry of its own before"
_CONDITIONAL = ("when", "remembered", "next", "otherwise")


def _entry(item: Cursor, known: tuple[str, ...], what: str = "an entry") -> Fields:
    entry = item.fields(what, known)
    if "otherwise" in entry:
        for key in ("when", "remembered", "next"):
            if key in entry:
                remedy = "write the state that follows behind 'otherwise'" if key == "next" else _BEFORE
                entry[key].wrong(
                    catalogue.OTHERWISE_WITH_CONDITION, f"an entry with 'otherwise' has no {key!r}; {remedy}"
                )
    elif "next" not in entry and isinstance(item.tree, MapTree) and item.tree.entries:
        item.wrong(catalogue.MISSING_KEY, "an entry lacks 'next'; add it")
    return entry


def _way_on(entry: Fields) -> Name | None:
    key = "otherwise" if "otherwise" in entry else "next"
    remedy = f"write the name of a state, '{key}: Paid'"
    return entry[key].name("the state that follows", remedy, remedy) if key in entry else None


def _with_names(events: Cursor, value: str | None) -> str:
    """Say how the events that are listed here are written as a mapping, to *value*, or each to itself."""
    parts = events.items() if events.is_list() else [events]
    names = [
        part.tree.value for part in parts if isinstance(part.tree, ScalarTree) and isinstance(part.tree.value, str)
    ]
    pairs = ", ".join(f"{name}: {value or name}" for name in names[:3] or ["Order Paid"])
    more = ", …" if len(names) > 3 else ""
    what = "each event with the state that follows" if value else "a name for each branch, and its event"
    return f"write {what}: {{{pairs}{more}}}"


_WITHOUT_WHEN = "an 'all' takes no 'when': name the event, or write a 'parallel' whose branches await it by 'when'"


def _all(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("an 'all' state", ("all", "next", *_LINES, "instead"), required=("next",))
    items = [
        Item(key, event)
        for key, value in fields["all"].entries("'all'", instead=_with_names(fields["all"], None))
        if (event := value.name("the event of a branch", _WITHOUT_WHEN)) is not None
    ]
    target, timeout, policy, expected = _next(fields), _timeout(fields), _policy(fields), _expected(fields)
    need, anytime = _need(fields), (*_anytime(fields), *_gated(fields, "instead", "untouched"))
    return All(name, tuple(items), target, timeout, policy, expected, anytime, need) if target else None


def _parallel(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("a 'parallel' state", ("parallel", "next", *_GROUP, "until"))
    found = tuple(_branch(key, value) for key, value in fields["parallel"].entries("'parallel'"))
    target, timeout, policy, expected = _next(fields), _timeout(fields), _policy(fields), _expected(fields)
    need, until = _first(fields) or _need(fields), _gated(fields, "until", "done")
    if "until" in fields:
        _without_what_ends_it(fields)
        target = until[0].next if until else None
    elif "next" not in fields:
        cursor.wrong(
            catalogue.MISSING_KEY,
            "a 'parallel' state lacks 'next'; write the state that follows when all branches are done, or with 'until' "
            "the events that lead on then",
        )
    if target is None:
        return None
    anytime = (*_anytime(fields), *until)
    return Parallel(name, found, target, timeout, policy, expected, anytime, need, _lessons(fields))


def _without_what_ends_it(fields: Fields) -> None:
    """Report what a state with 'until' cannot have, too."""
    for key in ("next", "first", "need", "remember"):
        if key in fields:
            fields[key].wrong(
                catalogue.SUPERFLUOUS_VALUE,
                f"a state with 'until' has no {key!r}: it takes all branches, and one of the events of 'until', which "
                f"says what follows; remove {key!r}",
            )


def _gated(fields: Fields, key: str, gate: Gate) -> tuple[Variant, ...]:
    ways = parse_ways(fields[key], key) if key in fields else ()
    return tuple(replace(way, gate=gate) for way in ways)


def _branch(name: Name, cursor: Cursor) -> Branch:
    keys = [key.text for key, _ in cursor.entries("a branch", ("states",))] if cursor.is_map() else []
    if keys and not any(closest(key, ["states"]) for key in keys):
        cursor.wrong(catalogue.MISSING_KEY, "a branch lacks 'states'; write the states of the branch below 'states:'")
        return Branch(name, ())
    fields = cursor.fields("a branch", ("states",), required=("states",))
    return parse_branch(name, fields["states"]) if "states" in fields else Branch(name, ())


def _each(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("an 'each' state", ("each", "next", *_BRANCHES), required=("next",))
    inner = fields["each"].fields(
        "'each'",
        ("items", "key", "item", "states"),
        required=("items", "item", "states"),
        says={
            "items": "the path of the list, such as $.detail.parcels",
            "item": "where the events of an item carry its key, such as $.detail.parcel",
        },
    )
    items = parse_data_path(inner["items"]) if "items" in inner else None
    key = _key_path(inner["key"]) if "key" in inner else None
    item = parse_event_path(inner["item"], "item") if "item" in inner else None
    body = parse_branch(name, inner["states"]) if "states" in inner else None
    target, timeout, policy, expected = _next(fields), _timeout(fields), _policy(fields), _expected(fields)
    if target is None or items is None or item is None or body is None:
        return None
    anytime, need, lessons = _anytime(fields), _need(fields), _lessons(fields)
    return Each(name, items, key, item, body, target, timeout, policy, expected, anytime, need, lessons)


def _key_path(cursor: Cursor) -> FieldPath | None:
    text = cursor.text("the path of 'key'")
    if text is None:
        return None
    names = field_path(text)
    if names is None:
        cursor.wrong(
            catalogue.INVALID_PATH,
            f"{text!r} is no path to a field of an item; write one like $.number, or leave 'key' away",
        )
    return names


# ---- states that do not --------


def _choose(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("a 'choose' state", ("choose",))
    entries = fields["choose"]
    if not entries.is_list() or not entries.items():
        usage = "write entries of 'when' and 'next', the last of 'otherwise'"
        if entries.is_list():
            entries.wrong(catalogue.EMPTY_VALUE, f"this list is empty; {usage}")
        else:
            seen = described(entries.tree)
            entries.wrong(catalogue.WRONG_TYPE, f"'choose' takes a list, but this is {seen}; {usage}")
        return None
    options: list[Option] = []
    otherwise: Name | None = None
    for item in entries.items():
        entry = _entry(item, _CONDITIONAL)
        condition, target = parse_condition(entry), _way_on(entry)
        if otherwise is not None:
            item.wrong(catalogue.UNREACHABLE_ENTRY, "an entry after 'otherwise' is never reached; put 'otherwise' last")
        elif condition is not None and target is not None and condition.is_open:
            otherwise = target
        elif condition is not None and target is not None:
            options.append(Option(condition, target, item.spot))
    return Choose(name, tuple(options), otherwise)


def _wait(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("a 'wait' state", ("wait", "next", *_TIMED), required=("next",))
    how = fields["wait"]
    until: int | DataPath | None
    if how.is_map():
        if not any(closest(key.text, ["until"]) for key, _ in how.entries("'wait'", ("until",))):
            how.wrong(
                catalogue.MISSING_KEY,
                "'wait' says neither how long nor until when; write 5m, or {until: $.detail.moment}",
            )
            return None
        inner = how.fields("'wait'", ("until",), required=("until",))
        until = parse_data_path(inner["until"]) if "until" in inner else None
    else:
        until = parse_duration(how, "the time", least=1)
    target, expected = _next(fields), _expected(fields)
    return Wait(name, until, target, expected) if until is not None and target is not None else None


def _pass(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("a 'pass' state", ("pass",))
    target = fields["pass"].name("the state that follows")
    return Pass(name, target) if target else None


def _succeed(_: Name, cursor: Cursor) -> None:
    cursor.wrong(catalogue.SUPERFLUOUS_VALUE, "'succeed' takes nothing; write the state as '<name>: succeed'")


def _fail(name: Name, cursor: Cursor) -> State:
    outer = cursor.fields("a 'fail' state", ("fail",))
    inner = outer["fail"].fields("'fail'", ("error", "cause"))
    error = _text_or_path(inner["error"], "the error") if "error" in inner else None
    cause = _text_or_path(inner["cause"], "the cause") if "cause" in inner else None
    return Fail(name, error or name.text, cause)


def _text_or_path(cursor: Cursor, what: str) -> str | DataPath | None:
    text = cursor.text(what)
    if text is not None and _LIKE_A_PATH.fullmatch(text):
        cursor.wrong(catalogue.PATH_AS_TEXT, f"{text!r} is taken as it is written; write $.{text} to read it there")
    return parse_data_path(cursor) if text is not None and text.startswith("$.") else text


_KINDS: dict[str, Callable[[Name, Cursor], State | None]] = {
    "await": _await,
    "all": _all,
    "parallel": _parallel,
    "each": _each,
    "choose": _choose,
    "wait": _wait,
    "pass": _pass,
    "succeed": _succeed,
    "fail": _fail,
}
_TIMELESS = ("choose", "pass", "fail")


# ---- what several kinds have --------


def _next(fields: Fields) -> Name | None:
    return fields["next"].name("the state that follows") if "next" in fields else None


def _timeout(outer: Fields) -> Timeout | None:
    if "timeout" not in outer:
        return None
    cursor = outer["timeout"]
    fields = cursor.fields("a 'timeout'", ("after", "next"), required=("after", "next"))
    seconds = parse_duration(fields["after"], "the time", least=1) if "after" in fields else None
    target = _next(fields)
    return Timeout(seconds, target, cursor.spot) if seconds is not None and target is not None else None


def _anytime(fields: Fields) -> tuple[Variant, ...]:
    return parse_ways(fields["anytime"], "anytime") if "anytime" in fields else ()


def _lessons(fields: Fields) -> tuple[Lesson, ...]:
    return parse_lessons(fields["remember"]) if "remember" in fields else ()


def _need(fields: Fields) -> Need | None:
    if "need" not in fields:
        return None
    cursor = fields["need"]
    lines = parse_number(cursor, "'need'", least=1, most=ITEMS_AT_ONCE)
    return None if lines is None else Need(lines, cursor.spot)


def _first(fields: Fields) -> Need | None:
    """Return what a race needs: the first of its branches."""
    if not _is_said("first", fields):
        return None
    if "need" in fields:
        fields["need"].wrong(
            catalogue.SUPERFLUOUS_VALUE, "'first' says already that one branch is enough; keep one of the two"
        )
    return Need(1, fields["first"].spot)


def _is_said(key: str, fields: Fields) -> bool:
    """Whether *key* is there, and true."""
    if key not in fields:
        return False
    cursor = fields[key]
    match cursor.tree:
        case ScalarTree(_, bool() as said):
            return said
    cursor.wrong(catalogue.WRONG_TYPE, f"{key!r} cannot be {described(cursor.tree)}; write true, or leave it away")
    return False


def _expected(fields: Fields) -> Expected | None:
    if "expected" not in fields:
        return None
    cursor = fields["expected"]
    seconds = parse_duration(cursor, "'expected'", least=1)
    return None if seconds is None else Expected(seconds, cursor.spot)


def _policy(fields: Fields) -> Policy:
    unexpected = parse_unexpected(fields["unexpected"]) if "unexpected" in fields else None
    early = parse_duration(fields["early"], "'early'") if "early" in fields else None
    return Policy(unexpected, early, fields["early"].spot if "early" in fields else None)


def parse_unexpected(cursor: Cursor) -> OnUnexpected | None:
    """Return what becomes of an unexpected event; 'ignore' is what 'report' was called before."""
    options: tuple[OnUnexpected, ...] = get_args(OnUnexpected)
    match cursor.tree:
        case ScalarTree(_, "ignore"):
            cursor.wrong(catalogue.OLD_NAME, "'ignore' is called 'report' now; write 'report'")
            return "report"
    return choice(cursor, "'unexpected'", options)
