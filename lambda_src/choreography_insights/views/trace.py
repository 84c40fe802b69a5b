"""Where a journey went: the same for one that was replayed, and for an execution of Step Functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Transition = tuple[str, str, str]
"""A state (`BEGIN` before the first), the event, `TIMEOUT` or `ONWARD` by which it is left, the state that comes."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A journey's trace: how often it took each transition, where it is now, and how it is with it.

    *here*: the waits that are open, or the state in which it ended. *trouble*: in words, what was unexpected.
    """

    entity: str
    status: str
    here: tuple[str, ...]
    transitions: Mapping[Transition, int] = field(default_factory=dict)
    exits: Mapping[str, int] = field(default_factory=dict)
    """How often it left each `All`, other than by a timeout."""
    states: frozenset[str] = frozenset()
    """Every state that it was in, with those around it."""
    trouble: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()
    """*here* as the picture has it: without the keys of items."""
