"""A fault of a definition as data: the place, the path, its rule, what is wrong and what would be right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from choreography_insights.diagnostics.rule import Rule, Severity


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; lines and columns count from one, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where something stands: in the file, and in the structure (``states.Pay.timeout``)."""

    at: Location
    path: str

    def problem(self, rule: Rule, message: str) -> "Problem":
        """Return the problem that *message* describes, here: a breach of *rule*."""
        return Problem(self, rule, message)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; a warning does not keep the definition from being used."""

    spot: Spot
    rule: Rule
    message: str

    def __lt__(self, other: "Problem") -> bool:
        """Order by place; in one place what is wrong with the text comes before what follows from it."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[Location, Rule, str, str]:
        return self.spot.at, self.rule, self.spot.path, self.message

    @property
    def severity(self) -> Severity:
        """Whether it is an error or a warning: its rule says so."""
        return self.rule.severity

    @property
    def is_error(self) -> bool:
        """Whether nothing can be made of the definition until it is mended."""
        return self.severity == "error"

    def as_object(self) -> dict[str, str | int]:
        """Return it for tools, as one flat object."""
        at = self.spot.at
        return {
            "file": at.file,
            "line": at.line,
            "column": at.column,
            "path": self.spot.path,
            "id": self.rule.id,
            "severity": self.severity,
            "message": self.message,
        }

    def __str__(self) -> str:
        kind = "" if self.is_error else "warning"
        parts = (_printable(self.spot.path), kind, self.message)
        return f"{self.spot.at}: {self.rule.id} {': '.join(part for part in parts if part)}"


class InvalidWorkflow(Exception):
    """Carries every problem of one or more definitions, in the order of the files' text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def suggestion(seen: str, known: Iterable[str], what: str) -> str:
    """Say which of *known* was meant by *seen*, or which there are: ``did you mean 'Ship'?``."""
    names = sorted(known)
    if close := closest(seen, names):
        return f"did you mean {close!r}?"
    return f"{what} are {listed(names)}" if names else f"there are no {what}"


def closest(seen: str, names: Iterable[str]) -> str | None:
    """Return which of *names* *seen* looks like, whatever its capitals; None if like none of them."""
    spelled = {name.casefold(): name for name in names}
    close = get_close_matches(seen.casefold(), spelled, n=1)
    return spelled[close[0]] if close else None


def listed(names: Iterable[str]) -> str:
    """Return *names* as prose, shortened where a reader would no longer read: ``'a', 'b' and 3 more``."""
    shown = [repr(name) for name in names]
    if len(shown) > 12:
        shown, rest = shown[:10], len(shown) - 10
        return f"{', '.join(shown)} and {rest} more"
    return ", ".join(shown)
