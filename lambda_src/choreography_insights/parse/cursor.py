"""A part of the document under the reader's finger: reads it as what it should be, or reports what it is instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Spot, closest, listed, suggestion
from choreography_insights.diagnostics.rule import Rule
from choreography_insights.model.patterns import Scalar
from choreography_insights.model.workflow import Name
from choreography_insights.parse.document import Entry, ListTree, MapTree, Report, ScalarTree, Tree

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

    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.tree, ListTree)

    def text(self, what: str, instead: str = "write one piece of text") -> str | None:
        """Return the text here; report anything else, and emptiness, where *what* was to be.

        *instead*: what to do about a list or a mapping.
        """
        if not isinstance(self.tree, ScalarTree) or not isinstance(self.tree.value, str):
            is_value = isinstance(self.tree, ScalarTree) and self.tree.value is not None
            remedy = "quote it if it is meant as text" if is_value else instead
            self.wrong(catalogue.WRONG_TYPE, f"{what} must be text, but this is {described(self.tree)}; {remedy}")
            return None
        if not self.tree.value.strip():
            self.wrong(catalogue.EMPTY_VALUE, f"{what} is empty; write it out or leave the key away")
            return None
        return self.tree.value

    def name(self, what: str, instead: str = "write one piece of text") -> Name | None:
        """Return the text here as a name that knows its place; *instead* as for `text`."""
        text = self.text(what, instead)
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

    def fields(self, what: str, known: Collection[str], required: Collection[str] = ()) -> Mapping[str, "Cursor"]:
        """Return the values of the mapping here by key; report unknown keys and missing required ones."""
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
            self.wrong(
                catalogue.MISSING_KEY, f"{what} lacks {listed(missing)}; add {'it' if len(missing) == 1 else 'them'}"
            )
        return found

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
