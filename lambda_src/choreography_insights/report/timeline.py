"""What was when, in so few steps of time that a page can hold them, however long it took."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

MOST_STEPS = 240


class Timeline(Generic[Key]):
    """Adds up numbers by key and step. Steps become twice as long whenever there would be too many."""

    def __init__(self) -> None:
        self.step = 1
        self._first = self._last = 0
        self._is_empty = True
        self._sums: dict[int, defaultdict[Key, int]] = {}

    def add(self, key: Key, at: float, number: int = 1) -> None:
        """Add *number* to *key* in the step of the moment *at*."""
        position = int(at // self.step)
        if self._is_empty:
            self._first = self._last = position
            self._is_empty = False
        elif not self._first <= position <= self._last:
            self._first, self._last = min(self._first, position), max(self._last, position)
            while self._last - self._first >= MOST_STEPS:
                self._lengthen()
            position = int(at // self.step)
        sums = self._sums.get(position)
        if sums is None:
            sums = self._sums[position] = defaultdict(int)
        sums[key] += number

    def _lengthen(self) -> None:
        self.step *= 2
        before, self._sums = self._sums, {}
        for position, sums in before.items():
            here = self._sums.setdefault(position // 2, defaultdict(int))
            for key, number in sums.items():
                here[key] += number
        self._first //= 2
        self._last //= 2

    @property
    def start(self) -> int:
        """When the first step begins."""
        return self._first * self.step

    def steps(self) -> Sequence[Mapping[Key, int]]:
        """Return the sums of each step, from the first to the last."""
        if self._is_empty:
            return []
        return [self._sums.get(position, {}) for position in range(self._first, self._last + 1)]
