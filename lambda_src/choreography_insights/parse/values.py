"""Reads what stands in several places of a definition: durations, paths, conditions, what is to be remembered."""

from collections.abc import Mapping
from typing import get_args

from choreography_insights.core import fields
from choreography_insights.core.durations import YEAR, in_words, seconds_of
from choreography_insights.core.fields import PLACE, EntityId, EventPath, IdField
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Problem, listed
from choreography_insights.model.workflow import (
    Condition,
    DataPath,
    Gathering,
    Lesson,
    Memory,
    Name,
    OtherName,
)
from choreography_insights.parse.document import Cursor, ScalarTree, choice, described
from choreography_insights.parse.pattern import parse_pattern

_OF_THE_ENVELOPE = ("account", "region", "source", "detail-type")
_MOST_ID_PARTS = 5
_GATHERINGS: tuple[Gathering, ...] = get_args(Gathering)


def parse_condition(fields: Mapping[str, Cursor]) -> Condition | None:
    """Return what the entry with *fields* asks for; None, after a report, if that cannot be read."""
    found = {key: parse_pattern(fields[key]) for key in ("when", "remembered") if key in fields}
    return None if None in found.values() else Condition(**found)


def parse_duration(cursor: Cursor, what: str, *, least: int = 0, most: int = YEAR) -> int | None:
    """Return the seconds written here, within bounds."""
    match cursor.tree:
        case ScalarTree(_, bool()):
            pass
        case ScalarTree(_, int() as number):
            cursor.wrong(
                catalogue.DURATION_WITHOUT_UNIT,
                f"{what} needs a unit, but this is the number {number}; did you mean '{number}s'?",
            )
            return None
    text = cursor.text(what)
    if text is None:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        cursor.wrong(
            catalogue.INVALID_DURATION,
            f"{what} cannot be {text!r}; write a whole number and a unit: 30s, 5m, 2h, 14d, 2w",
        )
        return None
    if not least <= seconds <= most:
        cursor.wrong(
            catalogue.DURATION_OUT_OF_RANGE,
            f"{what} cannot be {text}; write something from {in_words(least)} to {in_words(most)}",
        )
        return None
    return seconds


def parse_number(cursor: Cursor, what: str, *, least: int, most: int) -> int | None:
    """Return the whole number written here, within bounds."""
    match cursor.tree:
        case ScalarTree(_, int() as number) if not isinstance(number, bool) and least <= number <= most:
            return number
    cursor.wrong(
        catalogue.NUMBER_OUT_OF_RANGE,
        f"{what} cannot be {described(cursor.tree)}; write a whole number from {least} to {most}",
    )
    return None


def parse_event_path(cursor: Cursor, key: str, default: EventPath | None = None) -> EventPath | None:
    """Return the path to a field of an event's detail that is written here, or *default*, which may lie outside."""
    text = cursor.text(f"the path of {key!r}")
    if text is None:
        return default
    path = fields.event_path(text)
    if path is None:
        cursor.wrong(
            catalogue.INVALID_PATH, f"{text!r} is no path to a field; write one like {fields.written(('detail', 'id'))}"
        )
    elif path != default and (path[0] != "detail" or len(path) == 1):
        cursor.wrong(
            catalogue.PATH_OUTSIDE_DETAIL,
            f"{text} lies outside the event's detail; name a field in it, such as $.detail.{path[-1]}",
        )
    else:
        return path
    return default


def parse_data_path(cursor: Cursor) -> DataPath | None:
    """Return the path to a field of what a journey knows."""
    text = cursor.text("the path")
    if text is None:
        return None
    names = fields.field_path(text)
    if names is None or len(names) < 2 or names[0] not in ("detail", "remembered"):
        cursor.wrong(
            catalogue.UNKNOWN_DATA,
            f"{text!r} is no path to a field that the journey knows; write one like $.detail.reason, of its newest "
            "event, or $.remembered.reason",
        )
        return None
    return DataPath(names, cursor.spot)


def parse_remember(cursor: Cursor) -> tuple[Memory, ...]:
    """Return which fields of an event are remembered, and under which names."""
    found: list[Memory] = []
    for name, value in cursor.entries("'remember'"):
        if not fields.is_field_name(name.text):
            cursor.report(_invalid_memory_name(name))
            continue
        text = value.text("the path of what is remembered")
        if text is None:
            continue
        path = fields.event_path(text if text.startswith("$") else f"$.{text}")
        if path is None or path[0] != "detail" or len(path) < 2:
            value.wrong(
                catalogue.INVALID_PATH,
                f"{text!r} is no path to a field of the event's detail; write one like detail.price.amount",
            )
        else:
            found.append(Memory(name, path))
    return tuple(found)


def _invalid_memory_name(name: Name) -> Problem:
    return name.spot.problem(
        catalogue.INVALID_MEMORY_NAME,
        "a name to remember by must not hold quotes, backslashes, '<', '>' or control characters; choose another",
    )


def parse_lessons(cursor: Cursor) -> tuple[Lesson, ...]:
    """Return what is known behind a group of what its lines remember."""
    found: list[Lesson] = []
    for name, value in cursor.entries("'remember'"):
        if not fields.is_field_name(name.text):
            cursor.report(_invalid_memory_name(name))
            continue
        said = value.fields("what is remembered of the lines", _GATHERINGS)
        if len(said) > 1:
            value.wrong(catalogue.SUPERFLUOUS_VALUE, f"this says {listed(said)}; keep one of them")
        for how in _GATHERINGS:
            of = said[how].name("the name that lines remember it under") if how in said else None
            if of is not None:
                found.append(Lesson(name, how, of))
                break
    return tuple(found)


def parse_entity(cursor: Cursor) -> EntityId | None:
    """Return what is written here: a path, a mapping that says more of it, or a list of the parts of an id."""
    parts = cursor.items() if cursor.is_list() else [cursor]
    if not 1 <= len(parts) <= _MOST_ID_PARTS:
        cursor.wrong(
            catalogue.INVALID_ENTITY,
            f"an id cannot be made of {len(parts)} fields; name one, or a list of up to {_MOST_ID_PARTS}",
        )
        return None
    found = tuple(_id_field(part) for part in parts)
    if sum(field.path.count(fields.EACH) for field in found if field) > 1:
        cursor.wrong(
            catalogue.INVALID_ENTITY,
            "an id that has [*] twice does not say which elements belong together; write [*] once",
        )
        return None
    return None if None in found else tuple(field for field in found if field is not None)


def is_other_name(cursor: Cursor) -> bool:
    """Whether what is written here says that events carry another name of the entity, and not its id."""
    return cursor.has_key("as") or cursor.has_key("at")


def parse_known_as(cursor: Cursor) -> tuple[Name | None, EntityId | None]:
    """Return of which kind the name is that events carry, and where."""
    told = cursor.fields("an entity under another name", ("as", "at"), ("as", "at"))
    kind = told["as"].name("'as'") if "as" in told else None
    return kind, _parse_name(told["at"]) if "at" in told else None


def parse_also(cursor: Cursor) -> tuple[OtherName, ...]:
    """Return the other names of the entity that events carry: of which kind each is, and where."""
    found = ((kind, _parse_name(value)) for kind, value in cursor.entries("'also'"))
    return tuple(OtherName(kind, at) for kind, at in found if at is not None)


def _parse_name(cursor: Cursor) -> EntityId | None:
    """Return where another name of the entity is: in one place, whichever that is."""
    at = parse_entity(cursor)
    if at is None or not fields.is_of_several(at):
        return at
    cursor.wrong(
        catalogue.INVALID_ENTITY,
        "another name of an entity cannot be in each element of a list; write the path to one field, without [*]",
    )
    return None


def _id_field(cursor: Cursor) -> IdField | None:
    if not cursor.is_map():
        path = _id_path(cursor)
        return IdField(path) if path else None
    told = cursor.fields("a field of the id", ("path", "like", "fold"), ("path",))
    path = _id_path(told["path"]) if "path" in told else None
    like = _like(told["like"]) if "like" in told else None
    folds_case = "fold" in told and choice(told["fold"], "'fold'", ("case",)) is not None
    return IdField(path, like, folds_case) if path else None


def _id_path(cursor: Cursor) -> EventPath | None:
    text = cursor.text("the path of 'entity'", "write one path, such as $.detail.id")
    if text is None:
        return None
    path = fields.id_path(text)
    if path is None:
        cursor.wrong(catalogue.INVALID_PATH, f"{text!r} is no path to a field; write one like $.detail.id")
    elif not _may_hold_an_id(path):
        cursor.wrong(
            catalogue.PATH_OUTSIDE_DETAIL,
            f"{text} is no place for an id; name a field of the event's detail, such as $.detail.{_last_name(path)}, "
            "or $.resources[0], $.account, $.region or $.source",
        )
    else:
        return path
    return None


def _last_name(path: EventPath) -> str:
    names = [step for step in (path[1:] if path[0] == "detail" else path) if isinstance(step, str)]
    return names[-1] if names else "id"


def _may_hold_an_id(path: EventPath) -> bool:
    match path:
        case ("detail", step, *_):
            return step != fields.EACH
        case ("resources", int()):
            return True
        case (str(name),):
            return name in _OF_THE_ENVELOPE
    return False


def _like(cursor: Cursor) -> str | None:
    text = cursor.text("'like'")
    if text is None:
        return None
    beside = any(pair in text for pair in (f"*{PLACE}", f"{PLACE}*", "**"))
    if text.count(PLACE) != 1 or text == PLACE or beside:
        cursor.wrong(
            catalogue.INVALID_LIKE,
            f"{text!r} does not say where the id is; write it out with {PLACE} once, and text between it and any *, "
            f"such as runs/{PLACE}/*",
        )
        return None
    return text
