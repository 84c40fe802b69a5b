"""Tables in Markdown, and the generated parts of documents that are otherwise written by hand."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

_PART = re.compile(r"(?<=<!-- generated: )(?P<name>[\w-]+) -->\n.*?(?=<!-- end -->)", re.DOTALL)


def figures(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of figures: numbers stand right in their columns, what they are of in the first."""
    return table(heads, rows, rule="---:")


def table(heads: Sequence[object], rows: Iterable[Sequence[object]], rule: str = "---") -> str:
    """Return *rows* under *heads*; a cell may hold any text."""
    rules = ["---", *[rule] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(_cell(str(one)) for one in line) + " |" for line in (heads, rules, *rows))


def code(text: str) -> str:
    """Return *text* as code."""
    return f"`{text}`"


def with_generated(text: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """Return *text* with its generated parts, ``<!-- generated: NAME -->`` to ``<!-- end -->``, made anew.

    A part that nobody of *makers* makes stays as it is.
    """

    def made(part: re.Match[str]) -> str:
        make = makers.get(part["name"])
        return f"{part['name']} -->\n\n{make()}\n\n" if make else part[0]

    return _PART.sub(made, text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
