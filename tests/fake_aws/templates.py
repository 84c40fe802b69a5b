"""Step Functions' JSONPath: paths, payload templates and the intrinsic functions that the compiler uses.

Each is made once into a function of the state's data and the context object.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
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
            data = data[step if isinstance(data, list if isinstance(step, int) else Mapping) else None]
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
    if "[*]" in text:
        return _many(text)
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


_NAME = re.compile(r"\s*States\.(\w+)\(")
_TEXT = re.compile(r"\s*'((?:[^'\\]|\\.)*)'", re.DOTALL)
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)")
_PATH = re.compile(r"\s*(\$\$?(?:\.\w+|\[(?:\d+|\*|'[^']+')\])*)")
_BOOLEAN = re.compile(r"\s*(true|false)")
_BEHIND = re.compile(r"\s*([,)])")


def _intrinsic(text: str) -> Render:
    render, end = _argument(text, 0)
    if end != len(text):
        raise Unmodelled(f"{text[end:]!r} behind an intrinsic function")
    return render


def _argument(text: str, at: int) -> tuple[Render, int]:
    """An argument of an intrinsic function, which may be another, and where it ends."""
    if call := _NAME.match(text, at):
        return _call(call[1], text, call.end())
    if literal := _TEXT.match(text, at):
        return _constant(literal[1]), literal.end()
    if path := _PATH.match(text, at):
        return _many(path[1]), path.end()
    if number := _NUMBER.match(text, at):
        return _constant(json.loads(number[1])), number.end()
    if boolean := _BOOLEAN.match(text, at):
        return _constant(json.loads(boolean[1])), boolean.end()
    raise Unmodelled(f"the intrinsic function {text!r}")


def _constant(value: Any) -> Render:
    return lambda data, context: value


def _many(path: str) -> Render:
    """A path; with ``[*]`` in it, all that is there in the elements of a list."""
    whole, _, inside = path.partition("[*]")
    if whole == path:
        return reference(path)
    of, one = reference(whole), steps(f"${inside}")

    def found(data: Any, context: Mapping[str, Any]) -> list[Any]:
        values = []
        for element in of(data, context):
            with suppress(NoSuchPath):
                values.append(read(one, element))
        return values

    return found


def _call(name: str, text: str, at: int) -> tuple[Render, int]:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise Unmodelled(f"the intrinsic function States.{name}")
    arguments = []
    while True:
        argument, at = _argument(text, at)
        arguments.append(argument)
        behind = _BEHIND.match(text, at)
        if not behind:
            raise Unmodelled(f"the arguments of {text!r}")
        at = behind.end()
        if behind[1] == ")":
            return lambda data, context: function(*(one(data, context) for one in arguments)), at


def _format(template: str, *values: Any) -> str:
    parts = _between_places(template)
    if len(parts) != len(values) + 1:
        raise NoSuchPath(f"{template}: {len(parts) - 1} places for {len(values)} values")
    return parts[0] + "".join(_shown(value) + part for value, part in zip(values, parts[1:], strict=True))


def _between_places(template: str) -> list[str]:
    """What stands around each ``{}`` that is not escaped."""
    parts = [""]
    for sign in re.findall(r"\\.|\{\}|.", template, re.DOTALL):
        if sign == "{}":
            parts.append("")
        else:
            parts[-1] += sign[-1]
    return parts


def _shown(value: Any) -> str:
    """As AWS's snapshots show values in a text: objects and lists as Java does."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={_shown(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _hash(text: str, algorithm: str) -> str:
    if algorithm != "SHA-1":
        raise Unmodelled(f"the hash {algorithm}")
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _element(array: list[Any], index: int) -> Any:
    return read((index,), array)


def _unique(array: list[Any]) -> list[Any]:
    return list({_written(value): value for value in reversed(array)}.values())[::-1]


def _contains(array: list[Any], value: Any) -> bool:
    return _written(value) in map(_written, array)


def _merged(first: Any, second: Any, deep: bool) -> dict[str, Any]:
    if deep:
        raise Unmodelled("a deep merge")
    return {**first, **second}


def _written(value: Any) -> str:
    """As JSON: neither 1 and "1" nor 1 and true are the same."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise NoSuchPath(f"{text} is no JSON") from None


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Array": lambda *values: list(values),
    "ArrayContains": _contains,
    "ArrayGetItem": _element,
    "ArrayLength": len,
    "ArrayRange": lambda first, last, step: [*range(first, last + 1, step)],
    "ArrayUnique": _unique,
    "Format": _format,
    "Hash": _hash,
    "JsonMerge": _merged,
    "JsonToString": _written,
    "StringSplit": lambda text, splitters: [part for part in re.split(f"[{re.escape(splitters)}]", text) if part],
    "StringToJson": _parsed,
}


def epoch(timestamp: str) -> float:
    """The moment that an ISO 8601 text of Step Functions names."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except (TypeError, ValueError):
        raise NoSuchPath(f"{timestamp!r} is no moment") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
