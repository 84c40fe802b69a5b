"""What happens next: the fake AWS lists what can, in an order that depends only on its state; a strategy picks."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can happen now."""

    label: str
    do: Callable[[], None]


Strategy = Callable[[Iterator[Action]], Action | None]


def in_order(actions: Iterator[Action]) -> Action | None:
    """The first: Step Functions is fast, messages come as they were sent, stream records last."""
    return next(actions, None)


class Randomly:
    """Any of them; the same seed picks the same way."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret

    def __call__(self, actions: Iterator[Action]) -> Action | None:
        """Pick one."""
        there = list(actions)
        return self.random.choice(there) if there else None


@dataclass
class Listed:
    """By positions from a list, the first when it is used up; *taken* says what there was to pick from."""

    positions: Sequence[int]
    taken: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, actions: Iterator[Action]) -> Action | None:
        """Pick one."""
        there = list(actions)
        if not there:
            return None
        at = len(self.taken)
        position = self.positions[at] % len(there) if at < len(self.positions) else 0
        self.taken.append((position, len(there)))
        return there[position]
