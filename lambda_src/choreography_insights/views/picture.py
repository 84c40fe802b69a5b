"""What there is to draw of a choreography: boxes, perhaps with pictures in them, and arrows. A form for all formats."""

from dataclasses import dataclass
from typing import Literal

BEGIN = "(begin)"
"""Stands for where a journey, or a line of it, comes from before its first state."""

ANYTIME = "(anytime)"
"""Stands for wherever a journey may be when an event of the choreography's `anytime` comes."""

TIMEOUT = "(timeout)"
"""Stands in the place of an event where a state's time was over."""

ONWARD = "(onward)"
"""Stands in the place of an event where a journey goes on without one."""

ANY = "(any)"
"""Stands for whatever event is the last of those that an `All` waits for."""

ENTRY = "(entry)"
"""Stands for what leads into a branch."""

Look = Literal["begin", "wait", "around", "choose", "pause", "pass", "succeed", "fail"]


@dataclass(frozen=True, slots=True)
class Box:
    """A state. *name* is what an execution calls it; *lanes* are pictures that lie in it, side by side."""

    name: str
    title: str
    look: Look
    note: str = ""
    inside: str = ""
    """The name of the box around it; *note* is then the event that it waits for."""
    lanes: tuple["Picture", ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What an arrow is taken by: an event (or `TIMEOUT`, `ONWARD`, `ANY`, `ENTRY`), and what is asked of it."""

    event: str
    text: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from a box to another, for each of its *labels*; one by timeout is a way of its own."""

    origin: str
    target: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes, the first on top, and the arrows between them."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...] = ()
