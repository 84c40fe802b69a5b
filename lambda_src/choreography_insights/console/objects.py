"""JSON objects that came from outside: of a widget, an address or a form."""

import json
from typing import Any


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object that *text* is, fit to be sent on; raise ValueError, and say why, if it is none."""
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 -- one error for all that is wrong with a text
    written(found).encode()  # half a surrogate pair cannot be sent; UnicodeEncodeError is a ValueError
    return found


def written(value: object) -> str:
    """Write *value* as JSON, as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
