"""What can stand somewhere in a definition, each with the words that an editor shows."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text, perhaps of a form (a regular expression) or out of a list."""

    about: str = ""
    form: str | None = None
    values: tuple[str, ...] = ()
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One of these JSON types: string, number, boolean, null."""

    types: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    about: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    of: "Shape"
    least: int = 1
    about: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping, and what stands behind it."""

    name: str
    about: str
    shape: "Shape"
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with these keys only. *what* is what the parser calls it in its problems."""

    what: str
    keys: tuple[Key, ...]
    about: str = ""
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping from names of the author's own; *special* are keys with a meaning."""

    of: "Shape"
    about: str = ""
    names: Text = field(default_factory=Text)
    special: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several shapes."""

    options: tuple["Shape", ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A shape that has a name of its own, because it occurs more than once or in itself."""

    name: str
    shape: Callable[[], "Shape"]


Shape = Text | Value | Number | ListOf | Keys | Entries | OneOf | Named
