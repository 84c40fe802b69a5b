"""YAML 1.2 as a tree that knows where each of its parts is written, and a cursor that reads them."""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.scanner import Scanner

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot, closest, listed, suggestion
from choreography_insights.diagnostics.rule import Rule
from choreography_insights.model.patterns import Scalar
from choreography_insights.model.workflow import Name


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


Option = TypeVar("Option", bound=str)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A node of the document with its path, and where to report its problems."""

    tree: Tree
    path: str
    report: Report

    @property
    def spot(self) -> Spot:
        """Where this node is written."""
        return Spot(self.tree.at, self.path)

    def wrong(self, rule: Rule, message: str) -> None:
        """Report that this node breaks *rule*, as *message* says."""
        self.report(self.spot.problem(rule, message))

    def is_map(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.tree, MapTree)

    def has_key(self, key: str) -> bool:
        """Whether this is a mapping with *key*."""
        return isinstance(self.tree, MapTree) and any(entry.key == key for entry in self.tree.entries)

    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.tree, ListTree)

    def text(
        self,
        what: str,
        instead: str = "write one piece of text",
        instead_of_value: str = "quote it if it is meant as text",
    ) -> str | None:
        """Return the text here; report anything else, and emptiness, where *what* was to be.

        *instead*: what to do about a list or a mapping; *instead_of_value*: about a number, or true or false.
        """
        if not isinstance(self.tree, ScalarTree) or not isinstance(self.tree.value, str):
            is_value = isinstance(self.tree, ScalarTree) and self.tree.value is not None
            remedy = instead_of_value if is_value else instead
            self.wrong(catalogue.WRONG_TYPE, f"{what} must be text, but this is {described(self.tree)}; {remedy}")
            return None
        if not self.tree.value.strip():
            self.wrong(catalogue.EMPTY_VALUE, f"{what} is empty; write it out or leave the key away")
            return None
        return self.tree.value

    def name(self, what: str, *instead: str) -> Name | None:
        """Return the text here as a name that knows its place; *instead* as for `text`."""
        text = self.text(what, *instead)
        return Name(text, self.spot) if text is not None else None

    def names(self, what: str, instead: str = "write one piece of text") -> tuple[Name, ...]:
        """Return the names here, one or a list of several; *instead* as for `text`."""
        parts = self.items() if self.is_list() else [self]
        if not parts:
            self.wrong(catalogue.EMPTY_VALUE, f"the list of {what}s is empty; name at least one")
        found = (part.name(what, instead) for part in parts)
        return tuple(name for name in found if name is not None)

    def items(self) -> list["Cursor"]:
        """Return the items of the list here; none if it is something else."""
        if not isinstance(self.tree, ListTree):
            return []
        return [Cursor(item, f"{self.path}[{i}]", self.report) for i, item in enumerate(self.tree.items)]

    def entries(self, what: str, keys: Collection[str] = (), instead: str | None = None) -> list[tuple[Name, "Cursor"]]:
        """Return keys and values of the mapping here, at least one; report anything else where *what* was to be.

        *keys*: those that it would have, if they are always the same few. *instead*: what to do about anything else.
        """
        if not isinstance(self.tree, MapTree):
            pairs = f"{{{', '.join(f'{key}: …' for key in keys)}}}" if 0 < len(keys) <= 4 else "'key: value' pairs"
            unlisted = " without '- '" if isinstance(self.tree, ListTree) else ""
            remedy = instead or f"write {pairs}{unlisted}"
            self.wrong(
                catalogue.WRONG_TYPE,
                f"{what} must be a mapping, but this is {described(self.tree)}; {remedy}",
            )
            return []
        if not self.tree.entries:
            self.wrong(catalogue.EMPTY_VALUE, f"{what} is empty; write at least one 'key: value' pair")
        return [(Name(entry.key, self._key_spot(entry)), self._below(entry)) for entry in self.tree.entries]

    def fields(
        self, what: str, known: Collection[str], required: Collection[str] = (), says: Mapping[str, str] | None = None
    ) -> Mapping[str, "Cursor"]:
        """Return the values of the mapping here by key; report unknown keys and missing required ones.

        *says*: what is told of required keys that do not explain themselves.
        """
        found: dict[str, Cursor] = {}
        meant: set[str | None] = set()
        for key, value in self.entries(what, required or known):
            if key.text in known:
                found[key.text] = value
            else:
                meant.add(closest(key.text, known))
                remedy = suggestion(key.text, known, "its keys")
                self.report(key.spot.problem(catalogue.UNKNOWN_KEY, f"{what} has no {key.text!r}; {remedy}"))
        missing = [key for key in required if key not in found and key not in meant]
        if missing and isinstance(self.tree, MapTree) and self.tree.entries:
            told = ", ".join(f"{key!r} is {says[key]}" for key in missing if says and key in says)
            remedy = f"add {'it' if len(missing) == 1 else 'them'}{told and ': '}{told}"
            self.wrong(catalogue.MISSING_KEY, f"{what} lacks {listed(missing)}; {remedy}")
        return found

    def without(self, key: str) -> "Cursor":
        """Return the mapping here as if *key* were not written."""
        if not isinstance(self.tree, MapTree):
            return self
        entries = tuple(entry for entry in self.tree.entries if entry.key != key)
        return Cursor(MapTree(self.tree.at, entries), self.path, self.report)

    def _below(self, entry: Entry) -> "Cursor":
        return Cursor(entry.value, self._key_spot(entry).path, self.report)

    def _key_spot(self, entry: Entry) -> Spot:
        return Spot(entry.at, f"{self.path}.{entry.key}" if self.path else entry.key)


def choice(cursor: Cursor, what: str, options: Sequence[Option]) -> Option | None:
    """Return the one of *options* that is written here; None, after a report, if it is none of them."""
    text = cursor.text(what)
    if text is None:
        return None
    if text not in options:
        cursor.wrong(catalogue.UNKNOWN_VALUE, f"{what} cannot be {text!r}; write one of {listed(options)}")
    return next((option for option in options if option == text), None)


def described(tree: Tree) -> str:
    """Name what *tree* is, as the author sees it."""
    match tree:
        case ListTree():
            return "a list"
        case MapTree():
            return "a mapping"
        case ScalarTree(_, value):
            return _described_scalar(value)


def _described_scalar(value: Scalar) -> str:
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return f"the boolean {str(value).lower()}"
        case str():
            return f"the text {value!r}"
        case _:
            return f"the number {value}"
