"""YAML 1.2 as a tree that knows where each of its parts is written."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.scanner import Scanner

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot
from choreography_insights.model.patterns import Scalar


@dataclass(frozen=True, slots=True)
class ScalarTree:
    """A string, number, boolean or null."""

    at: Location
    value: Scalar
    is_quoted: bool = field(default=True, compare=False)
    """Whether it is marked as text: by quotes, or as a block."""


@dataclass(frozen=True, slots=True)
class ListTree:
    """A list."""

    at: Location
    items: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: str
    at: Location
    value: "Tree"


@dataclass(frozen=True, slots=True)
class MapTree:
    """A mapping, each key once, in the order of the text."""

    at: Location
    entries: tuple[Entry, ...]


Tree = ScalarTree | ListTree | MapTree
Report = Callable[[Problem], None]

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {_TAG + "str", _TAG + "timestamp", _TAG + "merge", _TAG + "value"}


_DEEPEST = 100
"""Levels of lists and mappings in each other: many times those of any choreography."""

_MOST_VALUES = 250_000
"""More than ten times those of a definition that is as large as Step Functions takes."""


def load(text: str, file: str, report: Report) -> Tree | None:
    """Return the tree of *text*, or None if it is not YAML or empty; duplicate keys are reported and left out."""
    start = Location(file, 1, 1)
    try:
        root = _yaml().compose(text)
        if root is not None:
            return _Grower(file, report).grow(root, "", ())
    except MarkedYAMLError as error:
        report(_not_yaml(error, text, start))
    except _TooDeepError as error:
        at = Location(file, error.mark.line + 1, error.mark.column + 1)
        message = (
            f"lists and mappings are nested more than {_DEEPEST} deep here; write the definition with fewer levels"
        )
        report(Spot(at, "").problem(catalogue.NESTED_TOO_DEEP, message))
    except _TooManyError:
        message = (
            f"this stands for more than {_MOST_VALUES:,} values, each alias counted as what it stands for; use fewer"
        )
        report(Spot(start, "").problem(catalogue.TOO_MANY_VALUES, message))
    except YAMLError as error:  # control characters: ruamel names the position in its text only
        said = " ".join(str(error).split())
        report(Spot(start, "").problem(catalogue.INVALID_YAML, f"this is not YAML: {said}; remove what is named"))
    else:
        message = "the file is empty; write 'choreography: <name>' and what follows from there"
        report(Spot(start, "").problem(catalogue.EMPTY_FILE, message))
    return None


def _not_yaml(error: MarkedYAMLError, text: str, start: Location) -> Problem:
    mark = error.problem_mark or error.context_mark
    spot = Spot(Location(start.file, mark.line + 1, mark.column + 1) if mark else start, "")
    problem = str(error.problem)
    if "another document" in problem:
        message = "a second document begins here; a file holds one choreography, so give it a file of its own"
        return spot.problem(catalogue.SEVERAL_DOCUMENTS, message)
    said = " ".join(part for part in (error.context, problem) if part)
    return spot.problem(catalogue.INVALID_YAML, f"this is not YAML: {said}; {_yaml_remedy(error, problem, text)}")


def _yaml_remedy(error: MarkedYAMLError, problem: str, text: str) -> str:
    where = "mend it here or just before"
    if error.context == "while scanning an alias" or "undefined alias" in problem:
        mark = error.context_mark or error.problem_mark
        line = text.splitlines()[mark.line] if mark else ""
        if _SOURCE.match(line):
            return "no source stands for all others: name each, [orders, payments]"
        return "'*' begins an alias in YAML, so put quotes around text that begins with it"
    if problem.endswith("got ':'") or "not allowed here" in problem:
        return f"{where}; a name with ': ' in it needs quotes"
    return where


_SOURCE = re.compile(r"\s*source\s*:")


class _TooDeepError(Exception):
    """Lists and mappings are nested too deep, from *mark* on."""

    def __init__(self, mark: Any) -> None:
        self.mark = mark
        super().__init__()


class _TooManyError(Exception):
    """There are too many values: each alias counts as what it stands for."""


class _Scanner(Scanner):
    """Reads no further than the deepest bracket.

    Each open bracket may begin a key. So the scanner looks ahead for its colon, and at all open ones for each token.
    """

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803  # as ruamel calls it
        if len(self.flow_context) >= _DEEPEST:
            raise _TooDeepError(self.reader.get_mark())
        super().fetch_flow_collection_start(TokenClass, to_push)


class _Composer(Composer):
    """Composes no deeper than the deepest level, whatever makes it: brackets or indentation."""

    _level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self._level > _DEEPEST:
            raise _TooDeepError(self.parser.peek_event().start_mark)
        self._level += 1
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner, yaml.Composer = _Scanner, _Composer
    return yaml


class _Grower:
    def __init__(self, file: str, report: Report) -> None:
        self._file = file
        self._report = report
        self._left = _MOST_VALUES

    def grow(self, node: Any, path: str, above: tuple[Any, ...]) -> Tree:
        self._left -= 1
        if self._left < 0:
            raise _TooManyError
        at = self._location(node)
        if any(node is ancestor for ancestor in above):
            self._report(
                Spot(at, path).problem(catalogue.RECURSIVE_ALIAS, "this alias contains itself; write the value out")
            )
            return ScalarTree(at, None)
        match node:
            case ScalarNode():
                return ScalarTree(at, self._scalar(node, Spot(at, path)), is_quoted=node.style is not None)
            case SequenceNode():
                items = enumerate(node.value)
                return ListTree(at, tuple(self.grow(item, f"{path}[{i}]", (*above, node)) for i, item in items))
            case MappingNode():
                return MapTree(at, tuple(self._entries(node, path, (*above, node))))
            case _:
                raise TypeError(f"{type(node).__name__} is no kind of node that YAML has")

    def _entries(self, node: MappingNode, path: str, above: tuple[Any, ...]) -> Iterator[Entry]:
        first: dict[str, Location] = {}
        for key, value in node.value:
            at = self._location(key)
            if not isinstance(key, ScalarNode):
                self._report(
                    Spot(at, path).problem(catalogue.KEY_NOT_TEXT, "this key is a list or a mapping; write text")
                )
                continue
            name = str(key.value)
            below = f"{path}.{name}" if path else name
            if key.tag == _TAG + "merge":
                self._report(
                    Spot(at, below).problem(
                        catalogue.MERGE_KEY, "YAML 1.2 has no merge keys, so '<<' means nothing; write the keys out"
                    )
                )
                continue
            if name in first:
                seen = first[name]
                self._report(
                    Spot(at, below).problem(
                        catalogue.DUPLICATE_KEY,
                        f"the key {name!r} is here a second time, first at line {seen.line}, column {seen.column}; "
                        "keep one of the two",
                    )
                )
                continue
            first[name] = at
            yield Entry(name, at, ScalarTree(at, None) if _is_left_out(value) else self.grow(value, below, above))

    def _scalar(self, node: ScalarNode, spot: Spot) -> Scalar:
        text, tag = str(node.value), str(node.tag)
        if tag in _TEXT_TAGS:
            return text
        if tag == _TAG + "null":
            return None
        if tag == _TAG + "bool":
            return text.lower() == "true"
        try:
            if tag == _TAG + "int":
                return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
            if tag == _TAG + "float":
                return _finite(float(text.replace("_", "")))
        except (ValueError, OverflowError):
            self._report(
                spot.problem(
                    catalogue.INVALID_NUMBER,
                    f"{text} is no number that JSON can write; write a plain number or quote it",
                )
            )
            return text
        self._report(spot.problem(catalogue.UNKNOWN_TAG, f"the tag {tag} is not used here; write the plain value"))
        return text

    def _location(self, node: Any) -> Location:
        return Location(self._file, node.start_mark.line + 1, node.start_mark.column + 1)


def _is_left_out(node: Any) -> bool:
    """Whether nothing is written where a value could be; ruamel says of that it stands where the next thing does."""
    return isinstance(node, ScalarNode) and not node.value and node.tag == _TAG + "null"


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def plain(tree: Tree) -> Any:
    """Return *tree* as the plain JSON value it stands for."""
    match tree:
        case ScalarTree(_, value):
            return value
        case ListTree(_, items):
            return [plain(item) for item in items]
        case MapTree(_, entries):
            return {entry.key: plain(entry.value) for entry in entries}
