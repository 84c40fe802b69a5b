"""Small changes to the text of a workflow.yaml that leave all the rest of it as it is written."""

import json
import re
from collections.abc import Iterator
from difflib import unified_diff

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./()-]+)*")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_NO_NEWLINE = "\\ No newline at end of file\n"


def accepting(text: str, place: tuple[int, int], event: str, target: str) -> str | None:
    """Return *text* with one more event in the mapping that has a key at *place* (line and column, from 1).

    None: it is written in a way that this cannot add to.
    """
    for node in _nodes(YAML(typ="safe", pure=True).compose(text)):
        if isinstance(node, MappingNode) and any(_place(key) == place for key, _ in node.value):
            return _with_entry(text, node, f"{quoted(event)}: {quoted(target)}")
    return None


def within(text: str, place: tuple[int, int], name: str, entry: tuple[str, str]) -> str | None:
    """Return *text* with one more *entry* in the mapping *name* of the state whose key is at *place*.

    A mapping that is not there is made. None: it is written in a way that this cannot add to.
    """
    state = _state_at(text, place)
    if state is None:
        return None
    key, value = entry
    inner = _entry(state, name)
    if inner is None:
        return _with_entry(text, state, f"{name}: {{{quoted(key)}: {quoted(value)}}}")
    if isinstance(inner, MappingNode) and inner.value and all(one.value != key for one, _ in inner.value):
        return _with_entry(text, inner, f"{quoted(key)}: {quoted(value)}")
    return None


def needing(text: str, place: tuple[int, int], count: int) -> str | None:
    """Return *text* in which the state whose key is at *place* needs *count* of its lines; None: it says so already."""
    state = _state_at(text, place)
    return None if state is None or _entry(state, "need") else _with_entry(text, state, f"need: {count}")


def _state_at(text: str, place: tuple[int, int]) -> MappingNode | None:
    for node in _nodes(YAML(typ="safe", pure=True).compose(text)):
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if _place(key) == place and isinstance(value, MappingNode) and value.value:
                    return value
    return None


def starting(text: str, event: str) -> str | None:
    """Return *text* with one more start event; None: it is written in a way that this cannot add to."""
    node = _setting(text, "start")
    if isinstance(node, ScalarNode) and node.style is None:
        start, end = node.start_mark.index, node.end_mark.index
        return f"{text[:start]}[{text[start:end]}, {quoted(event)}]{text[end:]}"
    if isinstance(node, SequenceNode) and node.value:
        if node.flow_style:
            return _before_bracket(text, node, quoted(event))
        return _line_before(text, node.value[0], f"- {quoted(event)}", back=2)
    if isinstance(node, MappingNode) and node.value:
        return _with_entry(text, node, f"{quoted(event)}: {{}}")
    return None


def retiring(text: str, event: str) -> str | None:
    """Return *text* in which *event* is retired; None: it is written in a way that this cannot add to."""
    return _with_setting(text, "events", event, "{retired: true}")


def noting(text: str, event: str) -> str | None:
    """Return *text* in which *event* is noted at any time; None: it is written in a way that this cannot add to."""
    return _with_setting(text, "anytime", event, "stay")


def _with_setting(text: str, name: str, event: str, value: str) -> str | None:
    """Add an *event* to the mapping below the key *name* of the choreography, which is made before its states."""
    node = _setting(text, name)
    entry = f"{quoted(event)}: {value}"
    if node is None:
        found = re.search(r"^states[ \t]*:", text, re.MULTILINE)
        end = _end(text)
        if found is None:
            return None
        at = found.start()
        apart = end if text[:at].endswith(end * 2) else ""  # a blank line before the states stays before them
        return f"{text[:at]}{name}:{end}  {entry}{end}{apart}{text[at:]}"
    if isinstance(node, MappingNode) and node.value and all(key.value != event for key, _ in node.value):
        return _with_entry(text, node, entry)
    return None


def difference(before: str, after: str, file: str) -> str:
    """Return the change from *before* to *after* as a unified diff of *file*, which `patch` applies."""
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), file, file)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)


def quoted(name: str) -> str:
    """Write *name* as YAML reads it back as text, with quotes only where it needs them."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _NOT_TEXT else json.dumps(name, ensure_ascii=False)


def _setting(text: str, name: str) -> Node | None:
    root = YAML(typ="safe", pure=True).compose(text)
    return _entry(root, name) if isinstance(root, MappingNode) else None


def _entry(node: MappingNode, name: str) -> Node | None:
    return next((value for key, value in node.value if key.value == name), None)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, MappingNode):
        for _, value in node.value:
            yield from _nodes(value)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _nodes(value)


def _place(key: Node) -> tuple[int, int]:
    return key.start_mark.line + 1, key.start_mark.column + 1


def _with_entry(text: str, node: MappingNode, entry: str) -> str | None:
    return _before_bracket(text, node, entry) if node.flow_style else _line_before(text, node.value[0][0], entry)


def _before_bracket(text: str, node: Node, entry: str) -> str:
    """Add *entry* as the last one in brackets."""
    bracket = node.end_mark.index - 1
    kept = text[:bracket].rstrip()
    comma = "" if kept.endswith(",") else ","
    return f"{kept}{comma} {entry}{text[len(kept) : bracket]}{text[bracket:]}"


def _line_before(text: str, first: Node, entry: str, back: int = 0) -> str | None:
    """Add *entry* on a line of its own before the one that begins with *first*; *back*: so much farther left."""
    start = first.start_mark.index
    line = text.rfind("\n", 0, start) + 1
    before = text[line : start - back] if back else text[line:start]
    if before.strip(" "):
        return None
    return f"{text[:line]}{before}{entry}{_end(text)}{text[line:]}"


def _end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
