"""Step Functions' JSONPath: paths, payload templates and the intrinsic functions that the compiler uses.

Each is made once into a function of the state's data and the context object.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from fake_aws.errors import Unmodelled

Render = Callable[[Any, Mapping[str, Any]], Any]
Path = tuple[str | int, ...]


class NoSuchPath(LookupError):
    """The path leads nowhere: Step Functions' States.ParameterPathFailure or States.Runtime."""


_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\['([^'\\]+)'\]")


@cache
def steps(path: str) -> Path:
    """The steps of ``$.a['b c'][0]``."""
    found: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            raise Unmodelled(f"the path {path!r}")
        name, index, quoted = step.groups()
        found.append(int(index) if index else name or quoted)
        at = step.end()
    return tuple(found)


def read(path: Path, data: Any) -> Any:
    """The value at *path*; raises `NoSuchPath`."""
    for step in path:
        try:
            data = data[step] if isinstance(step, int) or isinstance(data, Mapping) else data[None]
        except (KeyError, IndexError, TypeError):
            raise NoSuchPath(f"no {step!r} on the way {path}") from None
    return data


def write(path: Path, data: Any, value: Any) -> Any:
    """*data* with *value* at *path*; what is there is copied, not changed."""
    if not path:
        return value
    head, *rest = path
    inside = data.get(head, {}) if isinstance(data, Mapping) else {}
    return {**(data if isinstance(data, Mapping) else {}), head: write(tuple(rest), inside, value)}


def reference(text: str) -> Render:
    """A path into the data (``$``) or the context object (``$$``), or an intrinsic function."""
    if text.startswith("States."):
        return _intrinsic(text)
    if text.startswith("$$"):
        return _context(steps(text[1:]))
    if not text.startswith("$"):
        raise Unmodelled(f"the reference {text!r}")
    path = steps(text)
    return lambda data, context: read(path, data)


def template(value: Any) -> Render:
    """A payload template: objects whose keys that end in ``.$`` are references."""
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list):
        elements = [template(element) for element in value]
        return lambda data, context: [element(data, context) for element in elements]
    return lambda data, context: value


def _object(value: Mapping[str, Any]) -> Render:
    fields = [
        (key[:-2], reference(inner)) if key.endswith(".$") else (key, template(inner)) for key, inner in value.items()
    ]
    if not any(_varies(inner) for inner in (value,)):
        return lambda data, context: value
    return lambda data, context: {key: render(data, context) for key, render in fields}


def _varies(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(key.endswith(".$") or _varies(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_varies, value))


def _context(path: Path) -> Render:
    return lambda data, context: read(path, context)


_CALL = re.compile(r"States\.(\w+)\((.*)\)\Z", re.DOTALL)
_ARGUMENT = re.compile(
    r"\s*(?:'((?:[^'\\]|\\.)*)'|(\$[^,]*[^,\s]|\$)|(-?\d+(?:\.\d+)?)"
    r"|(States\.Hash\(.*\)|States\.ArrayGetItem\(States\.StringSplit\([^()]*\), \d+\)))\s*(?:,|\Z)",
    re.DOTALL,
)
_HASH = re.compile(r"States\.Hash\((States\.JsonToString\(.*\)), 'SHA-1'\)\Z", re.DOTALL)


_ITEM_OF_DISTINCT = re.compile(r"States\.ArrayGetItem\(States\.ArrayUnique\((\$.*)\), \$(\$\.[^,]*)\)\Z", re.DOTALL)


def _item_of_distinct(values: str, index: str) -> Render:
    whole, _, inside = values.partition("[*]")
    many, one, at = steps(whole), steps(f"${inside}"), _context(steps(index))

    def item(data: Any, context: Mapping[str, Any]) -> Any:
        found = [read(one, value) for value in read(many, data)]
        distinct = [value for position, value in enumerate(found) if value not in found[:position]]
        return read((at(data, context),), distinct)

    return item


_PART_OF_TEXT = re.compile(r"States\.ArrayGetItem\(States\.StringSplit\((\$.*), '(.)'\), (\d+)\)\Z", re.DOTALL)


def _part_of_text(of: str, splitter: str, index: str) -> Render:
    whole = reference(of)
    return lambda data, context: [part for part in str(whole(data, context)).split(splitter) if part][int(index)]


def _intrinsic(text: str) -> Render:
    if part := _PART_OF_TEXT.match(text):
        return _part_of_text(*part.groups())
    if item := _ITEM_OF_DISTINCT.match(text):
        return _item_of_distinct(*item.groups())
    call = _CALL.match(text)
    if call and call[1] == "JsonToString":
        value = reference(call[2])
        return lambda data, context: json.dumps(value(data, context), ensure_ascii=False, separators=(",", ":"))
    if call and call[1] == "Array":
        members = [reference(one[2]) if one[2] else _argument(one) for one in _arguments(call[2], text)]
        return lambda data, context: [member(data, context) for member in members]
    if hashed := _HASH.match(text):
        of = reference(hashed[1])
        return lambda data, context: hashlib.sha1(of(data, context).encode(), usedforsecurity=False).hexdigest()
    if not call or call[1] != "Format":
        raise Unmodelled(f"the intrinsic function {text!r}")
    pattern, *others = _arguments(call[2], text)
    return _formatted(_between_places(pattern[1]), [_argument(other) for other in others], text)


def _between_places(pattern: str) -> list[str]:
    """What stands around each ``{}`` that is not escaped."""
    parts = [""]
    for sign in re.findall(r"\\.|\{\}|.", pattern, re.DOTALL):
        if sign == "{}":
            parts.append("")
        else:
            parts[-1] += sign[-1]
    return parts


def _formatted(parts: list[str], others: list[Render], text: str) -> Render:
    def formatted(data: Any, context: Mapping[str, Any]) -> str:
        values = [_shown(other(data, context)) for other in others]
        if len(parts) != len(values) + 1:
            raise NoSuchPath(f"{text}: {len(parts) - 1} places for {len(values)} values")
        return parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=True))

    return formatted


def _arguments(given: str, text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    at = 0
    while at < len(given):
        argument = _ARGUMENT.match(given, at)
        if not argument:
            raise Unmodelled(f"the arguments of {text!r}")
        found.append(argument)
        at = argument.end()
    return found


def _argument(found: re.Match[str]) -> Render:
    literal, path, number, call = found.groups()
    if path is not None or call is not None:
        return reference(path or call)
    constant: Any = re.sub(r"\\(.)", r"\1", literal) if literal is not None else json.loads(number)
    return lambda data, context: constant


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def epoch(timestamp: str) -> float:
    """The moment that an ISO 8601 text of Step Functions names."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except (TypeError, ValueError):
        raise NoSuchPath(f"{timestamp!r} is no moment") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
