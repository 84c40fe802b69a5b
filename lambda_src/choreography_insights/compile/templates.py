"""From values to the text of files, the same bytes every time."""

import json
from collections.abc import Iterator
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_WIDTH = 120
_INDENT = 2


class Template(str):
    """Text whose ``${...}`` Terraform's ``templatefile`` is to fill; in all other text they stand for themselves."""

    __slots__ = ()


def as_json(value: Any) -> str:
    """Return *value* as JSON, keys in their own order; what fits into a line stands in one."""
    return "".join(_laid_out(value, indent=0, before=0)) + "\n"


def _laid_out(value: Any, *, indent: int, before: int) -> Iterator[str]:
    """Yield the text of *value*, which stands after *before* characters on a line indented by *indent*."""
    line = _ENCODER.encode(value)
    if not value or not isinstance(value, dict | list) or (indent and before + len(line) < _WIDTH):
        yield line
        return
    inner = indent + _INDENT
    begin, end = "{}" if isinstance(value, dict) else "[]"
    parts = value.items() if isinstance(value, dict) else ((None, part) for part in value)
    yield begin
    for number, (key, part) in enumerate(parts):
        label = "" if key is None else f"{_ENCODER.encode(key)}: "
        yield f"{',' if number else ''}\n{' ' * inner}{label}"
        yield from _laid_out(part, indent=inner, before=inner + len(label))
    yield f"\n{' ' * indent}{end}"


def as_template(value: Any) -> str:
    """Return *value* as JSON for ``templatefile``: what looks like its syntax is escaped, except in `Template`."""
    return as_json(escaped(value))


def escaped(value: Any) -> Any:
    """Return *value* with all that looks like ``templatefile``'s syntax escaped, except in `Template`."""
    match value:
        case Template():
            return str(value)
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case dict():
            return {escaped(key): escaped(item) for key, item in value.items()}
        case list():
            return [escaped(item) for item in value]
        case _:
            return value
