"""Chance, to be repeated: everything random in a run comes from its seed."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A `random.Random` with words for what is asked of it. The same *seed* throws the same."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret

    def one_of(self, options: Sequence[T]) -> T:
        """Any of *options*."""
        return options[int(self.random.random() * len(options))]

    def some_of(self, options: Sequence[T], count: int) -> list[T]:
        """So many different ones of *options*, in any order."""
        return self.random.sample(options, count)

    def chance(self, probability: float) -> bool:
        """Whether something of this *probability* happens."""
        return self.random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from *low* to *high*, both possible."""
        return low + int(self.random.random() * (high - low + 1))

    def within(self, low: float, high: float) -> float:
        """Any number between the two."""
        return low + self.random.random() * (high - low)

    def seed(self) -> int:
        """A seed for dice of their own."""
        return self.random.getrandbits(48)
