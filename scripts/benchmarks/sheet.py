"""A table of figures, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is measured and how, and what came out."""

    title: str
    text: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    remarks: str = ""

    def markdown(self, command: str) -> str:
        """The section of docs/figures.md, with the *command* that made it."""
        lines = [self.headings, ["---", *["---:"] * (len(self.headings) - 1)], *self.rows]
        table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
        parts = [f"## {self.title}", f"`{command}`", self.text, table, self.remarks]
        return "\n\n".join(part for part in parts if part)
