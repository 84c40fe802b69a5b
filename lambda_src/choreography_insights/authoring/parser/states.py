"""Reads the states of a definition, one function per kind."""

from collections.abc import Callable

from choreography_insights.authoring.durations import YEAR, in_words, seconds_of
from choreography_insights.authoring.parser.cursor import Cursor, described
from choreography_insights.authoring.parser.document import ScalarTree
from choreography_insights.authoring.parser.pattern import parse_pattern
from choreography_insights.authoring.problems import listed, suggestion
from choreography_insights.authoring.workflow import All, Await, Fail, Item, Name, State, Succeed, Timeout, Variant


def parse_state(name: Name, cursor: Cursor) -> State | None:
    """Return the state that is written here; None, after reporting why, if even its kind cannot be read."""
    if isinstance(cursor.tree, ScalarTree):
        return _ending(name, cursor)
    keys = [key for key, _ in cursor.entries("a state")]
    kinds = [key.text for key in keys if key.text in _KINDS]
    if len(kinds) > 1:
        cursor.wrong(f"a state is of one kind, but this one has {listed(kinds)}; make them states of their own")
        return None
    if kinds:
        return _KINDS[kinds[0]](name, cursor)
    for key in keys:
        remedy = suggestion(key.text, _KINDS, "the kinds of state")
        cursor.report(key.spot.problem(f"{key.text!r} is no kind of state; {remedy}"))
    return None


def _ending(name: Name, cursor: Cursor) -> State | None:
    match cursor.tree:
        case ScalarTree(_, "succeed"):
            return Succeed(name)
        case ScalarTree(_, "fail"):
            return Fail(name, error=name.text, cause=None)
        case ScalarTree(_, str() as text):
            remedy = suggestion(text, ("succeed", "fail"), "the states that can be written in one word")
            cursor.wrong(f"{text!r} is no state; {remedy}")
        case _:
            cursor.wrong(f"a state cannot be {described(cursor.tree)}; write 'succeed', 'fail' or a mapping")
    return None


def _await(name: Name, cursor: Cursor) -> State:
    fields = cursor.fields("an 'await' state", ("await", "timeout"))
    variants: list[Variant] = []
    for event, way in fields["await"].entries("'await'"):
        variants += _variants(event, way)
    return Await(name, tuple(variants), _timeout(fields.get("timeout")))


def _variants(event: Name, way: Cursor) -> list[Variant]:
    if not way.is_list():
        if way.is_map():
            way.wrong("what follows an event is a state's name or a list; put '- ' before 'when' or 'next'")
            return []
        target = way.name("the state that follows")
        return [Variant(event, None, target, event.spot)] if target else []
    if not way.items():
        way.wrong("this list is empty; write the state that follows, or entries of 'when' and 'next'")
    found = (_variant(event, item) for item in way.items())
    return [variant for variant in found if variant is not None]


def _variant(event: Name, item: Cursor) -> Variant | None:
    fields = item.fields("an entry", ("when", "next"), required=("next",))
    when = parse_pattern(fields["when"]) if "when" in fields else None
    target = fields["next"].name("the state that follows") if "next" in fields else None
    if target is None or ("when" in fields and when is None):
        return None
    return Variant(event, when, target, item.spot)


def _all(name: Name, cursor: Cursor) -> State | None:
    fields = cursor.fields("an 'all' state", ("all", "next", "timeout"), required=("next",))
    items = [
        Item(key, event)
        for key, value in fields["all"].entries("'all'")
        if (event := value.name("the event of a branch")) is not None
    ]
    target = fields["next"].name("the state that follows") if "next" in fields else None
    timeout = _timeout(fields.get("timeout"))
    return All(name, tuple(items), target, timeout) if target else None


def _succeed(_: Name, cursor: Cursor) -> None:
    cursor.wrong("'succeed' takes nothing; write the state as '<name>: succeed'")


def _fail(name: Name, cursor: Cursor) -> State:
    outer = cursor.fields("a 'fail' state", ("fail",))
    inner = outer["fail"].fields("'fail'", ("error", "cause"))
    error = inner["error"].text("the error") if "error" in inner else None
    cause = inner["cause"].text("the cause") if "cause" in inner else None
    return Fail(name, error or name.text, cause)


_KINDS: dict[str, Callable[[Name, Cursor], State | None]] = {
    "await": _await,
    "all": _all,
    "succeed": _succeed,
    "fail": _fail,
}


def _timeout(cursor: Cursor | None) -> Timeout | None:
    if cursor is None:
        return None
    fields = cursor.fields("a 'timeout'", ("after", "next"), required=("after", "next"))
    seconds = parse_duration(fields["after"], "the time", least=1) if "after" in fields else None
    target = fields["next"].name("the state that follows") if "next" in fields else None
    return Timeout(seconds, target, cursor.spot) if seconds is not None and target is not None else None


def parse_duration(cursor: Cursor, what: str, *, least: int = 0, most: int = YEAR) -> int | None:
    """Return the seconds written here, within bounds."""
    match cursor.tree:
        case ScalarTree(_, bool()):
            pass
        case ScalarTree(_, int() as number):
            cursor.wrong(f"{what} needs a unit, but this is the number {number}; did you mean '{number}s'?")
            return None
    text = cursor.text(what)
    if text is None:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        cursor.wrong(f"{what} cannot be {text!r}; write a whole number and a unit: 30s, 5m, 2h, 14d, 2w")
        return None
    if not least <= seconds <= most:
        cursor.wrong(f"{what} cannot be {text}; write something from {in_words(least)} to {in_words(most)}")
        return None
    return seconds
