"""Comments that ignore warnings: ``# choreography: ignore CI601``.

Behind a value, such a comment is about its line. On a line of its own it is about the next one, and above all else
about the whole file. What follows the ids is for people to read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import ScalarToken

from choreography_insights.diagnostics import catalogue
from choreography_insights.diagnostics.problem import Location, Problem, Spot

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*choreography:\s*ignore\b:?(?P<ids>(?:[\s,]+[A-Za-z]+\d\w*)*)")
_ID = re.compile(r"\w+")
_ABOUT_COMMENTS = "CI69"
_ABOUT_SEVERAL_FILES = (catalogue.EVENTS_OF_ANOTHER.id,)
"""Whether these come shows only with all the files that they are about."""


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One id in a comment: what is ignored, on which line (None: all), and where the comment says so."""

    id: str
    line: int | None
    at: Location

    def takes(self, problem: Problem) -> bool:
        return problem.rule.id == self.id and not problem.is_error and self.line in (None, problem.spot.at.line)

    def problem(self, *, is_used: bool, is_sound: bool) -> Problem | None:
        """Return what is to be said of it; whether it is of use shows only in a file that *is_sound*."""
        spot = Spot(self.at, "")
        if not self.id:
            return spot.problem(
                catalogue.UNKNOWN_IGNORED_RULE, "this names no rule; write '# choreography: ignore CI601'"
            )
        rule = catalogue.RULES.get(self.id)
        if rule is None:
            return spot.problem(catalogue.UNKNOWN_IGNORED_RULE, _unknown(self.id))
        if rule.severity == "error":
            return spot.problem(
                catalogue.IGNORED_ERROR, f"{self.id} is an error and stays one; mend it, and remove this"
            )
        if is_used or not is_sound or self.id.startswith(_ABOUT_COMMENTS) or self.id in _ABOUT_SEVERAL_FILES:
            return None
        where = "in this file" if self.line is None else f"in line {self.line}"
        return spot.problem(catalogue.UNUSED_IGNORE, f"{self.id} does not come {where}; remove it here")


def without_ignored(problems: Sequence[Problem], text: str, file: str) -> list[Problem]:
    """Return *problems* without the warnings that comments in *text* ignore, and with what is to be said of those."""
    ignores = list(_ignores(text, file))
    kept = [problem for problem in problems if not any(one.takes(problem) for one in ignores)]
    is_sound = not any(problem.is_error for problem in problems)
    for one in ignores:
        said = one.problem(is_used=any(one.takes(problem) for problem in problems), is_sound=is_sound)
        if said is not None and not any(other.takes(said) for other in ignores):
            kept.append(said)
    return sorted(kept)


def not_ignored(problems: Sequence[Problem], text: str, file: str) -> list[Problem]:
    """Return *problems* without the warnings that comments in *text* ignore."""
    ignores = list(_ignores(text, file)) if problems else []
    return [problem for problem in problems if not any(one.takes(problem) for one in ignores)]


def ignorable(text: str) -> list[str]:
    """Return the ids in *text*, apart by commas, if all are of warnings; raise `ValueError` with what is wrong."""
    ids = [part for part in re.split(r"[\s,]+", text) if part]
    for id_ in ids or [""]:
        if id_ not in catalogue.RULES:
            raise ValueError(_unknown(id_))
        if catalogue.RULES[id_].severity == "error":
            raise ValueError(f"{id_} is an error, and only warnings can be ignored; mend it")
    return ids


def _unknown(id_: str) -> str:
    is_meant = id_.upper() in catalogue.RULES
    remedy = f"did you mean {id_.upper()!r}?" if is_meant else "docs/reference/diagnostics.md lists them all"
    return f"there is no rule {id_!r}; {remedy}"


def _ignores(text: str, file: str) -> Iterator[_Ignore]:
    if not _COMMENT.search(text):
        return
    lines = text.splitlines()
    inside = _in_scalars(text)
    for number, line in enumerate(lines):
        for found in _COMMENT.finditer(line):
            if any(begin <= (number, found.start()) < end for begin, end in inside):
                continue
            about = _line_about(lines, number, found.start())
            ids = list(_ID.finditer(line, found.start("ids"), found.end("ids")))
            for id_ in ids:
                yield _Ignore(id_[0], about, Location(file, number + 1, id_.start() + 1))
            if not ids:
                yield _Ignore("", about, Location(file, number + 1, found.start() + 1))


def _line_about(lines: Sequence[str], number: int, column: int) -> int | None:
    """Return which line, counted from one, a comment in line *number*, counted from zero, is about; None: all."""
    if lines[number][:column].strip():
        return number + 1
    if not any(_has_content(line) for line in lines[:number]):
        return None
    following = range(number + 1, len(lines))
    return next((other + 1 for other in following if _has_content(lines[other])), number + 1)


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "%", "---"))


def _in_scalars(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where text goes in which ``#`` begins no comment: in quotes, and in blocks."""
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken) and token.style is not None:
                begin, end = token.start_mark, token.end_mark
                found.append(((begin.line, begin.column), (end.line, end.column)))
    except YAMLError:
        pass  # which is reported; comments before it count
    return found
