"""Fields of an event: the path to one (``$.detail.id``), and the id or the moment in it.

JSONPath and Step Functions' reference paths both read these paths so. Where the id of an entity is has one form, in
workflow.yaml, in events.json and in the messages: a path, a mapping of ``path``, ``like`` and ``fold``, or a list of
these.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

FieldPath = tuple[str, ...]
"""The names on the way from an event (or its detail) to a field."""

EventPath = tuple[str | int, ...]
"""The same, perhaps through lists: a number is the place of an element, from 0."""

EACH = -1
"""Each element of a list, ``[*]``: in the path to an id only, of an event that is about several entities."""

_STEP = re.compile(r"""\.([^.\[\]'"]+)|\[(\d+|\*)\]|\['([^']+)'\]|\["([^"]+)"\]""")
_PLAIN = r"[A-Za-z_][A-Za-z0-9_]*"
_NAME = r"""[^'"\\<>\x00-\x1f\x7f]+"""

_MILLISECONDS_FROM = 1e11
"""Seconds since 1970 reach this in the year 5138: a larger number counts milliseconds."""

_EARLIEST, _LATEST = (datetime(*day, tzinfo=UTC).timestamp() for day in ((1, 1, 2), (9999, 12, 31)))
"""Between these, moments can be written down."""

_SANE_FROM, _SANE_UNTIL = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1971, 2900))
"""What a clock says beyond these is what it begins or ends with, and no moment at which something happened."""

_ZEROS = re.compile(r"[0\s:.,TZ+-]*")
"""Text in which nothing but zeros stands where a moment does: ``0000-00-00 00:00:00``."""

_NEVER = 1e16
"""In milliseconds far beyond them. JSON's numbers may have more digits than can be divided."""


class InvalidPath(ValueError):
    """The path is not one of the form ``$.detail.order['line items'][0]``."""


class Absent:
    """The type of `ABSENT`: nothing is there (JSON's ``null`` is something)."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """Split ``$.detail.items[0]`` into ``("detail", "items", 0)``."""
    found = id_steps(path)
    if EACH in found:
        raise InvalidPath(
            f"path {path!r} has [*], which only the path to an id may have; a path looks like '$.detail.id'"
        )
    return found


@cache
def id_steps(path: str) -> tuple[str | int, ...]:
    """Split the path to an id, which may also have ``[*]``."""
    return tuple(_steps(path))


def _steps(path: str) -> Iterator[str | int]:
    if not path.startswith("$"):
        raise InvalidPath(f"path {path!r} does not begin with '$'; a path looks like '$.detail.id'")
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            raise InvalidPath(f"path {path!r} cannot be read from {path[at:]!r} on; a path looks like '$.detail.id'")
        name, index, single, double = step.groups()
        yield EACH if index == "*" else int(index) if index else name or single or double
        at = step.end()


def value_at(path: Sequence[str | int], data: Any) -> Any:
    """The value at the steps *path* in *data*, which is parsed JSON, or `ABSENT`."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step, ABSENT)
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            data = data[step]
        else:
            return ABSENT
    return data


def read(path: str, data: Any) -> Any:
    """The value at *path* in *data*, or `ABSENT`. Raises `InvalidPath`."""
    return value_at(steps(path), data)


def field_path(text: str) -> FieldPath | None:
    """The names in *text*, which is ``$`` with ``.name`` and ``['any name']`` after it; None for what is not."""
    path = event_path(text)
    names = tuple(name for name in path or () if isinstance(name, str))
    return names if names and names == path else None


def event_path(text: str) -> EventPath | None:
    """The names and numbers in *text*, as for `field_path`, which may also have ``[0]``; None for what is no path."""
    path = id_path(text)
    return None if path is None or EACH in path else path


def id_path(text: str) -> EventPath | None:
    """The same of a path to an id, which may also have ``[*]``."""
    try:
        path = id_steps(text)
    except InvalidPath:
        return None
    plainly = re.sub(rf"\['({_PLAIN})'\]", r".\1", text)  # both spellings of a plain name are read
    are_names = all(isinstance(step, int) or is_field_name(step) for step in path)
    return path if path and are_names and written(path) == plainly else None


def is_field_name(name: str) -> bool:
    """Whether a path can name the field: no quote, backslash, ``<``, ``>`` or control character, and not empty."""
    return re.fullmatch(_NAME, name) is not None


def written(path: Sequence[str | int], root: str = "$") -> str:
    """Write *path* below *root*: ``.name`` for plain names, ``['any name']`` for others, ``[0]`` for numbers."""
    return root + "".join(map(_written_step, path))


def _written_step(step: str | int) -> str:
    if isinstance(step, int):
        return "[*]" if step == EACH else f"[{step}]"
    return f".{step}" if re.fullmatch(_PLAIN, step) else f"['{step}']"


def cut(data: Mapping[str, Any], keep: Sequence[str]) -> dict[str, Any]:
    """*data* cut down to what lies at the paths *keep*, each in its place (elements of lists keep the whole list)."""
    result: dict[str, Any] = {}
    for path in keep:
        _copy(data, result, steps(path))
    return result


def _copy(data: Any, into: dict[str, Any], names: Sequence[str | int]) -> None:
    head, *rest = names
    if not isinstance(data, Mapping) or head not in data or not isinstance(head, str):
        return
    value = data[head]
    if rest and isinstance(value, Mapping):
        inner = into.setdefault(head, {})
        if isinstance(inner, dict):
            _copy(value, inner, rest)
    else:
        into[head] = value


def id_text(value: Any) -> str | None:
    """An id as text; None for what is no id. The id 5 is the id 5.0: JSON does not tell them apart."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_MOST_EXACT = 2**53
"""Beyond this a number with a fraction is not told apart from its neighbours."""


def number_of(written: str) -> int | float:
    """The number that JSON writes with a fraction or an exponent; 1.0 is 1 to all who read it, Step Functions too."""
    value = float(written)
    return int(value) if value.is_integer() and abs(value) < _MOST_EXACT else value


def key_text(value: Any) -> str | None:
    """An item's key as text; None for what is none: a key is text or a whole number."""
    if isinstance(value, float) and not (value.is_integer() and abs(value) < _MOST_EXACT):
        return None
    return id_text(value)


PLACE = "{id}"
"""Where the id stands in a text: letters and all else but ``/``."""

_LONGEST_TEXT = 2_048
"""What is longer fits no ``like``: no ARN and no object's key is."""


@dataclass(frozen=True, slots=True)
class IdField:
    """A field of an event that holds the id, or a part of it.

    *like*: the id is the part of the field's text where this has ``{id}``; ``*`` stands for any text. *folds_case*:
    upper and lower case are one.
    """

    path: EventPath
    like: str | None = None
    folds_case: bool = False


EntityId = tuple[IdField, ...]
"""The parts of an id, in order; one, as a rule."""


class NoEntityIdError(Exception):
    """The event holds no id at *path*, but *value*."""

    def __init__(self, path: str, value: Any) -> None:
        super().__init__(path)
        self.path = path
        self.value = value


def id_at(*path: str | int) -> EntityId:
    """The id that is the whole of one field."""
    return (IdField(path),)


def id_of_form(form: Any) -> EntityId:
    """What the *form* says. Raises `InvalidPath`, or `KeyError` and the like for what is no such form."""
    if isinstance(form, str):
        return _of_path(form)
    fields = tuple(_field(one) for one in ([form] if isinstance(form, Mapping) else form))
    if not fields:
        raise InvalidPath("it names no field; a path looks like '$.detail.id'")
    return fields


@cache
def _of_path(path: str) -> EntityId:
    return id_at(*id_steps(path))


def _field(form: Any) -> IdField:
    if isinstance(form, str):
        return IdField(id_steps(form))
    like, fold = form.get("like"), form.get("fold")
    if not isinstance(like, str | None):
        raise TypeError("'like' is no text")
    if like is not None and like.count(PLACE) != 1:
        raise InvalidPath(f"'like' {like!r} must have {PLACE} once, where the id stands")
    if fold not in (None, "case"):
        raise InvalidPath(f"'fold' is {fold!r}; it can be 'case'")
    return IdField(id_steps(form["path"]), like, fold == "case")


def name_of_form(form: Any) -> tuple[str | None, Any]:
    """The kind of name that the id is, and the form that says where it is; the kind is None for the entity's own id."""
    if isinstance(form, Mapping) and isinstance(form.get("as"), str) and "at" in form:
        return form["as"], form["at"]
    return None, form


def form_of_id(entity: EntityId) -> Any:
    """The form that says *entity*, as short as it can be."""
    forms = [_form(field) for field in entity]
    return forms[0] if len(forms) == 1 else forms


def _form(field: IdField) -> Any:
    path = written(field.path)
    if field.like is None and not field.folds_case:
        return path
    return {
        "path": path,
        **({} if field.like is None else {"like": field.like}),
        **({"fold": "case"} if field.folds_case else {}),
    }


def read_id(entity: EntityId, envelope: Mapping[str, Any]) -> str | None:
    """The id in *envelope*; None if a text does not fit its ``like``: the event is about something else.

    The parts of an id stand in it with ``|`` between them. Raises `NoEntityIdError`.
    """
    parts = []
    for field in entity:
        value = value_at(field.path, envelope)
        part = id_text(value)
        if not part:
            raise NoEntityIdError(written(field.path), value)
        if field.like is not None and (part := within(field.like, part)) is None:
            return None
        parts.append(part.lower() if field.folds_case else part)
    return parts[0] if len(parts) == 1 else _joined(parts)


def is_of_several(entity: EntityId) -> bool:
    """Whether an event with such an id may be about several entities."""
    return any(EACH in field.path for field in entity)


def of_each(entity: EntityId, envelope: Mapping[str, Any]) -> tuple[EntityId, ...]:
    """The ids of the entities that *envelope* is about, an id for each element of the list that *entity* goes through.

    It is only one, *entity* itself, if that goes through no list, or if there is no list.
    """
    path = next((field.path for field in entity if EACH in field.path), None)
    elements = None if path is None else value_at(path[: path.index(EACH)], envelope)
    if not isinstance(elements, list):
        return (entity,)
    return tuple(at_element(entity, index) for index in range(len(elements)))


def at_element(entity: EntityId, index: int) -> EntityId:
    """The id that *entity* says, of the element at *index*."""
    return tuple(replace(field, path=tuple(index if step == EACH else step for step in field.path)) for field in entity)


def _joined(parts: Sequence[str]) -> str:
    r"""The parts as one text: ``a|b``. A ``|`` or ``\`` in a part has a ``\`` before it, so no two lists look alike."""
    return "|".join(re.sub(r"([\\|])", r"\\\1", part) for part in parts)


def within(like: str, text: str) -> str | None:
    """What stands in *text* where *like* has ``{id}``; None if it does not fit."""
    found = _expression(like).fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    return found["id"] if found else None


@cache
def _expression(like: str) -> re.Pattern[str]:
    """Each ``*`` but the last is as short as it can be, once and for all: so a long text takes no long time."""
    pieces = re.split(r"(\*|\{id\})", like)
    stars = pieces.count("*")
    expression = ""
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        if piece == "*":
            stars -= 1
            behind = re.escape(pieces[position + 1])
            expression += f"(?>.*?{behind})" if stars else f".*?{behind}"
            position += 1
        else:
            expression += "(?P<id>[^/]+?)" if piece == PLACE else re.escape(piece)
        position += 1
    return re.compile(expression, re.DOTALL)


EVENT_ID_LIMIT = 256
"""DynamoDB's sort key takes 1,024 bytes; an id of EventBridge has 36 characters."""

_OWN, _HASHED = "own:", "own-hash:"


def own_event_id(value: Any, source: Any) -> str | None:
    """How an event from *source* is called whose own id is *value*; None if that is no id: EventBridge's counts then.

    Ids of one source are compared, as two services may count alike. The text is plain ASCII without ``#`` and blanks;
    what would be too long is hashed. Two ids are never called alike, and none like one of EventBridge's.
    """
    text = id_text(value)
    if not text:
        return None
    called = f"{_plain(source if isinstance(source, str) else '')}|{_plain(text)}"
    if len(_OWN) + len(called) <= EVENT_ID_LIMIT:
        return _OWN + called
    return _HASHED + sha256(called.encode()).hexdigest()


def is_own(event_id: str) -> bool:
    """Whether *event_id* is one that `own_event_id` makes."""
    return event_id.startswith((_OWN, _HASHED))


def _plain(text: str) -> str:
    return quote(text, safe=":/@+=", errors="surrogatepass")


def epoch_seconds(time: Any) -> float:
    """The moment *time* (ISO 8601, seconds or milliseconds since 1970) in epoch seconds; `ValueError` if it is none."""
    epoch = _epoch(time)
    if not _EARLIEST < epoch < _LATEST:
        raise ValueError("it is no moment")
    return float(epoch)


def clock_seconds(time: Any, published: float) -> float:
    """The moment that an event's own clock says; *published*, that of its envelope, where it says nothing.

    It says nothing if it is absent, null, zero, or far from all that services live to see: ``0001-01-01``, for
    instance, or ``9999-12-31``. Raises `ValueError` if what it says is no moment at all.
    """
    if time is ABSENT or time is None or (isinstance(time, str) and _ZEROS.fullmatch(time)):
        return published
    epoch = _epoch(time)
    if math.isnan(epoch):
        raise ValueError("it is no moment")
    return float(epoch) if _SANE_FROM <= epoch < _SANE_UNTIL else published


def _epoch(time: Any) -> float:
    """The moment *time* in epoch seconds, however far off; not a number where it is of no type that moments have."""
    if isinstance(time, str):
        moment = datetime.fromisoformat(time)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not isinstance(time, int | float) or isinstance(time, bool):
        return math.nan
    return min(time, _NEVER) / 1000 if time > _MILLISECONDS_FROM else time


def iso_text(epoch: float) -> str:
    """Write a moment in ISO 8601, with milliseconds where it has some."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
