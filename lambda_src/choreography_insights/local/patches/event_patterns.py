"""Patches which events moto's EventBridge patterns match.

moto 5.2.5 takes ``true`` for 1, lets no ``*`` of a wildcard stand for a line break, and does not look into the objects
of an array. AWS does: a field of theirs matches if that of any object does. (AWS also asks that several fields match in
the same object; here they need not.)

What a matcher says of one value is for `core.patterns` to say, as far as it knows it; the others are left to moto.
"""

from typing import Any

from moto.events.models import UNDEFINED, EventPattern

from choreography_insights.core.patterns import matcher_test
from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Mend the matching of patterns: of rules, archives and event source mappings."""

    @patch(EventPattern, "_flatten_dict", source_digest="26dca5bdb273")
    def flatten_dict(_: Any, node: Any, prefix: str = "", result: dict[str, Any] | None = None) -> dict[str, Any]:
        flat = result if result is not None else {}
        for key, value in node.items():
            _flatten(f"{prefix}.{key}" if prefix else key, value, flat)
        return flat

    @patch(EventPattern, "_does_item_match_filters", source_digest="9bad5e597eee")
    def does_item_match_filters(original: Any, self: EventPattern, item: Any, filters: list[Any]) -> bool:
        values = [value for value in (item if isinstance(item, list) else [item]) if value is not UNDEFINED]
        for wanted in filters:
            one_of = _split(wanted)
            if one_of is None:
                if original(self, item, [wanted]):
                    return True
            elif any(test(value) for test in map(matcher_test, one_of) for value in values):
                return True
        return False


def _split(matcher: Any) -> list[Any] | None:
    """Return matchers that `core.patterns` knows, of which one must match where *matcher* does; None if it has none."""
    match matcher:
        case {"prefix": str()} | {"suffix": str()} | {"wildcard": str()} | {"numeric": list()}:
            return [matcher]
        case {"wildcard": list() as texts}:
            return [{"wildcard": text} for text in texts]
        case {"anything-but": dict() as excluded}:
            return [matcher] if _split(excluded) == [excluded] else None
        case {"anything-but": _}:
            return [matcher]
        case dict():
            return None
    return [matcher]


def _flatten(path: str, value: Any, flat: dict[str, Any]) -> None:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            _flatten(f"{path}.{key}", inner, flat)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for one in value:
            within: dict[str, Any] = {}
            _flatten(path, one, within)
            for inner_path, inner in within.items():
                found = inner if isinstance(inner, list) else [inner]
                flat[inner_path] = [*flat.get(inner_path, []), *found]
    else:
        flat[path] = value
