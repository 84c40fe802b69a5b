"""A rule: what every error and warning belongs to, under an id that stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]
Form = Literal["workflow", "state machine", "generated files"]


@dataclass(frozen=True, slots=True)
class Example:
    """A file that breaks a rule before it breaks any other."""

    text: str
    form: Form = "workflow"
    """A ``workflow.yaml``, a ``*.asl.json``, or a ``workflow.yaml`` whose generated files are the matter."""
    excerpt: str = ""
    """The part that matters, where the whole is long."""
    encoding: str = "utf-8"
    long: str = ""
    """A word in *text* that stands for a text of *length* characters."""
    length: int = 0
    beside: Mapping[str, str] = field(default_factory=dict)
    """Other files in the same folder."""

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        text = self.text.replace(self.long, "x" * self.length) if self.long else self.text
        return text.encode(self.encoding)


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """What is checked: its id and title never come to mean something else."""

    id: str
    title: str = field(compare=False)
    what: str = field(compare=False)
    """What the rule looks for."""
    why: str = field(compare=False)
    """What would come of it."""
    mend: str = field(compare=False)
    """What to do about it."""
    example: Example = field(compare=False)

    @property
    def severity(self) -> Severity:
        """Advice is given in warnings; everything else keeps a definition from being used."""
        return "warning" if self.area == "CI6" else "error"

    @property
    def area(self) -> str:
        """The first digit of its id says what it is about."""
        return self.id[:3]
