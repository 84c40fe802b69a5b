"""What a rule's target is sent: the event as EventBridge's input transformer, input path or constant makes of it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonpath_ng.ext.parser import parse

Event = dict[str, Any]


def render(target: Mapping[str, Any], event: Event, *, rule_name: str, rule_arn: str, ingested: str) -> str:
    """Return the text that *target* receives for *event*."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(at_path(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: at_path(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event.ingestion-time": ingested,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }
    return "".join(_pieces(transformer["InputTemplate"].strip(), values))


def at_path(path: str, event: Event) -> Any:
    """Return what *path* finds in *event*; None if nothing."""
    found = _parsed(path).find(event)
    return found[0].value if found else None


@lru_cache(maxsize=1024)
def _parsed(path: str) -> Any:
    return parse(path)


_PIECE = re.compile(r'\\.|"|<([^<>"\s]+)>', re.DOTALL)


def _pieces(template: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield *template* piece by piece, each variable as JSON, or as bare text where it stands inside a string."""
    in_string = False
    end = 0
    for match in _PIECE.finditer(template):
        yield template[end : match.start()]
        end = match.end()
        name = match[1]
        if name is None:
            in_string ^= match[0] == '"'
            yield match[0]
        elif name in values:
            yield _bare(values[name]) if in_string else json.dumps(values[name] if values[name] is not None else "")
        else:
            yield match[0]
    yield template[end:]


def _bare(value: Any) -> str:
    """EventBridge escapes nothing here: quotes in an event break the message of a template that quotes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
