"""Reads a whole definition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, get_args

from choreography_insights.core.durations import YEAR
from choreography_insights.core.fields import EntityId, EventPath, id_at
from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot
from choreography_insights.model.patterns import Pattern
from choreography_insights.model.workflow import (
    CAPTURE,
    ENVELOPES_ID,
    UNEXPECTED,
    Branch,
    Capture,
    EventSettings,
    IdEntry,
    Name,
    Start,
    State,
    Workflow,
)
from choreography_insights.parse.document import Cursor, MapTree, ScalarTree, Tree, choice, described, load
from choreography_insights.parse.pattern import parse_pattern
from choreography_insights.parse.states import parse_branch, parse_unexpected, parse_ways
from choreography_insights.parse.values import (
    is_other_name,
    parse_also,
    parse_duration,
    parse_entity,
    parse_event_path,
    parse_known_as,
    parse_remember,
)

_FIRST = re.compile(r"[.\[]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A `Workflow` as far as it could be read (None: not at all), and every problem met in reading.

    *declared* holds the name of every state in the text, also of those that could not be read, and *settled* says
    whether all states could be: only then does it make sense to ask which are reachable.
    """

    workflow: Workflow | None
    declared: tuple[Name, ...]
    settled: bool
    problems: tuple[Problem, ...]

    def could_read(self, *keys: str) -> bool:
        """Whether nothing is wrong below any of *keys*, which the choreography may have."""
        broken = {_FIRST.split(problem.spot.path)[0] for problem in self.problems if problem.is_error}
        return not broken.intersection(keys)


_REQUIRED = ("choreography", "source", "start", "states")
_KEYS = (
    *("choreography", "description", "entity", "id", "source", "where", "start", "events", "timeout", "expected"),
    *("early", "settle", "unexpected", "capture", "time", "anytime", "states"),
)
_EARLY, _SETTLE = 60, 2
_ENTITY: Final = id_at("detail", "id")
_TIME: Final = ("time",)
_MAX_SETTLE = 900
"""SQS delays a message by fifteen minutes at most, and one delay is what settling takes."""

Fields = Mapping[str, Cursor]


def parse(text: str, file: str) -> Draft:
    """Read *text*, the contents of *file* (named in problems only)."""
    problems: list[Problem] = []
    tree = load(text, file, problems.append)
    if tree is None:
        return Draft(None, (), settled=False, problems=tuple(problems))
    return parse_tree(tree, text, file, problems)


def parse_tree(tree: Tree, text: str, file: str, problems: list[Problem]) -> Draft:
    """Read *tree*, which *text* is written for, as the contents of *file*; what is wrong is added to *problems*."""
    fields = Cursor(tree, "", problems.append).fields("a choreography", _KEYS, _REQUIRED)
    unnamed = Name("", Spot(Location(file, 1, 1), "choreography"))
    top = parse_branch(unnamed, fields["states"]) if "states" in fields else Branch(unnamed, ())
    settled = bool(top.declared) and not any(
        problem.is_error and problem.spot.path.startswith(("states", "anytime")) for problem in problems
    )
    workflow = replace(_workflow(fields, top.states, unnamed), text_sha256=_hash(text))
    return Draft(workflow, top.declared, settled, tuple(problems))


def _hash(text: str) -> str:
    """Hash *text* as modules/choreography does: git may write a line's end in two ways, and editors in a third."""
    return sha256(text.replace("\r\n", "\n").replace("\r", "\n").encode()).hexdigest()


def _workflow(fields: Fields, states: tuple[State, ...], unnamed: Name) -> Workflow:
    """Put the parts together; where one could not be read (which was reported) its default stands in."""
    name = fields["choreography"].name("the choreography's name") if "choreography" in fields else None
    sources, wheres = _sources(fields["source"]) if "source" in fields else ((), ())
    return Workflow(
        name=name or unnamed,
        description=fields["description"].text("the description") if "description" in fields else None,
        entity=(parse_entity(fields["entity"]) if "entity" in fields else None) or _ENTITY,
        time=_path(fields, "time", _TIME),
        id=_path(fields, "id", ENVELOPES_ID),
        sources=sources,
        source_wheres=wheres,
        starts=_starts(fields["start"]) if "start" in fields else (),
        timeout_seconds=_seconds(fields, "timeout", YEAR, least=1),
        expected_seconds=_seconds(fields, "expected", 0, least=1) or None,
        early_seconds=_seconds(fields, "early", _EARLY),
        settle_seconds=_seconds(fields, "settle", _SETTLE, most=_MAX_SETTLE),
        unexpected=(parse_unexpected(fields["unexpected"]) if "unexpected" in fields else None) or UNEXPECTED,
        capture=_capture(fields) or CAPTURE,
        states=states,
        events=_events(fields["events"]) if "events" in fields else (),
        where=parse_pattern(fields["where"]) if "where" in fields else None,
        anytime=parse_ways(fields["anytime"], "anytime") if "anytime" in fields else (),
        spots={key: cursor.spot for key, cursor in fields.items()},
    )


def _seconds(fields: Fields, key: str, default: int, *, least: int = 0, most: int = YEAR) -> int:
    if key not in fields:
        return default
    seconds = parse_duration(fields[key], repr(key), least=least, most=most)
    return default if seconds is None else seconds


def _capture(fields: Fields) -> Capture | None:
    options: tuple[Capture, ...] = get_args(Capture)
    return choice(fields["capture"], "'capture'", options) if "capture" in fields else None


def _path(fields: Fields, key: str, default: EventPath) -> EventPath:
    return (parse_event_path(fields[key], key, default) if key in fields else None) or default


def _sources(cursor: Cursor) -> tuple[tuple[Name, ...], tuple[tuple[str, Pattern], ...]]:
    """Return the sources, a name, a list of names, or a mapping, and which events of some of them are meant."""
    if not cursor.is_map():
        return cursor.names("source", "to say more of a source, write 'source: {its-name: {where: ...}}'"), ()
    entries = cursor.entries("'source'")
    wheres = ((name.text, _where_of_source(value)) for name, value in entries)
    return tuple(name for name, _ in entries), tuple((name, where) for name, where in wheres if where is not None)


def _where_of_source(cursor: Cursor) -> Pattern | None:
    if _says_nothing(cursor):
        return None
    fields = cursor.fields("a source", ("where",))
    return parse_pattern(fields["where"]) if "where" in fields else None


def _says_nothing(cursor: Cursor) -> bool:
    return cursor.tree in (MapTree(cursor.tree.at, ()), ScalarTree(cursor.tree.at, None))


def _starts(cursor: Cursor) -> tuple[Start, ...]:
    """Return the start events: a name, a list of names, or a mapping with what is said of each."""
    if not cursor.is_map():
        names = cursor.names("start event", "to say more of a start event, write 'start: {Its Name: {when: ...}}'")
        return tuple(Start(name) for name in names)
    return tuple(_start(name, value) for name, value in cursor.entries("'start'"))


def _start(name: Name, cursor: Cursor) -> Start:
    if _says_nothing(cursor):
        return Start(name)
    if not cursor.is_map():
        return Start(name, next=cursor.name("the state that the journey begins in"))
    fields = cursor.fields("a start event", ("when", "entity", "remember", "next"))
    when = parse_pattern(fields["when"]) if "when" in fields else None
    entity = parse_entity(fields["entity"]) if "entity" in fields else None
    first = fields["next"].name("the state that the journey begins in") if "next" in fields else None
    return Start(name, when, parse_remember(fields["remember"]) if "remember" in fields else (), entity, first)


def _events(cursor: Cursor) -> tuple[EventSettings, ...]:
    return tuple(_event(name, value) for name, value in cursor.entries("'events'"))


def _event(name: Name, cursor: Cursor) -> EventSettings:
    if cursor.is_list():
        return EventSettings(name, (), None, None, None, entries=_id_entries(cursor))
    fields = cursor.fields("an event", ("source", "where", "entity", "also", "id", "time", "item", "retired"))
    known_as, entity = _entity(fields["entity"]) if "entity" in fields else (None, None)
    return EventSettings(
        event=name,
        sources=fields["source"].names("source") if "source" in fields else (),
        entity=entity,
        time=parse_event_path(fields["time"], "time") if "time" in fields else None,
        item=parse_event_path(fields["item"], "item") if "item" in fields else None,
        where=parse_pattern(fields["where"]) if "where" in fields else None,
        retired="retired" in fields and _is_true(fields["retired"], "retired"),
        id=parse_event_path(fields["id"], "id", ENVELOPES_ID) if "id" in fields else None,
        known_as=known_as,
        also=parse_also(fields["also"]) if "also" in fields else (),
    )


def _entity(cursor: Cursor) -> tuple[Name | None, EntityId | None]:
    return parse_known_as(cursor) if is_other_name(cursor) else (None, parse_entity(cursor))


def _is_true(cursor: Cursor, what: str) -> bool:
    match cursor.tree:
        case ScalarTree(_, bool() as value):
            return value
        case tree:
            cursor.wrong(catalogue.WRONG_TYPE, f"{what!r} is {described(tree)}; write true, or leave it out")
            return False


def _id_entries(cursor: Cursor) -> tuple[IdEntry, ...]:
    """Return where events of one name carry the id, by their detail."""
    if not cursor.items():
        cursor.wrong(catalogue.EMPTY_VALUE, "this list is empty; write entries of 'when' and 'entity'")
    found = (_id_entry(item) for item in cursor.items())
    return tuple(entry for entry in found if entry is not None)


def _id_entry(cursor: Cursor) -> IdEntry | None:
    """Return the entry here; None, after a report, if one of its parts cannot be read."""
    fields = cursor.fields("an entry of an event", ("when", "entity"), ("entity",))
    entity = _entity_of_entry(fields["entity"]) if "entity" in fields else None
    when = parse_pattern(fields["when"]) if "when" in fields else None
    if entity is None or ("when" in fields and when is None):
        return None
    return IdEntry(when, entity, cursor.spot)


def _entity_of_entry(cursor: Cursor) -> EntityId | None:
    if not is_other_name(cursor):
        return parse_entity(cursor)
    cursor.wrong(
        catalogue.INVALID_ENTITY,
        "only all events of one name can come under another name of the entity; write 'entity: {as: …, at: …}' for the "
        "event itself, without a list",
    )
    return None
