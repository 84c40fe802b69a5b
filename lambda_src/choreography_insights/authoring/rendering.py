"""From values to the text of files, the same bytes every time."""

import json
from typing import Any


class Template(str):
    """Text whose ``${...}`` Terraform's ``templatefile`` is to fill; in all other text they stand for themselves."""

    __slots__ = ()


def as_json(value: Any) -> str:
    """Return *value* as JSON, indented, keys in their own order."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_template(value: Any) -> str:
    """Return *value* as JSON for ``templatefile``: what looks like its syntax is escaped, except in `Template`."""
    return as_json(_escaped(value))


def _escaped(value: Any) -> Any:
    match value:
        case Template():
            return str(value)
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case dict():
            return {_escaped(key): _escaped(item) for key, item in value.items()}
        case list():
            return [_escaped(item) for item in value]
        case _:
            return value
