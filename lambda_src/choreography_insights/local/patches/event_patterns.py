"""Patches which events moto's EventBridge patterns match.

moto 5.2.5 takes ``true`` for 1, lets no ``*`` of a wildcard stand for a line break, and does not look into the objects
of an array. AWS does: a field of theirs matches if that of any object does. (AWS also asks that several fields match in
the same object; here they need not.)
"""

from typing import Any

from moto.events.models import UNDEFINED, EventPattern

from choreography_insights.local.patches.choice_wildcards import expression
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
        values = item if isinstance(item, list) else [item]
        for wanted in filters:
            if isinstance(wanted, dict):
                if original(self, item, [wanted]):
                    return True
            elif any(value is not UNDEFINED and _equals(wanted, value) for value in values):
                return True
        return False

    @patch(EventPattern, "_does_item_match_named_filter", source_digest="0f01aab702fc")
    def does_item_match_named_filter(original: Any, item: Any, pattern: dict[str, Any]) -> bool:
        values = item if isinstance(item, list) else [item]
        match pattern:
            case {"numeric": _}:
                return any(original(value, pattern) for value in values if not isinstance(value, bool))
            case {"anything-but": wanted} if not isinstance(wanted, dict):
                excluded = wanted if isinstance(wanted, list) else [wanted]
                there = (value for value in values if value is not UNDEFINED)
                return any(not any(_equals(one, value) for one in excluded) for value in there)
        return bool(original(item, pattern))

    @patch(EventPattern, "_wildcard_match", source_digest="8f653729fae2")
    def wildcard_match(_: Any, item: Any, pattern: str) -> bool:
        return isinstance(item, str) and expression(pattern).fullmatch(item) is not None


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


def _equals(wanted: Any, value: Any) -> bool:
    return isinstance(wanted, bool) == isinstance(value, bool) and wanted == value
